"""What is left to decide, as lists: which free nodes may pair up, and which edges would then be kept.

A matching earns what `problem` says: `unit` for each pair of one type and twice that for each edge kept, less
for titles kept, so that the most earned is the least edit cost, and among those the most titles.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lamina_graph.match.arrays import Arena, Ints

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Weights:
    """What a pair of nodes earns: for its type, its title, its likeness; an edge kept earns `kind` twice."""

    kind: int
    title: int
    likeness: dict[tuple[int, int], int]


@dataclass(frozen=True)
class Group:
    """Edge pairs of which a matching keeps one at most, if it has their pair of nodes at all.

    They share an edge of one graph, and at one end of it the pair of nodes.

    Attributes:
        order: the edge pairs, group by group.
        starts: where each group starts in `order`.
        owner: the pair of nodes of each group.
        number: the number of the group of each edge pair.
    """

    order: Ints
    starts: Ints
    owner: Ints
    number: Ints

    @property
    def sizes(self) -> Ints:
        """How many edge pairs each group has."""
        return np.diff(self.starts, append=len(self.order))

    def only(self, kept: Mask, place: Ints, edges: Ints, pairs: Ints) -> "Group":
        """Return the groups of the edge pairs that are kept, as they are numbered then."""
        order = self.order[kept[self.order]]
        return _grouped(place[order], edges, pairs)


@dataclass(frozen=True)
class Pairs:
    """Candidate pairs of free nodes, and pairs of edges that both would be kept.

    Attributes:
        unit: what a pair of one type earns; more than all titles together.
        shape: how many nodes are free on either side.
        one, two: the two nodes of each pair, by their number among the free ones.
        worth: what each pair earns by itself.
        kept: for each edge pair, its edge on either side.
        ends: for each edge pair, its pair of tails and its pair of heads.
        groups: the four ways in which edge pairs exclude each other.
    """

    unit: int
    shape: tuple[int, int]
    one: Ints
    two: Ints
    worth: Ints
    kept: tuple[Ints, Ints]
    ends: tuple[Ints, Ints]
    groups: tuple[Group, ...]

    def __len__(self) -> int:
        return len(self.one)

    @property
    def work(self) -> int:
        """How many entries a round visits."""
        return self.shape[0] * self.shape[1] + len(self) + len(self.groups) * len(self.kept[0])

    def only(self, pairs: Mask, edge_pairs: Mask) -> "Pairs":
        """Return what is left when only some pairs and edge pairs may still be taken."""
        edge_pairs = edge_pairs & pairs[self.ends[0]] & pairs[self.ends[1]]
        new_pair, new_edge_pair = np.cumsum(pairs) - 1, np.cumsum(edge_pairs) - 1
        kept = self.kept[0][edge_pairs], self.kept[1][edge_pairs]
        ends = new_pair[self.ends[0][edge_pairs]], new_pair[self.ends[1][edge_pairs]]
        groups = tuple(
            group.only(edge_pairs, new_edge_pair, kept[side], ends[end])
            for group, (side, end) in zip(self.groups, _WAYS, strict=True)
        )
        return replace(
            self,
            one=self.one[pairs],
            two=self.two[pairs],
            worth=self.worth[pairs],
            kept=kept,
            ends=ends,
            groups=groups,
        )


# An edge pair is one of many for its edge on one side, given the pair of nodes at one of its ends.
_WAYS = ((0, 0), (1, 0), (0, 1), (1, 1))


def free(arena: Arena) -> tuple[Ints, Ints]:
    """Return the nodes on either side that are not fixed."""
    taken = np.zeros(len(arena.two), dtype=bool)
    taken[arena.fixed[arena.fixed >= 0]] = True
    return np.flatnonzero(arena.fixed < 0), np.flatnonzero(~taken)


def size(arena: Arena) -> tuple[int, int]:
    """Return how many pairs and how many edge pairs all pairs would be."""
    some, others = free(arena)
    edges = _inner(arena.one.edges, some, len(arena.one)), _inner(arena.two.edges, others, len(arena.two))
    return len(some) * len(others), edges[0].shape[1] * edges[1].shape[1]


def all_pairs(arena: Arena, weights: Weights) -> Pairs:
    """Return every pair of free nodes and every pair of edges between them."""
    unit = weights.kind
    some, others = free(arena)
    e = _inner(arena.one.edges, some, len(arena.one))
    f = _inner(arena.two.edges, others, len(arena.two))
    worth = unit * (arena.one.kinds[some][:, None] == arena.two.kinds[others])
    worth += weights.title * (arena.one.titles[some][:, None] == arena.two.titles[others])
    for (u, v), value in weights.likeness.items():
        worth[np.searchsorted(some, u), np.searchsorted(others, v)] += value
    worth += 2 * unit * _kept_with_fixed(arena, some, others)
    n, m = worth.shape
    one, two = np.divmod(np.arange(n * m), max(m, 1))
    kept = np.divmod(np.arange(e.shape[1] * f.shape[1]), max(f.shape[1], 1))
    tails, heads = (e[end][kept[0]] * m + f[end][kept[1]] for end in (0, 1))
    ends = tails, heads
    orders = _orders(e, f)
    groups = tuple(
        _grouped(order, kept[side], ends[end]) for order, (side, end) in zip(orders, _WAYS, strict=True)
    )
    return Pairs(unit, (n, m), one, two, worth.ravel(), kept, ends, groups)


def _orders(e: Ints, f: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """The edge pairs sorted as each way of grouping needs them."""
    table = np.arange(e.shape[1] * f.shape[1]).reshape(e.shape[1], f.shape[1])
    by_head = np.argsort(e[1], kind="stable"), np.argsort(f[1], kind="stable")
    return (
        table.ravel(),
        table.T.ravel(),
        table[:, by_head[1]].ravel(),
        table[by_head[0]].T.ravel(),
    )


def _grouped(order: Ints, edges: Ints, pairs: Ints) -> Group:
    if not len(order):
        return Group(order, order, order, order)
    edge, pair = edges[order], pairs[order]
    first = np.concatenate(([True], (edge[1:] != edge[:-1]) | (pair[1:] != pair[:-1])))
    starts = np.flatnonzero(first)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.cumsum(first) - 1
    return Group(order, starts, pair[starts], number)


def _inner(edges: Ints, nodes: Ints, size: int) -> Ints:
    """The edges between the nodes given, self-loops aside, by the numbers of these nodes."""
    number = np.full(size, -1)
    number[nodes] = np.arange(len(nodes))
    ends = number[edges]
    return ends[:, (ends >= 0).all(axis=0) & (edges[0] != edges[1])]


def _kept_with_fixed(arena: Arena, some: Ints, others: Ints) -> Ints:
    """For each pair, how many edges to fixed nodes, and loops, it keeps whatever else is matched."""
    one, two = arena.one, arena.two
    counts = np.zeros((len(some), len(others)), dtype=np.int64)
    here, there = np.full(len(one), -1), np.full(len(two), -1)
    here[some], there[others] = np.arange(len(some)), np.arange(len(others))
    for a_end, b_end in ((0, 1), (1, 0)):
        feeding: dict[int, list[int]] = {}
        for at, node in zip(two.edges[b_end].tolist(), there[two.edges[a_end]].tolist(), strict=True):
            if node >= 0:
                feeding.setdefault(at, []).append(node)
        pairs = zip(here[one.edges[a_end]].tolist(), arena.fixed[one.edges[b_end]].tolist(), strict=True)
        for node, at in pairs:
            if node >= 0 and at >= 0 and at in feeding:
                counts[node, feeding[at]] += 1
    loops = _loops(one.edges, len(one))[some][:, None] & _loops(two.edges, len(two))[others]
    return counts + loops


def _loops(edges: Ints, size: int) -> Mask:
    result = np.zeros(size, dtype=bool)
    result[edges[0][edges[0] == edges[1]]] = True
    return result
