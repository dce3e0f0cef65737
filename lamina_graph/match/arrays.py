"""The two graphs of a matching as arrays, numbered so that neither ids nor a file's order decide anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lamina_graph.graph import Adjacency
from lamina_graph.match.problem import Problem, by_stamp, title

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Colors = NDArray[np.uint64]

_MOST_ROUNDS = 24
"""Rounds of refinement: colours of long chains grow by a step each, and farther off they seed no better."""


@dataclass(frozen=True)
class GraphArrays:
    """One graph. Its nodes are ordered by their colour, those of one colour by stamp, then by id.

    Attributes:
        nodes: the number of each node in its `Adjacency`.
        types, titles: a number for each type and each title, the same in both graphs.
        rank: the place of each node in the order of stamps.
        edges: tails and heads, in order.
        by_type, by_title: for each round of refinement the colour of each node, from types or titles.
    """

    nodes: Ints
    types: Ints
    titles: Ints
    rank: Ints
    edges: Ints
    by_type: tuple[Colors, ...]
    by_title: tuple[Colors, ...]

    def __len__(self) -> int:
        return len(self.nodes)

    @cached_property
    def successors(self) -> list[list[int]]:
        """For each node, the nodes that it feeds."""
        return _neighbor_lists(len(self), self.edges[0], self.edges[1])

    @cached_property
    def predecessors(self) -> list[list[int]]:
        """For each node, the nodes that feed it."""
        return _neighbor_lists(len(self), self.edges[1], self.edges[0])


@dataclass(frozen=True)
class GraphPair:
    """Both graphs.

    Attributes:
        one, two: the graphs.
        pinned: for each node of `one` the node of `two` that its id gives, else -1.
        has_own_titles: whether titles tell apart nodes of one type.
        evidence: what else speaks for a node of `one` to be one of `two`.
    """

    one: GraphArrays
    two: GraphArrays
    pinned: Ints
    has_own_titles: bool
    evidence: dict[tuple[int, int], int]

    @cached_property
    def free(self) -> tuple[Ints, Ints]:
        """The nodes of either graph that are not pinned."""
        return np.flatnonzero(self.pinned < 0), np.setdiff1d(np.arange(len(self.two)), self.pinned)

    def kept_edges(self, matching: Ints) -> Mask:
        """Return which edges of `one` have their counterpart in `two` under a matching."""
        size = len(self.two)
        tails, heads = matching[self.one.edges]
        kept = np.isin(tails * size + heads, self.two.edges[0] * size + self.two.edges[1])
        kept[(tails < 0) | (heads < 0)] = False
        return kept

    def image(self, matching: Ints) -> list[int]:
        """Return a matching of `one` to `two` as what it says of each old node: its new node or -1."""
        result = [-1] * len(self.one)
        for u, v in enumerate(matching.tolist()):
            if v >= 0:
                result[self.one.nodes[u]] = int(self.two.nodes[v])
        return result


def to_arrays(problem: Problem) -> GraphPair:
    """Return the graphs of a problem as arrays."""
    old, new = problem.old, problem.new
    n = len(old)
    types = _to_numbers([*old.types, *new.types])
    titles = _to_numbers([title(adj, node) for adj in (old, new) for node in range(len(adj))])
    edges = _columns(old.edges + [(s + n, t + n) for s, t in new.edges])
    pairs = _columns([(u, v + n) for u, v in enumerate(problem.pinned) if v >= 0])
    by_type = _refine(types, edges, pairs)
    both = types * (titles.max(initial=0) + 1) + titles
    has_own_titles = len(np.unique(both)) > len(np.unique(types))
    by_title = _refine(both, edges, pairs) if has_own_titles else by_type
    columns = (types, titles, by_type, by_title)
    one, two = (
        _graph_arrays(adj, part, edges, columns)
        for adj, part in ((old, slice(0, n)), (new, slice(n, n + len(new))))
    )
    old_place, new_place = np.argsort(one.nodes), np.argsort(two.nodes)
    pinned = np.full(n, -1, np.int64)
    pinned[old_place[pairs[0]]] = new_place[pairs[1] - n]
    evidence = {(int(old_place[u]), int(new_place[v])): value for (u, v), value in problem.evidence.items()}
    return GraphPair(one, two, pinned, has_own_titles, evidence)


def _graph_arrays(
    adj: Adjacency, part: slice, edges: Ints, columns: tuple[Ints, Ints, list[Colors], list[Colors]]
) -> GraphArrays:
    """The arrays of one graph from those of both, of which it is a part."""
    types, titles, by_type, by_title = columns
    rank = np.argsort(np.array(by_stamp(adj, list(range(len(adj)))), dtype=np.int64))
    nodes = np.lexsort((rank, by_title[-1][part], by_type[-1][part]))
    own = np.argsort(nodes)[edges[:, (edges[0] >= part.start) & (edges[0] < part.stop)] - part.start]
    return GraphArrays(
        nodes,
        types[part][nodes],
        titles[part][nodes],
        rank[nodes],
        own[:, np.lexsort((own[1], own[0]))],
        tuple(colors[part][nodes] for colors in by_type),
        tuple(colors[part][nodes] for colors in by_title),
    )


def _refine(seeds: Ints, edges: Ints, pairs: Ints) -> list[Colors]:
    """Colour refinement (Weisfeiler and Leman 1968) by hashing; a pair that is pinned has one colour."""
    tails, heads = edges
    rounds = [_mix(seeds.astype(np.uint64))]
    count = 0
    for _ in range(_MOST_ROUNDS):
        colors = rounds[-1].copy()
        colors[pairs[0]] = colors[pairs[1]] = _mix(colors[pairs[0]] + colors[pairs[1]])
        into, out = np.zeros_like(colors), np.zeros_like(colors)
        np.add.at(into, heads, _mix(colors[tails] + np.uint64(1)))
        np.add.at(out, tails, _mix(colors[heads] + np.uint64(2)))
        rounds.append(_mix(colors + _mix(into + np.uint64(3)) + _mix(out + np.uint64(4))))
        before, count = count, len(np.unique(rounds[-1]))
        if count == before:
            break
    return rounds


def _mix(value: Colors) -> Colors:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): scatters neighbouring numbers."""
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _to_numbers(values: Sequence[str]) -> Ints:
    number = {value: i for i, value in enumerate(sorted(set(values)))}
    return np.array([number[value] for value in values], dtype=np.int64)


def _columns(pairs: Sequence[tuple[int, int]]) -> Ints:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2).T


def _neighbor_lists(size: int, nodes: Ints, neighbors: Ints) -> list[list[int]]:
    result: list[list[int]] = [[] for _ in range(size)]
    for node, neighbor in zip(nodes.tolist(), neighbors.tolist(), strict=True):
        result[node].append(neighbor)
    return result
