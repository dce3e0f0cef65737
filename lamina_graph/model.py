"""What the Lamina API says, as values.

Fields that the API has and this module does not know are kept: what is read and written again loses nothing.
"""

import json
import re
from collections.abc import Callable, Container, Mapping
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_type_hints

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    SerializerFunctionWrapHandler,
    ValidationError,
    WrapValidator,
    field_serializer,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict

from lamina_graph.errors import InputError, LaminaGraphError
from lamina_graph.graph_columns import Columns, label_in, read_columns, shown_label
from lamina_graph.text import one_line, pluralize
from lamina_graph.validation_errors import value_kind
from lamina_graph.wires import join_wires, separate_wires

T = TypeVar("T")


class Value(BaseModel):
    """Base of everything this package computes: frozen, comparable, strict about its fields."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True, defer_build=True
    )


class ApiValue(BaseModel):
    """Base of everything the API says: camelCase names, unknown fields kept."""

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        alias_generator=to_camel,
        serialize_by_alias=True,
        validate_by_name=True,
        defer_build=True,
    )


def object_schema(row: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
    """Return the schema by which pydantic writes a named tuple as a JSON object of its fields, not as a list.

    Named tuples are made in a fraction of the time that a model takes, and are checked by nobody.
    """
    schema = handler.generate_schema(TypedDict(row.__name__, get_type_hints(row)))  # type: ignore[operator]
    return core_schema.is_instance_schema(
        row, serialization=core_schema.plain_serializer_function_ser_schema(row._asdict, return_schema=schema)
    )


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


class Workflow(ApiValue):
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

    @property
    def edges_known(self) -> bool:
        """Whether it is known which nodes feed which."""
        return not isinstance(_ATTRIBUTES.__get__(self).get("edges"), UnknownEdges)

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

    if not TYPE_CHECKING:
        # Nodes and edges that were read quickly become objects when first asked for. Whatever compares,
        # copies, pickles or writes a model looks at its `__dict__`, and finds them there.
        def __getattr__(self, name: str) -> Any:
            return self.__dict__[name] if name in _LATE and _is_late(self) else super().__getattr__(name)

        @property
        def __dict__(self) -> dict[str, Any]:
            attributes = _ATTRIBUTES.__get__(self)
            if "edges" not in attributes and _is_late(self):
                nodes, edges = self._columns.objects
                attributes.setdefault("nodes", nodes)
                attributes.setdefault("edges", edges)
            return attributes

        @__dict__.setter
        def __dict__(self, attributes: dict[str, Any]) -> None:
            _ATTRIBUTES.__set__(self, attributes)

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


_ATTRIBUTES: Any = vars(BaseModel)["__dict__"]
_LATE = ("nodes", "edges")


def _is_late(workflow: Workflow) -> bool:
    """Whether a workflow was read quickly: then it has columns, and its nodes and edges are made late."""
    try:
        object.__getattribute__(workflow, "_columns")
    except AttributeError:
        return False
    return True


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
        make=None,
        made=(nodes, edges),
    )


def read_quickly(data: dict[str, Any]) -> Workflow | None:
    """Return the workflow of parsed JSON, which becomes its own; None where anything is not as it must be.

    What it makes is equal to what `Workflow.model_validate` makes; each `Node` and `Edge` is made late.

    >>> read_quickly({"nodes": [{"id": "a", "type": "t"}], "edges": []}).nodes[0].id
    'a'
    """
    nodes, edges = data.get("nodes"), data.get("edges")
    columns = read_columns(nodes, edges, partial(_make_objects, nodes, edges))
    if columns is None:
        return None
    try:
        workflow = Workflow.model_validate(data | {"nodes": (), "edges": ()}, by_alias=True, by_name=False)
    except ValidationError:
        return None
    attributes = _ATTRIBUTES.__get__(workflow)
    del attributes["nodes"], attributes["edges"]
    object.__setattr__(workflow, "_columns", columns)
    return workflow


def _make_objects(nodes: Any, edges: Any) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    made = Workflow.model_validate({"nodes": nodes, "edges": edges}, by_alias=True, by_name=False)
    return made.nodes, made.edges


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


class AppSummary(ApiValue):
    """One row of `GET /v1/apps`."""

    app_id: str
    name: str
    description: str | None = None
    is_public: bool | None = None
    capabilities: dict[str, Any] | None = None
    modality: str | None = None


class Thumbnail(ApiValue):
    """A picture or a clip that shows what an app gives."""

    url: str | None = None
    type: str | None = None


class AppMatch(ApiValue):
    """One app that may do what somebody wants, and why."""

    app_id: str
    name: str
    description: str | None = None
    relevance_score: float | None = None
    capabilities: dict[str, Any] | None = None
    estimated_credits: Any = None
    why_match: str | None = None
    thumbnail: Thumbnail | None = None


class Discovery(ApiValue):
    """The apps that fit an intent, the best first, and how the API understood it."""

    matches: tuple[AppMatch, ...] = ()
    intent: dict[str, Any] | None = None


class ModelSummary(ApiValue):
    """One row of `GET /v1/models/...`: a model that nodes may use, and what it makes."""

    id: str
    display_name: str | None = None
    modality: str | None = None


class Parameter(ApiValue):
    """One input of an app. A caller must supply it where it has no default; `required` is unreliable."""

    id: str | None = None
    key: str | None = None
    name: str
    type: str
    required: bool | None = None
    description: str | None = None
    options: tuple[Any, ...] | None = None
    default: Any = None
    accept: tuple[str, ...] | None = None
    multiple: bool | None = None

    @property
    def input_name(self) -> str:
        """The name that a run's `inputs` use: the key, else the name."""
        return self.key or self.name

    @property
    def must_be_supplied(self) -> bool:
        """Whether a run without this input fails, which is so where it has no default."""
        return self.default is None


class Output(ApiValue):
    """One output of an app's contract."""

    index: int | None = None
    label: str | None = None
    type: str | None = None


class App(ApiValue):
    """The detail of one app: what callers supply and what they get."""

    app_id: str
    name: str
    description: str | None = None
    parameters: tuple[Parameter, ...] = ()
    outputs: tuple[Output, ...] = ()


class Credits(ApiValue):
    """What one run costs, in credits."""

    expected: int | float | None = None
    min: int | float | None = None
    max: int | float | None = None


class NodeCredits(ApiValue):
    """What one node of a run costs, in credits."""

    node_id: str
    node_type: str | None = None
    credits: int | float | None = None


class Estimate(ApiValue):
    """What a run of an app is expected to cost."""

    app_id: str
    name: str | None = None
    estimated_credits: Credits | None = None
    breakdown: tuple[NodeCredits, ...] = ()
    current_balance: int | float | None = None
    affordable: bool | None = None


OutputState = Literal["done", "failed", "pending"]


class RunOutput(ApiValue):
    """One output of a run; `id` is the id of the node that produced it."""

    id: str | None = None
    label: str | None = None
    type: str | None = None
    value: Any = None
    status: str | None = None
    error: Any = None
    started_at: str | None = None
    completed_at: str | None = None

    @property
    def state(self) -> OutputState:
        """Whether it is finished, by its status: a failed one keeps the type `pending`."""
        if self.status is None:
            return "failed" if self.error else "pending" if self.value is None else "done"
        return _OUTPUT_STATES.get(self.status.lower(), "pending")

    @property
    def title(self) -> str:
        """What to call it: its label, else its id."""
        return self.label or self.id or "output"

    @property
    def problem(self) -> str:
        """What went wrong with it, in the API's words; empty where nothing did."""
        if self.state != "failed":
            return ""
        return _text(self.error) or "failed without a reason given"

    @property
    def seconds(self) -> float | None:
        """How long it took, where that is given."""
        return _seconds(self.started_at, self.completed_at)


class Run(ApiValue):
    """One run of an app; `workflow_id` is the id of the app."""

    run_id: str
    workflow_id: str | None = None
    workflow_name: str | None = None
    status: str
    outputs: tuple[RunOutput, ...] = ()
    error_message: Any = None
    created_at: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    progress: Any = None

    @property
    def finished(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status.lower() in _ENDS

    @property
    def succeeded(self) -> bool:
        """Whether it has completed, and every output of it."""
        return self.status.lower() == "completed" and not self.failures

    @property
    def failures(self) -> tuple[RunOutput, ...]:
        """The outputs that failed."""
        return tuple(output for output in self.outputs if output.state == "failed")

    @property
    def problem(self) -> str:
        """What went wrong with it as a whole, in the API's words; empty where nothing did."""
        return _text(self.error_message)

    @property
    def seconds(self) -> float | None:
        """How long it took, where that is given."""
        return _seconds(self.started_at, self.completed_at)


class SigningKeys(ApiValue):
    """The public keys (JWK) one of which signs a webhook."""

    keys: tuple[dict[str, Any], ...]


class Entry(Value):
    """One row of a catalogue: what a person named, and the workflow or the error that it gave.

    Attributes:
        path: of a file of a folder, its place below that folder.
        detail: the app's parameters and outputs, where a snapshot says them beside the workflow.
        estimate: what a run of the app costs, likewise.
        taken_at: when the snapshot was taken, where it comes from one.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    ref: str
    path: str | None = None
    workflow: Workflow | None = None
    detail: App | None = None
    estimate: Estimate | None = None
    taken_at: datetime | None = None
    error: LaminaGraphError | None = None

    @property
    def title(self) -> str:
        """What to call the workflow where it is shown: its name, else that of its file; else nothing."""
        return title_of(self.workflow, self.path or self.ref)

    @field_serializer("error", when_used="json")
    def _error_text(self, error: LaminaGraphError | None) -> str | None:
        return str(error) if error else None


def title_of(workflow: Workflow | None, ref: str) -> str:
    """Return what to call a workflow where it is shown: its name, else that of the file of a reference.

    Most formats of other programs keep no name within the file.

    >>> title_of(Workflow(nodes=(), edges=()), "HEAD:flows/flux-fill.json")
    'flux-fill'
    >>> title_of(Workflow(nodes=(), edges=()), "-")
    ''
    """
    if workflow and workflow.name and workflow.name.strip():
        return workflow.name
    file = PurePath(ref.rpartition(":")[2])
    return file.stem if file.suffix else ""


def parse_node_id(id_: str) -> tuple[str, int] | None:
    """Return the type in an id of the form type-milliseconds-random, and when the node was made.

    >>> parse_node_id("klingVideoNode-1773149496212-nm2mjjfxi"), parse_node_id("12")
    (('klingVideoNode', 1773149496212), None)
    """
    parts = _NODE_ID.match(id_)
    return (parts[1], int(parts[2])) if parts else None


_ENDS = {"completed", "failed", "cancelled", "canceled"}
_OUTPUT_STATES: dict[str, OutputState] = {
    **dict.fromkeys(("completed", "complete", "success", "succeeded", "done"), "done"),
    **dict.fromkeys(("error", "failed", "cancelled", "canceled"), "failed"),
}
_NODE_ID = re.compile(r"(.*)-([0-9]{13})-[^-]*\Z", re.DOTALL)


def _text(error: Any) -> str:
    if not error or isinstance(error, str):
        return error or ""
    message = error.get("message") if isinstance(error, Mapping) else None
    return message if isinstance(message, str) else json.dumps(error)


def _seconds(start: str | None, end: str | None) -> float | None:
    try:
        moments = [datetime.fromisoformat(moment or "") for moment in (start, end)]
        return (moments[1] - moments[0]).total_seconds()
    except (ValueError, TypeError):
        return None
