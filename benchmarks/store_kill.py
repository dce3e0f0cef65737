"""Kill a snapshot twenty times at random moments, in SQLite and in PostgreSQL: nothing recorded may be lost.

    python benchmarks/store_kill.py [--kills N] [--seed N]

After each kill the store must open, be sound and hold every app that the killed run had said to be recorded;
in the end a run must complete.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from catalogues import apps
from databases import postgres
from killed import kill_many
from loopback import Loopback, serving


def main() -> None:
    """Kill in each database."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgres() as postgres_url:
        for url in (f"sqlite:///{folder}/store.db", postgres_url):
            if url:
                _kill(url, options.kills, options.seed)


def _kill(url: str, kills: int, seed: int) -> None:
    api = Loopback(limit=10**9)
    api.apps = apps(150)
    with serving(api):
        record = kill_many(api, url, kills, seed)
    left = sum(1 for run in record.runs if run.finished_at is None)
    print(f"{url.partition(':')[0]}: killed {record.kills} of {kills} times, store sound each time;")
    print(f"    {record.checked:,} apps that were said to be recorded were looked for, none was lost;")
    print(f"    {len(record.runs)} runs, {left} of them unfinished, the last one complete")


if __name__ == "__main__":
    main()
