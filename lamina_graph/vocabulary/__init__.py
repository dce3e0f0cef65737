"""Words of node types, and what they mean: role, task, modality.

Node types are an open set, so no type is listed anywhere. A type is cut into words, the words are looked up
in `words.toml`, and what they say together is a `Reading`. What words leave open is left open: the graph may
settle it.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

from lamina_graph.vocabulary.interpretation import interpret
from lamina_graph.vocabulary.phrases import Lexicon
from lamina_graph.vocabulary.reading import MODALITIES, PARTS, ROLES, Modality, Part, Reading, Role
from lamina_graph.vocabulary.tables import completed, in_everyday_sense, meanings, merged, subject_meanings
from lamina_graph.vocabulary.tokens import tokenize

__all__ = ["MODALITIES", "PARTS", "ROLES", "Modality", "Part", "Reading", "Role", "Vocabulary", "readable"]

_CONFIG = ".lamina-graph.toml"
_LONGEST_SPELLING = 4
_PACK_TAG = re.compile(r"^\s*\[[^\[\]]*\]|\[[^\[\]]*\]\s*$")
_PACK_IN_PARENTHESES = re.compile(r"\s*\([^()]*\)\s*$")
_REMEMBERED_TYPES = 16_384
_REMEMBERED_TEXTS = 131_072  # labels differ more than types do
_NO_SUBJECTS: frozenset[str] = frozenset()


class Vocabulary:
    """A set of words and what they mean.

    Args:
        tables: tables as in `words.toml`.
        source: the file that they stand in, for errors; None for the words of the package.

    >>> Vocabulary.default().read("klingVideoNode").role
    'generate'
    """

    def __init__(self, tables: Mapping[str, Any], source: str | None = _CONFIG) -> None:
        self._tables = tables = completed(tables) if source is None else _checked(tables, source)
        self._subject_lexicon = Lexicon(subject_meanings(tables))
        # A catalogue repeats its types; what was read is remembered with the vocabulary that read it.
        self._read = lru_cache(_REMEMBERED_TYPES)(partial(self._interpret, Lexicon(meanings(tables))))
        self._subjects = lru_cache(_REMEMBERED_TEXTS)(self._find_subjects)
        self._readable = lru_cache(_REMEMBERED_TYPES)(self._spell)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self._tables == other._tables

    def __hash__(self) -> int:
        return hash(len(self._tables["families"]))

    def __reduce__(self) -> tuple[Callable[..., "Vocabulary"], tuple[Mapping[str, Any], ...]]:
        return (Vocabulary.default, ()) if self is Vocabulary.default() else (Vocabulary, (self._tables,))

    @cached_property
    def _read_everyday(self) -> Callable[[str], Reading]:
        lexicon = Lexicon(meanings(in_everyday_sense(self._tables)))
        return lru_cache(_REMEMBERED_TYPES)(partial(self._interpret, lexicon))

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
        text = Path(__file__).with_name("words.json").read_text(encoding="utf-8")
        return Vocabulary(json.loads(text), source=None)

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
        return Vocabulary(merged(self._tables, tables), source) if tables else self

    def with_models(self, models: Iterable[tuple[str, str]]) -> "Vocabulary":
        """Return this vocabulary with the first words of models that it does not know.

        Args:
            models: ids with the medium that each makes.

        >>> words = Vocabulary.default().with_models([("zephyrine-2-pro", "video")])
        >>> words.read("zephyrineNode").gives
        ('video',)
        """
        from lamina_graph.vocabulary.workspace import model_families

        families = model_families(models, self)
        return self.extended({"families": families}) if families else self

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
        type_names = list(type_names)
        readings = list(map(self._read, type_names))
        parts = [name for name, reading in zip(type_names, readings, strict=True) if reading.part]
        if not parts or any(self._read_everyday(name).part for name in parts):
            return readings
        return list(map(self._read_everyday, type_names))

    def subjects(self, text: str) -> frozenset[str]:
        """Return what a label or a name speaks of that matters to a category: `subjects`, `signs`, try-on.

        >>> sorted(Vocabulary.default().subjects("Load the model photo and the dress"))
        ['garment', 'person']
        """
        return self._subjects(text)

    def subjects_of(self, texts: Iterable[str]) -> Iterator[frozenset[str]]:
        """Return what each of many texts speaks of, as `subjects` does of one."""
        return map(self._subjects, texts)

    def name(self, brand: str) -> str:
        """Return how a brand is spelled.

        >>> Vocabulary.default().name("elevenlabs")
        'ElevenLabs'
        """
        row = self._tables["families"].get(brand) or self._tables["vendors"].get(brand)
        return str(row["name"]) if row else brand

    def makes(self, family: str) -> tuple[Modality, ...]:
        """Return what a model makes where no word says otherwise; nothing for a vendor of several.

        >>> Vocabulary.default().makes("suno")
        ('audio',)
        """
        row = self._tables["families"].get(family)
        return (row["gives"],) if row else ()

    def _interpret(self, lexicon: Lexicon, type_name: str) -> Reading:
        whole = self._tables["types"].get(type_name)
        if whole is not None:
            return Reading(**whole, certainty=1.0, named=bool(whole["gives"]))
        untagged = _PACK_TAG.sub("", type_name, count=1)  # [Pack] Name
        phrases = lexicon.phrases(untagged if any(map(str.isalnum, untagged)) else type_name)
        reading = interpret(phrases, self._tables)
        if reading.role == "output" and (pack := _PACK_IN_PARENTHESES.search(untagged)):
            head = interpret(lexicon.phrases(untagged[: pack.start()]), self._tables)
            if head.role not in ("output", "unknown"):  # Seed Generator (Image Saver): the pack saves
                reading = head
        return reading._replace(subjects=self._subjects(type_name))

    def _find_subjects(self, text: str) -> frozenset[str]:
        subjects = [value for phrase in self._subject_lexicon.phrases(text) for value in phrase.of("subject")]
        return frozenset(subjects) if subjects else _NO_SUBJECTS  # one for all: most labels speak of nothing

    def _spell(self, type_name: str) -> str:
        """Return the words of a type; as many together as are spelled in their own way, the longest first."""
        tokens, words = tokenize(type_name), []
        while tokens:
            for length in range(min(len(tokens), _LONGEST_SPELLING), 0, -1):
                if word := self.spellings.get("".join(tokens[:length]).lower()):
                    break
            words.append(word or (tokens[0] if any(map(str.isupper, tokens[0])) else tokens[0].capitalize()))
            tokens = tokens[length:]
        return " ".join(words) or type_name


def _checked(tables: Mapping[str, Any], source: str) -> dict[str, Any]:
    from lamina_graph.vocabulary.table_checks import checked

    return checked(tables, source)


def readable(type_name: str, vocabulary: Vocabulary | None = None) -> str:
    """Return a node type made readable, brands spelled as their makers do.

    >>> readable("klingVideoNode"), readable("elevenlabs_tts_v2"), readable("imageToVideo3D")
    ('Kling Video', 'ElevenLabs TTS V2', 'Image To Video 3D')
    """
    return (vocabulary or Vocabulary.default())._readable(type_name)
