"""Which nodes fold to one card: same-shaped parallel branches, helpers of one node, straight chains.

Nodes are numbers here, and what they look like decides, not what they are called. Nodes that look alike and
stand in like places are found by colour refinement (Weisfeiler and Leman 1968), in passes along the edges and
against them. What then has no like is shared by the branches around it: taken away, the branches fall apart,
and those of one shape with the same neighbours fold, together with what folds inside each of them. So a line
between two folded cards always means the same: a member is joined to the member of its own branch.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from lamina_graph.graph import (
    connected_components,
    induced_subgraph,
    stable_colors,
    topological_order,
)
from lamina_graph.render.scenes.scene import neighbor_lists

Pair = tuple[int, int]
Key = tuple[int, int]
Branch = tuple[int, ...]
Kind = Literal["none", "parallel", "helpers", "chain", "stage"]

_DEEPEST = 20  # branches within branches: each has at most half of the nodes of the one around it
_SHORTEST_CHAIN = 3
_LEAST_SAVED = 2  # cards
_LARGEST_ROW = 2_000  # nodes of a graph in which rows are looked for
_LEAST_IN_ROW = 3  # nodes, with two branches between them


@dataclass(frozen=True, slots=True)
class Group:
    """The nodes that one card stands for.

    Attributes:
        members: their numbers, branch by branch; within a chain along it.
        times: how many branches there are.
        by: what makes them one; of what folds both ways, the inner one.
    """

    members: tuple[int, ...]
    times: int = 1
    by: Kind = "none"

    @property
    def branches(self) -> list[tuple[int, ...]]:
        """The members of each branch."""
        size = len(self.members) // self.times
        return [self.members[start : start + size] for start in range(0, len(self.members), size)]


class LabeledGraph(NamedTuple):
    """A graph whose nodes are numbers.

    Attributes:
        labels: what each node looks like; only nodes of equal labels fold to one.
        successors, predecessors: the neighbours of each node.
        names: what decides which of two twins comes first.
    """

    labels: Sequence[Hashable]
    successors: Sequence[Sequence[int]]
    predecessors: Sequence[Sequence[int]]
    names: Sequence[str]


def labeled_graph(
    labels: Sequence[Hashable], edges: Iterable[Pair], names: Sequence[str] = ()
) -> LabeledGraph:
    """Return a graph by its edges.

    >>> labeled_graph("ab", [(0, 1)]).successors
    [[1], []]
    """
    successors, predecessors = neighbor_lists(len(labels), dict.fromkeys(edges))
    return LabeledGraph(labels, successors, predecessors, names or [""] * len(labels))


def fold(graph: LabeledGraph, chainable: Collection[int] = (), helpers: Collection[int] = ()) -> list[Group]:
    """Return the nodes in groups, each node in one: parallel branches, then what serves or runs on in them.

    Args:
        graph: the nodes and edges.
        chainable: the nodes that a chain may fold away.
        helpers: the nodes that fold where all of them only lead to one other.

    >>> fan = labeled_graph("sabab", [(0, 1), (1, 2), (0, 3), (3, 4)])
    >>> [(group.members, group.times) for group in fold(fan)]
    [((0,), 1), ((1, 3), 2), ((2, 4), 2)]
    >>> fold(labeled_graph("abcd", [(0, 1), (1, 2), (2, 3)]), chainable={0, 1, 2})[0].by
    'chain'
    >>> fold(labeled_graph("abcd", [(0, 3), (1, 3), (2, 3)]), helpers={0, 1, 2})[0].by
    'helpers'
    """
    groups = fold_sequence(graph) or fold_branches(graph)
    return fold_chains(graph, fold_helpers(graph, groups, helpers), chainable)


def fold_sequence(graph: LabeledGraph) -> list[Group]:
    """Return the nodes in groups, in which branches between the inputs of a row are one.

    Five clips between six frames are a card of five and one of six: each clip stands between two frames, so
    that no two clips hang on the same nodes. Without such a row there is nothing to return.

    >>> edges = [(0, 4), (1, 4), (1, 5), (2, 5), (2, 6), (3, 6), (4, 7), (5, 8), (6, 9)]
    >>> [group.members for group in fold_sequence(labeled_graph("ffffcccddd", edges))]
    [(0, 1, 2, 3), (4, 5, 6), (7, 8, 9)]
    """
    if len(graph.labels) > _LARGEST_ROW:
        return []
    count = Counter(graph.labels)
    single = {node for node, label in enumerate(graph.labels) if count[label] == 1}
    rows: dict[Hashable, list[int]] = {}
    for node, label in enumerate(graph.labels):
        if not graph.predecessors[node] and graph.successors[node]:
            rows.setdefault(label, []).append(node)
    for row in rows.values():
        branches = _between(graph, set(row), single) if len(row) > _LEAST_IN_ROW else []
        if branches:
            folded = [row, *map(list, zip(*branches, strict=True))]
            inside = {node for nodes in folded for node in nodes}
            groups = [Group(tuple(nodes), len(nodes), "parallel") for nodes in folded]
            groups += [Group((node,)) for node in range(len(graph.labels)) if node not in inside]
            return sorted(groups, key=first_member)
    return []


def _between(graph: LabeledGraph, row: set[int], single: set[int]) -> list[Branch]:
    """The branches between the nodes of a row, all but one as many; empty where they are not alike."""
    kept = [node for node in range(len(graph.labels)) if node not in single and node not in row]
    after, before = (induced_subgraph(side, kept) for side in (graph.successors, graph.predecessors))
    looks = [
        (
            graph.labels[node],
            sum(other in row for other in graph.predecessors[node]),
            *(sorted(single.intersection(side[node])) for side in (graph.predecessors, graph.successors)),
        )
        for node in kept
    ]
    colors = stable_colors(list(map(repr, looks)), after, before)
    shapes: dict[tuple[int, ...], list[list[int]]] = {}
    for part in connected_components(after):
        part = sorted(part, key=lambda i: (colors[i], graph.names[kept[i]], i))
        shapes.setdefault(tuple(colors[i] for i in part), []).append(part)
    for parts in shapes.values():
        branches = [tuple(kept[i] for i in part) for part in parts]
        ends = [{other for node in branch for other in graph.predecessors[node]} for branch in branches]
        fed = Counter(other for end in ends for other in end.intersection(row))
        alike = all(
            colors[i] != colors[j]
            or (sorted(after[i]), sorted(before[i])) == (sorted(after[j]), sorted(before[j]))
            for part in parts
            for i, j in pairwise(part)
        )
        if alike and len(branches) == len(row) - 1 and sorted(fed.values()) == [1, 1, *[2] * (len(row) - 2)]:
            return branches
    return []


def fold_branches(graph: LabeledGraph) -> list[Group]:
    """Return the nodes in groups, in which same-shaped parallel branches are one."""
    groups = _BranchSearch(graph).fold(range(len(graph.labels))).values()
    return sorted(
        (Group(tuple(nodes), len(nodes), "parallel" if len(nodes) > 1 else "none") for nodes in groups),
        key=first_member,
    )


def interchangeable_branches(graph: LabeledGraph) -> list[list[Branch]]:
    """Return the sets of parallel branches of one shape, the outer ones before those within them.

    >>> interchangeable_branches(labeled_graph("aaa", [(0, 1), (0, 2)]))
    [[(1,), (2,)]]
    """
    search = _SiblingSearch(graph)
    search.fold(range(len(graph.labels)))
    return search.sets[::-1]


def fold_helpers(graph: LabeledGraph, groups: Sequence[Group], helpers: Collection[int]) -> list[Group]:
    """Return groups of which those that only serve one other are one."""
    quotient = quotient_graph(graph, groups)
    served = list(range(len(groups)))
    for node in reversed(topological_order(quotient.successors, break_cycles=True)):
        ends = {served[other] for other in quotient.successors[node] if other != node}
        if len(ends) == 1 and all(member in helpers for member in groups[node].members):
            (end,) = ends
            served[node] = end if groups[end].times == groups[node].times else node
    rows: dict[int, list[int]] = {}
    for node, end in enumerate(served):
        if node != end:
            rows.setdefault(end, []).append(node)
    return _merge_rows(groups, [row for row in rows.values() if len(row) > 1], "helpers")


def fold_chains(graph: LabeledGraph, groups: Sequence[Group], chainable: Collection[int]) -> list[Group]:
    """Return groups of which straight chains are one.

    A chain goes on as long as a card has one line out and the next one line in; all of it is chainable.
    """
    quotient = quotient_graph(graph, groups)
    following: dict[int, int] = {}
    for node, targets in enumerate(quotient.successors):
        if len(targets) == 1 and len(quotient.predecessors[targets[0]]) == 1:
            ends = groups[node], groups[targets[0]]
            inner = all(member in chainable for end in ends for member in end.members)
            if inner and ends[0].times == ends[1].times:
                following[node] = targets[0]
    chains = [chain for chain in _chains(following) if len(chain) >= _SHORTEST_CHAIN]
    return _merge_rows(groups, chains, "chain")


def quotient_graph(graph: LabeledGraph, groups: Sequence[Group]) -> LabeledGraph:
    """Return the graph of groups: two are joined where members are; an edge of a node to itself stays.

    >>> chain = labeled_graph("abc", [(0, 1), (1, 2)])
    >>> quotient_graph(chain, [Group((0, 1)), Group((2,))]).successors
    [[1], []]
    """
    owner = {member: i for i, group in enumerate(groups) for member in group.members}
    edges = (
        (owner[source], owner[target])
        for source, targets in enumerate(graph.successors)
        for target in targets
        if owner[source] != owner[target] or source == target
    )
    return labeled_graph(groups, edges)


def first_member(group: Group) -> int:
    """Return what groups are sorted by."""
    return min(group.members)


def _chains(following: Mapping[int, int]) -> Iterable[list[int]]:
    """The rows of a successor relation, each from its start; what only runs in a circle has none."""
    for start in following.keys() - set(following.values()):
        chain = [start]
        while chain[-1] in following:
            chain.append(following[chain[-1]])
        yield chain


def _merge_rows(groups: Sequence[Group], rows: Sequence[Sequence[int]], by: Kind) -> list[Group]:
    """The groups, those of a row as one, branch by branch: they have as many branches each."""
    merged = {i for row in rows for i in row}
    result = [group for i, group in enumerate(groups) if i not in merged]
    for row in rows:
        branches = zip(*(groups[i].branches for i in row), strict=True)
        members = tuple(member for branch in branches for part in branch for member in part)
        result.append(Group(members, groups[row[0]].times, by))
    return sorted(result, key=first_member)


class _BranchSearch:
    """The search for parallel branches."""

    def __init__(self, graph: LabeledGraph) -> None:
        self.graph = graph
        self.color = stable_colors(graph.labels, graph.successors, graph.predecessors)

    def fold(self, nodes: Sequence[int], depth: int = 0) -> dict[Key, list[int]]:
        """Return groups of some nodes by place: a key that is the same in each branch of a shape."""
        count = Counter(self.color[node] for node in nodes)
        shared = [node for node in nodes if count[self.color[node]] == 1]
        if len(shared) == len(nodes) or depth == _DEEPEST:
            return self._singles(nodes)
        parts = self._parts(nodes, shared)
        if len(parts) == 1 and not shared:
            shared = self._rarest(nodes, count)
            parts = self._parts(nodes, shared)
        groups = self._singles(shared)
        self._fold_parts(parts, groups, depth)
        return groups

    def _singles(self, nodes: Iterable[int]) -> dict[Key, list[int]]:
        """Each node as a group of its own."""
        groups: dict[Key, list[int]] = {}
        for node in nodes:
            _put(groups, (self.color[node], 0), [node])
        return groups

    def _fold_parts(self, parts: Sequence[list[int]], groups: dict[Key, list[int]], depth: int) -> None:
        """Fold what lies apart, where it has one shape and the same neighbours."""
        by_shape: dict[Hashable, list[dict[Key, list[int]]]] = {}
        for i, part in enumerate(parts):
            branch = self.fold(part, depth + 1)
            by_shape.setdefault(self._shape(branch) or i, []).append(branch)
        for branches in by_shape.values():
            if self._saves(branches):
                for key in branches[0]:
                    _put(groups, key, [member for branch in branches for member in branch[key]])
            else:
                for branch in sorted(branches, key=self._order):
                    for key, members in branch.items():
                        _put(groups, key, members)

    def _saves(self, branches: Sequence[Mapping[Key, Sequence[int]]]) -> bool:
        """Whether branches of one shape are to be one: some cards fewer are worth it."""
        return (len(branches) - 1) * len(branches[0]) >= _LEAST_SAVED

    def _order(self, branch: Mapping[Key, Sequence[int]]) -> tuple[str, int]:
        first = min(member for members in branch.values() for member in members)
        return self.graph.names[first], first

    def _shape(self, branch: Mapping[Key, Sequence[int]]) -> Hashable | None:
        """What branches that may fold have in common; None where places in this one cannot be told apart."""
        if any(key[1] and not self._interchangeable(branch, key) for key in branch):
            return None
        place: dict[int, tuple[int, ...]] = {
            member: key for key, members in branch.items() for member in members
        }
        return tuple(
            sorted(
                (key, len(members), *self._neighbors(members[0], place)) for key, members in branch.items()
            )
        )

    def _interchangeable(self, branch: Mapping[Key, Sequence[int]], key: Key) -> bool:
        """Whether a twin hangs on the same nodes as the first of its colour: either may come first."""
        first, other = branch[key[0], 0][0], branch[key][0]
        return all(sorted(side[first]) == sorted(side[other]) for side in self._sides)

    def _neighbors(
        self, node: int, place: Mapping[int, tuple[int, ...]]
    ) -> Iterable[tuple[tuple[int, ...], ...]]:
        """The neighbours of a node, on either side: those within a branch by place, others by number."""
        for side in self._sides:
            yield tuple(sorted(place.get(other, (other,)) for other in side[node]))

    @property
    def _sides(self) -> tuple[Sequence[Sequence[int]], Sequence[Sequence[int]]]:
        return self.graph.predecessors, self.graph.successors

    def _parts(self, nodes: Sequence[int], without: Collection[int]) -> list[list[int]]:
        """The connected components of some nodes without some."""
        rest = sorted(set(nodes) - set(without))
        components = connected_components(induced_subgraph(self.graph.successors, rest))
        return [[rest[i] for i in component] for component in components]

    def _rarest(self, nodes: Sequence[int], count: Mapping[int, int]) -> list[int]:
        """Where no node is without a like: the nodes of the rarest kind, to be kept apart from the rest."""
        rarest = min(nodes, key=lambda node: (count[self.color[node]], node))
        return [node for node in nodes if self.color[node] == self.color[rarest]]


class _SiblingSearch(_BranchSearch):
    """The search for branches that could change places, however little it would save to fold them."""

    def __init__(self, graph: LabeledGraph) -> None:
        super().__init__(graph)
        self.sets: list[list[Branch]] = []

    def _saves(self, branches: Sequence[Mapping[Key, Sequence[int]]]) -> bool:
        if len(branches) > 1:
            keys = sorted(branches[0])
            self.sets.append([tuple(member for key in keys for member in branch[key]) for branch in branches])
        return len(branches) > 1


def _put(groups: dict[Key, list[int]], key: Key, members: list[int]) -> None:
    """Put in a group below its key, or below the next one of its colour that is free."""
    color, rank = key
    while (color, rank) in groups:
        rank += 1
    groups[color, rank] = members
