"""What flows along the edges: media, and the generations that made them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lamina_graph.features.order import Order
from lamina_graph.features.roles import INSIDE
from lamina_graph.graph import Adjacency
from lamina_graph.vocabulary import Modality, Reading

_RICHEST: tuple[Modality, ...] = ("3d", "video", "audio", "vector", "image", "text", "data")
_TIMED = ("3d", "video", "audio", "vector")
_ONE_FRAME = {
    "frame",
    "frames",
    "first frame",
    "last frame",
    "get frame",
    "extract frame",
    "frame extractor",
    "from batch",
}


class Flow(NamedTuple):
    """What is known of each node, from sources to sinks.

    Attributes:
        media: what leaves the node; nothing for parts of a model.
        generation: the generation that the node belongs to as its model, by the number of its first node; else None.
        last: the latest generations at or above the node.
        stage: the most generations in a row at or above the node.
        follows: pairs of generations, the second made from the first.
    """

    media: list[tuple[Modality, ...]]
    generation: list[int | None]
    last: list[tuple[int, ...]]
    stage: list[int]
    follows: list[tuple[int, int]]


def media(plain: Adjacency, order: Order, readings: Sequence[Reading]) -> list[tuple[Modality, ...]]:
    """Return what leaves each node. Parts of a model pass on what they hint at, which is what its decoder gives."""
    given: list[tuple[Modality, ...]] = [()] * len(plain)
    hints: list[frozenset[Modality]] = [frozenset()] * len(plain)
    for node in order.nodes:
        reading = readings[node]
        above = order.before[node]
        inside = reading.part in INSIDE or reading.part == "sampler"
        if inside or reading.part == "decoder" or reading.role in ("control", "unknown"):
            hints[node] = _hints(reading, [hints[p] for p in above], [given[p] for p in above])
        if not inside or not any(readings[s].part for s in plain.successors[node]):
            given[node] = _given(reading, hints[node], [given[p] for p in above])
    _frames(plain, order, readings, given, hints)
    return given


def _hints(
    reading: Reading, above: Sequence[frozenset[Modality]], loaded: Sequence[tuple[Modality, ...]]
) -> frozenset[Modality]:
    own = {m for m in reading.gives if m in _TIMED}
    if reading.part == "encoder":
        own |= {m for given in loaded for m in given if m in ("video", "audio")}
    return frozenset(own).union(*above)


def _given(
    reading: Reading, hints: frozenset[Modality], above: Sequence[tuple[Modality, ...]]
) -> tuple[Modality, ...]:
    passing = _richest(m for given in above for m in given)
    if reading.part in ("decoder", "sampler"):
        if reading.named and reading.part == "decoder" and reading.gives[0] in ("audio", "3d"):
            return reading.gives
        return (next((m for m in ("3d", "video", "audio") if m in hints), "image"),)
    if reading.role == "control":
        return reading.gives or passing
    if reading.role in ("output", "unknown"):
        return passing if passing in (("video",), ("3d",)) or not reading.gives else reading.gives
    if reading.role == "transform":
        frame = reading.gives == ("image",) and _ONE_FRAME & set(reading.words)
        return (
            passing
            if passing
            and (not reading.gives or (passing == ("video",) and reading.gives == ("image",) and not frame))
            else reading.gives
        )
    if reading.role == "generate":
        return reading.gives or (
            next((m for m in _TIMED if m in hints), None)
            or (passing[0] if passing and passing != ("text",) else "image"),
        )
    return reading.gives


def _richest(found: Iterable[Modality]) -> tuple[Modality, ...]:
    present = set(found)
    return next(((m,) for m in _RICHEST if m in present), ())


def _frames(
    plain: Adjacency,
    order: Order,
    readings: Sequence[Reading],
    given: list[tuple[Modality, ...]],
    hints: Sequence[frozenset[Modality]],
) -> None:
    """Decoded pictures that become a video are its frames."""
    for node in reversed(order.nodes):
        reading = readings[node]
        if given[node] != ("image",) or not (
            reading.part in ("decoder", "sampler") or reading.role in ("transform",)
        ):
            continue
        if any(
            given[s] == ("video",) and readings[s].role in ("output", "transform") and readings[s].named
            for s in order.after[node]
        ):
            given[node] = ("video",)


def flow(
    plain: Adjacency, order: Order, readings: Sequence[Reading], given: list[tuple[Modality, ...]]
) -> Flow:
    """Return the generations: which node starts which, and how many follow each other."""
    size = len(plain)
    counted = _counted(order, readings, given)
    generation: list[int | None] = [None] * size
    last: list[tuple[int, ...]] = [()] * size
    stage = [0] * size
    open_: list[tuple[int, ...]] = [()] * size
    models: list[frozenset[int]] = [frozenset()] * size
    follows: list[tuple[int, int]] = []
    for node in order.nodes:
        reading = readings[node]
        above = order.before[node]
        known = tuple(dict.fromkeys(g for p in above for g in last[p]))
        stage[node] = max((stage[p] for p in above), default=0)
        if reading.part is not None and reading.part != "decoder":
            models[node] = frozenset().union(*(models[p] for p in above))
            open_[node] = tuple(dict.fromkeys(g for p in above for g in open_[p]))
        if reading.part == "model" and not models[node]:
            models[node] = frozenset((node,))
        if counted[node]:
            if reading.part == "sampler":
                same = open_[node] or tuple(
                    g
                    for g in known
                    if models[g] & models[node] or models[g] == models[node] and readings[g].part == "sampler"
                )
                if same:
                    generation[node] = same[0]
                    models[same[0]] |= models[node]
                    known = same[:1]
                    stage[node] = max(stage[node], stage[same[0]])
                else:
                    follows += [(g, node) for g in known]
                    generation[node], known = node, (node,)
                    stage[node] += 1
                open_[node] = known
            else:
                follows += [(g, node) for g in known]
                generation[node], known = node, (node,)
                stage[node] += 1
        last[node] = known[:16]
    return Flow(given, generation, last, stage, follows)


def _counted(order: Order, readings: Sequence[Reading], given: Sequence[tuple[Modality, ...]]) -> list[bool]:
    """Return which nodes make new media. Text that only serves to make other media does not count, unless it is a work of its own."""
    counted = [False] * len(readings)
    serves = [False] * len(readings)
    for node in reversed(order.nodes):
        serves[node] = any(serves[s] or (counted[s] and given[s] != ("text",)) for s in order.after[node])
        reading = readings[node]
        if reading.role == "generate":
            counted[node] = (
                given[node] != ("text",) or not serves[node] or _WORKS & set(reading.words) != set()
            )
    return counted


_WORKS = {
    "script",
    "story",
    "script writer",
    "storyboard",
    "screenplay",
    "lyrics",
    "dialogue",
    "copywriter",
    "copywriting",
    "podcast",
}
