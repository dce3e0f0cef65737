"""How a line runs from card to card: level across the columns of cards, curved only in the gaps between them.

Everything here goes from left to right; a picture from top to bottom is the same, turned over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

ARROW = 9.0
_TURN = 26.0  # how far a line that runs back swings out
_BEND = 8.0  # the radius of a corner


@dataclass(frozen=True, slots=True)
class Column:
    """The cards of one rank: how far they reach from left to right, and the boxes from top to bottom."""

    left: float
    right: float
    boxes: tuple[Box, ...]


def onward(
    source: Box, target: Box, columns: Sequence[Column], passing: Sequence[float]
) -> tuple[Point, ...]:
    """Return a line from a card to one in a later column.

    Args:
        source: the card it leaves.
        target: the card it reaches.
        columns: those of both cards, and what lies between.
        passing: the level at which it passes each column between.
    """
    points = [(source[2], _middle(source))]
    first, *between, last = columns
    _straight(points, (first.right, points[0][1]))
    for column, level in zip(between, passing, strict=True):
        _curve(points, (column.left, level))
        _straight(points, (column.right, level))
    tip = (target[0], _middle(target))
    _curve(points, (last.left - ARROW, tip[1]))
    _straight(points, (tip[0] - ARROW, tip[1]))
    return (*points, tip)


def angled(corners: Sequence[Point]) -> tuple[Point, ...]:
    """Return a line through corners, level and upright in turns, that ends level at the tip of its arrow."""
    *corners, tip = corners
    corners = [*corners, (tip[0] - ARROW, tip[1])]
    points = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        radius = min(_BEND, _distance(before, corner) / 2, _distance(corner, after) / 2)
        start, end = _toward(corner, before, radius), _toward(corner, after, radius)
        _straight(points, start)
        points += [_toward(corner, before, radius * 0.45), _toward(corner, after, radius * 0.45), end]
    _straight(points, corners[-1])
    return (*points, tip)


def _distance(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _toward(one: Point, other: Point, far: float) -> Point:
    share = far / (_distance(one, other) or 1)
    return one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share


def back(source: Box, target: Box, crossed: Sequence[Column], lane: int) -> tuple[Point, ...]:
    """Return a line to a card in the same or an earlier column: out, over all cards on the way, and in.

    Args:
        source: the card it leaves.
        target: the card it reaches.
        crossed: the columns from the target's to the source's.
        lane: how many such lines run there already.
    """
    level = min(column.boxes[0][1] for column in crossed) - _TURN * 0.7 - 9 * lane
    start, tip = (source[2], _middle(source)), (target[0], _middle(target))
    out, home = start[0] + _TURN, tip[0] - ARROW - _TURN
    first = (start[0] + 4, level)
    last = (tip[0] - ARROW - 4, level)
    return _arc(start, tip, level, (out, home), (first, last))


def _arc(
    start: Point, tip: Point, level: float, turns: tuple[float, float], straight: tuple[Point, Point]
) -> tuple[Point, ...]:
    """Return a line that leaves a card, goes back along a level above, and comes in from the left."""
    out, home = turns
    return (
        start,
        (out, start[1]),
        (out, level),
        straight[0],
        *_thirds(*straight),
        (home, level),
        (home, tip[1]),
        (tip[0] - ARROW, tip[1]),
        tip,
    )


def loop(box: Box) -> tuple[Point, ...]:
    """Return a line from a card to itself, close over its top."""
    start, tip = (box[2], _middle(box)), (box[0], _middle(box))
    level, out, home = box[1] - 12, box[2] + 22, box[0] - 22
    first, last = (box[2] - 6, level), (box[0] + 6, level)
    return _arc(start, tip, level, (out, home), (first, last))


def samples(curve: Sequence[Point], steps: int = 6) -> list[Point]:
    """Return points along a chain of cubic Béziers."""
    points = [curve[0]]
    for i in range(0, len(curve) - 3, 3):
        points += [_bezier(curve[i : i + 4], step / steps) for step in range(1, steps + 1)]
    return points


def _bezier(points: Sequence[Point], t: float) -> Point:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
    s = 1 - t
    a, b, c, d = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
    return a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy


def _curve(points: list[Point], end: Point) -> None:
    (x, y), (u, v) = points[-1], end
    if abs(v - y) < 0.5:
        _straight(points, (u, y))
        return
    half = (u - x) * 0.55
    points += [(x + half, y), (u - half, v), end]


def _straight(points: list[Point], end: Point) -> None:
    points += _thirds(points[-1], end)


def _thirds(start: Point, end: Point) -> list[Point]:
    (x, y), (u, v) = start, end
    return [(x + (u - x) / 3, y + (v - y) / 3), (x + (u - x) * 2 / 3, y + (v - y) * 2 / 3), end]


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2
