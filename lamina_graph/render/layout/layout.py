"""Where the cards of a picture go, which way it runs, and how the lines between them run.

Each component is laid out by Graphviz on its own, then the components are set side by side. What Graphviz
would work on for too long is laid out in plain layers instead; the size of the graph and the work done
decide, never the clock. All of it goes from left to right; a picture from top to bottom is that picture
turned over.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lamina_graph.graph import connected_components, depths, topological_order
from lamina_graph.render.layout.graphviz import FUEL, Engine, Exhausted, run
from lamina_graph.render.layout.routing import Box, Point, back, columns, loop, onward, samples
from lamina_graph.render.palette import Direction
from lamina_graph.render.scenes.scene import Scene, neighbor_lists

_CAREFUL = {"splines": "true", "mclimit": "8"}
_QUICK = {"splines": "polyline", "nslimit": "3", "nslimit1": "3", "mclimit": "0.3"}

Pair = tuple[int, int]

RANK_GAP, NODE_GAP, COMPONENT_GAP = 60.0, 22.0, 48.0
_WEIGHTY = " [weight=6]"
_SMALL = 250  # nodes and edges up to which no layout takes long
_LARGE = 1_500  # nodes and edges from which Graphviz's searches are cut short
_TOO_LARGE = 9_000  # nodes and edges from which plain layers are used at once
_ROOM = 1000.0  # what components may always take of a row
_WIDE = 1.7  # the ratio of width to height that components are set for
_COLUMNS = 8  # a page shows so many columns side by side without making them too small to read
_ACROSS = 1.2  # how much more room cards take side by side in a row than one in a column
_GAIN = 0.7  # how much narrower a picture must become to be turned


@dataclass(frozen=True, slots=True)
class Layout:
    """A laid out picture: its size, the centre of each card, the points of each line.

    A line is a chain of cubic Béziers, then the tip of its arrow.
    """

    width: float
    height: float
    centres: tuple[Point, ...]
    routes: tuple[tuple[Point, ...], ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """One component to be laid out: its cards with their sizes, its lines with the cards they join."""

    sizes: Mapping[int, Point]
    links: Mapping[int, Pair]
    strong: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Placed:
    """One component, laid out with its own origin."""

    width: float
    height: float
    centres: dict[int, Point]
    routes: dict[int, tuple[Point, ...]]

    def turned(self) -> "_Placed":
        """The component from top to bottom instead of from left to right."""
        centres = {node: (y, x) for node, (x, y) in self.centres.items()}
        routes = {edge: tuple((y, x) for x, y in route) for edge, route in self.routes.items()}
        return _Placed(self.height, self.width, centres, routes)


def layout(
    sizes: Sequence[Point],
    links: Sequence[Pair],
    strong: frozenset[int],
    direction: Direction,
    engine: Engine,
) -> Layout:
    """Return where everything goes.

    Args:
        sizes: the width and height of each card.
        links: the cards that each line joins, by number.
        strong: the lines, by number, that are to run as straight as can be.
        direction: left to right, or top to bottom.
        engine: which Graphviz.

    Raises:
        RenderError: the engine is missing or failed.
    """
    down = direction == "TB"
    sizes = [(height, width) for width, height in sizes] if down else sizes
    fuel, parts = FUEL, []
    for nodes, edges in _components(len(sizes), links):
        part = _Part({node: sizes[node] for node in nodes}, {edge: links[edge] for edge in edges}, strong)
        placed, fuel = _placed(part, engine, fuel)
        parts.append(placed.turned() if down else placed)
    return _side_by_side(parts, len(sizes), len(links))


def _components(count: int, links: Sequence[Pair]) -> Iterable[tuple[list[int], list[int]]]:
    """Yield the nodes and links of each component, the component of the first node first."""
    components = connected_components(neighbor_lists(count, links)[0])
    edges: list[list[int]] = [[] for _ in components]
    component = {node: i for i, nodes in enumerate(components) for node in nodes}
    for edge, (source, _) in enumerate(links):
        edges[component[source]].append(edge)
    return zip(components, edges, strict=True)


def _placed(part: _Part, engine: Engine, fuel: int) -> tuple[_Placed, int]:
    if not part.links:
        ((node, (width, height)),) = part.sizes.items()
        return _Placed(width, height, {node: (width / 2, height / 2)}, {}), fuel
    size = len(part.sizes) + len(part.links)
    if size > _TOO_LARGE:
        return _layers(part), fuel
    try:
        answer, work = run(_source(part), engine, None if size < _SMALL else fuel)
    except Exhausted:
        return _layers(part), 0
    return _read(json.loads(answer), part), fuel - work


def _source(part: _Part) -> str:
    """The DOT source of one component: boxes under made-up names, and nothing that anybody typed.

    The body is numbers alone, so that there is nothing to escape.
    """
    import graphviz

    large = len(part.sizes) + len(part.links) > _LARGE
    usual, _ = Counter(part.sizes.values()).most_common(1)[0]
    nodes = (
        f"n{node} [{' '.join(f'{name}={value}' for name, value in _sides(size).items())}]\n"
        if size != usual
        else f"n{node}\n"
        for node, size in part.sizes.items()
    )
    edges = (
        f"n{source} -> n{target}{_WEIGHTY if edge in part.strong else ''}\n"
        for edge, (source, target) in part.links.items()
    )
    dot = graphviz.Digraph(
        graph_attr={
            "rankdir": "LR",
            "ranksep": f"{_gap(part) / 72:.4f}",
            "nodesep": f"{NODE_GAP / 72:.4f}",
            **(_QUICK if large else _CAREFUL),
        },
        node_attr={"shape": "box", "fixedsize": "true", "label": "", **_sides(usual)},
        edge_attr={"tailport": "e", "headport": "w"},
        body=(*nodes, *edges),
    )
    return str(dot.source)


def _sides(size: Point) -> dict[str, str]:
    return {"width": f"{size[0] / 72:.4f}", "height": f"{size[1] / 72:.4f}"}


def _gap(part: _Part) -> float:
    """The room between columns: more of it where many lines leave or reach one card."""
    ends = Counter(node for pair in part.links.values() for node in pair)
    return RANK_GAP + min(3.0 * max(ends.values()), 48.0)


def _read(answer: Mapping[str, Any], part: _Part) -> _Placed:
    """The component as Graphviz laid it out, whose y runs up."""
    names = [int(item["name"][1:]) for item in answer["objects"]]
    number = {pair: edge for edge, pair in part.links.items()}
    ways = {number[names[item["tail"]], names[item["head"]]]: item["pos"] for item in answer.get("edges", ())}
    down = -1

    def point(text: str) -> Point:
        x, y = text.split(",")
        return float(x), float(y) * down

    centres = {node: point(item["pos"]) for node, item in zip(names, answer["objects"], strict=True)}
    if _upside_down(centres):
        down = 1
        centres = {node: (x, -y) for node, (x, y) in centres.items()}
    return _routed(part, centres, lambda edge: [point(pair) for pair in ways[edge].split(" ")[1:]])


def _upside_down(centres: Mapping[int, Point]) -> bool:
    """Whether more neighbours in a column stand against the order of the workflow than along it."""
    order = sorted(centres, key=lambda node: (round(centres[node][0]), centres[node][1]))
    beside = [pair for pair in pairwise(order) if round(centres[pair[0]][0]) == round(centres[pair[1]][0])]
    return 2 * sum(above > below for above, below in beside) > len(beside)


def _routed(part: _Part, centres: Mapping[int, Point], way: Callable[[int], Sequence[Point]]) -> _Placed:
    """The component with its lines drawn along the way of each, and its origin at the upper left."""
    boxes = {node: _box(centres[node], size) for node, size in part.sizes.items()}
    ranks = columns(boxes.values())
    place = {box: at for at, rank in enumerate(ranks) for box in rank.boxes}
    routes: dict[int, tuple[Point, ...]] = {}
    lanes = 0
    for edge, (source, target) in part.links.items():
        start, end = boxes[source], boxes[target]
        first, last = place[start], place[end]
        if first < last:
            between = ranks[first + 1 : last]
            routes[edge] = onward(start, end, between, samples(way(edge)) if between else ())
        elif source == target:
            routes[edge] = loop(start)
        else:
            routes[edge] = back(start, end, ranks[last : first + 1], lanes)
            lanes += 1
    return _moved_home(boxes.values(), centres, routes)


def _moved_home(
    boxes: Iterable[Box], centres: Mapping[int, Point], routes: Mapping[int, tuple[Point, ...]]
) -> _Placed:
    corners = [corner for left, top, right, bottom in boxes for corner in ((left, top), (right, bottom))]
    xs, ys = zip(*corners, *(point for route in routes.values() for point in route), strict=True)
    x, y = -min(xs), -min(ys)
    return _Placed(
        max(xs) + x,
        max(ys) + y,
        {node: _moved(centre, x, y) for node, centre in centres.items()},
        {edge: tuple(_moved(point, x, y) for point in route) for edge, route in routes.items()},
    )


def _layers(part: _Part) -> _Placed:
    """Plain layers: each node one layer after the last that feeds it, ordered by where its feeders stand."""
    nodes = list(part.sizes)
    number = {node: i for i, node in enumerate(nodes)}
    links = [(number[source], number[target]) for source, target in part.links.values()]
    successors, predecessors = neighbor_lists(len(nodes), links)
    ranks = depths(topological_order(successors, break_cycles=True), successors)
    layers: list[list[int]] = [[] for _ in range(max(ranks) + 1)]
    for i, rank in enumerate(ranks):
        layers[rank].append(i)
    place: dict[int, float] = {}
    for rank, layer in enumerate(layers):
        feeders = {i: [place[f] for f in predecessors[i] if ranks[f] < rank] for i in layer}
        layer.sort(key=lambda i: sum(feeders[i]) / (len(feeders[i]) or 1))
        place.update((i, at - len(layer) / 2) for at, i in enumerate(layer))
    return _grid(part, [[nodes[i] for i in layer] for layer in layers])


def _grid(part: _Part, layers: Sequence[Sequence[int]]) -> _Placed:
    step = max(width for width, _ in part.sizes.values()) + RANK_GAP
    slot = max(height for _, height in part.sizes.values()) + NODE_GAP
    centres = {
        node: (rank * step, (at - (len(layer) - 1) / 2) * slot)
        for rank, layer in enumerate(layers)
        for at, node in enumerate(layer)
    }
    boxes = {node: _box(centres[node], size) for node, size in part.sizes.items()}
    routes = {
        edge: onward(boxes[source], boxes[target], (), ()) for edge, (source, target) in part.links.items()
    }
    return _moved_home(boxes.values(), centres, routes)


def _side_by_side(parts: Sequence[_Placed], nodes: int, edges: int) -> Layout:
    """The components in rows, the largest first, in a shape fit for a screen."""
    area = sum((part.width + COMPONENT_GAP) * (part.height + COMPONENT_GAP) for part in parts)
    room = max(_ROOM, math.sqrt(area * _WIDE), *(part.width for part in parts)) + 1
    centres: list[Point] = [(0, 0)] * nodes
    routes: list[tuple[Point, ...]] = [()] * edges
    x = y = tallest = width = 0.0
    for part in sorted(parts, key=lambda part: -part.width * part.height):
        if x and x + part.width > room:
            x, y, tallest = 0.0, y + tallest + COMPONENT_GAP, 0.0
        for node, centre in part.centres.items():
            centres[node] = _moved(centre, x, y)
        for edge, route in part.routes.items():
            routes[edge] = tuple(_moved(point, x, y) for point in route)
        width, tallest = max(width, x + part.width), max(tallest, part.height)
        x += part.width + COMPONENT_GAP
    return Layout(width, y + tallest, tuple(centres), tuple(routes))


def _box(centre: Point, size: Point) -> Box:
    (x, y), (width, height) = centre, size
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _moved(point: Point, x: float, y: float) -> Point:
    return point[0] + x, point[1] + y


def best_direction(scene: Scene) -> Direction:
    """Return the way in which a scene fits on a page: from top to bottom where it is long and narrow."""
    columns, rows = grid_size(scene)
    return "TB" if columns > _COLUMNS and rows < columns * _ACROSS * _GAIN else "LR"


def grid_size(scene: Scene) -> tuple[int, int]:
    """Return about how many columns the cards stand in, and how many cards in the fullest of them.

    >>> from lamina_graph.files import load
    >>> from lamina_graph.render.scenes.scene import Card, Link
    >>> cards = tuple(Card(name, "", "generate") for name in "abc")
    >>> links = Link(0, 2), Link(1, 2)
    >>> grid_size(Scene("", "", "", cards, links, load({"nodes": [], "edges": []})))
    (2, 2)
    """
    successors, predecessors = neighbor_lists(len(scene.cards), scene.pairs)
    order = topological_order(successors, break_cycles=True)
    earliest, latest = depths(order, successors), depths(order[::-1], predecessors)
    fullest = [max(Counter(columns).values(), default=0) for columns in (earliest, latest)]
    return max(earliest, default=0) + 1, min(fullest)
