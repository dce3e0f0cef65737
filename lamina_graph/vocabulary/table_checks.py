"""The tables that a user gives in `[vocabulary]`, checked; only for these the checks are loaded."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lamina_graph.errors import ConfigError
from lamina_graph.validation_errors import first_error
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
