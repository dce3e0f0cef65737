"""The two graphs of a matching as arrays, numbered so that neither ids nor a file's order decide anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lamina_graph.graph import Adjacency
from lamina_graph.match.problem import Problem, by_stamp, title

Ints = NDArray[np.int64]
Colours = NDArray[np.uint64]

_ROUNDS = 24


@dataclass(frozen=True)
class Side:
    """One graph. Its nodes are ordered by their colour, those of one colour by stamp, then by id.

    Attributes:
        nodes: the number of each node in its `Adjacency`.
        kinds, titles: a number for each type and each title, the same in both graphs.
        rank: the place of each node in the order of stamps.
        edges: tails and heads, in order.
        by_type, by_title: for each round of refinement the colour of each node, from types or titles.
    """

    nodes: Ints
    kinds: Ints
    titles: Ints
    rank: Ints
    edges: Ints
    by_type: tuple[Colours, ...]
    by_title: tuple[Colours, ...]

    def __len__(self) -> int:
        return len(self.nodes)

    @cached_property
    def successors(self) -> list[list[int]]:
        """For each node, the nodes that it feeds."""
        return _lists(len(self), self.edges[0], self.edges[1])

    @cached_property
    def predecessors(self) -> list[list[int]]:
        """For each node, the nodes that feed it."""
        return _lists(len(self), self.edges[1], self.edges[0])


@dataclass(frozen=True)
class Arena:
    """Both graphs.

    Attributes:
        one, two: the graphs.
        fixed: for each node of `one` the node of `two` that its id gives, else -1.
        titles_tell: whether titles tell apart nodes of one type.
        likeness: what else speaks for a node of `one` to be one of `two`.
    """

    one: Side
    two: Side
    fixed: Ints
    titles_tell: bool
    likeness: dict[tuple[int, int], int]

    def image(self, matching: Ints) -> list[int]:
        """Return a matching of `one` to `two` as what it says of each old node: its new node or -1."""
        result = [-1] * len(self.one)
        for u, v in enumerate(matching.tolist()):
            if v >= 0:
                result[self.one.nodes[u]] = int(self.two.nodes[v])
        return result


def arena(problem: Problem) -> Arena:
    """Return the graphs of a problem as arrays."""
    old, new = problem.old, problem.new
    n = len(old)
    kinds = _numbers([*old.types, *new.types])
    titles = _numbers([title(plain, node) for plain in (old, new) for node in range(len(plain))])
    ends = np.array(old.edges + [(s + n, t + n) for s, t in new.edges], dtype=np.int64).reshape(-1, 2).T
    pairs = (
        np.array([(u, v + n) for u, v in enumerate(problem.fixed) if v >= 0], dtype=np.int64).reshape(-1, 2).T
    )
    by_type = _refine(kinds, ends, pairs)
    both = kinds * (titles.max(initial=0) + 1) + titles
    titles_tell = len(np.unique(both)) > len(np.unique(kinds))
    by_title = _refine(both, ends, pairs) if titles_tell else by_type
    sides = [
        _side(plain, part, kinds, titles, ends, by_type, by_title)
        for plain, part in ((old, slice(0, n)), (new, slice(n, n + len(new))))
    ]
    fixed = np.full(n, -1, np.int64)
    place = np.argsort(sides[1].nodes)
    fixed[pairs[0]] = place[pairs[1] - n]
    return Arena(sides[0], sides[1], fixed[sides[0].nodes], titles_tell, _likeness(problem, sides))


def _likeness(problem: Problem, sides: list[Side]) -> dict[tuple[int, int], int]:
    one, two = (np.argsort(side.nodes).tolist() for side in sides)
    return {(one[u], two[v]): value for (u, v), value in problem.likeness.items()}


def edges_kept(arena: Arena, matching: Ints) -> NDArray[np.bool_]:
    """Return which edges of `one` have their counterpart in `two` under a matching."""
    size = len(arena.two)
    tails, heads = matching[arena.one.edges]
    kept = np.isin(tails * size + heads, arena.two.edges[0] * size + arena.two.edges[1])
    kept[(tails < 0) | (heads < 0)] = False
    return kept


def _side(
    plain: Adjacency,
    part: slice,
    kinds: Ints,
    titles: Ints,
    ends: Ints,
    by_type: list[Colours],
    by_title: list[Colours],
) -> Side:
    rank = np.argsort(np.array(by_stamp(plain, list(range(len(plain)))), dtype=np.int64))
    nodes = np.lexsort((rank, by_title[-1][part], by_type[-1][part]))
    place = np.argsort(nodes)
    inside = ends[:, (ends[0] >= part.start) & (ends[0] < part.stop)] - part.start
    edges = place[inside]
    return Side(
        nodes,
        kinds[part][nodes],
        titles[part][nodes],
        rank[nodes],
        edges[:, np.lexsort((edges[1], edges[0]))],
        tuple(level[part][nodes] for level in by_type),
        tuple(level[part][nodes] for level in by_title),
    )


def _refine(seeds: Ints, ends: Ints, pairs: Ints) -> list[Colours]:
    """Colour refinement (Weisfeiler and Leman 1968) by hashing; a pair that is fixed has one colour."""
    tails, heads = ends
    levels = [_mix(seeds.astype(np.uint64))]
    count = 0
    for _ in range(_ROUNDS):
        now = levels[-1].copy()
        now[pairs[0]] = now[pairs[1]] = _mix(now[pairs[0]] + now[pairs[1]])
        fed, feeds = np.zeros_like(now), np.zeros_like(now)
        np.add.at(fed, heads, _mix(now[tails] + np.uint64(1)))
        np.add.at(feeds, tails, _mix(now[heads] + np.uint64(2)))
        levels.append(_mix(now + _mix(fed + np.uint64(3)) + _mix(feeds + np.uint64(4))))
        before, count = count, len(np.unique(levels[-1]))
        if count == before:
            break
    return levels


def _mix(value: Colours) -> Colours:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): scatters neighbouring numbers."""
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _numbers(values: Sequence[str]) -> Ints:
    number = {value: at for at, value in enumerate(sorted(set(values)))}
    return np.array([number[value] for value in values], dtype=np.int64)


def _lists(size: int, keys: Ints, values: Ints) -> list[list[int]]:
    result: list[list[int]] = [[] for _ in range(size)]
    for key, value in zip(keys.tolist(), values.tolist(), strict=True):
        result[key].append(value)
    return result
