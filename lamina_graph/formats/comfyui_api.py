"""ComfyUI's API format: what the editor sends to be run, one object for each node, by its id."""

from collections.abc import Mapping
from typing import Any

from lamina_graph.formats.comfyui_graph import Object, check_size, sort_wires
from lamina_graph.formats.comfyui_nodes import label
from lamina_graph.formats.unreadable import UnreadableError
from lamina_graph.text import one_line, pluralize

FORMAT = "comfyui-api"


def is_comfyui_api(data: Object) -> bool:
    """Return whether JSON is a prompt as ComfyUI's API takes it, bare or as the body of a request.

    >>> is_comfyui_api({"3": {"class_type": "KSampler", "inputs": {}}})
    True
    """
    if "nodes" in data or "edges" in data:
        return False
    return any(isinstance(node, Mapping) and "class_type" in node for node in _prompt(data).values())


def read_comfyui_api(data: Object) -> dict[str, Any]:
    """Return the workflow of a prompt, as JSON of this project: an input that names a node is an edge.

    The format does not tell the types of sockets, nor the names of outputs, which are numbered instead.

    Raises:
        UnreadableError: a node is not what the format has there; the error names it.

    >>> prompt = {"1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
    ...           "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}}}
    >>> read_comfyui_api(prompt)["edges"]
    [{'source': '1', 'target': '2', 'sourceHandle': '0', 'targetHandle': 'images'}]
    """
    rows = {id_: row for id_, row in _prompt(data).items() if isinstance(row, Mapping)}
    check_size(len(rows), 0)
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    loose = 0
    for id_, row in rows.items():
        type_, inputs = row.get("class_type"), row.get("inputs") or {}
        if not isinstance(type_, str) or not isinstance(inputs, Mapping):
            missing = "inputs" if isinstance(type_, str) else "class_type"
            raise UnreadableError(
                f"{one_line(id_, 60)}.{missing}", "missing, or not what a node of ComfyUI has there"
            )
        links = {str(name): value for name, value in inputs.items() if _is_link(value)}
        check_size(len(nodes), len(edges) + len(links))
        known = {name: link for name, link in links.items() if str(link[0]) in rows}
        loose += len(links) - len(known)
        edges += sort_wires(
            {"source": str(source), "target": id_, "sourceHandle": str(slot), "targetHandle": name}
            for name, (source, slot) in known.items()
        )
        meta = row.get("_meta")
        title = meta.get("title") if isinstance(meta, Mapping) else None
        settings = {str(name): _value(value) for name, value in inputs.items() if name not in links}
        node = {"id": id_, "type": type_} | ({"label": label(type_, title)} if title else {})
        nodes.append(node | ({"settings": settings} if settings else {}))
    unknown = [f"{pluralize(loose, 'link')} from nodes that the file does not have."] if loose else []
    origin = {"format": FORMAT} | ({"unknown": unknown} if unknown else {})
    return {"nodes": nodes, "edges": edges, "origin": origin}


def _prompt(data: Object) -> Object:
    """Return the prompt in JSON: what it is itself, or what the body of a request or a tool holds as one."""
    for name in ("prompt", "output"):
        inner = data.get(name)
        if isinstance(inner, Mapping) and "class_type" not in data:
            return inner
    return data


def _is_link(value: Any) -> bool:
    """Return whether the value of an input is a node and the number of its output."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str | int)
        and isinstance(value[1], int)
        and not isinstance(value[0], bool)
        and not isinstance(value[1], bool)
    )


def _value(value: Any) -> Any:
    """Return the value of a setting; a list stands in an object of its own, since it would be a link."""
    if isinstance(value, Mapping) and set(value) == {"__value__"}:
        return value["__value__"]
    return value
