"""How a line runs from card to card: level across the columns of cards, curved only in the gaps between them.

Graphviz decides between which cards a line passes; the line is then drawn again along that way, so that lines
leave and arrive level, keep clear of the cards, and look alike. Everything here goes from left to right; a
picture from top to bottom is the same, turned over.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

ARROW = 9.0
_CLEAR = 9.0  # between a line and a card that it passes
_TURN = 26.0  # how far a line that runs back swings out


@dataclass(frozen=True, slots=True)
class Column:
    """The cards of one rank: how far they reach from left to right, and the boxes from top to bottom."""

    left: float
    right: float
    boxes: tuple[Box, ...]

    def clear(self, level: float) -> float:
        """The level nearest to the given one where a line has room on both sides."""
        at = bisect_left(self.boxes, level, key=lambda box: (box[1] + box[3]) / 2)
        above = self.boxes[at - 1][3] if at else float("-inf")
        below = self.boxes[at][1] if at < len(self.boxes) else float("inf")
        if below - above < 2 * _CLEAR:
            return (above + below) / 2
        return min(max(level, above + _CLEAR), below - _CLEAR)


def columns(boxes: Iterable[Box]) -> list[Column]:
    """Return the columns that boxes stand in, from left to right; one column has one centre."""
    ranks: dict[float, list[Box]] = {}
    for box in boxes:
        ranks.setdefault(round((box[0] + box[2]) / 2, 0), []).append(box)
    return [
        Column(min(b[0] for b in rank), max(b[2] for b in rank), tuple(sorted(rank, key=lambda box: box[1])))
        for _, rank in sorted(ranks.items())
    ]


def onward(source: Box, target: Box, between: Sequence[Column], way: Sequence[Point]) -> tuple[Point, ...]:
    """Return a line from a card to one in a later column.

    Args:
        source: the card it leaves.
        target: the card it reaches.
        between: the columns that it crosses.
        way: points of the line as Graphviz drew it.
    """
    points = [(source[2], _middle(source))]
    for column in between:
        level = column.clear(_level(way, (column.left + column.right) / 2))
        _curve(points, (column.left, level))
        _straight(points, (column.right, level))
    tip = (target[0], _middle(target))
    _curve(points, (tip[0] - ARROW, tip[1]))
    return (*points, tip)


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


def _level(way: Sequence[Point], x: float) -> float:
    """How high a way is at some place; ways run to the right, but for small bulges at their ends."""
    for (x0, y0), (x1, y1) in pairwise(way):
        if x0 <= x <= x1:
            return y0 + (y1 - y0) * ((x - x0) / (x1 - x0) if x1 > x0 else 0)
    return way[-1][1]


def _curve(points: list[Point], end: Point) -> None:
    (x, y), (u, v) = points[-1], end
    if abs(v - y) < 0.5:
        _straight(points, end)
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
