"""Facts about a workflow's graph: roles, stages, deliverables, shape, counts, as one frozen record."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lamina_graph.features.flow import PREVIEWS, Flow, flow, media
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


@dataclass(frozen=True, slots=True)
class Deliverable:
    """A node whose result leaves the workflow.

    Attributes:
        id, title: of the node.
        modalities: what it gives.
        final: whether nothing further is made from it.
        end: the id of the sink through which it leaves: an output node, or itself.
        stage: how many generations there are in a row up to it.
        depth: the edges on the longest path to its end.
    """

    id: str
    title: str
    modalities: tuple[Modality, ...]
    final: bool = True
    end: str = ""
    stage: int = 0
    depth: int = 0


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
    known = flow(plain, walk, readings, given)
    component, count = components(plain)
    depth = depths(walk)
    steps = [reading.role in ("generate", "transform") for reading in readings]
    inputs = [n for n, r in enumerate(readings) if r.role == "input"]
    ends = _deliverables(plain, walk, readings, known, depth)
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
        passes=tuple(plain.ids[n] for n in max(known.passes, key=len, default=())),
        refinements=tuple(plain.ids[n] for n in max(known.refined, key=len, default=())),
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
                r.certainty, settled[n], component[n],
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


def _deliverables(
    plain: Adjacency, walk: Order, readings: Sequence[Reading], known: Flow, depth: Sequence[int]
) -> tuple[Deliverable, ...]:
    tiers: dict[int, dict[int, tuple[tuple[Modality, ...], int]]] = {}
    for sink in range(len(plain)):
        if plain.successors[sink]:
            continue
        reading = readings[sink]
        if reading.role == "output":
            for p in plain.predecessors[sink]:
                if known.media[p] != ("data",) and (
                    known.media[p] or (readings[p].role == "unknown" and reading.gives)
                ):
                    gives = known.media[sink]
                    look = PREVIEWS & set(reading.words)
                    tier = 2 if look else 0
                    tiers.setdefault(tier + (not known.stage[p]), {}).setdefault(p, (gives, sink))
        elif known.media[sink] and known.media[sink] != ("data",):
            tier = 0 if reading.role in ("generate", "transform") else 4
            tiers.setdefault(tier + (not known.stage[sink]), {}).setdefault(sink, (known.media[sink], sink))
    best = tiers[min(tiers)] if tiers else {}
    leads = [False] * len(plain)
    for node in reversed(walk.nodes):
        leads[node] = any(leads[s] or known.generation[s] is not None for s in walk.after[node])
    final = {n for n in best if not leads[n]} or set(best)
    solid = {n for n in final if best[n][0] == ("3d",)}
    if solid:
        final = solid  # pictures beside a mesh are views of it
    if len({gives for n, (gives, _) in best.items() if n in final}) > 1:
        final = {n for n in final if any(known.media[g] == best[n][0] for g in known.last[n])} or final
    return tuple(
        Deliverable(plain.ids[n], plain.labels[n] or plain.types[n], gives, n in final, plain.ids[sink], known.stage[n], depth[sink])
        for n, (gives, sink) in best.items()
    )
