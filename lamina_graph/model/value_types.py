"""The kinds of values: what the API says, what this package computes, and rows that nobody checks."""

from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict


class Value(BaseModel):
    """Base of everything this package computes: frozen, comparable, strict about its fields."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True, defer_build=True
    )


class ApiValue(BaseModel):
    """Base of everything the API says: camelCase names, unknown fields kept."""

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        alias_generator=to_camel,
        serialize_by_alias=True,
        validate_by_name=True,
        defer_build=True,
    )


def object_schema(row: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
    """Return the schema by which pydantic writes a named tuple as a JSON object of its fields, not as a list.

    Named tuples are made in a fraction of the time that a model takes, and are checked by nobody.
    """
    schema = handler.generate_schema(TypedDict(row.__name__, get_type_hints(row)))  # type: ignore[operator]
    return core_schema.is_instance_schema(
        row, serialization=core_schema.plain_serializer_function_ser_schema(row._asdict, return_schema=schema)
    )
