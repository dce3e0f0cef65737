"""Which matched pairs are told as one node that became another, and which as one gone and one come."""

from lamina_graph.diff.both import Version


def told_pairs(old: Version, new: Version, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pairs that a person would hold to be one node.

    An edit script of least cost may retype a node into something that has nothing to do with it, because that
    is cheaper than one deletion and one insertion. A retyped pair is told as one node only if it shares a
    role, a modality, or an edge to a pair that is.
    """
    partner = dict(pairs)
    found = {a for a, b in pairs if _alike(old, a, new, b)}
    front = list(found)
    while front:
        a = front.pop()
        for near in _kept_neighbours(old, new, partner, a):
            if near not in found:
                found.add(near)
                front.append(near)
    return [(a, b) for a, b in pairs if a in found]


def _alike(old: Version, a: int, new: Version, b: int) -> bool:
    if old.plain.types[a] == new.plain.types[b]:
        return True
    before, after = old.by_node[a], new.by_node[b]
    same_role = before.role == after.role != "unknown"
    return same_role or not set(before.modalities).isdisjoint(after.modalities)


def _kept_neighbours(old: Version, new: Version, partner: dict[int, int], a: int) -> set[int]:
    """Return the old nodes whose edge to or from this one is kept."""
    b = partner[a]
    after, before = set(new.plain.successors[b]), set(new.plain.predecessors[b])
    return {n for n in old.plain.successors[a] if partner.get(n) in after} | {
        n for n in old.plain.predecessors[a] if partner.get(n) in before
    }
