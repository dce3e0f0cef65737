"""Edges of ComfyUI as JSON: one edge for two nodes, with its `wires` where these are several."""

from collections.abc import Mapping
from typing import Any


def separate_wires(edges: Any) -> Any:
    """Return JSON of edges in which an edge that lists its `wires` is an edge for each of them.

    >>> separate_wires([{"source": "a", "target": "b", "wires": [{"targetHandle": "x"}]}])
    [{'source': 'a', 'target': 'b', 'targetHandle': 'x'}]
    """
    if not isinstance(edges, list | tuple) or not any(
        "wires" in edge for edge in edges if type(edge) is dict
    ):
        return edges
    return [wire for edge in edges for wire in _wires(edge)]


def join_wires(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return JSON of edges in which those between the same two nodes are one that lists its `wires`.

    >>> join_wires([{"source": "a", "target": "b", "targetHandle": name} for name in "xy"])
    [{'source': 'a', 'target': 'b', 'wires': [{'targetHandle': 'x'}, {'targetHandle': 'y'}]}]
    """
    by_ends: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        by_ends.setdefault((row["source"], row["target"]), []).append(row)
    return [_joined_edge(*ends, wires) for ends, wires in by_ends.items()]


def _wires(edge: Any) -> list[Any]:
    wires = edge.get("wires") if isinstance(edge, Mapping) else None
    if not isinstance(wires, list) or not wires or not all(isinstance(wire, Mapping) for wire in wires):
        return [edge]
    shared = {name: value for name, value in edge.items() if name != "wires"}
    return [{**shared, **wire} for wire in wires]


def _joined_edge(source: str, target: str, wires: list[dict[str, Any]]) -> dict[str, Any]:
    if len(wires) == 1:
        return wires[0]
    own = [{name: wire[name] for name in wire if name not in ("source", "target")} for wire in wires]
    return {"source": source, "target": target, "wires": own}
