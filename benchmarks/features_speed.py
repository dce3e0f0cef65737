"""How long features and a classification take beside the networkx calls that would each walk the graph again.

    python benchmarks/features_speed.py

Prints the time of both on graphs of 30 nodes and on one of 10,000, and their ratio (wanted: at most 1/3 and
1/15), then the time a node at 1,000 and at 100,000 nodes (wanted: at most 2.5 times as much). Both take turns
on each graph, in this process; a time is the mean over the graphs of the best of several runs.
"""

import random
from collections.abc import Callable
from statistics import mean
from time import perf_counter

import networkx as nx

from lamina_graph.classify import classify
from lamina_graph.files import load
from lamina_graph.graph import graph
from lamina_graph.model import Workflow

TYPES = (
    "imageUploadNode", "textInputNode", "fluxImageNode", "backgroundRemoverNode", "upscaleNode",
    "klingVideoNode",
    "voiceoverNode", "videoMergeNode", "bannerMakerNode", "scriptWriterNode", "acmeNode", "saveVideoNode",
)  # fmt: skip


def pipeline(size: int, seed: int = 0) -> Workflow:
    """Return a graph in which each node is fed by one or two of the eight before it."""
    rng = random.Random(size + seed)
    nodes = [
        {"id": f"n-{1_773_051_929_782 + n}-{n:09d}", "type": rng.choice(TYPES), "label": f"Node {n}"}
        for n in range(size)
    ]
    pairs = {
        (rng.randrange(max(0, n - 8), n), n) for n in range(1, size) for _ in range(rng.choice((1, 1, 2)))
    }
    return load(
        {
            "nodes": nodes,
            "edges": [{"source": nodes[a]["id"], "target": nodes[b]["id"]} for a, b in sorted(pairs)],
        }
    )


def ours(w: Workflow) -> None:
    """Tell features and classify, of a copy, since a workflow keeps the features that it was asked for."""
    classify(w.model_copy())


def theirs(w: Workflow) -> None:
    """Do what networkx has for a part of the same questions."""
    ask_networkx(graph(w))


def ask_networkx(g: "nx.DiGraph[str]") -> None:
    """Ask networkx for a part of what features and a verdict tell."""
    dict(g.degree())
    [node for node, degree in g.in_degree() if not degree]
    [node for node, degree in g.out_degree() if not degree]
    nx.is_directed_acyclic_graph(g)
    list(nx.topological_generations(g))
    nx.dag_longest_path_length(g)
    list(nx.weakly_connected_components(g))
    nx.transitive_reduction(g)
    nx.weisfeiler_lehman_graph_hash(g, node_attr="type")


def seconds(run: Callable[[Workflow], None], w: Workflow) -> float:
    """Return how long one run takes."""
    start = perf_counter()
    run(w)
    return perf_counter() - start


def both(w: Workflow, times: int) -> tuple[float, float]:
    """Return the seconds of the fastest of some runs of either, taking turns."""
    turns = [(seconds(ours, w), seconds(theirs, w)) for _ in range(times)]
    return min(own for own, _ in turns), min(other for _, other in turns)


def best(w: Workflow, times: int) -> float:
    """Return the seconds of the fastest of some runs of ours."""
    return min(seconds(ours, w) for _ in range(times))


def main() -> None:
    """Print both tables."""
    print(f"{'nodes':>8} {'ours ms':>10} {'networkx ms':>12} {'ratio':>8} {'wanted':>8}")
    for size, graphs, times, wanted in ((30, 20, 50, 1 / 3), (10_000, 1, 1, 1 / 15)):
        found = [both(pipeline(size, seed), times) for seed in range(graphs)]
        own, other = map(mean, zip(*found, strict=True))
        print(f"{size:8} {own * 1e3:10.3f} {other * 1e3:12.3f} {own / other:8.4f} {wanted:8.4f}")
    few, many = best(pipeline(1_000), 5) / 1_000, best(pipeline(100_000), 2) / 100_000
    print(
        f"a node takes {few * 1e6:.1f} µs at 1,000 nodes, {many * 1e6:.1f} µs at 100,000: "
        f"{many / few:.2f} times (wanted: at most 2.5)"
    )


if __name__ == "__main__":
    main()
