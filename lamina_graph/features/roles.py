"""What each node is: by its words, and where these do not settle it, by what flows along its edges.

In a graph that spells a model out, parts of the model stand between the media; where a node stands may make
it another thing than its words say.
"""

from collections.abc import Sequence
from typing import NamedTuple

from lamina_graph.features.inference import INSIDE, settle, wanted_medium
from lamina_graph.features.order import Order
from lamina_graph.graph import Adjacency
from lamina_graph.vocabulary import Modality, Part, Reading, Role, Vocabulary

_STEPS = ("generate", "transform")
_TITLE = 60
"""Characters of a label that names its node; a longer one tells of it, and of other things."""


class Columns(NamedTuple):
    """What each node is, as one column for each field of `Reading`; most walks look at two or three."""

    role: Sequence[Role] = ()
    part: Sequence[Part | None] = ()
    task: Sequence[str | None] = ()
    takes: Sequence[tuple[Modality, ...]] = ()
    gives: Sequence[tuple[Modality, ...]] = ()
    brand: Sequence[str | None] = ()
    subjects: Sequence[frozenset[str]] = ()
    certainty: Sequence[float] = ()
    named: Sequence[bool] = ()
    words: Sequence[tuple[str, ...]] = ()


def roles(plain: Adjacency, order: Order, vocabulary: Vocabulary, labels: bool) -> tuple[Columns, list[bool]]:
    """Return what each node is, and whether the graph had to settle it.

    Args:
        plain: the graph.
        order: the order of its nodes.
        vocabulary: what words mean.
        labels: whether a label is read where the words of a type say nothing, or only name a vendor.
    """
    readings = vocabulary.readings(plain.types)
    parts = {reading.part for reading in readings}
    if labels:
        _read_labels(plain, readings, vocabulary, parts == {None})
    entries = [node for node, reading in enumerate(readings) if _is_called_input(reading)]
    for node in entries:
        readings[node] = _entry(node, readings, plain, vocabulary if labels else None)
    open_ = [node for node, reading in enumerate(readings) if reading.role == "unknown"]
    if parts != {None}:
        _place(plain, order, readings, "sampler" in parts)
    for node, reading in enumerate(readings):
        if reading.brand and not reading.named and _serves_its_brand(node, readings, plain):
            readings[node] = reading._replace(role="control")
    settled = [False] * len(plain)
    if open_:
        settle(plain, order, readings, settled, open_)
    for node in entries:
        if readings[node].role == "input" and not readings[node].gives:
            wanted = wanted_medium([readings[s] for s in plain.successors[node]])
            readings[node] = readings[node]._replace(gives=wanted)
    return Columns(*zip(*readings, strict=True)), settled


def _read_labels(plain: Adjacency, readings: list[Reading], vocabulary: Vocabulary, everyday: bool) -> None:
    """Read the label of a node whose type says nothing, or only names a vendor that makes several media."""
    for node, reading in enumerate(readings):
        if reading.certainty > _VAGUE:
            continue
        vague = reading.role == "generate" and not reading.named
        label = plain.labels[node] if vague or reading.role == "unknown" else None
        if label and label != plain.types[node] and len(label) <= _TITLE:
            said = vocabulary.read(label, everyday=everyday)
            if said.role != "unknown" and (not vague or (said.role in _STEPS and said.part is None)):
                brand = said.brand or reading.brand
                readings[node] = said._replace(brand=brand, certainty=min(said.certainty, _VAGUE))


_VAGUE = 0.6


def _is_called_input(reading: Reading) -> bool:
    """Whether a word calls a node an input, as against one that is loaded or uploaded for certain."""
    return reading.role == "input" and reading.certainty <= _CALLED


_CALLED = 0.8
_UNTOLD: tuple[tuple[Modality, ...], ...] = ((), ("data",))


def _entry(
    node: int, readings: Sequence[Reading], plain: Adjacency, vocabulary: Vocabulary | None
) -> Reading:
    """Return what stands where a node is called an input: one that is fed, or sets up a model, is none.

    Its label may name the medium that its type leaves open.
    """
    reading, after = readings[node], [readings[s] for s in plain.successors[node]]
    untold = reading.gives in _UNTOLD
    if plain.predecessors[node] or (untold and after and all(each.part is not None for each in after)):
        return reading._replace(role="control")
    label = plain.labels[node]
    if vocabulary is None or reading.gives or not label or len(label) > _TITLE:
        return reading
    return reading._replace(gives=vocabulary.read(label).gives)


def _place(plain: Adjacency, order: Order, readings: list[Reading], sampled: bool) -> None:
    """Say of what could be steps what they are where they stand: from either end of the graph."""
    for node in order.nodes:
        reading = readings[node]
        if reading.part == "model" and _is_run(reading, [readings[p] for p in plain.predecessors[node]]):
            readings[node] = reading._replace(role="generate", part=None)
        elif reading.role == "control" and reading.part is None and _samples(node, readings, plain):
            readings[node] = reading._replace(role="generate", part="sampler", gives=())
    movable = [n for n in order.nodes if readings[n].role in _STEPS and readings[n].part in (None, "sampler")]
    for node in (*movable, *reversed(movable)):
        readings[node] = _in_place(node, readings, plain, sampled)


def _samples(node: int, readings: Sequence[Reading], plain: Adjacency) -> bool:
    """Whether a node takes what conditions a model and feeds a decoder: between the two stands a sampler."""
    decoders = [s for s in plain.successors[node] if readings[s].part == "decoder"]
    before = {readings[p].part for p in plain.predecessors[node]}
    if not decoders or "conditioning" not in before or "sampler" in before:
        return False
    return all(readings[p].part != "sampler" for s in decoders for p in plain.predecessors[s])


def _is_run(model: Reading, before: Sequence[Reading]) -> bool:
    """Whether a model is run where it stands, not loaded: it takes something to see or hear."""
    brought = {m for each in before if each.part is None and each.role in _MEDIA for m in each.gives}
    return not _SEEN.isdisjoint(brought) and _LOADING.isdisjoint(model.words)


_MEDIA = ("input", *_STEPS)
_SEEN = frozenset(("image", "video", "audio", "3d"))
_LOADING = frozenset(("load", "loader", "加载"))


def _in_place(node: int, readings: Sequence[Reading], plain: Adjacency, sampled: bool) -> Reading:
    """Return what a node is where it stands: what conditions a model, sets it up or helps it is no step."""
    reading = readings[node]
    if reading.part == "sampler" and not plain.predecessors[node] and plain.successors[node]:
        return reading._replace(role="control", part=None)
    if reading.part is not None or reading.role not in _STEPS:
        return reading
    if _conditions(node, readings, plain):
        return reading._replace(role="control", part="conditioning", task=None)
    if reading.role == "generate" and reading.brand is None and reading.task == "edit" and sampled:
        return reading._replace(role="transform")
    return reading


def _conditions(node: int, readings: Sequence[Reading], plain: Adjacency) -> bool:
    """Whether a named model only conditions another: it feeds parts of it, and no medium leaves it."""
    after = {readings[s].part for s in plain.successors[node]}
    if "sampler" in after and readings[node].role == "generate":
        return True
    before = {readings[p].part for p in plain.predecessors[node]}
    if (
        before & {"conditioning", "latent"}
        and after
        and all(readings[s].role == "unknown" for s in plain.successors[node])
    ):
        return True
    if not before & INSIDE:
        return bool(after) and after <= {"latent", "patch"}
    if before & {"conditioning", "latent", "sampler"} and "decoder" in after:
        return True
    return bool(after & {"latent", "patch"}) or (bool(after) and after <= INSIDE - {"encoder"})


def _serves_its_brand(node: int, readings: Sequence[Reading], plain: Adjacency) -> bool:
    """Whether a vendor's node only feeds steps of the same vendor that name a medium: it is their setting."""
    reading, after = readings[node], plain.successors[node]
    return (
        reading.role == "generate" and bool(after) and all(_is_of(readings[s], reading.brand) for s in after)
    )


def _is_of(reading: Reading, brand: str | None) -> bool:
    """Whether a node is a step of a vendor that names a medium."""
    return reading.brand == brand and reading.named and reading.role in _STEPS
