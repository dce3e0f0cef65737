"""Which old node is which new node, at the least edit cost, and a proof of how little less it could be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from lamina_graph.graph import Adjacency, adjacency
from lamina_graph.match.assignment import settle
from lamina_graph.match.budget import Budget
from lamina_graph.match.names import follow_names
from lamina_graph.match.problem import Problem, read
from lamina_graph.match.ties import ordered
from lamina_graph.model import Workflow

__all__ = ["Budget", "Match", "Matching", "follow_names", "match", "match_graphs"]


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
    return match_graphs(adjacency(old), adjacency(new), budget)


def match_graphs(old: Adjacency, new: Adjacency, budget: Budget | None = None) -> Matching:
    """Return the matching of two workflows that are at hand as adjacency.

    The smaller graph is matched to the larger, whichever is older, so that both directions say the same.
    """
    problem = read(old, new)
    if problem.spare and _is_larger(old, new):
        image, cost, bound = _solved(read(new, old), budget or Budget())
        pairs = sorted((u, v) for v, u in enumerate(image) if u >= 0)
    else:
        image, cost, bound = _solved(problem, budget or Budget())
        pairs = [(u, v) for u, v in enumerate(image) if v >= 0]
    ids = [(old.ids[u], new.ids[v]) for u, v in pairs]
    return Matching(tuple(Match(a, b, "id" if a == b else "structure") for a, b in ids), cost, bound)


def _is_larger(one: Adjacency, other: Adjacency) -> bool:
    """Whether a graph comes after another in an order of graphs: by size, then by what is in them."""
    keys: tuple[Callable[[Adjacency], Any], ...] = (len, _count_edges, _sorted_nodes, _sorted_edges)
    for key in keys:
        if key(one) != key(other):
            return bool(key(one) > key(other))
    return False


def _count_edges(adj: Adjacency) -> int:
    return sum(map(len, adj.successors))


def _sorted_nodes(adj: Adjacency) -> list[tuple[str, str, str]]:
    return sorted(zip(adj.types, (label or "" for label in adj.labels), adj.ids, strict=True))


def _sorted_edges(adj: Adjacency) -> list[tuple[str, str]]:
    return sorted((adj.ids[source], adj.ids[target]) for source, target in adj.edges)


def _solved(problem: Problem, budget: Budget) -> tuple[list[int], int, int]:
    """Return for each old node its new one or -1, the edit cost, and its bound."""
    if not problem.spare:
        return problem.fixed, problem.base, problem.base
    if settled := settle(problem):
        image, earned = settled
        return ordered(problem, image), problem.cost(earned), problem.cost(earned)
    from lamina_graph.match.search import solve

    image, cost, bound = solve(problem, budget)
    return ordered(problem, image), cost, bound
