"""A component set on paper: how far apart its columns stand, and in which row each where one is too wide.

A line from one row to a later one leaves the columns in the gap after its card, runs back in the channel
between the rows and comes down in the gap before the card that it leads to; all such lines of one card run
together up to where they part.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lamina_graph.render.layout.columns import Layers
from lamina_graph.render.layout.routing import Box, Column, Point, back, loop, onward

Pair = tuple[int, int]

_LANE = 9.0  # between lines that run beside each other
_EDGE = 13.0  # between a card and the first of them
_PER_BEND = 2.5  # how much wider a gap is for each line that bends there


@dataclass(frozen=True, slots=True)
class Placed:
    """One component, laid out with its own origin."""

    width: float
    height: float
    centres: dict[int, Point]
    routes: dict[int, tuple[Point, ...]]

    def turned(self) -> "Placed":
        """The component from top to bottom instead of from left to right."""
        centres = {node: (y, x) for node, (x, y) in self.centres.items()}
        routes = {edge: tuple((y, x) for x, y in route) for edge, route in self.routes.items()}
        return Placed(self.height, self.width, centres, routes)

    def moved(self, x: float, y: float) -> "Placed":
        """The component at another place."""
        centres = {node: (a + x, b + y) for node, (a, b) in self.centres.items()}
        routes = {edge: tuple((a + x, b + y) for a, b in route) for edge, route in self.routes.items()}
        return Placed(self.width, self.height, centres, routes)


def place(
    layers: Layers, links: Mapping[int, Pair], limit: float | None, gaps: tuple[float, float]
) -> Placed:
    """Return a component on paper: its columns side by side, in rows no wider than a limit."""
    widths = [max(layers.sizes[node][0] for node in column) for column in layers.columns]
    bends = _bends(layers, links)
    between = [min(gaps[0] + _PER_BEND * bends[rank], gaps[1]) for rank in range(len(widths) - 1)]
    if limit and sum(widths) + sum(between) > limit:
        pass
    return _in_one_row(layers, links, widths, between)


def _bends(layers: Layers, links: Mapping[int, Pair]) -> Counter[int]:
    """How many lines change their level in the gap after each column, those of one card together once."""
    seen = set()
    for edge, (source, target) in links.items():
        ranks = range(layers.ranks[source], layers.ranks[target])
        levels = [layers.levels[source], *_passing(layers, edge, (source, target)), layers.levels[target]]
        seen |= {
            (rank, source, end)
            for rank, start, end in zip(ranks, levels, levels[1:], strict=False)
            if abs(start - end) > 1
        }
    return Counter(rank for rank, _, _ in seen)


def _passing(layers: Layers, edge: int, pair: Pair) -> list[float]:
    """The levels at which a line passes the columns between its cards."""
    ranks = range(layers.ranks[pair[0]] + 1, layers.ranks[pair[1]])
    return [layers.passing[edge, rank] for rank in ranks if (edge, rank) in layers.passing]


def _in_one_row(
    layers: Layers, links: Mapping[int, Pair], widths: Sequence[float], between: Sequence[float]
) -> Placed:
    """The columns side by side."""
    lefts = [sum(widths[:rank]) + sum(between[:rank]) for rank in range(len(widths))]
    centres = {
        node: (lefts[rank] + widths[rank] / 2, layers.levels[node]) for node, rank in layers.ranks.items()
    }
    boxes = {node: _box(centres[node], layers.sizes[node]) for node in centres}
    columns = _columns(layers, boxes, lefts, widths)
    routes: dict[int, tuple[Point, ...]] = {}
    lanes = 0
    for edge, (source, target) in links.items():
        first, last = layers.ranks[source], layers.ranks[target]
        if first < last:
            passing = _passing(layers, edge, (source, target))
            crossed = columns[first : last + 1] if passing else [columns[first], columns[last]]
            routes[edge] = onward(boxes[source], boxes[target], crossed, passing)
        elif source == target:
            routes[edge] = loop(boxes[source])
        else:
            routes[edge] = back(boxes[source], boxes[target], columns[last : first + 1], lanes)
            lanes += 1
    return at_home(boxes.values(), centres, routes)


def _columns(
    layers: Layers, boxes: Mapping[int, Box], lefts: Sequence[float], widths: Sequence[float]
) -> list[Column]:
    return [
        Column(left, left + width, tuple(sorted((boxes[node] for node in nodes), key=lambda box: box[1])))
        for left, width, nodes in zip(lefts, widths, layers.columns, strict=True)
    ]


def at_home(
    boxes: Iterable[Box], centres: Mapping[int, Point], routes: Mapping[int, tuple[Point, ...]]
) -> Placed:
    """Return a component with its origin at the upper left."""
    corners = [corner for left, top, right, bottom in boxes for corner in ((left, top), (right, bottom))]
    xs, ys = zip(*corners, *(point for route in routes.values() for point in route), strict=True)
    placed = Placed(max(xs) - min(xs), max(ys) - min(ys), dict(centres), dict(routes))
    return placed.moved(-min(xs), -min(ys))


def _box(centre: Point, size: Point) -> Box:
    (x, y), (width, height) = centre, size
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2
