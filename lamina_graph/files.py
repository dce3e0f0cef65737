"""Workflows and answers of the API in files: read, written, and packed into a picture or a page."""

import errno
import html
import json
import math
import os
import re
import tempfile
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, TypeVar

from pydantic import BaseModel, ValidationError

from lamina_graph.errors import InputError, WorkflowError
from lamina_graph.model import ApiValue, Estimate, Run, Workflow
from lamina_graph.validation import error_text, first_error, value_kind

A = TypeVar("A", bound="ApiValue")


def load(
    source: str | Path | bytes | Mapping[str, Any] | IO[str] | IO[bytes], name: str | None = None
) -> Workflow:
    """Return the one workflow that a path, an open file, bytes or a dict holds.

    The API's envelope (`{"data": ...}`) and the bare object are both read, and so is an SVG that this package
    drew, or its page of a diff or a history, which carries the newest version; `load_all` is for a report's.

    Args:
        source: a path (`str` or `Path`), the content as `bytes`, a parsed object, or a file open for reading.
        name: what to call the source in an error; by default the path, or what kind of source it is.

    Raises:
        WorkflowError: it cannot be read, or is not a workflow; the error names the source and the field.

    >>> load({"nodes": [{"id": "a", "type": "fluxNode"}], "edges": []}).nodes[0].title
    'fluxNode'
    """
    if isinstance(source, Mapping):
        return _validated(source, name or "the given object")
    if isinstance(source, str | Path):
        name = name or str(source)
        content = _read(Path(source), name)
    else:
        raw = source if isinstance(source, bytes) else source.read()
        content = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
        name = name or str(getattr(source, "name", "the given bytes"))
    return _validated(_parsed(content, name), name)


def load_estimate(path: str | Path) -> Estimate:
    """Return the estimate that a file holds: in the API's envelope, bare, or within what `app --json` prints.

    Raises:
        InputError: it cannot be read, or is no estimate; the error names the file and the field.
    """
    hint = "An estimate is what `app REF --json` prints, and what POST /v1/apps/{appId}/estimate answers."
    found = _answer(path, Estimate, hint, within="estimate")
    if found.model_fields_set.isdisjoint(("estimated_credits", "breakdown")):
        raise InputError(f"{path}: says nothing of what a run costs", hint)
    return found


def load_run(path: str | Path) -> Run:
    """Return the run that a file holds: the API's answer, in its envelope or bare, or a webhook's body.

    Raises:
        InputError: it cannot be read, or is no run; the error names the file and the field.
    """
    return _answer(path, Run, "A run is what GET /v1/runs/{runId} answers, and what a webhook delivers.")


def parse(text: str | bytes) -> Any:
    """Return JSON as Python values that lose nothing when they are written again.

    Raises:
        ValueError: not JSON (which has no NaN), a number beyond bounds, or nested deeper than can be written.

    >>> parse('{"a": [1, 2.50]}')
    {'a': [1, 2.5]}
    """
    try:
        data = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except ValueError as error:
        if "digits" in str(error):
            raise ValueError("a number has too many digits") from error
        raise
    level, depth = [data], 0
    while level := [value for held in level for value in _held(held) if isinstance(value, dict | list)]:
        depth += 1
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")
    return data


def canonical(value: BaseModel | Any) -> str:
    """Return the one JSON text of a value: sorted keys, two-space indent, unknown fields kept.

    >>> print(canonical({"b": 1, "a": "é"}), end="")
    {
      "a": "é",
      "b": 1
    }
    """
    data = _data(value) if isinstance(value, BaseModel) else value
    text = json.dumps(data, sort_keys=True, indent=2, ensure_ascii=False)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def pack(workflow: Workflow) -> str:
    """Return the SVG element that carries a workflow inside its own picture.

    >>> pack(load({"nodes": [], "edges": []}))
    '<metadata class="lamina-graph-workflow">{"edges": [], "nodes": []}</metadata>'
    """
    text = json.dumps(_data(workflow), sort_keys=True)
    return f'<metadata class="{_PACKED_CLASS}">{html.escape(text, quote=False)}</metadata>'


def pack_all(workflows: Iterable[tuple[str, Workflow]]) -> str:
    """Return the element that carries the workflows of a catalogue in its page, each under its name there.

    >>> pack_all([]).startswith('<metadata id="lamina-graph-catalogue">')
    True
    """
    text = json.dumps([[name, _data(workflow)] for name, workflow in workflows], sort_keys=True)
    packed = b64encode(zlib.compress(text.encode(), 9)).decode()
    return f'<metadata id="{_PACKED_ID_OF_MANY}">{packed}</metadata>'


def load_all(path: str | Path) -> list[tuple[str, Workflow]]:
    """Return every workflow that a file holds: those of a report's page, each with its name there, else one.

    Raises:
        WorkflowError: the file cannot be read, or holds something else; the error names both.
    """
    name = str(path)
    content = _read(Path(path), name)
    found = _PACKED_MANY.search(content) if content.lstrip().startswith(b"<") else None
    if found is None:
        return [("", load(content, name))]
    try:
        opened = zlib.decompressobj()
        text = opened.decompress(b64decode(found[1]), _MOST_UNPACKED)
        rows = parse(text) if opened.eof else None
    except (ValueError, zlib.error) as error:
        raise WorkflowError(name, "", f"its workflows are damaged: {error}") from error
    if not isinstance(rows, list):
        raise WorkflowError(name, "", "its workflows are damaged, or too many to be unpacked")
    return [(str(key), _validated(data, f"{name}, app {key}")) for key, data in rows]


def write(path: str | Path, content: str | bytes) -> None:
    """Write a file whole or not at all: what stood there stays until the new content is complete.

    Raises:
        OSError: it cannot be written.
    """
    try:
        _write(Path(path).resolve(), content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


_PACKED_CLASS = "lamina-graph-workflow"  # no id: a page may hold many pictures
_PACKED_ID_OF_MANY = "lamina-graph-catalogue"
_PACKED_MANY = re.compile(rf'<metadata id="{_PACKED_ID_OF_MANY}">([A-Za-z0-9+/=]*)</metadata>'.encode())
_MOST_UNPACKED = 2**30
_PACKED = re.compile(rf'<metadata (?:class|id)="{_PACKED_CLASS}">(.*?)</metadata>', re.DOTALL)
_CHECK = "Check the path, and that it is a file."
_REMEDIES = {
    FileNotFoundError: "Check the path; it is taken from the working folder.",
    PermissionError: "Change the permissions of the file, or name another one.",
    IsADirectoryError: "Name a file in it.",
}
_AS_UTF8 = "Save it as UTF-8."
_CARRIES = "Of pictures, an SVG alone carries its workflow; name that one, or JSON."
_OTHERS = (
    (b"\x89PNG", "a PNG picture", _CARRIES),
    (b"%PDF", "a PDF", _CARRIES),
    (b"\x1f\x8b", "a file packed with gzip", "Unpack it first: gunzip FILE."),
    (b"PK\x03\x04", "a ZIP archive", "Unpack it first, and name a file in it."),
    (b"SQLite format 3", "a database", "Name a store with --store, and its apps as APP@latest."),
    (b"\xff\xfe", "UTF-16 text", _AS_UTF8),
    (b"\xfe\xff", "UTF-16 text", _AS_UTF8),
)
"""How files begin that are taken for workflows, what they are, and what to do."""
_DEEPEST = 200  # pydantic writes no more than 255 levels
_SURROGATE = re.compile("[\ud800-\udfff]")
_COMFYUI = (
    "This is a ComfyUI workflow; a Lamina workflow has `nodes`, each with `id` and `type`, "
    "and `edges`, each with `source` and `target`."
)


def _answer(path: str | Path, value: type[A], hint: str, within: str = "") -> A:
    """Return an answer of the API that a file holds: in its envelope, bare, or a field of something else."""
    try:
        data = _parsed(_read(Path(path), str(path)), str(path))
    except WorkflowError as error:
        raise InputError(str(error), error.args[3] or hint) from error
    if isinstance(data, Mapping) and isinstance(data.get("data"), Mapping):
        data = data["data"]
    if isinstance(data, Mapping) and within in data:
        data = data[within]
    try:
        return value.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        raise InputError(f"{path}: {error_text(error)}", hint) from error


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number here")
    return number


def _data(value: BaseModel) -> dict[str, Any]:
    # What came from JSON needs no conversion, and pydantic's would fail on a lone surrogate in a key.
    mode = "python" if isinstance(value, ApiValue) else "json"
    return value.model_dump(mode=mode, exclude_unset=True)


def _held(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _read(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        hint = next((hint for kind_, hint in _REMEDIES.items() if isinstance(error, kind_)), _CHECK)
        raise WorkflowError(name, "", f"cannot be read: {getattr(error, 'strerror', error)}", hint) from error


def _write(target: Path, data: bytes) -> None:
    if target.exists() and not target.is_file():
        target.write_bytes(data)  # a pipe or a device: there is nothing to replace
        return
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, f"there is no folder {target.parent}")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def _parsed(content: bytes, name: str) -> Any:
    for mark, found, hint in _OTHERS:
        if content.startswith(mark):
            raise WorkflowError(name, "", f"{found}, where JSON is wanted", hint)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WorkflowError(name, "", f"not UTF-8 text (byte {error.start})", _AS_UTF8) from error
    if not text.strip():
        raise WorkflowError(name, "", "empty, where JSON is wanted")
    if text.lstrip().startswith("<"):
        packed = _PACKED.search(text)
        if packed is None:
            raise WorkflowError(
                name,
                "",
                "markup that carries no workflow; expected JSON, or a picture or page of one app",
            )
        text = html.unescape(packed[1])
    return _json(text, name)


def _json(text: str, name: str) -> Any:
    try:
        return parse(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise WorkflowError(name, place, f"not JSON: {error.msg}") from error
    except ValueError as error:
        raise WorkflowError(name, "", f"not JSON that can be kept: {error}") from error


def _validated(data: Any, name: str) -> Workflow:
    above: tuple[str, ...] = ()
    if isinstance(data, Mapping) and "nodes" not in data and isinstance(data.get("data"), Mapping):
        above, data = ("data",), data["data"]
    if not isinstance(data, Mapping):
        raise WorkflowError(name, "", f"expected a JSON object, found {value_kind(data)}")
    try:
        return Workflow.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        raise WorkflowError(
            name, *first_error(error, *above), _COMFYUI if _is_comfyui(data) else ""
        ) from error


def _is_comfyui(data: Mapping[str, Any]) -> bool:
    """Whether data is a workflow as ComfyUI's editor or its API writes it."""
    api = any(isinstance(node, Mapping) and "class_type" in node for node in data.values())
    return api or ("links" in data and "edges" not in data)
