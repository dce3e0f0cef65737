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
        passes: for each node the runs of one model on what it made, in a row at or above the node.
        refined: for each node the refinements of the last generation, in a row at or above the node.
    """

    media: list[tuple[Modality, ...]]
    generation: list[int | None]
    last: list[tuple[int, ...]]
    stage: list[int]
    follows: list[tuple[int, int]]
    passes: list[tuple[int, ...]]
    refined: list[tuple[int, ...]]


def media(plain: Adjacency, order: Order, readings: Sequence[Reading]) -> list[tuple[Modality, ...]]:
    """Return what leaves each node. Parts of a model pass on what they hint at, which is what its decoder gives."""
    given: list[tuple[Modality, ...]] = [()] * len(plain)
    hints: list[frozenset[Modality]] = [frozenset()] * len(plain)
    for node in order.nodes:
        reading = readings[node]
        above = order.before[node]
        inside = reading.part in INSIDE or reading.part == "sampler"
        if inside or reading.part == "decoder" or reading.role in ("control", "unknown") or reading.certainty <= 0.6:
            hints[node] = _hints(reading, [hints[p] for p in above], [given[p] for p in above])
        if (
            not inside
            or reading.part == "sampler"
            or not any(readings[s].part for s in plain.successors[node])
        ):
            given[node] = _given(reading, hints[node], [given[p] for p in above])
    _frames(plain, order, readings, given)
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
    if reading.role == "generate" and not reading.gives:
        timed = next(((m,) for m in _TIMED if m in hints), ())
        known = timed or (passing if passing != ("text",) else ())
        return known or (("image",) if reading.certainty > 0.6 else ())
    return reading.gives


def _richest(found: Iterable[Modality]) -> tuple[Modality, ...]:
    present = set(found)
    return next(((m,) for m in _RICHEST if m in present), ())


def _frames(
    plain: Adjacency, order: Order, readings: Sequence[Reading], given: list[tuple[Modality, ...]]
) -> None:
    """Decoded pictures that become a video, or a mesh, are its frames, or its shape."""
    for node in reversed(order.nodes):
        reading = readings[node]
        if given[node] != ("image",) or not (
            reading.part in ("decoder", "sampler") or reading.role == "transform"
        ):
            continue
        becomes = {
            given[s]
            for s in order.after[node]
            if given[s][:1] in (("video",), ("3d",))
            and readings[s].role in ("output", "transform")
            and readings[s].named
        }
        if becomes:
            given[node] = min(becomes)


def flow(
    plain: Adjacency, order: Order, readings: Sequence[Reading], given: list[tuple[Modality, ...]]
) -> Flow:
    """Return the generations: which node starts which, and how many follow each other."""
    size = len(plain)
    counted = _counted(order, readings, given)
    found = Flow(given, [None] * size, [()] * size, [0] * size, [], [()] * size, [()] * size)
    running: list[tuple[int, ...]] = [()] * size  # the generations whose latents are not decoded yet
    models: list[frozenset[int]] = [frozenset()] * size
    sampled: list[int | None] = [None] * size  # the run whose latents these are
    shown: dict[int, tuple[int, ...]] = {}  # the runs of a generation that are decoded, each for itself
    for node in order.nodes:
        reading, above = readings[node], order.before[node]
        last = _union(found.last, above)
        found.stage[node] = max([found.stage[p] for p in above], default=0)
        found.passes[node] = max([found.passes[p] for p in above], key=len, default=())
        found.refined[node] = max([found.refined[p] for p in above], key=len, default=())
        if reading.part is not None and reading.part != "decoder":
            models[node] = frozenset().union(*(models[p] for p in above))
            running[node] = _union(running, above)
            sampled[node] = node if reading.part == "sampler" else next((sampled[p] for p in above if sampled[p] is not None), None)
        if reading.part == "decoder" and not all(_looks(readings[s]) for s in order.after[node]):
            _show(node, [sampled[p] for p in above], found, shown)
        if reading.part == "model" and not models[node]:
            models[node] = frozenset((node,))
        if counted[node]:
            same = running[node] if reading.part == "sampler" else ()
            again = (
                tuple(
                    g
                    for g in last
                    if readings[g].part == reading.part == "sampler"
                    and (models[g] == models[node] or models[g] & models[node])
                )
                if not same
                else ()
            )
            if same or again:
                first = (same or again)[0]
                models[first] |= models[node]
                if again:
                    found.passes[node] = (*(found.passes[node] or (first,)), node)
            else:
                first = node
                found.follows.extend((g, node) for g in last)
                found.stage[node] += 1
                found.passes[node] = found.refined[node] = ()
            found.generation[node] = first
            last = (first,)
            if reading.part == "sampler":
                running[node] = last
        elif reading.task in ("upscale", "interpolate") and reading.role == "transform" and found.stage[node]:
            found.refined[node] = (*found.refined[node], node)
        found.last[node] = last
    return found


def _looks(reading: Reading) -> bool:
    """Whether a node only lets people look."""
    return reading.role == "output" and bool(PREVIEWS & set(reading.words))


PREVIEWS = {"preview", "previewer", "compare", "comparer", "comparison", "show", "display", "viewer", "play", "play sound"}


def _show(node: int, runs: Sequence[int | None], found: Flow, shown: dict[int, tuple[int, ...]]) -> None:
    """Note which runs are decoded; two of one generation decoded each for itself are two passes."""
    run = next((run for run in runs if run is not None), None)
    first = None if run is None else found.generation[run]
    if run is None or first is None:
        return
    shown[first] = tuple(dict.fromkeys((*shown.get(first, ()), run)))
    if len(shown[first]) > max(1, len(found.passes[node])):
        found.passes[node] = shown[first]


_KEPT = 16


def _union(found: Sequence[tuple[int, ...]], nodes: Sequence[int]) -> tuple[int, ...]:
    """Return what some nodes have, each once; no more than a few, so that the work stays in step with the graph."""
    if len(nodes) == 1:
        return found[nodes[0]]
    return tuple(dict.fromkeys(item for node in nodes for item in found[node]))[:_KEPT]


def _counted(order: Order, readings: Sequence[Reading], given: Sequence[tuple[Modality, ...]]) -> list[bool]:
    """Return which nodes make new media. Text that only serves to make other media does not count, unless it is a work of its own."""
    counted = [False] * len(readings)
    serves = [False] * len(readings)
    helps = _helpers(order, readings)
    for node in reversed(order.nodes):
        serves[node] = any(serves[s] or (counted[s] and given[s] != ("text",)) for s in order.after[node])
        reading = readings[node]
        if reading.role == "generate" and not helps[node]:
            counted[node] = (
                given[node] != ("text",) or not serves[node] or _WORKS & set(reading.words) != set()
            )
    return counted


def _helpers(order: Order, readings: Sequence[Reading]) -> list[bool]:
    """Return which samplers only prepare or refine: the words of their conditioning name such a task."""
    helps = [False] * len(readings)
    for node in order.nodes:
        reading = readings[node]
        if reading.part is not None and reading.part != "decoder":
            helps[node] = reading.task in _PREPARING or any(helps[p] for p in order.before[node])
    return helps


_PREPARING = {"depth", "pose", "segment", "upscale"}
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
