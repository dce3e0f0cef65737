"""The known phrases of a text, and what each may mean."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from lamina_graph.vocabulary.tokens import known_forms, split_words

_LONGEST = 5
_REMEMBERED = 65_536
_WHOLE = {"medium", "hint", "makes", "family", "vendor", "filler", "task with a result"}
"""Kinds of phrases that mean something as a whole, whatever media their single words name."""


class Meaning(NamedTuple):
    """One meaning of one phrase: of which kind, and what."""

    kind: str
    value: Any


class Phrase(NamedTuple):
    """A phrase of a text, and its meanings."""

    text: str
    meanings: tuple[Meaning, ...]

    def of(self, kind: str) -> list[Any]:
        """Return what the phrase says of one kind."""
        return [meaning.value for meaning in self.meanings if meaning.kind == kind]


class Lexicon:
    """Phrases and their meanings; a phrase is found however it is written: together, apart, in camel case.

    Args:
        entries: phrases, each with one meaning.
    """

    def __init__(self, entries: Iterable[tuple[str, Meaning]]) -> None:
        self._meanings: dict[str, tuple[Meaning, ...]] = {}
        for phrase, meaning in entries:
            key = phrase.replace(" ", "")
            before = self._meanings.get(key)
            self._meanings[key] = (*before, meaning) if before else (meaning,)
        self._keys = sorted(self._meanings)
        # The same words come back in other types and labels.
        self._forms = lru_cache(_REMEMBERED)(lambda word: known_forms(word, self._meanings))
        self._begins = lru_cache(_REMEMBERED)(self._begins_phrase)

    def phrases(self, text: str) -> list[Phrase]:
        """Return the known phrases of a text, the longest first at each place.

        >>> lexicon = Lexicon([("try on", Meaning("task", "try-on")), ("image", Meaning("medium", "image"))])
        >>> [phrase.text for phrase in lexicon.phrases("tryOnImageNode")]
        ['try on', 'image']
        """
        tokens = [form for word in split_words(text) for form in self._forms(word)]
        phrases, at = [], 0
        while at < len(tokens):
            length = 1
            if self._is_to(tokens, at):
                phrases.append(Phrase("2", (Meaning("to", "to"),)))
            elif match := self._longest(tokens[at : at + _LONGEST]):
                key, length = match
                phrases.append(self._phrase(key, tokens[at : at + length]))
            at += length
        return phrases

    def _longest(self, tokens: Sequence[tuple[str, str]]) -> tuple[str, int] | None:
        """Return the longest phrase that words begin with, as written or in known forms, and its length."""
        if not any(map(self._begins, tokens[0])):
            return None
        for length in range(len(tokens), 0, -1):
            for key in map("".join, zip(*tokens[:length], strict=True)):
                if key in self._meanings:
                    return key, length
        return None

    def _begins_phrase(self, word: str) -> bool:
        """Whether any phrase begins with a word."""
        at = bisect_left(self._keys, word)
        return at < len(self._keys) and self._keys[at].startswith(word)

    def _is_to(self, tokens: Sequence[tuple[str, str]], at: int) -> bool:
        """Whether a 2 stands for "to": between two words for media."""
        if tokens[at][1] != "2" or not 0 < at < len(tokens) - 1:
            return False
        before, after = ({m.kind for m in self._meanings.get(tokens[i][1], ())} for i in (at - 1, at + 1))
        return bool(before & {"medium", "hint", "origin"}) and bool(after & {"medium", "hint", "result"})

    def _phrase(self, key: str, tokens: Sequence[tuple[str, str]]) -> Phrase:
        """Return a phrase with its meanings and, where it is none of `_WHOLE`, the media of its words."""
        own = self._meanings[key]
        wanted = {"load"} if _WHOLE & {meaning.kind for meaning in own} else {"load", "medium", "hint"}
        if len(tokens) > 1:
            inner = (meaning for _, form in tokens for meaning in self._meanings.get(form, ()))
            own += tuple(each for each in inner if each.kind in wanted and each.value != "data")
        return Phrase(" ".join(written for written, _ in tokens), own)
