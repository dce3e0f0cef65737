"""Pictures that may carry the workflow that made them."""

from collections.abc import Callable
from typing import NamedTuple

from lamina_graph.formats.png import SIGNATURE, read_png_texts
from lamina_graph.formats.webp import read_webp_texts

PICTURE_ENDINGS = (".png", ".webp")
"""How the names of such pictures end."""

_KEYWORDS = ("workflow", "prompt", "")
"""Where a picture keeps a workflow: as the editor saves it, as the API takes it, or without a keyword."""


class CarriedTexts(NamedTuple):
    """What a picture carries that may be a workflow, and what to call the picture.

    Attributes:
        title: such as `a PNG picture`.
        texts: JSON, the best first.
        generator: the program that left its settings in the picture, where these are no graph.
    """

    title: str
    texts: list[str]
    generator: str | None


def read_picture(content: bytes) -> CarriedTexts | None:
    """Return what a picture carries; None where content is none that may carry a workflow.

    Raises:
        UnreadableError: its texts are damaged, or longer than what is read.

    >>> read_picture(SIGNATURE)
    CarriedTexts(title='a PNG picture', texts=[], generator=None)
    """
    for is_this, title, read in _PICTURES:
        if is_this(content):
            texts = read(content)
            carried = [texts[keyword] for keyword in _KEYWORDS if texts.get(keyword, "").lstrip()[:1] == "{"]
            return CarriedTexts(title, carried, "Stable Diffusion web UI" if "parameters" in texts else None)
    return None


_PICTURES: tuple[tuple[Callable[[bytes], bool], str, Callable[[bytes], dict[str, str]]], ...] = (
    (lambda content: content.startswith(SIGNATURE), "a PNG picture", read_png_texts),
    (lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP", "a WebP picture", read_webp_texts),
)
