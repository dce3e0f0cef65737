"""The shape of a graph."""

from collections.abc import Sequence
from typing import Literal

from lamina_graph.features.acyclic import Acyclic
from lamina_graph.graph import Adjacency

Shape = Literal[
    "empty", "cyclic", "disconnected", "single", "chain", "diamond", "fan-in", "fan-out", "dag", "unknown"
]
"""The last one where the edges are not known."""


def find_shape(adj: Adjacency, acyclic: Acyclic, component: Sequence[int], steps: Sequence[bool]) -> Shape:
    """Return the first shape that holds."""
    if not adj.edges_known:
        return "unknown"
    if not len(adj):
        return "empty"
    if acyclic.cyclic:
        return "cyclic"
    if any(component) and _falls_apart(adj, component, steps):
        return "disconnected"
    many_in = max(map(len, adj.predecessors)) > 1
    many_out = max(map(len, adj.successors)) > 1
    if not many_in and not many_out:
        return "chain" if any(adj.successors) else "single"
    if many_in and many_out:
        return "diamond" if _meets_again(adj, acyclic) else "dag"
    return "fan-in" if many_in else "fan-out"


def _falls_apart(adj: Adjacency, component: Sequence[int], steps: Sequence[bool]) -> bool:
    """Whether more than one component counts, or none: a node by itself counts only where it is a step."""
    counted = {
        component[node]
        for node in range(len(adj))
        if steps[node] or adj.successors[node] or adj.predecessors[node]
    }
    return len(counted) != 1


def _meets_again(adj: Adjacency, acyclic: Acyclic) -> bool:
    """Whether branches meet again: whether two predecessors of a node share a branching ancestor.

    Of the branching ancestors only the first ones are followed: whoever shares any shares one of these.
    """
    above = [0] * len(adj)
    bit = 1
    for node in acyclic.nodes:
        for before in acyclic.before[node]:
            if above[node] & above[before]:
                return True
            above[node] |= above[before]
        if not above[node] and len(adj.successors[node]) > 1:
            above[node], bit = bit, bit << 1
    return False
