"""One component in columns: which cards stand in each, how far down, and where lines pass between them.

A line to a later column passes those between at points of its own. With these points the graph has edges from
each column to the next alone; Graphviz puts both in order and says how far down each stands. Then lines are
made straight, and lines of one card that nothing stands between run together up to where they part. What is
too large for Graphviz goes into plain layers.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lamina_graph.graph import depths, topological_order
from lamina_graph.render.folding.groups import Branch
from lamina_graph.render.layout.graphviz import Engine, Exhausted, run
from lamina_graph.render.layout.siblings import author_order, rearranged, sibling_branches
from lamina_graph.render.scenes.scene import Card, neighbor_lists

Pair = tuple[int, int]
Point = tuple[float, float]

_CAREFUL = {"mclimit": "8"}
_QUICK = {"nslimit": "3", "nslimit1": "3", "mclimit": "0.3"}
_SMALL = 250  # nodes and edges up to which no layout takes long
_LARGE = 1_500  # nodes and edges from which Graphviz's searches are cut short
_TOO_LARGE = 9_000  # nodes and edges from which plain layers are used at once
_BETWEEN = 8.0  # lines that pass a column, and a line and what a card reserves
AROUND = 7.0
"""What a card reserves above and below."""

_CLOSEST = 6.0  # what a line keeps from others, and from what a card reserves, to run straight
_WEIGHTS = (1, 2, 8)  # of an edge with no end, one end or both ends at a point that a line passes
_MAIN = 6  # how much more an edge of the main path counts

CARD_GAP = _BETWEEN + 2 * AROUND
"""Between two cards of a column."""


@dataclass(frozen=True, slots=True)
class Part:
    """One component to be laid out: its cards with sizes and columns, its lines with the cards they join."""

    sizes: Mapping[int, Point]
    links: Mapping[int, Pair]
    strong: frozenset[int]
    cards: Mapping[int, Card]
    ranks: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Layers:
    """A component in columns.

    Attributes:
        sizes: of each card, along and across the columns.
        ranks: the column of each card.
        levels: how far down the middle of each card is.
        passing: how far down a line passes a column, by line and column.
    """

    sizes: Mapping[int, Point]
    ranks: Mapping[int, int]
    levels: Mapping[int, float]
    passing: Mapping[Pair, float]

    @property
    def columns(self) -> list[list[int]]:
        """The cards of each column."""
        columns: list[list[int]] = [[] for _ in range(max(self.ranks.values()) + 1)]
        for node, rank in self.ranks.items():
            columns[rank].append(node)
        return columns


def arrange(part: Part, engine: Engine, fuel: int) -> tuple[Layers, int]:
    """Return a component in columns, and the work that may still be done for others."""
    nodes = list(part.sizes)
    number = {node: i for i, node in enumerate(nodes)}
    pairs = [(number[source], number[target]) for source, target in part.links.values()]
    size = len(nodes) + len(pairs)
    if size > _TOO_LARGE:
        return _plain(part), fuel
    ranks = part.ranks
    size += sum(max(0, ranks[target] - ranks[source] - 1) for source, target in part.links.values())
    if size > _TOO_LARGE:
        return _plain(part), fuel
    siblings = [
        [tuple(nodes[i] for i in branch) for branch in branches]
        for branches in (sibling_branches(len(nodes), pairs) if size < _LARGE else ())
    ]
    siblings = [branches for branches in siblings if _level_with_each_other(branches, ranks)]
    places = dict(zip(nodes, author_order([part.cards[node] for node in nodes]), strict=True))
    movable = {node for branches in siblings for branch in branches for node in branch}
    strong = frozenset(
        edge for edge, ends in part.links.items() if edge in part.strong and not movable & {*ends}
    )
    source = _source(replace(part, strong=strong), ranks, _slots(part, siblings), places, size)
    try:
        answer, work = run(source, engine, None if size < _SMALL else fuel)
    except Exhausted:
        return _plain(part), 0
    layers = _in_author_order(_read(answer, part, ranks), part, siblings, places)
    return _straightened(layers, part), fuel - work


def _level_with_each_other(branches: Sequence[Sequence[int]], ranks: Mapping[int, int]) -> bool:
    return all(len({ranks[node] for node in nodes}) == 1 for nodes in zip(*branches, strict=True))


def _slots(part: Part, siblings: Sequence[Sequence[Branch]]) -> dict[int, float]:
    """How much room each card needs across the columns: as much as any that could take its place."""
    heights = {node: height for node, (_, height) in part.sizes.items()}
    for branches in siblings:
        for nodes in zip(*branches, strict=True):
            most = max(heights[node] for node in nodes)
            heights.update((node, most) for node in nodes)
    return heights


def _source(
    part: Part,
    ranks: Mapping[int, int],
    slots: Mapping[int, float],
    places: Mapping[int, int],
    size: int,
) -> str:
    """The DOT source of one component: boxes under made-up names, and nothing that anybody typed.

    The body is numbers alone, so that there is nothing to escape. It runs down, so that each column is a row.
    """
    import graphviz

    nodes = (
        f"n{node} [width={(slots[node] + 2 * AROUND) / 72:.4f}]\n"
        for node in sorted(part.sizes, key=places.__getitem__)
    )
    body = []
    for edge, pair in part.links.items():
        source, target = pair if ranks[pair[0]] <= ranks[pair[1]] else pair[::-1]
        if source == target or (pair != (source, target) and ranks[target] - ranks[source] > 1):
            continue  # a line that leads back goes around the cards
        points = [f"p{edge}_{rank}" for rank in range(ranks[source] + 1, ranks[target])]
        body += [f"{point} [width=0.001]\n" for point in points]
        strong = _MAIN if edge in part.strong else 1
        for ends in pairwise((f"n{source}", *points, f"n{target}")):
            weight = _WEIGHTS[sum(end in points for end in ends)] * strong
            body.append(f"{ends[0]} -> {ends[1]} [weight={weight}]\n")
    dot = graphviz.Digraph(
        graph_attr={
            "splines": "false",
            "ranksep": "0.02",
            "nodesep": f"{_BETWEEN / 72:.4f}",
            **(_QUICK if size > _LARGE else _CAREFUL),
        },
        node_attr={"shape": "box", "fixedsize": "true", "label": "", "height": "0.1"},
        body=(*nodes, *body),
    )
    return str(dot.source)


def _read(answer: str, part: Part, ranks: Mapping[int, int]) -> Layers:
    """The component as Graphviz laid it out."""
    levels: dict[int, float] = {}
    passing: dict[Pair, float] = {}
    for item in json.loads(answer)["objects"]:
        level = float(item["pos"].split(",")[0])
        if item["name"][0] == "n":
            levels[int(item["name"][1:])] = level
        else:
            edge, rank = map(int, item["name"][1:].split("_"))
            passing[edge, rank] = level
    return _apart(Layers(part.sizes, ranks, levels, passing))


def _apart(layers: Layers) -> Layers:
    """The component with what stands too close in a column moved down: Graphviz knows no columns of ours.

    Where lines lead back, it may have found others.
    """
    levels, passing = dict(layers.levels), dict(layers.passing)
    for column in _columns_in_order(layers):
        end = float("-inf")
        for item in column:
            if isinstance(item, tuple):
                passing[item] = max(passing[item], end)
                end = passing[item] + 1
            else:
                half = layers.sizes[item][1] / 2 + AROUND
                levels[item] = max(levels[item], end + half)
                end = levels[item] + half
    return replace(layers, levels=levels, passing=passing)


def _in_author_order(
    layers: Layers, part: Part, siblings: Sequence[Sequence[Branch]], places: Mapping[int, int]
) -> Layers:
    """The component with its cards in the author's order where that makes no line longer or cross another.

    It is turned over if most neighbours stand the wrong way round then; like branches change places.
    """
    movable = {node for branches in siblings for branch in branches for node in branch}
    rows = [sorted(column, key=layers.levels.__getitem__) for column in layers.columns]
    fixed = [pair for row in rows for pair in pairwise(row) if not movable.issuperset(pair)]
    way = -1 if 2 * sum(places[a] < places[b] for a, b in fixed) < len(fixed) else 1
    levels = {node: way * level for node, level in layers.levels.items()}
    passing = {point: way * level for point, level in layers.passing.items()}
    number = {pair: edge for edge, pair in part.links.items()}
    for branches in siblings:
        taken = rearranged(branches, levels, places, part.cards)
        levels.update([(node, levels[other]) for node, other in taken.items()])
        instead = {
            edge: number[taken.get(source, source), taken.get(target, target)]
            for edge, (source, target) in part.links.items()
            if source in taken or target in taken
        }
        passing.update(
            [
                ((edge, rank), passing[other, rank])
                for edge, other in instead.items()
                for rank in range(len(rows))
                if (other, rank) in passing
            ]
        )
    return replace(layers, levels=levels, passing=passing)


def _straightened(layers: Layers, part: Part) -> Layers:
    """The component with each line as level as what is around it lets it be; none changes sides."""
    passing = dict(layers.passing)
    order = _columns_in_order(layers)
    long = [
        edge for edge, (source, target) in part.links.items() if (edge, layers.ranks[target] - 1) in passing
    ]
    together: dict[tuple[int, int], list[float]] = {}
    for edge in sorted(long, key=lambda edge: (-_length(layers, part.links[edge]), edge)):
        source, target = part.links[edge]
        ranks = range(layers.ranks[source] + 1, layers.ranks[target])
        rooms = [_room(layers, part, passing, order[rank], (edge, rank)) for rank in ranks]
        wishes = [*together.get((source, ranks[0]), ()), layers.levels[source], layers.levels[target]]
        for rank, level in zip(
            ranks, _runs(rooms, [passing[edge, rank] for rank in ranks], wishes), strict=True
        ):
            passing[edge, rank] = level
            together.setdefault((source, rank), []).append(level)
    return replace(layers, passing=passing)


def _length(layers: Layers, pair: Pair) -> int:
    return layers.ranks[pair[1]] - layers.ranks[pair[0]]


_Item = int | Pair


def _columns_in_order(layers: Layers) -> list[list[_Item]]:
    """What stands in or passes each column, from top to bottom."""
    columns: list[list[tuple[float, int, _Item]]] = [[] for _ in layers.columns]
    for node, level in layers.levels.items():
        columns[layers.ranks[node]].append((level, node, node))
    for point, level in layers.passing.items():
        columns[point[1]].append((level, point[0], point))
    return [[item for _, _, item in sorted(column, key=lambda entry: entry[:2])] for column in columns]


def _room(
    layers: Layers, part: Part, passing: Mapping[Pair, float], column: Sequence[_Item], point: Pair
) -> tuple[float, float]:
    """Between which levels a line may pass a column; lines of the same card do not hold it up."""
    at = column.index(point)
    source = part.links[point[0]][0]

    def limit(items: Iterable[_Item], way: int) -> float:
        """The edge of the first of some items that is no line of the same card."""
        for item in items:
            if not isinstance(item, tuple):
                return layers.levels[item] + way * (layers.sizes[item][1] / 2 + AROUND + _CLOSEST)
            if part.links[item[0]][0] != source:
                return passing[item] + way * _CLOSEST
        return -way * float("inf")

    above, below = limit(reversed(column[:at]), 1), limit(column[at + 1 :], -1)
    level = passing[point]
    return min(above, level), max(below, level)


def _runs(
    rooms: Sequence[tuple[float, float]], levels: Sequence[float], wishes: Sequence[float]
) -> Iterable[float]:
    """Yield a level for each column that a line passes, the same in as many as can be."""
    start = 0
    while start < len(rooms):
        low, high = rooms[start]
        end = start + 1
        while end < len(rooms) and max(low, rooms[end][0]) <= min(high, rooms[end][1]):
            low, high = max(low, rooms[end][0]), min(high, rooms[end][1])
            end += 1
        middle = sorted(levels[start:end])[(end - start) // 2]
        wanted = next((wish for wish in wishes if low <= wish <= high), min(max(middle, low), high))
        yield from [wanted] * (end - start)
        start = end


def _plain(part: Part) -> Layers:
    """Plain layers: each node one layer after the last that feeds it, ordered by where its feeders stand."""
    nodes = list(part.sizes)
    number = {node: i for i, node in enumerate(nodes)}
    links = [(number[source], number[target]) for source, target in part.links.values()]
    successors, predecessors = neighbor_lists(len(nodes), links)
    ranks = depths(topological_order(successors, break_cycles=True), successors)
    columns: list[list[int]] = [[] for _ in range(max(ranks) + 1)]
    for i, rank in enumerate(ranks):
        columns[rank].append(i)
    slot = max(height for _, height in part.sizes.values()) + CARD_GAP
    place: dict[int, float] = {}
    for rank, column in enumerate(columns):
        feeders = {i: [place[f] for f in predecessors[i] if ranks[f] < rank] for i in column}
        column.sort(key=lambda i: sum(feeders[i]) / (len(feeders[i]) or 1))
        place.update((i, (at - (len(column) - 1) / 2) * slot) for at, i in enumerate(column))
    return Layers(
        part.sizes,
        dict(zip(nodes, ranks, strict=True)),
        {nodes[i]: level for i, level in place.items()},
        {},
    )
