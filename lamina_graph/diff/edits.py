"""The edits between two versions: as a script, as pending ones that no change reports yet, and replayed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lamina_graph.diff.alignment import AlignedVersion, Alignment, Edge
from lamina_graph.diff.fields import FieldEdits, Settings, field_edits
from lamina_graph.diff.node_names import has_own_label
from lamina_graph.diff.values import Diff, EdgeEdits, NodeEdits, Reidentified, Relabelled, Retyped
from lamina_graph.graph import Adjacency, adjacency
from lamina_graph.match import Anchors, any_id
from lamina_graph.model import Edge as Wire
from lamina_graph.model import Node, Workflow


@dataclass(slots=True)
class PendingEdits:
    """The edits that no change reports yet. A detector claims those of its change, so that none is in two.

    It claims them right before it hands the change over; so `drain_edges` says which edges are its own.
    """

    alignment: Alignment
    nodes: dict[bool, set[int]] = field(init=False)
    edges: dict[bool, set[Edge]] = field(init=False)
    retyped: set[int] = field(init=False)
    relabelled: set[int] = field(init=False)
    reidentified: set[int] = field(init=False)
    settings: dict[int, Settings] = field(init=False)
    fields: FieldEdits = field(init=False)
    _claimed: dict[bool, list[Edge]] = field(init=False)

    def __post_init__(self) -> None:
        old, new, matched = self.alignment.old, self.alignment.new, self.alignment.matched
        self.nodes = {False: old.positions.keys() - matched, True: new.positions.keys() - matched}
        self.edges = {False: old.edges_beyond(new), True: new.edges_beyond(old)}
        pairs = [(old.positions[number], new.positions[number]) for number in matched]
        differing = _compare_nodes(old.graph.adj, new.graph.adj, pairs, self.alignment.anchors)
        self.retyped, relabelled, self.reidentified = (
            {new.numbers[b] for _, b in each} for each in differing
        )
        self.relabelled = {n for n in relabelled if not _repeats_type(old.node(n), new.node(n))}
        self.fields = field_edits(self.alignment)
        self.settings = dict(self.fields.settings)
        self._claimed = {False: [], True: []}

    def drain_edges(self) -> EdgeEdits:
        """Return the edges that were claimed since this was last asked."""
        removed, added = (
            tuple(sorted((version.node(s).id, version.node(t).id) for s, t in self._claimed[added]))
            for added, version in self._list_versions()
        )
        self._claimed = {False: [], True: []}
        return EdgeEdits(added=added, removed=removed)

    def claim_nodes(self, numbers: Iterable[int], added: bool) -> list[str]:
        """Claim nodes with the edges at them; return a phrase each."""
        claimed = self.alignment.sort(self.nodes[added].intersection(numbers))
        self.nodes[added].difference_update(claimed)
        version = dict(self._list_versions())[added]
        word = "added" if added else "removed"
        phrases = [f"node {word}: {version.name(number)}" for number in claimed]
        return phrases + self.claim_edges(version.edges_at(claimed), added)

    def claim_edges(self, edges: Iterable[Edge], added: bool) -> list[str]:
        """Claim edges; return a phrase each."""
        claimed = self.edges[added].intersection(edges)
        self.edges[added] -= claimed
        self._claimed[added] += claimed
        version = dict(self._list_versions())[added]
        names = sorted((version.name(source), version.name(target)) for source, target in claimed)
        word = "added" if added else "removed"
        return [f"edge {word}: {source} → {target}" for source, target in names]

    def claim_type(self, number: int) -> list[str]:
        """Claim the retyping of a node, with the id and settings that came with it; return a phrase each."""
        if number not in self.retyped:
            return []
        self.retyped.discard(number)
        self.reidentified.discard(number)
        changed = self.settings.pop(number, None)
        return [
            f"type changed: {' → '.join(self.alignment.kinds(number))}",
            *(changed.phrases if changed else ()),
        ]

    def _list_versions(self) -> tuple[tuple[bool, AlignedVersion], tuple[bool, AlignedVersion]]:
        return (False, self.alignment.old), (True, self.alignment.new)


def _repeats_type(before: Node, after: Node) -> bool:
    """Whether a label changed only because it repeats the type."""
    return before.type != after.type and not (has_own_label(before) or has_own_label(after))


class _Differing(NamedTuple):
    """The pairs of nodes that have another type, another label, another id where ids mean anything."""

    retyped: list[tuple[int, int]]
    relabelled: list[tuple[int, int]]
    reidentified: list[tuple[int, int]]


def _compare_nodes(
    old: Adjacency, new: Adjacency, pairs: Sequence[tuple[int, int]], anchors: Anchors
) -> _Differing:
    return _Differing(
        [(a, b) for a, b in pairs if old.types[a] != new.types[b]],
        [(a, b) for a, b in pairs if old.labels[a] != new.labels[b]],
        [
            (a, b)
            for a, b in pairs
            if old.ids[a] != new.ids[b] and (anchors(old.ids[a]) or anchors(new.ids[b]))
        ],
    )


def node_edits(
    old: Adjacency, new: Adjacency, pairs: Sequence[tuple[int, int]], anchors: Anchors = any_id
) -> NodeEdits:
    """Return the edits on nodes, in order of ids: those not paired, and what differs in those that are."""
    paired_old, paired_new = {a for a, _ in pairs}, {b for _, b in pairs}
    differing = _compare_nodes(old, new, sorted(pairs, key=lambda pair: new.ids[pair[1]]), anchors)
    return NodeEdits(
        added=_list_unpaired(new, paired_new),
        removed=_list_unpaired(old, paired_old),
        retyped=tuple(
            Retyped(old=old.ids[a], new=new.ids[b], before=old.types[a], after=new.types[b])
            for a, b in differing.retyped
        ),
        relabelled=tuple(
            Relabelled(old=old.ids[a], new=new.ids[b], before=old.labels[a], after=new.labels[b])
            for a, b in differing.relabelled
        ),
        reidentified=tuple(Reidentified(old=old.ids[a], new=new.ids[b]) for a, b in differing.reidentified),
    )


def edge_edits(old: Adjacency, new: Adjacency, pairs: Sequence[tuple[int, int]]) -> EdgeEdits:
    """Return the edits on edges, compared through the pairs; in order of ids."""
    forth, back = dict(pairs), {b: a for a, b in pairs}
    return EdgeEdits(added=_list_lost_edges(new, old, back), removed=_list_lost_edges(old, new, forth))


def _list_unpaired(adj: Adjacency, paired: Collection[int]) -> tuple[str, ...]:
    return tuple(sorted(id_ for node, id_ in enumerate(adj.ids) if node not in paired))


def _list_lost_edges(
    one: Adjacency, other: Adjacency, partner: Mapping[int, int]
) -> tuple[tuple[str, str], ...]:
    """Return the edges of a graph that another has not between the partners of their ends."""
    lost = []
    for source, targets in enumerate(one.successors):
        image = partner.get(source)
        kept = () if image is None or not targets else frozenset(other.successors[image])
        lost += [(one.ids[source], one.ids[target]) for target in targets if partner.get(target) not in kept]
    return tuple(sorted(lost))


def replay(old: Workflow, diff: Diff) -> Workflow:
    """Return what the edits of a diff make of the old workflow: the new one's well-formed nodes and edges.

    Only the edits are used; what an added node is called and what type it has is looked up in the new
    workflow. Settings and the order of nodes and edges are not replayed.

    >>> import lamina_graph as lg
    >>> old = lg.load({"nodes": [{"id": "a", "type": "fluxNode"}], "edges": []})
    >>> new = lg.load({"nodes": [{"id": "b", "type": "veoNode"}], "edges": [{"source": "b", "target": "b"}]})
    >>> replay(old, lg.diff(old, new)).edges
    (Edge(source='b', target='b'),)
    """
    partner = {pair.old: pair.new for pair in diff.matches}
    types = {each.old: each.after for each in diff.nodes.retyped}
    labels = {each.old: each.after for each in diff.nodes.relabelled}
    before, after = adjacency(old), adjacency(diff.new_workflow)
    nodes = [
        Node(id=partner[node.id], type=types.get(node.id, node.type), label=labels.get(node.id, node.label))
        for node in before.nodes
        if node.id in partner
    ]
    added = (after.nodes[after.index[id_]] for id_ in diff.nodes.added)
    nodes += [Node(id=node.id, type=node.type, label=node.label) for node in added]
    edges_before = {(before.ids[source], before.ids[target]) for source, target in before.edges}
    kept = {(partner[s], partner[t]) for s, t in edges_before.difference(diff.edges.removed)}
    edges = [Wire(source=source, target=target) for source, target in (*sorted(kept), *diff.edges.added)]
    return Workflow(app_id=diff.new.app_id, name=diff.new.name, nodes=tuple(nodes), edges=tuple(edges))
