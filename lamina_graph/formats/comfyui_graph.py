"""ComfyUI's graph as its editor saves it: nodes with sockets, and links, a graph for each subgraph."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from lamina_graph.formats.unreadable import UnreadableError

Object = Mapping[str, Any]

ANY = "*"
MOST_NODES = 50_000
MOST_LINKS = 250_000
_TOO_LARGE = "Nobody draws so many; check where the file comes from."
_INPUT_NODE, _OUTPUT_NODE = "-10", "-20"
_LINK_FIELDS = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
_BROADCAST_FIELDS = ("upstream", "upstream_slot", "downstream", "downstream_slot", "type")


class Link(NamedTuple):
    """A link between two sockets, by the ids of the nodes and the places of the sockets."""

    id: str
    origin: str
    origin_slot: int
    target: str
    target_slot: int
    type: str


class Socket(NamedTuple):
    """One input or output of a node, or of a subgraph.

    Attributes:
        name, type: what it is called, and what may flow through it.
        link: the id of the link that feeds it.
        widget: the name of the widget that it stands in for.
        label: the name that a person gave it.
    """

    name: str
    type: str
    link: str | None = None
    widget: str | None = None
    label: str | None = None


class GraphNode(NamedTuple):
    """A node of the editor's graph.

    Attributes:
        mode: whether it runs.
        data: all that the file has of it.
    """

    id: str
    type: str
    mode: int
    inputs: tuple[Socket, ...]
    outputs: tuple[Socket, ...]
    data: Object


class Graph(NamedTuple):
    """The nodes and links of a workflow, or of a subgraph that nodes are instances of.

    Attributes:
        name: what a person called it.
        nodes: the nodes, by their ids.
        links: the links, by their ids.
        feeds: the link that feeds each input, by the id of its node and its place.
        inputs, outputs: the sockets of a subgraph.
        input_node, output_node: the ids that stand for its sockets in its links.
        loose: how many links come from nodes that are not there; those to such nodes are left behind by the
            editor and feed nothing.
        by_place: whether an instance has its inputs in this order, whatever they are called.
        broadcasts: whether the file says which links "Anything Everywhere" adds.
    """

    name: str
    nodes: dict[str, GraphNode]
    links: dict[str, Link]
    feeds: dict[tuple[str, int], Link]
    inputs: tuple[Socket, ...]
    outputs: tuple[Socket, ...]
    input_node: str
    output_node: str
    loose: int
    broadcasts: bool
    by_place: bool = False


def read_graph(data: Object, where: str = "") -> Graph:
    """Return a graph out of the file's JSON.

    Args:
        data: the whole workflow, or the definition of a subgraph.
        where: the way to it in the file, for errors, such as `definitions.subgraphs[0].`.

    Raises:
        UnreadableError: a field is not what the format has there, or there is more than anybody draws.
    """
    rows = list(objects(data.get("nodes"), f"{where}nodes"))
    links = _links(data.get("links"), f"{where}links")
    check_size(len(rows), len(links))
    nodes: dict[str, GraphNode] = {}
    for i, row in enumerate(rows):
        node = _node(row, f"{where}nodes[{i}]")
        nodes.setdefault(node.id, node)
    ends = _end(data, "inputNode", _INPUT_NODE), _end(data, "outputNode", _OUTPUT_NODE)
    known = {*nodes, *ends}
    added = _broadcasts(data)
    feeds = _feeds(nodes.values(), links)
    for link in links.values():
        if link.target == ends[1]:
            feeds.setdefault((link.target, link.target_slot), link)
    for link in added or ():
        feeds.setdefault((link.target, link.target_slot), link)
    return Graph(
        name=str(data.get("name") or ""),
        nodes=nodes,
        links=links,
        feeds=feeds,
        inputs=read_sockets(data.get("inputs")) if where else (),
        outputs=read_sockets(data.get("outputs")) if where else (),
        input_node=ends[0],
        output_node=ends[1],
        loose=sum(link.origin not in known for (target, _), link in feeds.items() if target in known),
        broadcasts=added is not None,
    )


def check_size(nodes: int, links: int) -> None:
    """Refuse what nobody drew.

    Raises:
        UnreadableError: there are too many nodes or links.
    """
    for number, most, noun in ((nodes, MOST_NODES, "nodes"), (links, MOST_LINKS, "links")):
        if number > most:
            raise UnreadableError("", f"more than {most:,} {noun}, the most that are read", _TOO_LARGE)


def objects(rows: Any, where: str) -> Iterator[Object]:
    """Yield the objects of a list; nothing where there is no list.

    Raises:
        UnreadableError: it is something else, or something else stands in it.
    """
    if not isinstance(rows, list | None):
        raise UnreadableError(where, "expected a list")
    for i, row in enumerate(rows or ()):
        if not isinstance(row, Mapping):
            raise UnreadableError(f"{where}[{i}]", "expected an object")
        yield row


def identifier(value: Any) -> str | None:
    """Return an id as text: ComfyUI's are whole numbers or text.

    >>> identifier(4), identifier("4"), identifier(None)
    ('4', '4', None)
    """
    return (
        str(value) if isinstance(value, int | str) and not isinstance(value, bool) and value != "" else None
    )


def socket_type(value: Any) -> str:
    """Return the type of a socket as text; a list of choices is a COMBO, nothing is any type.

    >>> socket_type("IMAGE"), socket_type(["a", "b"]), socket_type(None)
    ('IMAGE', 'COMBO', '*')
    """
    if isinstance(value, list):
        return "COMBO"
    return value if isinstance(value, str) and value else ANY


def read_sockets(rows: Any) -> tuple[Socket, ...]:
    """Return the sockets of a list of the file; what is no object there still takes a place."""
    values = [row if isinstance(row, Mapping) else {} for row in rows] if isinstance(rows, list) else []
    return tuple([_socket(row) for row in values])


def sort_wires(edges: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the edges into one node with those from one source together, as the first of each stands."""
    by_source: dict[str, list[dict[str, Any]]] = {}
    for edge in edges:
        by_source.setdefault(edge["source"], []).append(edge)
    return [edge for wires in by_source.values() for edge in wires]


def accepts(input_type: str, output_type: str) -> bool:
    """Return whether an output may be linked to an input, by their types, each perhaps several.

    >>> accepts("IMAGE", "image"), accepts("IMAGE,MASK", "MASK"), accepts("IMAGE", "LATENT")
    (True, True, False)
    """
    ours, theirs = (
        {kind.strip().lower() for kind in type_.split(",")} for type_ in (input_type, output_type)
    )
    return ANY in ours | theirs or not ours.isdisjoint(theirs)


def bypass_slot(node: GraphNode, slot: int, wanted: str) -> int | None:
    """Return the input that a bypassed node hands on to an output: the one at its place if types agree.

    Else it is the first of the wanted type, else the first that could be linked; None where there is none.
    """
    inputs = node.inputs
    if wanted == ANY:
        return (slot if slot < len(inputs) else 0) if inputs else None
    given = node.outputs[slot].type if slot < len(node.outputs) else ANY
    fitting = [i for i, s in enumerate(inputs) if accepts(s.type, given) and accepts(s.type, wanted)]
    exact = [i for i, s in enumerate(inputs) if s.type == wanted]
    return slot if slot in fitting else next(iter(exact + fitting), None)


def _node(row: Object, where: str) -> GraphNode:
    id_, type_, mode = identifier(row.get("id")), row.get("type"), row.get("mode")
    if id_ is None or not isinstance(type_, str):
        missing = "id" if id_ is None else "type"
        raise UnreadableError(f"{where}.{missing}", "missing, or not what a node of ComfyUI has there")
    outputs = read_sockets(row.get("outputs"))
    return GraphNode(
        id=id_,
        type=type_,
        mode=mode if isinstance(mode, int) else 0,
        inputs=read_sockets(row.get("inputs")),
        outputs=outputs,
        data=row,
    )


def _socket(row: Object) -> Socket:
    widget, label = row.get("widget"), row.get("label")
    name = widget.get("name") if isinstance(widget, Mapping) else None
    return Socket(
        name=str(row.get("name") or ""),
        type=socket_type(row.get("type")),
        link=identifier(row.get("link")),
        widget=name if isinstance(name, str) else None,
        label=label if isinstance(label, str) and label else None,
    )


def _links(rows: Any, where: str) -> dict[str, Link]:
    if not isinstance(rows, list | None):
        raise UnreadableError(where, "expected a list")
    check_size(0, len(rows or ()))
    links: dict[str, Link] = {}
    for i, row in enumerate(rows or ()):
        if isinstance(row, Mapping):
            values = [row.get(name) for name in _LINK_FIELDS]
        elif isinstance(row, list) and len(row) >= 5:
            values = [*row, None][:6]
        elif row is None:
            continue  # the place of a link that was removed
        else:
            raise UnreadableError(
                f"{where}[{i}]", "expected a link: a list of at least five values, or an object"
            )
        link = _link(values)
        if link:
            links[link.id] = link
    return links


def _link(values: Iterable[Any]) -> Link | None:
    """Return a link; None where an end of it is not given, as the editor leaves some behind."""
    id_, origin, origin_slot, target, target_slot, type_ = values
    ends = [identifier(value) for value in (id_, origin, target)]
    slots = [_slot(value) for value in (origin_slot, target_slot)]
    if None in ends or None in slots:
        return None
    return Link(str(id_), str(origin), slots[0] or 0, str(target), slots[1] or 0, socket_type(type_))


def _slot(value: Any) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) < 6:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _feeds(nodes: Iterable[GraphNode], links: Mapping[str, Link]) -> dict[tuple[str, int], Link]:
    """Return the link that feeds each input.

    What an input names holds, since the editor renumbers inputs and not links; where a node has no list of
    inputs, what the links say does.
    """
    feeds, unlisted = {}, set()
    for node in nodes:
        if not isinstance(node.data.get("inputs"), list):
            unlisted.add(node.id)
        for slot, socket in enumerate(node.inputs):
            link = links.get(socket.link or "")
            if link:
                feeds[node.id, slot] = link
    for link in links.values():
        if link.target in unlisted:
            feeds.setdefault((link.target, link.target_slot), link)
    return feeds


def _end(data: Object, name: str, usual: str) -> str:
    end = data.get(name)
    return (identifier(end.get("id")) if isinstance(end, Mapping) else None) or usual


def _broadcasts(data: Object) -> list[Link] | None:
    """Return the links that "Anything Everywhere" adds when the workflow runs, if the editor noted them."""
    extra = data.get("extra")
    rows = extra.get("ue_links") if isinstance(extra, Mapping) else None
    if not isinstance(rows, list):
        return None
    added = [
        _link([f"broadcast {i}", *[row.get(name) for name in _BROADCAST_FIELDS]])
        for i, row in enumerate(rows)
        if isinstance(row, Mapping)
    ]
    return [link for link in added if link]
