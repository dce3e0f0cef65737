"""A component whose columns go on in further rows, as text goes on in further lines.

A line from one row to another leaves its column in the gap after its card, runs in the channel between the
rows and enters in the gap before the card that it leads to; past the rows between, it runs at the left edge.
Lines of one card run together up to where they part. Each has a lane of its own in every gap and channel,
so none runs over a card or over another line.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lamina_graph.render.layout.columns import AROUND, Layers
from lamina_graph.render.layout.placement import (
    Placed,
    at_home,
    box_at,
    column_gaps,
    column_widths,
    passing_levels,
    route,
    side_by_side,
)
from lamina_graph.render.layout.routing import ARROW, Box, Column, Point, angled

Pair = tuple[int, int]

_LANE = 8.0  # between lines that run beside each other
_EDGE = 14.0  # between a card and the first of them
_ROW_GAP = 44.0  # between rows, lines aside
_SHARES = (1.0, 0.93, 0.86, 0.79, 0.72, 0.65, 0.58)
"""How much of a row columns take: the rest is for lines between rows, which widen it."""

_CLOSEST = 8.0  # what is left of empty space that a row has between its cards


def break_columns(
    widths: Sequence[float], between: Sequence[float], ranges: Iterable[Pair], limit: float
) -> list[range]:
    """Return the columns of each row: as few rows as fit, then as few lines as can be from row to row.

    Args:
        widths: of the columns.
        between: the room after each column but the last.
        ranges: the first and last column of each line.
        limit: how wide a row may be; a single column may be wider.

    >>> break_columns([100, 100, 100, 100], [50, 50, 50], [(0, 1), (1, 2), (0, 2), (2, 3)], 420)
    [range(0, 3), range(3, 4)]
    """
    cut = [0] * (len(widths) + 1)
    for first, last in ranges:
        for column in range(min(first, last) + 1, max(first, last) + 1):
            cut[column] += 1
    best: list[tuple[float, ...]] = [(0, 0, 0)]
    starts = [0]
    for end in range(1, len(widths) + 1):
        options = []
        for start in range(end):
            wide = sum(widths[start:end]) + sum(between[start : end - 1])
            if wide <= limit or start == end - 1:
                rows, cuts, uneven = best[start]
                options.append(((rows + 1, cuts + cut[start], uneven + wide * wide), start))
        cost, start = min(options)
        best.append(cost)
        starts.append(start)
    result, end = [], len(widths)
    while end:
        result.append(range(starts[end], end))
        end = starts[end]
    return result[::-1]


@dataclass
class _Lanes:
    """What runs beside each other at one place, in order."""

    keys: list[tuple[float, Pair]] = field(default_factory=list)

    def add(self, order: float, net: Pair) -> None:
        if all(known != net for _, known in self.keys):
            self.keys.append((order, net))

    def number(self, net: Pair) -> int:
        return [known for _, known in sorted(self.keys)].index(net)


def place(
    layers: Layers, links: Mapping[int, Pair], limit: float | None, gaps: tuple[float, float]
) -> Placed:
    """Return a component on paper: its columns side by side, in rows no wider than a limit.

    Args:
        layers: its columns.
        links: the cards that each line joins.
        limit: how wide a row may be; None for one row.
        gaps: the room between columns: without a line that bends there, and at most.
    """
    widths, between = column_widths(layers), column_gaps(layers, links, gaps)
    whole = side_by_side(layers, links, widths, between)
    if not limit or whole.width <= limit:
        return whole
    ranges = [(layers.ranks[source], layers.ranks[target]) for source, target in links.values()]
    tries: dict[int, Placed] = {}
    for share in _SHARES:
        rows = break_columns(widths, between, ranges, limit * share)
        if len(rows) > 1:
            placed = _Wrapped(layers, links, widths, between, rows).placed()
            if placed.width <= limit:
                return placed
            tries[len(rows)] = placed
    return min([whole, *tries.values()], key=lambda placed: placed.width)


class _Wrapped:
    """The component while it is set in rows.

    A net is a card with the channel that lines leave it by; channel 0 is above the first row.
    """

    def __init__(
        self,
        layers: Layers,
        links: Mapping[int, Pair],
        widths: Sequence[float],
        between: Sequence[float],
        rows: Sequence[range],
    ) -> None:
        self.layers, self.links, self.widths, self.rows = layers, links, widths, rows
        self.row = {column: at for at, columns in enumerate(rows) for column in columns}
        self.crossing = {edge: ends for edge, ends in links.items() if len(set(map(self._row, ends))) > 1}
        self.leaving: dict[int, _Lanes] = {column: _Lanes() for column in self.row}
        self.entering: dict[int, _Lanes] = {column: _Lanes() for column in self.row}
        self.channels: dict[int, _Lanes] = {at: _Lanes() for at in range(len(rows) + 1)}
        self.edge = _Lanes()
        for edge, (source, target) in self.crossing.items():
            net = self._net(edge)
            level = layers.levels[source]
            self.leaving[layers.ranks[source]].add(-level, net)
            self.entering[layers.ranks[target]].add(layers.levels[target], net)
            self.channels[net[1]].add(layers.ranks[source] + level / 1e6, net)
            if net[1] != self._row(target):
                self.channels[self._row(target)].add(layers.ranks[source] + level / 1e6, net)
                self.edge.add(level, net)
        self.lefts = self._lefts(between)

    def _row(self, node: int) -> int:
        return self.row[self.layers.ranks[node]]

    def _net(self, edge: int) -> Pair:
        source, target = self.links[edge]
        row = self._row(source)
        return source, row + 1 if self._row(target) > row else row

    def _lefts(self, between: Sequence[float]) -> dict[int, float]:
        """Where each column starts."""
        lefts = {}
        for columns in self.rows:
            x = 0.0
            for column in columns:
                lefts[column] = x
                lanes = len(self.leaving[column].keys)
                if column + 1 < columns.stop:
                    lanes += len(self.entering[column + 1].keys)
                    x += self.widths[column] + between[column] + _LANE * lanes + (_EDGE if lanes else 0)
        return lefts

    def placed(self) -> Placed:
        """The cards and lines on paper."""
        tops, shifts = self._levels()
        centres = {
            node: (self.lefts[rank] + self.widths[rank] / 2, shifts[self.row[rank]](self.layers.levels[node]))
            for node, rank in self.layers.ranks.items()
        }
        boxes = {node: box_at(centres[node], self.layers.sizes[node]) for node in centres}
        columns = self._columns(boxes)
        routes: dict[int, tuple[Point, ...]] = {}
        lanes = 0
        for edge, pair in self.links.items():
            if edge in self.crossing:
                routes[edge] = angled(list(_corners(self._way(edge, boxes, tops))))
                continue
            shift = shifts[self._row(pair[0])]
            passing = [shift(level) for level in passing_levels(self.layers, edge, pair)]
            routes[edge] = route(pair, self.layers, boxes, columns, passing, lanes)
            lanes += self.layers.ranks[pair[0]] >= self.layers.ranks[pair[1]]
        return at_home(boxes.values(), centres, routes)

    def _columns(self, boxes: Mapping[int, Box]) -> list[Column]:
        return [
            Column(
                self.lefts[rank],
                self.lefts[rank] + self.widths[rank],
                tuple(sorted((boxes[node] for node in nodes), key=lambda box: box[1])),
            )
            for rank, nodes in enumerate(self.layers.columns)
        ]

    def _levels(self) -> "tuple[list[float], list[_Shift]]":
        """Where each channel begins, and how the levels of each row move to stand below it."""
        tops, shifts, y = [], [], 0.0
        for at, columns in enumerate(self.rows):
            tops.append(y)
            y += self._channel_height(at)
            shift = _Shift(self._spans(columns), y)
            shifts.append(shift)
            y = shift.end
        return [*tops, y], shifts

    def _channel_height(self, at: int) -> float:
        lanes = len(self.channels[at].keys)
        back = sum(
            self._row(source) == self._row(target) == at
            and self.layers.ranks[source] >= self.layers.ranks[target]
            for source, target in self.links.values()
        )
        lines = lanes * _LANE + (_EDGE if lanes else 0) + (28 + 9 * back if back else 0)
        return lines if at == 0 else _ROW_GAP + lines

    def _spans(self, columns: range) -> list[tuple[float, float]]:
        """Between which levels a row has cards or lines."""
        layers = self.layers
        spans = [
            (layers.levels[node] - half, layers.levels[node] + half)
            for rank in columns
            for node in layers.columns[rank]
            for half in (layers.sizes[node][1] / 2 + AROUND,)
        ]
        spans += [
            (level, level)
            for edge, pair in self.links.items()
            if edge not in self.crossing and layers.ranks[pair[0]] in columns
            for level in passing_levels(layers, edge, pair)
        ]
        return sorted(spans)

    def _way(self, edge: int, boxes: Mapping[int, Box], tops: Sequence[float]) -> Iterable[Point]:
        """Yield the corners of a line from row to row."""
        source, target = self.links[edge]
        net = self._net(edge)
        start, end = boxes[source], boxes[target]
        first, last = self.layers.ranks[source], self.layers.ranks[target]
        begin, finish = (start[1] + start[3]) / 2, (end[1] + end[3]) / 2
        out = self.lefts[first] + self.widths[first] + _EDGE + _LANE * self.leaving[first].number(net)
        into = self.lefts[last] - ARROW - _EDGE - _LANE * self.entering[last].number(net)
        level = self._lane(net[1], net, tops)
        yield from ((start[2], begin), (out, begin), (out, level))
        if net[1] != self._row(target):
            most = max(len(self.entering[columns.start].keys) for columns in self.rows)
            edge_x = -ARROW - _EDGE - _LANE * (most + 1 + self.edge.number(net))
            yield edge_x, level
            level = self._lane(self._row(target), net, tops)
            yield edge_x, level
        yield from ((into, level), (into, finish), (end[0], finish))

    def _lane(self, channel: int, net: Pair, tops: Sequence[float]) -> float:
        above = _ROW_GAP / 2 if channel else 0.0
        return tops[channel] + above + _EDGE / 2 + _LANE * self.channels[channel].number(net)


def _corners(points: Iterable[Point]) -> Iterable[Point]:
    """Yield points without those that a line only passes."""
    points = list(points)
    yield points[0]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        if not (before[0] == corner[0] == after[0] or before[1] == corner[1] == after[1]):
            yield corner
    yield points[-1]


class _Shift:
    """How levels move when empty space between some spans is taken away and the first begins at a level."""

    def __init__(self, spans: Sequence[tuple[float, float]], top: float) -> None:
        self.steps: list[tuple[float, float]] = []
        end = old_end = None
        for low, high in spans:
            if old_end is None or end is None:
                self.steps.append((low, top - low))
                old_end, end = high, top - low + high
                continue
            if low - old_end > _CLOSEST:
                self.steps.append((low, end + _CLOSEST - low))
            if high > old_end:
                old_end, end = high, high + self.steps[-1][1]
        self.end = end if end is not None else top

    def __call__(self, level: float) -> float:
        return level + next(by for low, by in reversed(self.steps) if low <= level)
