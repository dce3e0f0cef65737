"""In which column each card stands: after all that lead to it, and near what it leads to."""

from collections.abc import Sequence

from lamina_graph.graph import depths, topological_order
from lamina_graph.render.scenes.scene import neighbor_lists

Pair = tuple[int, int]
Neighbors = Sequence[Sequence[int]]

_MOST_TURNS = 30
_MOST_PAIRS = 1_500  # lines up to which columns are searched for


def forward_pairs(count: int, links: Sequence[Pair]) -> list[Pair]:
    """Return the pairs that lines join, each once, turned where needed so that none leads back.

    >>> forward_pairs(3, [(0, 1), (1, 2), (2, 0), (1, 1)])
    [(0, 1), (0, 2), (1, 2)]
    """
    successors, _ = neighbor_lists(count, links)
    place = {node: at for at, node in enumerate(topological_order(successors, break_cycles=True))}
    return sorted({(a, b) if place[a] < place[b] else (b, a) for a, b in links if a != b})


def assign_ranks(count: int, links: Sequence[Pair]) -> list[int]:
    """Return the column of each card, from 0 on, such that lines are short in sum.

    A card starts as early as it can. Then sets of cards that stand close move together as long as that makes
    lines shorter: a loader stands before the first card that it serves, not at the far left.

    >>> assign_ranks(5, [(0, 1), (1, 2), (2, 3), (4, 3)])
    [0, 1, 2, 3, 2]
    """
    pairs = forward_pairs(count, links)
    successors, predecessors = neighbor_lists(count, pairs)
    order = topological_order(successors)
    ranks = depths(order, successors)
    for _ in range(_MOST_TURNS if len(pairs) <= _MOST_PAIRS else 0):
        later = [_move(ranks, node, successors, predecessors, 1) for node in reversed(order)]
        earlier = [_move(ranks, node, predecessors, successors, -1) for node in order]
        if not any(later) and not any(earlier):
            break
    first = min(ranks, default=0)
    return [rank - first for rank in ranks]


def _move(ranks: list[int], start: int, ahead: Neighbors, behind: Neighbors, way: int) -> bool:
    """Move a card, with those that must give way and those that gain by it, if lines become shorter."""

    def gain(nodes: Sequence[int]) -> int:
        """How much shorter lines become, by each column that more nodes move."""
        return sum(
            sum(other not in moved for other in ahead[node])
            - sum(other not in moved for other in behind[node])
            for node in nodes
        )

    moved: set[int] = set()
    _push(ranks, start, ahead, way, moved)
    for node in sorted(moved):
        for other in behind[node]:
            if other not in moved and way * (ranks[node] - ranks[other]) == 1:
                _push(ranks, other, ahead, way, moved)
    room = [
        way * (ranks[other] - ranks[node]) - 1
        for node in moved
        for other in ahead[node]
        if other not in moved
    ]
    if not room or gain(sorted(moved)) <= 0:
        return False
    for node in moved:
        ranks[node] += way * min(room)
    return True


def _push(ranks: Sequence[int], start: int, ahead: Neighbors, way: int, moved: set[int]) -> None:
    """Add a card to those that move, and all that stand close ahead of it."""
    further = [start]
    while further:
        node = further.pop()
        if node not in moved:
            moved.add(node)
            further += [other for other in ahead[node] if way * (ranks[other] - ranks[node]) == 1]
