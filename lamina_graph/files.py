"""Workflows and answers of the API in files: read, written, and packed into a picture or a page."""

import html
import json
import os
import re
import sys
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from json.encoder import encode_basestring
from pathlib import Path
from typing import IO, Any, TypeVar

from pydantic import BaseModel, ValidationError

from lamina_graph.errors import InputError, WorkflowError
from lamina_graph.json_values import MOST_VALUES as MOST_VALUES
from lamina_graph.json_values import count_keys, decode
from lamina_graph.json_values import parse as parse
from lamina_graph.model import PACKED_CLASS, ApiValue, Estimate, Run, Workflow, read_quickly
from lamina_graph.replacing import replacing
from lamina_graph.validation_errors import error_text, value_kind

A = TypeVar("A", bound="ApiValue")


def load(
    source: str | Path | bytes | Mapping[str, Any] | IO[str] | IO[bytes], name: str | None = None
) -> Workflow:
    """Return the one workflow that a path, an open file, bytes or a dict holds.

    The API's envelope (`{"data": ...}`) and the bare object are both read, and so is an SVG that this package
    drew, or its page of a diff or a history, which carries the newest version; `load_all` is for a report's.
    Workflows of ComfyUI, the pictures that carry them, and dumps of React Flow are read as `docs/formats.md`
    tells.

    Args:
        source: a path (`str` or `Path`), the content as `bytes`, a parsed object, or a file open for reading.
        name: what to call the source in an error; by default the path, or what kind of source it is.

    Raises:
        WorkflowError: it cannot be read, or is not a workflow; the error names the source and the field.

    >>> load({"nodes": [{"id": "a", "type": "fluxNode"}], "edges": []}).nodes[0].title
    'fluxNode'
    """
    if isinstance(source, bytes):
        content, name = source, name or "the given bytes"
    elif isinstance(source, str | Path):
        name = name or str(source)
        content = _read(Path(source), name)
    elif isinstance(source, Mapping):
        from lamina_graph.content import validated

        return validated(source, name or "the given object")
    elif not hasattr(source, "read"):
        kind = value_kind(source, type(source).__name__)
        raise InputError(
            f"a workflow cannot be read from {kind}", "Give a path, bytes, a dict or an open file."
        )
    else:
        raw = source.read()
        if not isinstance(raw, str | bytes):
            raise InputError("the open file gave neither text nor bytes", "Open it with `open(path)`.")
        content = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
        name = name or str(getattr(source, "name", "the given bytes"))
    return _from_content(content, name)


def load_estimate(path: str | Path) -> Estimate:
    """Return the estimate that a file holds: in the API's envelope, bare, or within what `app --json` prints.

    Raises:
        InputError: it cannot be read, or is no estimate; the error names the file and the field.
    """
    data = _read_answer(path, _ESTIMATES)
    data = data.get("estimate", data) if isinstance(data, Mapping) else data
    estimate = _checked(data, Estimate, str(path), _ESTIMATES)
    if estimate.model_fields_set.isdisjoint(("estimated_credits", "breakdown")):
        raise _other(data, "an estimate", str(path), "says nothing of what a run costs", _ESTIMATES)
    return estimate


def load_run(path: str | Path) -> Run:
    """Return the run that a file holds: the API's answer, in its envelope or bare, or a webhook's body.

    Raises:
        InputError: it cannot be read, or is no run; the error names the file and the field.
    """
    return _checked(_read_answer(path, _RUNS), Run, str(path), _RUNS)


def canonical(value: BaseModel | Any) -> str:
    """Return the one JSON text of a value: sorted keys, two-space indent, unknown fields kept.

    >>> print(canonical({"b": 1, "a": "é"}), end="")
    {
      "a": "é",
      "b": 1
    }
    """
    data = _data(value) if isinstance(value, BaseModel) else value
    try:
        text = _indent(data, "\n")
    except TypeError:  # a key that is no text, or two kinds of keys
        text = json.dumps(data, sort_keys=True, indent=2, ensure_ascii=False)
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def _indent(value: Any, lead: str) -> str:
    """Return what `json.dumps` with sorted keys and an indent of two does, in half the time."""
    kind, inner = type(value), lead + "  "
    if kind is str:
        return encode_basestring(value)
    if kind is dict and value:
        items = [f"{encode_basestring(key)}: {_indent(value[key], inner)}" for key in sorted(value)]
        return f"{{{inner}{f',{inner}'.join(items)}{lead}}}"
    if kind is list and value:
        return f"[{inner}{f',{inner}'.join([_indent(each, inner) for each in value])}{lead}]"
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False).replace("\n", lead)


def pack(workflow: Workflow) -> str:
    """Return the SVG element that carries a workflow inside its own picture.

    >>> pack(load({"nodes": [], "edges": []}))
    '<metadata class="lamina-graph-workflow">{"edges": [], "nodes": []}</metadata>'
    """
    text = json.dumps(_data(workflow), sort_keys=True)
    return f'<metadata class="{PACKED_CLASS}">{html.escape(text, quote=False)}</metadata>'


def workflow_text(workflow: Workflow) -> str:
    """Return a workflow as JSON without blanks, unknown fields kept.

    >>> workflow_text(load({"nodes": [], "edges": []}))
    '{"edges":[],"nodes":[]}'
    """
    return json.dumps(_data(workflow), sort_keys=True, separators=(",", ":"))


def pack_all(workflows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield, in pieces, the element that carries the workflows of a catalogue in its page.

    Args:
        workflows: the name of each in the page, and its `workflow_text`.

    >>> next(pack_all([]))
    '<metadata id="lamina-graph-catalogue">'
    """
    press = zlib.compressobj(9)
    yield f'<metadata id="{_PACKED_ID_OF_MANY}">'
    left = press.compress(b"[")
    for number, (name, text) in enumerate(workflows):
        left += press.compress(f"{',' * bool(number)}[{json.dumps(name)},{text}]".encode())
        ready = len(left) // 3 * 3
        yield b64encode(left[:ready]).decode()
        left = left[ready:]
    yield b64encode(left + press.compress(b"]") + press.flush()).decode()
    yield "</metadata>"


def load_all(path: str | Path) -> list[tuple[str, Workflow]]:
    """Return every workflow that a file holds: those of a report's page, each with its name there, else one.

    Raises:
        WorkflowError: the file cannot be read, or holds something else; the error names both.
    """
    name = str(path)
    content = _read(Path(path), name)
    packed = _PACKED_MANY.search(content) if content.lstrip().startswith(b"<") else None
    if packed is None:
        return [("", _from_content(content, name))]
    try:
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(b64decode(packed[1]), _MOST_UNPACKED)
        rows = parse(text, most_values=_MOST_OF_CATALOGUE) if unpacking.eof else None
    except (ValueError, zlib.error) as error:
        raise WorkflowError(name, "", f"its workflows are damaged: {error}") from error
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == 2 for row in rows):
        raise WorkflowError(name, "", "its workflows are damaged, or too many to be unpacked")
    del content, packed, text
    workflows: list[tuple[str, Workflow]] = []
    rows.reverse()
    while rows:  # each is let go of once it is read, which takes less room
        key, data = rows.pop()
        workflows.append((str(key), _from_content(json.dumps(data).encode(), f"{name}, app {key}")))
    return workflows


def write(path: str | Path, content: str | bytes) -> None:
    """Write a file as `writing` does.

    Raises:
        OSError: it cannot be written.
    """
    with writing(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def writing(path: str | Path) -> Iterator[IO[bytes]]:
    """Give a file to write to, which takes the place of the one at a path once it is complete, or never.

    It keeps the mode and the owner of the one it replaces, and a link still leads to it. What stands for an
    open stream (`/dev/stdout`, `/dev/fd/3`), a pipe or a device is never replaced: it is written to.

    Raises:
        OSError: it cannot be written.
    """
    try:
        target = Path(os.path.realpath(path))
        if is_stream(path):
            stream = _descriptor(Path(path))
            for printed in (sys.stdout, sys.stderr):
                if printed:
                    printed.flush()
            # To open one by its name would begin at the start of the file behind it, and empty it.
            with open(target if stream is None else os.dup(stream), "wb") as file:
                yield file
        else:
            with replacing(target) as file:
                yield file
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


def is_stream(path: str | Path) -> bool:
    """Return whether a path stands for an open stream, a pipe or a device, and not for a file.

    >>> is_stream("/dev/null"), is_stream("app.json")
    (True, False)
    """
    special = os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)
    return special or _descriptor(Path(path)) is not None


_PACKED_ID_OF_MANY = "lamina-graph-catalogue"
_PACKED_MANY = re.compile(rf'<metadata id="{_PACKED_ID_OF_MANY}">([A-Za-z0-9+/=]*)</metadata>'.encode())
_MOST_LINKS = 40  # as many as the system follows
_MOST_UNPACKED = 2**30
_MOST_OF_CATALOGUE = 10 * MOST_VALUES  # workflows become values one by one
_MOST_BYTES = 2**28
_ESTIMATES = "An estimate is what `app REF --json` prints, and what POST /v1/apps/{appId}/estimate answers."
_RUNS = "A run is what GET /v1/runs/{runId} answers, and what a webhook delivers."
_OWN_KEYS = {"appId", "name", "nodes", "edges"}
_HOLDS_JSON = {"workflow", "prompt"}  # keys of texts of JSON
_CHECK = "Check the path, and that it is a file."
_REMEDIES = {
    FileNotFoundError: "Check the path; it is taken from the working folder.",
    PermissionError: "Change the permissions of the file, or name another one.",
    IsADirectoryError: "Name a file in it.",
}
_SURROGATE = re.compile("[\ud800-\udfff]")


def _read_answer(path: str | Path, hint: str) -> Any:
    """Return the JSON of a file that holds an answer of the API, out of its envelope."""
    from lamina_graph.content import parsed

    try:
        data = parsed(_read(Path(path), str(path)), str(path))
    except WorkflowError as error:
        raise InputError(str(error), error.args[3] or hint) from error
    return data["data"] if isinstance(data, Mapping) and isinstance(data.get("data"), Mapping) else data


def _checked(data: Any, value: type[A], name: str, hint: str) -> A:
    try:
        return value.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        wanted = "an estimate" if value is Estimate else "a run"
        raise _other(data, wanted, name, error_text(error), hint) from error


def _other(data: Any, wanted: str, name: str, problem: str, hint: str) -> InputError:
    """Return the error for data that is not what is wanted: what it is, where that is known."""
    from lamina_graph.formats import identify_json

    known = identify_json(data, wanted)
    return InputError(f"{name}: {known.sentence if known else problem}", hint)


def _data(value: BaseModel) -> dict[str, Any]:
    # What came from JSON needs no conversion, and pydantic's would fail on a lone surrogate in a key.
    mode = "python" if isinstance(value, ApiValue) else "json"
    return value.model_dump(mode=mode, exclude_unset=True)


def _read(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        hint = next((hint for kind, hint in _REMEDIES.items() if isinstance(error, kind)), _CHECK)
        raise WorkflowError(name, "", f"cannot be read: {getattr(error, 'strerror', error)}", hint) from error
    if len(content) > _MOST_BYTES:
        raise WorkflowError(name, "", f"larger than {_MOST_BYTES >> 20} MiB, the most that is read", _CHECK)
    return content


def _descriptor(path: Path) -> int | None:
    """Return the number of the open stream that a path stands for, perhaps through links; None for a file."""
    for _ in range(_MOST_LINKS):
        path = Path(os.path.realpath(path.parent), path.name)
        if path.name.isdecimal() and str(path.parent) in ("/dev/fd", f"/proc/{os.getpid()}/fd"):
            return int(path.name)
        if not path.is_symlink():
            return None
        path = path.parent / os.readlink(path)
    return None


def _from_content(content: bytes, name: str) -> Workflow:
    """Return the workflow in the content of a file, which may be a picture that carries one."""
    quick = _read_lamina(content)
    if quick is not None:
        return quick
    from lamina_graph.content import read_content

    return read_content(content, name)


def _read_lamina(content: bytes) -> Workflow | None:
    """Return the workflow in well-formed JSON of Lamina's own; None for all that needs a closer look."""
    data: Any = decode(content) if content[:1] == b"{" else None
    held = data
    if type(data) is dict and "nodes" not in data and _HOLDS_JSON.isdisjoint(data):
        held = data.get("data")
    if type(held) is not dict:
        return None
    rest = held | {"nodes": None, "edges": None}
    other_keys = count_keys(rest if held is data else data | {"data": rest})
    if other_keys is None:
        return None
    keys = content.count(b":") - other_keys  # of nodes and edges; more where a string has a colon
    workflow = read_quickly(held, keys)
    if workflow is None:
        return None
    bare = workflow.columns.bare
    if not (bare and held.keys() <= _OWN_KEYS) and _is_foreign(held):
        return None
    return workflow if bare or count_keys([held["nodes"], held["edges"]]) == keys else None


def _is_foreign(data: Mapping[str, Any]) -> bool:
    """Whether JSON is, or looks like, a workflow of another program."""
    from lamina_graph.formats import find_format, is_foreign_flow

    return find_format(data) is not None or is_foreign_flow(data)
