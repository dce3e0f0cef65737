"""The pictures of one app in a report: a thumbnail, and the full diagram with the path of the evidence."""

from base64 import b64encode
from zlib import compressobj

from pydantic import Field

from lamina_graph.classify import Classification
from lamina_graph.errors import RenderError
from lamina_graph.features import Features, NodeFacts
from lamina_graph.model import Value, Workflow
from lamina_graph.vocabulary import Vocabulary, readable


class Pictures(Value):
    """The pictures of one app, for a page that has the stylesheet of all pictures.

    Attributes:
        thumbnail: an SVG element.
        diagram: an SVG element, deflated and in base 64: plain, a thousand of them make a page of 40 MB.
        titles: the title of each node, by id.
        places: the number of each node's card in the diagram, by id.
        problem: why there is no picture, where there is none.
    """

    titles: dict[str, str]
    places: dict[str, int] = Field(default_factory=dict)
    thumbnail: str = ""
    diagram: str = ""
    problem: str = ""


def pictures(
    workflow: Workflow, facts: Features, verdict: Classification, vocabulary: Vocabulary | None = None
) -> Pictures:
    """Return the pictures of one app; the diagram emphasises the path that decided the category."""
    from lamina_graph.render import draw

    titles = {fact.id: readable_title(fact, vocabulary) for fact in facts.facts}
    try:
        picture = draw(workflow, analysis=(facts, verdict), vocabulary=vocabulary)
        return Pictures(
            titles=titles,
            places={
                part.id: number for number, card in enumerate(picture.scene.cards) for part in card.members
            },
            thumbnail=picture.thumbnail,
            diagram=deflate(picture.inline),
        )
    except RenderError as error:
        return Pictures(titles=titles, problem=str(error))


def readable_title(fact: NodeFacts, vocabulary: Vocabulary | None) -> str:
    """Return the label that a person gave a node, else its type made readable."""
    return readable(fact.type, vocabulary) if fact.title == fact.type else fact.title


def deflate(text: str) -> str:
    """Return a text as a browser's `DecompressionStream("deflate-raw")` reads it, in base 64.

    >>> deflate("aaaaaaaaaa")
    'S0yEAQA='
    """
    press = compressobj(9, wbits=-15)
    return b64encode(press.compress(text.encode()) + press.flush()).decode()
