"""A scene of at most so many cards and lines: what is left out is said."""

from dataclasses import replace
from itertools import islice

from lamina_graph.render.scenes.scene import Scene, join_parts
from lamina_graph.text import pluralize

MOST = 30_000
"""Cards, and lines, of a picture: more of them nobody can see, and no viewer opens."""


def limit_size(scene: Scene, most: int = MOST) -> Scene:
    """Return a scene with the first of its cards and lines; those of the main path come before others.

    >>> from lamina_graph.files import load
    >>> from lamina_graph.render.scenes.scene import Card, Link
    >>> cards = tuple(Card(name, "", "generate") for name in "abc")
    >>> w = load({"nodes": [], "edges": []})
    >>> limit_size(Scene("", "dag", "", cards, (Link(0, 1), Link(0, 2), Link(1, 2)), w), most=2).subtitle
    'dag · 1 node and 2 lines not drawn'
    """
    if len(scene.cards) <= most and len(scene.links) <= most:
        return scene
    chosen = islice(sorted(range(len(scene.cards)), key=lambda i: not scene.cards[i].main), most)
    part = scene.only(sorted(chosen))
    links = sorted(part.links, key=lambda link: not link.main)[:most]
    total, drawn = (sum(len(card.members) for card in each.cards) for each in (scene, part))
    nodes, lines = total - drawn, len(scene.links) - len(links)
    missing = join_parts(
        [pluralize(nodes, "node") if nodes else "", pluralize(lines, "line") if lines else ""], " and "
    )
    return replace(
        part,
        links=tuple(sorted(links, key=lambda link: (link.source, link.target))),
        subtitle=join_parts([scene.subtitle, f"{missing} not drawn"]),
    )
