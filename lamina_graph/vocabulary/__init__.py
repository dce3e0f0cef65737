"""Words of node types, and what they mean: role, task, modality.

Node types are an open set, so no type is listed anywhere. A type is cut into words, the words are looked up
in `words.toml`, and what they say together is a `Reading`. What words leave open is left open: the graph may
settle it.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache, partial
from importlib.resources import files
from typing import Any

from lamina_graph.vocabulary.lexicon import Lexicon
from lamina_graph.vocabulary.reading import (
    MODALITIES,
    PARTS,
    ROLES,
    Modality,
    Part,
    Reading,
    Role,
    Sense,
    settle,
)
from lamina_graph.vocabulary.tables import checked, merged
from lamina_graph.vocabulary.words import spoken

__all__ = ["MODALITIES", "PARTS", "ROLES", "Modality", "Part", "Reading", "Role", "Vocabulary", "readable"]

_REMEMBERED = 16_384
_SPOKEN = 131_072  # labels differ more than types do
_NOTHING: frozenset[str] = frozenset()


_CONFIG = ".lamina-graph.toml"


class Vocabulary:
    """A set of words and what they mean.

    Args:
        tables: tables as in `words.toml`.
        source: the file that they stand in, for errors.

    >>> Vocabulary.default().read("klingVideoNode").role
    'generate'
    """

    def __init__(self, tables: Mapping[str, Any], source: str = _CONFIG) -> None:
        self._tables = tables = checked(tables, source)
        self._words = Lexicon(_entries(tables))
        self._everyday_words = Lexicon(_entries(_everyday(tables)))
        dressing = {"subjects": {"try-on": tables["tasks"]["try-on"]["words"]}}
        self._things = Lexicon(
            entry
            for each, table in ((tables, "subjects"), (tables, "signs"), (dressing, "subjects"))
            for entry in _listed(each, table, "subject")
        )
        # A catalogue repeats its types; what was read is remembered with the vocabulary that read it.
        self._read = lru_cache(_REMEMBERED)(partial(self._reading, self._words))
        self._read_everyday = lru_cache(_REMEMBERED)(partial(self._reading, self._everyday_words))
        self._seen = lru_cache(_SPOKEN)(self._subjects)
        self._shown = lru_cache(_REMEMBERED)(self._readable)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self._tables == other._tables

    def __hash__(self) -> int:
        return hash(len(self._tables["families"]))

    def __reduce__(self) -> tuple[type["Vocabulary"], tuple[Mapping[str, Any]]]:
        return Vocabulary, (self._tables,)

    @cached_property
    def spellings(self) -> dict[str, str]:
        """How brands and acronyms are spelled, by the lower-case word."""
        rows = [*self._tables["families"].values(), *self._tables["vendors"].values()]
        brands = {row["name"].lower().replace(" ", ""): row["name"] for row in rows}
        return brands | {word.lower(): word for word in self._tables["plain"]["spelled"]}

    @staticmethod
    @cache
    def default() -> "Vocabulary":
        """Return the vocabulary of the package."""
        text = files("lamina_graph.vocabulary").joinpath("words.toml").read_text(encoding="utf-8")
        return Vocabulary(tomllib.loads(text))

    def extended(self, tables: Mapping[str, Any], source: str = _CONFIG) -> "Vocabulary":
        """Return this vocabulary with words added.

        Args:
            tables: tables as in `words.toml`. Besides, `types` says what a whole type means:
                `{"types": {"acmeNode": {"role": "generate", "gives": ["video"]}}}`.
            source: the file that they stand in, for errors.

        Raises:
            ConfigError: a table or a value that a vocabulary does not have; the error names the field.

        >>> acme = {"families": {"acme": {"name": "Acme", "gives": "video", "words": ["acme"]}}}
        >>> Vocabulary.default().extended(acme).read("acmeNode").gives
        ('video',)
        """
        return Vocabulary(merged(self._tables, tables), source)

    def read(self, type_name: str, *, everyday: bool = False) -> Reading:
        """Return what the words of a type say, whatever graph it stands in.

        Args:
            type_name: the type.
            everyday: whether words that may name a part of a model are taken in their everyday sense.

        >>> reading = Vocabulary.default().read("RunwayImageToVideoNodeGen4")
        >>> reading.role, reading.takes, reading.gives
        ('generate', ('image',), ('video',))
        """
        return (self._read_everyday if everyday else self._read)(type_name)

    def readings(self, type_names: Iterable[str]) -> list[Reading]:
        """Return what the words of each of a graph's types say.

        Words such as "clip" name a part of a model only beside types that name one without doubt.

        >>> [reading.role for reading in Vocabulary.default().readings(["saveImage", "fluxNode"])]
        ['output', 'generate']
        >>> [reading.gives for reading in Vocabulary.default().readings(["clipNode", "videoMergeNode"])]
        [('video',), ('video',)]
        """
        readings = list(map(self._read, type_names))
        if all(reading.part is None for reading in readings):
            return readings
        everyday = []
        for reading in map(self._read_everyday, type_names):
            if reading.part is not None:
                return readings
            everyday.append(reading)
        return everyday

    def subjects(self, text: str) -> frozenset[str]:
        """Return what a label or a name speaks of that matters to a category: `subjects`, `signs`, try-on.

        >>> sorted(Vocabulary.default().subjects("Load the model photo and the dress"))
        ['garment', 'person']
        """
        return self._seen(text)

    def spoken(self, texts: Iterable[str]) -> list[frozenset[str]]:
        """Return what each of some labels speaks of.

        >>> [sorted(things) for things in Vocabulary.default().spoken(["The dress", "Cut the reel"])]
        [['garment'], []]
        """
        return list(map(self._seen, texts))

    def readable(self, type_name: str) -> str:
        """Return a node type made readable.

        >>> Vocabulary.default().readable("klingVideoNode")
        'Kling Video'
        """
        return self._shown(type_name)

    def name(self, brand: str) -> str:
        """Return how a brand is spelled.

        >>> Vocabulary.default().name("elevenlabs")
        'ElevenLabs'
        """
        row = self._tables["families"].get(brand) or self._tables["vendors"].get(brand)
        return str(row["name"]) if row else brand

    def _reading(self, lexicon: Lexicon, type_name: str) -> Reading:
        given = self._tables["types"].get(type_name)
        if given is not None:
            return Reading(**given, certainty=1.0, named=bool(given["gives"]))
        reading = settle(lexicon.phrases(_untagged(type_name)), self._tables)
        return reading._replace(subjects=self._seen(type_name))

    def _readable(self, type_name: str) -> str:
        tokens = spoken(type_name)
        result, at = [], 0
        while at < len(tokens):
            length, found = self._spelling(tokens[at : at + 4])
            result.append(found or _capital(tokens[at]))
            at += length
        return " ".join(result) or type_name

    def _spelling(self, tokens: Sequence[str]) -> tuple[int, str]:
        """Return how many words are one that is spelled in its own way, the most first, and how."""
        for length in range(len(tokens), 0, -1):
            if found := self.spellings.get("".join(tokens[:length]).lower()):
                return length, found
        return 1, ""

    def _subjects(self, text: str) -> frozenset[str]:
        found = [value for phrase in self._things.phrases(text) for value in phrase.of("subject")]
        return frozenset(found) if found else _NOTHING  # one for all: most labels speak of nothing


def readable(type_name: str, vocabulary: Vocabulary | None = None) -> str:
    """Return a node type made readable, brands spelled as their makers do.

    >>> readable("klingVideoNode"), readable("elevenlabs_tts_v2"), readable("imageToVideo3D")
    ('Kling Video', 'ElevenLabs TTS V2', 'Image To Video 3D')
    """
    return (vocabulary or Vocabulary.default()).readable(type_name)


def _everyday(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables in which words with an everyday sense have that sense alone."""
    taken = {word for words in tables["everyday"].values() for word in words}
    parts = {part: [word for word in words if word not in taken] for part, words in tables["parts"].items()}
    weak = {medium: (*words, *tables["everyday"].get(medium, ())) for medium, words in tables["weak"].items()}
    return {**tables, "parts": parts, "weak": weak}


def _untagged(type_name: str) -> str:
    """Return a type without the tag of the pack that it comes in: [Pack] Name."""
    bare = _TAG.sub("", type_name, count=1)
    return bare if any(map(str.isalnum, bare)) else type_name


_TAG = re.compile(r"^\s*\[[^\[\]]*\]|\[[^\[\]]*\]\s*$")


def _capital(word: str) -> str:
    return word if any(map(str.isupper, word)) else word.capitalize()


def _listed(tables: Mapping[str, Any], table: str, kind: str) -> Iterator[tuple[str, Sense]]:
    for value, phrases in tables[table].items():
        yield from ((phrase, Sense(kind, value)) for phrase in phrases)


def _entries(tables: Mapping[str, Any]) -> Iterator[tuple[str, Sense]]:
    for table, kind in _LISTS.items():
        yield from _listed(tables, table, kind)
    for table, kind in _ROWS.items():
        yield from _listed({table: {key: row["words"] for key, row in tables[table].items()}}, table, kind)
    for task in tables["tasks"].values():
        if task["gives"]:  # a phrase for such a task says what it gives as a whole
            yield from ((phrase, Sense("whole", None)) for phrase in task["words"])
    for kind in ("firm", "loose"):
        yield from _listed(tables["roles"], kind, kind)
    for kind in ("load", "network", "handle", "to", "stop", "filler"):
        yield from ((phrase, Sense(kind, kind)) for phrase in tables["plain"][kind])


_LISTS = {
    "media": "medium",
    "weak": "weak",
    "makes": "makes",
    "subjects": "subject",
    "parts": "part",
    "origin": "origin",
    "result": "result",
}
_ROWS = {"tasks": "task", "families": "family", "vendors": "vendor"}
