"""What differs between two texts that look alike: the form of their letters, hidden characters, blanks."""

import unicodedata

from lamina_graph.diff.node_names import shorten
from lamina_graph.text import quote

_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеорсухіјѕһΑΒΕΖΗΙΚΜΝΟΡΤΥΧο‐‑‒–—−’‘ʼ“”",
    "ABESIJKMHOPCTYXaeopcyxijshABEZHIKMNOPTYXo------'''\"\"",
)
"""Letters of Cyrillic and Greek, dashes and quotation marks, and what a reader takes them for."""

_LONGEST = 48


def explain_likeness(before: str, after: str) -> str:
    r"""Return in parentheses what differs between two texts that look alike; nothing where they do not.

    >>> explain_likeness("Poster", "Big poster"), explain_likeness("Caf\u00e9", "Cafe\u0301")
    ('', ' (the same letters in another normal form: NFC → NFD)')
    >>> explain_likeness("Brand kit", "Brand\u00a0kit")
    ' (they differ in U+0020 SPACE → U+00A0 NO-BREAK SPACE)'
    """
    if before == after or _appearance(shorten(before)) != _appearance(shorten(after)):
        return ""
    forms = [_normal_form(text) for text in (before, after)]
    if unicodedata.normalize("NFC", before) == unicodedata.normalize("NFC", after):
        return f" (the same letters in another normal form: {' → '.join(forms)})"
    start = next(
        (n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]),
        min(len(before), len(after)),
    )
    rest = [text[start:] for text in (before, after)]
    pairs = zip(reversed(rest[0]), reversed(rest[1]), strict=False)
    end = next((n for n, pair in enumerate(pairs) if pair[0] != pair[1]), min(map(len, rest)))
    was, now = (text[: len(text) - end] for text in rest)
    if _appearance(was) == _appearance(now):
        return f" (they differ in {_name_first(was)} → {_name_first(now)})"
    return f" (they differ in {quote(was, _LONGEST)} → {quote(now, _LONGEST)})"


def _appearance(text: str) -> str:
    """Return what a reader sees of a text: without what has no width, and look-alikes as one letter."""
    letters = unicodedata.normalize("NFKD", text).translate(_ALIKE)
    return " ".join("".join(each for each in letters if not _is_invisible(each)).split())


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f"


def _normal_form(text: str) -> str:
    return next((form for form in ("NFC", "NFD") if unicodedata.is_normalized(form, text)), "mixed")


def _name_first(text: str) -> str:
    return f"U+{ord(text[0]):04X} {unicodedata.name(text[0], '')}".strip() if text else "nothing"
