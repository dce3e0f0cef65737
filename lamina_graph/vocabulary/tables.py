"""The tables of a vocabulary, as `words.toml` and a user's `[vocabulary]` give them, and their phrases."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lamina_graph.errors import ConfigError
from lamina_graph.validation_errors import first_error
from lamina_graph.vocabulary.phrases import Meaning
from lamina_graph.vocabulary.reading import Modality, Part, Role

Words = tuple[str, ...]


class Table(BaseModel):
    """Base of the tables: strict about their fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Brand(Table):
    """A model or a vendor: its spelling, what it makes where no word says otherwise, the words for it."""

    name: str
    gives: Modality
    words: Words


class Task(Table):
    """A kind of generating or transforming; `always` where no word changes what it gives."""

    role: Role
    gives: Modality | None = None
    always: bool = False
    words: Words


class Given(Table):
    """What a whole type means."""

    role: Role = "unknown"
    part: Part | None = None
    task: str | None = None
    takes: tuple[Modality, ...] = ()
    gives: tuple[Modality, ...] = ()
    brand: str | None = None


class RoleWords(Table):
    """Words for roles: strong ones decide even beside a model's or a task's name."""

    strong: dict[Role, Words]
    weak: dict[Role, Words]


class PlainWords(Table):
    """Words by what they do in a type, and words that are spelled in their own way."""

    load: Words
    to: Words
    stop: Words
    filler: Words
    network: Words
    handle: Words
    spelled: Words


class Tables(Table):
    """All tables of a vocabulary."""

    media: dict[Modality, Words]
    hints: dict[Modality, Words]
    makes: dict[Modality, Words]
    origin: dict[Modality, Words]
    result: dict[Modality, Words]
    subjects: dict[str, Words]
    signs: dict[str, Words]
    parts: dict[Part, Words]
    everyday: dict[Modality, Words]
    roles: RoleWords
    tasks: dict[str, Task]
    families: dict[str, Brand]
    vendors: dict[str, Brand]
    plain: PlainWords
    types: dict[str, Given] = Field(default_factory=dict)


def checked(tables: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return tables, which stand in a file, as plain data.

    Raises:
        ConfigError: a table, a field or a value that a vocabulary does not have; the error names the field.
    """
    try:
        return Tables.model_validate(tables).model_dump()
    except ValidationError as error:
        field, problem = first_error(error, "vocabulary", tables=Tables)
        words = re.sub(r"\[\d+\]$", "", field)  # the place in a list counts the package's words too
        raise ConfigError(source, words, problem) from error


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables with others laid over them: lists grow, tables are merged, the rest is replaced."""
    result = dict(old)
    for key, value in new.items():
        before = old.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            result[key] = merged(before, value)
        elif isinstance(before, tuple) and isinstance(value, list | tuple):
            result[key] = (*before, *value)
        else:
            result[key] = value
    return result


def meanings(tables: Mapping[str, Any]) -> Iterator[tuple[str, Meaning]]:
    """Yield each phrase of tables with each of its meanings."""
    for table, kind in _LISTS.items():
        yield from _list_meanings(tables[table], kind)
    for table, kind in _ROWS.items():
        yield from _list_meanings({key: row["words"] for key, row in tables[table].items()}, kind)
    for task in tables["tasks"].values():
        if task["gives"]:
            yield from ((phrase, Meaning("task with a result", True)) for phrase in task["words"])
    for kind in ("strong", "weak"):
        yield from _list_meanings(tables["roles"][kind], kind)
    for kind in ("load", "network", "handle", "to", "stop", "filler"):
        yield from ((phrase, Meaning(kind, kind)) for phrase in tables["plain"][kind])


_LISTS = {
    "media": "medium", "hints": "hint", "makes": "makes", "subjects": "subject",
    "parts": "part", "origin": "origin", "result": "result",
}  # fmt: skip
_ROWS = {"tasks": "task", "families": "family", "vendors": "vendor"}


def subject_meanings(tables: Mapping[str, Any]) -> Iterator[tuple[str, Meaning]]:
    """Yield each phrase for what matters to a category, in a type or a label."""
    for phrases in (tables["subjects"], tables["signs"], {"try-on": tables["tasks"]["try-on"]["words"]}):
        yield from _list_meanings(phrases, "subject")


def in_everyday_sense(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables in which words with an everyday sense have that sense alone."""
    everyday = tables["everyday"]
    taken = {word for words in everyday.values() for word in words}
    parts = {part: [word for word in words if word not in taken] for part, words in tables["parts"].items()}
    hints = {medium: (*words, *everyday.get(medium, ())) for medium, words in tables["hints"].items()}
    return {**tables, "parts": parts, "hints": hints}


def _list_meanings(phrases: Mapping[str, Iterable[str]], kind: str) -> Iterator[tuple[str, Meaning]]:
    return ((phrase, Meaning(kind, value)) for value, words in phrases.items() for phrase in words)
