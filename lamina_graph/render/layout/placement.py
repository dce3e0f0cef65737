"""A component set on paper: how far apart its columns stand, and how its lines run."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from lamina_graph.render.layout.columns import Layers
from lamina_graph.render.layout.routing import Box, Column, Point, back, loop, onward

Pair = tuple[int, int]

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


def column_gaps(layers: Layers, links: Mapping[int, Pair], gaps: tuple[float, float]) -> list[float]:
    """Return the room after each column but the last: the more lines bend there, the more, up to a limit."""
    bends = _bends(layers, links)
    return [min(gaps[0] + _PER_BEND * bends[rank], gaps[1]) for rank in range(len(layers.columns) - 1)]


def column_widths(layers: Layers) -> list[float]:
    """Return the width of each column: that of its widest card."""
    return [max(layers.sizes[node][0] for node in column) for column in layers.columns]


def _bends(layers: Layers, links: Mapping[int, Pair]) -> Counter[int]:
    """How many lines change their level in the gap after each column, those of one card together once."""
    seen = set()
    for edge, (source, target) in links.items():
        ranks = range(layers.ranks[source], layers.ranks[target])
        levels = [
            layers.levels[source],
            *passing_levels(layers, edge, (source, target)),
            layers.levels[target],
        ]
        seen |= {
            (rank, source, end)
            for rank, start, end in zip(ranks, levels, levels[1:], strict=False)
            if abs(start - end) > 1
        }
    return Counter(rank for rank, _, _ in seen)


def passing_levels(layers: Layers, edge: int, pair: Pair) -> list[float]:
    """Return the levels at which a line passes the columns between its cards."""
    ranks = range(layers.ranks[pair[0]] + 1, layers.ranks[pair[1]]) if layers.passing else ()
    return [layers.passing[edge, rank] for rank in ranks if (edge, rank) in layers.passing]


def side_by_side(
    layers: Layers, links: Mapping[int, Pair], widths: Sequence[float], between: Sequence[float]
) -> Placed:
    """Return a component with its columns side by side."""
    lefts = [0.0, *accumulate(wide + gap for wide, gap in zip(widths, between, strict=False))]
    centres = {
        node: (lefts[rank] + widths[rank] / 2, layers.levels[node]) for node, rank in layers.ranks.items()
    }
    boxes = {node: box_at(centres[node], layers.sizes[node]) for node in centres}
    columns = [
        Column(left, left + width, tuple(sorted((boxes[node] for node in nodes), key=lambda box: box[1])))
        for left, width, nodes in zip(lefts, widths, layers.columns, strict=True)
    ]
    routes: dict[int, tuple[Point, ...]] = {}
    lanes = 0
    for edge, pair in links.items():
        routes[edge] = route(pair, layers, boxes, columns, passing_levels(layers, edge, pair), lanes)
        lanes += layers.ranks[pair[0]] >= layers.ranks[pair[1]] and pair[0] != pair[1]
    return at_home(boxes.values(), centres, routes)


def route(
    pair: Pair,
    layers: Layers,
    boxes: Mapping[int, Box],
    columns: Sequence[Column],
    passing: Sequence[float],
    lane: int,
) -> tuple[Point, ...]:
    """Return a line between two cards of one row; `lane` tells those that lead back apart."""
    source, target = pair
    first, last = layers.ranks[source], layers.ranks[target]
    if source == target:
        return loop(boxes[source])
    if first >= last:
        return back(boxes[source], boxes[target], columns[last : first + 1], lane)
    crossed = columns[first : last + 1] if passing else [columns[first], columns[last]]
    return onward(boxes[source], boxes[target], crossed, passing)


def at_home(
    boxes: Iterable[Box], centres: Mapping[int, Point], routes: Mapping[int, tuple[Point, ...]]
) -> Placed:
    """Return a component with its origin at the upper left."""
    corners = [corner for left, top, right, bottom in boxes for corner in ((left, top), (right, bottom))]
    xs, ys = zip(*corners, *(point for route in routes.values() for point in route), strict=True)
    placed = Placed(max(xs) - min(xs), max(ys) - min(ys), dict(centres), dict(routes))
    return placed.moved(-min(xs), -min(ys))


def box_at(centre: Point, size: Point) -> Box:
    """Return the corners of a card."""
    (x, y), (width, height) = centre, size
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2
