"""Validation errors in plain words: the field, what was expected, and the name that was probably meant."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails


def first_error(
    error: "ValidationError", *above: str, tables: "type[BaseModel] | None" = None
) -> tuple[str, str]:
    """Return the first field that pydantic found wrong, and what is wrong with it.

    Args:
        error: what pydantic raised.
        above: the fields that lead to what was checked.
        tables: for tables of a TOML file, the model that they were checked against: its fields are then
            suggested in the place of unknown ones.

    >>> from pydantic import BaseModel, ValidationError
    >>> class Node(BaseModel):
    ...     id: str
    >>> try:
    ...     Node.model_validate({"id": 5})
    ... except ValidationError as error:
    ...     first_error(error, "nodes")
    ('nodes.id', 'expected a string, found a number')
    """
    errors = error.errors(include_url=False)
    first = next((each for each in errors if tables and each["type"] == "extra_forbidden"), errors[0])
    steps = [step for step in first["loc"] if step not in _ADDED]
    field = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in (*above, *steps))
    return field.lstrip("."), _problem(first, steps, tables)


def error_text(error: "ValidationError", *above: str, tables: "type[BaseModel] | None" = None) -> str:
    """Return what `first_error` returns, as one line."""
    field, problem = first_error(error, *above, tables=tables)
    return ": ".join(part for part in (toml_location(field) if tables else field, problem) if part)


def toml_location(field: str) -> str:
    """Return a field as a person finds it in a TOML file: of many tables, by its number from 1 on.

    >>> toml_location("category[1].when.nodes"), toml_location("diff.severity")
    ('category 2: when.nodes', 'diff.severity')
    """
    return re.sub(
        r"^(\w+)\[(\d+)\](?:\.|$)", lambda table: f"{table[1]} {int(table[2]) + 1}: ", field
    ).rstrip(": ")


def value_kind(value: Any, table: str = "an object") -> str:
    """Return what kind of JSON or TOML value something is.

    >>> value_kind([]), value_kind({}), value_kind(None)
    ('a list', 'an object', 'null')
    """
    return table if isinstance(value, Mapping) else _KINDS.get(type(value), f"a {type(value).__name__}")


def unknown_text(name: str, known: Iterable[str], above: str = "") -> str:
    """Return what to say of a name that is not known, with the one that was probably meant.

    >>> unknown_text("lable", ["label", "when"]), unknown_text("x", ["label", "when"])
    ('unknown; did you mean `label`?', 'unknown; expected one of label, when')
    """
    names = list(known)
    near = suggest(name, names)
    meant = f"did you mean `{above}{near}`?" if near else f"expected one of {', '.join(names)}"
    return f"unknown; {meant}"


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Return the name that was probably meant, if any comes near, whatever the case.

    >>> suggest("Photos", ["photo", "style"])
    'photo'
    """
    from difflib import get_close_matches

    folded = {each.casefold(): each for each in known}
    return next((folded[near] for near in get_close_matches(word.casefold(), folded, 1)), None)


_ADDED = {"[key]", "int", "float"}
"""What pydantic adds to the name of a field: that a key is wrong, and which of several types was tried."""

_KINDS = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
}
_EXPECTED = {
    "a string": ("string_type",),
    "true or false": ("bool_type", "bool_parsing"),
    "a number": ("int_type", "int_parsing", "int_from_float", "float_type", "float_parsing", "finite_number"),
    "a list": ("list_type", "tuple_type", "set_type", "frozen_set_type"),
    "an object": ("dict_type", "mapping_type", "model_type", "model_attributes_type"),
    "a date such as 2026-03-09": (
        "date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact",
    ),
    "a moment such as 2026-03-09T10:25:00Z": (
        "datetime_type", "datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid",
        "timezone_aware",
    ),
}  # fmt: skip
_WORDS = {type_: words for words, types in _EXPECTED.items() for type_ in types}


def _problem(error: "ErrorDetails", steps: Sequence[int | str], tables: "type[BaseModel] | None") -> str:
    table = "a table" if tables else "an object"
    match error["type"]:
        case "missing":
            return "missing"
        case "json_invalid":
            return f"not JSON: {error['ctx']['error']}"
        case "extra_forbidden" if tables:
            return unknown_text(str(steps[-1]), _fields(tables, steps[:-1]))
        case "extra_forbidden":
            return "unknown"
        case "literal_error":
            expected = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
            return f"expected one of {expected}; found {_shown(error['input'], table)}"
        case "value_error" | "assertion_error":
            return str(error["ctx"]["error"])
        case type_ if type_ in _WORDS:
            expected = _WORDS[type_].replace("an object", table)
            return f"expected {expected}, found {value_kind(error['input'], table)}"
    message = error["msg"]
    return f"{message[0].lower()}{message[1:]}, found {_shown(error['input'], table)}"


def _shown(value: Any, table: str) -> str:
    return (
        repr(value)
        if isinstance(value, str | int | float) and len(repr(value)) <= 60
        else value_kind(value, table)
    )


def _fields(tables: Any, steps: Iterable[int | str]) -> list[str]:
    """Return the names that the table at a place of a model may have."""
    for step in steps:
        within = {
            field.alias or name: field.annotation
            for name, field in getattr(tables, "model_fields", {}).items()
        }
        tables = within[str(step)] if within else [*get_args(tables), None][0 if isinstance(step, int) else 1]
    return [field.alias or name for name, field in getattr(tables, "model_fields", {}).items()]
