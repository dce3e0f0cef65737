"""How long `changes --since 7d` and `history` take over 10,000 apps of 30 nodes and 30 nightly snapshots.

    python benchmarks/history_speed.py [--apps N] [--nights N] [--store FILE]

Each night 1% of the apps change: a node is swapped for another model, and one is added behind it; and of
two apps there is a copy, one with the ids of its nodes kept, one with new ones. The commands are run as a
user runs them, each in a process of its own, three times; the median counts. Ends with 1 where `changes`
takes more than 5 s or `history` of one app more than 1 s.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from catalogues import app_id, workflow

from lamina_graph.store import FetchResult, FetchScope, Store

BASE = "https://app.uselamina.ai"
FIRST = datetime(2026, 3, 1, 2, tzinfo=UTC)
BATCH, ROUNDS = 500, 3
LIMITS = {"changes": 5.0, "history": 1.0}


def main() -> int:
    """Fill a store where there is none, time both commands, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--apps", type=int, default=10_000)
    parser.add_argument("--nights", type=int, default=30)
    parser.add_argument("--store", type=Path, help="keep the store here, and use it if it is there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.store or Path(folder) / "store.db"
        if not path.exists():
            fill(path, options.apps, options.nights)
        return report(path, options.nights)


def fill(path: Path, apps: int, nights: int) -> None:
    """Record all nights; an app changes in the night that its number gives, modulo 100."""
    made = {number: workflow(number) for number in range(apps)}
    with Store(str(path)) as store:
        for night in range(nights):
            at = FIRST + timedelta(days=night)
            run = store.begin(BASE, FetchScope(), at)
            for number in range(night % 100 or 100, apps, 100) if night else ():
                made[number] = edited(made[number], number)
            if night:
                made |= copies(made, apps, night)
            numbers = list(made)
            for start in range(0, len(numbers), BATCH):
                part = numbers[start : start + BATCH]
                store.record(run.id, [FetchResult(app_id=app_id(n), at=at, workflow=made[n]) for n in part])
            store.finish(run.id, at + timedelta(hours=2), complete=True)


def edited(old: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a workflow with one node of another type, and one more behind it."""
    chance = random.Random(number)
    place = chance.randrange(len(old["nodes"]))
    node = {**old["nodes"][place], "type": "veoVideoNode", "label": "veoVideoNode"}
    added = {"id": f"captionNode-1775000000000-{number:09d}", "type": "captionNode", "label": "Caption"}
    return {
        **old,
        "nodes": [*old["nodes"][:place], node, *old["nodes"][place + 1 :], added],
        "edges": [*old["edges"], {"source": node["id"], "target": added["id"]}],
    }


def copies(made: Mapping[int, dict[str, Any]], apps: int, night: int) -> dict[int, dict[str, Any]]:
    """Return the copies of a night, by the numbers of apps that they are."""
    kept, anew = apps + 2 * night, apps + 2 * night + 1
    old = made[2 * night]
    ids = {node["id"]: f"{node['id'].rpartition('-')[0]}-copy{night}" for node in old["nodes"]}
    duplicate = {
        "nodes": [{**node, "id": ids[node["id"]]} for node in old["nodes"]],
        "edges": [{end: ids[each] for end, each in edge.items()} for edge in old["edges"]],
    }
    return {
        number: {**content, "appId": app_id(number), "name": f"Copy {number}"}
        for number, content in ((kept, made[night]), (anew, duplicate))
    }


def report(path: Path, nights: int) -> int:
    """Print the times, and return whether one is over its limit."""
    last = (FIRST + timedelta(days=nights - 1, hours=3)).isoformat()
    commands = {
        "changes": ("changes", "--since", "7d", "--until", last, "-f", "json"),
        "history": ("history", app_id(1), "-f", "json"),
    }
    status = 0
    for name, words in commands.items():
        times, told = zip(*(timed(path, *words) for _ in range(ROUNDS)), strict=True)
        took = statistics.median(times)
        found = told[0]["changes"] if name == "changes" else told[0]["steps"]
        print(f"{name}: {took:.2f} s (at most {LIMITS[name]:g} s), {len(found)} told")
        status |= took > LIMITS[name]
    return status


def timed(path: Path, *words: str) -> tuple[float, Any]:
    """Return how long a command took, and what it printed."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "lamina_graph", "--store", str(path), *words],
        capture_output=True,
        check=True,
    )
    return time.perf_counter() - start, json.loads(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
