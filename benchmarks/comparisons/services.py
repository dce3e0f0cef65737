"""Work that goes on for long: the tools for agents, the API's limit."""

import gc
import itertools
import time
import tracemalloc

from benchmarks import ROOT
from benchmarks.harness import Failure, Row, Scene, Turn, benchmark, peer

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


@benchmark(
    "agents-memory",
    Row("`mcp`: memory in use after 300 more calls", "after 300", "B", 1.01),
    rounds=1,
)
def agents_memory(scene: Scene) -> Turn:
    """Call the tools for agents again and again in one process, after calls in which caches fill."""
    anyio, client_of = peer("anyio"), peer("mcp").Client

    from lamina_graph.agents import Toolbox, build_server
    from lamina_graph.cli.state import State

    async def in_use(*amounts: int) -> list[int]:
        with State(store_url="/nonexistent/store.db") as state:
            async with client_of(build_server(Toolbox(state, ROOT / "samples"))) as client:
                if scene.quick:  # what the first call imports takes five times as long when it is traced
                    await client.call_tool(*CALLS[0])
                tracemalloc.start()
                found = []
                for amount in amounts:
                    for tool, arguments in itertools.islice(itertools.cycle(CALLS), amount):
                        await client.call_tool(tool, arguments)
                    gc.collect()
                    found.append(tracemalloc.get_traced_memory()[0])
                tracemalloc.stop()
                return found

    def turn() -> list[tuple[float, float]]:
        first, *later = anyio.run(in_use, *3 * [scene.size(300, 1)])
        # Python enlarges the table of its strings once in a while; what leaks grows each time.
        growth = min(after - before for before, after in itertools.pairwise([first, *later]))
        return [(first + growth, first)]

    return turn


@benchmark(
    "sync-pace",
    Row("record 300 apps, 100 requests in 5 s permitted", "the least time for so many", "s elapsed", 1.05),
    rounds=1,
)
def sync_pace(scene: Scene) -> Turn:
    """Snapshot a catalogue: no request may be refused, and no window is left unused."""
    from catalogues import FixedWindows, client
    from loopback import serving

    from lamina_graph.store import FetchScope, Store
    from lamina_graph.sync import HeaderRateLimiter, sync

    def turn() -> list[tuple[float, float]]:
        api = FixedWindows(scene.size(300, 12), limit=scene.size(100, 10), window=scene.size(5, 1))
        limiter = HeaderRateLimiter()
        with serving(api), client(api, rate_limiter=limiter) as asking, Store("sqlite://") as store:
            start = time.monotonic()
            synced = sync(asking, store, FetchScope())
            elapsed = time.monotonic() - start
        if api.refused or synced.failures or synced.run.seen != len(api.apps):
            raise Failure(f"{api.refused} requests refused, {synced.run.seen} of {len(api.apps)} recorded")
        return [(elapsed, (api.served - 1) // api.limit * api.window)]

    return turn
