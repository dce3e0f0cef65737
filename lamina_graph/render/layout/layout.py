"""Where the cards of a picture go, which way it runs, and how the lines between them run.

Each component is set in columns on its own, then the components are set side by side, and what stands alone
in a strip below. Where there is a limit to the width, columns go on in rows, as text does. What Graphviz
would work on for too long is laid out in plain layers instead; the size of the graph and the work done
decide, never the clock. All of it goes from left to right; a picture from top to bottom is that one turned.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lamina_graph.graph import connected_components, depths, topological_order
from lamina_graph.render.layout.columns import CARD_GAP, Part, arrange
from lamina_graph.render.layout.graphviz import FUEL, Engine
from lamina_graph.render.layout.placement import Placed
from lamina_graph.render.layout.routing import Point
from lamina_graph.render.layout.siblings import author_order
from lamina_graph.render.layout.wrapping import place
from lamina_graph.render.palette import Direction
from lamina_graph.render.scenes.scene import Card, Scene, neighbor_lists

Pair = tuple[int, int]

COMPONENT_GAP = 40.0
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


def layout(
    sizes: Sequence[Point],
    links: Sequence[Pair],
    cards: Sequence[Card],
    ranks: Sequence[int],
    strong: frozenset[int],
    direction: Direction,
    engine: Engine,
    limit: float | None = None,
) -> Layout:
    """Return where everything goes.

    Args:
        sizes: the width and height of each card.
        links: the cards that each line joins, by number.
        cards: what decides the order of those that could change places.
        ranks: the column of each, as `assign_ranks` gives them.
        strong: the lines, by number, that are to run as straight as can be.
        direction: left to right, or top to bottom.
        engine: which Graphviz.
        limit: how wide it should be at most: columns from left to right go on in further rows.

    Raises:
        RenderError: the engine is missing or failed.
    """
    down = direction == "TB"
    turned = [(height, width) for width, height in sizes] if down else sizes
    fuel, parts, alone = FUEL, [], []
    for nodes, edges in _components(len(sizes), links):
        if not edges:
            alone += nodes
            continue
        first = min(ranks[node] for node in nodes)
        part = Part(
            {node: turned[node] for node in nodes},
            {edge: links[edge] for edge in edges},
            strong,
            {node: cards[node] for node in nodes},
            {node: ranks[node] - first for node in nodes},
        )
        layers, fuel = arrange(part, engine, fuel)
        placed = place(layers, part.links, None if down else limit, _gaps(down))
        parts.append(placed.turned() if down else placed)
    room = _room(parts, limit)
    strip = _strip(alone, sizes, cards, room)
    return _side_by_side(parts, strip, room, len(sizes), len(links))


def _gaps(down: bool) -> tuple[float, float]:
    """The room between columns: without a line that bends there, and at most."""
    return (34.0, 56.0) if down else (46.0, 84.0)


def _components(count: int, links: Sequence[Pair]) -> Iterable[tuple[list[int], list[int]]]:
    """Yield the nodes and links of each component, the component of the first node first."""
    components = connected_components(neighbor_lists(count, links)[0])
    edges: list[list[int]] = [[] for _ in components]
    component = {node: i for i, nodes in enumerate(components) for node in nodes}
    for edge, (source, _) in enumerate(links):
        edges[component[source]].append(edge)
    return zip(components, edges, strict=True)


def _room(parts: Sequence[Placed], limit: float | None) -> float:
    """How wide a row of components may be."""
    area = sum((part.width + COMPONENT_GAP) * (part.height + COMPONENT_GAP) for part in parts)
    room = limit if limit else max(_ROOM, math.sqrt(area * _WIDE))
    return max(room, *(part.width for part in parts), 0) + 1


def _strip(alone: Sequence[int], sizes: Sequence[Point], cards: Sequence[Card], room: float) -> Placed | None:
    """The cards that no line joins, in rows, in the author's order."""
    if not alone:
        return None
    wide = max(sizes[node][0] for node in alone) + CARD_GAP
    high = max(sizes[node][1] for node in alone) + CARD_GAP
    across = max(
        1,
        min(
            int((room + CARD_GAP) / wide),
            math.ceil(math.sqrt(len(alone) * _WIDE * high / wide)) if len(alone) > 12 else 4,
        ),
    )
    places = author_order([cards[node] for node in alone])
    centres = {
        node: (
            (place % across) * wide + wide / 2 - CARD_GAP / 2,
            (place // across) * high + high / 2 - CARD_GAP / 2,
        )
        for node, place in zip(alone, places, strict=True)
    }
    columns, rows = min(across, len(alone)), math.ceil(len(alone) / across)
    return Placed(columns * wide - CARD_GAP, rows * high - CARD_GAP, centres, {})


def _side_by_side(
    parts: Sequence[Placed], strip: Placed | None, room: float, nodes: int, edges: int
) -> Layout:
    """The components in rows, the largest first, in a shape fit for a screen; what stands alone last."""
    centres: list[Point] = [(0, 0)] * nodes
    routes: list[tuple[Point, ...]] = [()] * edges
    x = y = tallest = width = 0.0
    for part in [*sorted(parts, key=lambda part: -part.width * part.height), *([strip] if strip else [])]:
        if x and x + part.width > room:
            x, y, tallest = 0.0, y + tallest + COMPONENT_GAP, 0.0
        moved = part.moved(x, y)
        for node, centre in moved.centres.items():
            centres[node] = centre
        for edge, route in moved.routes.items():
            routes[edge] = route
        width, tallest = max(width, x + part.width), max(tallest, part.height)
        x += part.width + COMPONENT_GAP
    return Layout(width, y + tallest, tuple(centres), tuple(routes))


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
