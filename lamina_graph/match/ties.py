"""Among matchings equally good, the one in which nodes that look alike pair up by their stamps.

Those made at the same moment go together, then the others in order.

Where a graph looks the same after some of its nodes change places, matchings come in sets of the same
worth. Two cases are put in order: nodes that share all neighbours, and branches that mirror each other.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from lamina_graph.graph import Adjacency
from lamina_graph.match.evidence import SAME_MOMENT
from lamina_graph.match.problem import Problem, title

Likeness = dict[tuple[int, int], int]

_MOST_ALIKE = 32
_LARGEST = 200


def ordered(problem: Problem, image: list[int]) -> list[int]:
    """Return a matching of the same worth in which nodes alike are in order."""
    if len(problem.free_old) == len(problem.free_new) == 1:
        return image
    old = _Side(problem.old, {node: at for at, node in enumerate(problem.free_old)})
    new = _Side(problem.new, {node: at for at, node in enumerate(problem.free_new)})
    alike = problem.likeness
    there = _in_order(old, new, {u: image[u] for u in problem.free_old if image[u] >= 0}, alike)
    alike = {(v, u): value for (u, v), value in alike.items()}
    back = _in_order(new, old, {v: u for u, v in there.items()}, alike)
    result = list(problem.fixed)
    for v, u in back.items():
        result[u] = v
    return result


@dataclass(frozen=True, slots=True)
class _Side:
    """One graph, and the place of each of its free nodes in the order of stamps."""

    plain: Adjacency
    rank: dict[int, int]

    def groups(
        self, key: Callable[[Adjacency, int], Hashable], among: list[int] | None = None
    ) -> list[list[int]]:
        """The free nodes that have a key in common, each group by stamp."""
        found: dict[Hashable, list[int]] = defaultdict(list)
        for node in self.rank if among is None else among:
            found[key(self.plain, node)].append(node)
        return [group for group in found.values() if len(group) > 1]


def _in_order(side: _Side, other: _Side, there: dict[int, int], likeness: Likeness) -> dict[int, int]:
    """What the nodes of one side are matched to, once those alike have changed places."""
    moments = {u: v for (u, v), value in likeness.items() if value >= SAME_MOMENT}
    alike = [node for group in side.groups(_face) for node in group]
    for twins in side.groups(_surroundings, alike):
        targets = sorted((there.pop(u) for u in twins if u in there), key=other.rank.__getitem__)
        there.update(_by_stamp(twins, targets, moments))
    for group in side.groups(_looks, alike):
        if len(group) <= _MOST_ALIKE:
            for at, first in enumerate(group):
                there = _best_swap(side, other, there, likeness, first, group[at + 1 :])
    return there


def _by_stamp(twins: list[int], targets: list[int], moments: dict[int, int]) -> dict[int, int]:
    """Twins with targets: those of one moment, then both in order."""
    open_ = dict.fromkeys(targets)
    pairs = {u: moments[u] for u in twins if moments.get(u) in open_}
    for v in pairs.values():
        del open_[v]
    return pairs | dict(zip((u for u in twins if u not in pairs), open_, strict=False))


def _best_swap(
    side: _Side, other: _Side, there: dict[int, int], likeness: Likeness, first: int, rest: list[int]
) -> dict[int, int]:
    """What is matched to what once a node has the best target that a branch mirroring its own has.

    The best is that of most likeness, then the earliest.
    """

    def alike(u: int, v: int | None) -> int:
        return 0 if v is None else likeness.get((u, v), 0)

    def place(node: int) -> int:
        return other.rank[there[node]] if node in there else len(other.rank)

    for second in sorted(rest, key=place):
        if place(second) >= place(first) and not likeness:
            return there
        swap = _mirror(side, first, second)
        moved = sorted(swap, key=side.rank.__getitem__)
        gain = sum(alike(u, there.get(swap[u])) - alike(u, there.get(u)) for u in moved)
        if gain > 0 or (not gain and [place(swap[u]) for u in moved] < [place(u) for u in moved]):
            kept = {u: v for u, v in there.items() if u not in swap}
            return kept | {u: there[swap[u]] for u in moved if swap[u] in there}
    return there


def _mirror(side: _Side, first: int, second: int) -> dict[int, int]:
    """The change of places that swaps two nodes and what must move with them; empty where there is none."""
    swap = {first: second, second: first}
    waiting = [first]
    while waiting:
        node = waiting.pop()
        for ways in (side.plain.successors, side.plain.predecessors):
            pairs = _paired(side.plain, ways[node], ways[swap[node]])
            if pairs is None:
                return {}
            for one, two in pairs:
                if swap.get(one, two) != two or swap.get(two, one) != one:
                    return {}
                if one not in swap:
                    if one not in side.rank or two not in side.rank or len(swap) > _LARGEST:
                        return {}
                    swap[one], swap[two] = two, one
                    waiting.append(one)
    return swap if _is_symmetry(side.plain, swap) else {}


def _is_symmetry(plain: Adjacency, swap: dict[int, int]) -> bool:
    """Whether the graph is the same after the change of places."""
    return all(
        {swap.get(x, x) for x in ways[u]} == set(ways[v])
        for u, v in swap.items()
        for ways in (plain.successors, plain.predecessors)
    )


def _paired(plain: Adjacency, some: tuple[int, ...], others: tuple[int, ...]) -> list[tuple[int, int]] | None:
    """The neighbours of one node with those of another, as looks pair them; None where they do not."""
    shared = set(some) & set(others)
    mine = {_looks(plain, node): node for node in some if node not in shared}
    yours = {_looks(plain, node): node for node in others if node not in shared}
    if mine.keys() != yours.keys() or not len(some) == len(others) == len(shared) + len(mine):
        return None
    return [(node, yours[looks]) for looks, node in mine.items()]


def _face(plain: Adjacency, node: int) -> tuple[str, str]:
    return plain.types[node], title(plain, node)


def _surroundings(plain: Adjacency, node: int) -> Hashable:
    return *_face(plain, node), frozenset(plain.predecessors[node]), frozenset(plain.successors[node])


def _looks(plain: Adjacency, node: int) -> Hashable:
    type_of = plain.types.__getitem__
    fed, feeds = sorted(map(type_of, plain.predecessors[node])), sorted(map(type_of, plain.successors[node]))
    return *_face(plain, node), *fed, None, *feeds
