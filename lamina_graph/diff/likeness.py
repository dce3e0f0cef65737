"""Which nodes a person would hold to be one, beside the matching of least cost."""

from lamina_graph.diff.both import VersionGraph
from lamina_graph.diff.words import has_own_label
from lamina_graph.match import follow_names


def told_pairs(old: VersionGraph, new: VersionGraph, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pairs that a person would hold to be one node.

    Pairs first follow names (`follow_names`). An edit script of least cost also retypes a node into one that
    has nothing to do with it, since that is cheaper than a deletion and an insertion. A retyped pair is told
    as one node only if it kept its id or a label that somebody gave it, if it does the same with the same
    medium, or if it kept an edge to a pair that is told as one.
    """
    pairs = follow_names(old.plain, new.plain, pairs, lambda a, b: _does_the_same(old, a, new, b))
    found = {a for a, b in pairs if _alike(old, a, new, b)}
    if len(found) == len(pairs):
        return pairs
    partner = dict(pairs)
    front = list(found)
    while front:
        a = front.pop()
        for near in _kept_neighbours(old, new, partner, a):
            if near not in found:
                found.add(near)
                front.append(near)
    return [(a, b) for a, b in pairs if a in found]


def _alike(old: VersionGraph, a: int, new: VersionGraph, b: int) -> bool:
    before, after = old.nodes[a], new.nodes[b]
    if before.type == after.type or before.id == after.id:
        return True
    if before.label == after.label and has_own_label(before) and has_own_label(after):
        return True
    return _does_the_same(old, a, new, b)


def _does_the_same(old: VersionGraph, a: int, new: VersionGraph, b: int) -> bool:
    was, now = old.by_node[a], new.by_node[b]
    media = set(was.modalities), set(now.modalities)
    return was.role == now.role and (not all(media) or not media[0].isdisjoint(media[1]))


def _kept_neighbours(old: VersionGraph, new: VersionGraph, partner: dict[int, int], a: int) -> set[int]:
    """Return the old nodes whose edge to or from this one is kept."""
    b = partner[a]
    after, before = set(new.plain.successors[b]), set(new.plain.predecessors[b])
    return {n for n in old.plain.successors[a] if partner.get(n) in after} | {
        n for n in old.plain.predecessors[a] if partner.get(n) in before
    }
