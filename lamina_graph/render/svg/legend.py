"""The legend of a picture, broken into rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from lamina_graph.render.font_metrics import cut, width
from lamina_graph.render.palette import MODALITIES, ROLES, SIGNS, SMALL
from lamina_graph.render.scenes.scene import Key
from lamina_graph.render.svg.elements import glyph, number, text

ROW = 24.0
_SIGN, _GAP, _GROUP = 23.0, 20.0, 14.0

Row = list[tuple[float, Key]]
"""Keys, each with the place where it starts."""


def rows(keys: Sequence[Key], room: float) -> list[Row]:
    """Return the keys in rows no wider than the room, with a wider gap between kinds of keys."""
    found: list[Row] = []
    x = 0.0
    for given in keys:
        key = replace(given, word=cut(given.word, room - _start(given), SMALL))
        wide = _start(key) + width(key.word, SMALL)
        if found and key.sign != found[-1][-1][1].sign:
            x += _GROUP
        if not found or x + wide > room:
            found.append([])
            x = 0.0
        found[-1].append((x, key))
        x += wide + _GAP
    return found


def drawn(found: Sequence[Row], left: float, top: float) -> Iterable[str]:
    """Yield the SVG of each key."""
    for row, keys in enumerate(found):
        for x, key in keys:
            place = f"{number(left + x)} {number(top + ROW * row)}"
            word = text(key.word, _start(key), 4.2, "lg-s", SMALL, float("inf"))
            yield f'<g transform="translate({place})">{_SIGNS[key.sign](key)}{word}</g>'


def signs(keys: Iterable[Key]) -> Iterable[tuple[str, str]]:
    """Yield the sign of each key as an SVG element for a page that has `stylesheet()`, and its word."""
    for key in keys:
        sign = _SIGNS[key.sign](key)
        yield f'<svg class="lg" width="19" height="18" viewBox="-1 -9 19 18">{sign}</svg>', key.word


def _start(key: Key) -> float:
    return 0.0 if key.sign == "text" else _SIGN


def _tile(look: str, inside: str = "") -> str:
    return f'<g class="lg-{look}"><rect class="lg-i" y="-8" width="16" height="16" rx="4.5"/>{inside}</g>'


def _role(key: Key) -> str:
    path = next(look.glyph for role, look in ROLES.items() if role == key.name)
    return _tile(key.look, glyph(path, "lg-g", 8, 0, 12))


def _modality(key: Key) -> str:
    path = next(look.glyph for modality, look in MODALITIES.items() if modality == key.name)
    return f'<circle class="lg-p" r="8" cx="8"/>{glyph(path, "lg-m", 8, 0, 10)}'


def _mark(key: Key) -> str:
    path = next(look.glyph for mark, look in SIGNS.items() if mark == key.name)
    return f'<g class="lg-{key.name}"><circle class="lg-i" r="8" cx="8"/>{glyph(path, "lg-o", 8, 0, 11)}</g>'


def _deliverable(key: Key) -> str:
    inner = '<rect class="lg-d" x="3" y="-5" width="11" height="10" rx="2.5"/>'
    return f'<g class="lg-{key.look}"><rect class="lg-b" y="-8" width="17" height="16" rx="5"/>{inner}</g>'


def _fold(key: Key) -> str:
    behind = '<rect class="lg-b" x="3" y="-5" width="14" height="13" rx="4"/>'
    return f'<g class="lg-{key.look}">{behind}<rect class="lg-b" y="-8" width="14" height="13" rx="4"/></g>'


def _main(key: Key) -> str:
    return (
        '<path class="lg-e lg-main" d="M0 0h10"/><polygon class="lg-a lg-main" points="18 0 9 4.7 9 -4.7"/>'
    )


_SIGNS: dict[str, Callable[[Key], str]] = {
    "role": _role,
    "modality": _modality,
    "mark": _mark,
    "same": lambda key: _tile("same"),
    "step": lambda key: _tile(f"step{key.name}"),
    "deliverable": _deliverable,
    "fold": _fold,
    "main": _main,
    "text": lambda key: "",
}
