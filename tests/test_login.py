"""A saved login is renewed before it ends, by one process at a time, and is never lost half way."""

import json
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commandline import lamina
from killed_login import kill_many, program
from loopback import Loopback, serving

from lamina_graph.client import Client, RetryPolicy
from lamina_graph.errors import ApiError, CredentialsError, InputError, ServerError
from lamina_graph.settings import Settings

ENDED = "2026-01-01T00:00:00Z"


@pytest.fixture
def api(samples: Path) -> Iterator[Loopback]:
    with serving(Loopback(samples, limit=10**6)) as api:
        yield api


def client(home: Path) -> Client:
    return Client(Settings.read({}, home), retry_policy=RetryPolicy(attempts=1))


def credentials(path: Path) -> dict[str, object]:
    return json.loads(path.read_bytes())["credentials"]


def ends_in(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


@pytest.mark.parametrize(
    ("seconds", "renewals"),
    [(3000, 0), (90, 0), (59, 1), (-1, 1)],
    ids=["hour", "soon", "last minute", "over"],
)
def test_a_login_is_renewed_a_minute_before_it_ends(
    api: Loopback, tmp_path: Path, seconds: float, renewals: int
):
    api.logins.save(tmp_path, api.url, expiresAt=ends_in(seconds))
    with client(tmp_path) as asking:
        asking.apps()
        asking.apps()
    assert api.logins.renewed == renewals


def test_the_new_pair_is_written_whole_and_the_rest_of_the_file_is_kept(api: Loopback, tmp_path: Path):
    path = api.logins.save(tmp_path, api.url, expiresAt=ENDED, nickname="night")
    path.chmod(0o644)
    old = credentials(path)
    with client(tmp_path) as asking:
        asking.apps()
    new = credentials(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_bytes())["theme"] == "dark"
    assert {name for name in old if old[name] != new[name]} == {
        "apiKey",
        "refreshToken",
        "expiresAt",
        "savedAt",
    }
    assert datetime.fromisoformat(str(new["expiresAt"])) > datetime.now(UTC) + timedelta(minutes=50)
    assert api.logins.can_renew(str(new["refreshToken"]))
    assert [file.name for file in sorted(path.parent.iterdir())] == ["config.json", "config.json.lock"]


@pytest.mark.parametrize("number", [1767225600, 1767225600000], ids=["seconds", "milliseconds"])
def test_an_end_written_as_a_number_stays_one_of_its_unit(api: Loopback, tmp_path: Path, number: int):
    path = api.logins.save(tmp_path, api.url, expiresAt=number)
    with client(tmp_path) as asking:
        asking.apps()
    unit = 1000 if number > 10**12 else 1
    assert credentials(path)["expiresAt"] == pytest.approx((time.time() + 3600) * unit, rel=1e-6)


def test_a_linked_file_is_renewed_behind_its_link(api: Loopback, tmp_path: Path):
    path = api.logins.save(tmp_path, api.url, expiresAt=ENDED)
    real = path.rename(tmp_path / "shared.json")
    path.symlink_to(real)
    with client(tmp_path) as asking:
        asking.apps()
    assert path.is_symlink()
    assert api.logins.knows(str(credentials(real)["apiKey"]))


def test_many_threads_renew_a_login_once(api: Loopback, tmp_path: Path):
    api.logins.save(tmp_path, api.url, expiresAt=ENDED)
    with client(tmp_path) as asking, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: asking.apps(), range(16)))
    assert (api.logins.renewed, api.logins.reused) == (1, 0)


def test_processes_at_once_renew_a_login_once(api: Loopback, tmp_path: Path):
    api.logins.save(tmp_path, api.url, expiresAt=ENDED)
    children = [subprocess.Popen(program(tmp_path), stdout=subprocess.PIPE) for _ in range(3)]
    for child in children:
        child.communicate()
    assert [child.returncode for child in children] == [0, 0, 0]
    assert (api.logins.renewed, api.logins.reused) == (1, 0)


def test_a_login_that_another_process_has_renewed_meanwhile_is_taken(api: Loopback, tmp_path: Path):
    api.logins.save(tmp_path, api.url)
    with client(tmp_path) as first, client(tmp_path) as second:
        first.apps()
        second.apps()
        api.logins.save(tmp_path, api.url)  # the pair that both know is still valid, until the server says no
        api.logins.end_older()
        first.apps()
        second.apps()
    assert (api.logins.renewed, api.logins.reused) == (0, 0)


def test_a_token_that_the_server_takes_no_more_is_renewed_once(api: Loopback, tmp_path: Path):
    api.logins.save(tmp_path, api.url)
    api.fault("401", path="/v1/apps", times=1)
    with client(tmp_path) as asking:
        asking.apps()
    assert api.logins.renewed == 1
    api.fault("401", path="/v1/apps")
    with client(tmp_path) as asking, pytest.raises(CredentialsError, match="Invalid API key"):
        asking.apps()


def test_a_renewal_that_fails_leaves_the_old_login_which_is_used_to_its_end(api: Loopback, tmp_path: Path):
    path = api.logins.save(tmp_path, api.url, expiresAt=ends_in(50))
    before = path.read_bytes()
    api.fault("503", path="/cli/oauth/token")
    with client(tmp_path) as asking:
        assert asking.apps()
        assert asking.apps()
    assert path.read_bytes() == before
    assert [seen.path for seen in api.seen].count("/cli/oauth/token") == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("503", ServerError), ("reset", ApiError), ("html-200", ApiError), ("truncated", ApiError)],
)
def test_a_renewal_that_fails_after_the_end_is_named_and_the_old_login_stays(
    api: Loopback, tmp_path: Path, fault: str, kind: type[ApiError]
):
    path = api.logins.save(tmp_path, api.url, expiresAt=ENDED)
    before = path.read_bytes()
    api.fault(fault, path="/cli/oauth/token", times=1)
    with client(tmp_path) as asking:
        with pytest.raises(kind, match="/cli/oauth/token"):
            asking.apps()
        assert path.read_bytes() == before


def test_a_file_that_cannot_be_written_asks_the_server_for_nothing(api: Loopback, tmp_path: Path):
    path = api.logins.save(tmp_path, api.url, expiresAt=ENDED)
    path.with_name("config.json.lock").mkdir()
    with client(tmp_path) as asking, pytest.raises(InputError, match="cannot be renewed there") as caught:
        asking.apps()
    assert "LAMINA_API_KEY" in caught.value.hint
    assert api.seen == []


def test_after_its_last_day_a_login_ends_with_what_to_do(api: Loopback, tmp_path: Path):
    api.logins.save(tmp_path, api.url, expiresAt=ENDED)
    for _ in range(3):
        with client(tmp_path) as night:
            night.apps()
        path = tmp_path / ".lamina" / "config.json"
        saved = json.loads(path.read_bytes())
        saved["credentials"]["expiresAt"] = ENDED
        path.write_text(json.dumps(saved))
    assert api.logins.renewed == 3
    api.logins.revoke()
    result = lamina("apps", env={"HOME": str(tmp_path), "LAMINA_API_KEY": "", "LAMINA_BASE_URL": ""})
    assert result.exit_code == 4
    assert "could not be renewed: 400 invalid_grant" in result.stderr
    assert "Run `lamina login` again" in result.stderr


def test_a_killed_renewal_leaves_the_old_login_or_the_new_one(api: Loopback, tmp_path: Path):
    left = kill_many(api, tmp_path, kills=3)
    assert left["neither"] == 0
    assert left.total() == 3


@pytest.mark.parametrize(
    ("changes", "status", "warning"),
    [
        ({}, 0, ""),
        ({"expiresAt": ENDED}, 0, ""),
        ({"savedAt": ends_in(-27 * 86400)}, 0, "unless it is used before; each use renews it"),
        ({"savedAt": "2025-01-01T00:00:00Z"}, 0, "the login ended about 2025-01-31 00:00 UTC"),
        ({"refreshToken": None}, 0, "cannot be renewed: run `lamina login` again"),
        ({"refreshToken": None, "expiresAt": ENDED}, 4, "the login ended 2026-01-01 00:00 UTC"),
    ],
    ids=["fresh", "to be renewed", "last days", "over", "not renewable", "ended"],
)
def test_auth_status_says_until_when(
    api: Loopback, tmp_path: Path, changes: dict[str, object], status: int, warning: str
):
    path = api.logins.save(tmp_path, api.url, **changes)
    environment = {"HOME": str(tmp_path), "LAMINA_API_KEY": "", "LAMINA_BASE_URL": ""}
    result = lamina("auth", "status", "--json", env=environment)
    assert result.exit_code == status
    said = json.loads(result.stdout)
    assert warning in " ".join(said["warnings"])
    assert bool(said["warnings"]) == bool(warning)
    assert said["renewable"] == ("refreshToken" not in changes)
    shown = lamina("auth", "status", env=environment).stdout
    assert not any(str(credentials(path)[name]) in result.stdout + shown for name in ("apiKey",))
