"""What leaves a workflow."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from lamina_graph.features.generations import Flow, looks
from lamina_graph.features.modalities import RANK, Media
from lamina_graph.features.order import Order
from lamina_graph.features.roles import Columns
from lamina_graph.graph import Adjacency
from lamina_graph.model import as_object
from lamina_graph.vocabulary import MODALITIES, Modality

_BIT = {modality: 1 << at for at, modality in enumerate(MODALITIES)}
_SETS = [
    tuple(modality for bit, modality in enumerate(MODALITIES) if bits >> bit & 1)
    for bits in range(1 << len(MODALITIES))
]
"""Every set of modalities, by its bits."""


class Deliverable(NamedTuple):
    """A node whose result leaves the workflow.

    Attributes:
        id, title: of the node.
        modalities: what leaves.
        final: whether nothing further is made from it.
        end: the id of the sink through which it leaves: an output node, or itself.
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
        """Say that JSON tells it as an object of its fields."""
        return as_object(cls, handler)


def deliverables(
    plain: Adjacency,
    order: Order,
    said: Columns,
    given: Sequence[Media],
    known: Flow,
    depth: Sequence[int],
) -> tuple[Deliverable, ...]:
    """Return what leaves: a sink that is a step, or what feeds a sink that is an output node.

    Nodes that only let people look count only where nothing else leaves, and so does what no generation is
    behind. A deliverable is final where nothing further is made from it; of several kinds, those that a
    generation made are, and of a mesh and pictures the mesh, since these are views of it.
    """
    leaving = _leaving(plain, said, given, known, depth)
    final = _final(leaving, plain, order, given, known)
    reach = _reached(order, said, given)
    return tuple(
        [
            Deliverable(
                id=plain.ids[node],
                title=plain.labels[node] or plain.types[node],
                modalities=given[end],
                final=node in final,
                end=plain.ids[end],
                stage=known.stage[node],
                depth=depth[end],
                takes=_SETS[reach[node]],
            )
            for node, end in leaving.items()
        ]
    )


def _reached(order: Order, said: Columns, given: Sequence[Media]) -> list[int]:
    """Return for each node the modalities of the inputs that reach it, one bit each, as in `MODALITIES`."""
    reach, before, role = [0] * len(given), order.before, said.role
    for node in order.nodes:
        for p in before[node]:
            reach[node] |= reach[p]
        if role[node] == "input":
            for modality in given[node]:
                reach[node] |= _BIT[modality]
    return reach


_UNTOLD: tuple[Media, ...] = ((), ("data",))
_OPEN = ("unknown", "control")
"""Roles of nodes of which an output node may know better what leaves them."""
_LAST = 8
"""Such nodes count only where nothing else leaves."""


def _leaving(
    plain: Adjacency, said: Columns, given: Sequence[Media], known: Flow, depth: Sequence[int]
) -> dict[int, int]:
    """Return the nodes whose results leave, each with its sink; only those of the best kind that there is."""
    kinds: dict[int, dict[int, list[int]]] = {}
    for end, after in enumerate(plain.successors):
        if after:
            continue
        if said.role[end] == "output":
            kind = 1 if looks(said, end) else 0
            for node in plain.predecessors[end]:
                told = given[node] not in _UNTOLD
                if told or (said.role[node] in _OPEN and said.gives[end] not in _UNTOLD):
                    rank = kind + 2 * (not known.stage[node]) + _LAST * (not told)
                    kinds.setdefault(rank, {}).setdefault(node, []).append(end)
        elif given[end] not in _UNTOLD:
            kind = 0 if said.role[end] in ("generate", "transform") else 4
            kinds.setdefault(kind + 2 * (not known.stage[end]), {}).setdefault(end, []).append(end)
    best = kinds[min(kinds)] if kinds else {}

    def fullness(node: int, end: int) -> tuple[bool, int, bool, str, int]:
        """Return how much of a node leaves through a sink; no order of sinks decides."""
        media = given[end]
        richness = -RANK.get(media, len(RANK))
        return media == given[node], richness, said.gives[end] == media, plain.types[end], depth[end]

    return {node: max(sinks, key=partial(fullness, node)) for node, sinks in best.items()}


def _final(
    leaving: dict[int, int], plain: Adjacency, order: Order, given: Sequence[Media], known: Flow
) -> set[int]:
    leads, after, generation = [False] * len(plain), order.after, known.generation
    for node in reversed(order.nodes):
        for s in after[node]:
            if leads[s] or generation[s] is not None:
                leads[node] = True
                break
    final = {node for node in leaving if not leads[node]} or set(leaving)
    kinds = {given[leaving[node]] for node in final}
    if len(kinds) > 1 and ("3d",) in kinds:
        return {node for node in final if given[leaving[node]] == ("3d",)}
    if len(kinds) > 1:
        return {n for n in final if given[leaving[n]] in [given[g] for g in known.last[n]]} or final
    return final
