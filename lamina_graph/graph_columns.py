"""The columns of a graph: what analyses read of nodes and edges, before an object is made for any of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

_ID, _TYPE, _LABEL = map(itemgetter, ("id", "type", "label"))
_SOURCE, _TARGET = map(itemgetter, ("source", "target"))
_TEXT: set[type] = {str}
_TEXT_OR_NONE: set[type] = {str, type(None)}


@dataclass(eq=False, slots=True)
class Columns:
    """The nodes and edges of a workflow, well formed or not, as one list for each of their fields.

    Attributes:
        ids, types, labels: one entry a node; a label is None where there is none.
        sources, targets: one entry an edge, the ids of its ends.
        edge_fields: the other fields of each edge; empty where no edge has any.
        make: makes the objects for all nodes and all edges; called once, when somebody asks for them.
        made: these objects, where nothing is left to be made.
        bare: whether all nodes are known to have an id, a type and a label, edges two ends, and nothing else.
    """

    ids: Sequence[str]
    types: Sequence[str]
    labels: Sequence[str | None]
    sources: Sequence[str]
    targets: Sequence[str]
    edge_fields: Sequence[Mapping[str, Any]]
    make: Callable[[], tuple[Any, Any]] | None
    made: tuple[Any, Any] = ((), ())
    bare: bool = False

    @property
    def objects(self) -> tuple[Any, Any]:
        """All nodes and all edges."""
        make = self.make
        if make is not None:
            self.made, self.make = make(), None  # what they are made from is let go
        return self.made


def shown_label(own: str | None, type_: str, data: object) -> str | None:
    """Return the label beside the type; where it is the type or none, React Flow's in `data`.

    >>> shown_label("fluxNode", "fluxNode", {"label": "Poster"})
    'Poster'
    """
    if own and own != type_:
        return own
    return label_in(data) or own


def label_in(data: object) -> str | None:
    """Return the label in a node's `data`; None where it is no text."""
    label = data.get("label") if isinstance(data, dict) else None
    return label if isinstance(label, str) and label else None


def read_columns(nodes: Any, edges: Any, keys: int, make: Callable[[], tuple[Any, Any]]) -> Columns | None:
    """Return the columns of parsed JSON; None where a field is missing, or is not what it must be.

    Args:
        nodes: parsed JSON, which nobody else has or changes.
        edges: likewise.
        keys: as many keys as all their objects have, or more.
        make: makes the objects for all nodes and all edges.

    >>> read_columns([{"id": "a", "type": "t"}], [], 2, lambda: ((), ())).ids
    ['a']
    >>> read_columns([{"id": 7, "type": "t"}], [], 2, lambda: ((), ()))
    """
    if type(nodes) is not list or type(edges) is not list:
        return None
    bare = keys == 3 * len(nodes) + 2 * len(edges)
    try:
        ids, types = [*map(_ID, nodes)], [*map(_TYPE, nodes)]
        labels = [*map(_LABEL, nodes)] if bare else [node.get("label") for node in nodes]
        sources, targets = [*map(_SOURCE, edges)], [*map(_TARGET, edges)]
    except (AttributeError, KeyError, TypeError):
        return None
    kinds, label_kinds = {*map(type, chain(ids, types, sources, targets))}, {*map(type, labels)}
    if not kinds <= _TEXT or not label_kinds <= _TEXT_OR_NONE:
        return None
    if bare:
        return Columns(ids, types, labels, sources, targets, (), make, bare=True)
    fields = edges if max(map(len, edges), default=0) > len(("source", "target")) else ()
    if any("wires" in edge for edge in fields):
        return None
    labels = [
        own if own and own != type_ else shown_label(own, type_, node.get("data"))
        for own, type_, node in zip(labels, types, nodes, strict=True)
    ]
    return Columns(ids, types, labels, sources, targets, fields, make)
