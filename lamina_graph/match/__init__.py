"""Which old node is which new node, at the least edit cost, and a proof of how little less it could be."""

from dataclasses import dataclass
from typing import Literal

from lamina_graph.graph import adjacency
from lamina_graph.match.budget import Budget
from lamina_graph.match.few import settle
from lamina_graph.match.order import ordered
from lamina_graph.match.problem import Problem, read
from lamina_graph.model import Workflow

__all__ = ["Budget", "Match", "Matching", "match"]


@dataclass(frozen=True, slots=True)
class Match:
    """A pair of nodes, by their ids, that is held to be one; `by` says whether their ids are equal."""

    old: str
    new: str
    by: Literal["id", "structure"]


@dataclass(frozen=True, slots=True)
class Matching:
    """Which old node is which new node, in the order of the old workflow.

    Attributes:
        matches: the pairs.
        cost: the edit cost: 1 for each node inserted, deleted or retyped and each edge inserted or deleted.
        lower_bound: no matching that keeps the nodes of the same id and type costs less.
    """

    matches: tuple[Match, ...]
    cost: int
    lower_bound: int

    @property
    def minimal(self) -> bool:
        """Whether the edit cost is proved to be the least."""
        return self.cost == self.lower_bound


def match(old: Workflow, new: Workflow, *, budget: Budget | None = None) -> Matching:
    """Return which old node is which new node at the least edit cost, with a proved lower bound.

    Args:
        old: the workflow before.
        new: the workflow after.
        budget: how much work may be spent; past it the best matching found comes back with its bound.

    >>> from lamina_graph.files import load
    >>> nodes = lambda *ids: [{"id": each, "type": "t"} for each in ids]
    >>> chain = {"nodes": nodes("a", "b"), "edges": [{"source": "a", "target": "b"}]}
    >>> fork = {"nodes": nodes("x", "y"), "edges": [{"source": "y", "target": "x"}]}
    >>> [(pair.old, pair.new) for pair in match(load(chain), load(fork)).matches]
    [('a', 'y'), ('b', 'x')]
    """
    problem = read(adjacency(old), adjacency(new))
    if not problem.spare:
        return _matching(problem, problem.fixed, problem.base, problem.base)
    if settled := settle(problem):
        image, earned = settled
        cost = problem.cost(earned)
        return _matching(problem, ordered(problem, image), cost, cost)
    from lamina_graph.match.solve import solve

    image, cost, bound = solve(problem, budget or Budget())
    return _matching(problem, ordered(problem, image), cost, bound)


def _matching(problem: Problem, image: list[int], cost: int, bound: int) -> Matching:
    old, new = problem.old.ids, problem.new.ids
    pairs = [(old[node], new[at]) for node, at in enumerate(image) if at >= 0]
    return Matching(tuple(Match(a, b, "id" if a == b else "structure") for a, b in pairs), cost, bound)
