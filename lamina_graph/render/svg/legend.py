"""The legend of a picture, broken into rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lamina_graph.render.font_metrics import text_width, truncate
from lamina_graph.render.palette import EYE, MODALITIES, ROLES, SIGNS, SMALL, Style
from lamina_graph.render.scenes.scene import LegendEntry
from lamina_graph.render.svg.elements import format_number, glyph_element, text_element

ROW = 24.0
_SIGN, _LINE, _GAP, _GROUP = 23.0, 52.0, 20.0, 14.0

Row = list[tuple[float, LegendEntry]]
"""Entries, each with the place where it starts."""


def legend_rows(entries: Sequence[LegendEntry], room: float) -> list[Row]:
    """Return the entries in rows no wider than the room, with a wider gap between kinds of them."""
    rows: list[Row] = []
    x = 0.0
    for whole in entries:
        entry = replace(whole, word=truncate(whole.word, room - _word_start(whole), SMALL))
        width = _word_start(entry) + text_width(entry.word, SMALL)
        if rows and entry.sign != rows[-1][-1][1].sign:
            x += _GROUP
        if not rows or x + width > room:
            rows.append([])
            x = 0.0
        rows[-1].append((x, entry))
        x += width + _GAP
    return rows


def legend_elements(rows: Sequence[Row], left: float, top: float) -> Iterable[str]:
    """Yield the SVG of each entry."""
    for i, row in enumerate(rows):
        for x, entry in row:
            corner = f"{format_number(left + x)} {format_number(top + ROW * i)}"
            word = text_element(entry.word, _word_start(entry), 4.2, "lg-s", SMALL, float("inf"))
            yield f'<g transform="translate({corner})">{_sign(entry)}{word}</g>'


def legend_signs(entries: Iterable[LegendEntry]) -> Iterable[tuple[str, str]]:
    """Yield the sign of each entry as an SVG element for a page that has `stylesheet()`, and its word."""
    for entry in entries:
        sign = f'<svg class="lg" width="19" height="18" viewBox="-1 -9 19 18">{_sign(entry)}</svg>'
        yield sign, entry.word


def _word_start(entry: LegendEntry) -> float:
    return {"text": 0.0, "line": _LINE}.get(entry.sign, _SIGN)


def _sign(entry: LegendEntry) -> str:
    match entry.sign:
        case "role":
            return _tile(entry.style, _glyph(ROLES, entry, "lg-g", 12))
        case "modality":
            return f'<circle class="lg-p" r="8" cx="8"/>{_glyph(MODALITIES, entry, "lg-m", 10)}'
        case "line":
            carries = f"lg-carries-{entry.name}"
            line = f'<path class="lg-e {carries}" d="M16 0H38"/>'
            arrow = f'<polygon class="lg-a {carries}" points="45 0 37 4 37 -4"/>'
            return f'{line}{arrow}<circle class="lg-p" r="8" cx="8"/>{_glyph(MODALITIES, entry, "lg-m", 10)}'
        case "mark":
            circle = '<circle class="lg-i" r="8" cx="8"/>'
            return f'<g class="lg-{entry.name}">{circle}{_glyph(SIGNS, entry, "lg-o", 11)}</g>'
        case "same":
            return _tile("same")
        case "step":
            return _tile(f"step{entry.name}")
        case "deliverable":
            outer = '<rect class="lg-b" y="-8" width="17" height="16" rx="5"/>'
            inner = '<rect class="lg-d" x="3" y="-5" width="11" height="10" rx="2.5"/>'
            return f'<g class="lg-{entry.style}">{outer}{inner}</g>'
        case "fold":
            behind = '<rect class="lg-b" x="3" y="-5" width="14" height="13" rx="4"/>'
            front = '<rect class="lg-b" y="-8" width="14" height="13" rx="4"/>'
            return f'<g class="lg-{entry.style}">{behind}{front}</g>'
        case "chip":
            sign = glyph_element(ROLES["control"].glyph, "lg-m", 9, 0, 10)
            return f'<rect class="lg-c" y="-7" width="18" height="14" rx="7"/>{sign}'
        case "preview":
            return f'<circle class="lg-p" r="8" cx="8"/>{glyph_element(EYE, "lg-m", 8, 0, 11)}'
        case "highlight":
            ring = '<rect class="lg-h" y="-8" width="18" height="16" rx="5"/>'
            inner = '<rect class="lg-b" x="4" y="-4" width="10" height="8" rx="2"/>'
            return f'<g class="lg-{entry.style}">{ring}{inner}</g>'
        case "stub":
            return '<g class="lg-stub"><rect class="lg-b" y="-6" width="17" height="12" rx="6"/></g>'
        case "main":
            arrow = '<polygon class="lg-a lg-main" points="18 0 9 4.7 9 -4.7"/>'
            return f'<path class="lg-e lg-main" d="M0 0h10"/>{arrow}'
        case "text":
            return ""


def _tile(name: str, inside: str = "") -> str:
    return f'<g class="lg-{name}"><rect class="lg-i" y="-8" width="16" height="16" rx="4.5"/>{inside}</g>'


def _glyph(styles: Mapping[Any, Style], entry: LegendEntry, name: str, size: float) -> str:
    return glyph_element(styles[entry.name].glyph, name, 8, 0, size)
