"""The scene of a diff: both graphs in one."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from lamina_graph.graph import adjacency, wires
from lamina_graph.render.font_metrics import sanitize
from lamina_graph.render.palette import MARKS, Mark
from lamina_graph.render.scenes.model_files import model_files
from lamina_graph.render.scenes.scene import Card, Link, Scene, join_parts
from lamina_graph.render.scenes.workflow_scene import node_card, parallel_wires
from lamina_graph.text import pluralize
from lamina_graph.vocabulary import Vocabulary, readable

if TYPE_CHECKING:
    from lamina_graph.diff import Change, Diff
    from lamina_graph.features import Features, NodeFacts


def diff_scene(
    diff: "Diff",
    old: "Features",
    new: "Features",
    *,
    title: str | None = None,
    vocabulary: Vocabulary | None = None,
) -> Scene:
    """Return the scene of a diff: the new graph, and in it what was removed from the old."""
    return DiffUnion(diff, old, new, vocabulary).scene(title)


class DiffUnion:
    """The nodes and edges of both versions of a diff: those of the new one, then what was removed."""

    def __init__(
        self, diff: "Diff", old: "Features", new: "Features", vocabulary: Vocabulary | None = None
    ) -> None:
        self.diff, self.vocabulary = diff, vocabulary
        self.old, self.new = old, new
        self.adj = adjacency(diff.new_workflow)
        self.old_ends = {item.end for item in old.deliverables}
        removed = set(diff.nodes.removed)
        self.removed = [fact for fact in old.facts if fact.id in removed]
        self.place = {match.old: self.adj.index[match.new] for match in diff.matches}
        self.place.update((fact.id, len(self.adj) + i) for i, fact in enumerate(self.removed))

    def scene(self, title: str | None = None) -> Scene:
        """Both versions in one."""
        cards, links = self.cards(), self.links()
        tally = [*_tally(cards, "node"), *_tally(links, "edge"), *self._rest()]
        name = title or self.diff.new.name or self.diff.old.name or ""
        words = [*self._verdict(bool(tally)), *tally, *self._left_out()]
        return Scene(
            title=sanitize(name) or "Untitled workflow",
            subtitle=join_parts(words),
            description=f"Two versions of a workflow in one: {join_parts(words, ', ')}.",
            cards=cards,
            links=links,
            workflow=self.diff.new_workflow,
            colors="marks",
        )

    def _verdict(self, changed: bool) -> Iterator[str]:
        """The severity; of what is accepted no severity counts."""
        if changed:
            accepted = any(change.accepted for change in self.diff.changes)
            yield self.diff.severity or ("accepted" if accepted else "no caller-visible change")
        else:
            yield "no change known" if self.diff.unknown else "no change to the graph"

    def _left_out(self) -> Iterator[str]:
        """How much is not in the picture."""
        if self.diff.ignored:
            yield f"{self.diff.ignored} ignored"
        if self.diff.unknown:
            yield f"{len(self.diff.unknown)} not compared"

    def _rest(self) -> Iterator[str]:
        """How many changes are about no card or line, but about the app, such as its category or credits."""
        count = sum(
            not (self._subjects(change) or change.edges.added or change.edges.removed)
            for change in self.diff.changes
        )
        if count:
            yield f"{pluralize(count, 'change')} of the app as a whole"

    def cards(self) -> tuple[Card, ...]:
        """What the new version has, with what it was before, then what was removed."""
        before = self._before()
        new = []
        for card in self.new_cards():
            kind, tooltip = before.get(card.id, ("", ""))
            changes = self._changes_of.get(card.id, [])
            if card.mark == "affected":
                kind = changes[0].rule.replace("-", " ").replace("reident", "re-ident")
            texts = dict.fromkeys([*(sanitize(change.text) for change in changes), tooltip])
            card = replace(card, kind=kind or card.kind, tooltip=(*card.tooltip, *filter(None, texts)))
            new.append(card)
        return (*new, *map(self._old_card, self.removed))

    def old_cards(self) -> tuple[Card | None, ...]:
        """The cards of the old version alone, None where it has no such node."""
        cards = {self.place[fact.id]: self._old_card(fact) for fact in self.old.facts}
        return tuple(map(cards.get, range(len(self.adj) + len(self.removed))))

    def new_cards(self) -> Iterator[Card]:
        """The cards of the new version alone."""
        ends = {item.end for item in self.new.deliverables}
        files = model_files(self.diff.new_workflow)
        for fact in self.new.facts:
            mark, file = self._marks.get(fact.id), files.get(fact.id, "")
            yield node_card(fact, self.vocabulary, deliverable=fact.id in ends, mark=mark, model=file)

    def _old_card(self, fact: "NodeFacts") -> Card:
        place = self.place[fact.id]
        mark = self._marks.get(self.adj.ids[place]) if place < len(self.adj) else "removed"
        file, is_end = self._old_files.get(fact.id, ""), fact.id in self.old_ends
        return node_card(fact, self.vocabulary, deliverable=is_end, mark=mark, model=file)

    @cached_property
    def _old_files(self) -> dict[str, str]:
        return model_files(self.diff.old_workflow)

    def ids(self) -> tuple[tuple[str | None, str | None], ...]:
        """The id of each node, old and new."""
        old_ids = {match.new: match.old for match in self.diff.matches}
        return (
            *((old_ids.get(id_), id_) for id_ in self.adj.ids),
            *((fact.id, None) for fact in self.removed),
        )

    def links(self) -> tuple[Link, ...]:
        """The edges of the new version, marked where they have more or fewer wires, then the removed ones."""
        place = self.place
        counts = Counter(
            (place.get(edge.source), place.get(edge.target)) for edge in self.diff.old_workflow.edges
        )
        added = {(self.adj.index[source], self.adj.index[target]) for source, target in self.diff.edges.added}
        links = []
        for pair, edges in wires(self.diff.new_workflow, self.adj).items():
            mark: Mark | None = "added" if pair in added else None
            tooltip = parallel_wires(edges)
            if not mark and counts[pair] not in (0, len(edges)):
                mark = "changed"
                tooltip = f"{tooltip or '1 wire'}; before: {pluralize(counts[pair], 'wire')}"
            links.append(Link(*pair, mark=mark, tooltip=tooltip))
        removed = (Link(place[s], place[t], mark="removed") for s, t in self.diff.edges.removed)
        return (*sorted(links, key=lambda link: link.source), *removed)

    @cached_property
    def _marks(self) -> Mapping[str, Mark]:
        """The mark of each node of the new version that has one."""
        from lamina_graph.diff import SETTING_RULES

        nodes = self.diff.nodes
        marks: dict[str, Mark] = {item.new: "reidentified" for item in nodes.reidentified}
        marks |= {
            id_: "affected"
            for id_, changes in self._changes_of.items()
            if any(_affects(change) for change in changes)
        }
        marks |= {
            id_: "changed"
            for change in self.diff.changes
            if change.rule in SETTING_RULES
            for id_ in change.nodes
            if id_ in self.adj.index
        }
        marks.update((item.new, "changed") for item in nodes.retyped)
        marks.update((item.new, "changed") for item in nodes.relabelled)
        marks.update((id_, "added") for id_ in nodes.added)
        return marks

    @cached_property
    def _changes_of(self) -> dict[str, list["Change"]]:
        """The changes that each node of the new version is a subject of, the worst first."""
        changes: dict[str, list[Change]] = {}
        for change in self.diff.changes:
            for id_ in self._subjects(change):
                if id_ in self.adj.index:
                    changes.setdefault(id_, []).append(change)
        return changes

    def _subjects(self, change: "Change") -> Sequence[str]:
        """The nodes that a change is about; of the input contract, the one node that goes by its name."""
        if change.nodes or change.subject is None:
            return change.nodes
        named = self._titles.get(change.subject.casefold(), ())
        return named if len(named) == 1 else ()

    @cached_property
    def _titles(self) -> dict[str, list[str]]:
        """The inputs and deliverables of the new version, by title."""
        ends = {item.id for item in self.new.deliverables}
        titles: dict[str, list[str]] = {}
        for fact in self.new.facts:
            if fact.role == "input" or fact.id in ends:
                titles.setdefault(fact.title.casefold(), []).append(fact.id)
        return titles

    def _before(self) -> dict[str, tuple[str, str]]:
        """What nodes were before, by new id: for the small line, and for the tooltip."""
        nodes = self.diff.nodes
        before = {}
        for label in nodes.relabelled:
            name = sanitize(label.before or "") or "without a label"
            before[label.new] = (f"was {name}", f"label was {name}")
        for kind in nodes.retyped:
            _, tooltip = before.get(kind.new, ("", ""))
            name = sanitize(readable(kind.before, self.vocabulary))
            tooltip = join_parts([tooltip, f"type was {sanitize(kind.before)}"])
            before[kind.new] = (f"was {name}", tooltip)
        for id_ in nodes.reidentified:
            small, tooltip = before.get(id_.new, ("", ""))
            before[id_.new] = (small, join_parts([tooltip, f"id was {sanitize(id_.old)}"]))
        return before


def _affects(change: "Change") -> bool:
    """Whether callers may notice it at a node whose edges, type and label stayed."""
    kind, _, _ = change.rule.partition("-")
    return change.subject is not None or kind in ("deliverable", "input")


def _tally(items: Sequence[Card] | Sequence[Link], noun: str) -> list[str]:
    counts = [(mark, sum(item.mark == mark for item in items)) for mark in MARKS]
    return [f"{pluralize(count, noun)} {MARKS[mark].word}" for mark, count in counts if count]
