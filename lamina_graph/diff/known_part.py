"""What two versions can be compared in where the edges of one of them are not known.

Of such a version only the nodes that cost credits are listed. So of the other version a node that is missing
there counts as removed only where an estimate listed it before; of any other it stays open whether it is
still there. The same holds the other way round.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from lamina_graph.diff.change_rules import EDITOR_RULES, RULES, SETTING_RULES
from lamina_graph.diff.detection import UnratedChange
from lamina_graph.diff.node_names import list_some
from lamina_graph.diff.values import Version
from lamina_graph.model import Node, UnknownEdges, Workflow
from lamina_graph.text import one_line, pluralize

_GRAPH_RULES = frozenset(
    (
        *("node-added", "node-removed", "node-retyped", "node-relabelled"),
        *(*SETTING_RULES, *EDITOR_RULES),
        *("node-recreated", "node-reidentified", "app-renamed", "app-reidentified"),
        *("credits-up", "credits-down"),
    )
)
"""The rules of the graph that need no edge."""


class KnownPart(NamedTuple):
    """The part of two versions that both tell of, and what stays open."""

    old: Version
    new: Version
    unknown: tuple[str, ...]


def known_part(old: Version, new: Version) -> KnownPart:
    """Return what both versions tell of; the versions themselves where the edges of both are known."""
    lacking = [word for word, each in (("old", old), ("new", new)) if not each.workflow.edges_known]
    if not lacking:
        return KnownPart(old, new, ())
    of = "either version" if len(lacking) == 2 else f"the {lacking[0]} version"
    unknown = [
        f"edges: the API does not give those of {of}; how nodes are connected, and what follows from it"
        " (inputs, deliverables, stages, shape, category), could not be compared"
    ]
    nodes = old.workflow.nodes, new.workflow.nodes
    if len(lacking) == 1:
        first, second = (old, new) if new is _part_of(old, new) else (new, old)
        whole, part, open_ = _share_nodes(first, second.workflow)
        nodes = (whole, part) if first is old else (part, whole)
        if open_:
            names = list_some([f"“{one_line(node.title, 40)}”" for node in open_])
            words = ("old", "still be in the new") if first is old else ("new", "have been in the old")
            count = pluralize(len(open_), "node")
            unknown.append(f"nodes: {count} of the {words[0]} version may {words[1]} one ({names})")
    return KnownPart(_without_edges(old, nodes[0]), _without_edges(new, nodes[1]), tuple(unknown))


def keep_certain(changes: Iterable[UnratedChange]) -> Iterator[UnratedChange]:
    """Yield the changes that can be told without edges; any of them may be of what a deliverable needs.

    Args:
        changes: of two versions whose edges are not both known.
    """
    for change in changes:
        if RULES[change.rule].of != "graph" or change.rule in _GRAPH_RULES:
            yield replace(change, live=True)


def carry_edges(whole: Version, part: Workflow) -> Workflow:
    """Return a workflow of which only nodes are known, with the edges that were last known.

    What its nodes tell is taken over: nodes that were removed for certain, added or of another type.

    Args:
        whole: the last version with edges.
        part: the one without.
    """
    if part.edges_known:
        return part
    kept, present, _ = _share_nodes(whole, part)
    types = {node.id: node for node in present}
    removed = {node.id for node in kept} - types.keys()
    nodes = [types.pop(node.id, node) for node in whole.workflow.nodes if node.id not in removed]
    return whole.workflow.model_copy(
        update={
            "name": part.name or whole.workflow.name,
            "nodes": (*nodes, *types.values()),
            "edges": tuple(edge for edge in whole.workflow.edges if not removed & {edge.source, edge.target}),
        }
    )


def _part_of(old: Version, new: Version) -> Version:
    return old if not old.workflow.edges_known else new


def _share_nodes(whole: Version, part: Workflow) -> tuple[tuple[Node, ...], tuple[Node, ...], list[Node]]:
    """Return the nodes to compare of a version with edges and of one without, and those that stay open."""
    priced = {each.node_id for each in whole.estimate.breakdown} if whole.estimate else set()
    listed = {node.id: node for node in reversed(part.nodes)}  # of those that share an id the first counts
    listed = {id_: listed[id_] for id_ in dict.fromkeys(node.id for node in part.nodes)}
    kept: list[Node] = []
    open_: list[Node] = []
    for node in whole.workflow.nodes:
        (kept if node.id in listed or node.id in priced else open_).append(node)
    known = {node.id: node for node in reversed(kept)}
    # Of a node that both have, the one without edges tells the type alone.
    present = tuple(
        known[id_].model_copy(update={"type": node.type}) if id_ in known else node
        for id_, node in listed.items()
    )
    return tuple(kept), present, open_


def _without_edges(version: Version, nodes: Iterable[Node]) -> Version:
    w = version.workflow
    known = Workflow(app_id=w.app_id, name=w.name, nodes=tuple(nodes), edges=UnknownEdges())
    return replace(version, workflow=known, features=None)
