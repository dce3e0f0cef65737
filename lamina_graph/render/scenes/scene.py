"""What a picture shows, before anybody says how: the `Scene` that every form is written from."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lamina_graph.model import Workflow
from lamina_graph.render.palette import MARKS, MODALITIES, ROLES, STATES, Sign
from lamina_graph.vocabulary import Modality, Role


@dataclass(frozen=True, slots=True)
class Card:
    """One node as it is shown, or several folded to one.

    Attributes:
        id, type: of its node, as the API gave them.
        title, kind: the large and the small line.
        tooltip: all there is to know, in full, one line each.
        gives: the modalities of its result.
        main: whether it stands on the main path.
        mark: what a diff or a run says of it.
        step: its place on the scale, where colours mean a quantity; None where that is not known.
        note: the quantity in words.
        parts: the cards that are folded to this one, branch by branch.
        times: how many branches these are.
    """

    title: str
    kind: str
    role: Role
    id: str = ""
    type: str = ""
    tooltip: tuple[str, ...] = ()
    gives: tuple[Modality, ...] = ()
    deliverable: bool = False
    main: bool = False
    mark: Sign | None = None
    step: int | None = None
    note: str = ""
    parts: "tuple[Card, ...]" = ()
    times: int = 1

    @property
    def members(self) -> "tuple[Card, ...]":
        """The cards that it stands for: those that are folded to it, else itself."""
        return self.parts or (self,)

    @property
    def branches(self) -> str:
        """How many branches it stands for, to be put after its large line; empty for one."""
        return f" × {self.times:,}" if self.times > 1 else ""

    @property
    def small(self) -> str:
        """The small line, with the quantity if there is one; of what failed the error, of a fold its run."""
        if self.note and (self.mark == "failed" or (self.mark and self.parts)):
            return self.note
        return f"{self.kind} · {self.note}" if self.note else self.kind


@dataclass(frozen=True, slots=True)
class Link:
    """One edge as it is shown, between cards by number."""

    source: int
    target: int
    main: bool = False
    mark: Sign | None = None
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend: what kind of sign, which, its word, and what its colour stands for."""

    sign: Literal["role", "modality", "mark", "same", "main", "deliverable", "fold", "step", "text"]
    name: str
    word: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a picture shows.

    Attributes:
        described: one sentence for those who cannot see it.
        workflow: what the file carries.
        colours: what they stand for: roles, the marks of a diff, the states of a run, the steps of a scale.
        scale: the words of the steps.
        remarks: what the legend says besides.
        path: what the emphasised path is called.
    """

    title: str
    subtitle: str
    described: str
    cards: tuple[Card, ...]
    links: tuple[Link, ...]
    workflow: Workflow
    colours: Literal["roles", "marks", "states", "steps"] = "roles"
    scale: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    path: str = "main path"

    def legend(self) -> tuple[Key, ...]:
        """The signs that occur, and no others."""
        return tuple(self._keys())

    def _keys(self) -> Iterable[Key]:
        if self.colours == "marks":
            marks = {card.mark for card in self.cards} | {link.mark for link in self.links}
            yield from (Key("mark", mark, look.word) for mark, look in MARKS.items() if mark in marks)
            if None in marks:
                yield Key("same", "", "unchanged")
        if self.colours == "states":
            states = {card.mark for card in self.cards}
            yield from (Key("mark", state, look.word) for state, look in STATES.items() if state in states)
            if None in states:
                yield Key("same", "", "not told by the run")
        coloured = self.colours == "roles"
        for role, look in ROLES.items():
            if any(card.role == role for card in self.cards):
                yield Key("role", role, look.word, role if coloured else "plain")
        gives = {modality for card in self.cards for modality in card.gives}
        yield from (Key("modality", name, look.word) for name, look in MODALITIES.items() if name in gives)
        if any(card.deliverable for card in self.cards):
            yield Key("deliverable", "", "deliverable", "output lg-end" if coloured else "plain")
        if any(card.parts for card in self.cards):
            yield Key("fold", "", "several nodes", "plain")
        if any(link.main for link in self.links):
            yield Key("main", "", self.path)
        yield from (Key("step", str(step), word) for step, word in enumerate(self.scale))
        yield from (Key("text", "", remark) for remark in self.remarks)


def dotted(parts: Iterable[str], dot: str = " · ") -> str:
    """Return the parts that say something as one line.

    >>> dotted(["video", "", "3 nodes"])
    'video · 3 nodes'
    """
    return dot.join(part for part in parts if part)
