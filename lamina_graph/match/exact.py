"""The integer program over what the bound leaves open.

The formulation F2 of Darwiche et al. (2020; first in Lerouge et al. 2017, "New binary linear programming formulation to
compute the graph edit distance"): a variable for each pair of nodes and each pair of edges, and an edge pair only where
both of its ends are matched.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, vstack

from lamina_graph.match.arena import Ints
from lamina_graph.match.pairs import Pairs


def better(pairs: Pairs, known: int, nodes: int) -> tuple[Ints | None, int]:
    """Return the matching that earns the most, if more than is known, and what no matching exceeds.

    Args:
        pairs: what is left open.
        known: what the best matching known earns.
        nodes: how many nodes of its search tree the solver may open.
    """
    size, edge_pairs = len(pairs), len(pairs.kept[0])
    earns = np.concatenate((pairs.worth, np.full(edge_pairs, 2 * pairs.unit)))
    rows = [(pairs.one, np.arange(size)), (pairs.two, np.arange(size))]
    once = vstack([_rows(at, columns, size + edge_pairs) for at, columns in rows])
    held = vstack([_held(group, size, edge_pairs) for group in pairs.groups])
    constraints = [
        LinearConstraint(once, -np.inf, 1),
        LinearConstraint(held, -np.inf, 0),
        LinearConstraint(earns[None, :], known + 1, np.inf),
    ]
    found = milp(
        -earns,
        integrality=np.repeat([1, 0], [size, edge_pairs]),
        bounds=Bounds(0, 1),
        constraints=constraints,
        options={"node_limit": nodes, "mip_rel_gap": 0.0},
    )
    if found.status == _INFEASIBLE:
        return None, known
    matching = None if found.x is None else _matching(pairs, found.x[:size])
    if found.mip_dual_bound is None:
        return matching, _UNKNOWN
    return matching, int(np.floor(1e-6 - found.mip_dual_bound))


_INFEASIBLE = 2
_UNKNOWN = 1 << 62


def _matching(pairs: Pairs, taken: NDArray[np.float64]) -> Ints:
    result = np.full(pairs.shape[0], -1)
    chosen = taken > 0.5
    result[pairs.one[chosen]] = pairs.two[chosen]
    return result


def _rows(rows, columns, width):
    return coo_array((np.ones(len(rows)), (rows, columns)), shape=(rows.max(initial=-1) + 1, width)).tocsr()


def _held(group, size, edge_pairs):
    count = len(group.starts)
    row = np.concatenate((np.repeat(np.arange(count), group.sizes), np.arange(count)))
    column = np.concatenate((group.order + size, group.owner))
    value = np.concatenate((np.ones(edge_pairs), -np.ones(count)))
    return coo_array((value, (row, column)), shape=(count, size + edge_pairs)).tocsr()
