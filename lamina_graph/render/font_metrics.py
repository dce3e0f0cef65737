"""How wide text is, so that it fits its card on every machine.

The widths are those of Liberation Sans, which Arial and Helvetica share. What that font lacks is drawn by a
font that is not known beforehand, or as boxes where there is none: its widths are generous guesses.
"""

import json
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

from lamina_graph.text import one_line

ELLIPSIS = "…"
_BOX = 600  # what stands for a character where no font has it
_ARABIC, _OTHER, _WIDE, _BROAD = 600, 760, 1000, 1100
_EMOJI = 1400  # in the widest of the usual fonts
_BROAD_SCRIPTS = frozenset(
    ("Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala", "Oriya", "Myanmar", "Khmer", "Tibetan")
)
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_MAX_CHARACTERS = 600  # characters of a text that can matter on a card
_BREAK = re.compile(r"(?<=[\s_\-/.,:;|])(?=\S)|(?<=[a-z0-9])(?=[A-Z])")


def sanitize(text: str) -> str:
    r"""Return text as one line that is safe to show: controls and overrides as escapes, blanks collapsed.

    >>> sanitize(" a\n\tb\x1b ")
    'a b\\x1b'
    """
    return one_line(text).translate(_NOT_XML)


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of text in pixels at a font size.

    >>> round(text_width("Kling Video", 13), 2)
    65.75
    """
    widths = _widths()["bold" if bold else "regular"]
    units = (widths[character] if character in widths else _estimate(character) for character in text)
    return sum(units) * size / 1000


@lru_cache(maxsize=4096)
def has_glyphs(text: str) -> bool:
    """Return whether the bundled font has every character of a text."""
    return _widths()["regular"].keys() >= set(text)


def scripts(text: str) -> dict[str, str]:
    """Return the scripts of what the bundled font lacks in a text, each with a character of it.

    >>> scripts("Film, 映画, फ़िल्म 🎬")
    {'CJK': '映', 'Devanagari': 'फ', 'emoji or symbols': '🎬'}
    """
    samples: dict[str, str] = {}
    for character in dict.fromkeys(text):
        if not has_glyphs(character) and unicodedata.category(character)[0] in "LNPS":
            samples.setdefault(_script(character), character)
    return samples


def truncate(text: str, limit: float, size: float, bold: bool = False) -> str:
    """Return text no wider than a limit, its middle replaced by an ellipsis where it is too wide.

    >>> truncate("A prompt that goes on and on", 90, 13)
    'A prom…nd on'
    """
    if len(text) <= _MAX_CHARACTERS and text_width(text, size, bold) <= limit:
        return text
    letters = _clusters(text[: _MAX_CHARACTERS // 2]) + _clusters(text[-_MAX_CHARACTERS // 2 :])
    room = limit - text_width(ELLIPSIS, size, bold)
    head, tail = 0, len(letters)
    while head < tail:  # take letters from the front and the back in turn, while they fit
        front = head <= len(letters) - tail
        room -= text_width(letters[head] if front else letters[tail - 1], size, bold)
        if room < 0:
            break
        head, tail = (head + 1, tail) if front else (head, tail - 1)
    return "".join(letters[:head]).rstrip() + ELLIPSIS + "".join(letters[tail:]).lstrip()


def wrap(text: str, limit: float, size: float, bold: bool = False) -> tuple[str, ...]:
    """Return text as one line, or as two of like length, the second cut in its middle where it must be.

    >>> wrap("Animate the hero shot", 90, 13)
    ('Animate the', 'hero shot')
    """
    if len(text) <= _MAX_CHARACTERS and text_width(text, size, bold) <= limit:
        return (text,)
    breaks = [match.start() for match in _BREAK.finditer(text[:_MAX_CHARACTERS])]
    halves = [(text[:at].rstrip(), text[at:].lstrip()) for at in breaks]
    best_direction = [half for half in halves if text_width(half[0], size, bold) <= limit]
    if not best_direction:
        return (truncate(text, limit, size, bold),)
    longer = [
        max(text_width(half[0], size, bold), text_width(half[1][:_MAX_CHARACTERS], size, bold))
        for half in best_direction
    ]
    best = min(range(len(best_direction)), key=longer.__getitem__)
    head, rest = best_direction[best] if longer[best] <= limit else best_direction[-1]
    return head, truncate(rest, limit, size, bold)


_MARKS = ("Mn", "Me")
_JOINED = (*_MARKS, "Cf")
_NOT_XML = {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}


@cache
def _widths() -> dict[str, dict[str, int]]:
    content = json.loads(files(__package__).joinpath("fonts", "widths.json").read_text("utf-8"))
    return {
        face: {character: int(size) for size, characters in table.items() for character in characters}
        for face, table in content.items()
    }


@cache
def _estimate(character: str) -> int:
    category = unicodedata.category(character)
    if category == "Cf" or _UNSEEN.match(character):
        return 0
    if category in _MARKS:
        return _BOX
    if category == "So":
        return _EMOJI
    if unicodedata.bidirectional(character) == "AL":
        return _ARABIC
    if unicodedata.east_asian_width(character) in "WF":
        return _WIDE
    return _BROAD if _script(character) in _BROAD_SCRIPTS else _OTHER


def _script(character: str) -> str:
    """The script of a character, as the first word of its name says."""
    if unicodedata.category(character)[0] == "S":
        return "emoji or symbols"
    first = unicodedata.name(character, "unknown").split(" ")[0].split("-")[0]
    return first if first == "CJK" else first.capitalize()


def _clusters(text: str) -> list[str]:
    """Text as letters that must not be parted from their accents and joiners."""
    letters: list[str] = []
    for character in text:
        joined = unicodedata.category(character) in _JOINED or (letters and letters[-1].endswith("\u200d"))
        if letters and joined and unicodedata.category(character) != "Cc":
            letters[-1] += character
        else:
            letters.append(character)
    return letters
