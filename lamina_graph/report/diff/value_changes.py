"""The changes of a diff as a page lists them: what became what, and where it is in the picture."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from lamina_graph.diff import RULES, Change, compare_words
from lamina_graph.files import canonical
from lamina_graph.text import elide, one_line

if TYPE_CHECKING:
    from lamina_graph.render import DiffSvg

_LONGEST = 2_000
"""Characters of a value that are shown."""

_EDITS = {"added": "+", "removed": "−", "changed": "~"}


class TextSpan(NamedTuple):
    """A part of a value, and whether the other value lacks it."""

    text: str
    changed: bool


class ValueChange(NamedTuple):
    """A value before and after; with its name, where a change is about several."""

    name: str
    before: list[TextSpan]
    after: list[TextSpan]


class EditLine(NamedTuple):
    """One of the edits that a change consists of."""

    mark: str
    sign: str
    text: str


class ChangeRow(NamedTuple):
    """One change as the page lists it.

    Attributes:
        sentence: what changes of its rule are.
        nodes, lines: the numbers of its nodes and of its lines in the picture.
        near: the numbers of what its lines join besides.
        unseen: what is said where the picture has nothing of it.
    """

    change: Change
    sentence: str
    values: list[ValueChange]
    edits: list[EditLine]
    nodes: list[int]
    near: list[int]
    lines: list[int]
    unseen: str


def change_rows(changes: Iterable[Change], picture: "DiffSvg | None") -> Iterator[ChangeRow]:
    """Yield the changes as rows."""
    places = _Places(picture)
    for change in changes:
        values, nodes, lines = list(_value_changes(change)), places.nodes(change), places.lines(change)
        fields_shown = values and isinstance(change.before, Mapping)
        yield ChangeRow(
            change=change,
            sentence=RULES[change.rule].sentence,
            values=values,
            edits=[] if fields_shown else [_edit_line(part) for part in change.parts],
            nodes=nodes,
            near=sorted(places.ends(lines) - set(nodes)),
            lines=lines,
            unseen="" if nodes or lines else _LEFT_OUT if change.nodes else _NO_NODE,
        )


_LEFT_OUT = "The picture leaves it out."
_NO_NODE = "It is about the app as a whole, no node of the picture."


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
        """Return the numbers of the nodes that a change is about."""
        places = (side.get(id_) for id_ in change.nodes for side in (self.gone, self.new))
        return sorted({place for place in places if place is not None})

    def lines(self, change: Change) -> list[int]:
        """Return the numbers of the lines that it is about."""
        sides = ((self.old, change.edges.removed), (self.new, change.edges.added))
        pairs = ((side.get(source), side.get(target)) for side, edges in sides for source, target in edges)
        return sorted({self.joined[pair] for pair in pairs if pair in self.joined})

    def ends(self, lines: Sequence[int]) -> set[int]:
        """Return the numbers of the nodes that lines join."""
        return {end for line in lines for end in self.pairs[line]}


def _edit_line(phrase: str) -> EditLine:
    verb = phrase.partition(":")[0].rpartition(" ")[2]
    mark = verb if verb in _EDITS else "changed"
    return EditLine(mark, _EDITS[mark], phrase)


def _value_changes(change: Change) -> Iterator[ValueChange]:
    """Yield what became what; nothing of a change that only came or went, since its text says it."""
    before, after = change.before, change.after
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted(before.keys() | after.keys()):
            values = (_text(side[name]) if name in side else "not set" for side in (before, after))
            yield ValueChange(name, *compare_texts(*values))
    elif before is not None and after is not None and not _names_nodes(change):
        yield ValueChange("", *compare_texts(_text(before), _text(after)))


def _names_nodes(change: Change) -> bool:
    """Whether before and after name other nodes: its text and its edits say that better."""
    return isinstance(change.before, Sequence) and not isinstance(change.before, str) and bool(change.nodes)


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else " ".join(canonical(value).split())
    return elide(one_line(text), _LONGEST) or "empty"


def compare_texts(before: str, after: str) -> tuple[list[TextSpan], list[TextSpan]]:
    """Return two texts in spans, those marked that the other lacks; each whole where they are not alike.

    >>> [span.text for span in compare_texts("a red hat", "a blue hat")[1] if span.changed]
    ['blue ']
    """
    passages = compare_words(before, after)
    if len(passages) == 1:
        return [TextSpan(before, False)], [TextSpan(after, False)]
    return (
        [TextSpan(passage.old, not passage.equal) for passage in passages if passage.old],
        [TextSpan(passage.new, not passage.equal) for passage in passages if passage.new],
    )
