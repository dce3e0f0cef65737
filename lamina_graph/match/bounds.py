"""A bound by dual ascent, and the matchings that it meets on its way.

The integer program that matches nodes to earn the most (`exact`) is relaxed: an edge pair may earn at
either end and for either edge, so its earnings are split in four shares, and each pair of nodes takes the
best share of each group as its own. What is left is an assignment problem whose value no matching can
exceed, whatever the shares. Two steps make it small:

* Levelling: what a pair of nodes could take on without harm (its reduced cost) is taken from the pairs that
  compete with it, as in the dual ascent of Hahn and Grant (1998) for quadratic assignment and the max-
  product of Globerson and Jaakkola (2007). It treats equals alike and never makes the bound worse, but may
  rest too early.
* Pushing: a step against the subgradient (Held, Wolfe and Crowder 1974; for graphs Klau 2009) lowers the
  shares that the assignment just took.

Pairs that no matching better than the best known can have are dropped on the way. All shares are integers,
so rounding cannot make a bound untrue, and all machines take the same steps.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from lamina_graph.match.arrays import Ints
from lamina_graph.match.candidates import Group, Mask, Pairs

_FINE = 1 << 20
_LEVELLED = 12
_PRICE_STEPS = 64
_PARTS = 12
_SMALL = 50_000


@dataclass(frozen=True)
class Round:
    """What one round found.

    Attributes:
        bound: no matching of the pairs left, in this and all rounds before, earns more.
        matching: the best assignment of this round: for each node of one side its node on the other, else -1.
        left: the pairs and edge pairs that a matching better than the best known can still have.
    """

    bound: int
    matching: Ints
    left: Pairs


@dataclass(frozen=True)
class Relaxed:
    """The assignment problem that some shares give.

    Attributes:
        most: the best share of each group.
        value: what the assignment earns in all, in fine units.
        matching: the assignment.
        slack: for each pair of nodes, how much more it could earn without changing the value.
    """

    most: list[Ints]
    value: int
    matching: Ints
    slack: Ints


def ascend(pairs: Pairs) -> Generator[Round, int, None]:
    """Yield rounds, the bound getting better; to each, send what the best matching known earns."""
    total = 2 * pairs.unit * _FINE
    shares = [np.full(len(pairs.kept[0]), total // 4) for _ in pairs.groups]
    step = 0
    while True:
        relaxed = _relax(pairs, shares)
        known = yield Round(relaxed.value // _FINE, relaxed.matching, pairs)
        pairs, shares, relaxed = _reduce(pairs, shares, relaxed, (known + 1) * _FINE)
        if step < _LEVELLED or step % 2:
            shares = _level(pairs, relaxed, total)
        else:
            shares = _push(pairs, shares, relaxed, total, relaxed.value - known * _FINE)
        step += 1


def _relax(pairs: Pairs, shares: list[Ints]) -> Relaxed:
    most = [_most(share, group) for share, group in zip(shares, pairs.groups, strict=True)]
    profit = pairs.worth * _FINE
    for group, value in zip(pairs.groups, most, strict=True):
        np.add.at(profit, group.owner, value)
    table = np.zeros(pairs.shape, dtype=np.int64)
    table[pairs.one, pairs.two] = profit
    rows, columns = linear_sum_assignment(table, maximize=True)
    matching = np.full(pairs.shape[0], -1)
    matching[rows] = columns
    row_price, column_price = _prices(table, rows, columns)
    slack = row_price[pairs.one] + column_price[pairs.two] - profit
    return Relaxed(most, int(row_price.sum() + column_price.sum()), matching, slack)


def _reduce(
    pairs: Pairs, shares: list[Ints], relaxed: Relaxed, needed: int
) -> tuple[Pairs, list[Ints], Relaxed]:
    """Drop the pairs and edge pairs with which no matching earns what is needed."""
    earned = sum(most[group.number] for most, group in zip(relaxed.most, pairs.groups, strict=True))
    loss = earned - sum(shares) + relaxed.slack[pairs.ends[0]] + relaxed.slack[pairs.ends[1]]
    alive, kept = relaxed.value - relaxed.slack >= needed, relaxed.value - loss >= needed
    kept &= alive[pairs.ends[0]] & alive[pairs.ends[1]]
    gone = len(alive) + len(kept) - alive.sum() - kept.sum()
    if gone <= max(0, len(kept) - _SMALL) // 10:
        return pairs, shares, relaxed
    pairs, shares = pairs.only(alive, kept), [share[kept] for share in shares]
    most = [_most(share, group) for share, group in zip(shares, pairs.groups, strict=True)]
    return pairs, shares, Relaxed(most, relaxed.value, relaxed.matching, relaxed.slack[alive])


def _level(pairs: Pairs, relaxed: Relaxed, total: int) -> list[Ints]:
    """Shares that all could be as much higher without harm as each other."""
    groups = sum(np.bincount(group.owner, minlength=len(pairs)) for group in pairs.groups)
    rise = relaxed.slack // np.maximum(groups, 1)
    rooms = [
        (most + rise[group.owner])[group.number]
        for most, group in zip(relaxed.most, pairs.groups, strict=True)
    ]
    spare = (sum(rooms) - total) // len(rooms)
    return [room - spare for room in rooms]


def _push(pairs: Pairs, shares: list[Ints], relaxed: Relaxed, total: int, gap: int) -> list[Ints]:
    """Shares lowered where the assignment took them, by a step as long as Polyak (1969) has it."""
    chosen = relaxed.matching[pairs.one] == pairs.two
    taken = [
        _taken(share, group, most, chosen)
        for share, group, most in zip(shares, pairs.groups, relaxed.most, strict=True)
    ]
    slopes = [len(taken) * each - sum(taken) for each in taken]
    length = int(sum(np.square(slope).sum() for slope in slopes))
    if not length:
        return shares
    step = gap * len(taken) * _PARTS
    moved = [share - step * slope // length for share, slope in zip(shares, slopes, strict=True)]
    missing = np.maximum(total - sum(moved), 0)
    return [share - (-missing // len(moved)) for share in moved]


def _taken(share: Ints, group: Group, most: Ints, chosen: Mask) -> Ints:
    """How much of each share the assignment took, in parts of one; equal shares of a group count alike."""
    if not len(group.starts):
        return np.zeros(0, dtype=np.int64)
    most = np.where(chosen[group.owner], most, -1)
    hit = (share[group.order] == np.repeat(most, group.sizes)) & (share[group.order] > 0)
    parts = _PARTS // np.maximum(np.add.reduceat(hit.astype(np.int64), group.starts), 1)
    result = np.empty(len(share), dtype=np.int64)
    result[group.order] = hit * np.repeat(parts, group.sizes)
    return result


def _most(share: Ints, group: Group) -> Ints:
    if not len(group.starts):
        return np.zeros(0, dtype=np.int64)
    most: Ints = np.maximum(np.maximum.reduceat(share[group.order], group.starts), 0)
    return most


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
    for _ in range(_PRICE_STEPS):
        more = np.maximum(price, (rest + price[columns][:, None]).max(axis=0, initial=0))
        if (more == price).all():
            break
        price = more
    return price
