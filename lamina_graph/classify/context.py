"""What rules look at."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from lamina_graph.features import Deliverable, Features, NodeFacts, Table
from lamina_graph.graph import Adjacency
from lamina_graph.model import App, AppSummary
from lamina_graph.vocabulary import Modality, Vocabulary

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
        return max(self.ends, key=rank, default=None)

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
        read, heard = self.table.subjects, self.vocabulary.spoken(self._captions())
        if not any(read) and not any(heard):
            return found
        for number, things in enumerate(map(frozenset.union, read, heard)):
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


def rank(end: Deliverable) -> tuple[bool, int, int, tuple[Modality, ...], str]:
    """Return what makes a deliverable the main one: media before text, then the stages, then the way."""
    return (not BESIDE.issuperset(end.modalities), end.stage, end.depth, end.modalities, end.title)


BESIDE: frozenset[Modality] = frozenset(("text", "data"))
"""What comes beside media, and is never what an app with media is for."""
VISUAL: frozenset[Modality] = frozenset(("image", "video"))
