"""A canvas of React Flow as its `toObject()` dumps it: `nodes`, `edges` and `viewport`."""

from collections.abc import Mapping
from typing import Any

FORMAT = "react-flow"

_GENERIC = frozenset(
    ("default", "custom", "customnode", "base", "basenode", "node", "generic", "genericnode", "invocation")
)
"""Types of nodes that say how they are drawn and not what they do."""
_TYPES_IN_DATA = ("nodeType", "type", "kind")


def is_react_flow(data: Mapping[str, Any]) -> bool:
    """Return whether JSON is a dump of React Flow and not an app's workflow.

    >>> is_react_flow({"nodes": [], "edges": [], "viewport": {"x": 0, "y": 0, "zoom": 1}})
    True
    """
    nodes, edges = data.get("nodes"), data.get("edges")
    if not isinstance(nodes, list) or not isinstance(edges, list) or "appId" in data:
        return False
    viewport = data.get("viewport")
    untyped = any(isinstance(node, Mapping) and "position" in node and "type" not in node for node in nodes)
    return untyped or (isinstance(viewport, Mapping) and "zoom" in viewport)


def read_react_flow(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the workflow of a dump; its fields are kept, so that labels, handles and places are read.

    A node without a type, or with one that only says how it is drawn, takes the type that its `data` names.

    >>> node = {"id": "a", "position": {"x": 0, "y": 0}, "data": {"nodeType": "fluxNode", "label": "Poster"}}
    >>> read_react_flow({"nodes": [node], "edges": []})["nodes"][0]["type"]
    'fluxNode'
    """
    nodes = [_typed(node) if isinstance(node, Mapping) else node for node in data["nodes"]]
    return {**data, "nodes": nodes, "origin": {"format": FORMAT}}


def _typed(node: Mapping[str, Any]) -> Mapping[str, Any]:
    drawn, settings = node.get("type"), node.get("data")
    if isinstance(drawn, str) and drawn.replace("-", "").replace("_", "").lower() not in _GENERIC:
        return node
    if drawn is not None and not isinstance(drawn, str):
        return node
    named = [settings.get(name) for name in _TYPES_IN_DATA] if isinstance(settings, Mapping) else []
    own = next((name for name in named if isinstance(name, str) and name), None)
    return {**node, "type": own or drawn or "default"}
