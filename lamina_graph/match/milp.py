"""The integer program over what the bound leaves open.

The formulation F2 (Lerouge et al. 2017, "New binary linear programming formulation to compute the graph
edit distance"; Darwiche et al. 2020): a variable for each pair of nodes and each pair of edges, and of the
edge pairs of a group one at most, and only with the pair of nodes that they share.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, vstack

from lamina_graph.match.arrays import Ints
from lamina_graph.match.candidates import Group, Pairs

_INFEASIBLE = 2
_UNKNOWN = 1 << 62
_TOLERANCE = 1e-7
"""Of HiGHS, for what a linear program may still gain in a variable (`dual_feasibility_tolerance`)."""

_ROUNDING = 1e-9


def better(pairs: Pairs, known: int, nodes: int) -> tuple[Ints | None, int]:
    """Return the matching that earns the most, if more than is known, and what no matching exceeds.

    Args:
        pairs: what is left open.
        known: what the best matching known earns.
        nodes: how many nodes of its search tree the solver may open.
    """
    earns = np.concatenate((pairs.worth, np.full(len(pairs.kept[0]), 2 * pairs.unit)))
    found = milp(
        -earns,
        integrality=(np.arange(len(earns)) < len(pairs)).astype(np.int64),
        bounds=Bounds(0, 1),
        constraints=[*_constraints(pairs), LinearConstraint(earns[None, :], known + 0.5, np.inf)],
        options={"node_limit": nodes, "mip_rel_gap": 0.0},
    )
    if found.status == _INFEASIBLE:
        return None, known
    matching = None if found.x is None else _matching(pairs, found.x[: len(pairs)])
    return matching, most(found.mip_dual_bound, len(earns))


def most(bound: float | None, variables: int) -> int:
    """Return what no matching exceeds, whatever the solver's bound of the negative is off by.

    It may be off by the tolerance of its linear programs in each variable, which lies between 0 and 1, and
    by the rounding of the sum.

    >>> most(-999_999.9996, variables=10)
    1000000
    """
    if bound is None or not np.isfinite(bound):
        return _UNKNOWN
    slack = _TOLERANCE * (10 + variables) + _ROUNDING * abs(bound)
    return int(np.floor(slack - bound))


def _matching(pairs: Pairs, taken: NDArray[np.float64]) -> Ints:
    result = np.full(pairs.shape[0], -1)
    chosen = taken > 0.5
    result[pairs.one[chosen]] = pairs.two[chosen]
    return result


def _constraints(pairs: Pairs) -> list[LinearConstraint]:
    width = len(pairs) + len(pairs.kept[0])
    once = vstack([_once(nodes, width) for nodes in (pairs.one, pairs.two)])
    held = vstack([_held(group, len(pairs), width) for group in pairs.groups])
    return [LinearConstraint(once, -np.inf, 1), LinearConstraint(held, -np.inf, 0)]


def _once(nodes: Ints, width: int) -> csr_array:
    """A row for each node: the pairs that it is in."""
    entries = np.ones(len(nodes)), (nodes, np.arange(len(nodes)))
    return coo_array(entries, shape=(nodes.max(initial=-1) + 1, width)).tocsr()


def _held(group: Group, size: int, width: int) -> csr_array:
    """A row for each group: its edge pairs, less the pair of nodes that holds them."""
    count = len(group.starts)
    rows = np.concatenate((np.repeat(np.arange(count), group.sizes), np.arange(count)))
    columns = np.concatenate((group.order + size, group.owner))
    values = np.concatenate((np.ones(len(group.order)), -np.ones(count)))
    return coo_array((values, (rows, columns)), shape=(count, width)).tocsr()
