"""A first matching in nearly linear time: nodes whose surroundings are unique, spread along edges, then repaired.

Seeds that spread are the way of percolation graph matching (Yartseva and Grossglauser 2013; Kazemi et al. 2015), with colour
refinement for seeds. Unique colours are a start and no proof: a matching of least cost may well part them.
"""

from collections import defaultdict
from collections.abc import Iterator
from heapq import heappop, heappush

import numpy as np

from lamina_graph.match.arena import Arena, Colours, Ints

_CROWD = 64


class Start:
    """A matching in the making."""

    def __init__(self, arena: Arena, matching: Ints) -> None:
        one, two = arena.one, arena.two
        self.arena = arena
        self.unit = len(one) + 1
        self.image: list[int] = matching.tolist()
        self.owner = [-1] * len(two)
        for u, v in enumerate(self.image):
            if v >= 0:
                self.owner[v] = u
        fixed = arena.fixed.tolist()
        self.free = [u for u, v in enumerate(fixed) if v < 0]
        self.pinned = [False] * len(two)
        for v in fixed:
            if v >= 0:
                self.pinned[v] = True
        self.kinds = one.kinds.tolist(), two.kinds.tolist()
        self.titles = one.titles.tolist(), two.titles.tolist()
        self.ways = (
            (one.successors, two.successors, two.predecessors),
            (one.predecessors, two.predecessors, two.successors),
        )
        self.votes: dict[tuple[int, int], int] = defaultdict(int)
        self.heap: list[tuple[int, int, int]] = []

    def pair(self, u: int, v: int) -> None:
        """Match two nodes and let their neighbours vote."""
        self.image[u], self.owner[v] = v, u
        self.vote(u, v)

    def vote(self, u: int, v: int) -> None:
        """Let a matched pair propose its unmatched neighbours to each other."""
        for here, there, _ in self.ways:
            some = [x for x in here[u] if self.image[x] < 0]
            if some:
                others = [y for y in there[v] if self.owner[y] < 0]
                for x, y in self._alike(some, others):
                    self.votes[x, y] += 4
                    heappush(self.heap, (-self.votes[x, y] - self.likeness(x, y), x, y))

    def _alike(self, some: list[int], others: list[int]) -> Iterator[tuple[int, int]]:
        kinds, others_kinds = self.kinds
        if len(some) * len(others) <= _CROWD:
            return ((x, y) for x in some for y in others if kinds[x] == others_kinds[y])
        colours = self.arena.one.by_type[1].tolist(), self.arena.two.by_type[1].tolist()
        return _zipped(some, others, *colours)

    def likeness(self, u: int, v: int) -> int:
        """Return twice what two nodes earn by themselves, and one for a title kept."""
        return 2 * (self.kinds[0][u] == self.kinds[1][v]) + (self.titles[0][u] == self.titles[1][v])

    def spread(self) -> None:
        """Match proposed pairs, the one with most votes first, until none is left."""
        while self.heap:
            _, u, v = heappop(self.heap)
            if self.image[u] < 0 and self.owner[v] < 0:
                self.pair(u, v)

    def seed(self, one: Colours, two: Colours, *, unique: bool) -> None:
        """Match nodes of one colour: those that alone have it, or all, the rarest first."""
        free = [u for u in self.free if self.image[u] < 0]
        open_ = [v for v, u in enumerate(self.owner) if u < 0]
        here, there = _grouped(free, one), _grouped(open_, two)
        shared = sorted(
            (len(nodes) + len(there[c]), nodes, there[c]) for c, nodes in here.items() if c in there
        )
        for size, some, others in shared:
            if unique and size > 2:
                return
            for u, v in zip(some, others, strict=False):
                if self.image[u] < 0 and self.owner[v] < 0:
                    self.pair(u, v)
                    if not unique:
                        self.spread()

    def earned(self, u: int, v: int) -> int:
        """Return what the pair earns as things stand."""
        if u < 0 or v < 0:
            return 0
        kept = 0
        for here, there, _ in self.ways:
            if here[u] and there[v]:
                targets = there[v]
                kept += sum(self.image[x] in targets for x in here[u])
        same = self.kinds[0][u] == self.kinds[1][v]
        return self.unit * (2 * kept + same) + (self.titles[0][u] == self.titles[1][v])

    def gain(self, u: int, v: int) -> int:
        """Return what is won by matching `u` to `v`, whose owner takes what `u` had."""
        before, other = self.image[u], self.owner[v]
        was = self.earned(u, before) + self.earned(other, v)
        self._place(u, v, other, before)
        won = self.earned(u, v) + self.earned(other, before) - was
        self._place(u, before, other, v)
        return won

    def _place(self, u: int, v: int, other: int, there: int) -> None:
        self.image[u] = v
        if other >= 0:
            self.image[other] = there

    def move(self, u: int, v: int) -> None:
        """Match `u` to `v`, whose owner takes what `u` had."""
        before, other = self.image[u], self.owner[v]
        self._place(u, v, other, before)
        self.owner[v] = u
        if before >= 0:
            self.owner[before] = other

    def wanted(self, u: int) -> set[int]:
        """Return the nodes that the neighbours of `u` would have it be."""
        result = set()
        for here, _, back in self.ways:
            for x in here[u]:
                if self.image[x] >= 0:
                    result.update(back[self.image[x]][:_CROWD])
        return {v for v in result if not self.pinned[v] and v != self.image[u]}

    def content(self, u: int) -> bool:
        """Whether a node earns all it can."""
        v = self.image[u]
        degree = sum(len(here[u]) for here, _, _ in self.ways)
        return v >= 0 and self.earned(u, v) > self.unit * (2 * degree + 1)

    def repair(self, passes: int = 8) -> None:
        """Swap pairs while that earns more."""
        for _ in range(passes):
            moved = False
            for u in self.free:
                if self.content(u):
                    continue
                best = max(((self.gain(u, v), -v) for v in sorted(self.wanted(u))), default=(0, 0))
                if best[0] > 0:
                    self.move(u, -best[1])
                    moved = True
            if not moved:
                return

    def fill(self) -> None:
        """Match what is left, by order: any pair is better than a node removed and another added."""
        open_ = sorted((v for v, u in enumerate(self.owner) if u < 0), key=lambda v: self.arena.two.rank[v])
        left = sorted((u for u, v in enumerate(self.image) if v < 0), key=lambda u: self.arena.one.rank[u])
        for u, v in zip(left, open_, strict=False):
            self.image[u], self.owner[v] = v, u


def repaired(arena: Arena, matching: Ints) -> Ints:
    """Return a matching after swaps that earn more."""
    making = Start(arena, matching)
    making.repair()
    return np.array(making.image, dtype=np.int64)


def start(arena: Arena) -> Ints:
    """Return a matching that keeps the fixed pairs and matches as many nodes as can be."""
    making = Start(arena, arena.fixed)
    for u, v in enumerate(making.image):
        if v >= 0:
            making.vote(u, v)
    levels = _levels(arena)
    for one, two in levels:
        making.seed(one, two, unique=True)
    making.spread()
    for one, two in levels:
        making.seed(one, two, unique=False)
    making.repair()
    making.fill()
    making.repair()
    return np.array(making.image, dtype=np.int64)


def _levels(arena: Arena) -> list[tuple[Colours, Colours]]:
    """The colours that seed: far surroundings before near ones, titles before types."""
    depth = min(len(arena.one.by_type), len(arena.one.by_title))
    wanted = [each for each in (6, 4, 3, 2, 1) if each < depth] + [0]
    both = (
        (lambda at: (arena.one.by_title[at], arena.two.by_title[at])),
        (lambda at: (arena.one.by_type[at], arena.two.by_type[at])),
    )
    return [pick(at) for at in wanted for pick in both]


def _grouped(nodes: list[int], colours: Colours) -> dict[int, list[int]]:
    result: dict[int, list[int]] = defaultdict(list)
    for node, colour in zip(nodes, colours[nodes].tolist(), strict=True):
        result[colour].append(node)
    return result


def _zipped(some: list[int], others: list[int], one: list[int], two: list[int]) -> Iterator[tuple[int, int]]:
    there = defaultdict(list)
    for y in reversed(others):
        there[two[y]].append(y)
    for x in some:
        if there[one[x]]:
            yield x, there[one[x]].pop()
