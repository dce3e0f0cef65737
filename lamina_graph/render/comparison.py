"""The scene of a diff: both graphs in one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lamina_graph.graph import adjacency
from lamina_graph.model import counted
from lamina_graph.render.language import MARKS, Mark
from lamina_graph.render.measure import shown
from lamina_graph.render.overview import card
from lamina_graph.render.scene import Card, Link, Scene, dotted
from lamina_graph.vocabulary import Vocabulary, readable

if TYPE_CHECKING:
    from lamina_graph.diff import Diff
    from lamina_graph.features import Features


def comparison(
    change: "Diff",
    old: "Features",
    new: "Features",
    *,
    title: str | None = None,
    vocabulary: Vocabulary | None = None,
) -> Scene:
    """Return the scene of a diff: the new graph, and among it what was removed from the old.

    Args:
        change: the diff.
        old: the features of the old version.
        new: the features of the new one.
        title: in place of the app's name.
        vocabulary: the words of node types.
    """
    union = _Union(change, old, new, vocabulary)
    cards, links = union.cards(), union.links()
    tally = [*_tally(cards, "node"), *_tally(links, "edge")]
    name = title or change.new_workflow.name or change.old_workflow.name or ""
    return Scene(
        title=shown(name) or "Untitled workflow",
        subtitle=dotted([change.severity or "nothing that callers feel", *tally])
        if tally
        else "no change to the graph",
        described=f"Two versions of a workflow in one: {dotted(tally, ', ') or 'the graphs are the same'}.",
        cards=cards,
        links=links,
        workflow=change.new_workflow,
        colours="marks",
    )


class _Union:
    """The nodes and edges of both sides: those of the new side, then what was removed."""

    def __init__(
        self, change: "Diff", old: "Features", new: "Features", vocabulary: Vocabulary | None
    ) -> None:
        self.change, self.vocabulary = change, vocabulary
        self.old, self.new = old, new
        self.graph = adjacency(change.new_workflow)
        gone = set(change.nodes.removed)
        self.removed = [fact for fact in old.facts if fact.id in gone]
        self.place = {match.old: self.graph.index[match.new] for match in change.matches}
        self.place.update((fact.id, len(self.graph) + at) for at, fact in enumerate(self.removed))

    def cards(self) -> tuple[Card, ...]:
        now, before = ({item.end for item in side.deliverables} for side in (self.new, self.old))
        marks, said = self._marks(), self._said()
        there = (
            _told(
                card(fact, self.vocabulary, deliverable=fact.id in now, mark=marks.get(fact.id)),
                *said.get(fact.id, ("", "")),
            )
            for fact in self.new.facts
        )
        gone = (
            card(fact, self.vocabulary, deliverable=fact.id in before, mark="removed")
            for fact in self.removed
        )
        return (*there, *gone)

    def links(self) -> tuple[Link, ...]:
        ids = self.graph.ids
        added = set(self.change.edges.added)
        there = (
            Link(source, target, mark="added" if (ids[source], ids[target]) in added else None)
            for source, target in self.graph.edges
        )
        gone = (
            Link(self.place[source], self.place[target], mark="removed")
            for source, target in self.change.edges.removed
        )
        return (*there, *gone)

    def _marks(self) -> dict[str, Mark]:
        nodes = self.change.nodes
        set_anew = (each.nodes for each in self.change.changes if each.rule == "node-settings-changed")
        marks: dict[str, Mark] = {
            id_: "changed" for ids in set_anew for id_ in ids if id_ in self.graph.index
        }
        marks.update((item.new, "changed") for item in nodes.retyped)
        marks.update((item.new, "changed") for item in nodes.relabelled)
        marks.update((id_, "added") for id_ in nodes.added)
        return marks

    def _said(self) -> dict[str, tuple[str, str]]:
        """What was there before, by new id: for the small line, and for the tooltip."""
        nodes = self.change.nodes
        said = {}
        for label in nodes.relabelled:
            before = shown(label.before or "") or "without a label"
            said[label.new] = (f"was {before}", f"label was {before}")
        for kind in nodes.retyped:
            told = said.get(kind.new, ("", ""))[1]
            before = f"type was {shown(kind.before)}"
            said[kind.new] = (f"was {shown(readable(kind.before, self.vocabulary))}", dotted([told, before]))
        return said


def _told(card: Card, small: str, long: str) -> Card:
    """A card that says what was there before."""
    return replace(card, kind=small or card.kind, tooltip=(*card.tooltip, long)) if long else card


def _tally(items: Sequence[Card] | Sequence[Link], noun: str) -> list[str]:
    counts = [(mark, sum(item.mark == mark for item in items)) for mark in MARKS]
    return [f"{counted(count, noun)} {mark}" for mark, count in counts if count]
