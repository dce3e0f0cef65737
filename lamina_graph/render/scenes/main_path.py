"""The path that a picture emphasises."""

from collections.abc import Collection, Sequence
from itertools import pairwise

from lamina_graph.graph import Adjacency

Pairs = frozenset[tuple[int, int]]


def main_path(
    plain: Adjacency, told: Sequence[str], ends: Collection[int], weights: Sequence[float]
) -> Pairs:
    """Return the edges of the main path.

    Args:
        plain: the graph.
        told: ids that the path is to go through, where something tells them; it starts at what leads to the
            first.
        ends: where else the path may end: the deliverables.
        weights: what each node adds to the weight of a path; the heaviest is taken, of such the longest.
    """
    numbers = [plain.index[id_] for id_ in told if id_ in plain.index]
    before = heaviest(plain, numbers[:1], weights)[:-1] if numbers else []
    later = set(numbers)
    path = [*(node for node in before if node not in later), *numbers]
    edges = _edges(plain, path)
    return edges or _edges(plain, heaviest(plain, ends, weights))


def heaviest(plain: Adjacency, ends: Collection[int], weights: Sequence[float]) -> list[int]:
    """Return the heaviest path that ends at one of some nodes (longest path in topological order).

    Where cycles leave no order, the first node that is left is taken, and edges back to earlier ones are left
    out.

    >>> from lamina_graph.graph import adjacency
    >>> from lamina_graph.files import load
    >>> nodes = [{"id": name, "type": "t"} for name in "abcd"]
    >>> edges = [{"source": s, "target": t} for s, t in ("ac", "ad", "bc", "cd")]
    >>> heaviest(adjacency(load({"nodes": nodes, "edges": edges})), [3], [1, 5, 1, 1])
    [1, 2, 3]
    """
    total = [(weight, 1) for weight in weights]
    feeder: dict[int, int] = {}
    for node, others in _in_order(plain):
        for other in others:
            reached = (total[node][0] + weights[other], total[node][1] + 1)
            if other not in feeder or reached > total[other]:
                total[other], feeder[other] = reached, node
    path = [max(ends, key=lambda node: (total[node], -node))] if ends else []
    while path and path[-1] in feeder:
        path.append(feeder[path[-1]])
    return path[::-1]


def _in_order(plain: Adjacency) -> list[tuple[int, list[int]]]:
    """Every node after what feeds it, with those of its successors that come later."""
    waiting = [len(set(before) - {node}) for node, before in enumerate(plain.predecessors)]
    ready = [node for node in range(len(plain) - 1, -1, -1) if not waiting[node]]
    rest = iter(range(len(plain)))
    found: dict[int, list[int]] = {}
    while len(found) < len(plain):
        node = ready.pop() if ready else next(node for node in rest if node not in found)
        found[node] = []
        found[node] = [other for other in plain.successors[node] if other not in found]
        for other in found[node]:
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return list(found.items())


def _edges(plain: Adjacency, path: Sequence[int]) -> Pairs:
    return frozenset(pair for pair in pairwise(path) if pair[1] in plain.successors[pair[0]])
