"""A snapshot that is killed at random moments: what it said was recorded must be in the store.

Started as a program this takes one snapshot of a served catalogue and names each app once it is recorded.
"""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import IO, Any

from catalogues import QUICK, app_id, client, workflow
from databases import engine_of
from loopback import Loopback

from lamina_graph.store import FetchScope, Run, Store
from lamina_graph.sync import HeaderRateLimiter, Progress, sync


def main(base_url: str, key: str, store_url: str) -> None:
    api = Loopback(key=key)
    api.url = base_url
    with (
        client(api, rate_limiter=HeaderRateLimiter(jitter=0), retry_policy=QUICK) as asking,
        Store(store_url) as store,
    ):
        print("ready", flush=True)
        sync(asking, store, FetchScope(), resume=True, progress=_report)


def _report(step: Progress) -> None:
    print(step.result.app_id, flush=True)


def program(api: Loopback, store_url: str) -> list[str]:
    """Return the command that takes a snapshot in a process of its own."""
    return [sys.executable, __file__, api.url, api.key, store_url]


@dataclass
class Record:
    """What came of many kills: how many hit a run under way, how many apps were found recorded."""

    kills: int = 0
    finished: int = 0
    checked: int = 0
    runs: list[Run] = field(default_factory=list)


def kill_many(api: Loopback, store_url: str, kills: int, seed: int = 5) -> Record:
    """Kill a snapshot so many times, look at the store each time, and let the last run complete.

    Each time that a run completes before it is killed, every app gets a new version.
    """
    chance, record, version = random.Random(seed), Record(), 0
    while record.kills < kills:
        reported, killed = _run(api, store_url, chance.uniform(0, 1.2))
        record.kills += killed
        record.finished += not killed
        record.checked += _check(api, store_url, reported)
        if not killed:
            version += 1
            api.apps.update(_versions(len(api.apps), version))
    reported, killed = _run(api, store_url, None)
    assert not killed
    record.checked += _check(api, store_url, reported)
    with Store(store_url) as store:
        record.runs = list(store.runs())
        assert record.runs[0].finished_at
        assert _kept(store) == api.apps
    return record


def _versions(count: int, version: int) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((app_id(number), workflow(number, 3, version)) for number in range(count))


def _run(api: Loopback, store_url: str, seconds: float | None) -> tuple[list[str], bool]:
    """Run the program, kill it after so long; return what it said, and whether it was killed."""
    with subprocess.Popen(
        program(api, store_url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        assert child.stderr
        if seconds is not None and seconds < 1:
            ready = child.stdout.readline()
            assert ready == "ready\n", child.stderr.read()
            time.sleep(seconds)
        elif seconds is not None:
            time.sleep(seconds - 0.9)  # at times before the store is open, or while it is made
        if seconds is not None:
            child.send_signal(signal.SIGKILL)
        reported = _lines(child.stdout)
        problem = child.stderr.read()
    assert child.returncode in (0, -signal.SIGKILL), problem
    return [line for line in reported if line != "ready"], child.returncode != 0


def _lines(stream: IO[str]) -> list[str]:
    return [line.strip() for line in stream.read().splitlines(keepends=True) if line.endswith("\n")]


def _check(api: Loopback, store_url: str, reported: list[str]) -> int:
    """Check that the store is sound and holds what was said to be recorded."""
    with Store(store_url) as store:
        sound(store)
        run = next(iter(store.runs()), None)
        assert run or not reported
        seen = store.fetched_apps(run.id) if run else frozenset()
        assert seen >= set(reported)
        kept = _kept(store)
        # A run that was killed before it began leaves the last one on top, from before the apps changed.
        for id_ in reported if run and run.finished_at else seen:
            assert kept[id_] == api.apps[id_]
        assert run is None or run.seen == len(seen)
    return len(reported)


def _kept(store: Store) -> dict[str, Any]:
    return {
        each.app_id: each.workflow.model_dump(exclude_unset=True, mode="json") for each in store.catalogue()
    }


def sound(store: Store) -> None:
    """Check that a database is whole, and that no app has two snapshots in a row of the same content."""
    if store.url.startswith("sqlite"):
        with engine_of(store) as engine, engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    for app in store.apps():
        versions = [snapshot.workflow for snapshot in store.history(app)]
        assert all(one != two for one, two in pairwise(versions))


if __name__ == "__main__":
    main(*sys.argv[1:])
