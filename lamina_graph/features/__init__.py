"""Facts about a workflow's graph: roles, stages, deliverables, shape, counts, ages, as one frozen record."""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from datetime import datetime
from functools import cached_property
from itertools import compress
from typing import Any

from pydantic import Field, SkipValidation, computed_field, field_serializer

from lamina_graph.features.deliverables import Deliverable, deliverables
from lamina_graph.features.generations import Flow, flow
from lamina_graph.features.modalities import Media, media
from lamina_graph.features.nodes import NodeFacts, Table
from lamina_graph.features.order import order
from lamina_graph.features.roles import Columns, roles
from lamina_graph.features.shape import Shape, components, depths, shape, width
from lamina_graph.graph import Adjacency, adjacency
from lamina_graph.model import Value, Workflow
from lamina_graph.vocabulary import Modality, Vocabulary

__all__ = ["Deliverable", "Features", "NodeFacts", "Shape", "Table", "features"]


class Features(Value):
    """Facts of one workflow. They speak of its well-formed part, as `lamina_graph.graph` defines it.

    Attributes:
        nodes, edges: how many there are.
        components: weakly connected components.
        depth: edges on the longest path, each cycle opened where it is entered.
        width: the most nodes at one depth.
        fan_in, fan_out: the most edges into one node, and out of one.
        steps: nodes that generate or transform.
        generations: models that make new media; in graphs that spell a model out, its loader, sampler and
            decoder are one.
        stages: generations on the longest chain of generations.
        shape: the first that holds of empty, cyclic, disconnected, single, chain, diamond, fan-in, fan-out,
            dag.
        sources, sinks: the ids of nodes that nothing feeds, and that feed nothing.
        inputs: the ids of nodes through which media enter.
        deliverables: what leaves: sinks that are steps, and what feeds sinks that are output nodes.
        input_modalities, output_modalities: what enters, and what the final deliverables are.
        follows: pairs of generations, by the ids of their first nodes, the second made from the first.
        passes: the longest row of runs of one model, each on what the one before made; empty where it runs
            once.
        refinements: the longest row of refinements (upscaling, interpolation, detailing) of one generation.
        table: what is known of each node, as columns in the workflow's order.
    """

    nodes: int
    edges: int
    components: int
    depth: int
    width: int
    fan_in: int = 0
    fan_out: int = 0
    steps: int
    generations: int
    stages: int
    shape: Shape
    sources: tuple[str, ...]
    sinks: tuple[str, ...]
    inputs: tuple[str, ...]
    deliverables: SkipValidation[tuple[Deliverable, ...]]
    input_modalities: tuple[Modality, ...]
    output_modalities: tuple[Modality, ...]
    follows: SkipValidation[tuple[tuple[str, str], ...]] = ()
    passes: tuple[str, ...] = ()
    refinements: tuple[str, ...] = ()
    table: SkipValidation[Table] = Field(exclude=True, repr=False)

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def facts(self) -> tuple[NodeFacts, ...]:
        """What is known of each node, in the workflow's order."""
        return self.table.rows()

    def within(self, ids: Container[str]) -> "Features":
        """Return these features with the nodes and deliverables of some ids alone; the rest is of the whole.

        >>> from lamina_graph.model import load
        >>> two = features(load({"nodes": [{"id": "a", "type": "t"}, {"id": "b", "type": "t"}], "edges": []}))
        >>> [node.id for node in two.within({"b"}).facts]
        ['b']
        """
        kept = [id_ in ids for id_ in self.table.id]
        table = Table._make(tuple(compress(column, kept)) for column in self.table)
        ends = tuple(each for each in self.deliverables if each.id in ids)
        given = {name: getattr(self, name) for name in type(self).model_fields}
        return Features(**given | {"table": table, "deliverables": ends})

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def pipelines(self) -> int:
        """Components that have a step: pipelines that do not depend on each other."""
        return len({node.component for node in self.facts if node.role in ("generate", "transform")})

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def motifs(self) -> dict[str, int]:
        """How many nodes show each data-oriented motif of scientific workflows (Garijo et al. 2014).

        The motifs that fit here: retrieval (inputs), preparation (transforming what no generation made),
        analysis (captioning, segmenting, reading depth or pose), generation (no motif of theirs: there,
        workflows compute, they do not make), combination (assembling), visualization (outputs that only let
        people look), and movement (other outputs).
        """
        counts = Counter(motif for node in self.facts if (motif := node.motif))
        return dict(sorted(counts.items()))

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def made(self) -> tuple[datetime, datetime] | None:
        """When the first and the last node were put on the canvas, as far as ids tell."""
        stamps = [node.made for node in self.facts if node.made]
        return (min(stamps), max(stamps)) if stamps else None

    @field_serializer("facts")
    def _listed(self, facts: tuple[NodeFacts, ...]) -> list[dict[str, Any]]:
        return [node._asdict() | {"subjects": sorted(node.subjects), "made": node.made} for node in facts]


def features(w: Workflow, *, vocabulary: Vocabulary | None = None, labels: bool = True) -> Features:
    """Return the facts of a workflow, told in a few walks over plain adjacency, each in step with the graph.

    Args:
        w: the workflow.
        vocabulary: what words in node types mean; that of the package where not given.
        labels: whether a node's label is read where its type says nothing.

    >>> from lamina_graph.model import load
    >>> facts = features(load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []}))
    >>> facts.shape, facts.stages, facts.output_modalities
    ('single', 1, ('video',))
    """
    return of(adjacency(w), vocabulary or Vocabulary.default(), labels)


def of(plain: Adjacency, vocabulary: Vocabulary, labels: bool = True) -> Features:
    """Return the facts of a graph at hand as plain adjacency."""
    walk = order(plain)
    said, settled = roles(plain, walk, vocabulary, labels)
    given = media(walk, said)
    known = flow(walk, said, given)
    component, count = components(plain)
    depth = depths(walk)
    ids, into, out = plain.ids, list(map(len, plain.predecessors)), list(map(len, plain.successors))
    steps = [role == "generate" or role == "transform" for role in said.role]
    inputs = [node for node, role in enumerate(said.role) if role == "input"]
    ends = deliverables(plain, walk, said, given, known, depth)
    return Features(
        nodes=len(ids),
        edges=sum(out),
        components=count,
        depth=max(depth, default=0),
        width=width(depth),
        fan_in=max(into, default=0),
        fan_out=max(out, default=0),
        steps=sum(steps),
        generations=len(set(known.generation) - {None}),
        stages=max(known.stage, default=0),
        shape=shape(plain, walk, component, steps),
        sources=tuple([id_ for id_, edges in zip(ids, into, strict=True) if not edges]),
        sinks=tuple([id_ for id_, edges in zip(ids, out, strict=True) if not edges]),
        inputs=tuple([ids[n] for n in inputs]),
        deliverables=ends,
        input_modalities=_sorted([m for n in inputs for m in given[n]]),
        output_modalities=_sorted([m for end in ends if end.final for m in end.modalities]),
        follows=tuple([(ids[a], ids[b]) for a, b in known.follows]),
        passes=tuple([ids[n] for n in known.passes]),
        refinements=tuple([ids[n] for n in known.refined]),
        table=_table(plain, said, given, known, settled, component),
    )


def _table(
    plain: Adjacency,
    said: Columns,
    given: Sequence[Media],
    known: Flow,
    settled: Sequence[bool],
    component: Sequence[int],
) -> Table:
    ids = plain.ids
    return Table(
        id=ids,
        type=plain.types,
        title=tuple([label or type_ for label, type_ in zip(plain.labels, plain.types, strict=True)]),
        role=said.role,
        task=said.task,
        modalities=tuple(given),
        stage=tuple([stage or None for stage in known.stage]),
        part=said.part,
        brand=said.brand,
        generation=tuple([None if first is None else ids[first] for first in known.generation]),
        certainty=said.certainty,
        settled=tuple(settled),
        component=tuple(component),
        words=said.words,
        subjects=said.subjects,
    )


def _sorted(found: Iterable[Modality]) -> tuple[Modality, ...]:
    return tuple(sorted(set(found)))
