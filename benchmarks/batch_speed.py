"""Spread networkx-heavy work on 10,000 graphs of 30 nodes: one process, two processes, a local Dask cluster.

    python benchmarks/batch_speed.py [--graphs N] [--rounds N] [--no-dask]

Rounds are measured side by side and the best of each kind is taken. Ends with 1 where the answers differ, or
two processes are not 1.8 times as fast as one.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from catalogues import workflow

from lamina_graph.batch import batch

WORKERS = 2
WANTED = 1.8


def heavy(content: bytes) -> tuple[int, int, float]:
    """Return some figures of one workflow that networkx takes a while for."""
    import networkx as nx

    from lamina_graph.files import load
    from lamina_graph.graph import graph

    found = graph(load(content))
    between = nx.betweenness_centrality(found)
    return (
        nx.dag_longest_path_length(found),
        nx.transitive_reduction(found).number_of_edges(),
        round(sum(between.values()), 9),
    )


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--graphs", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-dask", dest="dask", action="store_false")
    options = parser.parse_args()
    contents = [json.dumps(workflow(number)).encode() for number in range(options.graphs)]
    with ExitStack() as stack:
        kinds: dict[str, Executor | None] = {"one process": None}
        kinds["two processes"] = stack.enter_context(ProcessPoolExecutor(WORKERS))
        if options.dask:
            kinds["a Dask cluster"] = stack.enter_context(_dask())
        for executor in kinds.values():
            list(batch(heavy, contents[:600], executor))
        best, answers = _measured(kinds, contents, options.rounds)
    for kind, seconds in best.items():
        print(f"{kind:15} {seconds:6.2f} s  {best['one process'] / seconds:.2f} times one process")
    same = all(answer == answers["one process"] for answer in answers.values())
    print("all give the same answer" if same else "the answers DIFFER")
    return int(not same or best["one process"] / best["two processes"] < WANTED)


def _measured(
    kinds: dict[str, Executor | None], contents: Sequence[bytes], rounds: int
) -> tuple[dict[str, float], dict[str, object]]:
    best: dict[str, float] = {}
    answers: dict[str, object] = {}
    for _ in range(rounds):
        for kind, executor in kinds.items():
            start = time.perf_counter()
            answers[kind] = list(batch(heavy, contents, executor))
            best[kind] = min(best.get(kind, 1e9), time.perf_counter() - start)
    return best, answers


@contextmanager
def _dask() -> Iterator[Executor]:
    from dask.distributed import LocalCluster

    from lamina_graph.batch import cluster

    with (
        LocalCluster(
            n_workers=WORKERS, threads_per_worker=1, dashboard_address=None, silence_logs=50
        ) as workers,
        cluster(workers.scheduler_address) as executor,
    ):
        yield executor


if __name__ == "__main__":
    sys.exit(main())
