"""Among matchings of the same score, the one in which nodes that look alike pair up by their stamps.

Where a graph looks the same after some of its nodes change places, matchings come in sets of the same score.
Two cases are put in order: nodes that share all neighbours, and branches that mirror each other. Those made
at the same moment go together, then the others in order.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from lamina_graph.graph import Adjacency
from lamina_graph.match.evidence import SAME_MOMENT
from lamina_graph.match.problem import Problem, title

_MOST_ALIKE = 32
"""Nodes that look alike are tried each with each; a larger crowd keeps the order that it has."""

_LARGEST = 200
"""Nodes of branches that mirror each other; larger ones cost more to check than their order is worth."""


def break_ties(problem: Problem, image: list[int]) -> list[int]:
    """Return a matching of the same score in which nodes alike are in order."""
    if len(problem.free_old) == len(problem.free_new) == 1:
        return image
    old = _Side(problem.old, {node: i for i, node in enumerate(problem.free_old)}, problem.evidence)
    backwards = {(v, u): value for (u, v), value in problem.evidence.items()}
    new = _Side(problem.new, {node: i for i, node in enumerate(problem.free_new)}, backwards)
    partner = _in_order(old, new, {u: image[u] for u in problem.free_old if image[u] >= 0})
    result = list(problem.pinned)
    for v, u in _in_order(new, old, {v: u for u, v in partner.items()}).items():
        result[u] = v
    return result


@dataclass(frozen=True, slots=True)
class _Side:
    """One graph, the place of each of its free nodes in the order of stamps, and the evidence for pairs."""

    adj: Adjacency
    rank: dict[int, int]
    evidence: dict[tuple[int, int], int]

    def groups(
        self, key: Callable[[Adjacency, int], Hashable], among: list[int] | None = None
    ) -> list[list[int]]:
        """The free nodes that have a key in common, each group by stamp."""
        groups: dict[Hashable, list[int]] = defaultdict(list)
        for node in self.rank if among is None else among:
            groups[key(self.adj, node)].append(node)
        return [group for group in groups.values() if len(group) > 1]


def _in_order(side: _Side, other: _Side, partner: dict[int, int]) -> dict[int, int]:
    """What the nodes of one side are matched to, once those alike have changed places."""
    moments = _one_to_one(side.evidence)
    alike = [node for group in side.groups(_type_and_title) for node in group]
    for twins in side.groups(_surroundings, alike):
        targets = sorted((partner.pop(u) for u in twins if u in partner), key=other.rank.__getitem__)
        left = dict.fromkeys(targets)
        pairs = {u: moments[u] for u in twins if moments.get(u) in left}
        for v in pairs.values():
            del left[v]
        partner |= pairs | dict(zip((u for u in twins if u not in pairs), left, strict=False))
    for group in side.groups(_looks, alike):
        if len(group) <= _MOST_ALIKE:
            for i, first in enumerate(group):
                partner = _best_swap(side, other, partner, first, group[i + 1 :])
    return partner


def _one_to_one(evidence: dict[tuple[int, int], int]) -> dict[int, int]:
    """Return the pairs that a moment or equal settings speak for, each node in one, the surest first."""
    strong = sorted((-value, u, v) for (u, v), value in evidence.items() if value >= SAME_MOMENT)
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, u, v in strong:
        if u not in partner and v not in taken:
            partner[u] = v
            taken.add(v)
    return partner


def _best_swap(
    side: _Side, other: _Side, partner: dict[int, int], first: int, rest: list[int]
) -> dict[int, int]:
    """What is matched to what once a node has the best target that a branch mirroring its own has.

    The best is that of most evidence, then the earliest.
    """

    def place(node: int) -> int:
        return other.rank[partner[node]] if node in partner else len(other.rank)

    def evidence(u: int, node: int) -> int:
        return side.evidence.get((u, partner[node]), 0) if node in partner else 0

    for second in sorted(rest, key=place):
        if place(second) >= place(first) and not side.evidence:
            return partner
        swap = _mirror(side, first, second)
        moved = sorted(swap, key=side.rank.__getitem__)
        gain = sum(evidence(u, swap[u]) - evidence(u, u) for u in moved)
        if gain > 0 or (not gain and [place(swap[u]) for u in moved] < [place(u) for u in moved]):
            kept = {u: v for u, v in partner.items() if u not in swap}
            return kept | {u: partner[swap[u]] for u in moved if swap[u] in partner}
    return partner


def _mirror(side: _Side, first: int, second: int) -> dict[int, int]:
    """The change of places that swaps two nodes and what must move with them; empty where there is none."""
    adj, swap, waiting = side.adj, {first: second, second: first}, [first]
    while waiting:
        node = waiting.pop()
        for neighbors in (adj.successors, adj.predecessors):
            pairs = _pair_by_looks(adj, neighbors[node], neighbors[swap[node]])
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
    return swap if _is_symmetry(adj, swap) else {}


def _is_symmetry(adj: Adjacency, swap: dict[int, int]) -> bool:
    """Whether the graph is the same after the change of places."""
    return all(
        {swap.get(x, x) for x in neighbors[u]} == set(neighbors[v])
        for u, v in swap.items()
        for neighbors in (adj.successors, adj.predecessors)
    )


def _pair_by_looks(
    adj: Adjacency, some: tuple[int, ...], others: tuple[int, ...]
) -> list[tuple[int, int]] | None:
    """The neighbours of one node with those of another, as looks pair them; None where they do not."""
    shared = set(some) & set(others)
    one = {_looks(adj, node): node for node in some if node not in shared}
    two = {_looks(adj, node): node for node in others if node not in shared}
    if one.keys() != two.keys() or not len(some) == len(others) == len(shared) + len(one):
        return None
    return [(node, two[looks]) for looks, node in one.items()]


def _type_and_title(adj: Adjacency, node: int) -> Hashable:
    return adj.types[node], title(adj, node)


def _surroundings(adj: Adjacency, node: int) -> Hashable:
    return _type_and_title(adj, node), frozenset(adj.predecessors[node]), frozenset(adj.successors[node])


def _looks(adj: Adjacency, node: int) -> Hashable:
    before, after = (
        tuple(sorted(adj.types[other] for other in neighbors[node]))
        for neighbors in (adj.predecessors, adj.successors)
    )
    return _type_and_title(adj, node), before, after
