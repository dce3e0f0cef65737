"""A standalone SVG as PNG or PDF, with the font that this package brings."""

from importlib.resources import as_file, files

from lamina_graph.errors import RenderError
from lamina_graph.render.measure import covered

_MOST = 40_000_000
"""Pixels of the largest PNG; a larger picture is drawn at a smaller scale."""


def png(svg: str, size: tuple[float, float], words: str, scale: float = 2) -> bytes:
    """Return an SVG as PNG.

    Args:
        svg: the picture.
        size: its width and height.
        words: the text in it: the fonts of the system are asked only where the bundled one lacks a character.
        scale: pixels of the PNG for each pixel of the SVG.
    """
    import resvg_py

    scale = min(scale, (_MOST / max(size[0] * size[1], 1)) ** 0.5)
    with as_file(files(__package__).joinpath("fonts")) as fonts:
        try:
            return bytes(
                resvg_py.svg_to_bytes(
                    svg_string=svg,
                    zoom=scale,
                    skip_system_fonts=covered(words),
                    font_files=[str(fonts / f"LiberationSans-{face}.ttf") for face in ("Regular", "Bold")],
                    sans_serif_family="Liberation Sans",
                    font_family="Liberation Sans",
                )
            )
        except ValueError as error:
            raise RenderError(f"the picture could not be turned into a PNG: {error}") from error
