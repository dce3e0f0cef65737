"""What ComfyUI's files say of one node beside its sockets: its kind, label, settings, models and pack."""

import re
from collections.abc import Container, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from lamina_graph.formats.comfyui_graph import GraphNode, Object

MUTED, BYPASSED = 2, 4
"""The modes of nodes that do not run."""

REROUTES = frozenset(("Reroute", "Reroute (rgthree)"))
SETTERS = frozenset(("SetNode", "easy setNode"))
GETTERS = frozenset(("GetNode", "easy getNode"))
NOTES = frozenset(
    (
        "Note", "MarkdownNote", "Note Plus (mtb)", "Label (rgthree)", "Bookmark (rgthree)",
        "Fast Muter (rgthree)", "Fast Bypasser (rgthree)", "Fast Groups Muter (rgthree)",
        "Fast Groups Bypasser (rgthree)", "Fast Actions Button (rgthree)", "Mute / Bypass Relay (rgthree)",
        "Mute / Bypass Repeater (rgthree)", "Random Unmuter (rgthree)", "Node Collector (rgthree)",
        "Node Combiner (rgthree)",
    )
)  # fmt: skip
"""Nodes that live in the editor alone: they explain others, or switch them on and off."""
BROADCASTERS = frozenset(
    (
        "Anything Everywhere",
        "Anything Everywhere?",
        "Anything Everywhere3",
        "Prompts Everywhere",
        "Seed Everywhere",
    )
)
"""Nodes whose links the editor adds only when it runs the workflow."""

_AFTER_A_SEED = frozenset(("fixed", "increment", "decrement", "randomize", "increment-wrap"))
_CONTROL = "control_after_generate"
_DISPLAY_NAMES = {
    "CheckpointLoaderSimple": "Load Checkpoint",
    "CLIPLoader": "Load CLIP",
    "CLIPTextEncode": "CLIP Text Encode (Prompt)",
    "CLIPVisionLoader": "Load CLIP Vision",
    "ControlNetApply": "Apply ControlNet (OLD)",
    "ControlNetApplyAdvanced": "Apply ControlNet",
    "ControlNetLoader": "Load ControlNet Model",
    "EmptyHunyuanLatentVideo": "Empty HunyuanVideo 1.0 Latent",
    "ImagePadForOutpaint": "Pad Image for Outpainting",
    "ImageScale": "Upscale Image",
    "ImageScaleBy": "Upscale Image By",
    "ImageUpscaleWithModel": "Upscale Image (using Model)",
    "LatentUpscale": "Upscale Latent",
    "LatentUpscaleBy": "Upscale Latent By",
    "LoadImageMask": "Load Image (as Mask)",
    "LoraLoader": "Load LoRA",
    "LoraLoaderModelOnly": "Load LoRA",
    "UNETLoader": "Load Diffusion Model",
    "UpscaleModelLoader": "Load Upscale Model",
    "VAELoader": "Load VAE",
    "VAEDecodeTiled": "VAE Decode (Tiled)",
    "VAEEncodeForInpaint": "VAE Encode (for Inpainting)",
}
"""How the editor titles nodes that nobody titled, where that is more than the type with blanks."""


def label(type_name: str, title: Any) -> str:
    """Return the title that a person gave a node, else its type.

    >>> label("VAEDecode", "VAE Decode"), label("KSampler", "First pass"), label("VAELoader", "Load VAE")
    ('VAEDecode', 'First pass', 'VAELoader')
    """
    if not isinstance(title, str) or not title.strip():
        return type_name
    usual = _plain(title) in (_plain(type_name), _plain(_DISPLAY_NAMES.get(type_name, type_name)))
    return type_name if usual else title


def settings(
    node: GraphNode, values: Any, given: Mapping[str, Any] | None = None, fed: Container[str] = ()
) -> dict[str, Any]:
    """Return the values of a node's widgets by name where the file tells their names, else by their place.

    Args:
        node: the node.
        values: the values, as the file lists them.
        given: what a subgraph that the node stands in sets instead, by name.
        fed: the inputs that other nodes feed, so that their widgets' values do not count.

    >>> node = GraphNode("3", "T", 0, (), (), {})
    >>> settings(node, ["euler", 7])
    {'widget 0': 'euler', 'widget 1': 7}
    """
    named = node.data.get("widgets_values_named")
    if isinstance(named, Mapping) and named:
        pairs = {str(name): value for name, value in named.items()}
    elif isinstance(values, Mapping):
        pairs = {str(name): value for name, value in values.items()}
    elif isinstance(values, list):
        pairs = dict(zip(widget_names(node, values), values, strict=True))
    else:
        pairs = {}
    idle = {socket.widget for socket in node.inputs if socket.widget and socket.name in fed}
    return {name: value for name, value in (pairs | dict(given or {})).items() if name not in idle}


def widget_names(node: GraphNode, values: Sequence[Any]) -> list[str]:
    """Return a name for each value of a node's widgets.

    The node's inputs name them, where all are listed there; else they are known of ComfyUI's own nodes, of
    which older versions had fewer. Where there are more values than names, nothing says which is which, but
    that a number is a seed if what becomes of it after a run follows.

    >>> widget_names(GraphNode("3", "VAELoader", 0, (), (), {}), ["ae.safetensors"])
    ['vae_name']
    """
    listed = _with_control([socket.widget for socket in node.inputs if socket.widget], values)
    if len(listed) == len(values) == len(set(listed)):
        return listed
    known = _fitting(_known_widgets().get(node.type, []), values)
    if len(known) >= len(values):
        return known[: len(values)]
    usual = [f"widget {place}" for place in range(len(values))]
    if node.type.startswith("Primitive"):  # what such a node counts on is any number
        return usual
    seeds = [
        place
        for place, (value, following) in enumerate(pairwise(values))
        if isinstance(value, int) and isinstance(following, str) and following in _AFTER_A_SEED
    ]
    if len(seeds) == 1:
        usual[seeds[0] : seeds[0] + 2] = ["seed", _CONTROL]
    return usual


def _fitting(names: list[str], values: Sequence[Any]) -> list[str]:
    """Return names without that of what becomes of a seed, where the values hold none in its place.

    Else every value behind it would have the name of the one before.
    """
    place = names.index(_CONTROL) if _CONTROL in names else len(values)
    value = values[place] if place < len(values) else None
    fits = value is None or isinstance(value, bool) or (isinstance(value, str) and value in _AFTER_A_SEED)
    return names if fits else [name for name in names if name != _CONTROL]


def _with_control(names: Sequence[str], values: Sequence[Any]) -> list[str]:
    """Return names of widgets with that of the one behind a seed: how the editor changes it after a run."""
    result: list[str] = []
    for name in names:
        result.append(name)
        following = values[len(result)] if len(result) < len(values) else None
        if "seed" in name and isinstance(following, str) and following in _AFTER_A_SEED:
            result.append(_CONTROL)
    return result


@cache
def _known_widgets() -> dict[str, list[str]]:
    import tomllib

    text = Path(__file__).with_name("comfyui_widgets.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def models(properties: Object) -> list[dict[str, str]]:
    """Return the model files that a node says it needs, with where they come from."""
    rows = properties.get("models")
    result = []
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and isinstance(row.get("name"), str):
            fields = ("name", "directory", "url")
            result.append({field: row[field] for field in fields if isinstance(row.get(field), str)})
    return result


def pack(properties: Object) -> dict[str, str]:
    """Return the pack that a node comes from, with its version; empty where the file does not tell.

    >>> pack({"cnr_id": "comfy-core", "ver": "0.3.59"})
    {'name': 'comfy-core', 'version': '0.3.59'}
    """
    names = [properties.get(field) for field in ("cnr_id", "aux_id")]
    name = next((name for name in names if isinstance(name, str) and name), None)
    version = properties.get("ver")
    if name is None:
        return {}
    return {"name": name} | ({"version": version} if isinstance(version, str) and version else {})


def looks(data: Object) -> dict[str, Any]:
    """Return where a node stands on the canvas, and in which colours.

    >>> looks({"pos": [10, 20.5], "color": "#232", "size": [1, 2]})
    {'position': {'x': 10, 'y': 20.5}, 'color': '#232'}
    """
    place = data.get("pos")
    row = list(place.values()) if isinstance(place, Mapping) else place
    is_place = isinstance(row, list) and len(row) == 2 and all(isinstance(each, int | float) for each in row)
    position = {"position": dict(zip("xy", row, strict=True))} if is_place and isinstance(row, list) else {}
    colors = {name: data[name] for name in ("color", "bgcolor") if isinstance(data.get(name), str)}
    return position | colors


def variable(node: GraphNode) -> str:
    """Return the name under which a Set node keeps what it is given, and a Get node takes it."""
    values = node.data.get("widgets_values")
    first = next(iter(values.values() if isinstance(values, Mapping) else values or ()), None)
    return first if isinstance(first, str) else ""


def _plain(title: str) -> str:
    return re.sub(r"[\W_]", "", title).casefold()
