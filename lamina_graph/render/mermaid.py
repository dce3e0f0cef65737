"""A scene as a Mermaid flowchart."""

import re
from collections.abc import Iterable

from lamina_graph.render.font_metrics import truncate, wrap
from lamina_graph.render.palette import MODALITIES, PAPERS, SIGNS, STYLES, Direction, mix
from lamina_graph.render.scenes.scene import Card, Link, Scene

_SHAPES = {
    "input": ('(["', '"])'),
    "generate": ('("', '")'),
    "transform": ('["', '"]'),
    "control": ('{{"', '"}}'),
    "output": ('[["', '"]]'),
    "unknown": ('["', '"]'),
}
MAX_EDGES, MAX_CHARACTERS = 500, 50_000
"""What GitHub draws of Mermaid at most; beyond, it shows an error in place of the picture."""

_LABELLED = 30  # edges up to which each says its modality
_WIDEST = 260.0  # of a label, in pixels
_UNSAFE = re.compile(r"""(?<![A-Za-z0-9])[-.]|[-.](?![A-Za-z0-9])|[!"#$%&'*+:;<=>?@\[\]\\^_`{|}~ﬂ¶°\u200b]""")
"""What Mermaid could take for its syntax, for Markdown, or for the signs that it uses for entities."""
_DECODED = re.compile(r"(?<=\\)(?=n)|(?<=:)(?=fa-)|(?<=\$)(?=\$)|(?<=ﬂ)(?=°)|(?<=¶)(?=ß)")
"""Where a space of no width goes: Mermaid looks for breaks, icons and formulas after it decodes entities."""


def mermaid(scene: Scene, direction: Direction) -> str:
    """Return a scene as a Mermaid flowchart; what it could take for syntax is written as entity codes.

    Nodes are numbered from 1, as in what `show --json` says of them.
    """
    return "\n".join(_statements(scene, direction)) + "\n"


def _statements(scene: Scene, direction: Direction) -> Iterable[str]:
    yield f"flowchart {direction}"
    if not scene.cards:
        yield '  empty["This workflow has no nodes"]'
    for number, card in enumerate(scene.cards, 1):
        before, after = _SHAPES[card.role]
        yield f"  n{number}{before}{_label(card)}{after}"
    for link in scene.links:
        yield f"  n{link.source + 1} {_arrow(scene, link)} n{link.target + 1}"
    yield from _classes(scene)
    yield from _edge_styles(scene)


def _label(card: Card) -> str:
    sign = f"{SIGNS[card.mark].sign} ".replace("-", "−") if card.mark else ""
    lines = [*wrap(card.title, _WIDEST, 13, bold=True), truncate(card.subtitle, _WIDEST, 13)]
    lines[0] = sign + lines[0]
    lines[-2] += card.count
    if card.beside:
        lines.append(truncate(card.beside, _WIDEST, 13))
    star = "★ " if card.deliverable else ""
    return star + "<br/>".join(map(escape, lines))


def escape(text: str) -> str:
    """Return text with everything that Mermaid could take for syntax as its entity codes.

    >>> escape('- say "hi" (now)')
    '#45; say #34;hi#34; (now)'
    """
    return _UNSAFE.sub(lambda match: f"#{ord(match[0])};", _DECODED.sub("\u200b", text))


def _arrow(scene: Scene, link: Link) -> str:
    line = "-.->" if link.mark == "removed" else "==>" if link.main or link.mark == "added" else "-->"
    modalities = scene.carried(link) or ", ".join(scene.cards[link.source].modalities)
    labelled = scene.lines == "modality" or len(scene.links) <= _LABELLED
    return f"{line}|{escape(modalities)}|" if modalities and labelled else line


def _classes(scene: Scene) -> Iterable[str]:
    members: dict[str, list[str]] = {}
    for number, card in enumerate(scene.cards, 1):
        members.setdefault(scene.style_name(card), []).append(f"n{number}")
    unmarked = "unchanged" if scene.colors == "marks" else "unmarked"
    for name, nodes in members.items():
        class_name = unmarked if name == "same" else name
        yield f"  classDef {class_name} {_style(name)}"
        yield f"  class {','.join(nodes)} {class_name}"
    highlighted = [f"n{number}" for number, card in enumerate(scene.cards, 1) if card.highlighted]
    if highlighted:
        yield f"  classDef highlighted stroke:{PAPERS['light'].ink},stroke-width:5px"
        yield f"  class {','.join(highlighted)} highlighted"


def _style(name: str) -> str:
    paper, style = PAPERS["light"], STYLES.get(name)
    if style is None:
        return f"fill:{paper.card},stroke:{paper.rule},color:{paper.soft}"
    dashed = ",stroke-dasharray:5 4" if name in ("removed", "unknown", "skipped", "pending") else ""
    face = mix(style.light, "#ffffff", 0.12)
    return f"fill:{face},stroke:{style.light},stroke-width:2px,color:{paper.ink}{dashed}"


def _edge_styles(scene: Scene) -> Iterable[str]:
    for modality, style in MODALITIES.items() if scene.lines == "modality" else ():
        links = enumerate(scene.links)
        numbers = [str(i) for i, link in links if not link.mark and scene.carried(link) == modality]
        if numbers:
            yield f"  linkStyle {','.join(numbers)} stroke:{style.light}"
    for mark, style in SIGNS.items():
        numbers = [str(number) for number, link in enumerate(scene.links) if link.mark == mark]
        if numbers:
            yield f"  linkStyle {','.join(numbers)} stroke:{style.light},stroke-width:3px"
