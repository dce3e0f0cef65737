"""What flows along the edges: for each node, the medium that it gives."""

from collections.abc import Sequence

from lamina_graph.features.order import Order
from lamina_graph.features.roles import Columns
from lamina_graph.vocabulary import Modality, Part

Media = tuple[Modality, ...]

_RICHEST: tuple[Modality, ...] = ("3d", "video", "audio", "vector", "image", "text", "data")
_RANK = {modality: rank for rank, modality in enumerate(_RICHEST)}
RANK: dict[Media, int] = {(modality,): rank for modality, rank in _RANK.items()}
"""What is richer, the richest first."""
_ALONE: tuple[Media, ...] = (*((modality,) for modality in _RICHEST), ())
_TIMED: frozenset[Modality] = frozenset(("3d", "video", "audio", "vector"))
_ONE = frozenset(
    ("frame", "first frame", "last frame", "get frame", "extract frame", "frame extractor", "from batch")
)
_HINTLESS: frozenset[Modality] = frozenset()


def media(order: Order, said: Columns) -> list[Media]:
    """Return what leaves each node.

    Words say it, else what goes in does. Parts of a spelled-out model give nothing; they pass on what their
    words hint at, and that is what the model's decoder gives. Frames of a video are still video.
    """
    given: list[Media] = [()] * len(said.role)
    hints: list[frozenset[Modality]] = [_HINTLESS] * len(said.role)
    before, after = order.before, order.after
    for node in order.nodes:
        above, part, role, gives = before[node], said.part[node], said.role[node], said.gives[node]
        if part is None and gives and (role == "input" or role == "generate"):
            given[node] = gives
            continue
        if (above or gives) and (part is not None or role == "control" or said.certainty[node] <= 0.6):
            hints[node] = _hinted(part, gives, above, hints, given)
        if part is None or part == "decoder" or part == "sampler" or _leaves(after[node], said):
            given[node] = _given(node, said, above, hints[node], given)
    _frames(order, said, given)
    return given


def _leaves(after: Sequence[int], said: Columns) -> bool:
    """Whether what a part of a model gives goes to no other part."""
    return all(said.part[node] is None for node in after)


def _hinted(
    part: Part | None,
    own: Media,
    above: Sequence[int],
    hints: Sequence[frozenset[Modality]],
    given: Sequence[Media],
) -> frozenset[Modality]:
    """Return what the words of a node and of the parts before it hint at."""
    found = _HINTLESS
    for p in above:
        if hints[p] is not found:
            found = found | hints[p] if found else hints[p]
    if not own and part != "encoder":
        return found
    if part == "encoder":
        own = (*own, *[m for p in above for m in given[p] if m in ("video", "audio")])
    return found if _TIMED.isdisjoint(own) else found.union(_TIMED.intersection(own))


def _given(
    node: int, said: Columns, above: Sequence[int], hints: frozenset[Modality], given: Sequence[Media]
) -> Media:
    part, role, gives = said.part[node], said.role[node], said.gives[node]
    if part == "decoder" and said.named[node] and gives[0] in ("audio", "3d"):
        return gives
    if part == "sampler" and gives == ("audio",):  # a model for sound that takes a video makes sound for it
        return gives
    if part == "decoder" or part == "sampler":
        return _decoded(hints)
    if role == "input" or (gives and role in ("generate", "control")):
        return gives
    passing = _richest(above, given)
    if role == "generate":
        return _made(said.certainty[node], hints, passing)
    if role == "transform":
        kept = gives == ("image",) and passing == ("video",) and not _ONE.intersection(said.words[node])
        return passing if kept or (passing and not gives) else gives
    if gives == ("audio",) and passing == ("video",):  # a video is taken for its sound
        return gives
    return passing if not gives or passing in (("video",), ("3d",)) else gives


def _decoded(hints: frozenset[Modality]) -> Media:
    return next(((m,) for m in ("3d", "video", "audio") if m in hints), ("image",))


def _made(certainty: float, hints: frozenset[Modality], passing: Media) -> Media:
    """Return what an unnamed generation makes: what is hinted at, else what goes in, else a picture."""
    if hints:
        return _ALONE[min(map(_RANK.__getitem__, hints))]
    if passing and passing != ("text",):
        return passing
    return ("image",) if certainty > 0.6 else ()


def _richest(above: Sequence[int], given: Sequence[Media]) -> Media:
    """Return the richest medium that goes in."""
    rank = len(_RICHEST)
    for p in above:
        for modality in given[p]:
            if _RANK[modality] < rank:
                rank = _RANK[modality]
    return _ALONE[rank]


def _frames(order: Order, said: Columns, given: list[Media]) -> None:
    """Decoded pictures that become a video, or a mesh, are its frames, or its shape."""
    for node in reversed(order.nodes):
        if given[node] != ("image",) or not (said.role[node] == "transform" or said.part[node] == "sampler"):
            continue
        for s in order.after[node]:
            if (
                given[s] in (("video",), ("3d",))
                and said.named[s]
                and said.role[s] in ("output", "transform")
            ):
                given[node] = min(given[node], given[s], key=lambda each: _RANK[each[0]])
