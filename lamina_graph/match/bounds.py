"""What no matching can exceed: one bound by dual ascent, and a coarse one for graphs of any size.

The integer program that matches nodes for the highest score (`milp`) is relaxed: an edge pair may score at
either end and for either edge, so its score is split in four shares, and each pair of nodes takes the best
share of each group as its own. What is left is an assignment problem whose value no matching can exceed,
whatever the shares. Two steps make it small:

* Levelling: what a pair of nodes could take on without harm (its reduced cost) is taken from the pairs that
  compete with it, as in the dual ascent of Hahn and Grant (1998) for quadratic assignment and the max-
  product of Globerson and Jaakkola (2007). It treats equals alike and never makes the bound worse, but may
  rest too early.
* The subgradient (Held, Wolfe and Crowder 1974; for graphs Klau 2009): a step against it lowers the shares
  that the assignment just took.

Pairs that no matching better than the best known can have are dropped on the way. All shares are integers,
so rounding cannot make a bound untrue, and all machines take the same steps.
"""

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from lamina_graph.graph import Adjacency
from lamina_graph.match.arrays import Ints, Mask
from lamina_graph.match.candidates import CandidatePairs, ExclusionGroup
from lamina_graph.match.problem import Problem

_FINE = 1 << 20
"""Parts of a point of the score in which shares are counted: sums stay exact in the solver's floats."""

LEVEL_ROUNDS = 12
"""Rounds that only level, which gains most at first; from then on every other round takes a subgradient."""

_MOST_PRICE_STEPS = 64
"""Steps of a longest path that prices may follow: past it they are less level, and no less true."""

_PARTS = 12
"""Equal shares split what the assignment took; twelve parts divide among two, three, four and six."""

_FEW_EDGE_PAIRS = 50_000
"""Edge pairs up to which lists are made anew for any that drop out; beyond, for a tenth of the rest."""

_MOST_TABLE = 4_000_000
"""Entries up to which the coarse bound assigns nodes; a larger table would take more than half a minute."""


@dataclass(frozen=True)
class Round:
    """What one round found.

    Attributes:
        bound: no matching of the pairs left, in this and all rounds before, scores more.
        matching: the best assignment of this round: for each node of one side its node on the other, else -1.
        left: the pairs and edge pairs that a matching better than the best known can still have.
    """

    bound: int
    matching: Ints
    left: CandidatePairs


@dataclass(frozen=True)
class _Relaxation:
    """The assignment problem that some shares give.

    Attributes:
        best: the best share of each group.
        value: what the assignment scores in all, in fine parts.
        matching: the assignment.
        slack: for each pair of nodes, how much more it could score without changing the value.
    """

    best: list[Ints]
    value: int
    matching: Ints
    slack: Ints


def dual_ascent(pairs: CandidatePairs) -> Generator[Round, int, None]:
    """Yield rounds, the bound getting better; to each, send what the best matching known scores."""
    total = 2 * pairs.type_weight * _FINE
    shares = [np.full(len(pairs.edge_pairs[0]), total // 4) for _ in pairs.groups]
    step = 0
    while True:
        relaxation = _relax(pairs, shares)
        known = yield Round(relaxation.value // _FINE, relaxation.matching, pairs)
        pairs, shares, relaxation = _drop_pairs(pairs, shares, relaxation, (known + 1) * _FINE)
        if step < LEVEL_ROUNDS or step % 2:
            shares = _level_step(pairs, relaxation, total)
        else:
            shares = _subgradient_step(pairs, shares, relaxation, total, relaxation.value - known * _FINE)
        step += 1


def _relax(pairs: CandidatePairs, shares: list[Ints]) -> _Relaxation:
    best = [_best_share(share, group) for share, group in zip(shares, pairs.groups, strict=True)]
    profit = pairs.weights * _FINE
    for group, value in zip(pairs.groups, best, strict=True):
        np.add.at(profit, group.owner, value)
    table = np.zeros(pairs.shape, dtype=np.int64)
    table[pairs.one, pairs.two] = profit
    rows, columns = linear_sum_assignment(table, maximize=True)
    matching = np.full(pairs.shape[0], -1)
    matching[rows] = columns
    row_price, column_price = _prices(table, rows, columns)
    slack = row_price[pairs.one] + column_price[pairs.two] - profit
    return _Relaxation(best, int(row_price.sum() + column_price.sum()), matching, slack)


def _drop_pairs(
    pairs: CandidatePairs, shares: list[Ints], relaxation: _Relaxation, needed: int
) -> tuple[CandidatePairs, list[Ints], _Relaxation]:
    """Drop the pairs and edge pairs with which no matching scores what is needed."""
    value, slack, (tails, heads) = relaxation.value, relaxation.slack, pairs.endpoints
    best = sum(share[group.number] for share, group in zip(relaxation.best, pairs.groups, strict=True))
    alive = value - slack >= needed
    kept = value - (best - sum(shares) + slack[tails] + slack[heads]) >= needed
    kept &= alive[tails] & alive[heads]
    gone = len(alive) + len(kept) - alive.sum() - kept.sum()
    if gone <= max(0, len(kept) - _FEW_EDGE_PAIRS) // 10:
        return pairs, shares, relaxation
    pairs, shares = pairs.only(alive, kept), [share[kept] for share in shares]
    left = [_best_share(share, group) for share, group in zip(shares, pairs.groups, strict=True)]
    return pairs, shares, _Relaxation(left, value, relaxation.matching, slack[alive])


def _level_step(pairs: CandidatePairs, relaxation: _Relaxation, total: int) -> list[Ints]:
    """Shares that all could be as much higher without harm as each other."""
    groups = sum(np.bincount(group.owner, minlength=len(pairs)) for group in pairs.groups)
    rise = relaxation.slack // np.maximum(groups, 1)
    highest = [
        (best + rise[group.owner])[group.number]
        for best, group in zip(relaxation.best, pairs.groups, strict=True)
    ]
    spare = (sum(highest) - total) // len(highest)
    return [share - spare for share in highest]


def _subgradient_step(
    pairs: CandidatePairs, shares: list[Ints], relaxation: _Relaxation, total: int, gap: int
) -> list[Ints]:
    """Shares lowered where the assignment took them, by a step as long as Polyak (1969) has it."""
    chosen = relaxation.matching[pairs.one] == pairs.two
    taken = [
        _taken_parts(share, group, best, chosen)
        for share, group, best in zip(shares, pairs.groups, relaxation.best, strict=True)
    ]
    slopes = [len(taken) * parts - sum(taken) for parts in taken]
    length = int(sum(np.square(slope).sum() for slope in slopes))
    if not length:
        return shares
    step = gap * len(taken) * _PARTS
    moved = [share - step * slope // length for share, slope in zip(shares, slopes, strict=True)]
    missing = np.maximum(total - sum(moved), 0)
    return [share - (-missing // len(moved)) for share in moved]


def _taken_parts(share: Ints, group: ExclusionGroup, best: Ints, chosen: Mask) -> Ints:
    """How much of each share the assignment took, in parts of one; equal shares of a group count alike."""
    if not len(group.starts):
        return np.zeros(0, dtype=np.int64)
    hit = (share == np.where(chosen[group.owner], best, -1)[group.number]) & (share > 0)
    count = np.add.reduceat(hit[group.order].astype(np.int64), group.starts)
    parts: Ints = hit * (_PARTS // np.maximum(count, 1))[group.number]
    return parts


def _best_share(share: Ints, group: ExclusionGroup) -> Ints:
    if not len(group.starts):
        return np.zeros(0, dtype=np.int64)
    best: Ints = np.maximum(np.maximum.reduceat(share[group.order], group.starts), 0)
    return best


def _prices(table: Ints, rows: Ints, columns: Ints) -> tuple[Ints, Ints]:
    """Prices of rows and columns that together no entry exceeds, midway from the lowest to the highest."""
    low = _least_prices(table, rows, columns)
    other = _least_prices(table.T, columns, rows)
    high = np.maximum((table - other[:, None]).max(axis=0, initial=0), 0)
    price = (low + high) // 2
    return np.maximum((table - price).max(axis=1, initial=0), 0), price


def _least_prices(table: Ints, rows: Ints, columns: Ints) -> Ints:
    """The least column prices at which each row is content with its own: longest paths (Bellman 1958)."""
    alone = np.ones(table.shape[0], dtype=bool)
    alone[rows] = False
    price: Ints = np.maximum(table[alone].max(axis=0, initial=0), 0)
    rest = table[rows] - table[rows, columns][:, None]
    for _ in range(_MOST_PRICE_STEPS):
        more = np.maximum(price, (rest + price[columns][:, None]).max(axis=0, initial=0))
        if (more == price).all():
            break
        price = more
    return price


# The coarse bound: a pair of nodes costs 1 for another type, and at least half of an edge for each edge that
# one of them has more, a whole one where its other end is pinned. That is a metric, so equal nodes may be
# taken for each other, and one assignment bounds what the rest costs.

_Trait = tuple[str, int, int, int, int]
_HALF_EDGES = np.array([1, 1, 2, 2])


def degree_bound(problem: Problem) -> int:
    """Return a bound of the edit cost from each node's type and number of edges alone."""
    old, new = _traits(problem.old, problem.free_old), _traits(problem.new, problem.free_new)
    some, others = list((old - new).elements()), list((new - old).elements())
    free_edges = sum(sum(trait[1:3]) / 2 + sum(trait[3:]) for trait in (*old.elements(), *new.elements()))
    between_pinned = problem.base - max(len(problem.free_old), len(problem.free_new)) - round(free_edges)
    halves = _least_halves if len(some) * len(others) <= _MOST_TABLE else _least_halves_by_type
    return between_pinned + (halves(some, others) + 1) // 2


def _traits(adj: Adjacency, free: Sequence[int]) -> Counter[_Trait]:
    """How often each trait occurs: a type, and the edges out and in, to free nodes and to pinned ones."""
    lookup = set(free)
    traits: Counter[_Trait] = Counter()
    for node in free:
        after, before = adj.successors[node], adj.predecessors[node]
        out, into = sum(x in lookup for x in after), sum(x in lookup for x in before)
        traits[adj.types[node], out, into, len(after) - out, len(before) - into] += 1
    return traits


def _least_halves(some: Sequence[_Trait], others: Sequence[_Trait]) -> int:
    """Return twice the least that it costs to pair two lists of nodes, what is left over added or removed."""
    if len(some) < len(others):
        some, others = others, some
    number = {type_: i for i, type_ in enumerate(sorted({trait[0] for trait in (*some, *others)}))}
    one, two = (
        np.array([(number[type_], *counts) for type_, *counts in traits], dtype=np.int64).reshape(-1, 5)
        for traits in (some, others)
    )
    alone = 2 + one[:, 1:] @ _HALF_EDGES
    costs = 2 * (one[:, None, 0] != two[None, :, 0]) - alone[:, None]
    for column, weight in enumerate(_HALF_EDGES.tolist(), 1):
        costs += weight * np.abs(one[:, None, column] - two[None, :, column])
    rows, columns = linear_sum_assignment(costs)
    return int(alone.sum() + costs[rows, columns].sum())


def _least_halves_by_type(some: Sequence[_Trait], others: Sequence[_Trait]) -> int:
    """Return twice a bound of the same, from types and numbers alone: for lists too long to assign."""
    one, two = (Counter(type_ for type_, *_ in traits) for traits in (some, others))
    return 2 * (max(len(some), len(others)) - (one & two).total())
