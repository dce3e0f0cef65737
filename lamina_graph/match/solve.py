"""From a first matching to a proved one: start, ascend, and a program for the rest, each within the budget."""

from dataclasses import dataclass, field

import numpy as np

from lamina_graph.match.arena import Arena, Ints, arena
from lamina_graph.match.budget import Budget
from lamina_graph.match.climb import climb
from lamina_graph.match.dual import ascend
from lamina_graph.match.exact import better
from lamina_graph.match.pairs import Pairs, all_pairs, free, size
from lamina_graph.match.problem import Problem, core, earned, trivial_bound
from lamina_graph.match.start import repaired, start


@dataclass
class Search:
    """The best matching known and the best bound, as they improve.

    Attributes:
        arena: the graphs.
        unit: what a pair of one type earns, in titles kept.
        best: the best matching known.
        earned: what it earns.
        most: what no matching can exceed.
    """

    arena: Arena
    unit: int
    best: Ints
    earned: int = field(init=False)
    most: int

    def __post_init__(self) -> None:
        self.earned = earnings(self.arena, self.best, self.unit)

    def offer(self, matching: Ints) -> bool:
        """Keep a matching if it is better than the best known."""
        earned = earnings(self.arena, matching, self.unit)
        if earned <= self.earned:
            return False
        self.best, self.earned = matching, earned
        return True

    @property
    def done(self) -> bool:
        return self.most <= self.earned


def solve(problem: Problem, budget: Budget) -> tuple[list[int], int, int]:
    """Return a matching, as the new node or -1 of each old one, its edit cost, and a bound of that."""
    part, ours, theirs = core(problem)
    field = arena(part)
    free_pairs, edge_pairs = size(field)
    unit = problem.unit
    search = Search(field, unit, start(field), 1 << 62)
    if budget.rounds and free_pairs <= budget.pairs and edge_pairs <= budget.edge_pairs:
        _improve(search, all_pairs(field), budget)
    image = list(problem.fixed)
    for u, v in zip(ours, field.image(search.best), strict=True):
        image[u] = theirs[v] if v >= 0 else -1
    cost = problem.cost(earned(problem, image))
    bound = max(trivial_bound(problem), problem.cost(search.most - earnings(field, field.fixed, unit)))
    return image, cost, bound


def _improve(search: Search, pairs: Pairs, budget: Budget) -> None:
    some, others = free(search.arena)
    offset = earnings(search.arena, search.arena.fixed, search.unit)
    rounds = ascend(pairs)
    now = next(rounds)
    work = 0
    for count in range(budget.rounds):
        search.most = min(search.most, max(now.bound + offset, search.earned))
        matching = _whole(search.arena, some, others, now.matching)
        search.offer(matching)
        if count in _CLIMBS or (count % 3 == 1 and len(now.left) <= 10_000):
            climbed = _whole(search.arena, some, others, climb(now.left, now.matching))
            search.offer(repaired(search.arena, climbed))
        work += len(now.left) + 4 * len(now.left.kept[0]) + now.left.shape[0] * now.left.shape[1]
        if search.done or work > budget.work:
            break
        now = rounds.send(search.earned - offset)
    left = now.left
    variables = len(left) + len(left.kept[0])
    if not search.done and variables * (search.most - search.earned) <= budget.program * search.unit:
        found, most = better(left, search.earned - offset, 1 + budget.nodes // variables)
        if found is not None:
            search.offer(_whole(search.arena, some, others, found))
        search.most = min(search.most, max(most + offset, search.earned))


_CLIMBS = {4, 8, 12, 16, 24, 32, 48, 64, 96, 128}


def _whole(arena: Arena, some: Ints, others: Ints, part: Ints) -> Ints:
    """A matching of the free nodes with the fixed pairs, as many nodes matched as can be."""
    result = arena.fixed.copy()
    there = part >= 0
    result[some[there]] = others[part[there]]
    left = np.flatnonzero(result < 0)
    open_ = np.setdiff1d(others, result)
    left = left[np.argsort(arena.one.rank[left])]
    open_ = open_[np.argsort(arena.two.rank[open_])]
    count = min(len(left), len(open_))
    result[left[:count]] = open_[:count]
    return result


def earnings(arena: Arena, matching: Ints, unit: int) -> int:
    """Return what a matching earns: a unit for a type kept, two for an edge, and 1 for a title."""
    one, two = arena.one, arena.two
    here = np.flatnonzero(matching >= 0)
    there = matching[here]
    kinds = int((one.kinds[here] == two.kinds[there]).sum())
    titles = int((one.titles[here] == two.titles[there]).sum())
    return unit * (kinds + 2 * kept(arena, matching)) + titles


def kept(arena: Arena, matching: Ints) -> int:
    """Return how many edges of `one` have their counterpart in `two`."""
    ends = matching[arena.one.edges]
    ends = ends[:, (ends >= 0).all(axis=0)]
    size = len(arena.two)
    return int(np.isin(ends[0] * size + ends[1], arena.two.edges[0] * size + arena.two.edges[1]).sum())
