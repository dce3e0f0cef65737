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
    gains = [len(successors[node]) - len(predecessors[node]) for node in range(count)]
    later = [node for node in reversed(order) if gains[node] > 0]
    earlier = [node for node in order if gains[node] < 0]
    for _ in range(_MOST_TURNS if len(pairs) <= _MOST_PAIRS else 0):
        moves = [_move(ranks, node, successors, predecessors, gains, 1) for node in later]
        moves += [_move(ranks, node, predecessors, successors, gains, -1) for node in earlier]
        if not any(moves):
            break
    first = min(ranks, default=0)
    return [rank - first for rank in ranks]


def _move(
    ranks: list[int], start: int, ahead: Neighbors, behind: Neighbors, gains: Sequence[int], way: int
) -> bool:
    """Move a card, with those that must give way and those that gain by it, if lines become shorter.

    By each column that a set of cards moves, lines ahead of it become shorter by one and those behind longer;
    lines within it stay, so that the gains of its cards add up.
    """
    moved = _pushed(ranks, start, ahead, way, set())
    whole = sum(gains[node] for node in moved) * way
    waiting = sorted(moved)
    for node in waiting:
        for other in behind[node]:
            if other not in moved and way * (ranks[node] - ranks[other]) == 1:
                more = _pushed(ranks, other, ahead, way, moved)
                gain = sum(gains[each] for each in more) * way
                if gain > 0:
                    moved |= more
                    whole += gain
                    waiting += sorted(more)
    if whole <= 0:
        return False
    room = [
        way * (ranks[other] - ranks[node]) - 1
        for node in moved
        for other in ahead[node]
        if other not in moved
    ]
    if not room:
        return False
    far = way * min(room)
    for node in moved:
        ranks[node] += far
    return True


def _pushed(ranks: Sequence[int], start: int, ahead: Neighbors, way: int, moved: set[int]) -> set[int]:
    """The cards that must move with one, besides those that do: all that stand close ahead of it."""
    pushed: set[int] = set()
    further = [start]
    while further:
        node = further.pop()
        if node not in pushed and node not in moved:
            pushed.add(node)
            further += [other for other in ahead[node] if way * (ranks[other] - ranks[node]) == 1]
    return pushed
