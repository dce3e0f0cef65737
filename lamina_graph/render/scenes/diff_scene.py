"""The scene of a diff: both graphs in one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from lamina_graph.graph import adjacency, wires
from lamina_graph.render.font_metrics import shown
from lamina_graph.render.palette import MARKS, Mark
from lamina_graph.render.scenes.scene import Card, Link, Scene, dotted
from lamina_graph.render.scenes.workflow_scene import card, parallel_wires
from lamina_graph.text import pluralize
from lamina_graph.vocabulary import Vocabulary, readable

if TYPE_CHECKING:
    from lamina_graph.diff import Diff
    from lamina_graph.features import Features, NodeFacts


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


class Sides(NamedTuple):
    """What each card of a comparison is in each version alone, None where it is not there.

    Attributes:
        old, new: its card.
        ids: the id of its node, old and new.
    """

    old: tuple[Card | None, ...]
    new: tuple[Card | None, ...]
    ids: tuple[tuple[str | None, str | None], ...]


def sides(change: "Diff", old: "Features", new: "Features", *, vocabulary: Vocabulary | None = None) -> Sides:
    """Return what the cards of a comparison are in each version alone.

    Args:
        change: the diff.
        old: the features of the old version.
        new: the features of the new one.
        vocabulary: the words of node types.
    """
    union = _Union(change, old, new, vocabulary)
    return Sides(union.before(), union.after(), union.ids())


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
        """Both versions in one: what the new one has, with what was there before, and what was removed."""
        said = self._said()
        now = zip(self.graph.ids, self._now(), strict=True)
        return (
            *(_told(each, *said.get(id_, ("", ""))) for id_, each in now),
            *map(self._then, self.removed),
        )

    def before(self) -> tuple[Card | None, ...]:
        """The old version alone."""
        found = {self.place[fact.id]: self._then(fact) for fact in self.old.facts}
        return tuple(map(found.get, range(len(self.graph) + len(self.removed))))

    def after(self) -> tuple[Card | None, ...]:
        """The new version alone."""
        return (*self._now(), *(None for _ in self.removed))

    def _then(self, fact: "NodeFacts") -> Card:
        ends, place = self._ends[0], self.place[fact.id]
        mark = self._marks.get(self.graph.ids[place]) if place < len(self.graph) else "removed"
        return card(fact, self.vocabulary, deliverable=fact.id in ends, mark=mark)

    def _now(self) -> Iterator[Card]:
        ends = self._ends[1]
        for fact in self.new.facts:
            yield card(fact, self.vocabulary, deliverable=fact.id in ends, mark=self._marks.get(fact.id))

    @cached_property
    def _ends(self) -> tuple[set[str], ...]:
        return tuple({item.end for item in side.deliverables} for side in (self.old, self.new))

    def ids(self) -> tuple[tuple[str | None, str | None], ...]:
        """The id of each node, old and new."""
        was = {match.new: match.old for match in self.change.matches}
        there = ((was.get(id_), id_) for id_ in self.graph.ids)
        return (*there, *((fact.id, None) for fact in self.removed))

    def links(self) -> tuple[Link, ...]:
        ids = self.graph.ids
        added = set(self.change.edges.added)
        joined = wires(self.change.new_workflow, self.graph)
        there = (
            Link(
                *pair,
                mark="added" if (ids[pair[0]], ids[pair[1]]) in added else None,
                tooltip=parallel_wires(joined[pair]),
            )
            for pair in self.graph.edges
        )
        gone = (
            Link(self.place[source], self.place[target], mark="removed")
            for source, target in self.change.edges.removed
        )
        return (*there, *gone)

    @cached_property
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
        for id_ in nodes.reidentified:
            small, told = said.get(id_.new, ("", ""))
            said[id_.new] = (small, dotted([told, f"id was {shown(id_.old)}"]))
        return said


def _told(card: Card, small: str, long: str) -> Card:
    """A card that says what was there before."""
    return replace(card, kind=small or card.kind, tooltip=(*card.tooltip, long)) if long else card


def _tally(items: Sequence[Card] | Sequence[Link], noun: str) -> list[str]:
    counts = [(mark, sum(item.mark == mark for item in items)) for mark in MARKS]
    return [f"{pluralize(count, noun)} {mark}" for mark, count in counts if count]
