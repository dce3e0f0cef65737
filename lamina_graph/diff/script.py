"""The edit script that a matching stands for, and the one that the changes tell."""

from collections.abc import Sequence

from lamina_graph.diff.values import Diff, EdgeEdits, NodeEdits, Reidentified, Relabelled, Retyped
from lamina_graph.graph import Adjacency, adjacency

Pairs = Sequence[tuple[int, int]]


def node_edits(old: Adjacency, new: Adjacency, pairs: Pairs) -> NodeEdits:
    """Return the edits on nodes, in order of ids: those not paired, and what differs in those that are."""
    kept_old, kept_new = {a for a, _ in pairs}, {b for _, b in pairs}
    nodes = sorted(((old.nodes[a], new.nodes[b]) for a, b in pairs), key=lambda pair: pair[1].id)
    return NodeEdits(
        added=tuple(sorted(id_ for place, id_ in enumerate(new.ids) if place not in kept_new)),
        removed=tuple(sorted(id_ for place, id_ in enumerate(old.ids) if place not in kept_old)),
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


def edge_edits(old: Adjacency, new: Adjacency, pairs: Pairs) -> EdgeEdits:
    """Return the edits on edges, compared through the pairs; in order of ids."""
    forth, back = dict(pairs), {b: a for a, b in pairs}
    before, after = set(old.edges), set(new.edges)
    removed = [edge for edge in before if (forth.get(edge[0]), forth.get(edge[1])) not in after]
    added = [edge for edge in after if (back.get(edge[0]), back.get(edge[1])) not in before]
    return EdgeEdits(added=_named(new, added), removed=_named(old, removed))


def as_told(found: Diff) -> Diff:
    """Return a diff whose edits are those that its changes tell, for a picture that says the same.

    Its matches are those that a person would make; cost and bound stay those of the edit script.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.files import load
    >>> old = load({"nodes": [{"id": "a", "type": "noteNode"}], "edges": []})
    >>> new = load({"nodes": [{"id": "b", "type": "klingVideoNode"}], "edges": []})
    >>> as_told(diff(old, new)).nodes.added
    ('b',)
    """
    if found.presented is None:
        return found
    old, new = adjacency(found.old_workflow), adjacency(found.new_workflow)
    pairs = [(old.index[match.old], new.index[match.new]) for match in found.presented]
    edits = {"nodes": node_edits(old, new, pairs), "edges": edge_edits(old, new, pairs)}
    return found.model_copy(update={"matches": found.presented, "presented": None, **edits})


def _named(found: Adjacency, edges: Sequence[tuple[int, int]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((found.ids[source], found.ids[target]) for source, target in edges))
