"""What two formats of one program both tell, so that a workflow saved in both has no changes."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from lamina_graph.diff.origins import origin_of
from lamina_graph.diff.values import Version
from lamina_graph.model import Edge, Node, Workflow

_EDITOR, _API = "comfyui-editor", "comfyui-api"


class _Shared(NamedTuple):
    """What both formats tell of the nodes of each type.

    Attributes:
        settings: the names of settings.
        titled: the types that a person gave titles in both; elsewhere the API writes how a type is called.
        numbered: the types with several outputs, which are told apart by their numbers.
    """

    settings: dict[str, set[str]]
    titled: set[str]
    numbered: set[str]


def in_common(old: Version, new: Version) -> tuple[Version, Version]:
    """Return what the formats of both versions tell, where one is ComfyUI's editor's and one its API's.

    The API's has no names of outputs, types of sockets, packs and model files, and none of the values that
    only the editor keeps, such as what happens to a seed after a run.

    >>> from lamina_graph.files import load
    >>> a, b = load({"nodes": [], "edges": []}), load({"1": {"class_type": "T", "inputs": {}}})
    >>> in_common(Version(a), Version(b))[1].workflow == b
    True
    """
    by_format = {origin_of(each.workflow).get("format"): each.workflow for each in (old, new)}
    if by_format.keys() != {_EDITOR, _API}:
        return old, new
    editor, api = by_format[_EDITOR], by_format[_API]
    settings = [_by_type(w.nodes, lambda node: _settings(node).keys()) for w in (editor, api)]
    titles = _by_type(editor.nodes, lambda node: {node.label} - {node.type})
    has_titles = any(node.own_label for node in api.nodes)  # old prompts have no titles
    types = {node.id: node.type for node in editor.nodes}
    shared = _Shared(
        settings={type_: names & settings[1].get(type_, set()) for type_, names in settings[0].items()},
        titled={type_ for type_, given in titles.items() if given and has_titles},
        numbered={types.get(e.source, "") for e in editor.edges if "sourceSlot" in (e.model_extra or {})},
    )
    first, second = (replace(each, workflow=_reduced(each.workflow, shared)) for each in (old, new))
    return first, second


def _by_type(nodes: Iterable[Node], read: Callable[[Node], Iterable[Any]]) -> dict[str, set[Any]]:
    result: dict[str, set[Any]] = {}
    for node in nodes:
        result.setdefault(node.type, set()).update(read(node))
    return result


def _settings(node: Node) -> dict[str, Any]:
    settings = (node.model_extra or {}).get("settings")
    return settings if isinstance(settings, dict) else {}


def _reduced(workflow: Workflow, shared: _Shared) -> Workflow:
    types = {node.id: node.type for node in workflow.nodes}
    nodes = tuple(_reduced_node(node, shared) for node in workflow.nodes)
    edges = tuple(_reduced_edge(edge, types.get(edge.source) in shared.numbered) for edge in workflow.edges)
    return workflow.model_copy(update={"nodes": nodes, "edges": edges})


def _reduced_node(node: Node, shared: _Shared) -> Node:
    names = shared.settings.get(node.type, set())
    settings = {name: value for name, value in _settings(node).items() if name in names}
    label = node.label if node.type in shared.titled else node.type
    fields: dict[str, Any] = {"settings": settings} if settings else {}
    return Node(id=node.id, type=node.type, own_label=label, **fields)


def _reduced_edge(edge: Edge, numbered: bool) -> Edge:
    fields = edge.model_extra or {}
    ports: dict[str, Any] = {"targetHandle": fields.get("targetHandle")}
    if numbered:
        ports["sourceHandle"] = str(fields.get("sourceSlot", fields.get("sourceHandle")))
    return Edge(source=edge.source, target=edge.target, **ports)
