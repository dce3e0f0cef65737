"""A workflow as a `networkx.DiGraph` and as plain adjacency.

Both hold the well-formed part of a workflow, and this is the one place that says what that is: the first node
of an id, each edge once, no edge to a node that does not exist. Self-loops and cycles are part of it. What is
left out is not lost: the `Workflow` still has it and `lint` reports it.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from lamina_graph.model import Node, Workflow

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True)
class Adjacency:
    """The well-formed part of a workflow, its nodes numbered in the workflow's order.

    Attributes:
        ids, types, labels: one entry a node; a label is None where the API gave none.
        successors, predecessors: for each node the numbers of its neighbours, in the order of the edges.
        index: the number of each id.
    """

    ids: tuple[str, ...]
    types: tuple[str, ...]
    labels: tuple[str | None, ...]
    successors: tuple[tuple[int, ...], ...]
    predecessors: tuple[tuple[int, ...], ...]
    index: dict[str, int]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def edges(self) -> list[tuple[int, int]]:
        """Every edge as a pair of node numbers, by source."""
        return [(source, target) for source, targets in enumerate(self.successors) for target in targets]


def adjacency(workflow: Workflow) -> Adjacency:
    """Return the well-formed part of a workflow as plain adjacency: what the analyses of this package walk.

    >>> from lamina_graph.model import load
    >>> nodes = [{"id": "a", "type": "t"}, {"id": "b", "type": "t"}]
    >>> adjacency(load({"nodes": nodes, "edges": [{"source": "a", "target": "b"}]})).successors
    ((1,), ())
    """
    first: dict[str, Node] = {}
    for node in workflow.nodes:
        first.setdefault(node.id, node)
    index = {id_: number for number, id_ in enumerate(first)}
    successors: list[list[int]] = [[] for _ in first]
    predecessors: list[list[int]] = [[] for _ in first]
    number = index.get
    pairs = dict.fromkeys([(number(edge.source), number(edge.target)) for edge in workflow.edges])
    for source, target in pairs:
        if source is not None and target is not None:
            successors[source].append(target)
            predecessors[target].append(source)
    return Adjacency(
        ids=tuple(first),
        types=tuple([node.type for node in first.values()]),
        labels=tuple([node.label for node in first.values()]),
        successors=tuple(map(tuple, successors)),
        predecessors=tuple(map(tuple, predecessors)),
        index=index,
    )


def reached(
    neighbours: Sequence[Sequence[int]], starts: Iterable[int], within: Container[int] | None = None
) -> set[int]:
    """Return some nodes and all that they lead to, never leaving `within`.

    Args:
        neighbours: for each node those to go on to: `successors`, or `predecessors` to go backwards.
        starts: where to begin.
        within: the nodes that may be passed; all where not given.

    >>> sorted(reached([[1], [2], [], [2]], [0])), sorted(reached([[1], [2], [], [2]], [0], within={0, 1}))
    ([0, 1, 2], [0, 1])
    """
    found = {node for node in starts if within is None or node in within}
    nodes = list(found)
    for node in nodes:
        further = [n for n in neighbours[node] if n not in found and (within is None or n in within)]
        found.update(further)
        nodes += further
    return found


def graph(workflow: Workflow) -> "nx.DiGraph[str]":
    """Return the well-formed part of a workflow as a `networkx.DiGraph`.

    The nodes carry `type` and `label` (the type where no label was given), the graph `app_id` and `name`, so
    every networkx algorithm and exporter works on it.

    >>> from lamina_graph.model import load
    >>> w = load({"nodes": [{"id": "a", "type": "t"}], "edges": []})
    >>> graph(w).nodes["a"]
    {'type': 't', 'label': 't'}
    """
    import networkx as nx

    plain = adjacency(workflow)
    result: nx.DiGraph[str] = nx.DiGraph(app_id=workflow.app_id or "", name=workflow.name or "")
    result.add_nodes_from(
        (id_, {"type": type_, "label": label or type_})
        for id_, type_, label in zip(plain.ids, plain.types, plain.labels, strict=True)
    )
    result.add_edges_from((plain.ids[source], plain.ids[target]) for source, target in plain.edges)
    return result


def colours(plain: Adjacency, seeds: Sequence[str] | None = None, rounds: int = 3) -> list[bytes]:
    """Return a colour for each node, the same in any graph and process where its surroundings look alike.

    Colour refinement on directed graphs (Weisfeiler and Leman 1968): a node's colour is its type, and with
    each round the colours of what feeds it and of what it feeds.

    Args:
        plain: the graph.
        seeds: the first colour of each node; the types where not given.
        rounds: how many steps of surroundings a colour tells of.

    >>> from lamina_graph.model import load
    >>> one = load({"nodes": [{"id": "a", "type": "t"}, {"id": "b", "type": "t"}], "edges": []})
    >>> first, second = colours(adjacency(one))
    >>> first == second
    True
    """
    now = [_digest(seed.encode("utf-8", "surrogatepass")) for seed in seeds or plain.types]
    for _ in range(rounds):
        now = [
            _digest(
                now[node]
                + b"".join(sorted(now[other] for other in plain.predecessors[node]))
                + b">"
                + b"".join(sorted(now[other] for other in plain.successors[node]))
            )
            for node in range(len(plain))
        ]
    return now


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=12).digest()
