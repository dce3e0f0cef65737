"""Good matchings without a proof: a first one from unique surroundings, and any one made better by swaps.

Seeds that spread along edges are the way of percolation graph matching (Yartseva and Grossglauser 2013;
Kazemi et al. 2015), here with refined colours for seeds. That a colour is unique on both sides proves
nothing: a matching of least cost may well part the two.
"""

from collections import defaultdict
from collections.abc import Iterator
from heapq import heappop, heappush

import numpy as np

from lamina_graph.match.arrays import Colors, GraphPair, Ints
from lamina_graph.match.evidence import MOST_EVIDENCE
from lamina_graph.match.problem import as_lookup

_RADII = (6, 4, 3, 2, 1, 0)
"""Rounds whose colours seed: six steps tell nearly all apart that can be; farther, edits spoil too many."""

_CROWD = 64
"""Neighbours of a hub are too many to try each with each; so many are tried, or pairs of one colour alone."""

_MOST_PASSES = 8
"""Passes of swaps; nearly all that there is to gain comes with the first two."""


def first_matching(graphs: GraphPair) -> Ints:
    """Return, in nearly linear time, a matching that keeps the pinned pairs and matches as many as can be."""
    growth = _SeedAndExtend(graphs)
    rounds = list(_seed_colors(graphs))
    for one, two in rounds:
        growth.match_unique(one, two)
    growth.seed()
    for one, two in rounds:
        growth.match_color_classes(one, two)
    return improve_by_swaps(graphs, fill(graphs, np.array(growth.image, dtype=np.int64)))


def fill(graphs: GraphPair, matching: Ints) -> Ints:
    """Return a matching that matches all it can: any pair is better than a node removed and another added."""
    left = np.flatnonzero(matching < 0)
    open_ = np.setdiff1d(np.arange(len(graphs.two)), matching)
    left, open_ = left[np.argsort(graphs.one.rank[left])], open_[np.argsort(graphs.two.rank[open_])]
    count = min(len(left), len(open_))
    result = matching.copy()
    result[left[:count]] = open_[:count]
    return result


def _seed_colors(graphs: GraphPair) -> Iterator[tuple[Colors, Colors]]:
    """The colours that seed: those of far surroundings before those of near ones, by title before by type."""
    colors = [(graphs.one.by_title, graphs.two.by_title), (graphs.one.by_type, graphs.two.by_type)]
    for radius in _RADII:
        for one, two in colors if graphs.has_own_titles else colors[1:]:
            if radius < len(one):
                yield one[radius], two[radius]


class _SeedAndExtend:
    """A matching that grows: each pair lets its neighbours vote for each other."""

    def __init__(self, graphs: GraphPair) -> None:
        one, two = graphs.one, graphs.two
        self.image: list[int] = graphs.pinned.tolist()
        self.taken = np.isin(np.arange(len(two)), graphs.pinned).tolist()
        self.types = one.types.tolist(), two.types.tolist()
        self.titles = one.titles.tolist(), two.titles.tolist()
        self.near = one.by_type[1].tolist(), two.by_type[1].tolist()
        self.neighbors = (one.successors, two.successors), (one.predecessors, two.predecessors)
        self.free = list(range(len(one))), list(range(len(two)))
        self.votes: dict[tuple[int, int], int] = defaultdict(int)
        self.heap: list[tuple[int, int, int]] = []

    def match_unique(self, one: Colors, two: Colors) -> None:
        """Match the nodes that alone have their colour among those still free."""
        for some, others in self._color_classes(one, two):
            if len(some) == len(others) == 1:
                self.image[some[0]], self.taken[others[0]] = others[0], True

    def seed(self) -> None:
        """Spread from all that is matched."""
        for u, v in enumerate(self.image):
            if v >= 0:
                self._vote(u, v)
        self._extend()

    def match_color_classes(self, one: Colors, two: Colors) -> None:
        """Match nodes of one colour as they come, the rarest colour first, and spread from each pair."""
        for some, others in self._color_classes(one, two):
            for u, v in zip(some, others, strict=False):
                if self.image[u] < 0 and not self.taken[v]:
                    self._pair(u, v)
                    self._extend()

    def _extend(self) -> None:
        """Match nodes that were voted for, the most votes first, until no vote is left."""
        while self.heap:
            _, u, v = heappop(self.heap)
            if self.image[u] < 0 and not self.taken[v]:
                self._pair(u, v)

    def _color_classes(self, one: Colors, two: Colors) -> list[tuple[list[int], list[int]]]:
        """The nodes of either side that are still free and have one colour, the rarest colour first."""
        self.free = (
            [u for u in self.free[0] if self.image[u] < 0],
            [v for v in self.free[1] if not self.taken[v]],
        )
        classes: tuple[dict[int, list[int]], ...] = defaultdict(list), defaultdict(list)
        for members, nodes, colors in zip(classes, self.free, (one, two), strict=True):
            for node, color in zip(nodes, colors[nodes].tolist(), strict=True):
                members[color].append(node)
        shared = [(nodes, classes[1][color]) for color, nodes in classes[0].items() if color in classes[1]]
        return sorted(shared, key=lambda pair: (len(pair[0]) + len(pair[1]), pair))

    def _pair(self, u: int, v: int) -> None:
        self.image[u], self.taken[v] = v, True
        self._vote(u, v)

    def _vote(self, u: int, v: int) -> None:
        """Let an edge count 4, a type 2 and a title 1: votes rank as scores do."""
        for one, two in self.neighbors:
            some = [x for x in one[u] if self.image[x] < 0]
            others = [y for y in two[v] if not self.taken[y]] if some else []
            for x, y in self._candidates(some, others):
                self.votes[x, y] += 4
                alike = 2 * (self.types[0][x] == self.types[1][y]) + (self.titles[0][x] == self.titles[1][y])
                heappush(self.heap, (-self.votes[x, y] - alike, x, y))

    def _candidates(self, some: list[int], others: list[int]) -> Iterator[tuple[int, int]]:
        """Pairs of one type; in a crowd only those of one colour, each node once."""
        if len(some) * len(others) <= _CROWD:
            return ((x, y) for x in some for y in others if self.types[0][x] == self.types[1][y])
        waiting: dict[int, list[int]] = defaultdict(list)
        for y in reversed(others):
            waiting[self.near[1][y]].append(y)
        return ((x, waiting[self.near[0][x]].pop()) for x in some if waiting[self.near[0][x]])


def improve_by_swaps(graphs: GraphPair, matching: Ints) -> Ints:
    """Return a matching that scores as much or more, after the best swap for each free node in turn."""
    swaps = _Swaps(graphs, matching)
    for _ in range(_MOST_PASSES):
        if not sum(map(swaps.improve, _improvable(graphs, matching))):
            break
        matching = np.array(swaps.image, dtype=np.int64)
    return matching


def _improvable(graphs: GraphPair, matching: Ints) -> list[int]:
    """The free nodes that do not score all that they can."""
    one, two = graphs.one, graphs.two
    target = np.where(matching >= 0, matching, 0)
    improvable = (one.types != two.types[target]) | (one.titles != two.titles[target]) | (matching < 0)
    improvable[one.edges[:, ~graphs.kept_edges(matching)]] = True
    improvable[[u for u, v in graphs.evidence if matching[u] != v]] = True
    nodes: list[int] = np.flatnonzero(improvable & (graphs.pinned < 0)).tolist()
    return nodes


class _Swaps:
    """A matching, and what its swaps would score: a node takes what its neighbours would have it be."""

    def __init__(self, graphs: GraphPair, matching: Ints) -> None:
        one, two = graphs.one, graphs.two
        self.title_weight = MOST_EVIDENCE * len(one) + 1
        self.type_weight = self.title_weight * (len(one) + 1)
        self.image: list[int] = matching.tolist()
        self.owner = [-1] * len(two)
        for u, v in enumerate(self.image):
            if v >= 0:
                self.owner[v] = u
        self.pinned = set(graphs.pinned.tolist())
        self.types = one.types.tolist(), two.types.tolist()
        self.titles = one.titles.tolist(), two.titles.tolist()
        self.evidence = graphs.evidence
        self.backed: dict[int, list[int]] = defaultdict(list)
        for u, v in graphs.evidence:
            self.backed[u].append(v)
        self.loops = tuple({u for u, v in side.edges.T.tolist() if u == v} for side in (one, two))
        self.neighbors = (
            (one.successors, [as_lookup(nodes) for nodes in two.successors], two.predecessors),
            (one.predecessors, [as_lookup(nodes) for nodes in two.predecessors], two.successors),
        )

    def improve(self, u: int) -> bool:
        """Make the best swap for a node, if any scores more."""
        gain, v = max(((self._gain(u, v), -v) for v in self._wanted(u)), default=(0, 0))
        if gain > 0:
            self._swap(u, -v)
        return gain > 0

    def _wanted(self, u: int) -> set[int]:
        """Return what the neighbours of a node would have it be, and what has evidence for it."""
        wanted = set(self.backed.get(u, ())[:_CROWD])
        for neighbors, _, back in self.neighbors:
            for x in neighbors[u][:_CROWD]:
                if self.image[x] >= 0:
                    wanted.update(back[self.image[x]][:_CROWD])
        return wanted - self.pinned - {self.image[u]}

    def _gain(self, u: int, v: int) -> int:
        """Return what a swap would score."""
        before, other = self.image[u], self.owner[v]
        lost = self._score(u, before) + self._score(other, v, aside=u)
        self._swap(u, v)
        won = self._score(u, v) + self._score(other, before, aside=u)
        if before >= 0:
            self._swap(u, before)
        else:
            self.image[u], self.owner[v] = -1, other
            if other >= 0:
                self.image[other] = v
        return won - lost

    def _score(self, u: int, v: int, aside: int = -1) -> int:
        """Return what a pair scores as things stand, edges to one node aside."""
        if u < 0 or v < 0:
            return 0
        loop = u in self.loops[0] and v in self.loops[1]  # met in both directions
        kept = sum(
            x != aside and self.image[x] in lookup[v]
            for neighbors, lookup, _ in self.neighbors
            for x in neighbors[u]
        )
        same_type, same_title = self.types[0][u] == self.types[1][v], self.titles[0][u] == self.titles[1][v]
        score = self.type_weight * (2 * (kept - loop) + int(same_type))
        return score + self.title_weight * int(same_title) + self.evidence.get((u, v), 0)

    def _swap(self, u: int, v: int) -> None:
        """Match a node to another, whose owner takes what it had."""
        before, other = self.image[u], self.owner[v]
        self.image[u], self.owner[v] = v, u
        if other >= 0:
            self.image[other] = before
        if before >= 0:
            self.owner[before] = other
