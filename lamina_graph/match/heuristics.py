"""A first matching in nearly linear time: nodes whose surroundings are unique, and then their neighbours.

Seeds that spread along edges are the way of percolation graph matching (Yartseva and Grossglauser 2013;
Kazemi et al. 2015), here with refined colours for seeds. That a colour is unique on both sides proves
nothing: a matching of least cost may well part the two.
"""

from collections import defaultdict
from collections.abc import Iterator
from heapq import heappop, heappush

import numpy as np

from lamina_graph.match.arrays import Arena, Colours, Ints
from lamina_graph.match.swaps import swapped

_RADII = (6, 4, 3, 2, 1, 0)
_CROWD = 64


def start(arena: Arena) -> Ints:
    """Return a matching that keeps the fixed pairs and matches as many nodes as can be."""
    spread = _Spread(arena)
    levels = list(_levels(arena))
    for one, two in levels:
        spread.match_unique(one, two)
    spread.begin()
    for one, two in levels:
        spread.match_alike(one, two)
    return swapped(arena, filled(arena, np.array(spread.image, dtype=np.int64)))


def filled(arena: Arena, matching: Ints) -> Ints:
    """Return a matching that matches all it can: any pair is better than a node removed and another added."""
    left = np.flatnonzero(matching < 0)
    open_ = np.setdiff1d(np.arange(len(arena.two)), matching)
    left, open_ = left[np.argsort(arena.one.rank[left])], open_[np.argsort(arena.two.rank[open_])]
    count = min(len(left), len(open_))
    result = matching.copy()
    result[left[:count]] = open_[:count]
    return result


def _levels(arena: Arena) -> Iterator[tuple[Colours, Colours]]:
    """The colours that seed: those of far surroundings before those of near ones, by title before by type."""
    both = [(arena.one.by_title, arena.two.by_title), (arena.one.by_type, arena.two.by_type)]
    for radius in _RADII:
        for one, two in both if arena.titles_tell else both[1:]:
            if radius < len(one):
                yield one[radius], two[radius]


class _Spread:
    """A matching that grows: each pair lets its neighbours vote for each other."""

    def __init__(self, arena: Arena) -> None:
        one, two = arena.one, arena.two
        self.image: list[int] = arena.fixed.tolist()
        self.taken = [False] * len(two)
        self.kinds = one.kinds.tolist(), two.kinds.tolist()
        self.titles = one.titles.tolist(), two.titles.tolist()
        self.near = one.by_type[1].tolist(), two.by_type[1].tolist()
        self.ways = (one.successors, two.successors), (one.predecessors, two.predecessors)
        self.free = list(range(len(one))), list(range(len(two)))
        self.votes: dict[tuple[int, int], int] = defaultdict(int)
        self.heap: list[tuple[int, int, int]] = []
        for v in self.image:
            if v >= 0:
                self.taken[v] = True

    def match_unique(self, one: Colours, two: Colours) -> None:
        """Match the nodes that alone have their colour among those still free."""
        for some, others in self._shared(one, two):
            if len(some) == len(others) == 1:
                self.image[some[0]], self.taken[others[0]] = others[0], True

    def begin(self) -> None:
        """Spread from all that is matched."""
        for u, v in enumerate(self.image):
            if v >= 0:
                self._vote(u, v)
        self.on()

    def match_alike(self, one: Colours, two: Colours) -> None:
        """Match nodes of one colour as they come, the rarest colour first, and spread from each pair."""
        for some, others in self._shared(one, two):
            for u, v in zip(some, others, strict=False):
                if self.image[u] < 0 and not self.taken[v]:
                    self._pair(u, v)
                    self.on()

    def on(self) -> None:
        """Match nodes that were voted for, the most votes first, until no vote is left."""
        while self.heap:
            _, u, v = heappop(self.heap)
            if self.image[u] < 0 and not self.taken[v]:
                self._pair(u, v)

    def _shared(self, one: Colours, two: Colours) -> list[tuple[list[int], list[int]]]:
        """The nodes of either side that are still free and have one colour, the rarest colour first."""
        self.free = (
            [u for u in self.free[0] if self.image[u] < 0],
            [v for v in self.free[1] if not self.taken[v]],
        )
        here, there = _grouped(self.free[0], one), _grouped(self.free[1], two)
        both = [(nodes, there[colour]) for colour, nodes in here.items() if colour in there]
        return sorted(both, key=lambda pair: (len(pair[0]) + len(pair[1]), pair))

    def _pair(self, u: int, v: int) -> None:
        self.image[u], self.taken[v] = v, True
        self._vote(u, v)

    def _vote(self, u: int, v: int) -> None:
        for here, there in self.ways:
            some = [x for x in here[u] if self.image[x] < 0]
            others = [y for y in there[v] if not self.taken[y]] if some else []
            for x, y in self._candidates(some, others):
                self.votes[x, y] += 4
                heappush(self.heap, (-self.votes[x, y] - self._likeness(x, y), x, y))

    def _candidates(self, some: list[int], others: list[int]) -> Iterator[tuple[int, int]]:
        """Pairs of one type; in a crowd only those of one colour, each node once."""
        if len(some) * len(others) <= _CROWD:
            return ((x, y) for x in some for y in others if self.kinds[0][x] == self.kinds[1][y])
        waiting: dict[int, list[int]] = defaultdict(list)
        for y in reversed(others):
            waiting[self.near[1][y]].append(y)
        return ((x, waiting[self.near[0][x]].pop()) for x in some if waiting[self.near[0][x]])

    def _likeness(self, u: int, v: int) -> int:
        kind, title = self.kinds[0][u] == self.kinds[1][v], self.titles[0][u] == self.titles[1][v]
        return 2 * int(kind) + int(title)


def _grouped(nodes: list[int], colours: Colours) -> dict[int, list[int]]:
    result: dict[int, list[int]] = defaultdict(list)
    for node, colour in zip(nodes, colours[nodes].tolist(), strict=True):
        result[colour].append(node)
    return result
