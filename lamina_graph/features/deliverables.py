"""What leaves a workflow."""

from collections.abc import Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from lamina_graph.features.acyclic import Acyclic
from lamina_graph.features.generations import Generations
from lamina_graph.features.modalities import BESIDE, RANK, UNCLEAR, Media
from lamina_graph.features.roles import is_preview
from lamina_graph.graph import Adjacency
from lamina_graph.model import object_schema
from lamina_graph.vocabulary import MODALITIES, Modality, Reading


class Deliverable(NamedTuple):
    """A node whose result leaves the workflow.

    Attributes:
        id, title: of the node.
        modalities: what leaves.
        final: whether nothing further is made from it.
        end: the id of the node through which it leaves: an output node that no more than previews follow, or
            itself.
        stage: how many generations there are in a row up to it.
        depth: the edges on the longest path to its end.
        takes: the modalities of the inputs that reach it.
    """

    id: str
    title: str
    modalities: tuple[Modality, ...]
    final: bool = True
    end: str = ""
    stage: int = 0
    depth: int = 0
    takes: tuple[Modality, ...] = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Write it to JSON as an object of its fields."""
        return object_schema(cls, handler)


def find_deliverables(
    adj: Adjacency,
    acyclic: Acyclic,
    readings: Sequence[Reading],
    media: Sequence[Media],
    generations: Generations,
    depths: Sequence[int],
) -> tuple[Deliverable, ...]:
    """Return what leaves: a sink that is a step, or what feeds a sink that is an output node.

    Nodes that only let people look count only where nothing else leaves, and so does what no generation is
    behind. A deliverable is final where nothing further is made from it; of several kinds, those that a
    generation made are, and of a mesh and pictures the mesh, since these are views of it.
    """
    leaving = _find_leaving(adj, readings, media, generations, depths)
    if _are_stills(leaving, readings, media):
        media = [("image",) if modalities == ("video",) else modalities for modalities in media]
    final = _is_final(leaving, acyclic, media, generations)
    reach = _input_modalities(acyclic, readings, media) if leaving else []
    return tuple(
        [
            Deliverable(
                id=adj.ids[node],
                title=adj.labels[node] or adj.types[node],
                modalities=media[end],
                final=node in final,
                end=adj.ids[end],
                stage=generations.stage[node],
                depth=depths[end],
                takes=_modalities_of(reach[node]),
            )
            for node, end in leaving.items()
        ]
    )


def _are_stills(leaving: dict[int, int], readings: Sequence[Reading], media: Sequence[Media]) -> bool:
    """Whether all that leaves is kept as pictures, and no video comes in: a model for video makes stills."""
    if all(media[end] != ("video",) for end in leaving.values()):
        return False
    kept = [readings[end] for end in leaving.values()]
    return all(
        end.role == "output" and end.gives == ("image",) and "animated" not in end.words for end in kept
    ) and not any(reading.role == "input" and media[n] == ("video",) for n, reading in enumerate(readings))


def _input_modalities(acyclic: Acyclic, readings: Sequence[Reading], media: Sequence[Media]) -> list[int]:
    """Return for each node the modalities of the inputs that reach it, as a sum of `_BITS`."""
    reach = [0] * len(media)
    before = acyclic.before
    for node in acyclic.nodes:
        bits = 0
        for p in before[node]:
            bits |= reach[p]
        if readings[node].role == "input":
            for modality in media[node]:
                bits |= _BITS[modality]
        reach[node] = bits
    return reach


_BITS = {modality: 1 << place for place, modality in enumerate(MODALITIES)}


@cache
def _modalities_of(bits: int) -> tuple[Modality, ...]:
    return tuple(modality for modality, bit in _BITS.items() if bits & bit)


_OPEN = ("unknown", "control")
"""Roles of nodes of which an output node may know better what leaves them."""
_LAST = 8
"""Such nodes count only where nothing else leaves."""


def _find_leaving(
    adj: Adjacency,
    readings: Sequence[Reading],
    media: Sequence[Media],
    generations: Generations,
    depths: Sequence[int],
) -> dict[int, int]:
    """Return the nodes whose results leave, each with its sink; only those of the best kind that there is."""
    kinds: dict[int, dict[int, list[int]]] = {}
    for end, after in enumerate(adj.successors):
        kept = readings[end].role == "output"
        if after and not kept:
            continue
        looks = kept and is_preview(readings[end])
        if after and (looks or not all(is_preview(readings[s]) for s in after)):
            continue
        if kept:
            for node in adj.predecessors[end]:
                clear = media[node] not in UNCLEAR
                if clear or (readings[node].role in _OPEN and readings[end].gives not in UNCLEAR):
                    kind = looks + 2 * (not generations.stage[node]) + _LAST * (not clear)
                    kinds.setdefault(kind, {}).setdefault(node, []).append(end)
        elif media[end] not in UNCLEAR:
            step = readings[end].role in ("generate", "transform")
            kind = (0 if step else 4) + 2 * (not generations.stage[end])
            kinds.setdefault(kind, {}).setdefault(end, []).append(end)
    if not kinds:
        return {}

    def fullness(node: int, end: int) -> tuple[bool, int, bool, str, int]:
        """Return how much of a node leaves through a sink; the order of sinks decides nothing."""
        richness = -RANK.get(media[end], len(RANK))
        stated = readings[end].gives == media[end]
        return media[end] == media[node], richness, stated, adj.types[end], depths[end]

    # what is written beside media that are made, or only looked at, does not hide them
    made = (
        kind
        for kind in (0, 1, 2)
        for node, sinks in kinds.get(kind, {}).items()
        if readings[node].role != "input" and any(media[end] not in BESIDE for end in sinks)
    )
    best = next(made, min(kinds))
    return {
        node: sinks[0] if len(sinks) == 1 else max(sinks, key=partial(fullness, node))
        for node, sinks in kinds[best].items()
    }


def _is_final(
    leaving: dict[int, int], acyclic: Acyclic, media: Sequence[Media], generations: Generations
) -> set[int]:
    """Return the nodes, of those that leave, that nothing further is made from."""
    leads, first, after = [False] * len(media), generations.first, acyclic.after
    for node in reversed(acyclic.nodes):
        for s in after[node]:
            if leads[s] or (first[s] is not None and media[s] not in BESIDE):
                leads[node] = True
                break
    final = {node for node in leaving if not leads[node]} or set(leaving)
    final = {node for node in final if media[leaving[node]] not in BESIDE} or final
    kinds = {media[leaving[node]] for node in final}
    if len(kinds) > 1 and ("3d",) in kinds:
        return {node for node in final if media[leaving[node]] == ("3d",)}
    if len(kinds) > 1:
        made = {n for n in final if media[leaving[n]] in [media[g] for g in generations.latest[n]]}
        return made or final
    return final
