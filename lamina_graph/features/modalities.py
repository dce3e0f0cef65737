"""The modality that leaves each node."""

from collections.abc import Collection, Mapping, Sequence

from lamina_graph.features.acyclic import Acyclic
from lamina_graph.features.sockets import socket_medium
from lamina_graph.vocabulary import Modality, Reading

Media = tuple[Modality, ...]

_RICHEST: tuple[Modality, ...] = ("3d", "video", "audio", "vector", "image", "text", "data")
_RANK = {modality: rank for rank, modality in enumerate(_RICHEST)}
RANK: dict[Media, int] = {(modality,): rank for modality, rank in _RANK.items()}
"""What is richer, the richest first."""
UNCLEAR: tuple[Media, ...] = ((), ("data",))
"""What says nothing of a medium."""
BESIDE: tuple[Media, ...] = (("text",), ("data",))
"""What comes beside media, and is never what an app with media is for."""
_ALONE: tuple[Media, ...] = (*((modality,) for modality in _RICHEST), ())
_TIMED: frozenset[Modality] = frozenset(("3d", "video", "audio", "vector"))
_ONE_FRAME = frozenset(
    ("frame", "first frame", "last frame", "get frame", "extract frame", "frame extractor")
)
_SEEN: tuple[Media, ...] = (("video",), ("3d",))
"""What pictures are taken of: a frame of a video is still that, and so is a view of a mesh."""
_LOADED = ("model", "aux", "patch", "encoder")
_NO_HINTS: frozenset[Modality] = frozenset()


Carried = Mapping[tuple[int, int], Collection[str]]


def find_modalities(acyclic: Acyclic, readings: Sequence[Reading], carried: Carried) -> list[Media]:
    """Return what leaves each node.

    Words say it, else what goes in does. Parts of a spelled-out model give nothing; they pass on what their
    words hint at, and that is what the model's decoder gives. Frames of a video are still video. Where the
    types of sockets say another medium, it is that.
    """
    media: list[Media] = [()] * len(readings)
    hints: list[frozenset[Modality]] = [_NO_HINTS] * len(readings)
    before, after = acyclic.before, acyclic.after
    for node in acyclic.nodes:
        reading, above = readings[node], before[node]
        part, role, gives = reading.part, reading.role, reading.gives
        if part is None and gives and (role == "input" or role == "generate"):
            media[node] = gives
            if carried:
                _correct(node, reading, media, after, carried)
            continue
        if (above or gives) and (part is not None or role == "control" or reading.certainty <= 0.6):
            hints[node] = _hinted(reading, above, hints, media)
        inside = part is not None and part != "decoder" and part != "sampler"
        if inside and not above and part in _LOADED:
            continue
        if not inside or {readings[s].part for s in after[node]} <= {None}:
            media[node] = _given(reading, above, hints[node], media)
            if carried:
                _correct(node, reading, media, after, carried)
    _mark_frames(acyclic, readings, media)
    return media


def _correct(
    node: int, reading: Reading, media: list[Media], after: Sequence[Sequence[int]], carried: Carried
) -> None:
    """Let what leaves a node be what its sockets carry; a text beside media, such as a task number, aside."""
    types = {type_ for s in after[node] for type_ in carried.get((node, s), ())}
    flowing = {medium for type_ in types if (medium := socket_medium(type_))}
    if not flowing.isdisjoint(media[node]):
        return
    beside, flowing = flowing & {"text"}, flowing - {"text"}
    if beside and not flowing and media[node] in UNCLEAR and reading.part is None:
        media[node] = ("text",)
    elif flowing and not (flowing == {"image"} and media[node] in _SEEN):
        media[node] = _ALONE[min(map(_RANK.__getitem__, flowing))]


def _hinted(
    reading: Reading, above: Sequence[int], hints: Sequence[frozenset[Modality]], media: Sequence[Media]
) -> frozenset[Modality]:
    """Return what the words of a node and of the parts before it hint at."""
    inherited = _NO_HINTS
    for p in above:
        if hints[p] is not inherited:
            inherited = inherited | hints[p] if inherited else hints[p]
    own = reading.gives
    if reading.part == "encoder":
        own = (*own, *[m for p in above for m in media[p] if m in ("video", "audio")])
    return inherited if _TIMED.isdisjoint(own) else inherited.union(_TIMED.intersection(own))


def _given(
    reading: Reading, above: Sequence[int], hints: frozenset[Modality], media: Sequence[Media]
) -> Media:
    """Return what a node gives that is made from what is above it."""
    part, role, gives = reading.part, reading.role, reading.gives
    if part == "decoder" and reading.named and gives[0] in ("audio", "3d"):
        return gives
    if part == "sampler" and gives == ("audio",):  # a model for sound that takes a video makes sound for it
        return gives
    if part == "decoder" or part == "sampler":
        return next(((m,) for m in ("3d", "video", "audio") if m in hints), ("image",))
    if role == "input" or (gives and role in ("generate", "control")):
        return gives
    passing = media[above[0]] if len(above) == 1 else ()
    if len(above) > 1 or len(passing) > 1:
        passing = _ALONE[min([_RANK[modality] for p in above for modality in media[p]], default=-1)]
    if role == "generate":
        return _unnamed(reading.certainty, hints, passing)
    if role == "transform":
        frames = gives == ("image",) and passing == ("video",) and _ONE_FRAME.isdisjoint(reading.words)
        return passing if frames or (passing and not gives) else gives
    if gives == ("audio",) and passing == ("video",):  # a video is taken for its sound
        return gives
    if gives == ("3d",):  # what is kept as a mesh is one
        return gives
    return passing if not gives or passing in (("video",), ("3d",)) else gives


def _unnamed(certainty: float, hints: frozenset[Modality], passing: Media) -> Media:
    """Return what an unnamed generation makes: what is hinted at, else what goes in, else a picture."""
    if hints:
        return _ALONE[min(map(_RANK.__getitem__, hints))]
    if passing and passing != ("text",):
        return passing
    return ("image",) if certainty > 0.6 else ()


def _mark_frames(acyclic: Acyclic, readings: Sequence[Reading], media: list[Media]) -> None:
    """Let decoded pictures that become a video, or a mesh, be its frames, or its shape."""
    for node in reversed(acyclic.nodes):
        if media[node] != ("image",) or not (
            readings[node].role == "transform" or readings[node].part == "sampler"
        ):
            continue
        for s in acyclic.after[node]:
            becomes = media[s] in (("video",), ("3d",)) and readings[s].named
            if becomes and readings[s].role in ("output", "transform"):
                media[node] = min(media[node], media[s], key=lambda modalities: _RANK[modalities[0]])
