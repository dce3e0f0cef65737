"""How alike two graphs are: the cosine between counts of their nodes and edges.

These are the vertex and edge histograms of Sugiyama and Borgwardt (Halting in Random Walk Kernels, NIPS
2015), taken twice: by the types of nodes, and by what the nodes do, so that a pipeline stays near when
another model takes the place of one in it. A count goes in by its square root, so that fifteen like
branches do not drown the rest. Between versions of real graphs this finds the right one more often than
Weisfeiler-Lehman features do: there one node put into a small graph changes nearly every colour.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import sqrt
from typing import TypeVar

from lamina_graph.features import Features, features
from lamina_graph.graph import Adjacency, adjacency, refine_colors
from lamina_graph.model import Workflow
from lamina_graph.vocabulary import Vocabulary

Part = tuple[str, ...]
"""What is counted: `("type", of a node)`, `("type", of a source, of its target)`; by `"kind"` likewise."""

P = TypeVar("P")

Vector = Mapping[P, float]
"""The weight of each part of a graph; the vector's length is 1, or 0 for a graph without nodes."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a comparison asks of a workflow.

    Attributes:
        workflow, adj: the workflow and its graph.
        certificate: equal for graphs that are the same up to ids; equality alone is no proof of that.
        parts: how often each type of node, and each pair of types with an edge between, occurs.
        vector: the weights of its nodes and edges.
        ids: its node ids that tell when they were made, and so are given only once.
    """

    workflow: Workflow
    adj: Adjacency
    certificate: bytes
    parts: Counter[Part]
    vector: Vector[Part]
    ids: frozenset[str]


def profile(
    workflow: Workflow, vocabulary: Vocabulary | None = None, *, facts: Features | None = None
) -> Profile:
    """Return what comparisons ask of a workflow; its features are worked out where they are not given."""
    adj = adjacency(workflow)
    nodes = (facts or features(workflow, vocabulary=vocabulary)).facts
    by_type = _count_parts("type", adj.types, adj.edges)
    kinds = [f"{node.role} {node.task} {' '.join(node.modalities)}" for node in nodes]
    by_kind = _count_parts("kind", kinds, adj.edges)
    return Profile(
        workflow=workflow,
        adj=adj,
        certificate=blake2b(b"".join(sorted(refine_colors(adj))), digest_size=16).digest(),
        parts=by_type,
        vector=_normalize(by_type) | _normalize(by_kind),
        ids=frozenset(node.id for node in nodes if node.created_at),
    )


def cosine_similarity(one: Vector[P], other: Vector[P]) -> float:
    """Return the cosine of two vectors: 1 where the counts are in proportion, 0 where nothing is alike."""
    if len(other) < len(one):
        one, other = other, one
    return min(1.0, sum(weight * other[part] for part, weight in one.items() if part in other))


def _count_parts(by: str, names: Sequence[str], edges: Sequence[tuple[int, int]]) -> Counter[Part]:
    parts: Counter[Part] = Counter((by, name) for name in names)
    parts.update((by, names[source], names[target]) for source, target in edges)
    return parts


def _normalize(parts: Counter[Part]) -> dict[Part, float]:
    """The weights of half of the parts of a vector: their squares add up to a half."""
    total = 2 * parts.total()
    return {part: sqrt(count / total) for part, count in sorted(parts.items())}
