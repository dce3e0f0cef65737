"""Facts about a workflow's graph: roles, stages, deliverables, shape, counts, as one frozen record."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lamina_graph.features.ends import Deliverable, deliverables
from lamina_graph.features.flow import flow
from lamina_graph.features.media import media
from lamina_graph.features.order import Order, order
from lamina_graph.features.roles import INSIDE, roles
from lamina_graph.features.shape import Shape, components, depths, shape, width
from lamina_graph.graph import Adjacency, adjacency
from lamina_graph.model import Value, Workflow
from lamina_graph.vocabulary import Modality, Part, Reading, Role, Vocabulary

__all__ = ["Deliverable", "Features", "NodeFacts", "Shape", "features"]


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What is known of one node.

    Attributes:
        id, type: as the API gave them.
        title: the label that a person gave, else the type.
        role: what it does; unknown where neither words nor the graph tell.
        task: what kind of generating or transforming, where words tell.
        modalities: what it gives; empty where nothing tells, and for parts of a model.
        stage: how many generations there are in a row up to it; None where there is none.
        made: when it was put on the canvas, told by its id.
        part: which part of a spelled-out model it is.
        brand: the key of the model or vendor that its words name.
        generation: the id of the first node of the generation that it makes; None where it makes none.
        certainty: how far its role can be trusted, from 0 to 1.
        settled: whether the graph settled what words left open.
        component: the number of the weakly connected component that it stands in.
    """

    id: str
    type: str
    title: str
    role: Role
    task: str | None
    modalities: tuple[Modality, ...]
    stage: int | None
    made: datetime | None
    part: Part | None = None
    brand: str | None = None
    generation: str | None = None
    certainty: float = 1.0
    settled: bool = False
    component: int = 0


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
    follows: tuple[tuple[str, str], ...] = ()
    passes: tuple[str, ...] = ()
    refinements: tuple[str, ...] = ()


def features(w: Workflow, *, vocabulary: Vocabulary | None = None, labels: bool = True) -> Features:
    """Return the facts of a workflow.

    >>> from lamina_graph.model import load
    >>> facts = features(load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []}))
    >>> facts.shape, facts.stages, facts.output_modalities
    ('single', 1, ('video',))
    """
    plain = adjacency(w)
    walk = order(plain)
    readings, settled = roles(plain, walk, vocabulary or Vocabulary.default(), labels)
    given = media(plain, walk, readings)
    known = flow(walk, readings, given)
    component, count = components(plain)
    depth = depths(walk)
    steps = [reading.role in ("generate", "transform") for reading in readings]
    inputs = [n for n, r in enumerate(readings) if r.role == "input"]
    ends = deliverables(plain, walk, readings, given, known, depth)
    generations = {g for g in known.generation if g is not None}
    return Features(
        nodes=len(plain),
        edges=sum(map(len, plain.successors)),
        components=count,
        depth=max(depth, default=0),
        width=width(depth),
        steps=sum(steps),
        generations=len(generations),
        stages=max(known.stage, default=0),
        shape=shape(plain, walk, component, steps),
        sources=tuple(id_ for id_, found in zip(plain.ids, plain.predecessors, strict=True) if not found),
        sinks=tuple(id_ for id_, found in zip(plain.ids, plain.successors, strict=True) if not found),
        inputs=tuple(plain.ids[n] for n in inputs),
        deliverables=ends,
        input_modalities=_sorted(m for n in inputs for m in readings[n].gives),
        output_modalities=_sorted(m for end in ends if end.final for m in end.modalities),
        follows=tuple((plain.ids[a], plain.ids[b]) for a, b in known.follows),
        passes=tuple(plain.ids[n] for n in known.passes),
        refinements=tuple(plain.ids[n] for n in known.refined),
        facts=tuple(
            NodeFacts(
                plain.ids[n],
                plain.types[n],
                plain.labels[n] or plain.types[n],
                r.role,
                r.task,
                given[n],
                known.stage[n] or None,
                made(plain.ids[n]),
                r.part,
                r.brand,
                None if known.generation[n] is None else plain.ids[known.generation[n]],
                r.certainty,
                settled[n],
                component[n],
            )
            for n, r in enumerate(readings)
        ),  # fmt: skip
    )


def made(id_: str) -> datetime | None:
    """Return when a node was put on the canvas, told by an id of the form type-milliseconds-random.

    >>> made("aiDesignerNode-1773051929782-5yzqjkwpm").isoformat()
    '2026-03-09T10:25:29.782000+00:00'
    """
    found = _STAMP.search(id_)
    if not found or not _EARLIEST <= (stamp := int(found[1])) <= _LATEST:
        return None
    return datetime.fromtimestamp(stamp / 1000, UTC)


_STAMP = re.compile(r"-([0-9]{13})-[^-]*$")
_EARLIEST, _LATEST = 1_577_836_800_000, 4_102_444_800_000  # 2020 to 2100


def _sorted(found: object) -> tuple[Modality, ...]:
    return tuple(sorted(set(found)))  # type: ignore
