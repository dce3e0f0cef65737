"""What a file is that was taken for JSON of Lamina, and is something else."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from lamina_graph.text import one_line


class Format(NamedTuple):
    """A kind of file.

    Attributes:
        sentence: what to say of such a file, for instance `this is an n8n workflow`.
        hint: what to do to get at a workflow; empty where nothing special helps.
    """

    sentence: str
    hint: str = ""


def identify_bytes(content: bytes) -> Format | None:
    """Return what a file is that is no text, by how it begins; None for what may be text.

    >>> identify_bytes(b"GIF89a").sentence
    'this is a GIF picture, where JSON is wanted'
    """
    for prefix, name, hint in _SIGNATURES:
        if re.match(prefix, content, re.DOTALL):
            return Format(f"this is {name}, where JSON is wanted", hint)
    return None


def identify_text(text: str) -> Format | None:
    r"""Return what a text is that is no JSON; None where nothing tells.

    >>> identify_text("app:\n  mode: workflow\n").sentence
    'this looks like YAML, where JSON is wanted'
    """
    return next(
        (form for pattern, form in _TEXTS if re.search(pattern, text, re.IGNORECASE | re.MULTILINE)), None
    )


def identify_json(data: Any, wanted: str = "a Lamina workflow") -> Format | None:
    """Return what JSON is that is not what is wanted; None where nothing tells.

    >>> identify_json({"nodes": [], "connections": {}}).sentence
    'this is an n8n workflow, where a Lamina workflow is wanted'
    """
    held = data["data"] if isinstance(data, Mapping) and "data" in data and "nodes" not in data else data
    for tells, sentence, hint in _LISTS if isinstance(held, list) else _OBJECTS:
        if tells(held) and not sentence.endswith(wanted):
            return Format(f"{sentence}, where {wanted} is wanted", hint)
    return _error_of(data) if isinstance(data, Mapping) else None


_PICTURE = "Of pictures, an SVG alone carries its workflow; name that one, or JSON."
_NAME_WORKFLOW = "Name the file of the workflow itself; `lamina-graph fetch APP` writes one."
_UNPACK = "Unpack it first, and name a file in it."
_UTF8 = "Save it as UTF-8."
_MEDIA = "It may be what a run made; name the workflow's JSON."
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (rb"\x89PNG", "a PNG picture", _PICTURE),
    (rb"\xff\xd8\xff", "a JPEG picture", _PICTURE),
    (rb"GIF8", "a GIF picture", _PICTURE),
    (rb"RIFF....WEBP", "a WebP picture", _PICTURE),
    (rb"(?:II\*\0|MM\0\*)", "a TIFF picture", _PICTURE),
    (rb"BM....\0\0\0\0", "a BMP picture", _PICTURE),
    (rb"\x00\x00\x01\x00", "an icon", _PICTURE),
    (rb"....ftyp(?:avi[fs]|hei[cfx]|mif1)", "an AVIF or HEIC picture", _PICTURE),
    (rb"....ftyp", "a video", _MEDIA),
    (rb"\x1aE\xdf\xa3", "a video", _MEDIA),
    (rb"(?:RIFF....WAVE|OggS|ID3|fLaC|\xff[\xf2\xf3\xfb])", "a sound file", _MEDIA),
    (rb"%PDF", "a PDF", _PICTURE),
    (rb"\x1f\x8b", "a file packed with gzip", "Unpack it first: gunzip FILE."),
    (rb"PK\x03\x04", "a ZIP archive", _UNPACK),
    (rb"(?:\x28\xb5\x2f\xfd|\xfd7zXZ|BZh|7z\xbc\xaf|Rar!)", "a packed file", _UNPACK),
    (rb".{257}ustar", "a tar archive", _UNPACK),
    (rb"SQLite format 3", "a database", "Name a store with --store, and its apps as APP@latest."),
    (rb"(?:\xff\xfe\0\0|\0\0\xfe\xff)", "UTF-32 text", _UTF8),
    (rb"(?:\xff\xfe|\xfe\xff|\0[{\[]|[{\[]\0)", "UTF-16 text", _UTF8),
)
"""How files begin that are no text, what they are, and what to do."""

_TEXTS = (
    (
        r"\Aversion https://(?:git-lfs\.github\.com|hawser\.github\.com)/spec/",
        Format("this is a Git LFS pointer, where JSON is wanted", "Fetch what it stands for: git lfs pull."),
    ),
    (
        r"\A/?(?:\.\./)*\.?(?:git/)?annex/objects/",
        Format(
            "this is a pointer of git-annex, where JSON is wanted",
            "Fetch what it stands for: git annex get FILE.",
        ),
    ),
    (
        r"^<{7} .*\n(?:.*\n)*?={7}$",
        Format(
            "a merge left its conflict in this file",
            "Resolve the conflict between <<<<<<< and >>>>>>> first.",
        ),
    ),
    (
        r"\A\s*<(?:!doctype html|html|head|body|script)",
        Format(
            "this is an HTML page that carries no workflow, where JSON is wanted",
            "Pages of `report`, `diff` and `history` carry theirs. If the API answered this, fetch it again.",
        ),
    ),
    (
        r"\A\s*<",
        Format(
            "this is markup that carries no workflow; expected JSON, or a picture or page of one app",
            "An SVG carries its workflow as long as no other program has written it anew.",
        ),
    ),
    (
        r"\A\s*[{\[].*[}\]]\s*\n\s*[{\[]",
        Format(
            "this looks like JSON Lines, a value on each line, where one is wanted",
            "Save each as a file of its own.",
        ),
    ),
    (
        r"\A(?:[ \t]*(?:#.*)?\r?\n)*(?:---\s*$|%YAML|(?:- )?[\w.\"'-]+:(?: .*)?$)",
        Format(
            "this looks like YAML, where JSON is wanted",
            "If it is Dify's or another program's, it is no Lamina workflow; else save it as JSON.",
        ),
    ),
)
"""How texts look that are no JSON, what they are, and what to do."""

_FOREIGN = (
    "A Lamina workflow has `nodes`, each with `id` and `type`, and `edges`, each with `source` and `target`; "
    "`lamina-graph fetch APP` writes one."
)


def _dicts(values: Any) -> Iterable[Mapping[str, Any]]:
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []


def _has(*fields: str) -> Callable[[Any], bool]:
    return lambda data: isinstance(data, Mapping) and all(field in data for field in fields)


def _any(field: str, tells: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda data: isinstance(data, Mapping) and any(map(tells, _dicts(data.get(field))))


def _is_comfyui(data: Any) -> bool:
    """Whether data is a workflow as ComfyUI's editor or its API writes it."""
    if not isinstance(data, Mapping):
        return False
    api = any(isinstance(node, Mapping) and "class_type" in node for node in data.values())
    return api or (
        "links" in data and not any(True for _ in _dicts(data["links"])) and "directed" not in data
    )


def _is_flowise(node: Any) -> bool:
    return _has("inputParams")(node.get("data")) or _has("inputAnchors")(node.get("data"))


_OBJECTS: tuple[tuple[Callable[[Any], bool], str, str], ...] = (
    (_has("nodes", "connections"), "this is an n8n workflow", _FOREIGN),
    (_is_comfyui, "this is a ComfyUI workflow", _FOREIGN),
    (_any("nodes", lambda node: _has("node")(node.get("data"))), "this is a Langflow flow", _FOREIGN),
    (_any("nodes", _is_flowise), "this is a Flowise flow", _FOREIGN),
    (_any("flows", _has("type", "wires")), "these are Node-RED flows", _FOREIGN),
    (_has("app", "workflow"), "this is a Dify app", _FOREIGN),
    (_has("directed", "nodes"), "this is a graph that was exported for another program", _NAME_WORKFLOW),
    (_has("elements"), "this is a graph that was exported for another program", _NAME_WORKFLOW),
    (
        _has("runId", "status"),
        "this is a run",
        "See it on the picture of its workflow: `render WORKFLOW --run FILE`.",
    ),
    (_has("schema"), "this is what lamina-graph printed", _NAME_WORKFLOW),
    (
        _has("estimatedCredits"),
        "this is an estimate",
        "Use it with a workflow: `render WORKFLOW --estimate FILE`.",
    ),
    (_has("breakdown"), "this is an estimate", "Use it with a workflow: `render WORKFLOW --estimate FILE`."),
    (_has("appId", "parameters"), "this is the detail of an app", _NAME_WORKFLOW),
    (_has("nbformat"), "this is a notebook", _NAME_WORKFLOW),
    (_has("nodes", "edges"), "this is a Lamina workflow", ""),
    (_has("appId", "name"), "this is the summary of an app", _NAME_WORKFLOW),
)
"""What tells that an object is no workflow, what it is, and what to do; the first that holds."""

_LISTS: tuple[tuple[Callable[[Any], bool], str, str], ...] = (
    (lambda rows: any(map(_has("type", "wires"), _dicts(rows))), "these are Node-RED flows", _FOREIGN),
    (
        lambda rows: any(row.get("type") == "tab" for row in _dicts(rows)),
        "these are Node-RED flows",
        _FOREIGN,
    ),
    (lambda rows: any(map(_has("nodes", "connections"), _dicts(rows))), "these are n8n workflows", _FOREIGN),
    (
        lambda rows: any(map(_has("schema"), _dicts(rows))),
        "this is what lamina-graph printed",
        _NAME_WORKFLOW,
    ),
    (
        lambda rows: any(map(_has("nodes", "edges"), _dicts(rows))),
        "this is a list of workflows",
        "Save each as a file of its own, and name their folder.",
    ),
    (lambda rows: any(map(_has("runId", "status"), _dicts(rows))), "this is a list of runs", _NAME_WORKFLOW),
    (lambda rows: any(map(_has("appId", "name"), _dicts(rows))), "this is a list of apps", _NAME_WORKFLOW),
)
"""The same for a list."""


def _error_of(data: Mapping[str, Any]) -> Format | None:
    """Return what the API said, where data is its answer to a request that failed."""
    error = data.get("error")
    if not error or "nodes" in data:
        return None
    text = error if isinstance(error, str) else error.get("message") if isinstance(error, Mapping) else ""
    said = ": ".join(one_line(str(part), 120) for part in (data.get("code"), text) if part)
    return Format(
        f"this is an error that the API answered ({said})"
        if said
        else "this is an error that the API answered",
        "Fetch it again: `lamina-graph fetch APP`.",
    )
