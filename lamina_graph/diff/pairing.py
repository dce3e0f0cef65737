"""Which old node, and which old deliverable, a person would hold to be which new one."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lamina_graph.diff.alignment import AlignedVersion, Alignment, VersionGraph
from lamina_graph.diff.node_names import has_own_label
from lamina_graph.graph import reachable, undirected
from lamina_graph.match import Anchors, follow_names


def pair_nodes(
    old: VersionGraph, new: VersionGraph, pairs: list[tuple[int, int]], anchors: Anchors
) -> list[tuple[int, int]]:
    """Return the pairs that a person would hold to be one node.

    Pairs first follow names (`follow_names`). An edit script of least cost also retypes a node into one that
    has nothing to do with it, since that is cheaper than a deletion and an insertion. A retyped pair is one
    node only if it kept its id or a label that somebody gave it, if it does the same with the same medium,
    or if it kept an edge to a pair that is one node.
    """
    pairs = follow_names(old.adj, new.adj, pairs, lambda a, b: _do_the_same(old, a, new, b), anchors)
    partner = dict(pairs)
    alike = [a for a, b in pairs if _are_alike(old, a, new, b, anchors)]
    if len(alike) < len(pairs):
        kept: list[list[int]] = [[] for _ in old.adj.ids]
        for a, b in pairs:
            after = set(new.adj.successors[b])
            kept[a] = [target for target in old.adj.successors[a] if partner.get(target) in after]
        connected = reachable(undirected(kept), alike)
        pairs = [(a, b) for a, b in pairs if a in connected]
    return pairs


def _are_alike(old: VersionGraph, a: int, new: VersionGraph, b: int, anchors: Anchors) -> bool:
    if old.adj.types[a] == new.adj.types[b]:
        return True
    if old.adj.ids[a] == new.adj.ids[b] and anchors(old.adj.ids[a]):
        return True
    before, after = old.adj.nodes[a], new.adj.nodes[b]
    if before.label == after.label and has_own_label(before) and has_own_label(after):
        return True
    return _do_the_same(old, a, new, b)


def _do_the_same(old: VersionGraph, a: int, new: VersionGraph, b: int) -> bool:
    was, now = old.facts.facts[a], new.facts.facts[b]
    media = set(was.modalities), set(now.modalities)
    return was.role == now.role and (not all(media) or not media[0].isdisjoint(media[1]))


class DeliverablePair(NamedTuple):
    """A deliverable before and after, by number; `exit` is the output node that pairs them, if one does."""

    old: int
    new: int
    exit: int | None = None


def pair_deliverables(alignment: Alignment) -> list[DeliverablePair]:
    """Return the deliverables paired one to one.

    Two are one deliverable if they are the same node; else if they leave through the same output node; else
    if one stays, as an inner node on the way to the other. Of several candidates one of the same modality is
    taken. What a caller gives and gets back as it is, a bare input, is never held to be what was made.
    """
    old, new = (set(version.deliverables) for version in (alignment.old, alignment.new))
    same, old, new = old & new, old - new, new - old
    made = _pair_in_steps(alignment, old - alignment.old.inputs, new - alignment.new.inputs)
    bare = _pair_in_steps(alignment, old & alignment.old.inputs, new & alignment.new.inputs)
    return [*(DeliverablePair(number, number) for number in alignment.sort(same)), *made, *bare]


def _pair_in_steps(alignment: Alignment, old: set[int], new: set[int]) -> Iterator[DeliverablePair]:
    for step in (_pair_through_exits, _pair_along_paths):
        for pair in step(alignment, old, new):
            if pair.old in old and pair.new in new:
                yield pair
                old = old - {pair.old}
                new = new - {pair.new}


def _pair_through_exits(alignment: Alignment, old: set[int], new: set[int]) -> Iterator[DeliverablePair]:
    """Yield the pairs that leave through one output node: of the same modalities first, the rest in order."""
    for exit_ in alignment.sort(alignment.old.exits & alignment.new.exits):
        before = _sort_traits(alignment.old, old.intersection(alignment.old.predecessors[exit_]))
        after = _sort_traits(alignment.new, new.intersection(alignment.new.predecessors[exit_]))
        for same in (True, False):
            for one in list(before):
                other = next((t for t in after if not same or t.modalities == one.modalities), None)
                if other:
                    yield DeliverablePair(one.number, other.number, exit_)
                    before.remove(one)
                    after.remove(other)


def _pair_along_paths(alignment: Alignment, old: set[int], new: set[int]) -> list[DeliverablePair]:
    """Return what was prolonged and what was shortened, in an order that is the same when read backwards."""
    pairs = [DeliverablePair(a, b) for a, b in _follow_paths(alignment.old, alignment.new, old, new)]
    pairs += [DeliverablePair(a, b) for b, a in _follow_paths(alignment.new, alignment.old, new, old)]

    def key(pair: DeliverablePair) -> tuple[bool, list[tuple[str, str]]]:
        before, after = (
            _sort_traits(alignment.old, [pair.old])[0],
            _sort_traits(alignment.new, [pair.new])[0],
        )
        ends = sorted((traits.name, traits.id) for traits in (before, after))
        return before.modalities != after.modalities, ends

    return sorted(pairs, key=key)


def _follow_paths(
    version: AlignedVersion, other: AlignedVersion, mine: set[int], theirs: set[int]
) -> Iterator[tuple[int, int]]:
    """Yield deliverables that are inner nodes of the other version, each with one there that it leads to."""
    inner = {traits.number: traits for traits in _sort_traits(version, mine & other.positions.keys())}
    ends = _sort_traits(other, theirs) if inner else []
    for modalities in (*sorted({traits.modalities for traits in ends}), None):
        unseen = set(other.positions)
        for end in [traits for traits in ends if modalities in (None, traits.modalities)]:
            behind = other.upstream([end.number], within=unseen)
            unseen -= behind
            candidates = [inner[n] for n in behind & inner.keys()]
            candidates = [each for each in candidates if modalities in (None, each.modalities)]
            if candidates:
                first = min(candidates).number
                yield first, end.number
                del inner[first]
                ends.remove(end)


class _Traits(NamedTuple):
    modalities: tuple[str, ...]
    name: str
    id: str
    number: int


def _sort_traits(version: AlignedVersion, numbers: Iterable[int]) -> list[_Traits]:
    """Return by what deliverables are paired, in an order that no file decides."""
    return sorted(
        _Traits(tuple(sorted(version.modalities(n))), version.name(n), version.node(n).id, n) for n in numbers
    )
