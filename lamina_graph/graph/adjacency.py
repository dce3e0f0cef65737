"""A workflow as plain adjacency and as a `networkx.DiGraph`."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lamina_graph.graph.wire_types import ports, read_carried
from lamina_graph.graph_columns import Columns
from lamina_graph.model import Edge, Node, Workflow, require_workflow

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class Adjacency:
    """The well-formed part of a workflow, its nodes numbered in the workflow's order.

    Attributes:
        ids, types, labels: one entry a node; a label is None where the API gave none.
        successors, predecessors: for each node the numbers of its neighbours, in the order of the edges.
        index: the number of each id.
        carried: the types of what flows between two nodes, where anything tells them.
        wires: how many wires there are: edges between other sockets of two nodes are others.
        edges_known: whether it is known which nodes feed which; where not, there are no neighbours.
        columns: the columns of the workflow, its part that is not well formed included.
    """

    ids: tuple[str, ...]
    types: tuple[str, ...]
    labels: tuple[str | None, ...]
    successors: tuple[tuple[int, ...], ...]
    predecessors: tuple[tuple[int, ...], ...]
    index: dict[str, int]
    edges_known: bool = True
    carried: dict[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)
    wires: int = 0
    columns: Columns = field(kw_only=True, repr=False, compare=False)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes themselves: of those that share an id, the first."""
        nodes: tuple[Node, ...] = self.columns.nodes.get()
        if len(nodes) == len(self.ids):
            return nodes
        first: dict[str, Node] = {}
        for node in nodes:
            first.setdefault(node.id, node)
        return tuple(first.values())

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def has_plain_edges(self) -> bool:
        """Whether every edge has two ends that exist, no edge beside it, and no other field."""
        return not self.columns.edge_fields and len(self.columns.sources) == sum(map(len, self.successors))

    @property
    def edges(self) -> list[tuple[int, int]]:
        """Every edge as a pair of node numbers, by source."""
        return [(source, target) for source, targets in enumerate(self.successors) for target in targets]


def adjacency(workflow: Workflow) -> Adjacency:
    """Return the well-formed part of a workflow as plain adjacency: what the analyses of this package walk.

    >>> from lamina_graph.files import load
    >>> nodes = [{"id": "a", "type": "t"}, {"id": "b", "type": "t"}]
    >>> adjacency(load({"nodes": nodes, "edges": [{"source": "a", "target": "b"}]})).successors
    ((1,), ())
    """
    require_workflow(workflow)
    return workflow.derive(_make_adjacency)


def _make_adjacency(workflow: Workflow) -> Adjacency:
    columns = workflow.columns
    ids, types, labels = columns.ids, columns.types, columns.labels
    index = dict(zip(ids, range(len(ids)), strict=True))
    if len(index) < len(ids):  # of nodes that share an id, the first counts
        first: dict[str, int] = {}
        for place, id_ in enumerate(ids):
            first.setdefault(id_, place)
        ids, index = list(first), {id_: number for number, id_ in enumerate(first)}
        types = [types[place] for place in first.values()]
        labels = [labels[place] for place in first.values()]
    successors: list[list[int]] = [[] for _ in ids]
    predecessors: list[list[int]] = [[] for _ in ids]
    number = index.get
    pairs = dict.fromkeys(zip(map(number, columns.sources), map(number, columns.targets), strict=True))
    for source, target in pairs:
        if source is not None and target is not None:
            successors[source].append(target)
            predecessors[target].append(source)
    carried: dict[tuple[int, int], tuple[str, ...]] = {}
    wire_count = sum(map(len, successors))
    if columns.edge_fields:
        carried, wire_count = _read_wires(workflow, index)
    return Adjacency(
        ids=tuple(ids),
        types=tuple(types),
        labels=tuple(labels),
        successors=tuple(map(tuple, successors)),
        predecessors=tuple(map(tuple, predecessors)),
        index=index,
        carried=carried,
        wires=wire_count,
        edges_known=workflow.edges_known,
        columns=columns,
    )


def _read_wires(
    workflow: Workflow, index: dict[str, int]
) -> tuple[dict[tuple[int, int], tuple[str, ...]], int]:
    """Return what flows between two nodes, where anything tells, and how many wires there are."""
    carried: dict[tuple[int, int], dict[str, None]] = {}
    wires = set()
    columns = workflow.columns
    rows = zip(columns.sources, columns.targets, columns.edge_fields, read_carried(workflow), strict=True)
    for source, target, fields, type_ in rows:
        ends = index.get(source), index.get(target)
        if ends[0] is not None and ends[1] is not None:
            wires.add((*ends, *ports(fields)))
            if type_:
                carried.setdefault((ends[0], ends[1]), {})[type_] = None
    return {pair: tuple(types) for pair, types in carried.items()}, len(wires)


def wires(workflow: Workflow, adj: Adjacency) -> dict[tuple[int, int], list[Edge]]:
    """Return the edges of a workflow whose ends exist, by the numbers of these; parallel ones together.

    >>> from lamina_graph.files import load
    >>> wire = {"source": "a", "target": "a"}
    >>> w = load({"nodes": [{"id": "a", "type": "t"}], "edges": [wire, wire]})
    >>> {pair: len(edges) for pair, edges in wires(w, adjacency(w)).items()}
    {(0, 0): 2}
    """
    result: dict[tuple[int, int], list[Edge]] = {}
    for edge in workflow.edges:
        source, target = adj.index.get(edge.source), adj.index.get(edge.target)
        if source is not None and target is not None:
            result.setdefault((source, target), []).append(edge)
    return result


def graph(workflow: Workflow) -> "nx.DiGraph[str]":
    """Return the well-formed part of a workflow as a `networkx.DiGraph`.

    The nodes carry `type` and `label` (the type where no label was given), the graph `app_id` and `name`, so
    every networkx algorithm and exporter works on it.

    >>> from lamina_graph.files import load
    >>> w = load({"nodes": [{"id": "a", "type": "t"}], "edges": []})
    >>> graph(w).nodes["a"]
    {'type': 't', 'label': 't'}
    """
    import networkx as nx

    require_workflow(workflow)
    columns = workflow.columns
    result: nx.DiGraph[str] = nx.DiGraph()
    result.graph.update(app_id=workflow.app_id or "", name=workflow.name or "")
    # Its own dictionaries are filled: `add_nodes_from` and `add_edges_from` copy each that they are given.
    inner: Any = result
    nodes, after, before = inner._node, inner._succ, inner._pred
    for id_, type_, label in zip(columns.ids, columns.types, columns.labels, strict=True):
        if id_ not in nodes:
            nodes[id_] = {"type": type_, "label": label or type_}
            after[id_] = {}
            before[id_] = {}
    for source, target in zip(columns.sources, columns.targets, strict=True):
        if source in after and (into := before.get(target)) is not None:
            after[source][target] = into[source] = {}
    return result
