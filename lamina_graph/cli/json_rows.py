"""Rows of machine output: a value with the name of its schema and what the person named before it."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel

_VERSIONS = {"show": 2}
"""The version of a schema, where it is not the first."""


def schema_name(name: str) -> str:
    """Return what a row of machine output calls its schema.

    >>> schema_name("show"), schema_name("classify")
    ('show/2', 'classify/1')
    """
    return f"{name}/{_VERSIONS.get(name, 1)}"


def row(
    schema: str, value: "BaseModel | None" = None, ref: str | None = None, **fields: object
) -> dict[str, Any]:
    """Return the row of machine output for a value; `fields` stand beside its own or in their place.

    >>> row("lint", ref="app.json", findings=())
    {'schema': 'lint/1', 'ref': 'app.json', 'findings': []}
    """
    head = {"schema": schema_name(schema)} if ref is None else {"schema": schema_name(schema), "ref": ref}
    return {**head, **(_to_json_values(value) if value else {}), **_to_json_values(fields)}


def _to_json_values(value: Any) -> dict[str, Any]:
    from pydantic_core import to_jsonable_python

    try:
        values: dict[str, Any] = to_jsonable_python(value)
    except UnicodeEncodeError:  # half a surrogate pair in a key: pydantic does not write it, `json` does
        plain = value if isinstance(value, dict) else value.model_dump()
        values = json.loads(json.dumps(plain, default=to_jsonable_python))
    return values
