"""How much of something goes into a message of limited size, and how the rest is counted."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def fit(items: Iterable[tuple[T, int]], room: int, size: Callable[[T], int]) -> tuple[list[T], int]:
    """Return the first items that fit into a room, and how many entries these hold.

    Args:
        items: each with the number of entries that it holds; a heading holds none.
        room: what all of them may take.
        size: what one takes.

    >>> fit([("# Fruit", 0), ("apple", 1), ("plum", 1)], 13, len)
    (['# Fruit', 'apple'], 1)
    """
    fitting: list[T] = []
    entries = 0
    for item, count in items:
        room -= size(item)
        if room < 0:
            break
        fitting.append(item)
        entries += count
    return fitting, entries


def left_out(number: int, elsewhere: str = "the JSON has them all") -> str:
    """Return how many entries a message leaves out, and where they are."""
    return f"{number} more, not listed here; {elsewhere}"
