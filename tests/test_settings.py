"""Settings: where a key comes from, which file holds what, and what of either is wrong."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lamina_graph.client import Client
from lamina_graph.errors import ConfigError, CredentialsError, InputError
from lamina_graph.settings import DEFAULT_BASE_URL, Config, Settings, find_config, load_config

SECRET = "lma_nobody-sees-this"
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
LOGIN = {
    "kind": "apikey",
    "apiKey": SECRET,
    "baseUrl": "https://lamina.example",
    "savedAt": "2026-03-01T00:00:00Z",
}


def saved(home: Path, content: Any, mode: int = 0o600) -> Path:
    """Write what `lamina login` would."""
    path = home / ".lamina" / "config.json"
    path.parent.mkdir()
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    path.chmod(mode)
    return path


def login(**changes: Any) -> dict[str, Any]:
    return {"version": 1, "credentials": {**LOGIN, **changes}}


def test_without_anything_there_are_no_credentials(tmp_path: Path) -> None:
    settings = Settings.read({}, tmp_path)
    assert (settings.has_credentials, settings.base_url, settings.warnings) == (False, DEFAULT_BASE_URL, ())
    with pytest.raises(CredentialsError, match="LAMINA_API_KEY is not set") as caught:
        settings.usable_key()
    assert "lamina login" in caught.value.hint


def test_the_environment_is_taken(tmp_path: Path) -> None:
    env = {
        "LAMINA_API_KEY": f" {SECRET}\n",
        "LAMINA_BASE_URL": "https://x.example ",
        "LAMINA_WORKSPACE_ID": "w1",
    }
    settings = Settings.read(env, tmp_path)
    assert settings.usable_key().get_secret_value() == SECRET
    assert settings.describe() == {
        "credentials": "apikey",
        "from": "LAMINA_API_KEY",
        "expires": None,
        "renewable": False,
        "login_ends": None,
        "base_url": "https://x.example",
        "base_url_from": "LAMINA_BASE_URL",
        "workspace": "w1",
        "warnings": [],
    }


def test_a_saved_login_is_taken(tmp_path: Path) -> None:
    path = saved(tmp_path, login())
    settings = Settings.read({}, tmp_path)
    assert settings.usable_key().get_secret_value() == SECRET
    assert (settings.base_url, settings.key_source, settings.base_url_source) == (
        "https://lamina.example",
        str(path),
        str(path),
    )


@pytest.mark.parametrize(
    ("env", "key", "base_url"),
    [
        ({}, SECRET, "https://lamina.example"),
        ({"LAMINA_API_KEY": " "}, SECRET, "https://lamina.example"),
        ({"LAMINA_BASE_URL": "https://b.example"}, SECRET, "https://b.example"),
        ({"LAMINA_API_KEY": "lma_env"}, "lma_env", DEFAULT_BASE_URL),
        (
            {"LAMINA_API_KEY": "lma_env", "LAMINA_BASE_URL": "https://b.example"},
            "lma_env",
            "https://b.example",
        ),
    ],
)
def test_the_environment_is_preferred_to_a_saved_login(
    tmp_path: Path, env: dict, key: str, base_url: str
) -> None:
    saved(tmp_path, login())
    settings = Settings.read(env, tmp_path)
    assert (settings.usable_key().get_secret_value(), settings.base_url) == (key, base_url)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not JSON",
        "[" * 100_000,
        "[]",
        "null",
        {},
        {"version": 1},
        {"version": 1, "credentials": None},
        {**login(), "version": 2},
        {**login(), "version": "1"},
        login(kind="certificate"),
        login(apiKey=None),
        {"version": 1, "credentials": {"apiKey": SECRET}},
    ],
)
def test_an_unknown_kind_of_login_counts_as_no_credentials(tmp_path: Path, content: Any) -> None:
    path = saved(tmp_path, content)
    settings = Settings.read({}, tmp_path)
    assert not settings.has_credentials
    assert settings.warnings == (
        f"{path} contains no credentials of a known version and kind; it is ignored",
    )


def test_an_empty_key_counts_as_no_key(tmp_path: Path) -> None:
    saved(tmp_path, login(apiKey=""))
    assert not Settings.read({}, tmp_path).has_credentials


def test_a_file_that_cannot_be_read_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / ".lamina" / "config.json").mkdir(parents=True)
    settings = Settings.read({}, tmp_path)
    assert not settings.has_credentials
    assert "cannot be read" in settings.warnings[0]


@pytest.mark.parametrize(
    ("mode", "warned"), [(0o600, False), (0o400, False), (0o640, True), (0o644, True), (0o604, True)]
)
def test_a_key_that_others_can_read_is_a_warning(tmp_path: Path, mode: int, warned: bool) -> None:
    path = saved(tmp_path, login(), mode)
    assert Settings.read({}, tmp_path).warnings == (
        (f"{path} has mode {mode:04o}: others may read the key in it. Run `chmod 600 {path}`.",)
        if warned
        else ()
    )


@pytest.mark.parametrize("expires", ["2026-03-09T12:00:01Z", 1773061200, None])
def test_an_oauth_login_is_used_until_it_expires(tmp_path: Path, expires: object) -> None:
    saved(tmp_path, login(kind="oauth", expiresAt=expires, refreshToken="r", clientId="c", scope="s"))
    assert Settings.read({}, tmp_path).usable_key(NOW).get_secret_value() == SECRET


@pytest.mark.parametrize(
    "expires",
    [
        "2026-03-09T11:59:59.000Z",
        "2026-03-09T12:00:00Z",
        "2026-03-09T12:30:00+02:00",
        "2026-03-09T11:00:00",
        1773054000000,
    ],
)
def test_an_expired_oauth_login_asks_for_a_new_one(tmp_path: Path, expires: object) -> None:
    saved(tmp_path, login(kind="oauth", expiresAt=expires, refreshToken="r", clientId="c", scope="s"))
    settings = Settings.read({}, tmp_path)
    with pytest.raises(CredentialsError, match="expired at 2026-03-09 1") as caught:
        settings.usable_key(NOW)
    assert "Run `lamina login`" in caught.value.hint


def test_an_api_key_does_not_expire(tmp_path: Path) -> None:
    saved(tmp_path, login(expiresAt="2020-01-01T00:00:00Z"))
    assert Settings.read({}, tmp_path).usable_key(NOW)


GOOD_URLS = [
    "https://app.uselamina.ai",
    "https://app.uselamina.ai:8443/",
    "https://proxy.example/lamina/",
    "http://127.0.0.1:8000",
    "http://127.9.9.9",
    "http://localhost:3000/",
    "http://[::1]:9",
    "HTTPS://APP.USELAMINA.AI",
]
BAD_URLS = {
    "": "expected http:// or https:// and a host",
    "app.uselamina.ai": "expected http:// or https:// and a host",
    "ftp://app.uselamina.ai": "expected http:// or https:// and a host",
    "https://": "expected http:// or https:// and a host",
    "https:///v1": "expected http:// or https:// and a host",
    "https://a b": "expected http:// or https:// and a host",
    "https://a\nb": "expected http:// or https:// and a host",
    "http://evil.example\\.localhost": "expected http:// or https:// and a host",
    "https://[::1": "not a URL",
    "https://x:port": "not a URL",
    "https://x:99999": "not a URL",
    "https://user:pass@app.uselamina.ai": "it may contain only a scheme, a host, a port and a path",
    "http://127.0.0.1@evil.example": "it may contain only a scheme, a host, a port and a path",
    "https://x?key=1": "it may contain only a scheme, a host, a port and a path",
    "https://x?": "it may contain only a scheme, a host, a port and a path",
    "https://x#": "it may contain only a scheme, a host, a port and a path",
    "https://%2e": "expected http:// or https:// and a host",
    "http://[::1]x": "expected http:// or https:// and a host",
    "https://x:": "expected http:// or https:// and a host",
    "https://x#a": "it may contain only a scheme, a host, a port and a path",
    "http://app.uselamina.ai": "the key would go to app.uselamina.ai in plain text; use https",
    "http://localhost.evil.example": "the key would go to localhost.evil.example in plain text; use https",
    "http://127.0.0.1.evil.example": "the key would go to 127.0.0.1.evil.example in plain text; use https",
    "http://10.0.0.1": "the key would go to 10.0.0.1 in plain text; use https",
    "http://0.0.0.0": "the key would go to 0.0.0.0 in plain text; use https",
}


@pytest.mark.parametrize("url", GOOD_URLS)
def test_the_key_is_given_out_for_a_good_address(url: str) -> None:
    assert Settings(key=SECRET, base_url=url).usable_key()


@pytest.mark.parametrize(("url", "problem"), BAD_URLS.items())
def test_the_key_is_not_given_out_for_a_bad_address(url: str, problem: str) -> None:
    settings = Settings(key=SECRET, base_url=url, base_url_source="LAMINA_BASE_URL")
    with pytest.raises(InputError) as caught:
        settings.usable_key()
    assert str(caught.value) == f"base URL from LAMINA_BASE_URL: {problem}"
    assert settings.describe()["warnings"] == [str(caught.value)]


def test_a_password_in_the_address_is_not_repeated() -> None:
    settings = Settings(key=SECRET, base_url="https://user:hush@x.example")
    with pytest.raises(InputError) as caught:
        settings.usable_key()
    assert "hush" not in str(caught.value) + caught.value.hint + str(settings.describe()) + repr(
        Client(settings)
    )
    assert settings.address == "https://***@x.example"


SCHEMES = st.sampled_from(["http://", "https://", "HTTP://", "http:/", "//", ""])
HOSTS = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    "::1",
    "evil.example",
    "0",
    "127.1",
    "2130706433",
    "%2e",
    ".",
    "ı",
    "。",
]
MARKS = ["/", "//", "\\", "@", ":", ":80", "#", "?", ";", "%", " ", "\t", "\n", "\0"]


@given(SCHEMES, st.lists(st.sampled_from([*HOSTS, *MARKS]), max_size=4).map("".join))
@example("http://", "127.0.0.1\\@evil.example/")
@example("http://", "127.0.0.1#@evil.example/")
@example("http://", "localhost%2eevil.example")
@example("http://", "[::1]@evil.example")
@example("https://", "evil.example#")
@settings(max_examples=500)
def test_the_key_is_sent_only_over_https_or_to_loopback(scheme: str, rest: str) -> None:
    """The checker and the client read a URL by parsers of their own, which must not disagree."""
    url = scheme + rest
    try:
        Settings(key=SECRET, base_url=url).usable_key()
        asked = httpx.URL(url.rstrip("/") + "/v1/apps")
    except (InputError, httpx.InvalidURL):
        return
    loopback = re.fullmatch(r"localhost|::1|127[.0-9]+", asked.host)
    assert asked.scheme in ({"http", "https"} if loopback else {"https"})
    assert asked.path.endswith("/v1/apps")
    assert not asked.userinfo


@pytest.mark.parametrize("home", ["env", "file"])
def test_settings_never_show_the_key(tmp_path: Path, home: str) -> None:
    saved(tmp_path, login())
    settings = Settings.read({"LAMINA_API_KEY": SECRET} if home == "env" else {}, tmp_path)
    shown = [
        repr(settings),
        str(settings),
        settings.model_dump_json(),
        repr(settings.model_dump()),
        settings.describe(),
    ]
    assert SECRET not in "".join(map(str, shown))


def test_settings_are_read_from_the_process_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMINA_API_KEY", SECRET)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Settings.read().key_source == "LAMINA_API_KEY"


# The configuration file

WHOLE = """
[vocabulary]
zephyrNode = "generate image"

[[category]]
name = "banner"

[diff.severity]
node-added = "breaking"

[[accept]]
fingerprint = "0123456789ab"

[report]
title = "Ours"
"""


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / ".lamina-graph.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_sections_are_kept_as_they_stand(tmp_path: Path) -> None:
    path = written(tmp_path, WHOLE)
    assert load_config(path) == Config(
        path=path,
        vocabulary={"zephyrNode": "generate image"},
        category=({"name": "banner"},),
        diff={"severity": {"node-added": "breaking"}},
        accept=({"fingerprint": "0123456789ab"},),
        report={"title": "Ours"},
    )


def test_an_empty_configuration_is_valid(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, "")).model_dump(exclude={"path"}) == Config().model_dump(
        exclude={"path"}
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[vocabulry]", "vocabulry: unknown; did you mean `vocabulary`?"),
        ("[categories]", "categories: unknown; did you mean `category`?"),
        ("[diff.severities]", "diff.severities: unknown; did you mean `diff.severity`?"),
        ("[zzz]", "zzz: unknown; expected one of accept, category, diff, report, store, vocabulary"),
        ("path = 'x'", "path: unknown; expected one of accept, category, diff, report, store, vocabulary"),
        ("vocabulary = 1", "vocabulary: expected a section: `[vocabulary]`"),
        ("[category]", "category: expected a section: `[[category]]`"),
        ("accept = [1]", "accept: expected a section: `[[accept]]`"),
        ("diff = []", "diff: expected a section: `[diff]`"),
        ("accept = 'x'", "accept: expected a section: `[[accept]]`"),
        ("report = ", "not TOML: Invalid value (at end of document)"),
        ("[a]\n[a]", "not TOML: Cannot declare ('a',) twice (at line 2, column 3)"),
        (b"\xff", "not UTF-8 text (byte 0)"),
        ("x = " + "[" * 5000, "not TOML: nested too deeply"),
    ],
)
def test_a_wrong_configuration_names_file_and_field(tmp_path: Path, content: str | bytes, says: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value).startswith(f"{path}: {says}")


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_config(tmp_path / "none.toml")


def test_the_nearest_configuration_upwards_is_found(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    outermost = written(tmp_path, "")
    assert find_config(inner) == outermost
    nearer = written(tmp_path / "a", "")
    assert find_config(inner) == nearer
    (inner / ".lamina-graph.toml").mkdir()
    assert find_config(inner) == nearer
