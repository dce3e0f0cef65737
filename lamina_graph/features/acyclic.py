"""The nodes of a graph in an order to walk them, its cycles opened."""

from collections.abc import Sequence
from typing import NamedTuple

from lamina_graph.graph import Adjacency, breadth_first_tree, strongly_connected_components, topological_order

Neighbors = Sequence[Sequence[int]]


class Acyclic(NamedTuple):
    """A graph without its cycles, to be walked from sources to sinks.

    Attributes:
        nodes: every node once; each after the nodes of `before` and ahead of those of `after`.
        before, after: the neighbours along edges that follow the order. In a graph without cycles these are
            all edges.
        cyclic: whether the graph has a cycle.
    """

    nodes: Sequence[int]
    before: Neighbors
    after: Neighbors
    cyclic: bool


def open_cycles(adj: Adjacency) -> Acyclic:
    """Return the graph with each cycle opened where it is entered, whatever the ids and their order."""
    nodes = topological_order(adj.successors)
    loops = [node for node, after in enumerate(adj.successors) if node in after]
    if len(nodes) == len(adj) and not loops:
        return Acyclic(nodes, adj.predecessors, adj.successors, cyclic=False)
    rank = _ranks(adj)
    before = [[p for p in sources if rank[p] < rank[node]] for node, sources in enumerate(adj.predecessors)]
    after = [[t for t in targets if rank[node] < rank[t]] for node, targets in enumerate(adj.successors)]
    return Acyclic(topological_order(after), before, after, cyclic=True)


def _ranks(adj: Adjacency) -> list[tuple[int, int]]:
    """Return for each node where its strong component comes, and how far it is from where that is entered."""
    rank = [(0, 0)] * len(adj)
    component = [0] * len(adj)
    members = strongly_connected_components(adj.successors)
    for i, nodes in enumerate(members):
        for node in nodes:
            component[node] = i
    for i, nodes in enumerate(members):
        entered = [n for n in nodes if any(component[p] != i for p in adj.predecessors[n])]
        tree = breadth_first_tree(adj.successors, entered or _first(adj, nodes), within=set(nodes))
        distance: dict[int, int] = {}
        for node, parent in tree.items():
            distance[node] = distance[parent] + 1 if node != parent else 0
            rank[node] = (-i, distance[node])
    return rank


def _first(adj: Adjacency, nodes: Sequence[int]) -> list[int]:
    """Return the nodes of a cycle that nothing enters that are first by what they are, not by their ids."""
    keys = {
        n: (adj.types[n], adj.labels[n] or "", len(adj.predecessors[n]), len(adj.successors[n]))
        for n in nodes
    }
    least = min(keys.values())
    return [node for node in nodes if keys[node] == least]
