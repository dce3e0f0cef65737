"""A matching made better by swaps: a node takes what its neighbours would have it be."""

from collections import defaultdict

import numpy as np

from lamina_graph.match.arrays import Arena, Ints, edges_kept
from lamina_graph.match.evidence import MOST_LIKENESS
from lamina_graph.match.problem import quick

_CROWD = 64
_PASSES = 8


def swapped(arena: Arena, matching: Ints) -> Ints:
    """Return a matching that earns as much or more, after the best swap for each free node in turn."""
    swaps = _Swaps(arena, matching)
    for _ in range(_PASSES):
        if not sum(map(swaps.improve, _restless(arena, matching))):
            break
        matching = np.array(swaps.image, dtype=np.int64)
    return matching


def _restless(arena: Arena, matching: Ints) -> list[int]:
    """The free nodes that do not earn all that they can."""
    one, two = arena.one, arena.two
    there = np.where(matching >= 0, matching, 0)
    rest = (one.kinds != two.kinds[there]) | (one.titles != two.titles[there]) | (matching < 0)
    rest[one.edges[:, ~edges_kept(arena, matching)]] = True
    rest[[u for u, v in arena.likeness if matching[u] != v]] = True
    result: list[int] = np.flatnonzero(rest & (arena.fixed < 0)).tolist()
    return result


class _Swaps:
    """A matching, and what its swaps would earn."""

    def __init__(self, arena: Arena, matching: Ints) -> None:
        one, two = arena.one, arena.two
        self.title_weight = MOST_LIKENESS * len(one) + 1
        self.unit = self.title_weight * (len(one) + 1)
        self.likeness = arena.likeness
        self.alike: dict[int, list[int]] = defaultdict(list)
        for u, v in arena.likeness:
            self.alike[u].append(v)
        self.image: list[int] = matching.tolist()
        self.owner = [-1] * len(two)
        for u, v in enumerate(self.image):
            if v >= 0:
                self.owner[v] = u
        self.pinned = set(arena.fixed.tolist())
        self.kinds = one.kinds.tolist(), two.kinds.tolist()
        self.titles = one.titles.tolist(), two.titles.tolist()
        sets = [quick(each) for each in two.successors], [quick(each) for each in two.predecessors]
        self.loops = tuple({u for u, v in side.edges.T.tolist() if u == v} for side in (one, two))
        self.ways = (
            (one.successors, sets[0], two.predecessors),
            (one.predecessors, sets[1], two.successors),
        )

    def improve(self, u: int) -> bool:
        """Make the best swap for a node, if any earns more."""
        gain, v = max(((self._gain(u, v), -v) for v in self._wanted(u)), default=(0, 0))
        if gain > 0:
            self._swap(u, -v)
        return gain > 0

    def _wanted(self, u: int) -> set[int]:
        """Return what the neighbours of a node would have it be, and what is like it."""
        result = set(self.alike[u][:_CROWD]) if u in self.alike else set()
        for here, _, back in self.ways:
            for x in here[u][:_CROWD]:
                if self.image[x] >= 0:
                    result.update(back[self.image[x]][:_CROWD])
        return result - self.pinned - {self.image[u]}

    def _gain(self, u: int, v: int) -> int:
        """Return what a swap would earn."""
        before, other = self.image[u], self.owner[v]
        was = self._earned(u, before) + self._earned(other, v, aside=u)
        self._swap(u, v)
        won = self._earned(u, v) + self._earned(other, before, aside=u)
        self._swap(u, before) if before >= 0 else self._undo(u, v, other)
        return won - was

    def _earned(self, u: int, v: int, aside: int = -1) -> int:
        """Return what a pair earns as things stand, edges to one node aside."""
        if u < 0 or v < 0:
            return 0
        loop = u in self.loops[0] and v in self.loops[1]  # met in both directions
        kept = sum(x != aside and self.image[x] in there[v] for here, there, _ in self.ways for x in here[u])
        kind, title = self.kinds[0][u] == self.kinds[1][v], self.titles[0][u] == self.titles[1][v]
        alike = self.likeness.get((u, v), 0)
        return self.unit * (2 * (kept - loop) + int(kind)) + self.title_weight * int(title) + alike

    def _swap(self, u: int, v: int) -> None:
        """Match a node to another, whose owner takes what it had."""
        before, other = self.image[u], self.owner[v]
        self.image[u], self.owner[v] = v, u
        if other >= 0:
            self.image[other] = before
        if before >= 0:
            self.owner[before] = other

    def _undo(self, u: int, v: int, other: int) -> None:
        self.image[u], self.owner[v] = -1, other
        if other >= 0:
            self.image[other] = v
