"""The phrases of a text that are known, and their senses."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from lamina_graph.vocabulary.reading import Phrase, Sense
from lamina_graph.vocabulary.words import forms, words

_LONGEST = 5
_REMEMBERED = 65_536
_NAMES = {"medium", "weak", "family", "vendor", "filler", "makes", "whole"}


class Lexicon:
    """Phrases and their senses; a phrase is found however it is written: together, apart, in camel case.

    Args:
        entries: phrases, each with one sense.
    """

    def __init__(self, entries: Iterable[tuple[str, Sense]]) -> None:
        self._senses: dict[str, tuple[Sense, ...]] = {}
        for phrase, sense in entries:
            key = phrase.replace(" ", "")
            self._senses[key] = (*self._senses.get(key, ()), sense)
        self._starts = {key[:end] for key in self._senses for end in range(1, len(key) + 1)}
        # The same words come back in other types and labels.
        self._forms = lru_cache(_REMEMBERED)(lambda word: forms(word, self._senses))

    def phrases(self, text: str) -> list[Phrase]:
        """Return the known phrases of a text, the longest first at each place.

        >>> lexicon = Lexicon([("try on", Sense("task", "try-on")), ("image", Sense("medium", "image"))])
        >>> [phrase.text for phrase in lexicon.phrases("tryOnImageNode")]
        ['try on', 'image']
        """
        tokens = [form for word in words(text) for form in self._forms(word)]
        found, at = [], 0
        while at < len(tokens):
            length = 1
            if self._means_to(tokens, at):
                found.append(Phrase("2", (Sense("to", "to"),)))
            elif match := self._longest(tokens[at : at + _LONGEST]):
                key, length = match
                found.append(_phrase(key, tokens[at : at + length], self._senses))
            at += length
        return found

    def _longest(self, tokens: Sequence[tuple[str, str]]) -> tuple[str, int] | None:
        """Return the longest phrase that words begin with, as written or in known forms, and its length."""
        if self._starts.isdisjoint(tokens[0]):
            return None
        for length in range(len(tokens), 0, -1):
            for key in map("".join, zip(*tokens[:length], strict=True)):
                if key in self._senses:
                    return key, length
        return None

    def _means_to(self, tokens: Sequence[tuple[str, str]], at: int) -> bool:
        """Whether a 2 stands for "to": between two words for media."""
        if tokens[at][1] != "2" or not 0 < at < len(tokens) - 1:
            return False
        before = {sense.kind for sense in self._senses.get(tokens[at - 1][1], ())}
        after = {sense.kind for sense in self._senses.get(tokens[at + 1][1], ())}
        return bool(before & {"medium", "weak", "origin"}) and bool(after & {"medium", "weak", "result"})


def _phrase(key: str, tokens: Sequence[tuple[str, str]], senses: Mapping[str, tuple[Sense, ...]]) -> Phrase:
    """Return a phrase with its senses, and, where it is no name or medium, the media of its words."""
    own = senses[key]
    wanted = {"load"} if _NAMES & {sense.kind for sense in own} else {"load", "medium", "weak"}
    if len(tokens) > 1:
        own = (*own, *(sense for _, form in tokens for sense in senses.get(form, ()) if sense.kind in wanted))
    return Phrase(" ".join(written for written, _ in tokens), own)
