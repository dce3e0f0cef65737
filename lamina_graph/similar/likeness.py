"""How alike two graphs are: the cosine of their Weisfeiler-Lehman features.

A node counts by its colours after no, one and two rounds of refinement (Shervashidze et al.,
Weisfeiler-Lehman Graph Kernels, JMLR 2011): by its type, by its type among its neighbours' types, and by theirs
among their own. It counts once more by what it does instead of by its type, so that a pipeline stays near when
another model takes the place of one in it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import sqrt

from lamina_graph.features import NodeFacts, features
from lamina_graph.graph import Adjacency, adjacency, colours
from lamina_graph.model import Workflow

ROUNDS = 2
"""How many steps around a node its colours tell of."""

SHARES = {"type": 0.5, "kind": 0.5}
"""How much of the likeness lies in what nodes are called, and how much in what they do."""

Vector = Mapping[bytes, float]
"""The weight of each colour that a graph has; the vector's length is 1, or 0 for a graph without nodes."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a comparison asks of a workflow.

    Attributes:
        workflow, plain: the workflow and its graph.
        certificate: equal for graphs that are the same up to ids; equality alone is no proof of that.
        surroundings: how often each type is found among the same types of neighbours.
        vector: its Weisfeiler-Lehman features.
        ids: its node ids that tell when they were made, and so are given only once.
    """

    workflow: Workflow
    plain: Adjacency
    certificate: bytes
    surroundings: Counter[bytes]
    vector: Vector
    ids: frozenset[str]


def profile(workflow: Workflow) -> Profile:
    """Return what comparisons ask of a workflow."""
    plain = adjacency(workflow)
    facts = features(workflow).facts
    by_type = list(_rounds(plain, plain.types))
    by_kind = list(_rounds(plain, [_kind(node) for node in facts]))
    return Profile(
        workflow=workflow,
        plain=plain,
        certificate=blake2b(b"".join(sorted(by_type[-1])), digest_size=16).digest(),
        surroundings=Counter(by_type[1]),
        vector=_vector(by_type, b"type") | _vector(by_kind, b"kind"),
        ids=frozenset(node.id for node in facts if node.made),
    )


def likeness(one: Vector, other: Vector) -> float:
    """Return the cosine of two vectors: 1 where the graphs look the same, 0 where nothing is alike."""
    if len(other) < len(one):
        one, other = other, one
    return min(1.0, sum(weight * other[colour] for colour, weight in one.items() if colour in other))


def _kind(node: NodeFacts) -> str:
    return f"{node.role} {node.task} {' '.join(node.modalities)}"


def _rounds(plain: Adjacency, seeds: Sequence[str]) -> Iterator[list[bytes]]:
    now = colours(plain, seeds, rounds=0)
    yield now
    for _ in range(ROUNDS):
        now = colours(plain, [colour.hex() for colour in now], rounds=1)
        yield now


def _vector(rounds: Sequence[Sequence[bytes]], of: bytes) -> dict[bytes, float]:
    counts = Counter(
        b"%s %d %s" % (of, number, colour) for number, now in enumerate(rounds) for colour in now
    )
    length = sqrt(sum(count * count for count in counts.values()))
    scale = sqrt(SHARES[of.decode()]) / length if length else 0.0
    return {colour: count * scale for colour, count in sorted(counts.items())}
