"""The edit script that a matching stands for."""

from collections.abc import Sequence

from lamina_graph.diff.both import Version
from lamina_graph.diff.values import EdgeEdits, NodeEdits, Reidentified, Relabelled, Retyped

Pairs = Sequence[tuple[int, int]]


def node_edits(old: Version, new: Version, pairs: Pairs) -> NodeEdits:
    """Return the edits on nodes, in order of ids: those not paired, and what differs in those that are."""
    kept_old, kept_new = {a for a, _ in pairs}, {b for _, b in pairs}
    nodes = sorted(((old.nodes[a], new.nodes[b]) for a, b in pairs), key=lambda pair: pair[1].id)
    return NodeEdits(
        added=tuple(sorted(id_ for place, id_ in enumerate(new.plain.ids) if place not in kept_new)),
        removed=tuple(sorted(id_ for place, id_ in enumerate(old.plain.ids) if place not in kept_old)),
        retyped=tuple(
            Retyped(old=a.id, new=b.id, before=a.type, after=b.type) for a, b in nodes if a.type != b.type
        ),
        relabelled=tuple(
            Relabelled(old=a.id, new=b.id, before=a.label, after=b.label)
            for a, b in nodes
            if a.label != b.label
        ),
        reidentified=tuple(Reidentified(old=a.id, new=b.id) for a, b in nodes if a.id != b.id),
    )


def edge_edits(old: Version, new: Version, pairs: Pairs) -> EdgeEdits:
    """Return the edits on edges, compared through the pairs; in order of ids."""
    forth, back = dict(pairs), {b: a for a, b in pairs}
    before, after = set(old.plain.edges), set(new.plain.edges)
    removed = [edge for edge in before if (forth.get(edge[0]), forth.get(edge[1])) not in after]
    added = [edge for edge in after if (back.get(edge[0]), back.get(edge[1])) not in before]
    return EdgeEdits(added=_named(new, added), removed=_named(old, removed))


def _named(found: Version, edges: Sequence[tuple[int, int]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((found.plain.ids[source], found.plain.ids[target]) for source, target in edges))
