"""What 10,000 apps over 30 nights take on disk, and how fast a store answers.

    python benchmarks/store_size.py [--apps N] [--nights N] [--postgres]

Each night 1% of the apps change. Ends with 1 where the size on disk is more than 1.5 times the bytes of the
distinct canonical JSON, or where `APP@DATE` takes more than 50 ms.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from catalogues import app_id, workflow
from databases import postgres

from lamina_graph.refs import resolve_workflow
from lamina_graph.store import FetchResult, FetchScope, Store

BASE = "https://app.uselamina.ai"
FIRST = datetime(2026, 3, 1, 2, tzinfo=UTC)
BATCH = 100
LIMIT_RATIO, LIMIT_MS = 1.5, 50


def main() -> int:
    """Fill a store, measure it, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--apps", type=int, default=10_000)
    parser.add_argument("--nights", type=int, default=30)
    parser.add_argument(
        "--postgres", action="store_true", help="in a PostgreSQL server that is started for this"
    )
    options = parser.parse_args()
    with _place(options.postgres) as url, Store(url) as store:
        print(f"{options.apps:,} apps, {options.nights} nights, 1% changing, in {url.partition(':')[0]}")
        nights = [_seconds(partial(_night, store, options.apps, night)) for night in range(options.nights)]
        usual = statistics.median(nights[1:] or nights)
        print(f"recorded: first night {nights[0]:.1f} s, others {usual:.1f} s each")
        return _report(store, options.apps, options.nights)


@contextmanager
def _place(in_postgres: bool) -> Iterator[str]:
    if in_postgres:
        with postgres() as url:
            yield url or sys.exit("PostgreSQL is not installed")
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/store.db"


def _night(store: Store, count: int, night: int) -> None:
    at = FIRST + timedelta(days=night)
    run = store.begin(BASE, FetchScope(), at)
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        store.record(run.id, [_answer(number, at, _version(number, night)) for number in numbers])
    store.finish(run.id, at + timedelta(hours=2), complete=True)


def _version(number: int, night: int) -> int:
    """Return how often an app has changed by a night: a hundredth of the apps changes each night."""
    return (night - number % 100) // 100 + 1 if night >= number % 100 and number % 100 else 0


_MADE: dict[int, tuple[int, Any]] = {}


def _answer(number: int, at: datetime, version: int) -> FetchResult:
    if _MADE.get(number, (None,))[0] != version:
        _MADE[number] = version, workflow(number, 30, version)
    return FetchResult(app_id=app_id(number), at=at, workflow=_MADE[number][1])


def _report(store: Store, count: int, nights: int) -> int:
    info = store.info()
    ratio = info.size / info.canonical_size
    print(f"held: {info.snapshots:,} snapshots, {info.contents:,} contents, {info.runs} runs")
    sizes = f"on disk {info.size / 1e6:.1f} MB, distinct canonical JSON {info.canonical_size / 1e6:.1f} MB"
    print(f"{sizes}: {ratio:.2f} times")
    chance = random.Random(1)
    by_id = sorted(_asked(store, chance, count, nights, app_id) for _ in range(300))
    by_name = sorted(_asked(store, chance, count, nights, "App {}".format) for _ in range(300))
    for what, times in (("id", by_id), ("name", by_name)):
        print(
            f"APP@DATE by {what}: median {statistics.median(times):.1f} ms, 99th of 100 {times[296]:.1f} ms"
        )
    begin = FIRST + timedelta(days=nights)
    whole = _seconds(lambda: sum(1 for _ in store.catalogue(FIRST + timedelta(days=nights // 2))))
    week = _seconds(lambda: sum(1 for _ in store.changed(begin - timedelta(days=7))))
    print(f"the whole catalogue at a date: {whole:.1f} s; what changed in 7 days: {week:.2f} s")
    return int(ratio > LIMIT_RATIO or max(by_id[296], by_name[296]) > LIMIT_MS)


def _asked(store: Store, chance: random.Random, count: int, nights: int, name: Callable[[int], str]) -> float:
    ref = f"{name(chance.randrange(count))}@{FIRST + timedelta(days=chance.randrange(nights)):%Y-%m-%d}"
    return 1000 * _seconds(lambda: resolve_workflow(ref, store=lambda: store))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
