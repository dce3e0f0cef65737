"""What each node is: by its words, and where these do not settle it, by what flows along its edges.

In a graph that spells a model out, parts of the model stand between the media; where a node stands may make
it another thing than its words say.
"""

from collections.abc import Sequence

from lamina_graph.features.acyclic import Acyclic
from lamina_graph.features.modalities import UNCLEAR
from lamina_graph.features.role_inference import INSIDE, infer_roles, wanted_medium
from lamina_graph.features.sockets import read_part
from lamina_graph.graph import Adjacency
from lamina_graph.vocabulary import Reading, Vocabulary

PREVIEW_WORDS = frozenset(
    (
        "preview", "previewer", "compare", "comparer", "comparison", "show", "display", "viewer", "play",
        "play sound",
    )
)  # fmt: skip
"""Words of output nodes that only let people look."""
_STEPS = ("generate", "transform")
_MEDIA = ("input", *_STEPS)
_SEEN = frozenset(("image", "video", "audio", "3d"))
_LOADING = frozenset(("load", "loader", "加载"))
_VAGUE = 0.6
_CALLED_END = 0.8
_TITLE = 60
"""The longest label, in characters, that names its node; a longer one describes it and more."""


def read_roles(
    adj: Adjacency, acyclic: Acyclic, vocabulary: Vocabulary, labels: bool
) -> tuple[list[Reading], list[bool]]:
    """Return the reading of each node where it stands, and whether the graph had to settle its role.

    Args:
        adj: the graph.
        acyclic: the same without its cycles.
        vocabulary: what words mean.
        labels: whether a label is read where the words of a type say nothing, or only name a vendor.
    """
    readings = vocabulary.readings(adj.types)
    parts = {reading.part for reading in readings}
    if labels:
        _read_labels(adj, readings, vocabulary, parts == {None})
    # a word calls these an input or output, as against what is uploaded or saved for certain
    ends = [n for n, r in enumerate(readings) if r.role in ("input", "output") and r.certainty <= _CALLED_END]
    for node in ends:
        readings[node] = _place_end(node, readings, adj, vocabulary if labels else None)
    if adj.carried:
        for node, reading in enumerate(readings):
            if reading.role == "unknown":
                readings[node] = read_part(node, reading, adj)
        parts = {reading.part for reading in readings}
    unknown = [node for node, reading in enumerate(readings) if reading.role == "unknown"]
    if parts != {None}:
        _place_all(adj, acyclic, readings, "sampler" in parts)
    for node, reading in enumerate(readings):
        if reading.brand and not reading.named and _serves_its_brand(node, readings, adj):
            readings[node] = reading._replace(role="control")
    inferred = [False] * len(adj)
    if unknown:
        infer_roles(adj, acyclic, readings, inferred, unknown, vocabulary)
    for node in ends:
        if readings[node].role == "input" and not readings[node].gives:
            wanted = wanted_medium([readings[s] for s in adj.successors[node]])
            readings[node] = readings[node]._replace(gives=wanted)
    return readings, inferred


def is_preview(reading: Reading) -> bool:
    """Whether a node only lets people look."""
    return reading.role == "output" and not PREVIEW_WORDS.isdisjoint(reading.words)


def _read_labels(adj: Adjacency, readings: list[Reading], vocabulary: Vocabulary, everyday: bool) -> None:
    """Read the label of a node whose type says nothing, or only names a vendor that makes several media."""
    for node, reading in enumerate(readings):
        if reading.certainty > _VAGUE:
            continue
        vague = reading.role == "generate" and not reading.named
        label = adj.labels[node] if vague or reading.role == "unknown" else None
        if label and label != adj.types[node] and len(label) <= _TITLE:
            labelled = vocabulary.read(label, everyday=everyday)
            step = labelled.role in _STEPS and labelled.part is None
            if labelled.role != "unknown" and (not vague or step):
                brand, certainty = labelled.brand or reading.brand, min(labelled.certainty, _VAGUE)
                readings[node] = labelled._replace(brand=brand, certainty=certainty)


def _place_end(
    node: int, readings: Sequence[Reading], adj: Adjacency, vocabulary: Vocabulary | None
) -> Reading:
    """Return what stands where a node is called an end: a fed input is none, nor what only sets up a model.

    What is called an output and comes first, such as an end frame, is an input. The label of an input may
    name the medium that its type leaves open.
    """
    reading, after = readings[node], [readings[s] for s in adj.successors[node]]
    if reading.role == "output":
        first = after and not adj.predecessors[node]
        return reading._replace(role="input") if first else reading
    unclear = reading.gives in UNCLEAR
    if adj.predecessors[node] or (unclear and after and all(s.part is not None for s in after)):
        return reading._replace(role="control")
    label = adj.labels[node]
    if vocabulary is None or reading.gives or not label or len(label) > _TITLE:
        return reading
    return reading._replace(gives=vocabulary.read(label).gives)


def _place_all(adj: Adjacency, acyclic: Acyclic, readings: list[Reading], sampled: bool) -> None:
    """Read each node that could be a step by where it stands: from either end of the graph."""
    for node in acyclic.nodes:
        reading = readings[node]
        if reading.part == "model" and _is_run(reading, [readings[p] for p in adj.predecessors[node]]):
            readings[node] = reading._replace(role="generate", part=None)
        elif reading.role == "control" and reading.part is None and _samples(node, readings, adj):
            readings[node] = reading._replace(role="generate", part="sampler", gives=())
    movable = [
        n for n in acyclic.nodes if readings[n].role in _STEPS and readings[n].part in (None, "sampler")
    ]
    for node in (*movable, *reversed(movable)):
        readings[node] = _in_place(node, readings, adj, sampled)


def _samples(node: int, readings: Sequence[Reading], adj: Adjacency) -> bool:
    """Whether a node takes what conditions a model and feeds a decoder: between the two stands a sampler."""
    decoders = [s for s in adj.successors[node] if readings[s].part == "decoder"]
    before = {readings[p].part for p in adj.predecessors[node]}
    if not decoders or "conditioning" not in before or "sampler" in before:
        return False
    return all(readings[p].part != "sampler" for s in decoders for p in adj.predecessors[s])


def _is_run(model: Reading, before: Sequence[Reading]) -> bool:
    """Whether a model is run where it stands, not loaded: it takes something to see or hear."""
    brought = {
        m for reading in before if reading.part is None and reading.role in _MEDIA for m in reading.gives
    }
    return not _SEEN.isdisjoint(brought) and _LOADING.isdisjoint(model.words)


def _in_place(node: int, readings: Sequence[Reading], adj: Adjacency, sampled: bool) -> Reading:
    """Return what a node is where it stands: what conditions a model, sets it up or helps it is no step."""
    reading = readings[node]
    if reading.part == "sampler" and _is_setting(node, readings, adj):
        return reading._replace(role="control", part=None)
    if reading.part is not None or reading.role not in _STEPS:
        return reading
    if _conditions(node, readings, adj):
        return reading._replace(role="control", part="conditioning", task=None)
    if reading.role == "generate" and reading.brand is None and reading.task == "edit" and sampled:
        return reading._replace(role="transform")
    return reading


def _is_setting(node: int, readings: Sequence[Reading], adj: Adjacency) -> bool:
    """Whether a node called a sampler has nothing to sample: it is set up for another, or left over."""
    before, after = ([readings[n] for n in nodes[node]] for nodes in (adj.predecessors, adj.successors))
    if not before:
        return bool(after)
    set_up = {(reading.role, reading.part) for reading in before} == {("control", None)}
    return set_up and (not after or "sampler" in {reading.part for reading in after})


def _conditions(node: int, readings: Sequence[Reading], adj: Adjacency) -> bool:
    """Whether a named model only conditions another: it feeds parts of it, and no medium leaves it."""
    successors = [readings[s] for s in adj.successors[node]]
    after = {reading.part for reading in successors}
    if "sampler" in after and readings[node].role == "generate":
        return True
    before = {readings[p].part for p in adj.predecessors[node]}
    if before & {"conditioning", "latent"} and after and all(r.role == "unknown" for r in successors):
        return True
    if not before & INSIDE:
        return bool(after) and after <= {"latent", "patch"}
    if before & {"conditioning", "latent", "sampler"} and "decoder" in after:
        return True
    if "conditioning" in before and "conditioning" in after:
        return True
    return bool(after & {"latent", "patch"}) or (bool(after) and after <= INSIDE - {"encoder"})


def _serves_its_brand(node: int, readings: Sequence[Reading], adj: Adjacency) -> bool:
    """Whether a vendor's node only feeds steps of the same vendor that name a medium: it is their setting."""
    after = [readings[s] for s in adj.successors[node]]
    steps = [s for s in after if s.brand == readings[node].brand and s.named and s.role in _STEPS]
    return readings[node].role == "generate" and bool(after) and len(steps) == len(after)
