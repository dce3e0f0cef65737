"""The facts about one node."""

from datetime import UTC, datetime
from typing import NamedTuple

from lamina_graph.features.roles import PREVIEW_WORDS
from lamina_graph.model import parse_node_id
from lamina_graph.vocabulary import Modality, Part, Role, Vocabulary, readable


class NodeFacts(NamedTuple):
    """What the words of a node and the graph around it say.

    Attributes:
        id, type: as the API gave them.
        title: the label that a person gave, else the type.
        role: what it does; unknown where neither words nor the graph show it.
        task: what kind of generating or transforming, where words name it.
        modalities: what it gives; empty where that is not known, and for parts of a model.
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
    def created_at(self) -> datetime | None:
        """When it was put on the canvas, by an id of the form type-milliseconds-random; since 2020."""
        parsed = parse_node_id(self.id)
        if not parsed or not _EARLIEST <= parsed[1] <= _LATEST:
            return None
        return datetime.fromtimestamp(parsed[1] / 1000, UTC)

    @property
    def motif(self) -> str | None:
        """The motif that it shows, of those that `Features.motifs` counts."""
        if self.part is not None:
            return "generation" if self.part == "sampler" else None
        if self.role == "output":
            return "movement" if PREVIEW_WORDS.isdisjoint(self.words) else "visualization"
        if self.role == "transform":
            return _TASK_MOTIFS.get(self.task or "") or (None if self.stage else "preparation")
        if self.role == "generate":
            return _TASK_MOTIFS.get(self.task or "", "generation")
        return "retrieval" if self.role == "input" else None


_TASK_MOTIFS = {
    "caption": "analysis",
    "transcribe": "analysis",
    "segment": "analysis",
    "depth": "analysis",
    "pose": "analysis",
    "assemble": "combination",
}
_EARLIEST, _LATEST = 1_577_836_800_000, 4_102_444_800_000  # 2020 to 2100


def readable_title(fact: NodeFacts, vocabulary: Vocabulary | None) -> str:
    """Return the label that a person gave a node, else its type made readable."""
    return readable(fact.type, vocabulary) if fact.title == fact.type else fact.title
