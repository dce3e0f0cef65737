"""Two texts compared word by word."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from lamina_graph.diff.lookalikes import explain_likeness
from lamina_graph.text import quote

_MOST = 300
"""Words up to which two texts are compared, what both begin and end with aside."""

_LONGEST = 40

_ALIKE = 0.4
"""How alike two texts must be for their words to be compared."""

_Step = tuple[str, int, int, int, int]

_WORD = re.compile(r"\w+\s*|\W\s*")


class Passage(NamedTuple):
    """A part of two texts: of the one, of the other, and whether it is in both."""

    old: str
    new: str
    equal: bool


def compare_words(before: str, after: str) -> list[Passage]:
    """Return two texts as passages that they share and that they do not; as one where they are not alike.

    >>> [passage[:2] for passage in compare_words("a red hat", "a blue hat") if not passage.equal]
    [('red ', 'blue ')]
    """
    return list(_compare(_WORD.findall(before), _WORD.findall(after)))


def _compare(old: list[str], new: list[str]) -> Iterator[Passage]:
    words, others = ([word.rstrip() or word for word in side] for side in (old, new))
    start = _count_common(words, others)  # without blanks, which the last word does not have
    end = _count_common(words[start:][::-1], others[start:][::-1])
    middle = old[start : len(old) - end], new[start : len(new) - end]
    steps = _find_steps(words[start : len(words) - end], others[start : len(others) - end], start + end)
    if steps is None:
        yield Passage("".join(old), "".join(new), old == new)
        return
    if start:
        yield Passage("".join(old[:start]), "".join(new[:start]), True)
    for step, a, b, c, d in steps:
        yield Passage("".join(middle[0][a:b]), "".join(middle[1][c:d]), step == "equal")
    if end:
        yield Passage("".join(old[len(old) - end :]), "".join(new[len(new) - end :]), True)


def _count_common(old: list[str], new: list[str]) -> int:
    pairs = zip(old, new, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))


def _find_steps(old: list[str], new: list[str], common: int) -> Sequence[_Step] | None:
    """Return how one list of words becomes another; None where they are too long, or hardly alike."""
    if max(len(old), len(new)) > _MOST:
        return None
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    steps = matcher.get_opcodes()
    equal = common + sum(b - a for step, a, b, _, _ in steps if step == "equal")
    length = len(old) + len(new) + 2 * common
    return steps if 2 * equal >= _ALIKE * length else None


def describe_words(before: str, after: str) -> list[str]:
    """Return what became of the words of a text, a phrase each.

    >>> describe_words("a red hat, blurry", "a blue hat, 8k, sharp")
    ['“red” → “blue”', '“blurry” → “8k, sharp”']
    >>> describe_words("a hat", "a big hat"), describe_words("a hat", "a  hat")
    (['“big” added'], ['blanks and line breaks'])
    """
    if before.split() == after.split():
        return ["blanks and line breaks"]
    passages = [passage for passage in compare_words(before, after) if not passage.equal]
    return [phrase for passage in passages if (phrase := _describe(passage))]


def _describe(passage: Passage) -> str:
    old, new = (_trim(text) for text in passage[:2])
    if old and new:
        why = explain_likeness(old, new)
        return f"{quote(old, _LONGEST)} → {quote(new, _LONGEST)}{why}" if old != new else ""
    return f"{quote(old or new, _LONGEST)} {'removed' if old else 'added'}" if old or new else ""


def _trim(text: str) -> str:
    """Return a passage without the blanks and commas around it, unless there is nothing else."""
    return text.strip(" ,;\n\r\t") or text.strip()
