"""Detects the nodes and edges that were removed and added, in the largest fragments that they form."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lamina_graph.diff.alignment import Alignment, Edge
from lamina_graph.diff.detection import DiffView, UnratedChange, diff_views
from lamina_graph.diff.edits import PendingEdits
from lamina_graph.diff.lookalikes import explain_likeness
from lamina_graph.diff.node_names import has_own_label, list_some
from lamina_graph.graph import reachable
from lamina_graph.text import pluralize

_LONGEST_CHAIN = 4


@dataclass(frozen=True, slots=True)
class _Fragment:
    """Nodes that were removed or added together, or one edge.

    Attributes:
        nodes: connected nodes; empty for an edge.
        edges: the edges at them, or the one edge.
        bypassed: the edges of the other version whose place the nodes took, or that took theirs.
    """

    nodes: frozenset[int]
    edges: frozenset[Edge]
    bypassed: frozenset[Edge] = frozenset()

    @property
    def ends(self) -> set[int]:
        """The nodes that the fragment hangs on."""
        return {end for edge in self.edges for end in edge} - self.nodes


def detect_bridges(alignment: Alignment, pending: PendingEdits) -> Iterator[UnratedChange]:
    """Yield the edges between nodes that stay and have no connection without them."""
    for view in diff_views(alignment, pending):
        yield from _detect_joining(view, _list_edges(view, within=alignment.matched))


def detect_structure(alignment: Alignment, pending: PendingEdits) -> Iterator[UnratedChange]:
    """Yield the nodes and edges that were removed and added, and the types that were replaced."""
    views = diff_views(alignment, pending)
    for view in views:
        yield from _detect_joining(view, [*_group_nodes(view), *_list_edges(view)])
    for view in views:
        yield from (_report_fragment(view, fragment) for fragment in _group_nodes(view))
    for backward in (True, False):
        yield from _detect_rewiring(alignment, pending, backward)
    for view in views:
        yield from (_report_edges(view, edges) for edges in _group_edges(view))
    for number in alignment.sort(pending.retyped):
        yield _report_retyping(alignment, pending, number)


def _group_nodes(view: DiffView) -> list[_Fragment]:
    """Return the pending nodes, those that are connected together."""
    rest = set(view.nodes)
    fragments = []
    for number in view.alignment.sort(view.nodes):
        if number in rest:
            nodes = frozenset(reachable(view.present.neighbors, [number], within=rest))
            rest -= nodes
            edges = frozenset(view.present.edges_at(nodes) & view.edges)
            fragments.append(_Fragment(nodes, edges, _find_bypassed(view, edges)))
    return fragments


def _find_bypassed(view: DiffView, edges: frozenset[Edge]) -> frozenset[Edge]:
    """Return the pending edges of the other version from what feeds some nodes to what they feed."""
    targets = {target for _, target in edges}
    return frozenset(
        (source, target)
        for source in {source for source, _ in edges}
        for target in view.absent.successors[source]
        if target in targets and (source, target) in view.other_edges
    )


def _list_edges(view: DiffView, within: frozenset[int] | None = None) -> list[_Fragment]:
    """Return the pending edges, each by itself; those `within` some nodes, where given."""
    edges = [edge for edge in view.edges if within is None or within.issuperset(edge)]
    return [_Fragment(frozenset(), frozenset([edge])) for edge in view.alignment.sort_edges(edges)]


def _detect_joining(view: DiffView, fragments: Sequence[_Fragment]) -> Iterator[UnratedChange]:
    """Yield the fragments that connect in the one version what has no connection in the other."""
    spans: dict[int, list[_Fragment]] = {}
    separate = view.absent.components if fragments else {}
    for fragment in fragments:
        if len({separate[end] for end in fragment.ends if end in separate}) > 1:
            spans.setdefault(view.present.components[min(fragment.ends)], []).append(fragment)
    for bridges in spans.values():
        count = len({separate[end] for each in bridges for end in each.ends if end in separate})
        nodes = view.in_flow(node for each in bridges for node in each.nodes)
        edges = [edge for each in bridges if not each.nodes for edge in each.edges]
        names = [
            view.alignment.name(source) + " → " + view.alignment.name(target) for source, target in edges
        ]
        what = list_some([*map(view.present.name, nodes), *names])
        text = f"One part fell into {count} without a connection: {what} removed"
        if view.added:
            text = f"{count} separate parts are connected now: {what} added"
        yield _claim_fragments(view, view.word("component-split", "component-joined"), text, bridges)


def _report_fragment(view: DiffView, fragment: _Fragment) -> UnratedChange:
    """Return the change that reports a fragment of nodes by the place where they stood or stand."""
    nodes = view.in_flow(fragment.nodes)
    names = _describe_nodes(view, nodes)
    word = view.word("removed", "added")
    if fragment.bypassed:
        rule = view.word("bypassed", "inserted-between")
        text = f"{names} {view.word('bypassed', 'inserted')}{_describe_gap(view, fragment.bypassed)}"
    elif len(nodes) > 1:
        rule, text = (
            f"branch-{word}",
            f"Branch {word}{_locate(view, fragment.edges, fragment.nodes)}: {names}",
        )
    else:
        rule, text = f"node-{word}", f"{names} {word}{_locate(view, fragment.edges, fragment.nodes)}"
    return _claim_fragments(view, rule, text, [fragment])


def _describe_nodes(view: DiffView, nodes: Sequence[int]) -> str:
    """Return a few nodes, with arrows where they form a chain; of many, how many and the first."""
    linked = all(after in view.present.successors[node] for node, after in pairwise(nodes))
    names = [view.present.name(node) for node in nodes]
    if len(nodes) > _LONGEST_CHAIN:
        return f"{pluralize(len(nodes), 'node')}: {list_some(names)}"
    return " → ".join(names) if linked else list_some(names)


def _describe_gap(view: DiffView, edges: frozenset[Edge]) -> str:
    if len(edges) == 1:
        ((source, target),) = edges
        return f" between {view.alignment.name(source)} and {view.alignment.name(target)}"
    return _locate(view, edges)


def _locate(view: DiffView, edges: frozenset[Edge], nodes: frozenset[int] = frozenset()) -> str:
    """Say after and before which other nodes some nodes stand."""
    rows = (("after", {source for source, _ in edges}), ("before", {target for _, target in edges}))
    return ",".join(
        f" {word} {list_some(map(view.alignment.name, view.alignment.sort(others - nodes)))}"
        for word, others in rows
        if others - nodes
    )


def _detect_rewiring(alignment: Alignment, pending: PendingEdits, backward: bool) -> Iterator[UnratedChange]:
    """Yield the nodes that take from other nodes than before; not `backward`, those that feed others."""
    near, far = (1, 0) if backward else (0, 1)
    removed, added = (_group_by_end(pending.edges[added], near) for added in (False, True))
    for number in alignment.sort(removed.keys() & added.keys()):
        before, after = (alignment.sort_edges(side[number]) for side in (removed, added))
        was, now = (list_some(alignment.name(edge[far]) for edge in edges) for edges in (before, after))
        text = f"{alignment.name(number)} {'takes from' if backward else 'feeds'} {now} instead of {was}"
        old = [alignment.old.node(edge[far]).id for edge in before]
        new = [alignment.id(edge[far]) for edge in after]
        parts = pending.claim_edges(before, False) + pending.claim_edges(after, True)
        live = alignment.is_live(number)
        yield UnratedChange("node-rewired", text, (alignment.id(number),), old, new, parts, live)


def _group_by_end(edges: Iterable[Edge], end: int) -> dict[int, list[Edge]]:
    grouped: dict[int, list[Edge]] = {}
    for edge in edges:
        grouped.setdefault(edge[end], []).append(edge)
    return grouped


def _group_edges(view: DiffView) -> list[list[Edge]]:
    """Return the pending edges, those to one node together, of the rest those from one node."""
    by_target = _group_by_end(view.edges, 1).values()
    bundles = [edges for edges in by_target if len(edges) > 1]
    bundles += _group_by_end([edges[0] for edges in by_target if len(edges) == 1], 0).values()
    return sorted(
        map(view.alignment.sort_edges, bundles),
        key=lambda edges: [tuple(map(view.alignment.key, edge)) for edge in edges],
    )


def _report_edges(view: DiffView, edges: Sequence[Edge]) -> UnratedChange:
    """Return the change that reports edges to or from one node."""
    sources, targets = (view.alignment.sort({edge[end] for edge in edges}) for end in (0, 1))
    verb = "feeds" if len(sources) == 1 else "feed"
    word = view.word(f"no longer {verb}", f"now {verb}")
    feeding, fed = (list_some(map(view.alignment.name, ends)) for ends in (sources, targets))
    text = f"{feeding} {word} {fed}"
    rule = view.word("edge-removed", "edge-added")
    return _claim_fragments(view, rule, text, [_Fragment(frozenset(), frozenset(edges))])


def _claim_fragments(view: DiffView, rule: str, text: str, fragments: Sequence[_Fragment]) -> UnratedChange:
    """Claim fragments and return the change that reports them."""
    nodes = view.in_flow(node for each in fragments for node in each.nodes)
    edges = view.alignment.sort_edges(edge for each in fragments if not each.nodes for edge in each.edges)
    parts = view.claim_nodes(nodes) + view.claim_edges(edges)
    for each in fragments:
        parts += view.pending.claim_edges(each.bypassed, not view.added)
    live = not view.present.live.isdisjoint([*nodes, *(target for _, target in edges)])
    state: list[object] = [view.present.node(number).type for number in nodes]
    state += [[view.present.node(end).id for end in edge] for edge in edges]
    numbers = [*nodes, *(end for edge in edges for end in edge)]
    return view.change(rule, text, numbers, state[0] if len(state) == 1 else state, parts, live)


def _report_retyping(alignment: Alignment, pending: PendingEdits, number: int) -> UnratedChange:
    before, after = alignment.old.node(number), alignment.new.node(number)
    where = f" in {alignment.new.name(number)}" if has_own_label(after) else ""
    kinds = alignment.kinds(number)
    if not (has_own_label(before) or where):
        kinds = alignment.old.name(number), alignment.new.name(number)
    models = alignment.old.facts(number).role == alignment.new.facts(number).role == "generate"
    text = f"{'Model swapped' if models else 'Type changed'}{where}: {' → '.join(kinds)}"
    text += explain_likeness(before.type, after.type)
    if before.id != after.id and number in alignment.new.deliverables:
        text += ", the deliverable has a new id"
    parts, live = pending.claim_type(number)[1:], alignment.is_live(number)
    return UnratedChange("node-retyped", text, (after.id,), before.type, after.type, parts, live)
