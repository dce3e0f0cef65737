"""The changed part of a diff with its surroundings, as a diff that can be drawn."""

from collections.abc import Collection

from lamina_graph.diff import Change, Diff, EdgeEdits
from lamina_graph.model import Workflow


def changed_subgraph(diff: Diff, steps: int = 1) -> Diff:
    """Return a diff of only what changed and what is at most so many steps away from it.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.files import load
    >>> edges = [{"source": str(n), "target": str(n + 1)} for n in range(9)]
    >>> old = load({"nodes": [{"id": str(n), "type": "t"} for n in range(10)], "edges": edges})
    >>> nodes = [{"id": str(n), "type": "u" if n == 5 else "t"} for n in range(10)]
    >>> new = load({"nodes": nodes, "edges": edges})
    >>> [node.id for node in changed_subgraph(diff(old, new)).new_workflow.nodes]
    ['4', '5', '6']
    """
    old, new = changed_ids(diff)
    for _ in range(steps):
        old, new = _with_partners(
            diff, _with_neighbours(diff.old_workflow, old), _with_neighbours(diff.new_workflow, new)
        )
    return _restrict(diff, old, new)


def first_changes(diff: Diff, most: int) -> Diff:
    """Return a diff of at most so many of the nodes that its changes are about, from the first on."""
    gone = set(diff.nodes.removed)
    about = list(dict.fromkeys(id_ for change in diff.changes for id_ in change.nodes))[:most]
    return _restrict(diff, *_with_partners(diff, gone.intersection(about), set(about) - gone))


def changed_ids(diff: Diff) -> tuple[set[str], set[str]]:
    """Return the ids, old and new, of the nodes that some edit or change is about."""
    nodes, edges = diff.nodes, diff.edges
    old = {*nodes.removed, *(end for edge in edges.removed for end in edge)}
    new = {*nodes.added, *(end for edge in edges.added for end in edge)}
    new |= {node.new for node in nodes.retyped} | {node.new for node in nodes.relabelled}
    new |= {id_ for change in diff.changes if _keeps_shape(change) for id_ in change.nodes}
    return _with_partners(diff, old, new)


def _keeps_shape(change: Change) -> bool:
    """Whether no edit of the graph need show it: a field, or what callers see of an input or deliverable."""
    return change.rule.startswith(("node-settings-", "deliverable-", "input-"))


def _with_partners(diff: Diff, old: set[str], new: set[str]) -> tuple[set[str], set[str]]:
    """Return ids with those of the same nodes in the other version."""
    return (
        old | {match.old for match in diff.matches if match.new in new},
        new | {match.new for match in diff.matches if match.old in old},
    )


def _restrict(diff: Diff, old: set[str], new: set[str]) -> Diff:
    return diff.model_copy(
        update={
            "old_workflow": diff.old_workflow.within(old),
            "new_workflow": diff.new_workflow.within(new),
            "matches": tuple(pair for pair in diff.matches if pair.old in old),
            "nodes": diff.nodes.model_copy(
                update={"removed": tuple(id_ for id_ in diff.nodes.removed if id_ in old)}
            ),
            "edges": EdgeEdits(
                added=tuple(edge for edge in diff.edges.added if new.issuperset(edge)),
                removed=tuple(edge for edge in diff.edges.removed if old.issuperset(edge)),
            ),
        }
    )


def _with_neighbours(workflow: Workflow, ids: Collection[str]) -> set[str]:
    near = {
        end
        for edge in workflow.edges
        if edge.source in ids or edge.target in ids
        for end in (edge.source, edge.target)
    }
    return set(ids) | near
