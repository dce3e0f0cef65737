"""Group nodes, ComfyUI's older subgraphs: read as subgraphs whose sockets go by their places."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lamina_graph.formats.comfyui_graph import Graph, Object, check_size, objects, read_graph
from lamina_graph.formats.comfyui_nodes import NOTES, REROUTES
from lamina_graph.formats.unreadable import UnreadableError
from lamina_graph.text import one_line

PREFIXES = ("workflow>", "workflow/")
"""How the type of an instance of a group begins; the name of the group follows."""

_INPUTS, _OUTPUTS = "-10", "-20"
Slot = tuple[int, int]


class _Wire(NamedTuple):
    """A link within a group: both nodes by their places in it."""

    origin: int
    origin_slot: int
    target: int
    target_slot: int
    type: Any


def group_name(type_name: str) -> str | None:
    """Return the name of the group that a type is an instance of; None where it is of none.

    >>> group_name("workflow>Upscale"), group_name("KSampler")
    ('Upscale', None)
    """
    return next((type_name[len(p) :] for p in PREFIXES if type_name.startswith(p)), None)


def group_definitions(data: Object) -> dict[str, tuple[str, Object]]:
    """Return the groups that a workflow defines by their names, each with the way to it in the file."""
    extra = data.get("extra")
    groups = extra.get("groupNodes") if isinstance(extra, Mapping) else None
    rows = groups.items() if isinstance(groups, Mapping) else ()
    return {
        str(name): (f"extra.groupNodes.{one_line(str(name), 60)}.", row)
        for name, row in rows
        if isinstance(row, Mapping)
    }


def read_group(data: Object, where: str) -> Graph:
    """Return the graph of a group, with links from its inputs and to its outputs.

    An input of the group is an input of a node in it that no link in it feeds, in their order; those that
    stand in for widgets come last. An output is one that no link in it takes, or that is named as `external`.

    Raises:
        UnreadableError: a field is not what the format has there.
    """
    nodes = [
        dict(node) | {"id": place} for place, node in enumerate(objects(data.get("nodes"), f"{where}nodes"))
    ]
    wires = list(_wires(data.get("links"), f"{where}links", len(nodes)))
    check_size(len(nodes), len(wires))
    rows: list[list[Any]] = [[i, *wire] for i, wire in enumerate(wires)]
    for place, (node, slot) in enumerate(_open_inputs(nodes, wires, data)):
        rows.append([len(rows), _INPUTS, place, node, slot, None])
    for place, (node, slot) in enumerate(_open_outputs(nodes, wires, data)):
        rows.append([len(rows), node, slot, _OUTPUTS, place, None])
    fed = {(link[3], link[4]): link[0] for link in rows}
    for row in nodes:
        sockets = row.get("inputs")
        row["inputs"] = [
            {**(socket if isinstance(socket, Mapping) else {}), "link": fed.get((row["id"], slot))}
            for slot, socket in enumerate(sockets if isinstance(sockets, list) else ())
        ]
    return read_graph({"nodes": nodes, "links": rows}, where)._replace(by_place=True)


def _wires(rows: Any, where: str, nodes: int) -> Iterator[_Wire]:
    """Yield the links whose two ends are in the group."""
    for i, row in enumerate(rows if isinstance(rows, list) else ()):
        if not isinstance(row, list) or len(row) < 4:
            raise UnreadableError(f"{where}[{i}]", "expected a list of at least four values")
        ends = [end for end in row[:4] if isinstance(end, int) and end >= 0]
        if len(ends) == 4 and ends[0] < nodes and ends[2] < nodes:
            yield _Wire(ends[0], ends[1], ends[2], ends[3], row[5] if len(row) > 5 else None)


def _open_inputs(nodes: list[dict[str, Any]], wires: list[_Wire], data: Object) -> list[Slot]:
    fed = {(wire.target, wire.target_slot) for wire in wires}
    plain: list[Slot] = []
    widgets: list[Slot] = []
    for place, slot, socket in _sockets(nodes, wires, data, "inputs"):
        shown = _configured(data, place, "input", socket.get("name")) is not False
        if (place, slot) not in fed and shown:
            (widgets if socket.get("widget") else plain).append((place, slot))
    return plain + widgets


def _open_outputs(nodes: list[dict[str, Any]], wires: list[_Wire], data: Object) -> list[Slot]:
    taken = {(wire.origin, wire.origin_slot) for wire in wires} - _external(data)
    return [
        (place, slot)
        for place, slot, _ in _sockets(nodes, wires, data, "outputs")
        if _configured(data, place, "output", str(slot), (place, slot) not in taken)
    ]


def _sockets(
    nodes: list[dict[str, Any]], wires: list[_Wire], data: Object, side: str
) -> Iterator[tuple[int, int, Object]]:
    """Yield the sockets that a group may show: not those of notes, nor of reroutes that only serve inside."""
    before, after = {wire.target for wire in wires}, {wire.origin for wire in wires}
    outside = {node for node, _ in _external(data)}
    for place, node in enumerate(nodes):
        type_, sockets = str(node.get("type")), node.get(side)
        inside = type_ in REROUTES and place in before & after - outside
        if type_ not in NOTES and not inside and isinstance(sockets, list):
            for slot, socket in enumerate(sockets):
                yield place, slot, socket if isinstance(socket, Mapping) else {}


def _external(data: Object) -> set[Slot]:
    rows = data.get("external")
    slots = [row[:2] for row in rows if isinstance(row, list)] if isinstance(rows, list) else []
    return {(row[0], row[1]) for row in slots if len(row) == 2 and all(isinstance(end, int) for end in row)}


def _configured(data: Object, place: int, side: str, name: Any, usual: bool = True) -> bool:
    """Return whether a group shows a socket: as its author set it, else as usual."""
    value: Any = data.get("config")
    for key in (str(place), side, name):
        value = value.get(key) if isinstance(value, Mapping) else None
    shown = value.get("visible") if isinstance(value, Mapping) else None
    return shown if isinstance(shown, bool) else usual
