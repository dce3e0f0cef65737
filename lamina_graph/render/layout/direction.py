"""Which way a picture runs, where nobody says: from left to right as long as a page is wide enough."""

from collections import Counter
from collections.abc import Sequence

from lamina_graph.render.folding.groups import net, ordered
from lamina_graph.render.palette import Direction
from lamina_graph.render.scenes.scene import Scene

_COLUMNS = 8  # a page shows so many columns side by side without making them too small to read
_ACROSS = 1.2  # how much more room cards take side by side in a row than one in a column
_GAIN = 0.7  # how much narrower a picture must become to be turned


def fitting(scene: Scene) -> Direction:
    """Return the way in which a scene fits on a page: from top to bottom where it is long and narrow."""
    columns, rows = extent(scene)
    return "TB" if columns > _COLUMNS and rows < columns * _ACROSS * _GAIN else "LR"


def extent(scene: Scene) -> tuple[int, int]:
    """Return about how many columns the cards stand in, and how many cards in the fullest of them.

    >>> from lamina_graph.files import load
    >>> from lamina_graph.render.scenes.scene import Card, Link
    >>> cards = tuple(Card(name, "", "generate") for name in "abc")
    >>> links = Link(0, 2), Link(1, 2)
    >>> extent(Scene("", "", "", cards, links, load({"nodes": [], "edges": []})))
    (2, 2)
    """
    graph = net(scene.cards, [(link.source, link.target) for link in scene.links])
    order = ordered(graph)
    early = _ranks(order, graph.after)
    late = _ranks(order[::-1], graph.before)
    return max(early, default=0) + 1, min(_fullest(early), _fullest(late))


def _ranks(order: Sequence[int], following: Sequence[Sequence[int]]) -> list[int]:
    """How many cards stand in a row before each, along lines that follow the order."""
    place = {node: at for at, node in enumerate(order)}
    ranks = [0] * len(order)
    for node in order:
        for other in following[node]:
            if place[other] > place[node]:
                ranks[other] = max(ranks[other], ranks[node] + 1)
    return ranks


def _fullest(ranks: Sequence[int]) -> int:
    return max(Counter(ranks).values(), default=0)
