"""What flows along an edge: the type of its sockets as the file tells it, else as their names do."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lamina_graph.model import Workflow

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|3[dD]")
_MEDIA_NAMES = {
    **dict.fromkeys(("image", "images", "picture", "photo", "img"), "IMAGE"),
    **dict.fromkeys(("video", "videos", "clip"), "VIDEO"),
    **dict.fromkeys(("audio", "sound", "voice", "music"), "AUDIO"),
    **dict.fromkeys(("text", "prompt", "caption", "string"), "STRING"),
    **dict.fromkeys(("mesh", "3d", "glb"), "MESH"),
    "svg": "SVG",
    "mask": "MASK",
}
"""Media that handles of a canvas are called by."""
_MODEL_NAMES = _MEDIA_NAMES | {
    **dict.fromkeys(("samples", "latent", "latents", "latent_image"), "LATENT"),
    **dict.fromkeys(("positive", "negative", "conditioning"), "CONDITIONING"),
    **dict.fromkeys(("pixels", "frames"), "IMAGE"),
    **{word: word.upper() for word in ("model", "clip", "vae", "sigmas", "noise", "guider", "sampler")},
}
"""The same in ComfyUI's API format, where models are spelled out: there a clip is a text encoder."""


def read_carried(workflow: Workflow) -> list[str | None]:
    """Return for each edge the type of what it carries; None where nothing tells.

    >>> from lamina_graph.files import load
    >>> ends = {"source": "a", "target": "b"}
    >>> edges = [ends | {"carries": "VIDEO"}, ends | {"targetHandle": "first-image"}, ends]
    >>> read_carried(load({"nodes": [], "edges": edges}))
    ['VIDEO', 'IMAGE', None]
    """
    origin = (workflow.model_extra or {}).get("origin")
    spelled = isinstance(origin, Mapping) and origin.get("format") == "comfyui-api"
    names = _MODEL_NAMES if spelled else _MEDIA_NAMES
    columns = workflow.columns
    if not columns.edge_fields:
        return [None] * len(columns.sources)
    return [_carried(fields, names) for fields in columns.edge_fields]


def ports(fields: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the sockets that an edge of these fields leads from and to; others are other wires."""
    return str(fields.get("sourceHandle")), str(fields.get("targetHandle"))


def _carried(fields: Mapping[str, Any], names: Mapping[str, str]) -> str | None:
    carries = fields.get("carries")
    if isinstance(carries, str) and carries:
        return carries.upper()
    handles = [fields.get(name) for name in ("sourceHandle", "targetHandle")]
    types = [_named(handle, names) for handle in handles if isinstance(handle, str)]
    return next((type_ for type_ in types if type_), None)


def _named(handle: str, names: Mapping[str, str]) -> str | None:
    """Return the one type that the words of a handle name; None where they name several, or none."""
    if handle.lower() in names:
        return names[handle.lower()]
    words: Sequence[str] = _WORD.findall(handle[:80])
    types = {names[word.lower()] for word in words if word.lower() in names}
    return types.pop() if len(types) == 1 else None
