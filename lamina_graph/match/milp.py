"""The integer program over what the bound leaves open.

The formulation F2 (Lerouge et al. 2017, "New binary linear programming formulation to compute the graph
edit distance"; Darwiche et al. 2020): a variable for each pair of nodes and each pair of edges, and of the
edge pairs of a group one at most, and only with the pair of nodes that they share.
"""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, vstack

from lamina_graph.match.arrays import Ints
from lamina_graph.match.candidates import CandidatePairs, ExclusionGroup

_INFEASIBLE = 2
_UNBOUNDED = 1 << 62
_TOLERANCE = 1e-7
"""Of HiGHS, for what a linear program may still gain in a variable (`dual_feasibility_tolerance`)."""

_ROUNDING = 1e-9
"""Of a sum of as many doubles as there are variables, each exact to 1e-16 of it: ample."""


def solve_program(pairs: CandidatePairs, known: int, nodes: int) -> tuple[Ints | None, int]:
    """Return the matching of the highest score, if above what is known, and what no matching exceeds.

    Args:
        pairs: what is left open.
        known: the score of the best matching known.
        nodes: how many nodes of its search tree the solver may open.
    """
    scores = np.concatenate((pairs.weights, np.full(len(pairs.edge_pairs[0]), 2 * pairs.type_weight)))
    result = milp(
        -scores,
        integrality=(np.arange(len(scores)) < len(pairs)).astype(np.int64),
        bounds=Bounds(0, 1),
        constraints=[*_constraints(pairs), LinearConstraint(scores[None, :], known + 0.5, np.inf)],
        options={"node_limit": nodes, "mip_rel_gap": 0.0},
    )
    if result.status == _INFEASIBLE:
        return None, known
    matching = None
    if result.x is not None:
        chosen = result.x[: len(pairs)] > 0.5
        matching = np.full(pairs.shape[0], -1)
        matching[pairs.one[chosen]] = pairs.two[chosen]
    return matching, safe_bound(result.mip_dual_bound, len(scores))


def safe_bound(bound: float | None, variables: int) -> int:
    """Return what no matching exceeds, whatever the solver's bound of the negative is off by.

    It may be off by the tolerance of its linear programs in each variable, which lies between 0 and 1, and
    by the rounding of the sum.

    >>> safe_bound(-999_999.9996, variables=10)
    1000000
    """
    if bound is None or not np.isfinite(bound):
        return _UNBOUNDED
    slack = _TOLERANCE * (10 + variables) + _ROUNDING * abs(bound)
    return int(np.floor(slack - bound))


def _constraints(pairs: CandidatePairs) -> list[LinearConstraint]:
    width = len(pairs) + len(pairs.edge_pairs[0])
    once = vstack([_pairs_of_nodes(nodes, width) for nodes in (pairs.one, pairs.two)])
    exclusive = vstack([_exclusions(group, len(pairs), width) for group in pairs.groups])
    return [LinearConstraint(once, -np.inf, 1), LinearConstraint(exclusive, -np.inf, 0)]


def _pairs_of_nodes(nodes: Ints, width: int) -> csr_array:
    """A row for each node: the pairs that it is in."""
    entries = np.ones(len(nodes)), (nodes, np.arange(len(nodes)))
    return coo_array(entries, shape=(nodes.max(initial=-1) + 1, width)).tocsr()


def _exclusions(group: ExclusionGroup, size: int, width: int) -> csr_array:
    """A row for each group: its edge pairs, less the pair of nodes that they need."""
    count = len(group.starts)
    rows = np.concatenate((np.repeat(np.arange(count), group.sizes), np.arange(count)))
    columns = np.concatenate((group.order + size, group.owner))
    values = np.concatenate((np.ones(len(group.order)), -np.ones(count)))
    return coo_array((values, (rows, columns)), shape=(count, width)).tocsr()
