"""The columns of a graph: what analyses read of nodes and edges, before an object is made for any of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_Make = Callable[[Any], tuple[Any, ...]]

_ID, _TYPE, _LABEL = map(itemgetter, ("id", "type", "label"))
_SOURCE, _TARGET = map(itemgetter, ("source", "target"))
_TEXT: set[type] = {str}
_TEXT_OR_NONE: set[type] = {str, type(None)}


class Late(Generic[T]):
    """A value that is made when somebody asks for it; what it is made from is let go then."""

    __slots__ = ("_make", "_value")

    def __init__(self, make: Callable[[], T]) -> None:
        self._make: Callable[[], T] | None = make

    @classmethod
    def of(cls, value: T) -> "Late[T]":
        """Return one that is made already."""
        late = cls(lambda: value)
        late.get()
        return late

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process as what is made: a function that makes it may not go."""
        return Late.of, (self.get(),)

    @property
    def is_made(self) -> bool:
        """Whether somebody asked for it."""
        return self._make is None

    def get(self) -> T:
        """Return the value."""
        make = self._make
        if make is not None:
            self._value: T = make()
            self._make = None
        return self._value


@dataclass(eq=False, slots=True)
class Columns:
    """The nodes and edges of a workflow, well formed or not, as one list for each of their fields.

    Attributes:
        ids, types, labels: one entry a node; a label is None where there is none.
        sources, targets: one entry an edge, the ids of its ends.
        edge_fields: the other fields of each edge; empty where no edge has any.
        nodes, edges: the objects for all nodes, and for all edges.
        bare: whether all nodes are known to have an id, a type and a label, edges two ends, and nothing else.
    """

    ids: Sequence[str]
    types: Sequence[str]
    labels: Sequence[str | None]
    sources: Sequence[str]
    targets: Sequence[str]
    edge_fields: Sequence[Mapping[str, Any]]
    nodes: Late[tuple[Any, ...]]
    edges: Late[tuple[Any, ...]]
    bare: bool = False

    @property
    def rows(self) -> tuple[Sequence[str | None], ...]:
        """The columns of nodes and edges: all that there is of a bare workflow."""
        return self.ids, self.types, self.labels, self.sources, self.targets


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


def read_columns(nodes: Any, edges: Any, keys: int, make_nodes: _Make, make_edges: _Make) -> Columns | None:
    """Return the columns of parsed JSON; None where a field is missing, or is not what it must be.

    Args:
        nodes: parsed JSON, which nobody else has or changes.
        edges: likewise.
        keys: as many keys as all their objects have, or more.
        make_nodes: makes the objects for all nodes from parsed JSON.
        make_edges: likewise for all edges.

    >>> read_columns([{"id": "a", "type": "t"}], [], 2, tuple, tuple).ids
    ['a']
    >>> read_columns([{"id": 7, "type": "t"}], [], 2, tuple, tuple)
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
    late_nodes = Late(lambda: make_nodes(nodes))
    # Of edges that have two ends alone, nothing but the columns is kept.
    late_edges = Late(lambda: make_edges(list(map(_make_row, sources, targets))))
    if bare:
        return Columns(ids, types, labels, sources, targets, (), late_nodes, late_edges, bare=True)
    fields = edges if max(map(len, edges), default=0) > len(("source", "target")) else ()
    if fields:
        late_edges = Late(lambda: make_edges(fields))
    if any("wires" in edge for edge in fields):
        return None
    labels = [
        own if own and own != type_ else shown_label(own, type_, node.get("data"))
        for own, type_, node in zip(labels, types, nodes, strict=True)
    ]
    return Columns(ids, types, labels, sources, targets, fields, late_nodes, late_edges)


def _make_row(source: str, target: str) -> dict[str, str]:
    return {"source": source, "target": target}
