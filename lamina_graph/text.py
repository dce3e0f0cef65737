"""Text for people: on one line, cut, counted, listed, quoted, and free of what a terminal obeys."""

import json
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

ELLIPSIS = "…"


def escape_controls(text: str) -> str:
    r"""Return text that no terminal obeys and no reader is misled by.

    Control characters (escape sequences among them), what has no width or turns the text around, and lone
    surrogates are shown as escapes; line breaks and tabs stay, and joiners that shape what precedes them.

    >>> escape_controls("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if text.isprintable():
        return text
    return "".join(map(_escape, text, f" {text}"))


def one_line(text: str, length: int | None = None) -> str:
    r"""Return text without control characters on one line, cut at its end where it is longer than `length`.

    >>> one_line("one\n two\x1b[31m"), one_line("one two three", 8)
    ('one two\\x1b[31m', 'one two…')
    """
    if length is None:
        return escape_controls(" ".join(text.split()))
    return truncate(escape_controls(" ".join(text[: 4 * length].split())), length)


def escape_json(text: str) -> str:
    r"""Return JSON that says the same, in which nothing hides and the log of a job obeys nothing.

    >>> print(escape_json('"gpj\u202eexe, ##[error]"'))
    "gpj\u202eexe, ##\u005berror]"
    """
    return _escape_strings(text, lambda hidden: json.dumps(hidden)[1:-1])


def escape_toml(text: str) -> str:
    """Return TOML, all of whose strings are basic ones, likewise."""
    return _escape_strings(text, lambda hidden: f"\\U{ord(hidden):08x}")


def _escape_strings(text: str, escape: Callable[[str], str]) -> str:
    def replacement(match: re.Match[str]) -> str:
        character = match[0]
        return character if escape_controls(character) == character else escape(character)

    return _MAY_HIDE.sub(replacement, text.replace("##[", r"##\u005b"))


_MAY_HIDE = re.compile(r"[^\n -~\u200c\u200d]")


def has_hidden_characters(text: str) -> bool:
    r"""Whether a text has characters that hide in it or turn it around, where a reader would not see them.

    >>> has_hidden_characters("gpj\u202eexe"), has_hidden_characters("Café\n👩\u200d👧")
    (True, False)
    """
    flat = " ".join(text.split())
    return escape_controls(flat) != flat


def truncate(text: str, length: int) -> str:
    """Return a text of at most `length` characters: its end gives way to an ellipsis.

    >>> truncate("abcdefghij", 5)
    'abcd…'
    """
    return text if len(text) <= length else text[: length - 1] + ELLIPSIS


def elide(text: str, length: int) -> str:
    """Return a text of at most `length` characters: its middle gives way to an ellipsis.

    >>> elide("abcdefghij", 5)
    'ab…ij'
    """
    if len(text) <= length:
        return text
    tail = (length - 1) // 2
    return text[: length - 1 - tail] + ELLIPSIS + text[len(text) - tail :]


def quote(text: str, length: int | None = None) -> str:
    """Return text on one line in quotation marks, cut at its end where it is longer than `length`.

    >>> quote("Product photo"), quote("Product photo", 8)
    ('“Product photo”', '“Product…”')
    """
    return f"“{one_line(text, length)}”"


def pluralize(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> pluralize(1, "node"), pluralize(1204, "node")
    ('1 node', '1,204 nodes')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def join_words(words: Iterable[str], most: int | None = None) -> str:
    """Return words as a list in a sentence; of more than `most` and one, the first and how many more.

    >>> join_words("ab"), join_words("abc"), join_words("abcdef", 3)
    ('a and b', 'a, b and c', 'a, b, c and 3 more')
    """
    *others, last = list(words) or [""]
    if most is not None and len(others) > most:
        others, last = others[:most], f"{len(others) + 1 - most} more"
    return f"{', '.join(others)} and {last}" if others else last


def match_names(names: Mapping[K, str], term: str) -> list[K]:
    """Return the keys of the names that a term means.

    Those equal to it but for case and the form of accents, else without accents, else by their words alone,
    as in a slug; else those that begin so.

    >>> match_names({1: "Quick Reel Maker", 2: "Quick Cuts"}, "quick-reel"), match_names({1: "Café"}, "cafe")
    ([1], [1])
    """
    for matches in (str.__eq__, str.startswith):
        for fold in (fold_name, _strip_accents, _slug):
            wanted = fold(term)
            keys = [key for key, name in names.items() if matches(fold(name), wanted)]
            if keys and (wanted or not term):
                return keys
    return []


def is_start_of_id(term: str) -> bool:
    """Tell whether a term may be the start of an app's id.

    >>> is_start_of_id("80d4d454-88"), is_start_of_id("Reel")
    (True, False)
    """
    return _ID_START.fullmatch(term) is not None


_ID_START = re.compile(r"[0-9a-f]{4,8}(?:-[0-9a-f-]{0,27})?", re.IGNORECASE)


def fold_name(text: str) -> str:
    r"""Return a name without what keyboards and systems differ in: case, and how accents are composed.

    >>> fold_name("CAFE\u0301") == fold_name("café")
    True
    """
    return unicodedata.normalize("NFC", text).casefold()


def _strip_accents(text: str) -> str:
    letters = unicodedata.normalize("NFD", text).casefold()
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _slug(text: str) -> str:
    return re.sub(r"[\W_]+", "-", _strip_accents(text)).strip("-")


def tags(names: Sequence[str], ids: Sequence[str]) -> list[str]:
    """Return what to add to each name so that namesakes differ: the end of an id, or nothing.

    >>> tags(["Clip", "Still", "Clip"], ["clip-1-aaaaa", "still-2-aaaaa", "clip-3-bbbbb"])
    [' #aaaaa', '', ' #bbbbb']
    """
    namesakes: dict[str, list[str]] = {}
    for name, id_ in zip(names, ids, strict=True):
        namesakes.setdefault(name, []).append(id_)
    lengths = {name: _distinct_length(of_name) for name, of_name in namesakes.items() if len(of_name) > 1}
    return [
        f" #{one_line(id_[-lengths[name] :], _LONGEST_TAG)}" if name in lengths else ""
        for name, id_ in zip(names, ids, strict=True)
    ]


def _distinct_length(ids: Sequence[str]) -> int:
    """Return how much of the end of ids tells them apart, where a glance is enough for that."""
    lengths = (_SHORTEST_TAG, 10, 20, _LONGEST_TAG)
    return next((n for n in lengths if len({id_[-n:] for id_ in ids}) == len(ids)), _LONGEST_TAG)


_SHORTEST_TAG, _LONGEST_TAG = 5, 48
_MISLEADING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"  # they shape emoji and Indic letters


def _escape(character: str, before: str) -> str:
    joins = character in _JOINERS and not before.isascii() and not _misleads(before)
    if character in "\n\t" or joins or not _misleads(character):
        return character
    return character.encode("unicode_escape").decode()


def _misleads(character: str) -> bool:
    return unicodedata.category(character) in _MISLEADING
