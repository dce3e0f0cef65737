"""What is known of each node: as one row a node, and as one column a field."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import repeat
from typing import Any, NamedTuple

from lamina_graph.features.generations import PREVIEWS
from lamina_graph.model import stamped
from lamina_graph.vocabulary import Modality, Part, Role


class NodeFacts(NamedTuple):
    """What is known of one node.

    Attributes:
        id, type: as the API gave them.
        title: the label that a person gave, else the type.
        role: what it does; unknown where neither words nor the graph tell.
        task: what kind of generating or transforming, where words tell.
        modalities: what it gives; empty where nothing tells, and for parts of a model.
        stage: how many generations there are in a row up to it; None where there is none.
        part: which part of a spelled-out model it is.
        brand: the key of the model or vendor that its words name.
        generation: the id of the first node of the generation that it makes; None where it makes none.
        certainty: how far its role can be trusted, from 0 to 1.
        settled: whether the graph settled what words left open.
        component: the number of the weakly connected component that it stands in.
        words: the words of its type, or label, that were understood.
        subjects: the things that matter to a category and that these words speak of.
    """

    id: str
    type: str
    title: str
    role: Role
    task: str | None
    modalities: tuple[Modality, ...]
    stage: int | None
    part: Part | None = None
    brand: str | None = None
    generation: str | None = None
    certainty: float = 1.0
    settled: bool = False
    component: int = 0
    words: tuple[str, ...] = ()
    subjects: frozenset[str] = frozenset()

    @property
    def made(self) -> datetime | None:
        """When it was put on the canvas, told by an id of the form type-milliseconds-random, since 2020."""
        found = stamped(self.id)
        if not found or not _EARLIEST <= found[1] <= _LATEST:
            return None
        return datetime.fromtimestamp(found[1] / 1000, UTC)

    @property
    def motif(self) -> str | None:
        """The motif that it shows, of those that `Features.motifs` counts."""
        if self.part is not None:
            return "generation" if self.part == "sampler" else None
        if self.role == "output":
            return "movement" if PREVIEWS.isdisjoint(self.words) else "visualization"
        if self.role == "transform":
            return _TASKS.get(self.task or "") or (None if self.stage else "preparation")
        if self.role == "generate":
            return _TASKS.get(self.task or "", "generation")
        return "retrieval" if self.role == "input" else None


class Table(NamedTuple):
    """What is known of all nodes: for each field of `NodeFacts` a column, in the order of the nodes.

    Looking for a value in a column costs a fraction of making the rows, so a row is made when it is wanted.
    """

    id: Sequence[str]
    type: Sequence[str]
    title: Sequence[str]
    role: Sequence[Role]
    task: Sequence[str | None]
    modalities: Sequence[tuple[Modality, ...]]
    stage: Sequence[int | None]
    part: Sequence[Part | None]
    brand: Sequence[str | None]
    generation: Sequence[str | None]
    certainty: Sequence[float]
    settled: Sequence[bool]
    component: Sequence[int]
    words: Sequence[tuple[str, ...]]
    subjects: Sequence[frozenset[str]]

    def row(self, number: int) -> NodeFacts:
        """Return what is known of the node with a number."""
        return NodeFacts._make([column[number] for column in self])

    def where(self, field: str, value: object) -> Iterator[NodeFacts]:
        """Return what is known of each node that has a value in a field."""
        column: Sequence[object] = getattr(self, field)
        if value not in column:  # tells in a fraction of the time that the search takes
            return iter(())
        return (self.row(number) for number, found in enumerate(column) if found == value)

    def rows(self) -> tuple[NodeFacts, ...]:
        """Return what is known of each node."""
        columns: tuple[Sequence[Any], ...] = self
        return tuple(map(tuple.__new__, repeat(NodeFacts), zip(*columns, strict=True)))


_TASKS = {
    "caption": "analysis",
    "transcribe": "analysis",
    "segment": "analysis",
    "depth": "analysis",
    "pose": "analysis",
    "assemble": "combination",
}
_EARLIEST, _LATEST = 1_577_836_800_000, 4_102_444_800_000  # 2020 to 2100
