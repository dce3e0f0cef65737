"""Where the cards of a picture go, and how the lines between them run.

Each component is laid out by Graphviz on its own, then the components are set side by side. What Graphviz would work on for too
long is laid out in plain layers instead; which, is told by the size of the graph and the work done, never by the clock.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lamina_graph.render.engine import FUEL, Engine, Exhausted, run
from lamina_graph.render.language import Direction

Point = tuple[float, float]
Pair = tuple[int, int]

RANK_GAP, NODE_GAP, COMPONENT_GAP = 52.0, 22.0, 44.0
_LARGE = 1_500  # nodes and edges from which Graphviz's searches are cut short
_TOO_LARGE = 9_000  # nodes and edges from which plain layers are used at once
_WIDE = 1.7  # the ratio of width to height that components are set for


@dataclass(frozen=True, slots=True)
class Layout:
    """A laid out picture: its size, the centre of each card, the Bézier points of each line from card to card."""

    width: float
    height: float
    centres: tuple[Point, ...]
    routes: tuple[tuple[Point, ...], ...]


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
    fuel, parts = FUEL, []
    for nodes, edges in _components(len(sizes), links):
        part, fuel = _component(_Part(nodes, edges, sizes, links, strong, direction), engine, fuel)
        parts.append(part)
    return _side_by_side(parts, len(sizes), len(links), direction)


@dataclass(frozen=True, slots=True)
class _Part:
    """One component that is to be laid out: the numbers of its cards and lines, within the whole picture."""

    nodes: Sequence[int]
    edges: Sequence[int]
    sizes: Sequence[Point]
    links: Sequence[Pair]
    strong: frozenset[int]
    direction: Direction


@dataclass(frozen=True, slots=True)
class _Placed:
    """One component, laid out with its own origin."""

    width: float
    height: float
    centres: dict[int, Point]
    routes: dict[int, tuple[Point, ...]]


def _components(count: int, links: Sequence[Pair]) -> list[tuple[list[int], list[int]]]:
    """The nodes and edges of each component, the component of the first node first."""
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    for source, target in links:
        first, second = sorted((root(source), root(target)))
        parent[second] = first
    found: dict[int, tuple[list[int], list[int]]] = {}
    for node in range(count):
        found.setdefault(root(node), ([], []))[0].append(node)
    for number, (source, _) in enumerate(links):
        found[root(source)][1].append(number)
    return list(found.values())


def _component(part: _Part, engine: Engine, fuel: int) -> tuple[_Placed, int]:
    if not part.edges:
        node = part.nodes[0]
        width, height = part.sizes[node]
        return _Placed(width, height, {node: (width / 2, height / 2)}, {}), fuel
    if len(part.nodes) + len(part.edges) > _TOO_LARGE:
        return _layers(part), fuel
    try:
        answer, fuel = run(_source(part), engine, fuel)
    except Exhausted:
        return _layers(part), 0
    return _read(json.loads(answer), part), fuel


def _source(part: _Part) -> str:
    """The DOT source of one component: boxes of fixed size under made-up names, and nothing that anybody typed."""
    import graphviz

    across = part.direction == "LR"
    large = len(part.nodes) + len(part.edges) > _LARGE
    dot = graphviz.Digraph(
        graph_attr={
            "rankdir": part.direction,
            "ranksep": f"{RANK_GAP / 72:.4f}",
            "nodesep": f"{NODE_GAP / 72:.4f}",
            "splines": "polyline" if large else "true",
            "pad": "0",
        }
        | ({"nslimit": "3", "nslimit1": "3", "mclimit": "0.3"} if large else {}),
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"tailport": "e" if across else "s", "headport": "w" if across else "n"},
    )
    for node in part.nodes:
        width, height = part.sizes[node]
        dot.node(f"n{node}", width=f"{width / 72:.4f}", height=f"{height / 72:.4f}")
    for edge in part.edges:
        source, target = part.links[edge]
        ports = {"tailport": "_", "headport": "_"} if source == target else {}
        dot.edge(f"n{source}", f"n{target}", **ports, **({"weight": "6"} if edge in part.strong else {}))
    return str(dot.source)


def _read(answer: dict[str, Any], part: _Part) -> _Placed:
    """What Graphviz answered, with the origin at the upper left."""
    left, bottom, right, top = map(float, answer["bb"].split(","))
    names = [int(item["name"][1:]) for item in answer["objects"]]

    def point(text: str) -> Point:
        x, y = text.split(",")
        return float(x) - left, top - float(y)

    number = {part.links[edge]: edge for edge in part.edges}
    routes = {}
    for item in answer.get("edges", ()):
        start, *points = item["pos"].split(" ")
        tip = point(start.removeprefix("e,"))
        routes[number[names[item["tail"]], names[item["head"]]]] = (*map(point, points), tip)
    centres = {node: point(item["pos"]) for node, item in zip(names, answer["objects"], strict=True)}
    return _Placed(right - left, top - bottom, centres, routes)


def _layers(part: _Part) -> _Placed:
    """Plain layers: each node one layer after the last that feeds it, ordered by where its feeders stand."""
    ranks = _ranks(part)
    before: dict[int, list[int]] = {node: [] for node in part.nodes}
    for edge in part.edges:
        source, target = part.links[edge]
        if ranks[source] < ranks[target]:
            before[target].append(source)
    layers: list[list[int]] = [[] for _ in range(max(ranks.values()) + 1)]
    for node in part.nodes:
        layers[ranks[node]].append(node)
    place: dict[int, float] = {}
    for layer in layers:
        layer.sort(key=lambda node: sum(place[other] for other in before[node]) / (len(before[node]) or 1))
        place.update((node, at - len(layer) / 2) for at, node in enumerate(layer))
    return _grid(part, layers)


def _ranks(part: _Part) -> dict[int, int]:
    """The layer of each node (Kahn 1962); nodes of a cycle follow in their own order."""
    after: dict[int, list[int]] = {node: [] for node in part.nodes}
    waiting = dict.fromkeys(part.nodes, 0)
    for edge in part.edges:
        source, target = part.links[edge]
        if source != target:
            after[source].append(target)
            waiting[target] += 1
    ranks = dict.fromkeys(part.nodes, 0)
    done: set[int] = set()
    ready = [node for node in part.nodes if not waiting[node]]
    rest = iter(part.nodes)
    while len(done) < len(part.nodes):
        if not ready:
            ready = [next(node for node in rest if node not in done)]
        node = ready.pop()
        done.add(node)
        for other in after[node]:
            if other in done:
                continue
            ranks[other] = max(ranks[other], ranks[node] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return ranks


def _grid(part: _Part, layers: Sequence[Sequence[int]]) -> _Placed:
    across = part.direction == "LR"
    deep, wide = (0, 1) if across else (1, 0)
    depth = max(part.sizes[node][deep] for node in part.nodes)
    slot = max(part.sizes[node][wide] for node in part.nodes) + NODE_GAP
    breadth = slot * max(map(len, layers)) - NODE_GAP

    def centre(rank: int, at: int, count: int) -> Point:
        along = rank * (depth + RANK_GAP) + depth / 2
        beside = breadth / 2 + (at - (count - 1) / 2) * slot
        return (along, beside) if across else (beside, along)

    centres = {
        node: centre(rank, at, len(layer))
        for rank, layer in enumerate(layers)
        for at, node in enumerate(layer)
    }
    length = len(layers) * (depth + RANK_GAP) - RANK_GAP
    routes = {edge: _straight(part, centres, *part.links[edge]) for edge in part.edges}
    return _Placed(*((length, breadth) if across else (breadth, length)), centres, routes)


def _straight(part: _Part, centres: dict[int, Point], source: int, target: int) -> tuple[Point, ...]:
    """A curve from the far side of one card to the near side of another."""
    (x, y), (u, v) = centres[source], centres[target]
    if part.direction == "LR":
        x, u = x + part.sizes[source][0] / 2, u - part.sizes[target][0] / 2
        half = max(abs(u - x) / 2, RANK_GAP / 2)
        return (x, y), (x + half, y), (u - half, v), (u - 6, v), (u, v)
    y, v = y + part.sizes[source][1] / 2, v - part.sizes[target][1] / 2
    half = max(abs(v - y) / 2, RANK_GAP / 2)
    return (x, y), (x, y + half), (u, v - half), (u, v - 6), (u, v)


def _side_by_side(parts: Sequence[_Placed], nodes: int, edges: int, direction: Direction) -> Layout:
    """The components in rows, the largest first, in a shape fit for a screen."""
    order = sorted(parts, key=lambda part: -part.width * part.height)
    room = max((part.width for part in parts), default=0)
    area = sum((part.width + COMPONENT_GAP) * (part.height + COMPONENT_GAP) for part in parts)
    room = max(room, math.sqrt(area * _WIDE))
    centres: list[Point] = [(0, 0)] * nodes
    routes: list[tuple[Point, ...]] = [()] * edges
    x = y = tallest = width = 0.0
    for part in order:
        if x and x + part.width > room + 1:
            x, y, tallest = 0.0, y + tallest + COMPONENT_GAP, 0.0
        for node, centre in part.centres.items():
            centres[node] = _moved(centre, x, y)
        for edge, route in part.routes.items():
            routes[edge] = tuple(_moved(point, x, y) for point in route)
        width = max(width, x + part.width)
        tallest = max(tallest, part.height)
        x += part.width + COMPONENT_GAP
    return Layout(width, y + tallest, tuple(centres), tuple(routes))


def _moved(point: Point, x: float, y: float) -> Point:
    return point[0] + x, point[1] + y


def bounds(points: Iterable[Point]) -> tuple[float, float, float, float]:
    """Return the least box around points: left, top, right, bottom."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
