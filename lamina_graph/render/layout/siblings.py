"""In which order cards stand that could change places: the author's, by when they were made, then by name."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lamina_graph.model import parse_node_id
from lamina_graph.render.folding.groups import Branch, interchangeable_branches, labeled_graph
from lamina_graph.render.scenes.scene import Card

Pair = tuple[int, int]

_NUMBER = re.compile(r"(\d{1,9})", re.ASCII)


def author_order(cards: Sequence[Card]) -> list[int]:
    """Return the place of each card in the author's order.

    That is by the moment in its id, when it was put on the canvas; cards without one come after, by title.

    >>> author_order([Card("Shot 10", "", "generate"), Card("Shot 9", "", "generate")])
    [1, 0]
    """
    order = sorted(
        range(len(cards)), key=lambda node: (_moment(cards[node]), natural(cards[node].title), node)
    )
    places = [0] * len(cards)
    for place, node in enumerate(order):
        places[node] = place
    return places


def _moment(card: Card) -> float:
    parsed = parse_node_id(card.id)
    return parsed[1] if parsed else float("inf")


def natural(title: str) -> tuple[Any, ...]:
    """Return what titles are sorted by: their words and numbers in turns.

    >>> natural("Shot 12 b")
    ('Shot ', 12, ' b')
    """
    return tuple(int(part) if at % 2 else part for at, part in enumerate(_NUMBER.split(title)))


def sibling_branches(count: int, links: Sequence[Pair]) -> list[list[Branch]]:
    """Return the sets of branches that could change places without any other difference.

    The outer ones come before those within them. A branch names its cards, like ones at like places.

    >>> sibling_branches(4, [(0, 1), (0, 2), (1, 3)])
    []
    >>> sibling_branches(3, [(0, 1), (0, 2)])
    [[(1,), (2,)]]
    """
    edges = set(links)
    touching: list[list[Pair]] = [[] for _ in range(count)]
    for pair in edges:
        for end in set(pair):
            touching[end].append(pair)

    def alike(first: Branch, other: Branch) -> bool:
        """Whether the graph stays the same when two branches change places."""
        swap = dict(zip((*first, *other), (*other, *first), strict=True))
        return all(
            (swap.get(a, a), swap.get(b, b)) in edges for node in (*first, *other) for a, b in touching[node]
        )

    sets = interchangeable_branches(labeled_graph([0] * count, sorted(edges)))
    return [branches for branches in sets if all(alike(branches[0], branch) for branch in branches[1:])]


def rearranged(
    branches: Sequence[Branch],
    levels: Mapping[int, float],
    places: Mapping[int, int],
    cards: Mapping[int, Card],
) -> dict[int, int]:
    """Return for each card of branches that change places the card whose place it takes.

    Args:
        branches: those that could change places.
        levels: how far down each card stands.
        places: of each card in the author's order.
        cards: whose titles count where they are a numbered series.
    """
    standing = sorted(branches, key=lambda branch: sum(levels[node] for node in branch))
    numbers = _numbers(branches, cards)
    wanted = sorted(branches, key=lambda branch: numbers.get(branch, min(places[node] for node in branch)))
    return {
        node: taken
        for branch, place in zip(wanted, standing, strict=True)
        if branch != place
        for node, taken in zip(branch, place, strict=True)
    }


def _numbers(branches: Sequence[Branch], cards: Mapping[int, Card]) -> dict[Branch, int]:
    """The number of each branch where titles are a numbered series; empty where they are none."""
    for nodes in zip(*branches, strict=True):
        titles = [natural(cards[node].title) for node in nodes]
        numbers = [title[1::2] for title in titles]
        if len({title[::2] for title in titles}) == 1 and _is_series(numbers):
            return {branch: number for branch, (number,) in zip(branches, numbers, strict=True)}
    return {}


def _is_series(numbers: Sequence[tuple[int, ...]]) -> bool:
    """Whether numbers go on one by one, in any order."""
    first = min(numbers)
    return len(first) == 1 and [number[0] for number in sorted(numbers)] == list(
        range(first[0], first[0] + len(numbers))
    )
