"""What each node is: by its words, and where these do not settle it, by what flows along its edges.

In a graph that spells a model out, parts of the model stand between the media. A node that is neither is known by its
neighbours: what takes latents and feeds a file is a decoder, whatever it is called.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from lamina_graph.features.order import Order
from lamina_graph.graph import Adjacency
from lamina_graph.vocabulary import Reading, Vocabulary

INSIDE = frozenset(("conditioning", "latent", "encoder", "patch", "model", "aux"))
"""The parts whose results never leave a spelled-out model."""


def roles(plain: Adjacency, order: Order, vocabulary: Vocabulary) -> tuple[list[Reading], list[bool]]:
    """Return a reading for each node, and whether the graph had to settle it."""
    readings = [vocabulary.read(type_) for type_ in plain.types]
    settled = [False] * len(plain)
    spelled = any(reading.part == "sampler" for reading in readings)
    for node in order.nodes:
        reading = readings[node]
        if (
            reading.role in ("generate", "transform")
            and reading.part is None
            and _conditions(node, readings, plain)
        ):
            readings[node] = reading._replace(role="control", part="conditioning", task=None)
        elif spelled and reading.task == "edit" and reading.brand is None and reading.role == "generate":
            readings[node] = reading._replace(role="transform")
        elif reading.role == "generate" and not reading.named and _serves_its_brand(node, readings, plain):
            readings[node] = reading._replace(role="control")
    _settle(plain, order, readings, settled)
    return readings, settled


def _conditions(node: int, readings: Sequence[Reading], plain: Adjacency) -> bool:
    """Whether a named model only conditions another: it feeds a sampler or its parts, and no medium leaves it."""
    after = {readings[s].part for s in plain.successors[node]}
    if "sampler" in after and readings[node].role == "generate":
        return True
    before = {readings[p].part for p in plain.predecessors[node]}
    if not before & INSIDE:
        return bool(after) and after <= {"latent", "patch"}
    if before & {"conditioning", "latent", "sampler"} and "decoder" in after:
        return True
    return bool(after & {"latent", "patch"}) or (bool(after) and after <= INSIDE - {"encoder"})


def _serves_its_brand(node: int, readings: Sequence[Reading], plain: Adjacency) -> bool:
    """Whether a vendor's node that names no medium only feeds nodes of the same vendor that do: then it is their setting."""
    brand = readings[node].brand
    after = [readings[s] for s in plain.successors[node]]
    return brand is not None and bool(after) and all(s.brand == brand and s.named for s in after)


def _settle(plain: Adjacency, order: Order, readings: list[Reading], settled: list[bool]) -> None:
    """Settle open nodes by their neighbours, again for each neighbour of a node just settled, until nothing changes."""
    waiting = [node for node in order.nodes if _open(readings[node])]
    queued = set(waiting)
    for node in waiting:
        queued.discard(node)
        if not _open(readings[node]):
            continue
        answer = _inferred(node, readings, plain)
        if answer is None:
            continue
        readings[node], settled[node] = answer, True
        for other in (*plain.predecessors[node], *plain.successors[node]):
            if other not in queued and _open(readings[other]):
                queued.add(other)
                waiting.append(other)


def _open(reading: Reading) -> bool:
    return reading.role == "unknown"


def _inferred(node: int, readings: Sequence[Reading], plain: Adjacency) -> Reading | None:
    into = {_flow(readings[p]) for p in plain.predecessors[node]}
    onto = {_need(readings[s]) for s in plain.successors[node]}
    for condition, role, part in _INFERENCES:
        if condition(into, onto):
            reading = readings[node]
            return reading._replace(role=role, part=part, certainty=0.4)
    return None


def _flow(reading: Reading) -> str:
    """Return what comes out of a node: of a part of a model, of one that handles media, or nothing known."""
    if reading.part == "sampler":
        return "sampled"
    if reading.part == "decoder":
        return "made"
    if reading.part in INSIDE:
        return (
            "latent"
            if reading.part in ("latent", "encoder")
            else "cond"
            if reading.part == "conditioning"
            else "model"
        )
    if reading.role == "unknown":
        return "?"
    if reading.role == "control":
        return "text" if reading.gives == ("text",) else "data"
    if reading.gives == ("text",):
        return "text"
    return "loaded" if reading.role == "input" else "made"


def _need(reading: Reading) -> str:
    if reading.part == "encoder":
        return "media"
    if reading.part in INSIDE or reading.part in ("sampler", "decoder"):
        return str(reading.part)
    return {"output": "output", "unknown": "?", "control": "control"}.get(reading.role, "media")


_IN = {"sampler", "conditioning", "latent", "patch", "model", "aux"}
_INFERENCES: tuple[Any, ...] = (
    # what takes conditioning and latents and feeds a decoder samples
    (lambda into, onto: "decoder" in onto and {"cond", "latent", "sampled"} & into, "generate", "sampler"),
    # what takes what was sampled and feeds media, or nothing, decodes
    (lambda into, onto: "sampled" in into and not onto & (_IN | {"decoder", "?"}), "transform", "decoder"),
    # what feeds parts of a model, and takes none but such, is one
    (lambda into, onto: onto & (_IN | {"decoder"}) and not into, "control", "aux"),
    (
        lambda into, onto: onto & (_IN | {"decoder"}) and not into & {"made", "loaded", "?"},
        "control",
        "conditioning",
    ),
    (lambda into, onto: onto and onto <= _IN and "?" not in into, "control", "conditioning"),
    # what takes a model's parts and gives media is the model
    (lambda into, onto: into & {"cond", "latent"} and not onto & (_IN | {"?"}), "generate", None),
    # what ends a graph behind a finished medium keeps it
    (lambda into, onto: not onto and "made" in into, "output", None),
    # what stands between what was loaded and the end makes it
    (lambda into, onto: {"loaded", "text"} & into and onto <= {"output"}, "generate", None),
    (lambda into, onto: "made" in into and onto & {"output", "media"}, "transform", None),
    (lambda into, onto: not into and onto & {"media"}, "input", None),
    (lambda into, onto: not into and onto & {"output"}, "generate", None),
    (lambda into, onto: into & {"loaded", "text"} and "media" in onto, "generate", None),
)
"""What comes in, what it must be good for, and what such a node is; the first that holds decides."""
