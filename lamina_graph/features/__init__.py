"""Facts about a workflow's graph: roles, stages, deliverables, shape, counts, ages, as one frozen record."""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from pydantic import Field, SkipValidation, computed_field, field_serializer

from lamina_graph.features.acyclic import open_cycles
from lamina_graph.features.deliverables import Deliverable, find_deliverables
from lamina_graph.features.generations import Generations, find_generations
from lamina_graph.features.modalities import Media, find_modalities
from lamina_graph.features.nodes import NodeFacts, readable_title
from lamina_graph.features.roles import read_roles
from lamina_graph.features.shape import Shape, find_shape
from lamina_graph.graph import Adjacency, adjacency, connected_components, depths
from lamina_graph.model import Value, Workflow
from lamina_graph.text import pluralize
from lamina_graph.vocabulary import Modality, Reading, Vocabulary

__all__ = [
    "Deliverable",
    "Features",
    "NodeFacts",
    "Shape",
    "features",
    "features_from_adjacency",
    "open_cycles",
    "readable_title",
]


class Features(Value):
    """Facts of one workflow. They speak of its well-formed part, as `lamina_graph.graph` defines it.

    Attributes:
        nodes, edges: how many there are.
        wires: how many edges there are where those between other sockets of two nodes are others.
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
        passes: the longest chain of runs of one model, each on what the one before made; empty where it runs
            once.
        refinements: the longest chain of refinements (upscaling, interpolation, detailing) of one generation.
        facts: the facts of each node, in the workflow's order.
        edges_known: whether it is known which nodes feed which. Where not, whatever follows from edges is
            empty or 0, and means nothing.
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
    wires: int = 0
    facts: SkipValidation[tuple[NodeFacts, ...]] = Field(repr=False)
    edges_known: bool = True

    def within(self, ids: Container[str]) -> "Features":
        """Return these features with the nodes and deliverables of some ids alone; the rest is of the whole.

        >>> from lamina_graph.files import load
        >>> two = features(load({"nodes": [{"id": "a", "type": "t"}, {"id": "b", "type": "t"}], "edges": []}))
        >>> [node.id for node in two.within({"b"}).facts]
        ['b']
        """
        kept = {
            "facts": tuple([node for node in self.facts if node.id in ids]),
            "deliverables": tuple(
                [deliverable for deliverable in self.deliverables if deliverable.id in ids]
            ),
        }
        return Features(**{name: getattr(self, name) for name in type(self).model_fields} | kept)

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
        """When the first and the last node were put on the canvas, as far as their ids are dated."""
        stamps = [node.created_at for node in self.facts if node.created_at]
        return (min(stamps), max(stamps)) if stamps else None

    @field_serializer("facts")
    def _as_objects(self, facts: tuple[NodeFacts, ...]) -> list[dict[str, Any]]:
        return [
            node._asdict() | {"subjects": sorted(node.subjects), "made": node.created_at} for node in facts
        ]

    def __repr__(self) -> str:
        counts = f"{pluralize(self.nodes, 'node')}, {pluralize(self.edges, 'edge')}"
        return f"<Features: {counts}, {self.shape}, {pluralize(self.stages, 'stage')}>"


def features(w: Workflow, *, vocabulary: Vocabulary | None = None, labels: bool = True) -> Features:
    """Return the facts of a workflow, from a few walks over plain adjacency, each in step with the graph.

    Args:
        w: the workflow.
        vocabulary: what words in node types mean; that of the package where not given.
        labels: whether a node's label is read where its type says nothing.

    >>> from lamina_graph.files import load
    >>> facts = features(load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []}))
    >>> facts.shape, facts.stages, facts.output_modalities
    ('single', 1, ('video',))
    """
    adj = adjacency(w)
    if vocabulary is None and labels:
        return w.derive(_make_features)
    return features_from_adjacency(adj, vocabulary=vocabulary, labels=labels)


def _make_features(w: Workflow) -> Features:
    return features_from_adjacency(adjacency(w))


def features_from_adjacency(
    adj: Adjacency, *, vocabulary: Vocabulary | None = None, labels: bool = True
) -> Features:
    """Return the facts of a graph at hand as adjacency.

    Args:
        adj: the graph.
        vocabulary: what words in node types mean; that of the package where not given.
        labels: whether a node's label is read where its type says nothing.

    >>> from lamina_graph.files import load
    >>> features_from_adjacency(adjacency(load({"nodes": [], "edges": []}))).shape
    'empty'
    """
    acyclic = open_cycles(adj)
    readings, inferred = read_roles(adj, acyclic, vocabulary or Vocabulary.default(), labels)
    media = find_modalities(acyclic, readings, adj.carried)
    generations = find_generations(acyclic, readings, media)
    components = connected_components(adj.successors)
    component = [0] * len(adj)
    for i, members in enumerate(components):
        for node in members:
            component[node] = i
    depth = depths(acyclic.nodes, acyclic.after)
    ids, into, out = adj.ids, list(map(len, adj.predecessors)), list(map(len, adj.successors))
    steps = [reading.role in ("generate", "transform") for reading in readings]
    inputs = [node for node, reading in enumerate(readings) if reading.role == "input"]
    leaving = find_deliverables(adj, acyclic, readings, media, generations, depth)
    if not adj.edges_known:
        return _features_of_nodes(adj, _node_facts(adj, readings, inferred, media, generations, component))
    return Features(
        nodes=len(ids),
        edges=sum(out),
        components=len(components),
        depth=max(depth, default=0),
        width=max(Counter(depth).values(), default=0),
        fan_in=max(into, default=0),
        fan_out=max(out, default=0),
        steps=sum(steps),
        generations=len(set(generations.first) - {None}),
        stages=max(generations.stage, default=0),
        shape=find_shape(adj, acyclic, component, steps),
        sources=tuple([id_ for id_, edges in zip(ids, into, strict=True) if not edges]),
        sinks=tuple([id_ for id_, edges in zip(ids, out, strict=True) if not edges]),
        inputs=tuple([ids[n] for n in inputs]),
        deliverables=leaving,
        input_modalities=_distinct([m for n in inputs for m in media[n]]),
        output_modalities=_distinct([m for end in leaving if end.final for m in end.modalities]),
        follows=tuple([(ids[a], ids[b]) for a, b in generations.follows]),
        passes=tuple([ids[n] for n in generations.passes]),
        refinements=tuple([ids[n] for n in generations.refinements]),
        wires=adj.wires,
        facts=_node_facts(adj, readings, inferred, media, generations, component),
    )


def _features_of_nodes(adj: Adjacency, facts: tuple[NodeFacts, ...]) -> Features:
    """Return what is known where the nodes are all there is: counts of them, and nothing of how they meet."""
    return Features(
        nodes=len(adj),
        edges=0,
        components=0,
        depth=0,
        width=0,
        steps=sum(node.role in ("generate", "transform") for node in facts),
        generations=sum(node.generation == node.id for node in facts),
        stages=0,
        shape="unknown",
        sources=(),
        sinks=(),
        inputs=(),
        deliverables=(),
        input_modalities=(),
        output_modalities=(),
        facts=tuple([node._replace(stage=None) for node in facts]),
        edges_known=False,
    )


def _node_facts(
    adj: Adjacency,
    readings: Sequence[Reading],
    inferred: Sequence[bool],
    media: Sequence[Media],
    generations: Generations,
    component: Sequence[int],
) -> tuple[NodeFacts, ...]:
    """Return the facts of each node; whole columns are put together, which takes a third of the time."""
    ids, types = adj.ids, adj.types
    titles = [label or type_ for label, type_ in zip(adj.labels, types, strict=True)]
    stages = [stage or None for stage in generations.stage]
    firsts = [None if first is None else ids[first] for first in generations.first]
    columns = zip(*readings, strict=True) if readings else [()] * len(Reading._fields)
    role, part, task, _, _, brand, subjects, certainty, _, words = columns
    rows = zip(
        ids, types, titles, role, task, media, stages, part, brand, firsts,
        certainty, inferred, component, words, subjects, strict=True,
    )  # fmt: skip
    make = partial(
        tuple.__new__, NodeFacts
    )  # as `NodeFacts._make`, which counts the fields of each row again
    return tuple(map(make, rows))


def _distinct(modalities: Iterable[Modality]) -> tuple[Modality, ...]:
    return tuple(sorted(set(modalities)))
