"""Words for the models that a workspace may use and the package does not know."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lamina_graph.vocabulary.reading import MODALITIES

if TYPE_CHECKING:
    from lamina_graph.vocabulary import Vocabulary


def model_families(models: Iterable[tuple[str, str]], known: "Vocabulary") -> dict[str, Any]:
    """Return the families of a vocabulary for models: what their first words make, where they are not known.

    Args:
        models: ids with the medium that each makes.
        known: words that need no table, since their meaning is known.

    >>> from lamina_graph.vocabulary import Vocabulary
    >>> families = model_families([("zephyrine-2-pro", "video"), ("kling-v3", "video")], Vocabulary.default())
    >>> list(families), families["zephyrine"]["gives"]
    (['zephyrine'], 'video')
    >>> Vocabulary.default().extended({"families": families}).read("zephyrineNode").gives
    ('video',)
    """
    media: dict[str, set[str]] = {}
    for id_, medium in models:
        first = re.match(r"[a-z]{4,}", id_.lower())
        if first and medium in MODALITIES:
            media.setdefault(first[0], set()).add(medium)
    return {
        word: {"name": word.capitalize(), "gives": next(iter(made)), "words": [word]}
        for word, made in sorted(media.items())
        if len(made) == 1 and _is_unheard(word, known)
    }


def _is_unheard(word: str, known: "Vocabulary") -> bool:
    """Whether a vocabulary makes nothing of a word, alone or before others."""
    reading = known.read(word)
    return reading.role == "unknown" and reading.brand is None and not reading.words
