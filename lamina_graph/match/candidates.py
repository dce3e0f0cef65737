"""What is left to decide, as lists: which free nodes may pair up, and which edges would then be kept."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from lamina_graph.match.arrays import GraphPair, Ints, Mask


@dataclass(frozen=True, slots=True)
class Weights:
    """What a pair scores: for its type, its title, its evidence; an edge kept scores twice as `type`."""

    type: int
    title: int
    evidence: dict[tuple[int, int], int]


@dataclass(frozen=True)
class ExclusionGroup:
    """Edge pairs of which a matching keeps one at most, if it has their pair of nodes at all.

    They share an edge of one graph, and at one end of it the pair of nodes.

    Attributes:
        order: the edge pairs, group by group.
        starts: where each group starts in `order`.
        owner: the pair of nodes of each group.
        number: the group of each edge pair.
    """

    order: Ints
    starts: Ints
    owner: Ints
    number: Ints

    @property
    def sizes(self) -> Ints:
        """How many edge pairs each group has."""
        return np.diff(self.starts, append=len(self.order))


@dataclass(frozen=True)
class CandidatePairs:
    """Candidate pairs of free nodes, and pairs of edges that both would be kept.

    Attributes:
        type_weight: what a pair of one type scores; more than all titles together.
        shape: how many nodes are free on either side.
        one, two: the two nodes of each pair, by their number among the free ones.
        weights: what each pair scores by itself.
        edge_pairs: for each edge pair, its edge on either side.
        endpoints: for each edge pair, its pair of tails and its pair of heads.
        groups: the four ways in which edge pairs exclude each other.
    """

    type_weight: int
    shape: tuple[int, int]
    one: Ints
    two: Ints
    weights: Ints
    edge_pairs: tuple[Ints, Ints]
    endpoints: tuple[Ints, Ints]
    groups: tuple[ExclusionGroup, ...]

    def __len__(self) -> int:
        return len(self.one)

    @property
    def work(self) -> int:
        """How many entries a round visits."""
        return self.shape[0] * self.shape[1] + len(self) + len(self.groups) * len(self.edge_pairs[0])

    def only(self, pairs: Mask, edge_pairs: Mask) -> "CandidatePairs":
        """Return what is left when only some pairs and edge pairs may still be taken."""
        edge_pairs = edge_pairs & pairs[self.endpoints[0]] & pairs[self.endpoints[1]]
        new_pair, new_edge_pair = np.cumsum(pairs) - 1, np.cumsum(edge_pairs) - 1
        edges = self.edge_pairs[0][edge_pairs], self.edge_pairs[1][edge_pairs]
        ends = new_pair[self.endpoints[0][edge_pairs]], new_pair[self.endpoints[1][edge_pairs]]
        orders = (new_edge_pair[group.order[edge_pairs[group.order]]] for group in self.groups)
        return replace(
            self,
            one=self.one[pairs],
            two=self.two[pairs],
            weights=self.weights[pairs],
            edge_pairs=edges,
            endpoints=ends,
            groups=_exclusion_groups(orders, edges, ends),
        )


_SIDES_AND_ENDS = ((0, 0), (1, 0), (0, 1), (1, 1))
"""An edge pair is one of many for its edge on one side, given the pair of nodes at one of its ends."""


def count_pairs(graphs: GraphPair) -> tuple[int, int]:
    """Return how many pairs and how many edge pairs all pairs would be."""
    some, others = graphs.free
    edges = (
        _inner_edges(side.edges, free, len(side))
        for side, free in zip((graphs.one, graphs.two), graphs.free, strict=True)
    )
    one, two = (ends.shape[1] for ends in edges)
    return len(some) * len(others), one * two


def all_pairs(graphs: GraphPair, weights: Weights) -> CandidatePairs:
    """Return every pair of free nodes and every pair of edges between them."""
    some, others = graphs.free
    one, two = graphs.one, graphs.two
    table = weights.type * (one.types[some][:, None] == two.types[others])
    table += weights.title * (one.titles[some][:, None] == two.titles[others])
    table += 2 * weights.type * _edges_to_pinned(graphs)
    for (u, v), value in weights.evidence.items():
        table[np.searchsorted(some, u), np.searchsorted(others, v)] += value
    n, m = table.shape
    e, f = _inner_edges(one.edges, some, len(one)), _inner_edges(two.edges, others, len(two))
    every = np.arange(e.shape[1] * f.shape[1])
    first, second = np.divmod(every, max(f.shape[1], 1))
    ends = e[0][first] * m + f[0][second], e[1][first] * m + f[1][second]
    grid = every.reshape(e.shape[1], f.shape[1])
    by_head = np.argsort(e[1], kind="stable"), np.argsort(f[1], kind="stable")
    orders = (grid.ravel(), grid.T.ravel(), grid[:, by_head[1]].ravel(), grid[by_head[0]].T.ravel())
    groups = _exclusion_groups(orders, (first, second), ends)
    left, right = np.divmod(np.arange(n * m), max(m, 1))
    return CandidatePairs(weights.type, (n, m), left, right, table.ravel(), (first, second), ends, groups)


def _exclusion_groups(
    orders: Iterable[Ints], edges: tuple[Ints, Ints], ends: tuple[Ints, Ints]
) -> tuple[ExclusionGroup, ...]:
    return tuple(
        _exclusion_group(order, edges[side], ends[end])
        for order, (side, end) in zip(orders, _SIDES_AND_ENDS, strict=True)
    )


def _exclusion_group(order: Ints, edges: Ints, pairs: Ints) -> ExclusionGroup:
    if not len(order):
        return ExclusionGroup(order, order, order, order)
    edge, pair = edges[order], pairs[order]
    first = np.concatenate(([True], (edge[1:] != edge[:-1]) | (pair[1:] != pair[:-1])))
    starts = np.flatnonzero(first)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.cumsum(first) - 1
    return ExclusionGroup(order, starts, pair[starts], number)


def _inner_edges(edges: Ints, nodes: Ints, size: int) -> Ints:
    """The edges between the nodes given, self-loops aside, by the numbers of these nodes."""
    number = np.full(size, -1)
    number[nodes] = np.arange(len(nodes))
    ends = number[edges]
    return ends[:, (ends >= 0).all(axis=0) & (edges[0] != edges[1])]


def _edges_to_pinned(graphs: GraphPair) -> Ints:
    """For each pair, how many edges to pinned nodes, and loops, it keeps whatever else is matched."""
    one, two = graphs.one, graphs.two
    some, others = graphs.free
    counts = np.zeros((len(some), len(others)), dtype=np.int64)
    row, column = np.full(len(one), -1), np.full(len(two), -1)
    row[some], column[others] = np.arange(len(some)), np.arange(len(others))
    for free_end, pinned_end in ((0, 1), (1, 0)):
        columns: dict[int, list[int]] = {}
        for y, v in zip(two.edges[pinned_end].tolist(), column[two.edges[free_end]].tolist(), strict=True):
            if v >= 0:
                columns.setdefault(y, []).append(v)
        targets = graphs.pinned[one.edges[pinned_end]].tolist()
        for u, y in zip(row[one.edges[free_end]].tolist(), targets, strict=True):
            if u >= 0 and y in columns:
                counts[u, columns[y]] += 1
    loops = [
        np.isin(np.arange(len(side)), side.edges[0][side.edges[0] == side.edges[1]]) for side in (one, two)
    ]
    return counts + (loops[0][some][:, None] & loops[1][others])
