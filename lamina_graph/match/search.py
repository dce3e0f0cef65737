"""From a first matching to one that is proved the best, as far as the budget goes."""

import numpy as np

from lamina_graph.match.arrays import Arena, Ints, arena, edges_kept
from lamina_graph.match.bounds import ascend
from lamina_graph.match.budget import Budget
from lamina_graph.match.candidates import Pairs, Weights, all_pairs, free, size
from lamina_graph.match.climb import climb
from lamina_graph.match.coarse import coarse_bound
from lamina_graph.match.heuristics import filled, start
from lamina_graph.match.milp import better
from lamina_graph.match.problem import Problem, core, earned
from lamina_graph.match.swaps import swapped

_SMALL = 10_000

_MOST_EXACT = 100
"""Free nodes up to which the search weighs likeness; with more, weights outgrow what a solver resolves."""


def solve(problem: Problem, budget: Budget) -> tuple[list[int], int, int]:
    """Return a matching, as the new node or -1 of each old one, its edit cost, and a bound of that."""
    part, ours, theirs = core(problem)
    field = arena(part)
    search = _Search(field, _weights(problem, field))
    bound = coarse_bound(problem)
    if budget.allows(*size(field)):
        bound = max(bound, problem.base - search.improve(budget) // search.weights.kind)
    image = list(problem.fixed)
    for u, v in zip(ours, field.image(swapped(field, search.best)), strict=True):
        image[u] = theirs[v] if v >= 0 else -1
    return image, problem.cost(earned(problem, image)), bound


def _weights(problem: Problem, field: Arena) -> Weights:
    if problem.spare <= _MOST_EXACT:
        return Weights(problem.unit, problem.title_weight, field.likeness)
    return Weights(problem.spare + 1, 1, {})


class _Search:
    """The best matching known, what it earns, and what none can exceed."""

    def __init__(self, field: Arena, weights: Weights) -> None:
        self.arena = field
        self.weights = weights
        self.free = free(field)
        self.offset = self._earned(field.fixed)
        self.best = start(field)
        self.known = self._earned(self.best) - self.offset

    def improve(self, budget: Budget) -> int:
        """Look for better matchings, and return what no matching exceeds."""
        pairs, most = self._ascend(budget)
        variables = len(pairs) + len(pairs.kept[0])
        doubt = variables * (most - self.known)
        if 0 < doubt <= budget.program * self.weights.kind:
            found, limit = better(pairs, self.known, 1 + budget.nodes // variables)
            if found is not None:
                self._offer(self._whole(found))
            most = min(most, limit)
        return max(most, self.known)

    def _ascend(self, budget: Budget) -> tuple[Pairs, int]:
        """Let the bound ascend, and try what it meets; return the pairs still open, and the bound."""
        rounds = ascend(all_pairs(self.arena, self.weights))
        now = next(rounds)
        most = now.bound
        work = 0
        for count in range(budget.rounds):
            most = min(most, max(now.bound, self.known))
            self._offer(self._whole(now.matching))
            if count and count % (3 if len(now.left) <= _SMALL else 8) == 0:
                self._offer(swapped(self.arena, self._whole(climb(now.left, now.matching))))
            work += now.left.work
            if most <= self.known or work > budget.work:
                break
            now = rounds.send(self.known)
        return now.left, most

    def _offer(self, matching: Ints) -> None:
        """Keep a matching if it is better than the best known."""
        earned = self._earned(matching) - self.offset
        if earned > self.known:
            self.best, self.known = matching, earned

    def _whole(self, part: Ints) -> Ints:
        """Return the matching of all nodes that one of the free nodes stands for."""
        some, others = self.free
        result = self.arena.fixed.copy()
        there = part >= 0
        result[some[there]] = others[part[there]]
        return filled(self.arena, result)

    def _earned(self, matching: Ints) -> int:
        """Return what a matching earns, with what the fixed pairs earn among themselves."""
        one, two = self.arena.one, self.arena.two
        here = np.flatnonzero(matching >= 0)
        there = matching[here]
        kinds = int((one.kinds[here] == two.kinds[there]).sum())
        titles = int((one.titles[here] == two.titles[there]).sum())
        alike = self.weights.likeness
        pairs = enumerate(matching.tolist()) if alike else ()
        edges = int(edges_kept(self.arena, matching).sum())
        earned = self.weights.kind * (kinds + 2 * edges) + self.weights.title * titles
        return earned + sum(alike.get(pair, 0) for pair in pairs)
