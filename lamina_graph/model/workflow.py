"""The graph of one app: its nodes, its edges, and what analyses read of them."""

import re
from collections.abc import Callable, Container, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    WrapValidator,
    field_serializer,
    field_validator,
)

from lamina_graph.errors import InputError
from lamina_graph.graph_columns import Columns, Late, label_in, read_columns, shown_label
from lamina_graph.model.late_fields import LateFields
from lamina_graph.model.value_types import ApiValue
from lamina_graph.text import one_line, pluralize
from lamina_graph.validation_errors import value_kind
from lamina_graph.wires import join_wires, separate_wires

T = TypeVar("T")

PACKED_CLASS = "lamina-graph-workflow"
"""The class of an element of SVG that carries a workflow; no id: a page may hold many pictures."""


class Node(ApiValue):
    """One node of a workflow; `type` is Lamina's internal name, an open set."""

    id: str
    type: str
    own_label: str | None = Field(None, alias="label")

    @property
    def label(self) -> str | None:
        """The label beside the type; where it is the type or none, the one that React Flow keeps in `data`.

        >>> Node(id="a", type="fluxNode", label="fluxNode", data={"label": "Poster"}).label
        'Poster'
        """
        return shown_label(self.own_label, self.type, (self.model_extra or {}).get("data"))

    @property
    def data_label(self) -> str | None:
        """The label in `data`, where React Flow keeps it; None where it is no text."""
        return label_in((self.model_extra or {}).get("data"))

    @property
    def title(self) -> str:
        """The label that a person gave, else the type."""
        return self.label or self.type


class Edge(ApiValue):
    """One edge of a workflow, from the id of a node to the id of another."""

    source: str
    target: str


class UnknownEdges(tuple[Edge, ...]):
    """Stands for the edges of a workflow of which only the nodes are known; written as `"unknown"`."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnknownEdges)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(UnknownEdges)


def _read_edges(value: Any, read: Callable[[Any], tuple[Edge, ...]]) -> tuple[Edge, ...]:
    return UnknownEdges() if value == "unknown" or isinstance(value, UnknownEdges) else read(value)


def _or_unknown(schema: dict[str, Any]) -> None:
    edges = {key: schema.pop(key) for key in ("type", "items") if key in schema}
    schema["anyOf"] = [edges, {"const": "unknown"}]


class Workflow(LateFields, ApiValue):
    """The graph of one app, exactly as the API gave it, well formed or not.

    Where the API no longer gives the graph, and its nodes alone are known from elsewhere, `edges` is written
    as `"unknown"`. It is then empty, and `edges_known` is false: nothing that needs an edge may be claimed.

    >>> known = Workflow.model_validate({"nodes": [], "edges": "unknown"})
    >>> known.edges_known, known.model_dump()["edges"]
    (False, 'unknown')
    """

    __slots__ = ("_columns", "_derived")  # no fields: neither compared, nor copied, nor written

    app_id: str | None = None
    name: str | None = None
    nodes: tuple[Node, ...]
    edges: Annotated[
        tuple[Edge, ...],
        WrapValidator(_read_edges),
        Field(json_schema_extra=_or_unknown),
    ]

    def within(self, ids: Container[str]) -> "Workflow":
        """Return the nodes of some ids and the edges between them; edges that are not known stay so.

        >>> nodes = [{"id": "a", "type": "t"}, {"id": "b", "type": "t"}]
        >>> w = Workflow.model_validate({"nodes": nodes, "edges": [{"source": "a", "target": "b"}]})
        >>> len(w.within({"a"}).edges), len(w.within({"a", "b"}).edges)
        (0, 1)
        """
        kept = tuple(edge for edge in self.edges if edge.source in ids and edge.target in ids)
        nodes = tuple(node for node in self.nodes if node.id in ids)
        return self.model_copy(update={"nodes": nodes, "edges": kept if self.edges_known else self.edges})

    def __eq__(self, other: object) -> bool:
        """Compare the columns where there is nothing else, without an object for each node and edge."""
        mine: Columns | None = getattr(self, "_columns", None)
        theirs: Columns | None = getattr(other, "_columns", None)
        if isinstance(other, Workflow) and mine and mine.bare and theirs and theirs.bare:
            heads = [(type(each), each.app_id, each.name, each.model_extra) for each in (self, other)]
            return heads[0] == heads[1] and mine.rows == theirs.rows
        return super().__eq__(other)

    @property
    def edges_known(self) -> bool:
        """Whether it is known which nodes feed which."""
        return self.has_late_fields or not isinstance(self.edges, UnknownEdges)

    @property
    def columns(self) -> Columns:
        """The fields of all nodes and edges that analyses read, without a `Node` or an `Edge` for each."""
        columns: Columns | None = getattr(self, "_columns", None)
        if columns is None:
            columns = _columns_of(self.nodes, self.edges)
            object.__setattr__(self, "_columns", columns)
        return columns

    def derive(self, make: "Callable[[Workflow], T]") -> T:
        """Return what a function makes of this workflow. It is made once: a frozen value gives no other."""
        derived: dict[Any, Any] | None = getattr(self, "_derived", None)
        if derived is None:
            derived = {}
            object.__setattr__(self, "_derived", derived)
        if make not in derived:
            derived[make] = make(self)
        result: T = derived[make]
        return result

    @field_validator("edges", mode="before")
    @classmethod
    def _separate_wires(cls, edges: Any) -> Any:
        """Read an edge that lists its `wires` as an edge for each of them, which says its sockets."""
        return separate_wires(edges)

    @field_serializer("edges", mode="wrap")
    def _join_wires(self, edges: tuple[Edge, ...], handler: SerializerFunctionWrapHandler) -> Any:
        """Write one edge for two nodes of ComfyUI, with its `wires` where these are several.

        Edges that are not known are written as `"unknown"`.
        """
        if isinstance(edges, UnknownEdges):
            return "unknown"
        rows = handler(edges)
        origin = (self.model_extra or {}).get("origin")
        spelled = isinstance(origin, Mapping) and str(origin.get("format")).startswith("comfyui")
        return join_wires(rows) if spelled else rows

    def __repr__(self) -> str:
        """Return it in one short line: a workflow may have thousands of nodes."""
        counts = f"{pluralize(len(self.nodes), 'node')}, {pluralize(len(self.edges), 'edge')}"
        return f"<Workflow {one_line(self.name or self.app_id or 'without a name', 80)!r}: {counts}>"


def _columns_of(nodes: tuple[Node, ...], edges: tuple[Edge, ...]) -> Columns:
    """Return the columns of objects at hand."""
    extras = [edge.model_extra or {} for edge in edges]
    return Columns(
        ids=[node.id for node in nodes],
        types=[node.type for node in nodes],
        labels=[node.label for node in nodes],
        sources=[edge.source for edge in edges],
        targets=[edge.target for edge in edges],
        edge_fields=extras if any(extras) else (),
        nodes=Late.of(nodes),
        edges=Late.of(edges),
    )


def read_quickly(data: dict[str, Any], keys: int) -> Workflow | None:
    """Return the workflow of parsed JSON, which becomes its own; None where anything is not as it must be.

    What it makes is equal to what `Workflow.model_validate` makes; each `Node` and `Edge` is made late.

    Args:
        data: the workflow as it was parsed.
        keys: as many keys as all objects in its nodes and edges have, or more.

    >>> read_quickly({"nodes": [{"id": "a", "type": "t"}], "edges": []}, 2).nodes[0].id
    'a'
    """
    app_id, name = data.get("appId"), data.get("name")
    if not {type(app_id), type(name)} <= {str, type(None)}:
        return None
    nodes, edges = data.get("nodes"), data.get("edges")
    columns = read_columns(nodes, edges, keys, _make_nodes, _make_edges)
    if columns is None:
        return None
    workflow = Workflow.construct_late(
        {"app_id": app_id, "name": name},
        {key: value for key, value in data.items() if key not in _FIELDS},
        {_FIELDS.get(key, key) for key in data},
        lambda: {"nodes": columns.nodes.get(), "edges": columns.edges.get()},
    )
    object.__setattr__(workflow, "_columns", columns)
    return workflow


def _make_nodes(nodes: Any) -> tuple[Node, ...]:
    return Workflow.model_validate({"nodes": nodes, "edges": ()}, by_alias=True, by_name=False).nodes


def _make_edges(edges: Any) -> tuple[Edge, ...]:
    return Workflow.model_validate({"nodes": (), "edges": edges}, by_alias=True, by_name=False).edges


_FIELDS = {"appId": "app_id", "name": "name", "nodes": "nodes", "edges": "edges"}


def require_workflow(value: object) -> None:
    """Refuse what is no workflow, with what to do about it.

    Raises:
        InputError: it is something else.
    """
    if not isinstance(value, Workflow):
        raise InputError(
            f"expected a Workflow, found {value_kind(value, type(value).__name__)}",
            "`lamina_graph.load` reads one from a file, `lamina_graph.find_workflow` from any REF.",
        )


def parse_node_id(id_: str) -> tuple[str, int] | None:
    """Return the type in an id of the form type-milliseconds-random, and when the node was made.

    >>> parse_node_id("klingVideoNode-1773149496212-nm2mjjfxi"), parse_node_id("12")
    (('klingVideoNode', 1773149496212), None)
    """
    parts = _NODE_ID.match(id_)
    return (parts[1], int(parts[2])) if parts else None


_NODE_ID = re.compile(r"(.*)-([0-9]{13})-[^-]*\Z", re.DOTALL)
