"""ComfyUI's editor format: `nodes` and `links` as they stand on the canvas, read as the graph that would run.

Subgraphs are opened; what only the editor knows (reroutes, notes, Set and Get) is gone; what is bypassed is
wired through, and what is muted does not run.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lamina_graph.formats import comfyui_nodes as kinds
from lamina_graph.formats.comfyui_graph import (
    ANY,
    Graph,
    GraphNode,
    Link,
    Object,
    Socket,
    bypass_slot,
    check_size,
    objects,
    read_graph,
    sort_wires,
)
from lamina_graph.formats.comfyui_groups import group_definitions, group_name, read_group
from lamina_graph.formats.unreadable import UnreadableError
from lamina_graph.text import join_words, pluralize, quote

FORMAT = "comfyui-editor"

_CONVERT = "Convert it to a subgraph, or to nodes, in ComfyUI, and save the workflow again."
_HANDING_ON = kinds.REROUTES | kinds.SETTERS
_VIRTUAL = _HANDING_ON | kinds.NOTES | kinds.GETTERS
"""Types of nodes that live in the editor alone; some hand on what they are given."""
_MOST_LEVELS = 40
_MOST_NAMED = 5
_LONGEST_NAME = 60
_SUBGRAPH_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(eq=False)
class _Scope:
    """A graph where it stands: the workflow itself, or a subgraph opened in place of one node.

    Attributes:
        graph: the nodes and links.
        prefix: what the ids of its nodes begin with when they run.
        instance: the node that it stands in for, in the scope above.
        above: that scope.
        places: where the inputs of the instance stand, by their names.
        inner: the scopes of the nodes that are instances of subgraphs.
        setters: its Set nodes, by the names under which they keep what they are given.
        given: the settings that the instance gives its nodes, by their ids and the names of widgets.
    """

    graph: Graph
    prefix: str = ""
    instance: GraphNode | None = None
    above: "_Scope | None" = None
    places: dict[str, int] = field(default_factory=dict)
    inner: dict[str, "_Scope"] = field(default_factory=dict)
    setters: dict[str, GraphNode] = field(default_factory=dict)
    given: dict[str, dict[str, Any]] = field(default_factory=dict)


class _Origin(NamedTuple):
    """The output of a node that runs, from which an edge leads."""

    scope: _Scope
    node: GraphNode
    slot: int


class _Place(NamedTuple):
    """A link on the way from an input to what feeds it, and the type that the input wants."""

    scope: _Scope
    link: Link
    wanted: str


def _place(scope: _Scope, node: str, slot: int, wanted: str) -> _Place | None:
    """Return the link that feeds an input; None where none does."""
    link = scope.graph.feeds.get((node, slot))
    return _Place(scope, link, wanted) if link else None


def is_comfyui_editor(data: Object) -> bool:
    """Return whether JSON is a workflow as ComfyUI's editor saves it.

    >>> is_comfyui_editor({"nodes": [{"id": 1, "type": "KSampler"}], "links": []})
    True
    """
    nodes, links = data.get("nodes"), data.get("links")
    if links is None and "last_node_id" in data:
        links = []
    if not isinstance(nodes, list) or not isinstance(links, list) or "edges" in data or "directed" in data:
        return False
    rows = [row for row in links if row is not None]
    if any(isinstance(row, Mapping) and "source" in row for row in rows[:1]):
        return False
    return bool(rows) or "last_node_id" in data or any(isinstance(n, Mapping) and "type" in n for n in nodes)


def read_comfyui_editor(data: Object) -> dict[str, Any]:
    """Return the workflow that an editor's file holds, as JSON of this project.

    Raises:
        UnreadableError: the file is damaged, or larger than anybody draws; the error names the place.
    """
    return _Reader(data).read()


class _Reader:
    """One file on its way to a workflow."""

    def __init__(self, data: Object) -> None:
        self._data = data
        self._definitions = _definitions(data)
        self._groups = group_definitions(data)
        self._graphs: dict[str, Graph] = {}
        self._nodes = 0
        self._links = 0
        self._origins: dict[tuple[int, str, str], _Origin | None] = {}
        self._unmatched: dict[str, None] = {}

    def read(self) -> dict[str, Any]:
        root = _Scope(read_graph(self._data))
        self._open(root, ())
        nodes, edges = [], []
        for scope, node in self._running(root):
            wires = sort_wires(self._edges(scope, node))
            nodes.append(_as_node(scope, node, {wire["targetHandle"] for wire in wires}))
            edges += wires
        unknown = self._unknown(root)
        workflow_id = self._data.get("id")
        origin = {"format": FORMAT}
        origin |= {"workflowId": workflow_id} if isinstance(workflow_id, str) and workflow_id else {}
        return _title(self._data) | {
            "nodes": nodes,
            "edges": edges,
            "origin": origin | ({"unknown": unknown} if unknown else {}),
        }

    def _open(self, scope: _Scope, path: tuple[str, ...]) -> None:
        """Open the subgraphs of a scope, and those in them."""
        self._nodes += len(scope.graph.nodes)
        self._links += len(scope.graph.links)
        check_size(self._nodes, self._links)
        for node in scope.graph.nodes.values():
            if node.type in kinds.SETTERS:
                scope.setters.setdefault(kinds.variable(node), node)
            if node.type not in self._definitions and group_name(node.type) is None:
                continue
            if node.type in path:
                raise UnreadableError(
                    "definitions.subgraphs", f"the subgraph {quote(node.type, _LONGEST_NAME)} contains itself"
                )
            if len(path) == _MOST_LEVELS:
                raise UnreadableError("definitions.subgraphs", f"nested in more than {_MOST_LEVELS} levels")
            places = {socket.name: place for place, socket in reversed(list(enumerate(node.inputs)))}
            inner = _Scope(self._graph(node.type), f"{scope.prefix}{node.id}:", node, scope, places)
            scope.inner[node.id] = inner
            inner.given = _given(inner)
            self._open(inner, (*path, node.type))

    def _graph(self, name: str) -> Graph:
        """Return the graph that nodes of a type are instances of, read once."""
        if name not in self._graphs:
            self._graphs[name] = self._read_definition(name)
        return self._graphs[name]

    def _read_definition(self, name: str) -> Graph:
        if name in self._definitions:
            where, data = self._definitions[name]
            return read_graph(data, where)
        group = group_name(name) or ""
        if group not in self._groups:
            problem = f"the group node {quote(group, _LONGEST_NAME)} is not defined in this file"
            raise UnreadableError("extra.groupNodes", problem, _CONVERT)
        where, data = self._groups[group]
        return read_group(data, where)

    def _running(self, scope: _Scope) -> Iterator[tuple[_Scope, GraphNode]]:
        """Yield the nodes that run, a subgraph's in the place of its instance."""
        for node in scope.graph.nodes.values():
            if node.mode in (kinds.MUTED, kinds.BYPASSED):
                continue
            if node.id in scope.inner:
                yield from self._running(scope.inner[node.id])
            elif node.type not in _VIRTUAL:
                yield scope, node

    def _edges(self, scope: _Scope, node: GraphNode) -> list[dict[str, Any]]:
        """Return an edge for each input of a node that another node feeds."""
        edges = []
        for slot, socket in enumerate(node.inputs):
            link = scope.graph.feeds.get((node.id, slot))
            origin = self._source(scope, link, socket.type) if link else None
            if link and origin:
                above, source, source_slot = origin
                ends = {"source": above.prefix + source.id, "target": scope.prefix + node.id}
                to = {"targetHandle": socket.name or str(slot)}
                edges.append(ends | to | _output(source, source_slot, (link.type, socket.type)))
        return edges

    def _source(self, scope: _Scope, link: Link, wanted: str) -> _Origin | None:
        """Return the node and the output that a link comes from in the end; None where nothing runs there."""
        place: _Place | None = _Place(scope, link, wanted)
        origin: _Origin | None = None
        passed = []
        while place is not None:
            key = id(place.scope), place.link.id, place.wanted
            if key in self._origins:
                origin = self._origins[key]
                break
            self._origins[key] = None  # met again, it is a circle of reroutes, which nothing feeds
            passed.append(key)
            following = self._follow(*place)
            origin = following if isinstance(following, _Origin) else None
            place = following if isinstance(following, _Place) else None
        self._origins |= dict.fromkeys(passed, origin)
        return origin

    def _follow(self, scope: _Scope, link: Link, wanted: str) -> _Origin | _Place | None:
        """Return the node that a link comes from, or the link behind it where that node only hands on."""
        if scope.above and link.origin == scope.graph.input_node:
            return self._outside(scope, link.origin_slot, wanted)
        node = scope.graph.nodes.get(link.origin)
        if node is None:
            return None
        if node.type in kinds.GETTERS:
            return self._taken(scope, node, wanted)
        if node.mode == kinds.BYPASSED:
            slot = bypass_slot(node, link.origin_slot, wanted)
            return None if slot is None else _place(scope, node.id, slot, node.inputs[slot].type)
        if node.id in scope.inner:
            inner = scope.inner[node.id]
            muted = node.mode == kinds.MUTED
            return None if muted else _place(inner, inner.graph.output_node, link.origin_slot, wanted)
        if node.type in _HANDING_ON:
            return _place(scope, node.id, 0, wanted)
        runs = node.mode != kinds.MUTED and node.type not in _VIRTUAL
        return _Origin(scope, node, link.origin_slot) if runs else None

    def _outside(self, scope: _Scope, slot: int, wanted: str) -> _Place | None:
        """Return what feeds an input of a subgraph where it stands; its instance names its inputs."""
        assert scope.above
        assert scope.instance
        sockets = scope.graph.inputs
        named = scope.places.get(sockets[slot].name) if slot < len(sockets) else None
        place = slot if scope.graph.by_place else named
        return None if place is None else _place(scope.above, scope.instance.id, place, wanted)

    def _taken(self, scope: _Scope, getter: GraphNode, wanted: str) -> _Place | None:
        """Return what feeds the Set node that a Get node names, in its own scope or in one above."""
        name, place = kinds.variable(getter), scope
        while not name or name not in place.setters:
            if place.above is None:
                self._unmatched[name] = None
                return None
            place = place.above
        return _place(place, place.setters[name].id, 0, wanted)

    def _is_undefined(self, type_name: str) -> bool:
        """Return whether a node is an instance of a subgraph, by its type, which the file does not have."""
        return _SUBGRAPH_ID.fullmatch(type_name) is not None and type_name not in self._definitions

    def _unknown(self, root: _Scope) -> list[str]:
        """Return what the file does not tell of the graph that would run, in sentences."""
        sentences = []
        scopes = [root, *_below(root)]
        for scope in scopes:
            kept = [n.type for n in scope.graph.nodes.values() if n.type in kinds.BROADCASTERS and not n.mode]
            if kept and not scope.graph.broadcasts:
                sentences.append(
                    f"{quote(kept[0])} adds links when the editor runs the workflow; "
                    "the file does not tell which."
                )
            instance = scope.instance
            if scope.graph.by_place and instance and not _group_values(scope.graph, instance):
                name = quote(group_name(instance.type) or "", _LONGEST_NAME)
                sentences.append(
                    f"The group node {name} does not tell which of its values belongs to which node."
                )
        missing = {n.type: None for s in scopes for n in s.graph.nodes.values() if self._is_undefined(n.type)}
        if missing:
            names = join_words([quote(name, _LONGEST_NAME) for name in missing], _MOST_NAMED)
            sentences.append(f"What is in a subgraph, since the file does not define it: {names}.")
        if self._unmatched:
            names = join_words([quote(name, _LONGEST_NAME) for name in self._unmatched], _MOST_NAMED)
            sentences.append(f"No Set node gives what a Get node takes as {names}.")
        loose = sum(graph.loose for graph in (root.graph, *self._graphs.values()))
        if loose:
            sentences.append(f"{pluralize(loose, 'link')} from nodes that the file does not have.")
        return list(dict.fromkeys(sentences))


def _output(node: GraphNode, slot: int, types: tuple[str, str]) -> dict[str, Any]:
    """Return what an edge says of the output that it comes from, and what it carries where any type tells.

    The number of the output tells it apart from others of the node, in the API's format too.
    """
    given = node.outputs[slot] if slot < len(node.outputs) else Socket("", ANY)
    carries = next((type_ for type_ in (given.type, *types) if type_ != ANY), None)
    fields: dict[str, Any] = {"sourceHandle": given.name or str(slot)}
    fields |= {"sourceSlot": slot} if len(node.outputs) > 1 else {}
    return fields | ({"carries": carries} if carries else {})


def _below(scope: _Scope) -> Iterator[_Scope]:
    for inner in scope.inner.values():
        yield inner
        yield from _below(inner)


def _definitions(data: Object) -> dict[str, tuple[str, Object]]:
    """Return the definitions of subgraphs by their ids, each with the way to it in the file.

    One may define others that only stand in it.
    """
    definitions: dict[str, tuple[str, Object]] = {}
    holders = [("", data)]
    for above, holder in holders:
        held = holder.get("definitions")
        rows = held.get("subgraphs") if isinstance(held, Mapping) else None
        where = f"{above}definitions.subgraphs"
        for i, row in enumerate(objects(rows, where)):
            if isinstance(row.get("id"), str):
                definitions.setdefault(row["id"], (f"{where}[{i}].", row))
            holders.append((f"{where}[{i}].", row))
    return definitions


def _given(scope: _Scope) -> dict[str, dict[str, Any]]:
    """Return what the instance of a subgraph sets of its nodes: the values of the widgets that it shows.

    A widget is shown as an input of the subgraph. Where the number of values is not that of such inputs,
    nothing says which is which, and the nodes keep their own.
    """
    instance, graph = scope.instance, scope.graph
    if instance is None or scope.above is None or graph.by_place:
        return {}
    shown = {slot: targets for slot, targets in _shown_widgets(graph).items() if slot < len(graph.inputs)}
    names = [graph.inputs[slot].name for slot in shown]
    values, named = instance.data.get("widgets_values"), instance.data.get("widgets_values_named")
    given = (
        dict(zip(names, values, strict=True))
        if isinstance(values, list) and len(values) == len(names)
        else {}
    )
    given |= named if isinstance(named, Mapping) else {}
    given |= scope.above.given.get(instance.id, {})
    result: dict[str, dict[str, Any]] = {}
    for targets, name in zip(shown.values(), names, strict=True):
        for node, widget in targets if name in given else ():
            result.setdefault(node, {})[widget] = given[name]
    return result


def _shown_widgets(graph: Graph) -> dict[int, list[tuple[str, str]]]:
    """Return the nodes and widgets of a subgraph that each of its inputs stands in for."""
    shown: dict[int, list[tuple[str, str]]] = {}
    for (node, slot), link in graph.feeds.items():
        if link.origin == graph.input_node and node in graph.nodes:
            widget = graph.nodes[node].inputs[slot].widget if slot < len(graph.nodes[node].inputs) else None
            if widget:
                shown.setdefault(link.origin_slot, []).append((node, widget))
    return dict(sorted(shown.items()))


def _values(scope: _Scope, node: GraphNode) -> Any:
    """Return the values of a node's widgets; those of a group's nodes stand in a row at its instance."""
    own = node.data.get("widgets_values")
    if not scope.graph.by_place or scope.instance is None:
        return own
    return _group_values(scope.graph, scope.instance).get(node.id)


def _group_values(graph: Graph, instance: GraphNode) -> dict[str, list[Any]]:
    """Return the values of each node of a group, by its id; nothing where their number is another."""
    row, lists = instance.data.get("widgets_values"), {}
    start = 0
    for node in graph.nodes.values():
        values = node.data.get("widgets_values")
        end = start + (len(values) if isinstance(values, list) else 0)
        lists[node.id] = row[start:end] if isinstance(row, list) else []
        start = end
    return lists if isinstance(row, list) and len(row) == start else {}


def _as_node(scope: _Scope, node: GraphNode, fed: set[str]) -> dict[str, Any]:
    properties = node.data.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    fields = {
        "settings": kinds.settings(node, _values(scope, node), scope.given.get(node.id), fed),
        "models": kinds.models(properties),
        "pack": kinds.pack(properties),
    } | kinds.looks(node.data)
    return {
        "id": scope.prefix + node.id,
        "type": node.type,
        "label": kinds.label(node.type, node.data.get("title")),
    } | {name: value for name, value in fields.items() if value}


def _title(data: Object) -> dict[str, str]:
    """Return the name that a person gave the workflow, where the file has one."""
    extra = data.get("extra")
    info = extra.get("info") if isinstance(extra, Mapping) else None
    name = info.get("name") if isinstance(info, Mapping) else None
    return {"name": name} if isinstance(name, str) and name.strip() else {}
