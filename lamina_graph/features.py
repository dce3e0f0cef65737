"""Facts about a workflow's graph: roles, stages, deliverables, shape, counts, as one frozen record."""

from datetime import datetime
from typing import Literal

from lamina_graph.model import Value
from lamina_graph.vocabulary import Modality, Role

Shape = Literal["empty", "cyclic", "disconnected", "single", "chain", "diamond", "fan-in", "fan-out", "dag"]


class NodeFacts(Value):
    """What is known of one node."""

    id: str
    type: str
    title: str
    role: Role
    task: str | None
    modalities: tuple[Modality, ...]  # what it gives; empty where nothing tells
    stage: int | None  # 1 for the first generations, None where no generation is at or above it
    made: datetime | None  # from the id's stamp


class Deliverable(Value):
    """A node whose result leaves the workflow."""

    id: str
    title: str
    modalities: tuple[Modality, ...]


class Features(Value):
    """Facts of one workflow."""

    nodes: int
    edges: int
    components: int
    depth: int
    width: int
    steps: int
    generations: int
    stages: int
    shape: Shape
    sources: tuple[str, ...]
    sinks: tuple[str, ...]
    inputs: tuple[str, ...]
    deliverables: tuple[Deliverable, ...]
    input_modalities: tuple[Modality, ...]
    output_modalities: tuple[Modality, ...]
    facts: tuple[NodeFacts, ...]
