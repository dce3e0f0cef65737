"""Two versions laid over each other: one numbering of nodes for both, and what differs between them."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from lamina_graph.diff.words import kind, line, titles
from lamina_graph.features import Features, NodeFacts
from lamina_graph.graph import Adjacency, adjacency, reachable
from lamina_graph.model import Node, Workflow
from lamina_graph.text import tags
from lamina_graph.vocabulary import Modality, Vocabulary

Edge = tuple[int, int]


@dataclass(frozen=True)
class VersionGraph:
    """The well-formed part of one workflow, with its facts; nodes by their number in it."""

    workflow: Workflow
    plain: Adjacency
    facts: Features
    nodes: tuple[Node, ...]
    vocabulary: Vocabulary | None = None

    @cached_property
    def by_node(self) -> tuple[NodeFacts, ...]:
        """The facts of each node."""
        return self.facts.facts

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """The label of each node, else its type in words."""
        return titles(self.nodes, self.vocabulary)

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """What tells each node from its namesakes; empty where it has none."""
        return tuple(tags(self.titles, self.plain.ids))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What to call each node in a sentence: its title, with what tells it from its namesakes."""
        return tuple(title + tag for title, tag in zip(self.titles, self.tags, strict=True))


def version_graph(workflow: Workflow, facts: Features, vocabulary: Vocabulary | None = None) -> VersionGraph:
    """Return a workflow's well-formed part with its facts."""
    plain = adjacency(workflow)
    first: dict[str, Node] = {}
    for node in workflow.nodes:
        first.setdefault(node.id, node)
    return VersionGraph(workflow, plain, facts, tuple(first.values()), vocabulary)


@dataclass(frozen=True, slots=True)
class Links:
    """The edges of one version in the common numbering."""

    edges: frozenset[Edge]
    successors: Sequence[Sequence[int]]
    predecessors: Sequence[Sequence[int]]

    def reached(
        self, start: Iterable[int], backward: bool = False, within: Container[int] | None = None
    ) -> set[int]:
        """Return the start and what it leads to (`backward`: what leads to it), never leaving `within`."""
        return reachable(self.predecessors if backward else self.successors, start, within)

    def connected(self, start: int, within: Container[int] | None = None) -> set[int]:
        """Return all that hangs together with the start, whatever way edges go, never leaving `within`."""
        found, front = {start}, [start]
        while front:
            number = front.pop()
            for other in (*self.successors[number], *self.predecessors[number]):
                if other not in found and (within is None or other in within):
                    found.add(other)
                    front.append(other)
        return found


def links(edges: Iterable[Edge], size: int) -> Links:
    """Return edges with their adjacency over `size` nodes."""
    successors: list[list[int]] = [[] for _ in range(size)]
    predecessors: list[list[int]] = [[] for _ in range(size)]
    found = frozenset(edges)
    for source, target in sorted(found):
        successors[source].append(target)
        predecessors[target].append(source)
    return Links(found, successors, predecessors)


@dataclass(frozen=True, slots=True)
class Side:
    """One version in the common numbering.

    Attributes:
        links: its edges.
        numbers: the number of each of its nodes, in the version's own order.
        place: the number in the version itself of each node that it has.
        inputs, deliverables: as `features` tells them.
        media: the modalities of each deliverable.
        exits: the output nodes at the end that a deliverable leaves through.
        live: the nodes on a path to a deliverable, the exits among them.
    """

    version: VersionGraph
    links: Links
    numbers: Sequence[int]
    place: dict[int, int]
    inputs: frozenset[int]
    deliverables: frozenset[int]
    media: dict[int, tuple[Modality, ...]]
    exits: frozenset[int]
    live: frozenset[int]

    def node(self, number: int) -> Node:
        """The node itself."""
        return self.version.nodes[self.place[number]]

    def facts(self, number: int) -> NodeFacts:
        """What is known of a node."""
        return self.version.by_node[self.place[number]]

    def modalities(self, number: int) -> tuple[Modality, ...]:
        """What a node gives; empty where nothing tells."""
        return self.media.get(number) or self.facts(number).modalities

    def name(self, number: int) -> str:
        """What to call a node."""
        return self.version.names[self.place[number]]

    def title(self, number: int) -> str:
        """The label of a node, or its type, as they stand in the file; namesakes with the id's end."""
        return line(self.node(number).title) + self.version.tags[self.place[number]]

    def ends(self, deliverable: int) -> set[int]:
        """The output nodes that a deliverable leaves through, but for those that only let people look."""
        exits = self.exits.intersection(self.links.successors[deliverable])
        return {exit_ for exit_ in exits if self.facts(exit_).motif != "visualization"}


def _side(found: VersionGraph, links_: Links, numbers: Sequence[int]) -> Side:
    index = found.plain.index
    media = {numbers[index[each.id]]: each.modalities for each in found.facts.deliverables}
    deliverables = frozenset(media)
    place = {number: place for place, number in enumerate(numbers)}
    exits = frozenset(
        after
        for each in deliverables
        for after in links_.successors[each]
        if not links_.successors[after] and found.by_node[place[after]].role == "output"
    )
    return Side(
        version=found,
        links=links_,
        numbers=numbers,
        place=place,
        inputs=frozenset(numbers[index[id_]] for id_ in found.facts.inputs),
        deliverables=deliverables,
        media=media,
        exits=exits,
        live=frozenset(links_.reached(deliverables, backward=True) | exits),
    )


@dataclass(frozen=True, slots=True)
class Both:
    """Two versions under one numbering: a pair held to be one node has one number.

    Attributes:
        old, new: the versions.
        kept: the numbers of the pairs.
    """

    old: Side
    new: Side
    kept: frozenset[int]

    @property
    def stay(self) -> frozenset[Edge]:
        """The edges that both versions have."""
        return self.old.links.edges & self.new.links.edges

    def name(self, number: int) -> str:
        """What to call a node: as the new version does, if it has the node."""
        return (self.new if number in self.new.place else self.old).name(number)

    def kinds(self, number: int) -> tuple[str, str]:
        """What to call the types, old and new, of a node that stays."""
        before, after = (
            kind(side.node(number).type, side.version.vocabulary) for side in (self.old, self.new)
        )
        return before, after

    def id(self, number: int) -> str:
        """The id of a node: the new one, if the new version has the node."""
        return (self.new if number in self.new.place else self.old).node(number).id

    def made_anew(self, number: int) -> date | None:
        """Return the day on which a node that stays was made anew, if its ids tell."""
        before, after = self.old.facts(number).created_at, self.new.facts(number).created_at
        return after.date() if before and after and before < after else None

    def key(self, number: int) -> tuple[str, str]:
        """What nodes are ordered by, so that no order depends on the file: name, then id."""
        return self.name(number), self.id(number)

    def order(self, numbers: Iterable[int]) -> list[int]:
        """Return nodes by name, then by id."""
        return sorted(numbers, key=self.key)


def both(old: VersionGraph, new: VersionGraph, pairs: Iterable[tuple[int, int]]) -> Both:
    """Lay two versions over each other.

    Args:
        old: the version before.
        new: the version after.
        pairs: the numbers, old and new, of the nodes held to be the same.
    """
    partner = dict(pairs)
    fresh = len(new.plain)
    numbers = []
    for place in range(len(old.plain)):
        number = partner.get(place)
        if number is None:
            number, fresh = fresh, fresh + 1
        numbers.append(number)
    before = links(((numbers[s], numbers[t]) for s, t in old.plain.edges), fresh)
    after = links(new.plain.edges, fresh)
    return Both(
        old=_side(old, before, numbers),
        new=_side(new, after, range(len(new.plain))),
        kept=frozenset(partner.values()),
    )
