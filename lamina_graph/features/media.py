"""What flows along the edges: for each node, the medium that it gives."""

from collections.abc import Sequence

from lamina_graph.features.order import Order
from lamina_graph.vocabulary import Modality, Reading

Media = tuple[Modality, ...]

_RICHEST: tuple[Modality, ...] = ("3d", "video", "audio", "vector", "image", "text", "data")
_RANK = {modality: rank for rank, modality in enumerate(_RICHEST)}
_ALONE: tuple[Media, ...] = (*((modality,) for modality in _RICHEST), ())
_TIMED: frozenset[Modality] = frozenset(("3d", "video", "audio", "vector"))
_ONE = frozenset(
    ("frame", "first frame", "last frame", "get frame", "extract frame", "frame extractor", "from batch")
)
_HINTLESS: frozenset[Modality] = frozenset()


def media(order: Order, readings: Sequence[Reading]) -> list[Media]:
    """Return what leaves each node.

    Words say it, else what goes in does. Parts of a spelled-out model give nothing; they pass on what their
    words hint at, and that is what the model's decoder gives. Frames of a video are still video.
    """
    given: list[Media] = [()] * len(readings)
    hints: list[frozenset[Modality]] = [_HINTLESS] * len(readings)
    before, after = order.before, order.after
    for node in order.nodes:
        reading, above = readings[node], before[node]
        part, role, gives = reading.part, reading.role, reading.gives
        if part is None and gives and (role == "input" or role == "generate"):
            given[node] = gives
            continue
        if (above or gives) and (part is not None or role == "control" or reading.certainty <= 0.6):
            hints[node] = _hinted(reading, above, hints, given)
        if part is None or part == "decoder" or part == "sampler" or _leaves(after[node], readings):
            given[node] = _given(reading, above, hints[node], given)
    _frames(order, readings, given)
    return given


def _leaves(after: Sequence[int], readings: Sequence[Reading]) -> bool:
    """Whether what a part of a model gives goes to no other part."""
    return all(readings[node].part is None for node in after)


def _hinted(
    reading: Reading, above: Sequence[int], hints: Sequence[frozenset[Modality]], given: Sequence[Media]
) -> frozenset[Modality]:
    """Return what the words of a node and of the parts before it hint at."""
    found = _HINTLESS
    for p in above:
        if hints[p] is not found:
            found = found | hints[p] if found else hints[p]
    own = reading.gives
    if not own and reading.part != "encoder":
        return found
    if reading.part == "encoder":
        own = (*own, *[m for p in above for m in given[p] if m in ("video", "audio")])
    return found if _TIMED.isdisjoint(own) else found.union(_TIMED.intersection(own))


def _given(
    reading: Reading, above: Sequence[int], hints: frozenset[Modality], given: Sequence[Media]
) -> Media:
    role, gives = reading.role, reading.gives
    if reading.part in ("decoder", "sampler"):
        return _decoded(reading, hints)
    if role == "input" or (gives and role in ("generate", "control")):
        return gives
    passing = _richest(above, given)
    if role == "generate":
        return _made(reading, hints, passing)
    if role == "transform":
        kept = gives == ("image",) and passing == ("video",) and not _ONE.intersection(reading.words)
        return passing if kept or (passing and not gives) else gives
    return passing if not gives or passing in (("video",), ("3d",)) else gives


def _decoded(reading: Reading, hints: frozenset[Modality]) -> Media:
    if reading.named and reading.part == "decoder" and reading.gives[0] in ("audio", "3d"):
        return reading.gives
    return next(((m,) for m in ("3d", "video", "audio") if m in hints), ("image",))


def _made(reading: Reading, hints: frozenset[Modality], passing: Media) -> Media:
    """Return what an unnamed generation makes: what is hinted at, else what goes in, else a picture."""
    if hints:
        return _ALONE[min(map(_RANK.__getitem__, hints))]
    if passing and passing != ("text",):
        return passing
    return ("image",) if reading.certainty > 0.6 else ()


def _richest(above: Sequence[int], given: Sequence[Media]) -> Media:
    """Return the richest medium that goes in."""
    rank = len(_RICHEST)
    for p in above:
        for modality in given[p]:
            if _RANK[modality] < rank:
                rank = _RANK[modality]
    return _ALONE[rank]


def _frames(order: Order, readings: Sequence[Reading], given: list[Media]) -> None:
    """Decoded pictures that become a video, or a mesh, are its frames, or its shape."""
    for node in reversed(order.nodes):
        reading = readings[node]
        if given[node] != ("image",) or not (reading.role == "transform" or reading.part == "sampler"):
            continue
        for s in order.after[node]:
            if (
                given[s] in (("video",), ("3d",))
                and readings[s].named
                and readings[s].role in ("output", "transform")
            ):
                given[node] = min(given[node], given[s], key=lambda each: _RANK[each[0]])
