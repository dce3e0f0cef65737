"""The stage strip: the pipeline of a workflow in one line, as text and as a small picture."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lamina_graph.model import Workflow
from lamina_graph.render.palette import Theme
from lamina_graph.render.raster import png
from lamina_graph.render.scenes.model_files import model_files
from lamina_graph.render.scenes.strip_scene import StripScene, strip_scene
from lamina_graph.render.svg.strip_drawing import StripDrawing

if TYPE_CHECKING:
    from lamina_graph.features import Features
    from lamina_graph.vocabulary import Vocabulary


def draw_strip(
    facts: "Features",
    *,
    workflow: Workflow | None = None,
    theme: Theme = "auto",
    vocabulary: "Vocabulary | None" = None,
) -> "Strip":
    """Return the stage strip of a workflow by its features.

    Args:
        facts: the features.
        workflow: the workflow itself: the files that its loaders name say which models run.
        theme: `light`, `dark`, or `auto`: one SVG that follows its reader's `prefers-color-scheme`.
        vocabulary: the words of node types, which name the models.

    >>> from lamina_graph.features import features
    >>> from lamina_graph.files import load
    >>> nodes = [{"id": "a", "type": "imageInputNode"}, {"id": "b", "type": "klingVideoNode"}]
    >>> w = load({"nodes": nodes, "edges": [{"source": "a", "target": "b"}]})
    >>> draw_strip(features(w)).text
    '[image] → Kling → ★ video'
    """
    files = model_files(workflow) if workflow else {}
    return Strip(strip_scene(facts, vocabulary, files), theme)


@dataclass(frozen=True)
class Strip:
    """The stage strip of a workflow; each form is made when it is first asked for."""

    scene: StripScene
    theme: Theme = "auto"

    @cached_property
    def _drawing(self) -> StripDrawing:
        return StripDrawing(self.scene)

    @property
    def text(self) -> str:
        """The strip as one line of text, without markup: what enters, the models and tasks, what leaves."""
        return self.scene.text

    @property
    def size(self) -> tuple[int, int]:
        """The width and height of its picture, in pixels."""
        return self._drawing.size

    @cached_property
    def svg(self) -> str:
        """A standalone SVG, for instance a badge in a README."""
        return self._drawing.standalone(self.theme)

    @cached_property
    def inline(self) -> str:
        """The SVG for a page that has `stylesheet()` once: without a style of its own."""
        return self._drawing.inline()

    @cached_property
    def png(self) -> bytes:
        """A PNG at twice the SVG's size; the theme `auto` is drawn light."""
        svg = self._drawing.standalone("light" if self.theme == "auto" else self.theme)
        return png(svg, self.size, self.text)
