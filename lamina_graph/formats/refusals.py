"""Recognizes files that are not Lamina's JSON: other programs' workflows, pictures, error answers."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lamina_graph.text import one_line


class Refusal(NamedTuple):
    """A kind of file: a sentence such as `this is an n8n workflow`, and how to get at a Lamina workflow."""

    sentence: str
    hint: str = ""


def identify_bytes(content: bytes) -> Refusal | None:
    """Return what a file is that is no text, by how it begins; None for what may be text.

    >>> identify_bytes(b"GIF89a").sentence
    'this is a GIF picture; expected JSON'
    """
    for beginning, name, hint in _SIGNATURES:
        if re.match(beginning, content, re.DOTALL):
            return Refusal(f"this is {name}; expected JSON", hint)
    return None


def identify_text(text: str) -> Refusal | None:
    r"""Return what a text is that is no JSON; None where nothing shows it.

    >>> identify_text("app:\n  mode: workflow\n").sentence
    'this looks like YAML; expected JSON'
    """
    for pattern, sentence, hint in _TEXTS:
        if re.search(pattern, text, re.IGNORECASE | re.MULTILINE):
            return Refusal(f"{sentence}; expected JSON", hint)
    return None


def identify_json(data: Any, expected: str = "a Lamina workflow") -> Refusal | None:
    """Return what JSON is that is not what is expected; None where nothing shows it.

    >>> identify_json({"nodes": [], "connections": {}}).sentence
    'this is an n8n workflow; expected a Lamina workflow'
    """
    content = data["data"] if isinstance(data, Mapping) and "data" in data and "nodes" not in data else data
    if isinstance(content, Mapping):
        for is_this, name, hint in _OBJECTS:
            if name != expected and is_this(content):
                return Refusal(f"this is {name}; expected {expected}", hint)
        return _api_error(data)
    for is_this, name, hint in _LISTS if isinstance(content, list) else ():
        if any(is_this(row) for row in content if isinstance(row, Mapping)):
            return Refusal(f"{name}; expected {expected}", hint)
    return None


def is_foreign_flow(data: Mapping[str, Any]) -> bool:
    """Return whether data with well-formed nodes and edges is Langflow's or Flowise's, by its first node.

    >>> is_foreign_flow({"nodes": [{"id": "a", "type": "genericNode", "data": {"node": {"template": {}}}}]})
    True
    """
    nodes = data.get("nodes")
    first = nodes[0] if isinstance(nodes, list | tuple) and nodes else None
    settings = first.get("data") if isinstance(first, Mapping) else None
    if not isinstance(settings, Mapping):
        return False
    component = settings.get("node")
    return (isinstance(component, Mapping) and "template" in component) or (
        "inputParams" in settings and "inputAnchors" in settings
    )


def _api_error(data: Mapping[str, Any]) -> Refusal | None:
    """Return what the API said, where data is its answer to a request that failed."""
    error = data.get("error")
    text = error.get("message") if isinstance(error, Mapping) else error
    if not isinstance(text, str) or "nodes" in data:
        return None
    message = ": ".join(one_line(str(part), 120) for part in (data.get("code"), text) if part)
    return Refusal(f"this is an error that the API answered ({message})", _FETCH)


_FETCH = "Fetch it again: `lamina-graph fetch APP`."
_NAME_WORKFLOW = "Name the file of the workflow itself; `lamina-graph fetch APP` writes one."
_FOREIGN = (
    "A Lamina workflow has `nodes`, each with `id` and `type`, and `edges`, each with `source` and `target`; "
    "`lamina-graph fetch APP` writes one."
)
_PICTURE = "Of pictures, an SVG, a PNG or a WebP may carry a workflow; name such a one, or JSON."
_MEDIA = "It may be what a run made; name the workflow's JSON."
_UNPACK = "Unpack it first, and name a file in it."
_UTF8 = "Save it as UTF-8."

_SIGNATURES = (
    (rb"\x89PNG", "a PNG picture", _PICTURE),
    (rb"\xff\xd8\xff", "a JPEG picture", _PICTURE),
    (rb"GIF8", "a GIF picture", _PICTURE),
    (rb"RIFF....WEBP", "a WebP picture", _PICTURE),
    (rb"II\*\0|MM\0\*", "a TIFF picture", _PICTURE),
    (rb"BM.{4}\0\0\0\0|\x00\x00\x01\x00", "a BMP picture or an icon", _PICTURE),
    (rb"....ftyp(?:avi[fs]|hei[cfx]|mif1)", "an AVIF or HEIC picture", _PICTURE),
    (rb"....ftyp|\x1aE\xdf\xa3", "a video", _MEDIA),
    (rb"RIFF....WAVE|OggS|ID3|fLaC|\xff[\xf2\xf3\xfb]", "a sound file", _MEDIA),
    (rb"%PDF", "a PDF", _PICTURE),
    (rb"\x1f\x8b", "a file packed with gzip", "Unpack it first: gunzip FILE."),
    (rb"PK\x03\x04", "a ZIP archive", _UNPACK),
    (rb"\x28\xb5\x2f\xfd|\xfd7zXZ|BZh|7z\xbc\xaf|Rar!|.{257}ustar", "a packed file", _UNPACK),
    (rb"SQLite format 3", "a database", "Name a store with --store, and its apps as APP@latest."),
    (rb"\xff\xfe\0\0|\0\0\xfe\xff", "UTF-32 text", _UTF8),
    (rb"\xff\xfe|\xfe\xff|\0[{\[]|[{\[]\0", "UTF-16 text", _UTF8),
)
"""How files begin that are no text, what they are, and what to do."""

_TEXTS = (
    (
        r"\Aversion https://(?:git-lfs|hawser)\.github\.com/spec/",
        "this is a Git LFS pointer",
        "Fetch the file it points to: git lfs pull.",
    ),
    (
        r"\A[./]*(?:git/)?annex/objects/",
        "this is a pointer of git-annex",
        "Fetch the file it points to: git annex get FILE.",
    ),
    (
        r"^<{7} .*\n(?:.*\n)*?={7}$",
        "a merge left its conflict here",
        "Resolve the conflict between <<<<<<< and >>>>>>> first.",
    ),
    (
        r"\A\s*<(?:!doctype html|html|head|body|script)",
        "this is an HTML page that carries no workflow",
        "Pages of `report`, `diff` and `history` carry theirs. If the API answered this, fetch it again.",
    ),
    (
        r"\A\s*<",
        "this is markup that carries no workflow",
        "A picture or page by lamina-graph carries its workflow until another program writes it again.",
    ),
    (
        r"\A\s*[{\[].*[}\]]\s*\n\s*[{\[]",
        "this looks like JSON Lines, a value on each line",
        "Save each as a file of its own.",
    ),
    (r"\A[\w./@-]+\.json\s*\Z", "this is a link that git wrote as text", "Name the file that it leads to."),
    (r"\A\s*/[/*]", "this looks like JSON with comments", "Remove the comments."),
    (
        r"\A(?:[ \t]*(?:#.*)?\r?\n)*(?:\[\[?[\w.\"-]+\]\]?\s*$|[\w.-]+ *= *\S)",
        "this looks like TOML",
        "A configuration is named with --config.",
    ),
    (r"\A[\w \"-]+(?:[,;\t][\w \"-]+)+\r?$", "this looks like CSV", _NAME_WORKFLOW),
    (
        r"\A\s*(?:strict\s+)?(?:di)?graph\b[^\n]*\{",
        "this is a DOT diagram, which carries no workflow",
        _PICTURE,
    ),
    (r"\A\s*(?:flowchart|graph)\s+\w\w\b", "this is a Mermaid diagram, which carries no workflow", _PICTURE),
    (
        r"\A(?:[ \t]*(?:#.*)?\r?\n)*(?:---\s*$|%YAML|(?:- )?[\w.\"'-]+:(?: .*)?$)",
        "this looks like YAML",
        "If it is Dify's or another program's, it is not a Lamina workflow; else save it as JSON.",
    ),
)
"""How texts look that are no JSON, what they are, and what to do."""


def _has(*fields: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda data: all(field in data for field in fields)


def _any_has(rows: str, *fields: str, within: str = "") -> Callable[[Mapping[str, Any]], bool]:
    """Return whether any row of a list has fields, or a field `within` it has."""
    has = _has(*fields)

    def check(data: Mapping[str, Any]) -> bool:
        values = data.get(rows)
        objects = (
            [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []
        )
        inner = [value.get(within) for value in objects] if within else objects
        return any(isinstance(value, Mapping) and has(value) for value in inner)

    return check


_OBJECTS: tuple[tuple[Callable[[Mapping[str, Any]], bool], str, str], ...] = (
    (_has("nodes", "connections"), "an n8n workflow", _FOREIGN),
    (_has("directed", "nodes"), "a graph that was exported for another program", _NAME_WORKFLOW),
    (_any_has("links", "source"), "a graph that was exported for another program", _NAME_WORKFLOW),
    (_any_has("nodes", "node", within="data"), "a Langflow flow", _FOREIGN),
    (_any_has("nodes", "inputParams", within="data"), "a Flowise flow", _FOREIGN),
    (_any_has("flows", "type", "wires"), "a file of Node-RED flows", _FOREIGN),
    (_has("app", "workflow"), "a Dify app", _FOREIGN),
    (_has("elements"), "a graph that was exported for another program", _NAME_WORKFLOW),
    (_has("runId", "status"), "a run", "See it on its workflow: `render WORKFLOW --run FILE`."),
    (_has("schema"), "what lamina-graph printed", _NAME_WORKFLOW),
    (_has("estimatedCredits"), "an estimate", "Use it with a workflow: `render WORKFLOW --estimate FILE`."),
    (_has("breakdown"), "an estimate", "Use it with a workflow: `render WORKFLOW --estimate FILE`."),
    (_has("appId", "parameters"), "the detail of an app", _NAME_WORKFLOW),
    (_has("nodes", "edges"), "a Lamina workflow", ""),
    (_has("appId", "name"), "the summary of an app", _NAME_WORKFLOW),
)
"""How to recognise an object that is no workflow, what it is, and what to do; the first that holds."""

_LISTS: tuple[tuple[Callable[[Mapping[str, Any]], bool], str, str], ...] = (
    (lambda row: "wires" in row or row.get("type") == "tab", "these are Node-RED flows", _FOREIGN),
    (_has("nodes", "connections"), "these are n8n workflows", _FOREIGN),
    (_has("schema"), "this is what lamina-graph printed", _NAME_WORKFLOW),
    (_has("nodes", "edges"), "this is a list of workflows", "Save each as a file, and name their folder."),
    (_has("runId", "status"), "this is a list of runs", _NAME_WORKFLOW),
    (_has("appId", "name"), "this is a list of apps", _NAME_WORKFLOW),
)
"""The same for the rows of a list."""
