"""A scene as SVG: cards, lines, a title, a legend, in the colours of a theme; and the stylesheet that many SVGs on one page share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from lamina_graph.model import pack
from lamina_graph.render.engine import Engine
from lamina_graph.render.language import (
    FONT,
    MARKS,
    MODALITIES,
    PAPERS,
    ROLES,
    SCALE,
    Direction,
    Theme,
    Tone,
)
from lamina_graph.render.layout import Layout, Point, layout
from lamina_graph.render.measure import cut, width, wrap
from lamina_graph.render.scene import Card, Key, Link, Scene
from lamina_graph.vocabulary import Role

TITLE, KIND, HEAD, SMALL = 13.0, 11.0, 20.0, 12.0
"""Font sizes in pixels: a card's two lines, the picture's title, its subtitle and legend."""

MARGIN = 28.0
_TOP = MARGIN + 58
NARROWEST, WIDEST = 148.0, 236.0
TEXT_LEFT, TEXT_RIGHT = 50.0, 16.0
_PORT = 9.0  # the radius of the sign of a modality
_WIDER = 1.18  # how much wider than Arial the font of a machine without it may be


@dataclass(frozen=True, slots=True)
class Box:
    """A card with its text broken into lines, and the size that follows."""

    card: Card
    lines: tuple[str, ...]
    kind: str
    width: float
    height: float


def boxes(scene: Scene) -> tuple[Box, ...]:
    """Return the cards with their lines and sizes; all of a picture are of one width."""
    room = WIDEST - TEXT_LEFT - TEXT_RIGHT
    texts = [
        (wrap(card.title, room, TITLE, bold=True), cut(_small(card), room, KIND)) for card in scene.cards
    ]
    widest = max((_text_width(lines, kind) for lines, kind in texts), default=0)
    wide = max(NARROWEST, min(WIDEST, float(round(widest + TEXT_LEFT + TEXT_RIGHT + 1))))
    return tuple(
        Box(card, lines, kind, wide, 34.0 + 16 * len(lines))
        for card, (lines, kind) in zip(scene.cards, texts, strict=True)
    )


def stylesheet(theme: Theme = "auto", scope: str = "") -> str:
    """Return the CSS of all pictures.

    Args:
        theme: `auto` follows the reader's `prefers-color-scheme`.
        scope: a selector that the rules are to hold below, for instance `[data-theme="dark"]`.
    """
    if theme != "auto":
        return _rules(theme, scope)
    return f"{_rules('light', scope)}@media(prefers-color-scheme:dark){{{_rules('dark', scope)}}}"


def _rules(tone: Tone, scope: str) -> str:
    paper = PAPERS[tone]
    rules = [
        (".lg", f"font-family:{FONT};background:{paper.paper}"),
        (".lg-paper", f"fill:{paper.paper}"),
        (".lg text", f"fill:{paper.ink};font-size:{TITLE:g}px;stroke:none;white-space:pre"),
        (".lg .lg-head", f"font-size:{HEAD:g}px;font-weight:bold"),
        (".lg .lg-t", "font-weight:bold"),
        (".lg .lg-k", f"fill:{paper.soft};font-size:{KIND:g}px"),
        (".lg .lg-s", f"fill:{paper.soft};font-size:{SMALL:g}px"),
        (".lg path", "fill:none;stroke-linecap:round;stroke-linejoin:round"),
        (".lg .lg-e", f"stroke:{paper.line};stroke-width:1.4"),
        (".lg .lg-a", f"fill:{paper.line}"),
        (".lg .lg-e.lg-main", f"stroke:{paper.ink};stroke-width:2.6"),
        (".lg .lg-a.lg-main", f"fill:{paper.ink}"),
        (".lg .lg-b", f"fill:{paper.card};stroke:{paper.rule};stroke-width:1.4"),
        (".lg .lg-g", f"stroke:{paper.card};stroke-width:2"),
        (".lg .lg-p", f"fill:{paper.card};stroke:{paper.line};stroke-width:1.4"),
        (".lg .lg-m", f"stroke:{paper.soft};stroke-width:2.4"),
        (".lg .lg-unknown .lg-b", "stroke-dasharray:5 4"),
        (".lg .lg-removed .lg-b,.lg .lg-e.lg-removed", "stroke-dasharray:6 4"),
        (".lg .lg-removed .lg-t", "text-decoration:line-through"),
    ]
    for name, look in (*ROLES.items(), *MARKS.items()):
        colour = look.colour(tone)
        rules += [
            (
                f".lg .lg-{name} .lg-b",
                f"fill:{mix(colour, paper.card, 0.09)};stroke:{mix(colour, paper.card, 0.62)}",
            ),
            (f".lg .lg-{name} .lg-i", f"fill:{colour}"),
            (f".lg .lg-{name} .lg-d", f"stroke:{colour}"),
            (f".lg .lg-{name}.lg-main .lg-b", f"stroke:{colour};stroke-width:2"),
        ]
    for name, look in MARKS.items():
        colour = look.colour(tone)
        rules += [
            (f".lg .lg-{name} .lg-b", "stroke-width:2.2"),
            (f".lg .lg-e.lg-{name}", f"stroke:{colour};stroke-width:2.4"),
            (f".lg .lg-a.lg-{name}", f"fill:{colour}"),
        ]
    rules += [
        (".lg .lg-same .lg-b", f"fill:{paper.card};stroke:{paper.rule}"),
        (".lg .lg-same .lg-i", f"fill:{mix(paper.line, paper.card, 0.55)}"),
        (".lg .lg-same .lg-d", f"stroke:{paper.rule}"),
        (".lg .lg-same text", f"fill:{paper.soft};font-weight:normal"),
        (".lg .lg-e.lg-same", f"stroke:{paper.rule}"),
        (".lg .lg-a.lg-same", f"fill:{paper.rule}"),
    ]
    for step, look in enumerate(SCALE):
        rules.append((f".lg .lg-step{step} .lg-i", f"fill:{look.colour(tone)}"))
        rules.append((f".lg .lg-step{step} .lg-b", f"fill:{paper.card};stroke:{look.colour(tone)}"))
    return "".join(f"{_scoped(selector, scope)}{{{body}}}" for selector, body in rules)


def _scoped(selector: str, scope: str) -> str:
    return ",".join(f"{scope} {part}" for part in selector.split(",")) if scope else selector


def mix(colour: str, ground: str, share: float) -> str:
    """Return a colour thinned over a ground.

    >>> mix("#ff0000", "#ffffff", 0.5)
    '#ff8080'
    """
    pairs = ((int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(over * share + under * (1 - share)):02x}" for over, under in pairs)


class Drawing:
    """One scene, laid out, as SVG elements."""

    def __init__(self, scene: Scene, direction: Direction, engine: Engine) -> None:
        self.scene, self.direction = scene, direction
        self.boxes = boxes(scene)
        main = frozenset(number for number, link in enumerate(scene.links) if link.main)
        sizes = [(box.width, box.height) for box in self.boxes]
        self.layout: Layout = layout(
            sizes, [(link.source, link.target) for link in scene.links], main, direction, engine
        )
        self.room = max(self.layout.width, self._head_width(), 420)
        self.rows = _rows(scene.legend(), self.room)
        self.foot = _TOP + self.layout.height + 36

    @property
    def words(self) -> str:
        """All text of the picture."""
        cards = (line for box in self.boxes for line in (*box.lines, box.kind))
        return "".join((self.scene.title, self.scene.subtitle, *cards))

    def standalone(self, theme: Theme, carry: bool = True) -> str:
        """An SVG of its own, which carries its workflow if it is to."""
        return self._svg(
            f"<title>{_xml(self.scene.title)}</title><desc>{_xml(self.scene.described)}</desc>"
            f"<style>{stylesheet(theme)}</style>{pack(self.scene.workflow) if carry else ''}"
        )

    def inline(self) -> str:
        """An SVG for a page that has the stylesheet."""
        return self._svg(f"<desc>{_xml(self.scene.described)}</desc>")

    def thumbnail(self) -> str:
        """Outlines and lines alone, one path for each look."""
        shapes: dict[str, list[str]] = {}
        for box, (x, y) in zip(self.boxes, self.layout.centres, strict=True):
            path = f"M{x - box.width / 2:.0f} {y - box.height / 2:.0f}h{box.width:.0f}v{box.height:.0f}h{-box.width:.0f}z"
            shapes.setdefault(_tone(self.scene, box.card), []).append(path)
        lines = "".join(f"M{_near(route[0])}L{_near(route[-1])}" for route in self.layout.routes)
        cards = "".join(
            f'<g class="lg-{tone}"><path class="lg-i" d="{"".join(paths)}"/></g>'
            for tone, paths in shapes.items()
        )
        wide, high = self.layout.width + 8, self.layout.height + 8
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="lg lg-small" role="img" aria-label="{_xml(self._label())}" '
            f'viewBox="-4 -4 {wide:.0f} {high:.0f}"><path class="lg-e" d="{lines}"/>{cards}</svg>'
        )

    @property
    def size(self) -> tuple[float, float]:
        """The width and height of the picture, in pixels."""
        return self.room + 2 * MARGIN, self.foot + 22 * len(self.rows) - 6 + MARGIN

    def _svg(self, inside: str) -> str:
        wide, high = self.size
        body = "".join((*self._head(), self._graph(), *_legend(self.rows, MARGIN, self.foot)))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="lg" role="img" aria-label="{_xml(self._label())}" '
            f'width="{wide:.0f}" height="{high:.0f}" viewBox="0 0 {wide:.0f} {high:.0f}">{inside}'
            f'<rect class="lg-paper" width="{wide:.0f}" height="{high:.0f}"/>{body}</svg>\n'
        )

    def _label(self) -> str:
        return f"{self.scene.title}: {self.scene.subtitle}"

    def _head_width(self) -> float:
        return min(
            900.0, max(width(self.scene.title, HEAD, bold=True), width(self.scene.subtitle, SMALL)) + 2
        )

    def _head(self) -> Iterable[str]:
        room = max(self.layout.width, 900)
        yield text(
            cut(self.scene.title, room, HEAD, bold=True),
            MARGIN,
            MARGIN + 17,
            "lg-head",
            HEAD,
            room,
            bold=True,
        )
        yield text(cut(self.scene.subtitle, room, SMALL), MARGIN, MARGIN + 38, "lg-s", SMALL, room)

    def _graph(self) -> str:
        links = sorted(range(len(self.scene.links)), key=lambda at: _weight(self.scene.links[at]))
        lines = "".join(_line(self.scene, self.scene.links[at], self.layout.routes[at]) for at in links)
        cards = "".join(
            _card(box, centre, self._state(box.card), self.direction)
            for box, centre in zip(self.boxes, self.layout.centres, strict=True)
        )
        return f'<g transform="translate({MARGIN:g} {_TOP:g})">{lines}{cards}</g>'

    def _state(self, card: Card) -> str:
        names = [_tone(self.scene, card), *(["main"] if card.main else [])]
        return " ".join(f"lg-{name}" for name in names)


def _tone(scene: Scene, card: Card) -> str:
    """What a card's colour stands for: its mark, its step, or its role."""
    if scene.compared:
        return card.mark or "same"
    if scene.scale:
        return "same" if card.step is None else f"step{card.step}"
    return card.role


def _weight(link: Link) -> int:
    """Lines that matter more are drawn later, over the others."""
    return 2 if link.mark else int(link.main)


def _line(scene: Scene, link: Link, points: Sequence[Point]) -> str:
    name = link.mark or ("same" if scene.compared else "main" if link.main else "")
    state = f" lg-{name}" if name else ""
    *curve, tip = points
    first, rest = curve[0], curve[1:]
    path = f"M{_at(first)}C{' '.join(map(_at, rest))}" if len(rest) > 1 else f"M{_at(first)}L{_at(tip)}"
    return f'<path class="lg-e{state}" d="{path}"/>{_arrow(curve[-1], tip, state, 2.6 if link.main or link.mark else 1.4)}'


def _arrow(base: Point, tip: Point, state: str, stroke: float) -> str:
    (x, y), (u, v) = base, tip
    length = ((u - x) ** 2 + (v - y) ** 2) ** 0.5 or 1.0
    size = 6.5 + stroke
    dx, dy = (u - x) / length, (v - y) / length
    back, half = (u - dx * size, v - dy * size), size * 0.5
    left, right = (back[0] - dy * half, back[1] + dx * half), (back[0] + dy * half, back[1] - dx * half)
    return f'<polygon class="lg-a{state}" points="{_at(tip)} {_at(left)} {_at(right)}"/>'


def _card(box: Box, centre: Point, state: str, direction: Direction) -> str:
    card, wide, high = box.card, box.width, box.height
    x, y = centre[0] - wide / 2, centre[1] - high / 2
    room = wide - TEXT_LEFT - TEXT_RIGHT
    parts = [f"<title>{_xml(chr(10).join(card.tooltip))}</title>"]
    if card.deliverable:
        parts.append(f'<path class="lg-d" stroke-width="1.6" d="{outline(card.role, wide, high, 4)}"/>')
    parts.append(f'<path class="lg-b" d="{outline(card.role, wide, high)}"/>')
    parts.append(f'<rect class="lg-i" x="10" y="{high / 2 - 15:g}" width="30" height="30" rx="8"/>')
    parts.append(_glyph(ROLES[card.role].glyph, "lg-g", 25, high / 2, 20))
    for at, line in enumerate(box.lines):
        parts.append(text(line, TEXT_LEFT, 21.5 + 16 * at, "lg-t", TITLE, room, bold=True))
    parts.append(text(box.kind, TEXT_LEFT, 21.5 + 16 * len(box.lines), "lg-k", KIND, room))
    parts += _ports(card, wide, high, direction)
    if card.mark:
        parts.append(
            f'<circle class="lg-i" r="9" cx="{wide - 4:g}" cy="4"/>{_glyph(MARKS[card.mark].glyph, "lg-g", wide - 4, 4, 12)}'
        )
    return f'<g class="{state}" transform="translate({x:.1f} {y:.1f})">{"".join(parts)}</g>'


def _ports(card: Card, wide: float, high: float, direction: Direction) -> Iterable[str]:
    """The signs of what a card gives, where its lines leave."""
    gives = card.gives[:3]
    for at, modality in enumerate(gives):
        off = (at - (len(gives) - 1) / 2) * (2 * _PORT + 1)
        x, y = (wide, high / 2 + off) if direction == "LR" else (wide / 2 + off, high)
        yield f'<circle class="lg-p" r="{_PORT:g}" cx="{x:g}" cy="{y:g}"/>'
        yield _glyph(MODALITIES[modality].glyph, "lg-m", x, y, 11)


def outline(role: Role, wide: float, high: float, grow: float = 0) -> str:
    """Return the path of a card's outline: every role has its own."""
    left, right = {
        "input": (high / 2, 8),
        "output": (8, high / 2),
        "generate": (14, 14),
        "transform": (3, 3),
    }.get(role, (8, 8))
    a, b = left + grow, right + grow
    x, y, w, h = -grow, -grow, wide + 2 * grow, high + 2 * grow
    if role == "control":
        c = 11 + grow * 0.6
        return f"M{x + c:g} {y:g}h{w - 2 * c:g}l{c:g} {c:g}v{h - 2 * c:g}l{-c:g} {c:g}h{2 * c - w:g}l{-c:g} {-c:g}v{2 * c - h:g}z"
    return (
        f"M{x + a:g} {y:g}h{w - a - b:g}a{b:g} {b:g} 0 0 1 {b:g} {b:g}v{h - 2 * b:g}a{b:g} {b:g} 0 0 1 {-b:g} {b:g}"
        f"h{a + b - w:g}a{a:g} {a:g} 0 0 1 {-a:g} {-a:g}v{2 * a - h:g}a{a:g} {a:g} 0 0 1 {a:g} {-a:g}z"
    )


def text(content: str, x: float, y: float, name: str, size: float, room: float, bold: bool = False) -> str:
    """Return a text element, held to its own width where a wider font could push it out of its room."""
    wide = width(content, size, bold)
    held = f' textLength="{wide:.1f}" lengthAdjust="spacingAndGlyphs"' if wide * _WIDER > room else ""
    return f'<text class="{name}" x="{x:g}" y="{y:g}"{held}>{_xml(content)}</text>'


def _glyph(path: str, name: str, x: float, y: float, size: float) -> str:
    scale = size / 24
    return f'<path class="{name}" transform="translate({x - size / 2:g} {y - size / 2:g})scale({scale:.3g})" d="{path}"/>'


def _rows(keys: Sequence[Key], room: float) -> list[list[tuple[float, Key]]]:
    """The legend broken into rows: each key with the place where it starts."""
    rows: list[list[tuple[float, Key]]] = []
    x = 0.0
    for key in keys:
        wide = 24 + width(key.word, SMALL) + 20
        if not rows or x + wide - 20 > room:
            rows.append([])
            x = 0.0
        rows[-1].append((x, key))
        x += wide
    return rows


def _legend(rows: Sequence[Sequence[tuple[float, Key]]], left: float, top: float) -> Iterable[str]:
    for at, row in enumerate(rows):
        for x, key in row:
            yield f'<g transform="translate({left + x:.1f} {top + 22 * at:g})">{_sign(key)}{_word(key)}</g>'


def _word(key: Key) -> str:
    return text(key.word, 0 if key.sign == "text" else 23, 4.2, "lg-s", SMALL, 10_000)


def _sign(key: Key) -> str:
    if key.sign == "role":
        glyph = _glyph(ROLES[key.name].glyph, "lg-g", 8, 0, 12)  # type: ignore[index]
        return (
            f'<g class="lg-{key.name}"><rect class="lg-i" y="-8" width="16" height="16" rx="4.5"/>{glyph}</g>'
        )
    if key.sign == "modality":
        glyph = _glyph(MODALITIES[key.name].glyph, "lg-m", 8, 0, 10)  # type: ignore[index]
        return f'<circle class="lg-p" r="8" cx="8"/>{glyph}'
    if key.sign == "mark":
        glyph = _glyph(MARKS[key.name].glyph, "lg-g", 8, 0, 11)  # type: ignore[index]
        return f'<g class="lg-{key.name}"><circle class="lg-i" r="8" cx="8"/>{glyph}</g>'
    if key.sign in ("step", "same"):
        name = f"step{key.name}" if key.sign == "step" else "same"
        return f'<g class="lg-{name}"><rect class="lg-i" y="-8" width="16" height="16" rx="4.5"/></g>'
    if key.sign == "deliverable":
        return '<g class="lg-output"><rect class="lg-d" fill="none" stroke-width="1.4" y="-8" width="17" height="16" rx="5"/><rect class="lg-b" x="3" y="-5" width="11" height="10" rx="3"/></g>'
    if key.sign == "main":
        return '<path class="lg-e lg-main" d="M0 0h11"/><polygon class="lg-a lg-main" points="18 0 9 4.5 9 -4.500"/>'
    return ""


def _small(card: Card) -> str:
    return f"{card.kind} · {card.note}" if card.note else card.kind


def _text_width(lines: Sequence[str], kind: str) -> float:
    return max(width(kind, KIND), *(width(line, TITLE, bold=True) for line in lines))


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _near(point: Point) -> str:
    return f"{point[0]:.0f} {point[1]:.0f}"


def _xml(content: str) -> str:
    return escape(content.translate({0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}))
