"""Calls the tools for agents again and again in one process, and prints how its memory grows.

    python benchmarks/agents_memory.py [CALLS]

After 300 calls, in which caches fill, memory must stay as it is: the program ends with status 1 where it
grows by more than a hundredth over so many calls more.
"""

import gc
import itertools
import sys
import tracemalloc
from pathlib import Path

import anyio
from mcp import Client

from lamina_graph.agents import Toolbox, build_server
from lamina_graph.cli.state import State

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
MOST_GROWTH = 1.01
WARMING = 300
CALLS = (
    ("show_workflow", {"ref": "reel-five-shots.json"}),
    ("show_workflow", {"ref": "hostile-labels.json"}),
    ("show_workflow", {"ref": "../outside.json"}),
    ("classify_apps", {"refs": ["diamond.json", "nothing.json"]}),
    ("diff_workflows", {"old": "history/jewelry-catalog/v3.json", "new": "history/jewelry-catalog/v4.json"}),
    ("find_similar", {"ref": "diamond.json", "among": ["chain.json", "fan-in.json"]}),
    ("draw_workflow", {"ref": "diamond.json"}),
    ("search_apps", {"text": "\0"}),
)


async def measure(calls: int) -> tuple[int, int]:
    """Return the bytes in use before so many calls and after them."""
    with State(store_url="/nonexistent/store.db") as state:
        async with Client(build_server(Toolbox(state, SAMPLES))) as client:
            tracemalloc.start()
            in_use = []
            for amount in (WARMING, calls):
                for tool, arguments in itertools.islice(itertools.cycle(CALLS), amount):
                    await client.call_tool(tool, arguments)
                gc.collect()
                in_use.append(tracemalloc.get_traced_memory()[0])
            return in_use[0], in_use[1]


def main() -> None:
    """Measure, print, and judge."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    first, last = anyio.run(measure, calls)
    print(f"{calls:,} calls: {first / 1e6:.2f} MB in use before, {last / 1e6:.2f} MB after")
    sys.exit(last > first * MOST_GROWTH)


if __name__ == "__main__":
    main()
