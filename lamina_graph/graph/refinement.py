"""Colour refinement on directed graphs: which nodes look alike, with all that is around them.

A node's colour is what it is, and with each round the colours of what feeds it and of what it feeds
(Weisfeiler and Leman 1968).
"""

from collections.abc import Hashable, Sequence
from hashlib import blake2b

from lamina_graph.graph.adjacency import Adjacency
from lamina_graph.graph.traversal import topological_order

_MOST_PASSES = 8
"""Passes go from end to end, so that a graph without cycles is settled by two or three."""


def refine_colors(adj: Adjacency, seeds: Sequence[str] | None = None, rounds: int = 3) -> list[bytes]:
    """Return a colour for each node, the same in any graph and process where its surroundings look alike.

    Args:
        adj: the graph.
        seeds: the first colour of each node; the types where not given.
        rounds: how many steps of surroundings a colour tells of.

    >>> from lamina_graph.graph import adjacency
    >>> from lamina_graph.files import load
    >>> one = load({"nodes": [{"id": "a", "type": "t"}, {"id": "b", "type": "t"}], "edges": []})
    >>> first, second = refine_colors(adjacency(one))
    >>> first == second
    True
    """
    colors = [_digest(seed.encode("utf-8", "surrogatepass")) for seed in seeds or adj.types]
    for _ in range(rounds):
        colors = [
            _digest(
                colors[node]
                + b"".join(sorted(colors[other] for other in adj.predecessors[node]))
                + b">"
                + b"".join(sorted(colors[other] for other in adj.successors[node]))
            )
            for node in range(len(adj))
        ]
    return colors


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=12).digest()


def stable_colors(
    seeds: Sequence[Hashable], successors: Sequence[Sequence[int]], predecessors: Sequence[Sequence[int]]
) -> list[int]:
    """Return a number for each node, the same only where seeds and all that is around look alike.

    Each pass goes through the whole graph, from sources to sinks or back, so that a few do; in a cycle some
    nodes may be told apart that are alike.

    >>> first, second, third = stable_colors("xxx", [[2], [2], []], [[], [], [0, 1]])
    >>> first == second, first == third
    (True, False)
    """
    numbers: dict[Hashable, int] = {}
    colors = [numbers.setdefault(seed, len(numbers)) for seed in seeds]
    order = topological_order(successors, break_cycles=True)
    known = len(set(colors))
    for turn in range(_MOST_PASSES):
        for nodes, neighbors in ((order, predecessors), (order[::-1], successors)):
            for node in nodes:
                around = tuple(sorted(colors[other] for other in neighbors[node]))
                colors[node] = numbers.setdefault((colors[node], around), len(numbers))
        count = len(set(colors))
        if count == len(colors) or (count == known and turn):
            break
        known = count
    return colors
