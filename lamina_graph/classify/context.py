"""What rules look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from lamina_graph.features import Deliverable, Features, NodeFacts
from lamina_graph.graph import Adjacency, breadth_first_tree
from lamina_graph.model import App, AppSummary
from lamina_graph.vocabulary import Modality, Vocabulary

Source = Literal["topology", "type", "label", "metadata"]
BESIDE: frozenset[Modality] = frozenset(("text", "data"))
"""What comes beside media, and is never what an app with media is for."""
VISUAL: frozenset[Modality] = frozenset(("image", "video"))


@dataclass(frozen=True)
class Context:
    """A workflow as rules see it.

    Attributes:
        name: the app's name; None where names are left aside.
        facts: the features of the graph.
        adj: the graph.
        vocabulary: what words mean.
        labels: whether labels may be read.
        detail, summary: what the API says of the app, where at hand.
    """

    name: str | None
    facts: Features
    adj: Adjacency
    vocabulary: Vocabulary
    labels: bool = True
    detail: App | None = None
    summary: AppSummary | None = None

    @cached_property
    def nodes(self) -> tuple[NodeFacts, ...]:
        """The facts of each node, by its number."""
        return self.facts.facts

    def node(self, id_: str) -> NodeFacts:
        """Return the facts of a node."""
        return self.nodes[self.adj.index[id_]]

    @cached_property
    def finals(self) -> list[Deliverable]:
        """The deliverables that nothing further is made from."""
        return [deliverable for deliverable in self.facts.deliverables if deliverable.final]

    @cached_property
    def main_deliverable(self) -> Deliverable | None:
        """The deliverable that the main path ends in: after the most stages, then the longest way."""
        return max(self.finals, key=precedence, default=None)

    @cached_property
    def main_output_node(self) -> NodeFacts | None:
        """The node that the main path ends in."""
        return self.node(self.main_deliverable.id) if self.main_deliverable else None

    @cached_property
    def generations(self) -> list[NodeFacts]:
        """The nodes that start a generation."""
        return [node for node in self.nodes if node.generation == node.id]

    @cached_property
    def subjects(self) -> dict[str, list[tuple[NodeFacts, Source]]]:
        """For each subject that nodes speak of, the nodes, and whether the type or the label speaks of it."""
        by_subject: dict[str, list[tuple[NodeFacts, Source]]] = {}
        labelled = self.vocabulary.subjects_of(self._captions())
        for node, subjects in zip(self.nodes, labelled, strict=True):
            if not subjects and not node.subjects:
                continue
            for subject in node.subjects | subjects:
                typed = subject in self.vocabulary.read(node.type).subjects
                by_subject.setdefault(subject, []).append((node, "type" if typed else "label"))
        return by_subject

    def _captions(self) -> list[str]:
        """Return the words of each label; those of a picture name a picture: a "model" is a person."""
        captions = [(self.labels and label) or "" for label in self.adj.labels]
        for number in map(self.adj.index.__getitem__, self.facts.inputs):
            if captions[number] and self.nodes[number].modalities == ("image",):
                captions[number] += " image"
        return captions

    @cached_property
    def unsure(self) -> tuple[int, int]:
        """How many nodes have an unknown role, and of how many the graph settled the role."""
        unknown = [node for node in self.nodes if node.role == "unknown"]
        return len(unknown), len([node for node in self.nodes if node.settled])

    @cached_property
    def local_brands(self) -> frozenset[str | None]:
        """The brands of models that the graph loads and runs itself."""
        return frozenset(node.brand for node in self.nodes if node.part)

    @cached_property
    def is_spelled_out(self) -> bool:
        """Whether the graph runs a model in parts of it."""
        return any(node.part not in (None, "aux", "model") for node in self.nodes)

    @cached_property
    def pictures_in(self) -> list[str]:
        """The inputs that bring pictures to generations."""
        inputs = map(self.node, self.facts.inputs)
        return [node.id for node in inputs if node.modalities == ("image",) and self.generation_fed(node.id)]

    def generation_fed(self, id_: str) -> str | None:
        """Return the nearest generation that a node leads to, if any."""
        maker = self._nearest.get(self.adj.index[id_])
        return None if maker is None else self.adj.ids[maker]

    def provenance_rank(self, number: int) -> tuple[int, bool, bool, str]:
        """Return what makes a node the way that its medium came, rather than another."""
        node = self.nodes[number]
        whole = bool(node.modalities) and node.part is None
        return (node.stage or 0, whole, node.role == "input", node.title)

    @cached_property
    def _nearest(self) -> dict[int, int]:
        """The nearest generation of each node that leads to one, found by one walk back from all of them."""
        generating = [number for number, node in enumerate(self.nodes) if node.generation is not None]
        nearest: dict[int, int] = {}
        for node, after in breadth_first_tree(self.adj.predecessors, generating).items():
            nearest[node] = nearest.get(after, node)
        return nearest


def precedence(end: Deliverable) -> tuple[bool, int, int, tuple[Modality, ...], str]:
    """Return what makes a deliverable the main one: media before text, then the stages, then the way."""
    return (not BESIDE.issuperset(end.modalities), end.stage, end.depth, end.modalities, end.title)


def count_feature(facts: Features, name: str) -> int:
    """Return how many there are of what a feature counts or lists."""
    value: int | Sequence[object] = getattr(facts, name)
    return value if isinstance(value, int) else len(value)
