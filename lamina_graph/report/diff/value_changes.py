"""The changes of a diff as a page lists them: what became what, and where it is in the picture."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple

from lamina_graph.diff import RULES, Change
from lamina_graph.files import canonical
from lamina_graph.text import elide, one_line

if TYPE_CHECKING:
    from lamina_graph.render import DiffSvg

_LONGEST = 2_000
"""Characters of a value that are shown."""

_WORDS = 300
"""Words of a text up to which it is compared word by word."""

_ALIKE = 0.4
"""How alike two texts must be for their words to be compared."""

_EDITS = {"added": "+", "removed": "−", "changed": "~"}
_WORD = re.compile(r"\w+\s*|\W\s*")


class Piece(NamedTuple):
    """A piece of a value, and whether the other value has it not."""

    text: str
    changed: bool


class Turn(NamedTuple):
    """A value before and after; with its name, where a change is about several."""

    name: str
    before: list[Piece]
    after: list[Piece]


class Edit(NamedTuple):
    """One of the edits that a change consists of."""

    mark: str
    sign: str
    text: str


class Row(NamedTuple):
    """One change as the page lists it.

    Attributes:
        sentence: what changes of its rule are.
        nodes, lines: the numbers of its nodes and of its lines in the picture.
        near: the numbers of what its lines join besides.
        unseen: what is said where the picture has nothing of it.
    """

    change: Change
    sentence: str
    turns: list[Turn]
    edits: list[Edit]
    nodes: list[int]
    near: list[int]
    lines: list[int]
    unseen: str


def rows(changes: Iterable[Change], picture: "DiffSvg | None") -> Iterator[Row]:
    """Yield the changes as rows.

    Args:
        changes: the changes.
        picture: the drawing that they are shown in.
    """
    places = _Places(picture)
    for change in changes:
        turns, nodes, lines = list(_turns(change)), places.nodes(change), places.lines(change)
        said = turns and isinstance(change.before, Mapping)
        yield Row(
            change=change,
            sentence=RULES[change.rule].sentence,
            turns=turns,
            edits=[] if said else [_edit(each) for each in change.parts],
            nodes=nodes,
            near=sorted(places.ends(lines) - set(nodes)),
            lines=lines,
            unseen=_unseen(change, bool(nodes or lines)),
        )


def _unseen(change: Change, seen: bool) -> str:
    if seen:
        return ""
    return (
        "The picture leaves it out."
        if change.nodes
        else "It is about the app as a whole, no node of the picture."
    )


class _Places:
    """Where the nodes and edges of a diff are in a picture."""

    def __init__(self, picture: "DiffSvg | None") -> None:
        ids = picture.nodes if picture else ()
        self.old = {old: place for place, (old, _) in enumerate(ids)}
        self.new = {new: place for place, (_, new) in enumerate(ids)}
        self.gone = {old: place for place, (old, new) in enumerate(ids) if new is None}
        self.pairs = picture.lines if picture else ()
        self.joined = {pair: place for place, pair in enumerate(self.pairs)}

    def nodes(self, change: Change) -> list[int]:
        """The nodes that a change is about."""
        found = (side.get(id_) for id_ in change.nodes for side in (self.gone, self.new))
        return sorted({place for place in found if place is not None})

    def lines(self, change: Change) -> list[int]:
        """The lines that it tells."""
        sides = ((self.old, change.edges.removed), (self.new, change.edges.added))
        pairs = ((side.get(source), side.get(target)) for side, edges in sides for source, target in edges)
        return sorted({self.joined[pair] for pair in pairs if pair in self.joined})

    def ends(self, lines: Sequence[int]) -> set[int]:
        """What lines join."""
        return {end for each in lines for end in self.pairs[each]}


def _edit(phrase: str) -> Edit:
    verb = phrase.partition(":")[0].rpartition(" ")[2]
    mark = verb if verb in _EDITS else "changed"
    return Edit(mark, _EDITS[mark], phrase)


def _turns(change: Change) -> Iterator[Turn]:
    """Yield what became what; nothing of a change that only came or went, since its text says it."""
    before, after = change.before, change.after
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted(before.keys() | after.keys()):
            yield _turn(name, *(_said(side[name]) if name in side else "not set" for side in (before, after)))
    elif before is not None and after is not None and not _names_nodes(change):
        yield _turn("", _said(before), _said(after))


def _names_nodes(change: Change) -> bool:
    """Whether before and after name other nodes: its text and its edits say that better."""
    return isinstance(change.before, Sequence) and not isinstance(change.before, str) and bool(change.nodes)


def _said(value: Any) -> str:
    text = value if isinstance(value, str) else " ".join(canonical(value).split())
    return elide(one_line(text), _LONGEST) or "empty"


def _turn(name: str, before: str, after: str) -> Turn:
    return Turn(name, *compared(before, after))


def compared(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Return two texts in pieces, those marked that the other has not; as a whole where they are not alike.

    >>> compared("a red hat", "a blue hat")[1]
    [Piece(text='a ', changed=False), Piece(text='blue ', changed=True), Piece(text='hat', changed=False)]
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) <= 2 * _WORDS:
        found = SequenceMatcher(None, old, new, autojunk=False)
        if found.ratio() >= _ALIKE:
            steps = found.get_opcodes()
            return (
                [Piece("".join(old[a:b]), step != "equal") for step, a, b, _, _ in steps if b > a],
                [Piece("".join(new[a:b]), step != "equal") for step, _, _, a, b in steps if b > a],
            )
    return [Piece(before, False)], [Piece(after, False)]
