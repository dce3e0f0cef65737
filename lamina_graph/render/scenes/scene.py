"""What a picture shows, before a form is chosen: the `Scene` that every form is written from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from lamina_graph.model import Workflow
from lamina_graph.render.palette import MARKS, MODALITIES, ROLES, STATES, Sign
from lamina_graph.vocabulary import Modality, Role

Lines = Literal["plain", "modality"]
"""What the colours of lines stand for."""

View = Literal["auto", "all", "folded", "stages"]
"""How much of a graph is shown, and folded how far."""


@dataclass(frozen=True, slots=True)
class Card:
    """One node of a picture, or several folded to one.

    Attributes:
        id, type: of its node, as the API gave them.
        title, kind: the large line, and what the small one says of the node.
        tooltip: all there is to know, in full, one line each.
        modalities: of its result.
        main: whether it stands on the main path.
        mark: its state in a diff or a run.
        step: its place on the scale, where colours mean a quantity; None where that is not known.
        note: the quantity in words.
        parts: the cards that are folded to this one, branch by branch.
        times: how many branches these are.
        highlighted: whether it is what the picture is about.
        stub: whether it stands for nodes that are not shown.
        stage: of a generation, how many there are in a row up to it.
        chips: the cards of shared helpers that feed it and are named on it instead of joined to it.
        previews: the cards of previews that show it and are a sign on it.
    """

    title: str
    kind: str
    role: Role
    id: str = ""
    type: str = ""
    tooltip: tuple[str, ...] = ()
    modalities: tuple[Modality, ...] = ()
    deliverable: bool = False
    main: bool = False
    mark: Sign | None = None
    step: int | None = None
    note: str = ""
    parts: "tuple[Card, ...]" = ()
    times: int = 1
    highlighted: bool = False
    stub: bool = False
    stage: int | None = None
    chips: "tuple[Card, ...]" = ()
    previews: "tuple[Card, ...]" = ()

    @property
    def beside(self) -> str:
        """What it bears the names of, in words; empty where it bears none."""
        return join_parts([" + ".join(chip.title for chip in self.chips), "preview" if self.previews else ""])

    @property
    def members(self) -> "tuple[Card, ...]":
        """The cards that it stands for: those that are folded to it, else itself."""
        return self.parts or (self,)

    @property
    def node(self) -> str:
        """The id of its node, or of the first of its nodes."""
        return self.members[0].id

    @property
    def count(self) -> str:
        """How many branches it stands for, to be put after its title; empty for one."""
        return f" × {self.times:,}" if self.times > 1 else ""

    @property
    def subtitle(self) -> str:
        """The small line, with the quantity if there is one; of what failed the error, of a fold its run."""
        if self.note and (self.mark == "failed" or (self.mark and self.parts)):
            return self.note
        return f"{self.kind} · {self.note}" if self.note else self.kind


@dataclass(frozen=True, slots=True)
class Link:
    """One edge of a picture, between cards by number.

    Attributes:
        carries: what its wires say they carry, `other` for what is no modality; None where they say nothing.
    """

    source: int
    target: int
    main: bool = False
    mark: Sign | None = None
    tooltip: str = ""
    carries: Modality | Literal["other"] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One entry of the legend: what kind of sign, which, its word, and what its colour stands for."""

    sign: Literal[
        "role",
        "modality",
        "mark",
        "same",
        "main",
        "deliverable",
        "fold",
        "chip",
        "preview",
        "highlight",
        "stub",
        "step",
        "text",
        "line",
    ]
    name: str
    word: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a picture shows.

    Attributes:
        description: one sentence for those who cannot see it.
        workflow: what the file carries.
        colors: what they stand for: roles, the marks of a diff, the states of a run, the steps of a scale.
        scale: the words of the steps.
        remarks: what the legend says besides.
        path: what the emphasised path is called.
        lines: whether lines are coloured by what they carry.
        bands: whether the stages are shown behind the cards.
    """

    title: str
    subtitle: str
    description: str
    cards: tuple[Card, ...]
    links: tuple[Link, ...]
    workflow: Workflow
    colors: Literal["roles", "marks", "states", "steps"] = "roles"
    scale: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    path: str = "main path"
    lines: Lines = "plain"
    bands: bool = False

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The cards that each link joins."""
        return [(link.source, link.target) for link in self.links]

    def only(self, numbers: Sequence[int]) -> "Scene":
        """Return the scene with some of its cards, by number, and the lines between them."""
        place = {number: at for at, number in enumerate(numbers)}
        links = (
            replace(link, source=place[link.source], target=place[link.target])
            for link in self.links
            if link.source in place and link.target in place
        )
        return replace(self, cards=tuple(self.cards[number] for number in numbers), links=tuple(links))

    def carried(self, link: Link) -> Modality | None:
        """Return what a line carries: as its wires say, else what its card gives, where that is one thing."""
        if link.carries:
            return None if link.carries == "other" else link.carries
        modalities = self.cards[link.source].modalities
        return modalities[0] if len(modalities) == 1 else None

    def style_name(self, card: Card) -> str:
        """Return what a card's colour stands for: a role, mark or step; `same` where it has no such."""
        if card.stub:
            return "stub"
        if self.colors == "roles":
            return card.role
        if self.colors == "steps":
            return "same" if card.step is None else f"step{card.step}"
        return card.mark or "same"

    @property
    def places(self) -> dict[str, int]:
        """The number of the card that shows each node, by id; of one that many bear, of the first."""
        places: dict[str, int] = {}
        for number, card in enumerate(self.cards):
            places.update((part.id, number) for part in card.members)
        for number, card in enumerate(self.cards):
            for other in (*card.chips, *card.previews):
                for part in other.members:
                    places.setdefault(part.id, number)
        return places

    def legend(self) -> tuple[LegendEntry, ...]:
        """The signs that occur, and no others."""
        return tuple(self._entries())

    def _entries(self) -> Iterable[LegendEntry]:
        marks = {card.mark for card in self.cards if not card.stub}
        if self.colors == "marks":
            marks |= {link.mark for link in self.links}
            yield from (
                LegendEntry("mark", mark, style.word) for mark, style in MARKS.items() if mark in marks
            )
            if None in marks:
                yield LegendEntry("same", "", "unchanged")
        if self.colors == "states":
            yield from (
                LegendEntry("mark", state, style.word) for state, style in STATES.items() if state in marks
            )
            if None in marks:
                yield LegendEntry("same", "", "not in the run")
        colored = self.colors == "roles"
        for role, style in ROLES.items():
            if any(card.role == role and not card.stub for card in self.cards):
                yield LegendEntry("role", role, style.word, role if colored else "plain")
        modalities = {modality for card in self.cards for modality in card.modalities}
        lines = {self.carried(link) for link in self.links} if self.lines == "modality" else set()
        for modality, style in MODALITIES.items():
            if modality in modalities | lines:
                yield LegendEntry("line" if modality in lines else "modality", modality, style.word)
        if any(card.deliverable for card in self.cards):
            yield LegendEntry("deliverable", "", "deliverable", "output lg-end" if colored else "plain")
        if any(card.highlighted for card in self.cards):
            yield LegendEntry("highlight", "", "highlighted", "plain")
        if any(card.stub for card in self.cards):
            yield LegendEntry("stub", "", "nodes not shown", "plain")
        if any(card.parts for card in self.cards):
            yield LegendEntry("fold", "", "several nodes", "plain")
        if any(card.chips for card in self.cards):
            yield LegendEntry("chip", "", "shared helper, feeds this card")
        if any(card.previews for card in self.cards):
            yield LegendEntry("preview", "", "has a preview")
        if any(link.main for link in self.links):
            yield LegendEntry("main", "", self.path)
        yield from (LegendEntry("step", str(step), word) for step, word in enumerate(self.scale))
        yield from (LegendEntry("text", "", remark) for remark in self.remarks)


def neighbor_lists(count: int, pairs: Iterable[tuple[int, int]]) -> tuple[list[list[int]], list[list[int]]]:
    """Return for each of so many nodes those that it leads to, and those that lead to it.

    >>> neighbor_lists(3, [(0, 1), (0, 2)])
    ([[1, 2], [], []], [[], [0], [0]])
    """
    successors: list[list[int]] = [[] for _ in range(count)]
    predecessors: list[list[int]] = [[] for _ in range(count)]
    for source, target in pairs:
        successors[source].append(target)
        predecessors[target].append(source)
    return successors, predecessors


def join_parts(parts: Iterable[str], separator: str = " · ") -> str:
    """Return the parts that are not empty as one line.

    >>> join_parts(["video", "", "3 nodes"])
    'video · 3 nodes'
    """
    return separator.join(part for part in parts if part)
