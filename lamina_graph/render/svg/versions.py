"""Many versions of a workflow in one drawing, laid out once, so that nodes stay where they are.

Each card and each line is drawn once for each way in which it looks; a frame says which of them are shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lamina_graph.model import Workflow
from lamina_graph.render.layout.graphviz import Engine
from lamina_graph.render.layout.layout import layout
from lamina_graph.render.scenes.diff_scene import comparison
from lamina_graph.render.scenes.scene import Scene
from lamina_graph.render.scenes.workflow_scene import overview
from lamina_graph.render.svg import cards, legend
from lamina_graph.render.svg.drawing import drawn, look, weight
from lamina_graph.render.svg.elements import number, xml

if TYPE_CHECKING:
    from lamina_graph.diff import Diff
    from lamina_graph.features import Features
    from lamina_graph.vocabulary import Vocabulary

_MARGIN, _FOOT, _NARROWEST = 28.0, 38.0, 420.0


@dataclass(frozen=True, slots=True)
class Film:
    """Many versions in one drawing.

    Attributes:
        svg: an SVG element for a page that has `stylesheet()`; each part is a group `lg-part`, in this order.
        plain: for each version the numbers of the parts that show it.
        marked: for each version those that show it with what changed since the one before marked.
    """

    svg: str
    plain: tuple[tuple[int, ...], ...]
    marked: tuple[tuple[int, ...], ...]


def film(
    first: Workflow,
    changes: "Sequence[Diff]",
    *,
    vocabulary: "Vocabulary | None" = None,
    engine: Engine = "wasm",
) -> Film:
    """Return the versions of a workflow in one drawing; the last one is what shows without a script.

    Args:
        first: the first version.
        changes: the diff of each version to the next.
        vocabulary: the words of node types, by default those that the diffs were told with.
        engine: who lays out.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.files import load
    >>> old = load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> found = film(old, [diff(old, old.model_copy(update={"nodes": ()}))])
    >>> [len(frame) for frame in found.plain], [len(frame) for frame in found.marked]
    ([2, 0], [2, 2])
    """
    from lamina_graph.features import features

    vocabulary = vocabulary or next((change.vocabulary for change in changes), None)
    workflows = [first, *(change.new_workflow for change in changes)]
    facts = [features(workflow, vocabulary=vocabulary) for workflow in workflows]
    tracks = list(_tracks(facts, changes))
    plain = [_plain(*each, vocabulary) for each in zip(workflows, facts, tracks, strict=True)]
    marked = [plain[0]]
    for place, change in enumerate(changes):
        sides, numbers = facts[place : place + 2], tracks[place : place + 2]
        marked.append(_marked(change, sides, numbers, vocabulary))
    return _Reel([*plain, *marked], engine).film(len(workflows))


@dataclass(frozen=True, slots=True)
class _Frame:
    """One scene, and for each of its cards the number of its node over all versions."""

    scene: Scene
    tracks: tuple[int, ...]

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield what each line joins, by these numbers."""
        for link in self.scene.links:
            yield self.tracks[link.source], self.tracks[link.target]


def _tracks(facts: "Sequence[Features]", changes: "Sequence[Diff]") -> Iterator[dict[str, int]]:
    """Yield for each version the number of each of its nodes: the same for what is held to be one node.

    A node that was gone and is back under its id has its old number.
    """
    now = {fact.id: place for place, fact in enumerate(facts[0].facts)}
    known, fresh = dict(now), len(now)
    yield now
    for side, change in zip(facts[1:], changes, strict=True):
        before, now = now, {match.new: now[match.old] for match in change.matches}
        taken = set(now.values()) | set(before.values())
        for fact in side.facts:
            if fact.id not in now:
                found = known.get(fact.id)
                if found is None or found in taken:
                    found, fresh = fresh, fresh + 1
                now[fact.id] = found
        known |= now
        yield now


def _plain(
    workflow: Workflow, facts: "Features", tracks: dict[str, int], vocabulary: "Vocabulary | None"
) -> _Frame:
    from lamina_graph.classify import classify

    scene = overview(
        workflow, facts, classify(workflow, facts=facts, vocabulary=vocabulary), vocabulary=vocabulary
    )
    return _Frame(scene, tuple(tracks[fact.id] for fact in facts.facts))


def _marked(
    change: "Diff",
    sides: "Sequence[Features]",
    tracks: Sequence[dict[str, int]],
    vocabulary: "Vocabulary | None",
) -> _Frame:
    (old, new), (before, now) = sides, tracks
    gone = set(change.nodes.removed)
    removed = [before[fact.id] for fact in old.facts if fact.id in gone]
    scene = comparison(change, old, new, vocabulary=vocabulary)
    return _Frame(scene, (*(now[fact.id] for fact in new.facts), *removed))


class _Reel:
    """The frames laid over each other: one layout, and each part drawn once."""

    def __init__(self, frames: Sequence[_Frame], engine: Engine) -> None:
        self.frames = frames
        every = [card for frame in frames for card in frame.scene.cards]
        self.boxes = cards.boxes(replace(frames[0].scene, cards=tuple(every)))
        owners = [track for frame in frames for track in frame.tracks]
        self.heights = dict.fromkeys(owners, 0.0)
        for track, box in zip(owners, self.boxes, strict=True):
            self.heights[track] = max(self.heights[track], box.height)
        wide = self.boxes[0].width if self.boxes else 0
        self.joined = list(dict.fromkeys(pair for frame in frames for pair in frame.pairs()))
        sizes = [(wide, self.heights[track]) for track in range(len(self.heights))]
        self.layout = layout(sizes, self.joined, frozenset(), "LR", engine)
        self.room = max(self.layout.width, _NARROWEST)
        self.routes = dict(zip(self.joined, self.layout.routes, strict=True))

    def film(self, versions: int) -> Film:
        """Return the film; the first half of the frames is plain, the second marked."""
        frames = list(self._parts())
        depth = {part: back for parts in frames for back, part in parts}
        order = sorted(depth, key=depth.__getitem__)
        place = {part: at for at, part in enumerate(order)}
        shown = [tuple(sorted(place[part] for _, part in parts)) for parts in frames]
        last = set(shown[versions - 1])
        groups = (
            f'<g class="lg-part{"" if at in last else " off"}">{part}</g>' for at, part in enumerate(order)
        )
        return Film(self._svg("".join(groups)), tuple(shown[:versions]), tuple(shown[versions:]))

    def _parts(self) -> Iterator[list[tuple[int, str]]]:
        """Yield for each frame its parts, each with its place from back to front."""
        boxes = iter(self.boxes)
        for frame in self.frames:
            colours = frame.scene.colours
            lines = [
                (weight(link), drawn(link, self.routes[pair], colours))
                for link, pair in zip(frame.scene.links, frame.pairs(), strict=True)
            ]
            faces = [
                (_FRONT, self._card(next(boxes), track, look(card, colours)))
                for card, track in zip(frame.scene.cards, frame.tracks, strict=True)
            ]
            yield [*lines, *faces, *self._legend(frame.scene)]

    def _card(self, box: cards.Box, track: int, name: str) -> str:
        whole = replace(box, height=self.heights[track])
        return cards.drawn(whole, self.layout.centres[track], name, "LR")

    def _legend(self, scene: Scene) -> Iterable[tuple[int, str]]:
        keys = legend.rows(scene.legend(), self.room)
        if keys:
            yield _FRONT, "".join(legend.drawn(keys, 0, self.layout.height + _FOOT))

    def _svg(self, inside: str) -> str:
        rows = max(len(legend.rows(frame.scene.legend(), self.room)) for frame in self.frames)
        wide = number(self.room + 2 * _MARGIN)
        high = number(self.layout.height + 2 * _MARGIN + _FOOT + legend.ROW * max(rows - 1, 0))
        title = xml(self.frames[-1].scene.title)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="lg" role="img" aria-label="{title}" '
            f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}">'
            f'<g transform="translate({_MARGIN:g} {_MARGIN:g})">{inside}</g></svg>'
        )


_FRONT = 3
