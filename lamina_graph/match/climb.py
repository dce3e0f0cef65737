"""A better matching near a given one, by solving the problem over and over as if it were linear.

The integer projected fixed point of Leordeanu, Hebert and Sukthankar (2009). A matching is a point whose
entries, one a pair, are 0 or 1; the way between two matchings leads through fractions, here in whole parts
of `_ONE`, so that every machine takes the same steps.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment

from lamina_graph.match.arrays import Ints
from lamina_graph.match.candidates import Mask, Pairs

_ONE = 1 << 10
_STEPS = 12


def climb(pairs: Pairs, matching: Ints) -> Ints:
    """Return a matching that the linearised problem, solved over and over, leads to from the one given."""
    now = (matching[pairs.one] == pairs.two) * _ONE
    for _ in range(_STEPS):
        slope = _slope(pairs, now)
        step = _assigned(pairs, slope) * _ONE - now
        rise = int((slope * step).sum())
        bend = 2 * pairs.unit * int((step[pairs.ends[0]] * step[pairs.ends[1]]).sum())
        if rise <= 0:
            break
        now = now + (step if rise + 2 * bend >= 0 else step * rise // (-2 * bend))
    chosen = _assigned(pairs, _slope(pairs, now))
    result = np.full(pairs.shape[0], -1)
    result[pairs.one[chosen]] = pairs.two[chosen]
    return result


def _slope(pairs: Pairs, now: Ints) -> Ints:
    """How much more each pair would earn as things stand."""
    slope = pairs.worth * _ONE
    for end, other in (pairs.ends, pairs.ends[::-1]):
        np.add.at(slope, end, 2 * pairs.unit * now[other])
    return slope


def _assigned(pairs: Pairs, slope: Ints) -> Mask:
    """Which pairs are in the assignment that earns the most."""
    table = np.zeros(pairs.shape, dtype=np.int64)
    table[pairs.one, pairs.two] = slope
    rows, columns = linear_sum_assignment(table, maximize=True)
    matching = np.full(pairs.shape[0], -1)
    matching[rows] = columns
    chosen: Mask = matching[pairs.one] == pairs.two
    return chosen
