"""A bound for graphs of any size, from each node's type and number of edges alone.

A pair of nodes costs 1 for another type, and at least half of an edge for each edge that one of them has
more, a whole one where its other end is fixed. That is a metric, so equal nodes may be taken for each
other, and one assignment bounds what the rest costs.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from lamina_graph.graph import Adjacency
from lamina_graph.match.arrays import Ints
from lamina_graph.match.problem import Problem

Trait = tuple[str, int, int, int, int]

_MOST = 4_000_000


def coarse_bound(problem: Problem) -> int:
    """Return a bound of the edit cost."""
    old, new = _traits(problem.old, problem.free_old), _traits(problem.new, problem.free_new)
    some, others = list((old - new).elements()), list((new - old).elements())
    loose = sum(sum(trait[1:3]) / 2 + sum(trait[3:]) for trait in (*old.elements(), *new.elements()))
    between_fixed = problem.base - max(len(problem.free_old), len(problem.free_new)) - round(loose)
    least = _least if len(some) * len(others) <= _MOST else _least_by_type
    return between_fixed + (least(some, others) + 1) // 2


def _traits(plain: Adjacency, free: list[int]) -> Counter[Trait]:
    """How often each trait occurs: a type, and the edges out and in, to free nodes and to fixed ones."""
    here = set(free)
    return Counter(_trait(plain, node, here) for node in free)


def _trait(plain: Adjacency, node: int, here: set[int]) -> Trait:
    after, before = plain.successors[node], plain.predecessors[node]
    out, into = sum(x in here for x in after), sum(x in here for x in before)
    return plain.types[node], out, into, len(after) - out, len(before) - into


def _least(some: Sequence[Trait], others: Sequence[Trait]) -> int:
    """Return twice the least that it costs to pair two lists of nodes, what is left over added or removed."""
    if len(some) < len(others):
        some, others = others, some
    numbers = {kind: at for at, kind in enumerate(sorted({trait[0] for trait in (*some, *others)}))}
    one, two = _table(some, numbers), _table(others, numbers)
    alone = 2 + one[:, 1:] @ _WEIGHTS
    costs = 2 * (one[:, None, 0] != two[None, :, 0])
    for column, weight in enumerate(_WEIGHTS.tolist(), 1):
        costs += weight * np.abs(one[:, None, column] - two[None, :, column])
    rows, columns = linear_sum_assignment(costs - alone[:, None])
    return int(alone.sum() + (costs - alone[:, None])[rows, columns].sum())


_WEIGHTS = np.array([1, 1, 2, 2])


def _least_by_type(some: Sequence[Trait], others: Sequence[Trait]) -> int:
    """Return twice a bound of the same, from types and numbers alone: for lists too long to assign."""
    one, two = (Counter(kind for kind, *_ in traits) for traits in (some, others))
    return 2 * (max(len(some), len(others)) - (one & two).total())


def _table(traits: Sequence[Trait], numbers: dict[str, int]) -> Ints:
    rows = [(numbers[kind], *counts) for kind, *counts in traits]
    return np.array(rows, dtype=np.int64).reshape(-1, 5)
