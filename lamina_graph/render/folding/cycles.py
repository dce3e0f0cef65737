"""Groups of nodes that make no cycle of what has none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from lamina_graph.graph import strongly_connected_components, topological_order
from lamina_graph.render.folding.groups import Group, LabeledGraph, first_member


def split_cycles(graph: LabeledGraph, groups: Sequence[Group]) -> list[Group]:
    """Return groups without those that lead back to themselves over others, though no member does.

    Such a group is split, as often as it takes, into what comes before the others and what after.

    >>> from lamina_graph.render.folding.groups import labeled_graph
    >>> detour = labeled_graph("abc", [(0, 1), (1, 2), (0, 2)])
    >>> [group.members for group in split_cycles(detour, [Group((0, 2)), Group((1,))])]
    [(0,), (1,), (2,)]
    """
    circular = {node for nodes in _rings(graph.successors) for node in nodes}
    place = {node: at for at, node in enumerate(topological_order(graph.successors))}
    waiting, result = _separate_rings(graph, groups)
    while waiting:
        ring = waiting.pop()
        members = {member for group in ring for member in group.members}
        splits = [] if circular & members else list(_splits(graph, place, ring))
        if splits:  # a split opens its own ring and no other: nothing else need be looked at
            rings, rest = min((_separate_rings(graph, split) for split in splits), key=_count_in_rings)
            waiting += rings
            result += rest
        else:
            result += ring
    return sorted(result, key=first_member)


def _rings(successors: Sequence[Sequence[int]]) -> list[list[int]]:
    return [ring for ring in strongly_connected_components(successors) if len(ring) > 1]


def _separate_rings(graph: LabeledGraph, groups: Sequence[Group]) -> tuple[list[list[Group]], list[Group]]:
    """Return which of some groups lead back to themselves, those of each ring in order, and the others."""
    owner = {member: i for i, group in enumerate(groups) for member in group.members}
    successors = [
        {owner[other] for node in group.members for other in graph.successors[node] if other in owner} - {i}
        for i, group in enumerate(groups)
    ]
    rings = [sorted(ring) for ring in _rings(list(map(list, successors)))]
    circular = {i for ring in rings for i in ring}
    rest = [group for i, group in enumerate(groups) if i not in circular]
    return [[groups[i] for i in ring] for ring in rings], rest


def _count_in_rings(separated: tuple[list[list[Group]], list[Group]]) -> int:
    return sum(map(len, separated[0]))


def _splits(graph: LabeledGraph, place: Mapping[int, int], ring: Sequence[Group]) -> Iterator[list[Group]]:
    """Yield a ring with one group split, in each way that keeps what comes earlier on from the rest."""
    owner = {member: i for i, group in enumerate(ring) for member in group.members}
    depth = dict.fromkeys(owner, 0)
    for node in sorted(owner.keys() & place.keys(), key=place.__getitem__):
        for other in graph.successors[node]:
            if other in owner:
                depth[other] = max(depth[other], depth[node] + (owner[node] != owner[other]))
    for i, whole in enumerate(ring):
        for level in sorted({depth[member] for member in whole.members})[1:]:
            early = tuple(member for member in whole.members if depth[member] < level)
            late = tuple(member for member in whole.members if depth[member] >= level)
            yield [*ring[:i], *(replace(whole, members=part) for part in (early, late)), *ring[i + 1 :]]
