"""The smallest parts of an SVG: text, glyphs, curves, numbers."""

from collections.abc import Sequence
from functools import lru_cache
from html import escape

from lamina_graph.render.font_metrics import covered, width
from lamina_graph.render.layout.routing import Point

_WIDER = 1.18  # how much wider than Arial the font of a machine without it may be
_RISE = 1.6  # how far above its line text may reach, in font sizes


def text(content: str, x: float, y: float, name: str, size: float, room: float, bold: bool = False) -> str:
    """Return a text element that stays in its room.

    It is held to its own width where a font wider than Arial could push it out. How wide a font is that has
    what Arial lacks, nobody knows: there a frame around the text cuts off what reaches out of it.
    """
    if not covered(content):
        rise = _RISE * size
        frame = f'x="{number(x)}" y="{number(y - rise)}" width="{number(room)}" height="{number(2 * rise)}"'
        return f'<svg {frame}><text class="{name}" x="0" y="{number(rise)}">{xml(content)}</text></svg>'
    wide = width(content, size, bold)
    held = f' textLength="{number(wide)}" lengthAdjust="spacingAndGlyphs"' if wide * _WIDER > room else ""
    return f'<text class="{name}" x="{number(x)}" y="{number(y)}"{held}>{xml(content)}</text>'


@lru_cache(maxsize=1024)
def glyph(path: str, name: str, x: float, y: float, size: float) -> str:
    """Return a glyph of a square of 24, centred at a point and drawn at a size."""
    corner = f"{number(x - size / 2)} {number(y - size / 2)}"
    return f'<path class="{name}" transform="translate({corner})scale({size / 24:.3g})" d="{path}"/>'


def curve(points: Sequence[Point]) -> str:
    """Return the path data of a chain of cubic Béziers, its level pieces as straight lines."""
    parts = [f"M{at(points[0])}"]
    x, y = points[0]
    for step in range(1, len(points), 3):
        one, two, (u, v) = points[step : step + 3]
        if y == one[1] == two[1] == v:
            parts.append(f"H{number(u)}")
        elif x == one[0] == two[0] == u:
            parts.append(f"V{number(v)}")
        else:
            parts.append(f"C{at(one)} {at(two)} {at((u, v))}")
        x, y = u, v
    return "".join(parts)


def at(point: Point) -> str:
    """Return a point as SVG writes it."""
    return f"{number(point[0])} {number(point[1])}"


@lru_cache(maxsize=4096)  # cards stand in columns, and lines run between them
def number(value: float) -> str:
    """Return a length to a tenth of a pixel, in as few characters as can be.

    >>> number(12.0), number(-0.04), number(3.25)
    ('12', '0', '3.2')
    """
    short = f"{value:.1f}".removesuffix(".0")
    return "0" if short == "-0" else short


def xml(content: str) -> str:
    """Return text for an element or an attribute of XML."""
    return escape(content)
