"""A scene as DOT source that looks well in any Graphviz."""

import re

from lamina_graph.render.palette import MODALITIES, PAPERS, SIGNS, STYLES, Direction, mix
from lamina_graph.render.scenes.scene import Card, Link, Scene
from lamina_graph.vocabulary import Modality

_SHAPES = {
    "input": ("cds", "filled"),
    "generate": ("box", "rounded,filled"),
    "transform": ("box", "filled"),
    "control": ("octagon", "filled"),
    "output": ("note", "filled"),
    "unknown": ("box", "filled,dashed"),
}
_ENTITY = re.compile(r"&(?=#?\w+;)")
_FONT = "Helvetica,Arial,sans-serif"


def dot(scene: Scene, direction: Direction) -> str:
    """Return a scene as self-contained DOT source; a name that came from outside is only ever a label."""
    import graphviz

    ink, soft = PAPERS["light"].ink, PAPERS["light"].soft
    graph = graphviz.Digraph(
        "workflow",
        graph_attr={
            "label": _escaped(f"{scene.title}\n{scene.subtitle}"),
            "labelloc": "t",
            "fontname": _FONT,
            "fontcolor": ink,
            "rankdir": direction,
            "nodesep": "0.3",
            "ranksep": "0.7",
        },
        node_attr={"fontname": _FONT, "fontsize": "12", "fontcolor": ink, "margin": "0.2,0.1"},
        edge_attr={
            "color": PAPERS["light"].line,
            "fontname": _FONT,
            "fontsize": "10",
            "fontcolor": soft,
            "arrowsize": "0.7",
        },
    )
    for number, card in enumerate(scene.cards):
        graph.node(
            f"n{number}",
            label=_escaped(
                "\n".join(filter(None, (f"{card.title}{card.count}", card.subtitle, card.beside)))
            ),
            **_node(scene, card),
        )
    for link in scene.links:
        carried = scene.carried(link)
        modalities = carried or ", ".join(scene.cards[link.source].modalities)
        label = {"label": _escaped(modalities)} if modalities else {}
        graph.edge(
            f"n{link.source}",
            f"n{link.target}",
            **label,
            **_edge(link, carried if scene.lines == "modality" else None),
        )
    return str(graph.source)


def _node(scene: Scene, card: Card) -> dict[str, str]:
    shape, style = _SHAPES[card.role]
    known = STYLES.get(scene.style_name(card))
    color = known.light if known else PAPERS["light"].rule
    attributes = {
        "shape": shape,
        "style": style + (",dashed" if card.mark == "removed" else ""),
        "color": color,
        "fillcolor": mix(color, "#ffffff", 0.12),
        "tooltip": _escaped("\n".join(card.tooltip)),
    }
    if card.deliverable:
        attributes["peripheries"] = "2"
    if card.main or card.mark or card.highlighted:
        attributes["penwidth"] = "4" if card.highlighted else "2"
    return attributes


def _edge(link: Link, carried: Modality | None) -> dict[str, str]:
    tooltip = {"tooltip": _escaped(link.tooltip)} if link.tooltip else {}
    if link.mark:
        style = {"style": "dashed"} if link.mark == "removed" else {}
        return {"color": SIGNS[link.mark].light, "penwidth": "2.4", **style, **tooltip}
    main = {"color": PAPERS["light"].ink, "penwidth": "2.4", "weight": "4"} if link.main else {}
    color = {"color": MODALITIES[carried].light} if carried else {}
    return {**main, **color, **tooltip}


def _escaped(text: str) -> str:
    """Text as a label, to be shown as it is: no markup, escapes or entities, its lines centred."""
    import graphviz

    lines = _ENTITY.sub("&amp;", text).split("\n")
    return str(graphviz.nohtml("\\n".join(map(graphviz.escape, lines))))
