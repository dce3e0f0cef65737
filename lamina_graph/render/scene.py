"""What a picture shows, before anybody says how: cards, links, title, legend. Every writer of this room starts from a `Scene`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from lamina_graph.graph import Adjacency, adjacency
from lamina_graph.model import Workflow
from lamina_graph.render.language import MARKS, MODALITIES, ROLES, ColourBy, Mark
from lamina_graph.render.measure import shown
from lamina_graph.vocabulary import Modality, Role, readable

if TYPE_CHECKING:
    from lamina_graph.classify import Classification
    from lamina_graph.diff import Diff
    from lamina_graph.features import Features, NodeFacts


@dataclass(frozen=True, slots=True)
class Card:
    """One node as it is shown.

    Attributes:
        title, kind: the large and the small line.
        tooltip: all there is to know, in full, one line each.
        gives: the modalities of its result.
        main: whether it stands on the main path.
        mark: what a diff says of it.
        step: its place on the scale, where colours mean a quantity; None where that is not known.
        note: the quantity in words.
    """

    title: str
    kind: str
    role: Role
    tooltip: tuple[str, ...] = ()
    gives: tuple[Modality, ...] = ()
    deliverable: bool = False
    main: bool = False
    mark: Mark | None = None
    step: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One edge as it is shown, between cards by number."""

    source: int
    target: int
    main: bool = False
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend: what kind of sign, which, and its word."""

    sign: Literal["role", "modality", "mark", "same", "main", "deliverable", "step", "text"]
    name: str
    word: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a picture shows.

    Attributes:
        described: one sentence for those who cannot see it.
        scale: the words of the five steps, where colours mean a quantity.
        compared: whether this is a diff.
        workflow: what the file carries.
    """

    title: str
    subtitle: str
    described: str
    cards: tuple[Card, ...]
    links: tuple[Link, ...]
    workflow: Workflow
    scale: tuple[str, ...] = ()
    compared: bool = False
    remarks: tuple[str, ...] = field(default=())

    def legend(self) -> tuple[Key, ...]:
        """The signs that occur, and no others."""
        return tuple(self._keys())

    def _keys(self) -> Iterable[Key]:
        if self.compared:
            marks = {item.mark for item in (*self.cards, *self.links)}
            yield from (Key("mark", mark, look.word) for mark, look in MARKS.items() if mark in marks)
            if None in marks:
                yield Key("same", "same", "unchanged")
        roles = {card.role for card in self.cards}
        yield from (Key("role", role, look.word) for role, look in ROLES.items() if role in roles)
        gives = {modality for card in self.cards for modality in card.gives}
        yield from (Key("modality", name, look.word) for name, look in MODALITIES.items() if name in gives)
        if any(card.deliverable for card in self.cards):
            yield Key("deliverable", "deliverable", "deliverable")
        if any(link.main for link in self.links):
            yield Key("main", "main", "main path")
        yield from (Key("step", str(step), word) for step, word in enumerate(self.scale))
        yield from (Key("text", "", remark) for remark in self.remarks)


def of_workflow(
    workflow: Workflow,
    facts: "Features",
    answer: "Classification | None",
    *,
    title: str | None = None,
    date: str | None = None,
    path: Sequence[str] = (),
    overlay: "Overlay | None" = None,
) -> Scene:
    """Return the scene of one workflow.

    Args:
        workflow: what to show.
        facts: its features.
        answer: its classification, for the subtitle and the main path.
        title: in place of the app's name.
        date: when it was like this, as it is to be shown.
        path: the main path, as ids; by default the way to a deliverable that decided the category, else the longest.
        overlay: what colours mean, where not roles.
    """
    plain = adjacency(workflow)
    delivered = {item.id for item in facts.deliverables}
    main = _main_path(plain, path or _witness(answer), delivered)
    on_path = {number for pair in main for number in pair}
    cards = tuple(
        _card(fact, deliverable=fact.id in delivered, main=number in on_path)
        for number, fact in enumerate(facts.facts)
    )
    scene = Scene(
        title=shown(title or workflow.name or "Untitled workflow"),
        subtitle=_dotted([answer.category if answer else "", *_counts(facts), date or ""]),
        described=_described(facts, answer),
        cards=cards,
        links=tuple(Link(*pair, main=pair in main) for pair in plain.edges),
        workflow=workflow,
    )
    return overlay.over(scene, facts) if overlay else scene


def of_diff(
    change: "Diff", old_facts: "Features", new_facts: "Features", *, title: str | None = None
) -> Scene:
    """Return the scene of a diff: both graphs in one, what went away among what is there."""
    union = _Union(change, old_facts, new_facts)
    cards, links = union.cards(), union.links()
    new = change.new_workflow
    return Scene(
        title=shown(title or new.name or change.old_workflow.name or "Untitled workflow"),
        subtitle=_dotted([change.severity or "no change", *_tally(cards, "node"), *_tally(links, "edge")]),
        described=f"Changes between two versions: {_dotted([*_tally(cards, 'node'), *_tally(links, 'edge')], ', ') or 'none'}.",
        cards=cards,
        links=links,
        workflow=new,
        compared=True,
    )


@dataclass(frozen=True, slots=True)
class Overlay:
    """A quantity that colours stand for: a value and its words for each node, the words of the five steps."""

    values: Mapping[str, int]
    notes: Mapping[str, str]
    scale: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    def over(self, scene: Scene, facts: "Features") -> Scene:
        """The scene with its cards coloured by this quantity."""
        cards = (
            replace(card, step=self.values.get(fact.id), note=self.notes.get(fact.id, ""))
            for card, fact in zip(scene.cards, facts.facts, strict=True)
        )
        return replace(scene, cards=tuple(cards), scale=self.scale, remarks=self.remarks)


def _card(
    fact: "NodeFacts", *, deliverable: bool = False, main: bool = False, mark: Mark | None = None
) -> Card:
    named = shown(readable(fact.type)) or shown(fact.type) or "(no type)"
    title = shown(fact.title)
    if not title or fact.title == fact.type:
        title = named
    kind = named if title.casefold() != named.casefold() else (fact.task or fact.role)
    gives = ", ".join(fact.modalities)
    return Card(
        title=title,
        kind=shown(kind),
        role=fact.role,
        tooltip=(
            title,
            f"type {shown(fact.type)}",
            f"id {shown(fact.id)}",
            f"{fact.task or fact.role}{', gives ' + gives if gives else ''}{', deliverable' if deliverable else ''}",
        ),
        gives=fact.modalities,
        deliverable=deliverable,
        main=main,
        mark=mark,
    )


class _Union:
    """The nodes and edges of both sides of a diff: those of the new side, then what was removed."""

    def __init__(self, change: "Diff", old_facts: "Features", new_facts: "Features") -> None:
        self.change = change
        self.old, self.new = adjacency(change.old_workflow), adjacency(change.new_workflow)
        self.old_facts, self.new_facts = old_facts, new_facts
        removed = [id_ for id_ in self.old.ids if id_ in set(change.nodes.removed)]
        self.place = {match.old: self.new.index[match.new] for match in change.matches}
        self.place.update((id_, len(self.new) + at) for at, id_ in enumerate(removed))
        self.removed = removed

    def cards(self) -> tuple[Card, ...]:
        delivered = {item.id for item in self.new_facts.deliverables}
        known = {fact.id: fact for fact in self.old_facts.facts}
        were = {item.id for item in self.old_facts.deliverables}
        marks, said = self._marks(), self._said()
        new = (
            _card(fact, deliverable=fact.id in delivered, mark=marks.get(fact.id))
            for fact in self.new_facts.facts
        )
        old = (_card(known[id_], deliverable=id_ in were, mark="removed") for id_ in self.removed)
        told = (_told(card, said.get(id_)) for card, id_ in zip(new, self.new.ids, strict=True))
        return (*told, *old)

    def links(self) -> tuple[Link, ...]:
        added = {tuple(pair) for pair in self.change.edges.added}
        ids = self.new.ids
        new = (
            Link(source, target, mark="added" if (ids[source], ids[target]) in added else None)
            for source, target in self.new.edges
        )
        gone = (
            Link(self.place[source], self.place[target], mark="removed")
            for source, target in map(tuple, self.change.edges.removed)
        )
        return (*new, *gone)

    def _marks(self) -> dict[str, Mark]:
        nodes = self.change.nodes
        settings = (change.nodes for change in self.change.changes if change.rule == "node-settings-changed")
        marks: dict[str, Mark] = {id_: "changed" for ids in settings for id_ in ids if id_ in self.new.index}
        marks.update((item.new, "changed") for item in (*nodes.retyped, *nodes.relabelled))
        marks.update((id_, "added") for id_ in nodes.added)
        return marks

    def _said(self) -> dict[str, tuple[str, str]]:
        """What replaced what, by new id: of a type as the small line, of a label only in the tooltip."""
        nodes = self.change.nodes
        said = {item.new: ("", f"label was {shown(item.before or '')}") for item in nodes.relabelled}
        for item in nodes.retyped:
            before = shown(readable(item.before))
            said[item.new] = (f"was {before}", f"type was {shown(item.before)}")
        return said


def _told(card: Card, said: tuple[str, str] | None) -> Card:
    if said is None:
        return card
    return replace(card, kind=said[0] or card.kind, tooltip=(*card.tooltip, said[1]))


def _main_path(plain: Adjacency, path: Sequence[str], delivered: set[str]) -> frozenset[tuple[int, int]]:
    numbers = [plain.index[id_] for id_ in path if id_ in plain.index] or _longest(plain, delivered)
    return frozenset(
        (source, target)
        for source, target in zip(numbers, numbers[1:], strict=False)
        if target in plain.successors[source]
    )


def _witness(answer: "Classification | None") -> Sequence[str]:
    paths = [evidence.path for evidence in answer.evidence] if answer else []
    return max(paths[:1], key=len, default=())


def _longest(plain: Adjacency, delivered: set[str]) -> list[int]:
    """The longest path to a deliverable, over the nodes outside cycles (longest path in topological order)."""
    waiting = [len(before) for before in plain.predecessors]
    ready = [node for node, count in enumerate(waiting) if not count]
    length, feeder = [0] * len(plain), [-1] * len(plain)
    for node in ready:
        for after in plain.successors[node]:
            if length[node] + 1 > length[after]:
                length[after], feeder[after] = length[node] + 1, node
            waiting[after] -= 1
            if not waiting[after]:
                ready.append(after)
    ends = [node for node in ready if plain.ids[node] in delivered]
    path = [max(ends, key=lambda node: (length[node], -node))] if ends else []
    while path and feeder[path[-1]] >= 0:
        path.append(feeder[path[-1]])
    return path[::-1]


def _counts(facts: "Features") -> list[str]:
    return [counted(facts.nodes, "node"), counted(facts.stages, "stage") if facts.stages else "", facts.shape]


def _tally(items: Sequence[Card] | Sequence[Link], noun: str) -> list[str]:
    counts = [(mark, sum(item.mark == mark for item in items)) for mark in MARKS]
    return [f"{counted(count, noun)} {mark}" for mark, count in counts if count]


def _described(facts: "Features", answer: "Classification | None") -> str:
    gives = ", ".join(facts.output_modalities)
    claim = answer.evidence[0].claim if answer and answer.evidence else ""
    counts = f"A workflow of {counted(facts.nodes, 'node')} and {counted(facts.edges, 'edge')}"
    return shown(f"{counts}{' that gives ' + gives if gives else ''}. {claim}")


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "node"), counted(2, "node")
    ('1 node', '2 nodes')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _dotted(parts: Iterable[str], dot: str = " · ") -> str:
    return dot.join(part for part in parts if part)


def date_shown(moment: datetime | str | None) -> str | None:
    """Return a moment as pictures show it."""
    return f"{moment:%Y-%m-%d %H:%M}" if isinstance(moment, datetime) else moment and shown(moment)
