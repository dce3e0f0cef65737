"""Whatever goes wrong on the way to the store: what was recorded stays, and the next run completes."""

import itertools
import json
import logging
import os
import resource
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from catalogues import app_id, apps, client
from click.testing import CliRunner, Result
from databases import engine_of
from killed import kill_many, program, sound
from loopback import PAGE, Handler, Loopback, error, redirect, serving, text, usual
from loopback import Answer as Served

from lamina_graph.cli import cli
from lamina_graph.client import RetryPolicy
from lamina_graph.errors import ApiError, RateLimitError, StoreError
from lamina_graph.store import FetchScope, Store, connections, schema, writes
from lamina_graph.sync import HeaderRateLimiter, SyncReport, sync

COUNT = 12
_MOMENT = datetime(2026, 3, 9, tzinfo=UTC)
KEY = "lma_a-key-that-nobody-else-may-see"
EVERYTHING = FetchScope(detail=True, estimate=True)
CATALOGUE_RETRIES = RetryPolicy(read=0.5, answer=5, attempts=3, first_wait=0.01, longest_wait=3, jitter=0.01)


@pytest.fixture
def api() -> Iterator[Loopback]:
    """An API of twelve apps without a limit."""
    loopback = Loopback(key=KEY, limit=10**9)
    loopback.apps = apps(COUNT)
    loopback.delay = 2
    with serving(loopback) as served:
        yield served


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with Store(store_url) as store:
        yield store


def take(api: Loopback, store: Store, asked: FetchScope = EVERYTHING, **more: Any) -> SyncReport:
    with client(api, rate_limiter=HeaderRateLimiter(jitter=0.1), retry_policy=CATALOGUE_RETRIES) as asking:
        return sync(asking, store, asked, **more)


def at_first(*faults: Served) -> Callable[[Handler], Served]:
    """Fail the first request of each path, with one fault after the other."""
    met, chosen = set(), itertools.cycle(faults)

    def fault(handler: Handler) -> Served:
        if handler.path in met:
            return usual(handler)
        met.add(handler.path)
        return next(chosen)

    return fault


# The network and the server


@pytest.mark.parametrize(
    ("fault", "times"),
    [
        (text(429, "Too many requests", Retry_After="1"), 2),
        (text(429, "Too many requests"), 2),
        (at_first(error(500), error(503)), 10**9),
        ("reset", 2),
        ("cut-off", 2),
        ("slow", 2),
        ("nonsense", 2),
        ("html-502", 2),
    ],
    ids=["429 with Retry-After", "429", "500 and 503", "reset", "cut off", "time-out", "no HTTP", "HTML 502"],
)
def test_temporary_failures_are_retried_until_nothing_is_missing(
    api: Loopback, store: Store, fault: Any, times: float
) -> None:
    api.fault(fault, times=times)
    synced = take(api, store)
    assert (synced.run.seen, synced.run.new, synced.run.unknown, synced.failures) == (COUNT, COUNT, 0, ())


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("500", "500"),
        ("503", "503"),
        ("slow", "time"),
        ("reset", "connection"),
        ("cut-off", "broke off"),
        ("truncated", "JSON"),
        ("html-200", "HTML"),
        ("no-data", "data"),
        ("wrong-fields", "nodes"),
        ("not-gzip", "unpacked"),
        (text(404, PAGE, "text/html"), "404"),
        (redirect("http://127.0.0.2:9/elsewhere"), "redirected"),
    ],
)
def test_a_lasting_failure_makes_one_app_unknown(
    api: Loopback, store: Store, fault: Any, reason: str
) -> None:
    take(api, store)
    api.fault(fault, path=f"*/{app_id(7)}*")
    synced = take(api, store)
    assert (synced.run.seen, synced.run.unknown, synced.run.changed, synced.run.gone) == (COUNT - 1, 1, 0, 0)
    assert [(event.app_id, event.kind) for event in synced.failures] == [(app_id(7), "unknown")]
    assert reason in synced.failures[0].why
    assert store.find(app_id(7))[0].gone_at is None
    assert store.latest(store.find(app_id(7))[0]) is not None


def test_too_many_refusals_stop_a_run_that_can_be_resumed(api: Loopback, tmp_path: Path) -> None:
    api.apps = apps(40)
    api.fault(usual, times=30)
    api.fault(text(429, "Too many requests", Retry_After="0.1"))
    with Store(str(tmp_path / "store.db")) as store:
        with pytest.raises(RateLimitError):
            take(api, store)
        kept = store.runs()[0].seen
        assert 0 < kept < 40
        api.forget()
        synced = take(api, store, resume=True)
        assert (synced.run.seen, synced.run.new, synced.run.unknown) == (40, 40, 0)


def test_an_app_that_vanishes_between_the_list_and_the_fetch_is_gone(api: Loopback, store: Store) -> None:
    take(api, store)
    api.fault("404", path=f"*/{app_id(7)}/*")
    synced = take(api, store)
    assert (synced.run.seen, synced.run.gone, synced.run.unknown, synced.failures) == (COUNT - 1, 1, 0, ())
    assert store.find(app_id(7))[0].gone_at is not None


def test_a_long_answer_is_stored_whole(api: Loopback, store: Store) -> None:
    api.fault("big", path=f"*/{app_id(7)}/workflow")
    assert take(api, store).run.seen == COUNT
    snapshot = store.latest(store.find(app_id(7))[0])
    assert snapshot.workflow.model_extra == {"padding": "x" * 10_000_000}


def test_the_key_does_not_follow_a_redirect(api: Loopback, store: Store) -> None:
    with serving(Loopback(key=KEY)) as stranger:
        for status in (301, 302, 303, 307, 308):
            api.fault(redirect(f"{stranger.url}/v1/apps", status), path=f"*/{app_id(7)}/workflow", times=1)
            assert take(api, store).run.unknown == 1
        assert stranger.seen == []


# The store


def test_a_read_only_store_can_be_read_and_says_that_it_cannot_be_written(
    store: Store, store_url: str, api: Loopback, tmp_path: Path
) -> None:
    take(api, store)
    store.close()
    if store_url.startswith("postgresql"):
        _look(store_url + "%20-cdefault_transaction_read_only%3Don")
        return
    for folder in tmp_path.parents:
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o005)
    for writable in (*tmp_path.iterdir(), tmp_path):
        writable.chmod(0o555)
    steps = f"t._warm(); t._drop(); t._look({store_url!r})"
    code = f"import sys; sys.path[:0] = {sys.path!r}; import test_faults as t; {steps}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    tmp_path.chmod(0o755)
    assert done.returncode == 0, done.stderr


def _look(store_url: str) -> None:
    """Read a store, and fail to write it."""
    with Store(store_url) as reader:
        assert len(list(reader.catalogue())) == COUNT
        with pytest.raises(StoreError, match="read-only") as caught:
            reader.begin("https://app.uselamina.ai", FetchScope(), _MOMENT)
        assert "--store" in caught.value.hint


def _warm() -> None:
    """Load whatever a store loads, before the rights to load it are dropped."""
    with Store("sqlite://") as store:
        store.begin("https://app.uselamina.ai", FetchScope(), _MOMENT)
        assert list(store.catalogue()) == []


def _drop() -> None:
    """Become a user that the rights of files hold for."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


@contextmanager
def small_file(folder: Path) -> Iterator[Callable[[], None]]:
    """A process that may write no large file; what it does to a new process."""
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000))


@contextmanager
def small_disk(folder: Path) -> Iterator[Callable[[], None]]:
    """A disk of its own with little room, where this user may mount one."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a small disk can be mounted by root only")
    try:
        yield lambda: None
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("short_of_room", [small_file, small_disk])
def test_a_full_disk_is_an_error_and_loses_nothing(api: Loopback, tmp_path: Path, short_of_room: Any) -> None:
    api.apps = apps(400, nodes=30)
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with ExitStack() as stack:
        limit = stack.enter_context(short_of_room(tmp_path))
        done = subprocess.run(program(api, url), preexec_fn=limit, capture_output=True, text=True)
        recorded = set(done.stdout.split()) - {"ready"}
        assert done.returncode == 1
        assert "StoreError" in done.stderr.splitlines()[-1]
        assert "disk" in done.stderr.splitlines()[-1]
        assert 0 < len(recorded) < 400
        if short_of_room is small_disk:
            subprocess.run(["mount", "-o", "remount,size=64m", str(tmp_path)], check=True)
        with Store(url) as store:
            sound(store)
            assert store.fetched_apps(store.runs()[0].id) >= recorded
            synced = take(api, store, FetchScope(), resume=True)
        assert (synced.run.seen, synced.run.new) == (400, 400)


def test_a_store_without_any_disk_space_is_an_error(tmp_path: Path) -> None:
    code = f"import sys; from lamina_graph.store import Store; Store('sqlite:///{tmp_path}/store.db')"
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (5000, 5000))
    done = subprocess.run([sys.executable, "-c", code], preexec_fn=limit, capture_output=True, text=True)
    assert "StoreError" in done.stderr.splitlines()[-1]


def test_a_locked_store_is_an_error_after_a_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BUSY_SECONDS", 0.1)
    url = str(tmp_path / "store.db")
    with (
        Store(url) as store,
        Store(url) as other,
        engine_of(store) as engine,
        connections.writing(engine),
        pytest.raises(StoreError, match="locked"),
    ):
        other.begin("https://app.uselamina.ai", FetchScope(), _MOMENT)


def test_a_killed_snapshot_loses_nothing(store_url: str, api: Loopback) -> None:
    """Twice here; `benchmarks/store_kill.py` does it twenty times."""
    api.apps = apps(40)
    record = kill_many(api, store_url, kills=2)
    assert record.kills == 2
    assert record.checked > 0


# The key


def test_the_key_is_in_no_store_error_log_or_output(
    api: Loopback,
    store: Store,
    store_url: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = f"Invalid request with x-api-key {KEY}"
    faults = (
        error(400, echo),
        error(500, echo, details=[KEY]),
        text(502, f"<html>{echo}</html>", "text/html"),
        redirect("http://127.0.0.2:9/x"),
    )
    for number, fault in enumerate(faults):
        api.fault(fault, path=f"*/{app_id(number)}/workflow")
        api.fault(fault, path=f"*/{app_id(number + len(faults))}/estimate")
    synced = take(api, store)
    assert len(synced.failures) == 2 * len(faults)
    api.fault(error(401, echo), path="/v1/apps")
    with pytest.raises(ApiError) as caught:
        take(api, store)
    store.export(tmp_path / "out")
    with engine_of(store) as engine, connections.reading(engine) as connection:
        tables = [
            [tuple(row) for row in connection.execute(table.select())]
            for table in schema.tables.tables.values()
        ]
        bodies = [
            writes.decode_content(body)
            for body in connection.scalars(schema.content.select().with_only_columns(schema.content.c.body))
        ]
    files = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caught.value.hint
    for text_ in (
        repr(tables),
        json.dumps(bodies),
        files.decode("utf-8", "replace"),
        shown,
        repr(synced),
        caplog.text,
        *capfd.readouterr(),
    ):
        assert KEY not in text_


CASES = Path(__file__).parent / "cases"


def test_a_store_works_on_a_network_disk_without_wal(api: Loopback, tmp_path: Path) -> None:
    """Where a file system lends no shared memory, as on network disks, a store keeps another journal."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    library, source = tmp_path / "shm.so", CASES / "wal-network-disk" / "shm.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    env = {**os.environ, "LD_PRELOAD": str(library)}
    with Store(str(tmp_path / "moved.db")) as moved:
        take(api, moved, FetchScope())
    for place in ("new.db", "moved.db"):
        done = subprocess.run(
            program(api, f"sqlite:///{tmp_path / place}"), env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        with Store(str(tmp_path / place), create=False) as store:
            assert store.runs()[0].seen == COUNT
            sound(store)


def test_a_damaged_snapshot_is_named_and_the_others_are_used(tmp_path: Path) -> None:
    """One damaged snapshot of a store is named; the others are read and exported, with status 2."""
    place = tmp_path / "store.db"
    shutil.copy(CASES / "broken-input" / "store-damaged-0.db", place)

    def run(*words: object) -> Result:
        return CliRunner().invoke(cli, ["--store", str(place), *map(str, words)], prog_name="lamina-graph")

    result = run("changes", "--since", "2026-11-20", "--until", "2026-11-25", "-f", "json")
    found = json.loads(result.stdout)
    assert result.exit_code == 2
    assert len(found["changes"]) > 100
    [why] = {each["why"] for each in found["unknown"] if "damaged" in each["why"]}
    exported = run("store", "export", tmp_path / "out")
    assert exported.exit_code == 2
    snapshot = why.split()[1]
    assert f"snapshot {snapshot} of " in exported.stderr
    files = (tmp_path / "out" / "apps").glob("*.json")
    names = {each["id"] for file in files for each in json.loads(file.read_text())["snapshots"]}
    assert len(names) == 239
    assert snapshot not in names
    with Store("sqlite://") as other:
        assert other.import_folder(tmp_path / "out").snapshots == 239
