"""The smallest parts of an SVG: text, glyphs, curves, numbers."""

from collections.abc import Sequence
from functools import lru_cache
from html import escape

from lamina_graph.render.font_metrics import has_glyphs, text_width
from lamina_graph.render.layout.routing import Point

_WIDER = 1.2  # how much wider than Arial the font of a machine without it may be, such as DejaVu Sans
_RISE = 1.6  # how far above its line text may reach, in font sizes


def svg_element(
    inside: str,
    size: tuple[float, float],
    label: str,
    name: str = "lg",
    view: tuple[float, float, float, float] | None = None,
) -> str:
    """Return an SVG of a size in pixels, with a name for those who cannot see it and a class of its own.

    It shows all of its own plane of this size, or the part of it that `view` says.
    """
    width, height = map(format_number, size)
    box = " ".join(map(format_number, view or (0, 0, *size)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{name}" role="img" aria-label="{escape(label)}" '
        f'width="{width}" height="{height}" viewBox="{box}">{inside}</svg>'
    )


def text_element(
    content: str, x: float, y: float, name: str, size: float, room: float, bold: bool = False
) -> str:
    """Return a text element that stays in its room.

    It is held to its own width where a font wider than Arial could push it out. How wide a font is that has
    what Arial lacks, nobody knows: there a frame around the text cuts off what reaches out of it.
    """
    place = f'x="{format_number(x)}"'
    if not has_glyphs(content):
        rise = format_number(_RISE * size)
        top, height = format_number(y - _RISE * size), format_number(2 * _RISE * size)
        frame = f'{place} y="{top}" width="{format_number(room)}" height="{height}"'
        return f'<svg {frame}><text class="{name}" x="0" y="{rise}">{escape(content)}</text></svg>'
    width = text_width(content, size, bold)
    held = f' textLength="{format_number(width)}" lengthAdjust="spacingAndGlyphs"'
    place += f' y="{format_number(y)}"{held if width * _WIDER > room else ""}'
    return f'<text class="{name}" {place}>{escape(content)}</text>'


@lru_cache(maxsize=1024)
def glyph_element(path: str, name: str, x: float, y: float, size: float) -> str:
    """Return a glyph of a square of 24, centred at a point and drawn at a size."""
    corner = f"{format_number(x - size / 2)} {format_number(y - size / 2)}"
    return f'<path class="{name}" transform="translate({corner})scale({size / 24:.3g})" d="{path}"/>'


def curve_path(points: Sequence[Point]) -> str:
    """Return the path data of a chain of cubic Béziers, its level pieces as straight lines."""
    parts = [f"M{format_point(points[0])}"]
    x, y = points[0]
    for step in range(1, len(points), 3):
        one, two, (u, v) = points[step : step + 3]
        if y == one[1] == two[1] == v:
            parts.append(f"H{format_number(u)}")
        elif x == one[0] == two[0] == u:
            parts.append(f"V{format_number(v)}")
        else:
            parts.append(f"C{format_point(one)} {format_point(two)} {format_point((u, v))}")
        x, y = u, v
    return "".join(parts)


def format_point(point: Point) -> str:
    """Return a point as SVG writes it."""
    return f"{format_number(point[0])} {format_number(point[1])}"


@lru_cache(maxsize=4096)  # cards stand in columns, and lines run between them
def format_number(value: float) -> str:
    """Return a length to a tenth of a pixel, in as few characters as can be.

    >>> format_number(12.0), format_number(-0.04), format_number(3.25)
    ('12', '0', '3.2')
    """
    short = f"{value:.1f}".removesuffix(".0")
    return "0" if short == "-0" else short
