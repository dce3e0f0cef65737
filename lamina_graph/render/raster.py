"""A standalone SVG as PNG or PDF, with the font that this package brings."""

from importlib.resources import as_file, files
from itertools import islice
from typing import Any

from lamina_graph.errors import RenderError
from lamina_graph.installation import install_hint
from lamina_graph.render.font_metrics import has_glyphs, scripts

_MAX_PIXELS = 25_000_000
"""Pixels of the largest PNG; a larger picture is drawn at a smaller scale."""

_MAX_SCRIPTS = 6
"""Scripts that are looked for in the fonts of the system, a few hundredths of a second each."""

UNASSIGNED = "\U0010fffd"
"""A character that is in no font."""

_SVG = "http://www.w3.org/2000/svg"

_MAX_PDF_SIDE = 14_400
"""Points of the longest side that a PDF page may have."""


def png(svg: str, size: tuple[float, float], words: str, scale: float = 2) -> bytes:
    """Return an SVG as PNG.

    Args:
        svg: the picture.
        size: its width and height.
        words: the text in it: the fonts of the system are asked only where the bundled one lacks a character.
        scale: pixels of the PNG for each pixel of the SVG.

    Raises:
        RenderError: the SVG cannot be turned into a PNG.
    """
    import resvg_py

    scale = min(scale, (_MAX_PIXELS / max(size[0] * size[1], 1)) ** 0.5)
    with as_file(files(__package__).joinpath("fonts")) as fonts:
        try:
            return bytes(
                resvg_py.svg_to_bytes(
                    svg_string=svg,
                    zoom=scale,
                    skip_system_fonts=has_glyphs(words),
                    font_files=[str(fonts / f"LiberationSans-{face}.ttf") for face in ("Regular", "Bold")],
                    sans_serif_family="Liberation Sans",
                    font_family="Liberation Sans",
                )
            )
        except ValueError as error:
            raise RenderError(f"the picture could not be turned into a PNG: {error}") from error


def missing_scripts(words: str) -> tuple[str, ...]:
    """Return the scripts in a text that no font of this machine draws: a PNG or PDF shows boxes for them.

    Args:
        words: the text; of its scripts the first few are looked at, each by one character.
    """
    first = dict(islice(scripts(words).items(), _MAX_SCRIPTS))
    box = _draw_character(UNASSIGNED) if first else b""
    return tuple(sorted(name for name, character in first.items() if _draw_character(character) == box))


def _draw_character(character: str) -> bytes:
    import resvg_py

    text = f'<text x="2" y="15" font-size="12" font-family="sans-serif">{character}</text>'
    return bytes(resvg_py.svg_to_bytes(svg_string=f'<svg xmlns="{_SVG}" width="24" height="20">{text}</svg>'))


def pdf(svg: str, size: tuple[float, float], words: str) -> bytes:
    """Return an SVG as a PDF of one page of its size, its text selectable; the arguments are as for `png`.

    Raises:
        RenderError: typst is not installed, or failed.
    """
    try:
        import typst
    except ImportError as error:
        raise RenderError("PDF needs typst, which is not installed", install_hint("pdf")) from error
    scale = min(0.75, _MAX_PDF_SIDE / max(size))
    sides = f"width: {size[0] * scale:.2f}pt, height: {size[1] * scale:.2f}pt"
    page = f'#set document(date: none)\n#set page({sides}, margin: 0pt)\n#image("picture.svg", width: 100%)\n'
    compiled: Any = typst.compile  # its stub knows of no files in memory
    with as_file(files(__package__).joinpath("fonts")) as fonts:
        try:
            made = compiled(
                {"main.typ": page.encode(), "picture.svg": svg.encode()},
                format="pdf",
                font_paths=[str(fonts)],
                ignore_system_fonts=has_glyphs(words),
            )
        except (RuntimeError, typst.TypstError) as error:
            raise RenderError(f"the picture could not be turned into a PDF: {error}") from error
    return bytes(made)
