"""The key is sent to the API and goes nowhere else, whatever command runs and whatever the API answers."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from commandline import commands
from loopback import FAULTS, Fault, Loopback, error, redirect, serving, text

import lamina_graph.sync
from lamina_graph.cli import cli
from lamina_graph.client import RetryPolicy

KEY = "lma_marked-and-to-be-seen-by-the-API-alone"
SAMPLES = Path(__file__).parent.parent / "samples"
FILE = str(SAMPLES / "cartoonify.json")
APP = "Cartoonify"
RUN = "0f6e0c4e-aaaa-4bbb-8ccc-123456789abc"
START = ("run", APP, "-i", "your_photo=https://example.com/me.png")

ASKING = [
    ("app", APP),
    ("app", APP, "--json"),
    ("apps",),
    ("apps", "--json"),
    ("auth", "status"),
    ("auth", "status", "--json"),
    ("classify", APP, FILE),
    ("classify", APP, "--json"),
    ("diff", FILE, APP),
    ("export", APP),
    ("fetch", "--all", "-o", "fetched"),
    ("find", "gpt*", APP),
    ("init", "--nightly"),
    ("lint", APP, "--json"),
    ("render", APP, "-o", "app.svg"),
    ("report", APP, "-o", "report.html"),
    (*START, "--dry-run", "--json"),
    (*START, "--yes", "--wait", "--json", "--download", "outputs", "--allow-private"),
    ("runs", "cancel", RUN),
    ("runs", "get", RUN),
    ("runs", "list", "--json"),
    ("runs", "receive", "--count", "1", "--port", "{port}"),
    ("runs", "wait", RUN),
    ("show", APP, "--json"),
    ("similar", APP, FILE),
    ("snapshot", "--all", "--detail", "--estimate"),
]
"""Commands that ask the API; the port is taken, so that nothing is waited for."""

OTHERS = [
    ("changes", "-f", "json"),
    ("config", "show"),
    ("completion", "install", "bash"),
    ("completion", "show", "bash"),
    ("git-config", "--disable"),
    ("history", APP, "-o", "history.html"),
    ("mcp", "--http", "{port}"),
    ("rules",),
    ("schema", "auth"),
    ("store", "export", "exported"),
    ("store", "import", "exported"),
    ("store", "info"),
    ("store", "prune", "--keep", "1"),
    ("store", "remove", "--damaged", "--apply"),
    ("uses", "--from-runs", FILE),
]

ANSWERS: dict[str, Fault | None] = {
    "what it should": None,
    "401": error(401, f"Invalid key {KEY}", requestId=KEY, code=KEY),
    "403": error(403, f"{KEY} is not of this workspace"),
    "404": FAULTS["404"],
    "429": text(429, f"Too many requests with {KEY}", Retry_After="1"),
    "500": text(500, f"while reading {KEY}"),
    "broken JSON": text(200, '{"data": {"key": "' + KEY),
    "no JSON": FAULTS["nonsense"],
    "other fields": FAULTS["wrong-fields"],
}


@pytest.fixture
def api() -> Iterator[Loopback]:
    with serving(Loopback(SAMPLES, key=KEY, limit=10**6)) as api:
        yield api


@pytest.fixture
def surroundings(api: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder and a home of its own, the marked key in the environment, and no long waits."""
    for name, value in {"LAMINA_API_KEY": KEY, "LAMINA_BASE_URL": api.url, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(
        lamina_graph.sync,
        "CATALOGUE_RETRIES",
        RetryPolicy(attempts=2, first_wait=0, longest_wait=0.5, jitter=0),
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def output_of(api: Loopback, *words: str) -> str:
    port = api.url.rpartition(":")[2]
    given = ["--debug", "--store", "lamina.db", *(word.format(port=port) for word in words)]
    return CliRunner().invoke(cli, given).output


def written(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_every_command_is_tried():
    named = {" ".join(words) for words in [*ASKING, *OTHERS]}
    assert [
        path for path in commands() if not any(f"{each} ".startswith(" ".join(path) + " ") for each in named)
    ] == []


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_key_is_never_printed_logged_or_written(
    api: Loopback, surroundings: Path, caplog: pytest.LogCaptureFixture, answer: str
):
    caplog.set_level(logging.DEBUG)
    fault = ANSWERS[answer]
    if fault:
        api.fault(fault)
    made = set[str]() if fault else {"lamina.db", "report.html", "exported"}
    for words in ASKING if fault else [*ASKING, *OTHERS]:
        assert KEY not in output_of(api, *words), words
    assert KEY not in caplog.text
    assert [name for name, content in written(surroundings).items() if KEY.encode() in content] == []
    assert {seen.headers["x-api-key"] for seen in api.seen if seen.path.startswith("/v1/")} == {KEY}
    assert {path.name for path in surroundings.iterdir()} >= made


def test_the_key_does_not_follow_to_another_host(api: Loopback, surroundings: Path):
    with serving(Loopback(SAMPLES)) as stranger:
        api.fault(redirect(f"{stranger.url}/v1/apps?key={KEY}"))
        for words in ASKING:
            assert KEY not in output_of(api, *words), words
        assert api.seen
        assert stranger.seen == []


REFUSED: dict[str, Fault | None] = {
    "what it should": None,
    "400": error(400, "invalid_grant"),
    "500": error(500, "while renewing"),
    "reset": FAULTS["reset"],
    "truncated": FAULTS["truncated"],
}


@pytest.mark.parametrize("answer", REFUSED)
def test_no_token_of_a_login_is_printed_logged_or_written_elsewhere(
    api: Loopback,
    surroundings: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
):
    caplog.set_level(logging.DEBUG)
    monkeypatch.delenv("LAMINA_API_KEY")
    path = api.logins.save(surroundings, api.url, expiresAt="2026-01-01T00:00:00Z")
    printed = ""
    for words in [("apps",), ("auth", "status"), ("snapshot", "--all", "--detail"), ("show", APP, "--json")]:
        fault = REFUSED[answer]
        if fault:
            api.fault(fault, path="/cli/oauth/token", times=1)
        printed += output_of(api, *words)
        saved = json.loads(path.read_bytes())
        saved["credentials"]["expiresAt"] = "2026-01-01T00:00:00Z"
        path.write_text(json.dumps(saved))
    assert api.logins.tokens
    for token in api.logins.tokens:
        assert token not in printed + caplog.text
        assert {name for name, held in written(surroundings).items() if token.encode() in held} <= {str(path)}


def test_what_a_server_says_of_a_token_is_not_repeated(
    api: Loopback, surroundings: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("LAMINA_API_KEY")
    path = api.logins.save(surroundings, api.url, expiresAt="2026-01-01T00:00:00Z")
    tokens = json.loads(path.read_bytes())["credentials"]
    api.fault(error(400, f"no longer valid: {tokens['refreshToken']} of {tokens['apiKey']}"))
    printed = output_of(api, "apps")
    assert "no longer valid: *** of ***" in printed
