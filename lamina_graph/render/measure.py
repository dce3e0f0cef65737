"""How wide text is, so that it fits its card on every machine.

The widths are those of Liberation Sans, which Arial and Helvetica share. What that font lacks is taken as one
em wide where Unicode calls it wide, as a narrow letter in Arabic, and as a generous one elsewhere.
"""

import json
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

from lamina_graph.model import line

ELLIPSIS = "…"
_WIDE, _OTHER, _ARABIC = 1000, 760, 580
_LONGEST = 600  # characters of a text that can matter on a card
_BREAK = re.compile(r"(?<=[\s_\-/.,:;|])(?=\S)|(?<=[a-z0-9])(?=[A-Z])")


def shown(text: str) -> str:
    r"""Return text as one line that is safe to show: controls and overrides as escapes, blanks collapsed.

    >>> shown(" a\n\tb\x1b ")
    'a b\\x1b'
    """
    return line(text).translate(_NOT_XML)


@lru_cache(maxsize=4096)
def width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of text in pixels at a font size.

    >>> round(width("Kling Video", 13), 2)
    65.75
    """
    widths = _widths()["bold" if bold else "regular"]
    return sum(_character(character, widths) for character in text) * size / 1000


def covered(text: str) -> bool:
    """Return whether the bundled font has every character of a text."""
    return _widths()["regular"].keys() >= set(text)


def cut(text: str, limit: float, size: float, bold: bool = False) -> str:
    """Return text no wider than a limit, its middle replaced by an ellipsis where it is too wide.

    >>> cut("A prompt that goes on and on", 90, 13)
    'A prom…nd on'
    """
    if len(text) <= _LONGEST and width(text, size, bold) <= limit:
        return text
    letters = _clusters(text[: _LONGEST // 2]) + _clusters(text[-_LONGEST // 2 :])
    room = limit - width(ELLIPSIS, size, bold)
    head, tail = 0, len(letters)
    while head < tail:  # take letters from the front and the back in turn, while they fit
        front = head <= len(letters) - tail
        room -= width(letters[head] if front else letters[tail - 1], size, bold)
        if room < 0:
            break
        head, tail = (head + 1, tail) if front else (head, tail - 1)
    return "".join(letters[:head]).rstrip() + ELLIPSIS + "".join(letters[tail:]).lstrip()


def wrap(text: str, limit: float, size: float, bold: bool = False) -> tuple[str, ...]:
    """Return text as one line, or as two of like length, the second cut in its middle where it must be.

    >>> wrap("Animate the hero shot", 90, 13)
    ('Animate the', 'hero shot')
    """
    if len(text) <= _LONGEST and width(text, size, bold) <= limit:
        return (text,)
    breaks = [found.start() for found in _BREAK.finditer(text[:_LONGEST])]
    halves = [(text[:at].rstrip(), text[at:].lstrip()) for at in breaks]
    fitting = [half for half in halves if width(half[0], size, bold) <= limit]
    if not fitting:
        return (cut(text, limit, size, bold),)
    longer = [max(width(half[0], size, bold), width(half[1][:_LONGEST], size, bold)) for half in fitting]
    best = min(range(len(fitting)), key=longer.__getitem__)
    head, rest = fitting[best] if longer[best] <= limit else fitting[-1]
    return head, cut(rest, limit, size, bold)


_NOT_XML = {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}


@cache
def _widths() -> dict[str, dict[str, int]]:
    content = json.loads(files(__package__).joinpath("fonts", "widths.json").read_text("utf-8"))
    return {
        face: {character: int(size) for size, characters in table.items() for character in characters}
        for face, table in content.items()
    }


def _character(character: str, widths: dict[str, int]) -> int:
    known = widths.get(character)
    return known if known is not None else _estimate(character)


@cache
def _estimate(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.bidirectional(character) == "AL":
        return _ARABIC
    return _WIDE if unicodedata.east_asian_width(character) in "WF" else _OTHER


def _clusters(text: str) -> list[str]:
    """Text as letters that must not be parted from their accents and joiners."""
    letters: list[str] = []
    for character in text:
        joined = letters and (_estimate(character) == 0 or letters[-1].endswith("\u200d"))
        if joined and unicodedata.category(character) != "Cc":
            letters[-1] += character
        else:
            letters.append(character)
    return letters
