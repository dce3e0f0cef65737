"""A better matching near a given one: the integer projected fixed point of Leordeanu, Hebert and Sukthankar (2009)."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from lamina_graph.match.arena import Ints
from lamina_graph.match.pairs import Pairs

_STEPS = 12


def climb(pairs: Pairs, matching: Ints) -> Ints:
    """Return a matching that the linearised problem, solved over and over, leads to from the one given."""
    now = (matching[pairs.one] == pairs.two).astype(np.float64)
    for _ in range(_STEPS):
        slope = _slope(pairs, now)
        step = _assigned(pairs, slope) - now
        rise, bend = slope @ step, pairs.unit * 2.0 * (step[pairs.ends[0]] @ step[pairs.ends[1]])
        if rise <= 0:
            break
        now = now + (1.0 if bend >= 0 else min(1.0, -rise / (2 * bend))) * step
    chosen = _assigned(pairs, _slope(pairs, now)) > 0
    result = np.full(pairs.shape[0], -1)
    result[pairs.one[chosen]] = pairs.two[chosen]
    return result


def _slope(pairs: Pairs, now: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much more each pair would earn as things stand."""
    slope = pairs.worth.astype(np.float64)
    for end, other in (pairs.ends, pairs.ends[::-1]):
        slope += 2.0 * pairs.unit * np.bincount(end, now[other], minlength=len(pairs))
    return slope


def _assigned(pairs: Pairs, slope: NDArray[np.float64]) -> NDArray[np.float64]:
    table = np.zeros(pairs.shape)
    table[pairs.one, pairs.two] = slope
    rows, columns = linear_sum_assignment(table, maximize=True)
    matching = np.full(pairs.shape[0], -1)
    matching[rows] = columns
    return (matching[pairs.one] == pairs.two).astype(np.float64)
