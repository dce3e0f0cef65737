"""The pictures of one app in a report: a thumbnail, and the full diagram with the path of the evidence."""

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from lamina_graph.classify import Classification
from lamina_graph.errors import RenderError
from lamina_graph.features import Features, readable_title
from lamina_graph.model import Workflow
from lamina_graph.text import one_line
from lamina_graph.vocabulary import Vocabulary

if TYPE_CHECKING:
    from lamina_graph.render import StripPart as Part
    from lamina_graph.render import StripScene


class Pictures(NamedTuple):
    """The pictures of one app, for a page that has the stylesheet of all pictures.

    Attributes:
        titles: the title of each node, by id.
        places: the number of each node's card in the diagram, by id.
        strip: the pipeline in one line, as HTML: a box for each name.
        diagram: an SVG element.
        problem: why there is no picture, where there is none.
    """

    titles: dict[str, str]
    places: dict[str, int]
    strip: str = ""
    diagram: str = ""
    problem: str = ""


def pictures(
    workflow: Workflow,
    facts: Features,
    verdict: Classification,
    strip: "StripScene",
    vocabulary: Vocabulary | None = None,
) -> Pictures:
    """Return the pictures of one app; the diagram emphasises the path that decided the category."""
    from lamina_graph.render import draw

    titles = {fact.id: readable_title(fact, vocabulary) for fact in facts.facts}
    try:
        picture = draw(workflow, analysis=(facts, verdict), vocabulary=vocabulary)
        return Pictures(
            titles=titles,
            places=picture.scene.places,
            strip=strip_markup(strip),
            diagram=picture.inline,
        )
    except RenderError as error:
        return Pictures(titles=titles, places={}, strip=strip_markup(strip), problem=str(error))


def strip_markup(strip: "StripScene") -> str:
    """Return a pipeline in one line as HTML; its classes say what each name is.

    >>> from lamina_graph.features import features
    >>> from lamina_graph.files import load
    >>> from lamina_graph.render import draw_strip
    >>> w = load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> strip_markup(draw_strip(features(w)).scene)
    '<i class="generation">Kling</i><s></s><i class="deliverable">video</i>'
    """
    lines = []
    for pipeline in strip.pipelines:
        columns = (
            _column_markup(column.kind, map(_part_markup, column.parts)) for column in pipeline.columns
        )
        times = f"<u>×{pipeline.times:,}</u>" if pipeline.times > 1 else ""
        lines.append("<s></s>".join(columns) + times)
    more = [f"<u>{escape(strip.note)}</u>"] if strip.note else []
    return "<br>".join([*lines, *more]) or f"<u>{escape(strip.text)}</u>"


def _column_markup(kind: str, parts: Iterable[str]) -> str:
    return "".join(f'<i class="{kind}">{part}</i>' for part in parts)


def _part_markup(part: "Part") -> str:
    count = f" <u>×{part.count:,}</u>" if part.count > 1 else ""
    return f"{escape(one_line(part.name))}{count}"
