"""The fields of React Flow that say how a workflow looks on the canvas, not what it does."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from lamina_graph.model import ApiValue, Node
from lamina_graph.model import Edge as Wire


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _has_numbers(value: Any) -> bool:
    values = value.values() if isinstance(value, Mapping) else value
    return isinstance(value, Mapping | list) and all(map(is_number, values))


def _is_extent(value: Any) -> bool:
    return value == "parent" or (isinstance(value, list) and all(map(_has_numbers, value)))


def _is_css(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_CSS.match, value))


_CSS = re.compile(
    "-?(webkit|align|animation|background|border|bottom|box|color|cursor|display|fill|filter|flex|font|gap"
    "|height|justify|left|letter|line|margin|max|min|opacity|outline|overflow|padding|pointer|position|right"
    "|rx|ry|shadow|stroke|text|top|transform|transition|user|vertical|visibility|white|width|word|z)",
    re.IGNORECASE,
)

_Shape = Callable[[Any], bool]

_IS_FLAG: _Shape = lambda value: isinstance(value, bool)  # noqa: E731
_IS_TEXT: _Shape = lambda value: isinstance(value, str)  # noqa: E731
_IS_TABLE: _Shape = lambda value: isinstance(value, Mapping)  # noqa: E731


def _shapes(*rows: tuple[_Shape, str]) -> dict[str, _Shape]:
    return {name: shape for shape, names in rows for name in names.split()}


_ON_THE_CANVAS = _shapes(
    (_has_numbers, "position positionAbsolute viewport measured"),
    (lambda value: value in ("left", "right", "top", "bottom"), "sourcePosition targetPosition"),
    (is_number, "zIndex width height initialWidth initialHeight"),
    (_IS_FLAG, "resizing animated selected dragging hidden selectable deletable focusable"),
    (_IS_TEXT, "className ariaLabel ariaRole"),
    (_IS_TABLE, "domAttributes"),
    (_is_css, "style"),
)

NODE_LAYOUT = _ON_THE_CANVAS | _shapes(
    (_IS_TEXT, "parentId parentNode dragHandle"),
    (_IS_FLAG, "expandParent draggable connectable"),
    (_has_numbers, "origin"),
    (_is_extent, "extent"),
    (lambda value: isinstance(value, list) and all(map(_IS_TABLE, value)), "handles"),
)

EDGE_LAYOUT = _ON_THE_CANVAS | _shapes(
    (_IS_TEXT, "id type label"),
    (lambda value: isinstance(value, str | Mapping), "markerStart markerEnd"),
    (_IS_TABLE, "pathOptions"),
    (_is_css, "labelStyle labelBgStyle"),
    (_IS_FLAG, "labelShowBg"),
    (_has_numbers, "labelBgPadding"),
    (is_number, "interactionWidth labelBgBorderRadius"),
    (lambda value: isinstance(value, bool) or value in ("source", "target"), "reconnectable updatable"),
    (lambda value: False, "sourceHandle targetHandle"),
)
"""Fields of React Flow that say how a thing looks on the canvas, not what it does, each with the shape of its
value. Null is no value, and so no port either."""

_LAYOUT: dict[type[ApiValue], dict[str, _Shape]] = {Node: NODE_LAYOUT, Wire: EDGE_LAYOUT}

PORTS = ("sourceHandle", "targetHandle")
"""Fields of an edge that say from which port of a node it leads to which port of another."""


def is_layout(value: ApiValue, name: str, field: Any) -> bool:
    """Whether a field of a node, an edge or a workflow says how the canvas looks."""
    shape = _LAYOUT.get(type(value), _ON_THE_CANVAS).get(name)
    return shape is not None and (field is None or shape(field))
