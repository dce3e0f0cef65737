"""What rules look at, and the paths that show what they found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from lamina_graph.features import Deliverable, Features, NodeFacts, Table
from lamina_graph.graph import Adjacency
from lamina_graph.model import App, AppSummary
from lamina_graph.vocabulary import Vocabulary

Source = Literal["topology", "type", "label", "metadata"]


@dataclass(frozen=True)
class Case:
    """A workflow as rules see it.

    Attributes:
        name: the app's name; None where names are left aside.
        facts: what is known of the graph.
        plain: the graph.
        vocabulary: what words mean.
        labels: whether labels may be read.
        detail, summary: what the API says of the app, where at hand.
    """

    name: str | None
    facts: Features
    plain: Adjacency
    vocabulary: Vocabulary
    labels: bool = True
    detail: App | None = None
    summary: AppSummary | None = None

    def node(self, id_: str) -> NodeFacts:
        """Return what is known of a node."""
        known = self._rows.get(id_)
        if known is None:
            known = self._rows[id_] = self.table.row(self.plain.index[id_])
        return known

    @cached_property
    def _rows(self) -> dict[str, NodeFacts]:
        """The nodes asked for so far."""
        return {}

    @property
    def table(self) -> Table:
        """What is known of all nodes, as columns."""
        return self.facts.table

    @cached_property
    def ends(self) -> list[Deliverable]:
        """The deliverables that nothing further is made from."""
        return [end for end in self.facts.deliverables if end.final]

    @cached_property
    def main(self) -> Deliverable | None:
        """The deliverable that the main path ends in: after the most stages, then the longest way."""
        return max(self.ends, key=_rank, default=None)

    @cached_property
    def ending(self) -> NodeFacts | None:
        """The node that the main path ends in."""
        return self.node(self.main.id) if self.main else None

    @cached_property
    def generations(self) -> list[NodeFacts]:
        """The nodes that start a generation."""
        first = zip(self.plain.ids, self.table.generation, strict=True)
        return [self.table.row(number) for number, (id_, of) in enumerate(first) if id_ == of]

    @cached_property
    def things(self) -> dict[str, list[tuple[NodeFacts, Source]]]:
        """For each thing that nodes speak of, the nodes, and whether the type or the label speaks of it."""
        found: dict[str, list[tuple[NodeFacts, Source]]] = {}
        told = [*map(frozenset.union, self.table.subjects, self.vocabulary.spoken(self._captions()))]
        if not any(told):
            return found
        for number, things in enumerate(told):
            for thing in things:
                node = self.table.row(number)
                typed = thing in self.vocabulary.read(node.type).subjects
                found.setdefault(thing, []).append((node, "type" if typed else "label"))
        return found

    def _captions(self) -> list[str]:
        """Return the words of each label; those of a picture name a picture: a "model" is a person."""
        captions = [(self.labels and label) or "" for label in self.plain.labels]
        for number in map(self.plain.index.__getitem__, self.facts.inputs):
            if captions[number] and self.table.modalities[number] == ("image",):
                captions[number] += " image"
        return captions

    @cached_property
    def unsure(self) -> tuple[int, int]:
        """How many nodes nothing settles, and how many the graph settled."""
        return self.table.role.count("unknown"), sum(self.table.settled)

    def fed(self, id_: str) -> str | None:
        """Return the nearest generation that a node leads to, if any."""
        maker = self._nearest.get(self.plain.index[id_])
        return None if maker is None else self.plain.ids[maker]

    def weight(self, number: int) -> tuple[int, bool, bool, str]:
        """Return what makes a node the way that its medium came, rather than another."""
        node = self.table.row(number)
        whole = bool(node.modalities) and node.part is None
        return (node.stage or 0, whole, node.role == "input", node.title)

    @cached_property
    def _nearest(self) -> dict[int, int]:
        """The nearest generation of each node that leads to one, found by one walk back from all of them."""
        nearest = {n: n for n, first in enumerate(self.table.generation) if first is not None}
        nodes = list(nearest)
        for node in nodes:
            for other in self.plain.predecessors[node]:
                if other not in nearest:
                    nearest[other] = nearest[node]
                    nodes.append(other)
        return nearest


def _rank(end: Deliverable) -> tuple[Any, ...]:
    return (end.stage, end.depth, end.modalities, end.title)


def witness(case: Case, through: Sequence[str]) -> tuple[str, ...]:
    """Return a path along edges through some nodes, to where nothing follows or a cycle closes.

    It starts where the medium of the first of them enters the graph. It has one node only where that node
    has no edge.
    """
    if not through:
        return ()
    plain = case.plain
    path = _back(case, plain.index[through[0]])
    for id_ in through[1:]:
        path += _between(plain, path[-1], plain.index[id_])
    path += _to_end(case, path[-1])
    if plain.successors[path[-1]]:
        path += _round(plain, path)
    return tuple(plain.ids[node] for node in path)


def reached(neighbours: Sequence[Sequence[int]], starts: Iterable[int]) -> set[int]:
    """Return some nodes and all that they lead to along the neighbours given: successors, or predecessors."""
    nodes = list(starts)
    found = set(nodes)
    for node in nodes:
        further = [other for other in neighbours[node] if other not in found]
        found.update(further)
        nodes += further
    return found


def _back(case: Case, node: int) -> list[int]:
    """Return the way to a node from where its medium enters, along the most stages, then along media."""
    predecessors, weight = case.plain.predecessors, case.weight
    way = {node: None}
    while before := [p for p in predecessors[node] if p not in way]:
        node = before[0] if len(before) == 1 else max(before, key=weight)
        way[node] = None
    return list(way)[::-1]


def _between(plain: Adjacency, start: int, end: int) -> list[int]:
    """Return the nodes after one on a shortest path to another."""
    came = _onwards(plain, start)
    return _way(came, end) if end in came else []


def _to_end(case: Case, start: int) -> list[int]:
    """Return the nodes after one on the way to a sink; none where no sink follows.

    Of several sinks it is that of the final deliverable that most leads up to, else the nearest.
    """
    plain = case.plain
    if not plain.successors[start]:
        return []
    came = _onwards(plain, start)
    sinks = [node for node in came if not plain.successors[node]]
    if len(sinks) > 1:
        rank = {plain.index[end.end]: _rank(end) for end in sorted(case.ends, key=_rank)}
        sinks.sort(key=lambda sink: rank.get(sink, ()), reverse=True)
    return _way(came, sinks[0]) if sinks else []


def _way(came: Mapping[int, int], end: int) -> list[int]:
    """Return the nodes after the one that a search started from, up to one that it came to."""
    path = []
    while came[end] != end:
        path.append(end)
        end = came[end]
    return path[::-1]


def _round(plain: Adjacency, path: Sequence[int]) -> list[int]:
    """Return the nodes that close a path into a cycle."""
    seen, rest, node = set(path), [], path[-1]
    while True:
        node = plain.successors[node][0]
        rest.append(node)
        if node in seen:
            return rest
        seen.add(node)


def _onwards(plain: Adjacency, start: int) -> dict[int, int]:
    """Return a node and all it leads to, the nearest first, each with the node that it is reached from."""
    came, nodes, successors = {start: start}, [start], plain.successors
    for node in nodes:
        for other in successors[node]:
            if other not in came:
                came[other] = node
                nodes.append(other)
    return came
