"""A prompt of ComfyUI beside its workflow: what ran tells what the canvas leaves open."""

from collections.abc import Mapping
from typing import Any

from lamina_graph.formats.comfyui_api import is_comfyui_api, read_comfyui_api
from lamina_graph.formats.comfyui_editor import is_comfyui_editor, read_comfyui_editor

Json = dict[str, Any]


def holds_editor(data: Mapping[str, Any]) -> bool:
    """Return whether JSON holds a workflow of ComfyUI's editor, perhaps beside the prompt of the same.

    >>> holds_editor({"workflow": {"nodes": [{"id": 1, "type": "T"}], "links": []}, "output": {}})
    True
    """
    workflow = data.get("workflow")
    return isinstance(workflow, Mapping) and "nodes" not in data and is_comfyui_editor(workflow)


def read_both(data: Mapping[str, Any]) -> Json:
    """Return the workflow that JSON holds beside a prompt, completed by it.

    Raises:
        UnreadableError: one of the two is damaged.
    """
    workflow = read_comfyui_editor(data["workflow"])
    return complete(workflow, read_comfyui_api(data)) if is_comfyui_api(data) else workflow


def complete(workflow: Json, prompt: Json) -> Json:
    """Return a workflow of the editor with the links that only the prompt of the same picture tells.

    Such are the links that "Anything Everywhere" adds when the editor runs the workflow. Where the prompt has
    nodes that the workflow has not, it is of something else, and nothing is taken from it.

    Args:
        workflow: as the editor's format is read, with what it does not tell in `origin.unknown`.
        prompt: as the API's format is read.

    >>> nodes = [{"id": "1", "type": "A"}, {"id": "2", "type": "B"}]
    >>> open_ = {"nodes": nodes, "edges": [], "origin": {"unknown": ["A link."]}}
    >>> ran = {"nodes": nodes, "edges": [{"source": "1", "target": "2", "targetHandle": "image"}]}
    >>> complete(open_, ran) == ran | {"origin": {}}
    True
    """
    if "unknown" not in workflow.get("origin", {}):
        return workflow
    types = {node["id"]: node["type"] for node in workflow["nodes"]}
    if any(types.get(n["id"]) != n["type"] for n in prompt["nodes"]):
        return workflow
    fed = {(edge["target"], edge["targetHandle"]) for edge in workflow["edges"]}
    added = [edge for edge in prompt["edges"] if (edge["target"], edge["targetHandle"]) not in fed]
    origin = {name: value for name, value in workflow["origin"].items() if name != "unknown"}
    places = {id_: place for place, id_ in enumerate(types)}
    edges = sorted([*workflow["edges"], *added], key=lambda edge: places[edge["target"]])
    return workflow | {"edges": edges, "origin": origin}
