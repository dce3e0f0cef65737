"""Groups of nodes that make no cycle of what has none."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lamina_graph.graph import strongly_connected_components, topological_order
from lamina_graph.render.folding.groups import Group, LabeledGraph, first_member, quotient_graph


def split_cycles(graph: LabeledGraph, groups: Sequence[Group]) -> list[Group]:
    """Return groups without those that lead back to themselves over others, though no member does.

    Such a group is split, as often as it takes, into what comes before the others and what after.

    >>> from lamina_graph.render.folding.groups import labeled_graph
    >>> detour = labeled_graph("abc", [(0, 1), (1, 2), (0, 2)])
    >>> [group.members for group in split_cycles(detour, [Group((0, 2)), Group((1,))])]
    [(0,), (1,), (2,)]
    """
    result = list(groups)
    circular = {node for nodes in _rings(graph) for node in nodes}
    while True:
        rings = [
            ring for ring in _rings(quotient_graph(graph, result)) if not circular & _members(result, ring)
        ]
        splits = [split for ring in rings for split in _splits(graph, result, ring)]
        if not splits:
            return sorted(result, key=first_member)
        result = min(splits, key=lambda split: sum(map(len, _rings(quotient_graph(graph, split)))))


def _rings(graph: LabeledGraph) -> list[list[int]]:
    return [ring for ring in strongly_connected_components(graph.successors) if len(ring) > 1]


def _members(groups: Sequence[Group], chosen: Iterable[int]) -> set[int]:
    return {member for i in chosen for member in groups[i].members}


def _splits(graph: LabeledGraph, groups: Sequence[Group], ring: Sequence[int]) -> Iterable[list[Group]]:
    """Yield groups with one of a ring split, in each way that keeps what comes earlier on from the rest."""
    owner = {member: i for i in ring for member in groups[i].members}
    depth = dict.fromkeys(owner, 0)
    for node in topological_order(graph.successors):
        for other in graph.successors[node] if node in owner else ():
            if other in owner:
                depth[other] = max(depth[other], depth[node] + (owner[node] != owner[other]))
    for i in sorted(ring):
        whole = groups[i]
        for level in sorted({depth[member] for member in whole.members})[1:]:
            early = tuple(member for member in whole.members if depth[member] < level)
            late = tuple(member for member in whole.members if depth[member] >= level)
            yield [*groups[:i], *(replace(whole, members=part) for part in (early, late)), *groups[i + 1 :]]
