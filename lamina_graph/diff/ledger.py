"""What no change tells yet."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lamina_graph.diff.both import Both, Edge
from lamina_graph.diff.fields import FieldEdits, Settings, field_edits
from lamina_graph.diff.values import EdgeEdits
from lamina_graph.diff.words import has_own_label
from lamina_graph.model import Node


@dataclass(slots=True)
class Ledger:
    """The edits that no change tells yet. Who tells some takes them out, so that each is told once.

    A teller takes what a change tells right before it hands the change over; so `taken` says what that was.
    """

    both: Both
    nodes: dict[bool, set[int]] = field(init=False)
    edges: dict[bool, set[Edge]] = field(init=False)
    retyped: set[int] = field(init=False)
    relabelled: set[int] = field(init=False)
    reidentified: set[int] = field(init=False)
    settings: dict[int, Settings] = field(init=False)
    fields: FieldEdits = field(init=False)
    _taken: dict[bool, list[Edge]] = field(init=False)

    def __post_init__(self) -> None:
        old, new, kept = self.both.old, self.both.new, self.both.kept
        self.nodes = {False: set(old.place) - kept, True: set(new.place) - kept}
        self.edges = {
            False: set(old.links.edges - new.links.edges),
            True: set(new.links.edges - old.links.edges),
        }
        pairs = [(number, old.node(number), new.node(number)) for number in kept]
        self.retyped = {number for number, a, b in pairs if a.type != b.type}
        self.relabelled = {number for number, a, b in pairs if a.label != b.label and not _follows_type(a, b)}
        self.fields = field_edits(self.both)
        self.settings = dict(self.fields.settings)
        self.reidentified = {number for number, a, b in pairs if a.id != b.id}
        self._taken = {False: [], True: []}

    def taken(self) -> EdgeEdits:
        """Return the edges that were taken out since this was last asked."""
        found, self._taken = self._taken, {False: [], True: []}
        removed, added = (
            tuple(sorted((side.node(s).id, side.node(t).id) for s, t in found[gain]))
            for gain, side in ((False, self.both.old), (True, self.both.new))
        )
        return EdgeEdits(added=added, removed=removed)

    def take_nodes(self, numbers: Iterable[int], gain: bool) -> list[str]:
        """Take out nodes with the edges at them, and say so in a phrase each."""
        mine = self.both.order(set(numbers) & self.nodes[gain])
        self.nodes[gain].difference_update(mine)
        side = self.both.new if gain else self.both.old
        word = "added" if gain else "removed"
        edges = {(other, number) for number in mine for other in side.links.predecessors[number]}
        edges |= {(number, other) for number in mine for other in side.links.successors[number]}
        return [f"node {word}: {side.name(number)}" for number in mine] + self.take_edges(edges, gain)

    def take_edges(self, edges: Iterable[Edge], gain: bool) -> list[str]:
        """Take out edges, and say so in a phrase each."""
        mine = set(edges) & self.edges[gain]
        self.edges[gain] -= mine
        self._taken[gain] += mine
        side = self.both.new if gain else self.both.old
        word = "added" if gain else "removed"
        return [
            f"edge {word}: {source} → {target}"
            for source, target in sorted((side.name(s), side.name(t)) for s, t in mine)
        ]

    def take_type(self, number: int) -> list[str]:
        """Take out the retyping of a node, with the id and settings that came with it, and say so."""
        if number not in self.retyped:
            return []
        self.retyped.discard(number)
        self.reidentified.discard(number)
        before, after = self.both.kinds(number)
        changed = self.settings.pop(number, None)
        return [
            f"type changed: {before} → {after}",
            *(changed.phrases if changed else ()),
        ]


def _follows_type(before: Node, after: Node) -> bool:
    """Whether a label changed only because it repeats the type."""
    return before.type != after.type and not (has_own_label(before) or has_own_label(after))
