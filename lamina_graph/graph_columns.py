"""The columns of a graph: what analyses read of nodes and edges, before an object is made for any of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

_ID, _TYPE, _SOURCE, _TARGET = map(itemgetter, ("id", "type", "source", "target"))


@dataclass(eq=False, slots=True)
class Columns:
    """The nodes and edges of a workflow, well formed or not, as one list for each of their fields.

    Attributes:
        ids, types, labels: one entry a node; a label is None where there is none.
        sources, targets: one entry an edge, the ids of its ends.
        edge_fields: the other fields of each edge; empty where no edge has any.
        make: makes the objects for all nodes and all edges; called once, when somebody asks for them.
        made: these objects, where nothing is left to be made.
    """

    ids: Sequence[str]
    types: Sequence[str]
    labels: Sequence[str | None]
    sources: Sequence[str]
    targets: Sequence[str]
    edge_fields: Sequence[Mapping[str, Any]]
    make: Callable[[], tuple[Any, Any]] | None
    made: tuple[Any, Any] = ((), ())

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


def read_columns(nodes: Any, edges: Any, make: Callable[[], tuple[Any, Any]]) -> Columns | None:
    """Return the columns of parsed JSON; None where a field is missing, or is not what it must be.

    Args:
        nodes: parsed JSON, which nobody else has or changes.
        edges: likewise.
        make: makes the objects for all nodes and all edges.

    >>> read_columns([{"id": "a", "type": "t"}], [], lambda: ((), ())).ids
    ['a']
    >>> read_columns([{"id": 7, "type": "t"}], [], lambda: ((), ()))
    """
    if type(nodes) is not list or type(edges) is not list:
        return None
    try:
        ids, types = list(map(_ID, nodes)), list(map(_TYPE, nodes))
        given = [node.get("label") for node in nodes]
        sources, targets = list(map(_SOURCE, edges)), list(map(_TARGET, edges))
    except (AttributeError, KeyError, TypeError):
        return None
    kinds = {*map(type, ids), *map(type, types), *map(type, sources), *map(type, targets)}
    if not kinds <= {str} or not {*map(type, given)} <= {str, type(None)}:
        return None
    fields = edges if max(map(len, edges), default=0) > len(("source", "target")) else ()
    if any("wires" in edge for edge in fields):
        return None
    rows = zip(given, types, nodes, strict=True)
    labels = [
        own if own and own != type_ else shown_label(own, type_, row.get("data")) for own, type_, row in rows
    ]
    return Columns(ids, types, labels, sources, targets, fields, make)
