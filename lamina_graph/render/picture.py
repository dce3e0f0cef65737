"""What `draw` gives: one scene, in every form."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lamina_graph.errors import InputError, RenderError
from lamina_graph.files import write
from lamina_graph.render.dot import dot
from lamina_graph.render.folding.fold_scene import told
from lamina_graph.render.layout.graphviz import Engine
from lamina_graph.render.mermaid import MAX_CHARACTERS, MAX_EDGES, mermaid
from lamina_graph.render.palette import Direction, Theme
from lamina_graph.render.raster import missing, pdf, png
from lamina_graph.render.scenes.scene import Scene
from lamina_graph.render.svg.drawing import Drawing
from lamina_graph.render.text import text
from lamina_graph.text import join_words, pluralize

ENDINGS = {
    ".svg": "svg",
    ".png": "png",
    ".pdf": "pdf",
    ".dot": "dot",
    ".gv": "dot",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".txt": "text",
}
"""The form that a file's ending stands for."""


@dataclass(frozen=True)
class Picture:
    """A picture of a workflow or of a diff; each form is made when it is first asked for.

    In a notebook a picture shows itself.
    """

    scene: Scene
    theme: Theme = "auto"
    direction: Direction = "LR"
    engine: Engine = "wasm"

    @cached_property
    def _drawing(self) -> Drawing:
        return Drawing(self.scene, self.direction, self.engine)

    @property
    def folded(self) -> str:
        """What is folded, in words; empty where every node has a card."""
        return told(self.scene)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The scripts of its text that no font of this machine draws: boxes stand for them in PNG and PDF."""
        return missing(self._drawing.words)

    @property
    def beyond_github(self) -> str:
        """How its Mermaid flowchart exceeds what GitHub draws; empty where GitHub draws it."""
        sizes = (len(self.scene.links), MAX_EDGES, "edge"), (len(self.mermaid), MAX_CHARACTERS, "character")
        return join_words(pluralize(size, noun) for size, most, noun in sizes if size > most)

    @cached_property
    def svg(self) -> str:
        """A standalone SVG, which carries its workflow and can be read back with `load`."""
        return self._drawing.standalone(self.theme)

    @cached_property
    def inline(self) -> str:
        """The SVG for a page that has `stylesheet()` once: without ids, style and workflow of its own."""
        return self._drawing.inline()

    @cached_property
    def thumbnail(self) -> str:
        """A very small SVG of outlines and lines alone, for a page that has `stylesheet()` once."""
        return self._drawing.thumbnail()

    @cached_property
    def dot(self) -> str:
        """DOT source, for any Graphviz."""
        return dot(self.scene, self.direction)

    @cached_property
    def mermaid(self) -> str:
        """A Mermaid flowchart."""
        return mermaid(self.scene, self.direction)

    @cached_property
    def text(self) -> str:
        """A drawing in plain text, for a terminal."""
        return text(self.scene)

    @cached_property
    def png(self) -> bytes:
        """A PNG at twice the SVG's size; the theme `auto` is drawn light."""
        return png(self._plain, self._drawing.size, self._drawing.words)

    @cached_property
    def pdf(self) -> bytes:
        """A PDF of one page, its text selectable; the theme `auto` is drawn light. Needs the extra `pdf`."""
        return pdf(self._plain, self._drawing.size, self._drawing.words)

    @property
    def _plain(self) -> str:
        """The SVG for converters: one tone, and no cargo."""
        return self._drawing.standalone("light" if self.theme == "auto" else self.theme, carry=False)

    def save(self, path: str | Path) -> Path:
        """Write the picture, whole or not at all, in the form that the path's ending says; return the path.

        Raises:
            InputError: the ending stands for no form.
            RenderError: the file cannot be written.
        """
        target = Path(path)
        form = ENDINGS.get(target.suffix.lower())
        if form is None:
            raise InputError(
                f"{path}: the ending says no form of picture", f"Use one of {', '.join(ENDINGS)}."
            )
        content = getattr(self, form)
        try:
            write(target, content)
        except OSError as error:
            raise RenderError(f"{path}: cannot be written: {error.strerror or error}") from error
        return target

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        forms: dict[str, Callable[[], str]] = {
            "image/svg+xml": lambda: self.svg,
            "text/vnd.mermaid": lambda: self.mermaid,
            "text/plain": lambda: self.text,
        }
        return {kind: make() for kind, make in forms.items()}
