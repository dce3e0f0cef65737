"""Cards: how their text is broken into lines, how large they are, and their SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from lamina_graph.render.font_metrics import text_width, truncate, wrap
from lamina_graph.render.layout.routing import Point
from lamina_graph.render.palette import EYE, KIND, MODALITIES, ROLES, SIGNS, TITLE, Direction
from lamina_graph.render.scenes.scene import Card, Scene
from lamina_graph.render.svg.elements import format_number, format_point, glyph_element, text_element
from lamina_graph.vocabulary import Role

NARROWEST, WIDEST = 128.0, 240.0
LEFT, RIGHT = 50.0, 18.0
"""What stands left and right of a card's text."""

_NOTE = 36.0  # how much wider a card may be for its note
_PORT = 9.0  # the radius of the sign of a modality
_CORNERS: dict[Role, float] = {"input": 8, "generate": 14, "transform": 3, "output": 8, "unknown": 8}
_ROUND = 33.0  # the largest radius of an end that is round
_CUT = 11.0  # a control card's corners are cut off
_STACK, _SHIFT = 2, 3.0  # the cards behind a folded one, and how far each looks out
_STUB_EDGE, _STUB_HIGH = 10.0, 24.0
_RING = -6.0  # from a highlighted card's outline to the ring around it
_CHIP, _CHIP_EDGE, _CHIP_SIGN = 17.0, 7.0, 12.0  # how high a chip is, its ends, and the sign in it
_CHIP_ROOM = 2 * _CHIP_EDGE + _CHIP_SIGN - 3
_INSET = 4.0  # from a deliverable's outline to the second one inside it


@dataclass(frozen=True, slots=True)
class Box:
    """A card with its text broken into lines, and the size that follows."""

    card: Card
    lines: tuple[str, ...]
    small: str
    width: float
    height: float
    chips: "tuple[Chip, ...]" = ()


@dataclass(frozen=True, slots=True)
class Chip:
    """The name of a helper on a card that it feeds: its card, its text, and where on the card it stands."""

    card: Card
    text: str
    x: float
    y: float
    width: float


def card_boxes(scene: Scene, columns: Sequence[int] = ()) -> tuple[Box, ...]:
    """Return the cards with their lines and sizes; those of a column, or else all, are of one width."""
    widest = WIDEST + (_NOTE if any(card.note for card in scene.cards) else 0)
    room = widest - LEFT - RIGHT
    texts = [
        (wrap(card.title, room, TITLE, bold=True), truncate(card.subtitle, room, KIND))
        for card in scene.cards
    ]
    columns = columns or [0] * len(texts)
    wide = dict.fromkeys(columns, NARROWEST)
    for column, card, (lines, small) in zip(columns, scene.cards, texts, strict=True):
        widths = [*(text_width(line, TITLE, bold=True) for line in lines), text_width(small, KIND)]
        widths += [text_width(f"{chip.title}{chip.count}", KIND) + _CHIP_ROOM for chip in card.chips]
        wide[column] = max(wide[column], min(round(max(widths) + LEFT + RIGHT + 1), widest))
    return tuple(
        _stub_box(card) if card.stub else _box(card, lines, small, float(wide[column]))
        for column, card, (lines, small) in zip(columns, scene.cards, texts, strict=True)
    )


def _box(card: Card, lines: tuple[str, ...], small: str, width: float) -> Box:
    height = 34.0 + 16 * len(lines)
    chips = tuple(_chips(card, width, height))
    return Box(card, lines, small, width, max((chip.y + _CHIP + 11 for chip in chips), default=height), chips)


def _chips(card: Card, width: float, top: float) -> Iterable[Chip]:
    """The chips of a card, in rows below its text."""
    x, y = LEFT, top - 5
    room = width - LEFT - RIGHT + 4
    for chip in card.chips:
        text = truncate(f"{chip.title}{chip.count}", room - 2 * _CHIP_EDGE - _CHIP_SIGN, KIND)
        wide = text_width(text, KIND) + 2 * _CHIP_EDGE + _CHIP_SIGN
        if x > LEFT and x + wide > LEFT + room:
            x, y = LEFT, y + _CHIP + 4
        yield Chip(chip, text, x, y, wide)
        x += wide + 4


def _stub_box(card: Card) -> Box:
    return Box(card, (card.title,), "", round(text_width(card.title, KIND) + 2 * _STUB_EDGE), _STUB_HIGH)


def card_element(box: Box, centre: Point, style: str, direction: Direction, attributes: str = "") -> str:
    """Return the SVG of a card, its centre at a point; its style is a role, a mark or a step."""
    card = box.card
    names = [style, *(["main"] if card.main else []), *(["end"] if card.deliverable else [])]
    corner = format_point((centre[0] - box.width / 2, centre[1] - box.height / 2))
    parts = _stub_parts(box) if card.stub else _parts(box, direction)
    inside = "".join(parts)
    state = " ".join(f"lg-{name}" for name in names)
    return f'<g class="{state}"{attributes} transform="translate({corner})">{inside}</g>'


def _parts(box: Box, direction: Direction) -> Iterable[str]:
    return (
        *_face(box),
        *_title_lines(box),
        *_chip_parts(box),
        *_ports(box, direction),
        *_times(box),
        *_preview(box),
        *_mark(box),
    )


def _stub_parts(box: Box) -> Iterable[str]:
    """What stands for nodes that are not shown: their number in a small dashed outline."""
    sides = f'width="{format_number(box.width)}" height="{box.height:g}" rx="{box.height / 2:g}"'
    yield f"<title>{escape(box.card.tooltip[0])}</title>"
    yield f'<rect class="lg-b" {sides}/>'
    yield text_element(box.card.title, _STUB_EDGE, 16, "lg-k", KIND, box.width - _STUB_EDGE)


@lru_cache(maxsize=1024)
def outline(name: str, role: Role, wide: float, high: float, inset: float = 0) -> str:
    """Return the outline of a card: an end is round where things come in or go out."""
    w, h = wide - 2 * inset, high - 2 * inset
    if role not in ("input", "output", "control"):
        place = f' x="{inset:g}" y="{inset:g}"' if inset else ""
        sides = (
            f'width="{format_number(w)}" height="{format_number(h)}" rx="{max(_CORNERS[role] - inset, 2):g}"'
        )
        return f'<rect class="{name}"{place} {sides}/>'
    return (
        f'<path class="{name}" d="{_cut(w, h, inset) if role == "control" else _round(role, w, h, inset)}"/>'
    )


def _round(role: Role, w: float, h: float, inset: float) -> str:
    """A box with one end a half circle: the left one of an input, the right one of an output."""
    small, large = _CORNERS[role] - inset, min(h / 2, _ROUND)
    a, b = (large, small) if role == "input" else (small, large)
    n = format_number
    return (
        f"M{n(inset + a)} {n(inset)}h{n(w - a - b)}a{n(b)} {n(b)} 0 0 1 {n(b)} {n(b)}v{n(h - 2 * b)}"
        f"a{n(b)} {n(b)} 0 0 1 {n(-b)} {n(b)}h{n(a + b - w)}a{n(a)} {n(a)} 0 0 1 {n(-a)} {n(-a)}"
        f"v{n(2 * a - h)}a{n(a)} {n(a)} 0 0 1 {n(a)} {n(-a)}z"
    )


def _cut(w: float, h: float, inset: float) -> str:
    c = _CUT - inset * 0.6
    across, down = format_number(w - 2 * c), format_number(h - 2 * c)
    start = format_point((inset + c, inset))
    return f"M{start}h{across}l{c:g} {c:g}v{down}l-{c:g} {c:g}h-{across}l-{c:g}-{c:g}v-{down}z"


def _face(box: Box) -> Iterable[str]:
    card = box.card
    if card.tooltip:
        yield f"<title>{escape(chr(10).join(card.tooltip))}</title>"
    yield from _stack(box)
    if card.highlighted:
        yield outline("lg-h", card.role, box.width, box.height, _RING)
    yield _front(card.role, card.deliverable, box.width, box.height)


@lru_cache(maxsize=256)
def _front(role: Role, deliverable: bool, wide: float, high: float) -> str:
    inner = outline("lg-d", role, wide, high, _INSET) if deliverable else ""
    return (
        f"{outline('lg-b', role, wide, high)}{inner}"
        f'<rect class="lg-i" x="10" y="{format_number(high / 2 - 15)}" width="30" height="30" rx="8"/>'
        f"{glyph_element(ROLES[role].glyph, 'lg-g', 25, high / 2, 20)}"
    )


def _stack(box: Box) -> Iterable[str]:
    """The cards that look out behind a folded one."""
    for step in range(_STACK if box.card.parts else 0, 0, -1):
        behind = outline("lg-b", box.card.role, box.width, box.height)
        yield f'<g class="lg-f" transform="translate({_SHIFT * step:g} {_SHIFT * step:g})">{behind}</g>'


def _title_lines(box: Box) -> Iterable[str]:
    room = box.width - LEFT - RIGHT
    for row, line in enumerate(box.lines):
        yield text_element(line, LEFT, 21.5 + 16 * row, "lg-t", TITLE, room, bold=True)
    yield text_element(box.small, LEFT, 21 + 16 * len(box.lines), "lg-k", KIND, room)


def _ports(box: Box, direction: Direction) -> Iterable[str]:
    """The signs of what a card gives, where its lines leave; those of a deliverable are filled."""
    modalities = box.card.modalities[:3]
    ring, sign = ("lg-i", "lg-o") if box.card.deliverable else ("lg-p", "lg-m")
    for place, modality in enumerate(modalities):
        off = (place - (len(modalities) - 1) / 2) * (2 * _PORT + 1)
        x, y = (box.width, box.height / 2 + off) if direction == "LR" else (box.width / 2 + off, box.height)
        yield f'<circle class="{ring}" r="{_PORT:g}" cx="{format_number(x)}" cy="{format_number(y)}"/>'
        yield glyph_element(MODALITIES[modality].glyph, sign, x, y, 11)


def _times(box: Box) -> Iterable[str]:
    """How many branches a card stands for, on its upper edge."""
    if box.card.times > 1:
        words = f"× {box.card.times:,}"
        wide = text_width(words, KIND, bold=True) + 14
        x = box.width - wide - (20 if box.card.mark else 10)
        sides = f'x="{format_number(x)}" y="-9" width="{format_number(wide)}"'
        yield f'<rect class="lg-b" {sides} height="18" rx="9"/>'
        yield text_element(words, x + 7, 4, "lg-t lg-x", KIND, wide, bold=True)


def _chip_parts(box: Box) -> Iterable[str]:
    """The names of shared helpers, each with a tooltip of its own."""
    for chip in box.chips:
        place = f'x="{format_number(chip.x)}" y="{format_number(chip.y)}"'
        sides = f'width="{format_number(chip.width)}" height="{_CHIP:g}" rx="8.500"'
        middle = chip.y + _CHIP / 2
        title = f"<title>{escape(chr(10).join(chip.card.tooltip))}</title>"
        yield f'<rect class="lg-c" {place} {sides}>{title}</rect>'
        yield glyph_element(ROLES["control"].glyph, "lg-m", chip.x + _CHIP_EDGE + 4, middle, 10)
        start = chip.x + _CHIP_EDGE + _CHIP_SIGN
        yield text_element(chip.text, start, middle + 4, "lg-k", KIND, chip.width - _CHIP_EDGE - _CHIP_SIGN)


def _preview(box: Box) -> Iterable[str]:
    """An eye on the upper edge of what previews show."""
    if box.card.previews:
        lines = (line for card in box.card.previews for line in card.tooltip)
        title = f"<title>{escape(chr(10).join(lines))}</title>"
        yield f'<circle class="lg-p" r="9" cx="25" cy="0">{title}</circle>'
        yield glyph_element(EYE, "lg-m", 25, 0, 12)


def _mark(box: Box) -> Iterable[str]:
    if box.card.mark:
        yield f'<circle class="lg-i" r="9" cx="{format_number(box.width - 6)}" cy="2"/>'
        yield glyph_element(SIGNS[box.card.mark].glyph, "lg-o", box.width - 6, 2, 12)
