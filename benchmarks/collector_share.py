"""Runs `lamina-graph` and prints how much of its processor time goes to collecting garbage.

python benchmarks/collector_share.py WORD... > /dev/null     (the shares are on stderr)
"""

import atexit
import gc
import sys
import time

from lamina_graph.__main__ import main

spent = {"collector": 0.0, "start": 0.0}


def count(phase: str, _info: object) -> None:
    """Add up the time between the start and the end of each collection."""
    if phase == "start":
        spent["start"] = time.process_time()
    else:
        spent["collector"] += time.process_time() - spent["start"]


def write() -> None:
    """Write both figures as the last line."""
    print(f"\n{spent['collector']} {time.process_time()}", file=sys.stderr)


gc.callbacks.append(count)
atexit.register(write)
main()
