"""What to call nodes in a sentence: one of them, or a list."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from lamina_graph.model import Node
from lamina_graph.text import one_line
from lamina_graph.vocabulary import Vocabulary, readable

_LONGEST = 48
_MOST = 3


def shorten(text: str, longest: int = _LONGEST) -> str:
    """Return a text as a part of a sentence: plain, on one line, and no longer than `longest`."""
    return one_line(text, longest)


def has_own_label(node: Node) -> bool:
    """Whether a person named the node: a label that is not just its type."""
    return bool(node.label) and node.label != node.type


def readable_type(type_name: str, vocabulary: Vocabulary | None = None) -> str:
    """Return a node type made readable.

    >>> readable_type("klingVideoNode")
    'Kling Video'
    """
    return shorten(readable(type_name, vocabulary)) or "a node without a type"


def normalize(name: str) -> str:
    """Return a name without case, blanks and signs.

    >>> normalize("Product photo") == normalize("product_photo")
    True
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name)).casefold() or name


def node_aliases(node: Node, vocabulary: Vocabulary | None = None) -> dict[str, str]:
    """Return what a node may be called: its label, its type, its id, by their normalized forms."""
    names: dict[str, str] = {}
    for name in (node.title, readable_type(node.type, vocabulary), node.id):
        names.setdefault(normalize(name), name)
    return names


def node_titles(
    types: Sequence[str], labels: Sequence[str | None], vocabulary: Vocabulary | None = None
) -> tuple[str, ...]:
    """Return what to call nodes of these types and labels: by the label, else by the type in words."""
    kinds = {type_: readable_type(type_, vocabulary) for type_ in set(types)}
    return tuple(
        [
            shorten(label) if label and label != type_ else kinds[type_]
            for type_, label in zip(types, labels, strict=True)
        ]
    )


def list_some(items: Iterable[str], most: int = _MOST) -> str:
    """Return the items as a list in a sentence, the number of those left out at its end.

    >>> list_some("ab"), list_some("abcdef")
    ('a and b', 'a, b, c and 3 more')
    """
    shown = list(items)
    if len(shown) > most + 1:
        return f"{', '.join(shown[:most])} and {len(shown) - most} more"
    return " and ".join(part for part in (", ".join(shown[:-1]), shown[-1] if shown else "") if part)
