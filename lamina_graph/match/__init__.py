"""Which old node is which new node, at the least edit cost, and a proof of how little less it could be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from lamina_graph.graph import Adjacency, adjacency
from lamina_graph.match.anchors import Anchors, any_id, unique_id
from lamina_graph.match.assignment import solve_assignment
from lamina_graph.match.names import follow_names
from lamina_graph.match.problem import Budget, Problem, Proof, build_problem
from lamina_graph.match.ties import break_ties
from lamina_graph.model import Workflow

__all__ = [
    "Anchors",
    "Budget",
    "Match",
    "Matching",
    "Proof",
    "any_id",
    "follow_names",
    "match",
    "match_graphs",
    "unique_id",
]


@dataclass(frozen=True, slots=True)
class Match:
    """A pair of nodes, by their ids, that is held to be one, `by` an id that both have or by structure."""

    old: str
    new: str
    by: Literal["id", "structure"]

    @classmethod
    def of(cls, old: str, new: str, anchors: Anchors) -> "Match":
        """Return the pair, by an id where both have one that means the same node."""
        return cls(old, new, "id" if old == new and anchors(old) else "structure")


@dataclass(frozen=True, slots=True)
class Matching:
    """Which old node is which new node, in the order of the old workflow.

    Attributes:
        matches: the pairs.
        cost: the edit cost: 1 for each node inserted, deleted or retyped and each edge inserted or deleted.
        lower_bound: no matching that keeps the nodes that ids anchor costs less.
    """

    matches: tuple[Match, ...]
    cost: int
    lower_bound: int

    @property
    def minimal(self) -> bool:
        """Whether the edit cost is proved to be the least."""
        return self.cost == self.lower_bound


def match(
    old: Workflow, new: Workflow, *, budget: Budget | None = None, anchors: Anchors = any_id
) -> Matching:
    """Return which old node is which new node at the least edit cost, with a proved lower bound.

    Args:
        old: the workflow before.
        new: the workflow after.
        budget: how much work may be spent; past it the best matching found comes back with its bound.
        anchors: which ids mean the same node in both; where they do not, structure decides.

    >>> from lamina_graph.files import load
    >>> nodes = lambda *ids: [{"id": each, "type": "t"} for each in ids]
    >>> chain = {"nodes": nodes("a", "b"), "edges": [{"source": "a", "target": "b"}]}
    >>> fork = {"nodes": nodes("x", "y"), "edges": [{"source": "y", "target": "x"}]}
    >>> [(pair.old, pair.new) for pair in match(load(chain), load(fork)).matches]
    [('a', 'y'), ('b', 'x')]
    """
    return match_graphs(adjacency(old), adjacency(new), budget, anchors)


def match_graphs(
    old: Adjacency, new: Adjacency, budget: Budget | None = None, anchors: Anchors = any_id
) -> Matching:
    """Return the matching of two workflows that are at hand as adjacency.

    The smaller graph is matched to the larger, whichever is older, so that both directions say the same.
    """
    problem = build_problem(old, new, anchors)
    if problem.free_count and _is_larger(old, new):
        image, cost, bound = _solve(problem.reversed(), budget or Budget())
        pairs = sorted((u, v) for v, u in enumerate(image) if u >= 0)
    else:
        image, cost, bound = _solve(problem, budget or Budget())
        pairs = [(u, v) for u, v in enumerate(image) if v >= 0]
    return Matching(tuple([Match.of(old.ids[u], new.ids[v], anchors) for u, v in pairs]), cost, bound)


def _is_larger(one: Adjacency, other: Adjacency) -> bool:
    """Whether a graph comes after another in an order of graphs: by size, then by what is in them."""
    keys: tuple[Callable[[Adjacency], Any], ...] = (
        len,
        lambda adj: sum(map(len, adj.successors)),
        lambda adj: sorted(zip(adj.types, [label or "" for label in adj.labels], adj.ids, strict=True)),
        lambda adj: sorted((adj.ids[source], adj.ids[target]) for source, target in adj.edges),
    )
    for key in keys:
        if key(one) != key(other):
            return bool(key(one) > key(other))
    return False


def _solve(problem: Problem, budget: Budget) -> tuple[list[int], int, int]:
    """Return for each old node its new one or -1, the edit cost, and its bound."""
    if not problem.free_count:
        return problem.pinned, problem.base, problem.base
    if assigned := solve_assignment(problem):
        image, score = assigned
        return break_ties(problem, image), problem.cost(score), problem.cost(score)
    from lamina_graph.match.search import search

    image, cost, bound = search(problem, budget)
    return break_ties(problem, image), cost, bound
