"""Two versions of a workflow under one numbering of nodes, and what differs between them."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import add

from lamina_graph.diff.node_names import node_titles, readable_type, shorten
from lamina_graph.diff.origins import origin_of
from lamina_graph.features import Features, NodeFacts
from lamina_graph.graph import Adjacency, connected_components, reachable, undirected
from lamina_graph.match import Anchors, any_id
from lamina_graph.model import Node, Workflow
from lamina_graph.text import tags
from lamina_graph.vocabulary import Modality, Vocabulary

Edge = tuple[int, int]

_STEP_ROLES = ("generate", "transform")


@dataclass(frozen=True)
class VersionGraph:
    """The well-formed part of one workflow, with its facts; nodes by their number in it."""

    workflow: Workflow
    adj: Adjacency
    facts: Features
    vocabulary: Vocabulary | None = None

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """The label of each node, else its type in words."""
        return node_titles(self.adj.types, self.adj.labels, self.vocabulary)

    @cached_property
    def tags(self) -> list[str]:
        """What tells each node from its namesakes; empty where it has none."""
        return tags(self.titles, self.adj.ids)

    @cached_property
    def names(self) -> list[str]:
        """What to call each node in a sentence; namesakes with the id's end."""
        return list(map(add, self.titles, self.tags))


@dataclass(frozen=True)
class AlignedVersion:
    """One version in the common numbering.

    Attributes:
        graph: the version by itself.
        numbers: the common number of each of its nodes.
        positions: the number in the version itself of each node that it has.
        successors, predecessors: the neighbours of each node; none of a node that it does not have.
    """

    graph: VersionGraph
    numbers: Sequence[int]
    positions: dict[int, int]
    successors: Sequence[Sequence[int]]
    predecessors: Sequence[Sequence[int]]

    @cached_property
    def inputs(self) -> frozenset[int]:
        """The nodes through which media enter."""
        return frozenset(self.number(id_) for id_ in self.graph.facts.inputs)

    @cached_property
    def deliverables(self) -> dict[int, tuple[Modality, ...]]:
        """The nodes whose results leave, each with what leaves."""
        return {self.number(each.id): each.modalities for each in self.graph.facts.deliverables}

    @cached_property
    def exits(self) -> frozenset[int]:
        """The output nodes at the end that deliverables leave through."""
        return frozenset(
            after
            for deliverable in self.deliverables
            for after in self.successors[deliverable]
            if not self.successors[after] and self.facts(after).role == "output"
        )

    @cached_property
    def live(self) -> frozenset[int]:
        """The nodes on a path to a deliverable, the exits among them."""
        return frozenset(self.upstream(self.deliverables) | self.exits)

    @cached_property
    def components(self) -> dict[int, int]:
        """The component that each node is in, leaving out those with neither an edge nor a step."""
        return {
            node: nodes[0]
            for nodes in connected_components(self.successors)
            if len(nodes) > 1 or (nodes[0] in self.positions and self.facts(nodes[0]).role in _STEP_ROLES)
            for node in nodes
        }

    @cached_property
    def neighbors(self) -> list[list[int]]:
        """The neighbours of each node, whatever way edges go."""
        return undirected(self.successors)

    def number(self, id_: str) -> int:
        """Return the common number of a node by its id."""
        return self.numbers[self.graph.adj.index[id_]]

    def node(self, number: int) -> Node:
        """Return the node itself."""
        return self.graph.adj.nodes[self.positions[number]]

    def facts(self, number: int) -> NodeFacts:
        """Return what is known of a node."""
        return self.graph.facts.facts[self.positions[number]]

    def modalities(self, number: int) -> tuple[Modality, ...]:
        """Return what a node gives; empty where nothing tells."""
        return self.deliverables.get(number) or self.facts(number).modalities

    def name(self, number: int) -> str:
        """Return what to call a node in a sentence; namesakes with the id's end."""
        return self.graph.names[self.positions[number]]

    def title(self, number: int) -> str:
        """Return the label of a node, or its type, as they stand in the file; namesakes with the id's end."""
        return shorten(self.node(number).title) + self.graph.tags[self.positions[number]]

    def ends(self, deliverable: int) -> set[int]:
        """Return the output nodes that a deliverable leaves through, but for those that only show it."""
        exits = self.exits.intersection(self.successors[deliverable])
        return {exit_ for exit_ in exits if self.facts(exit_).motif != "visualization"}

    def upstream(self, starts: Iterable[int], within: Container[int] | None = None) -> set[int]:
        """Return some nodes and all that leads to them, never leaving `within`."""
        return reachable(self.predecessors, starts, within)

    def downstream(self, starts: Iterable[int], within: Container[int] | None = None) -> set[int]:
        """Return some nodes and all that they lead to, never leaving `within`."""
        return reachable(self.successors, starts, within)

    def edges_beyond(self, other: "AlignedVersion") -> set[Edge]:
        """Return the edges that another version does not have."""
        return {
            (source, target)
            for source, (targets, kept) in enumerate(zip(self.successors, other.successors, strict=True))
            if targets != kept
            for target in set(targets).difference(kept)
        }

    def edges_at(self, nodes: Iterable[int]) -> set[Edge]:
        """Return the edges to and from some nodes."""
        rows = list(nodes)
        into = {(before, node) for node in rows for before in self.predecessors[node]}
        return into | {(node, after) for node in rows for after in self.successors[node]}


@dataclass(frozen=True)
class Alignment:
    """Two versions under one numbering: a pair held to be one node has one number.

    Attributes:
        old, new: the versions.
        matched: the numbers of the pairs.
        anchors: which ids mean the same node in both versions.
    """

    old: AlignedVersion
    new: AlignedVersion
    matched: frozenset[int]
    anchors: Anchors = any_id

    @property
    def names_are_labels(self) -> bool:
        """Whether callers know inputs and deliverables by their labels; those of ComfyUI go by ids."""
        return not str(origin_of(self.new.graph.workflow).get("format")).startswith("comfyui")

    @cached_property
    def _keys(self) -> dict[int, tuple[str, str]]:
        keys: dict[int, tuple[str, str]] = {}
        for version in (self.old, self.new):
            names = zip(version.graph.names, version.graph.adj.ids, strict=True)
            keys.update(zip(version.numbers, names, strict=True))
        return keys

    def key(self, number: int) -> tuple[str, str]:
        """Return what nodes are ordered by, so that no order depends on the file: name, then id."""
        return self._keys[number]

    def name(self, number: int) -> str:
        """Return what to call a node: as the new version does, if it has the node."""
        return self._keys[number][0]

    def id(self, number: int) -> str:
        """Return the id of a node: the new one, if the new version has the node."""
        return self._keys[number][1]

    def ids(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """Return the ids of nodes, each once."""
        return tuple(dict.fromkeys(map(self.id, numbers)))

    def kinds(self, number: int) -> tuple[str, str]:
        """Return what to call the types, old and new, of a node that stays."""
        before, after = (
            readable_type(version.node(number).type, version.graph.vocabulary)
            for version in (self.old, self.new)
        )
        return before, after

    def is_live(self, number: int) -> bool:
        """Whether a deliverable of either version depends on a node."""
        return number in self.old.live or number in self.new.live

    def recreated_on(self, number: int) -> date | None:
        """Return the day on which a node that stays was made again, if its ids tell."""
        before, after = self.old.facts(number).created_at, self.new.facts(number).created_at
        return after.date() if before and after and before < after else None

    def sort(self, numbers: Iterable[int]) -> list[int]:
        """Return nodes by name, then by id."""
        return sorted(numbers, key=self._keys.__getitem__)

    def sort_edges(self, edges: Iterable[Edge]) -> list[Edge]:
        """Return edges by the name and id of their ends."""
        return sorted(edges, key=lambda edge: (self._keys[edge[0]], self._keys[edge[1]]))


def align(
    old: VersionGraph, new: VersionGraph, pairs: Iterable[tuple[int, int]], anchors: Anchors = any_id
) -> Alignment:
    """Return two versions under one numbering.

    Args:
        old: the version before.
        new: the version after.
        pairs: the numbers, old and new, of the nodes held to be the same.
        anchors: which ids mean the same node in both versions.
    """
    partner = dict(pairs)
    size = len(new.adj)
    numbers = []
    for position in range(len(old.adj)):
        number = partner.get(position)
        if number is None:
            number, size = size, size + 1
        numbers.append(number)
    versions = _aligned(old, numbers, size), _aligned(new, range(len(new.adj)), size)
    return Alignment(*versions, frozenset(partner.values()), anchors)


def _aligned(graph: VersionGraph, numbers: Sequence[int], size: int) -> AlignedVersion:
    positions = {number: position for position, number in enumerate(numbers)}
    successors, predecessors = (
        _renumber(neighbors, numbers, size) for neighbors in (graph.adj.successors, graph.adj.predecessors)
    )
    return AlignedVersion(graph, numbers, positions, successors, predecessors)


def _renumber(neighbors: Sequence[Sequence[int]], numbers: Sequence[int], size: int) -> list[list[int]]:
    """Return the neighbours of nodes by other numbers, ascending; none of a node that has no new number."""
    result: list[list[int]] = [[] for _ in range(size)]
    for number, others in zip(numbers, neighbors, strict=True):
        if others:
            result[number] = sorted([numbers[other] for other in others])
    return result
