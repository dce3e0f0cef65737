"""What is in a file that needs a closer look: another program's workflow, a picture, a page, or a mistake.

What is wrong with a file is said here in precise words; what is plainly well formed does not come here.
"""

import html
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from lamina_graph.errors import NoWorkflowError, WorkflowError
from lamina_graph.formats import (
    UnreadableError,
    complete,
    find_format,
    identify_bytes,
    identify_json,
    identify_text,
    is_foreign_flow,
    read_picture,
)
from lamina_graph.json_values import DuplicateKeyError, parse
from lamina_graph.model import PACKED_CLASS, Workflow
from lamina_graph.validation_errors import first_error, value_kind

_PACKED = re.compile(rf'<metadata (?:class|id)="{PACKED_CLASS}">')
_PICTURES = (
    "ComfyUI's pictures and lamina-graph's SVGs carry a workflow until another program writes them again."
)


def read_content(content: bytes, name: str) -> Workflow:
    """Return the workflow in the content of a file, which may be a picture that carries one.

    Raises:
        WorkflowError: there is none; the error names the file and the field.
    """
    try:
        picture = read_picture(content)
    except UnreadableError as error:
        raise _unreadable(error, name) from error
    if picture is None:
        return validated(parsed(content, name), name)
    if not picture.texts:
        left = f"the settings of {picture.generator}, and no workflow" if picture.generator else "no workflow"
        raise NoWorkflowError(name, "", f"this is {picture.title} that carries {left}", _PICTURES)
    workflows: list[Any] = []
    errors: list[WorkflowError] = []
    for text in picture.texts:
        try:
            workflows.append(_converted(_json(text, name), name))
        except WorkflowError as error:
            errors.append(error)
    if not workflows:
        raise errors[0]
    return validated(complete(*workflows) if len(workflows) == 2 else workflows[0], name)


def _converted(data: Any, name: str) -> Any:
    """Return JSON of another program as JSON of this project; what is none of them must be a workflow."""
    format_ = find_format(data)
    if format_ is None:
        validated(data, name)
        return data
    try:
        return format_.read(data)
    except UnreadableError as error:
        raise _unreadable(error, name) from error


def _unreadable(error: UnreadableError, name: str) -> WorkflowError:
    hint = error.hint or "Save it again with the program that wrote it."
    return WorkflowError(name, error.field, error.problem, hint)


def parsed(content: bytes, name: str) -> Any:
    """Return the JSON that a file holds, or that is packed into its SVG.

    Raises:
        WorkflowError: it holds none, or none that can be kept.
    """
    binary = identify_bytes(content)
    if binary:
        raise WorkflowError(name, "", *binary)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"not UTF-8 text (byte {error.start})"
        raise WorkflowError(name, "", problem, "Save it as UTF-8.") from error
    if not text.strip():
        raise WorkflowError(name, "", "empty; expected JSON")
    packed = _PACKED.search(text) if text.lstrip().startswith("<") else None
    end = text.find("</metadata>", packed.end()) if packed else -1
    return _json(html.unescape(text[packed.end() : end]) if packed and end >= 0 else text, name)


def _json(text: str, name: str) -> Any:
    try:
        return _unfolded(parse(text))
    except json.JSONDecodeError as error:
        known = identify_text(text)
        place = "" if known else f"line {error.lineno} column {error.colno}"
        raise WorkflowError(name, place, *(known or (f"not JSON: {error.msg}",))) from error
    except DuplicateKeyError as error:
        raise WorkflowError(name, error.key, str(error), "Remove the one that is not meant.") from error
    except ValueError as error:
        with suppress(ValueError):  # ComfyUI writes NaN where it does not remember a node's state
            data = _unfolded(parse(text, nan_as_null=True))
            if find_format(data):
                return data
        raise WorkflowError(name, "", f"not JSON that can be kept: {error}") from error


def _unfolded(data: Any) -> Any:
    """Return JSON with what its workflow and its prompt hold, where they are texts of JSON."""
    if not isinstance(data, dict) or "nodes" in data:
        return data
    parsed = {}
    for key in ("workflow", "prompt"):
        if isinstance(data.get(key), str) and data[key].lstrip().startswith("{"):
            with suppress(ValueError):
                parsed[key] = parse(data[key], nan_as_null=True)
    return data | parsed if parsed and find_format(data | parsed) else data


def validated(data: Any, name: str) -> Workflow:
    """Return the workflow in JSON of this project or of another program.

    Raises:
        WorkflowError: there is none; the error names the field.
    """
    above: tuple[str, ...] = ()
    held = data
    if isinstance(data, Mapping) and "nodes" not in data and isinstance(data.get("data"), Mapping):
        above, held = ("data",), data["data"]
    try:
        if find_format(held):
            held = _converted(held, name)
        if isinstance(held, Mapping) and not is_foreign_flow(held):
            return Workflow.model_validate(held, by_alias=True, by_name=False)
        problem, cause = ("", f"expected a JSON object, found {value_kind(held)}"), None
    except ValidationError as error:
        problem, cause = first_error(error, *above), error
    known = identify_json(data)
    raise WorkflowError(name, *(("", *known) if known else problem)) from cause
