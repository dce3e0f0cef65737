"""ComfyUI's API format: what the editor sends to be run, one object for each node, by its id."""

from collections.abc import Mapping
from typing import Any

from lamina_graph.formats.comfyui_graph import Object, check_size, sort_wires
from lamina_graph.formats.comfyui_nodes import label
from lamina_graph.formats.unreadable import UnreadableError
from lamina_graph.text import one_line, pluralize

FORMAT = "comfyui-api"

_WRAPPERS = ("prompt", "output", "workflow", "input")
_MOST_WRAPPERS = 2


def is_comfyui_api(data: Object) -> bool:
    """Return whether JSON is a prompt as ComfyUI's API takes it, bare or as the body of a request.

    >>> is_comfyui_api({"3": {"class_type": "KSampler", "inputs": {}}})
    True
    """
    return "nodes" not in data and "edges" not in data and _holds_nodes(_prompt(data))


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
        known = {name: link for name, link in links.items() if link[0] in rows}
        loose += len(links) - len(known)
        edges += sort_wires(
            {"source": source, "target": id_, "sourceHandle": str(int(slot)), "targetHandle": name}
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
    """Return the prompt in JSON: what it is itself, or what the body of a request or a tool holds as one.

    A service that runs workflows wraps it twice, as `{"input": {"workflow": prompt}}`.
    """
    if "class_type" in data or _holds_nodes(data):
        return data
    for _ in range(_MOST_WRAPPERS):
        held = [data[name] for name in _WRAPPERS if isinstance(data.get(name), Mapping)]
        prompt = next((inner for inner in held if _holds_nodes(inner)), None)
        if prompt is not None or not held:
            return prompt or {}
        data = held[0]
    return {}


def _holds_nodes(data: Object) -> bool:
    return any(isinstance(node, Mapping) and "class_type" in node for node in data.values())


def _is_link(value: Any) -> bool:
    """Return whether the value of an input is a node and the number of its output.

    Ids are text, so that two numbers are a value: a width and a height.
    """
    if not isinstance(value, list) or len(value) != 2:
        return False
    source, slot = value
    is_number = isinstance(slot, int) and not isinstance(slot, bool)
    return isinstance(source, str) and (is_number or (isinstance(slot, float) and slot.is_integer()))


def _value(value: Any) -> Any:
    """Return the value of a setting; a list stands in an object of its own, since it would be a link."""
    if isinstance(value, Mapping) and set(value) == {"__value__"}:
        return value["__value__"]
    return value
