"""A node type, or a label, cut into words, and the words into forms that are known."""

import re
import unicodedata
from collections.abc import Collection

LONGEST_TYPE = 200
"""Characters of a type that are read: longer names are hostile, not informative."""

_WORD = re.compile(
    r"[0-9]?3[dD](?![a-z])"  # 3D is one word
    r"|[A-Z]+(?![a-z])|[A-Z]?[a-z]+"  # XML, Http, Request
    r"|[0-9]+"
    r"|[^\W\dA-Za-z_]+"  # letters of any other script
)
_READABLE_WORD = re.compile(
    r"[0-9]?3[dD](?![a-z])|[a-z]+[0-9]+[a-z]+|[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+(?:[0-9]+(?!D))?|[0-9]+|[^\W\dA-Za-z_]+"
)
_ENDINGS = (
    ("ies", "y"), ("es", "e"), ("es", ""), ("s", ""), ("ing", ""), ("ing", "e"), ("er", ""), ("er", "e"),
    ("or", "e"), ("or", ""),
    ("ed", "e"), ("ed", ""), ("ation", "e"), ("ion", "e"), ("ion", ""),
)  # fmt: skip


def tokenize(type_name: str) -> list[str]:
    """Return the words of a type as they are written, without a final "node".

    >>> tokenize("klingVideoNode"), tokenize("t2v_3D")
    (['kling', 'Video'], ['t2v', '3D'])
    """
    tokens = _READABLE_WORD.findall(type_name)
    return tokens[:-1] if len(tokens) > 1 and tokens[-1].lower() == "node" else tokens


def split_words(type_name: str) -> list[str]:
    """Return the words of a type, in lower case.

    >>> split_words("RunwayImg2VideoGen4"), split_words("text_to-3DModel")
    (['runway', 'img', '2', 'video', 'gen', '4'], ['text', 'to', '3d', 'model'])
    """
    plain = unicodedata.normalize("NFKC", type_name[:LONGEST_TYPE]).replace("LoRA", "Lora")
    return [word.lower() for word in _WORD.findall(plain)]


def known_forms(word: str, known: Collection[str]) -> list[tuple[str, str]]:
    """Return a word as written and in the form that is known; or its parts, where it is written together.

    >>> known_forms("upscaler", {"upscale"}), known_forms("videoclip", {"video", "clip"})
    ([('upscaler', 'upscale')], [('video', 'video'), ('clip', 'clip')])
    """
    if word in known or word.isdigit():
        return [(word, word)]
    if not word.isascii():
        return _inside(word, known)
    stem = _stem(word, known)
    return [(word, stem)] if stem else _cut(word, known) or [(word, word)]


def _stem(word: str, known: Collection[str]) -> str:
    """Return the known word that a word is a form of: `upscale` for `upscaler`; nothing if there is none."""
    for ending, instead in _ENDINGS:
        stem = word.removesuffix(ending) + instead
        if word.endswith(ending) and len(stem) > 2 and stem in known:
            return stem
    return ""


def _inside(word: str, known: Collection[str]) -> list[tuple[str, str]]:
    """Return the known words in a run of letters of a script that puts no spaces between words."""
    pieces, at = [], 0
    while at < len(word):
        length = next((n for n in range(min(6, len(word) - at), 0, -1) if word[at : at + n] in known), 0)
        if length:
            pieces.append((word[at : at + length],) * 2)
        at += max(length, 1)
    return pieces


def _cut(word: str, known: Collection[str]) -> list[tuple[str, str]]:
    """Return the fewest known words that a word is written together of: `text`, `to`, `video`."""
    best: list[list[str] | None] = [[], *[None] * len(word)]
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 20), end):
            before = best[start]
            if before is None or not _piece(word[start:end], known):
                continue
            if best[end] is None or len(before) + 1 < len(best[end] or ()):
                best[end] = [*before, word[start:end]]
    return [(piece, piece if piece in known else _stem(piece, known)) for piece in best[-1] or []]


def _piece(text: str, known: Collection[str]) -> bool:
    """Whether letters may be one of the words that another is written together of: short ones are chance."""
    if text in known:
        return len(text) > 3 or text in _SHORT
    return len(text) > 3 and len(_stem(text, known)) > 3


_SHORT = {"to", "on", "bg", "ai", "3d", "img", "txt", "wan", "gpt", "tts", "llm", "api", "vto"}
