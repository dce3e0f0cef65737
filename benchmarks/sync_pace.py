"""Snapshot 1,000 apps from a server that permits 100 requests in each window of 5 s.

    python benchmarks/sync_pace.py [--apps N] [--rival]

Without a rival no request may be refused, and 98% or more of the permitted requests must be made; with one, a
second client that eats half of the limit, every app must be recorded. Ends with 1 where that fails.
"""

import argparse
import sys
import time
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from catalogues import FixedWindows, Rival, client
from loopback import serving

from lamina_graph.store import FetchScope, Store
from lamina_graph.sync import HeaderRateLimiter, sync

LIMIT, WINDOW = 100, 5


def main() -> int:
    """Take one snapshot and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--apps", type=int, default=1000)
    parser.add_argument("--rival", action="store_true", help="a second client behind the same address")
    options = parser.parse_args()
    api = FixedWindows(options.apps, limit=LIMIT, window=WINDOW)
    rival = Rival(api, LIMIT // 2) if options.rival else nullcontext()
    with (
        serving(api),
        client(api, rate_limiter=HeaderRateLimiter()) as asking,
        Store("sqlite://") as store,
        rival,
    ):
        start = time.monotonic()
        synced = sync(asking, store, FetchScope())
        seconds = time.monotonic() - start
    rate = api.served / (seconds / WINDOW * LIMIT)
    print(f"{synced.run.seen:,} of {options.apps:,} apps in {seconds:.1f} s, {seconds / WINDOW:.1f} windows")
    print(f"{api.served:,} requests permitted, {rate:.1%} of what may be; {api.refused:,} refused")
    complete = synced.run.seen == options.apps and not synced.failures
    return int(not complete or (not options.rival and (api.refused > 0 or rate < 0.98)))


if __name__ == "__main__":
    sys.exit(main())
