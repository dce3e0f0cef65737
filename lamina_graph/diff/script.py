"""The edit script that a matching stands for, and the one that the changes tell."""

from collections.abc import Collection, Iterator, Sequence

from lamina_graph.diff.both import Version
from lamina_graph.diff.values import Diff, EdgeEdits, NodeEdits, Reidentified, Relabelled, Retyped
from lamina_graph.graph import adjacency
from lamina_graph.model import Workflow

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


def as_told(found: Diff) -> Diff:
    """Return a diff whose edits are those that its changes tell, for a picture that says the same.

    A retyped match that is told as one node gone and another come becomes that; cost and bound stay those of
    the edit script.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.files import load
    >>> old = load({"nodes": [{"id": "a", "type": "noteNode"}], "edges": []})
    >>> new = load({"nodes": [{"id": "b", "type": "klingVideoNode"}], "edges": []})
    >>> as_told(diff(old, new)).nodes.added
    ('b',)
    """
    if not found.apart:
        return found
    old, new = {match.old for match in found.apart}, {match.new for match in found.apart}
    nodes, edges = found.nodes, found.edges
    return found.model_copy(
        update={
            "matches": tuple(match for match in found.matches if match.old not in old),
            "nodes": NodeEdits(
                added=tuple(sorted({*nodes.added, *new})),
                removed=tuple(sorted({*nodes.removed, *old})),
                retyped=tuple(each for each in nodes.retyped if each.old not in old),
                relabelled=tuple(each for each in nodes.relabelled if each.old not in old),
                reidentified=tuple(each for each in nodes.reidentified if each.old not in old),
            ),
            "edges": EdgeEdits(
                added=tuple(sorted({*edges.added, *_at(found.new_workflow, new)})),
                removed=tuple(sorted({*edges.removed, *_at(found.old_workflow, old)})),
            ),
            "apart": (),
        }
    )


def _at(workflow: Workflow, ids: Collection[str]) -> Iterator[tuple[str, str]]:
    plain = adjacency(workflow)
    for ends in plain.edges:
        source, target = (plain.ids[end] for end in ends)
        if source in ids or target in ids:
            yield source, target


def _named(found: Version, edges: Sequence[tuple[int, int]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((found.plain.ids[source], found.plain.ids[target]) for source, target in edges))
