"""From a first matching to one that is proved the best, as far as the budget goes."""

import numpy as np

from lamina_graph.match.arrays import Ints, to_arrays
from lamina_graph.match.bounds import LEVEL_ROUNDS, degree_bound, dual_ascent
from lamina_graph.match.candidates import CandidatePairs, Weights, all_pairs, count_pairs
from lamina_graph.match.heuristics import fill, first_matching, improve_by_swaps
from lamina_graph.match.milp import solve_program
from lamina_graph.match.problem import Budget, Problem

_SWAPPED_ROUNDS = 3
"""One round in so many tries swaps on what it meets: neighbouring rounds meet nearly the same."""

_FIRST_ROUNDS = 2
"""Rounds after which the pace of the bound begins to tell how far it comes."""

_MOST_EXACT = 100
"""Free nodes up to which the bound weighs evidence; with more, weights outgrow what a solver resolves."""


def search(problem: Problem, budget: Budget) -> tuple[list[int], int, int]:
    """Return a matching, as the new node or -1 of each old one, its edit cost, and a bound of that."""
    run = _Search(problem)
    bound = degree_bound(problem)
    if budget.allows(*count_pairs(run.graphs)):
        bound = max(bound, problem.base - run.improve(budget) // run.weights.type)
    image = run.graphs.image(improve_by_swaps(run.graphs, run.best))
    return image, problem.cost(problem.score(image)), bound


class _Search:
    """The best matching known, its score, and what none can exceed."""

    def __init__(self, problem: Problem) -> None:
        self.graphs = to_arrays(problem)
        self.weights = Weights(problem.free_count + 1, 1, {})
        if problem.free_count <= _MOST_EXACT:
            self.weights = Weights(problem.type_weight, problem.title_weight, self.graphs.evidence)
        self.offset = self._score(self.graphs.pinned)
        self.best = first_matching(self.graphs)
        self.known = self._score(self.best) - self.offset

    def improve(self, budget: Budget) -> int:
        """Look for better matchings, and return a score that no matching exceeds."""
        pairs, bound = self._ascend(budget)
        variables = len(pairs) + len(pairs.edge_pairs[0])
        doubt = variables * (bound - self.known)
        if 0 < doubt <= budget.program * self.weights.type:
            matching, limit = solve_program(pairs, self.known, 1 + budget.nodes // variables)
            if matching is not None:
                self._offer(matching)
            bound = min(bound, limit)
        return max(bound, self.known)

    def _ascend(self, budget: Budget) -> tuple[CandidatePairs, int]:
        """Let the bound get better, and try what it meets; return the pairs still open, and the bound."""
        rounds = dual_ascent(all_pairs(self.graphs, self.weights))
        latest = next(rounds)
        bound = latest.bound
        work = 0
        for count in range(budget.rounds):
            before, bound = bound, min(bound, max(latest.bound, self.known))
            swaps = count % _SWAPPED_ROUNDS == 1
            self._offer(latest.matching, swaps)
            work += latest.left.work
            if bound <= self.known or work > budget.work:
                break
            left = min(budget.rounds - count - 1, 1 + (budget.work - work) // latest.left.work)
            if self._is_in_vain(count, left, bound, before - bound):
                self._offer(latest.matching, swaps=not swaps)
                break
            latest = rounds.send(self.known)
        return latest.left, bound

    def _is_in_vain(self, count: int, left: int, bound: int, gain: int) -> bool:
        """Whether the rounds left fall short of a proof, if each of them gains as much as the last one did.

        Rounds that level gain less and less. Where many are left nothing is foretold: they take other steps.
        """
        levelling = _FIRST_ROUNDS <= count < LEVEL_ROUNDS and left <= 2 * LEVEL_ROUNDS
        return levelling and left * gain < bound - self.known

    def _offer(self, matching: Ints, swaps: bool = False) -> None:
        """Keep a matching of the free nodes, made better by swaps or as it is, if it is the best known."""
        some, others = self.graphs.free
        whole = self.graphs.pinned.copy()
        whole[some[matching >= 0]] = others[matching[matching >= 0]]
        whole = fill(self.graphs, whole)
        if swaps:
            whole = improve_by_swaps(self.graphs, whole)
        score = self._score(whole) - self.offset
        if score > self.known:
            self.best, self.known = whole, score

    def _score(self, matching: Ints) -> int:
        """Return the score of a matching, with what the pinned pairs score among themselves."""
        one, two = self.graphs.one, self.graphs.two
        nodes = np.flatnonzero(matching >= 0)
        targets = matching[nodes]
        types = int((one.types[nodes] == two.types[targets]).sum())
        titles = int((one.titles[nodes] == two.titles[targets]).sum())
        edges = int(self.graphs.kept_edges(matching).sum())
        evidence = sum(value for (u, v), value in self.weights.evidence.items() if matching[u] == v)
        return self.weights.type * (types + 2 * edges) + self.weights.title * titles + evidence
