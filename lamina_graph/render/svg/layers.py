"""Several versions of a workflow in one drawing, laid out once, so that nodes stay where they are.

Each card and each line is drawn once for each way in which it looks; the page decides which of them it shows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from lamina_graph.model import Workflow
from lamina_graph.render.layout.layout import Pair, best_direction, layout
from lamina_graph.render.layout.ranks import assign_ranks
from lamina_graph.render.palette import Direction
from lamina_graph.render.scenes.diff_scene import DiffUnion, diff_scene
from lamina_graph.render.scenes.scene import Card, Link, Scene
from lamina_graph.render.scenes.workflow_scene import workflow_scene
from lamina_graph.render.svg.cards import card_boxes, card_element
from lamina_graph.render.svg.drawing import line_element, line_weight
from lamina_graph.render.svg.elements import format_number, svg_element
from lamina_graph.render.svg.legend import ROW, legend_elements, legend_rows, legend_signs

if TYPE_CHECKING:
    from lamina_graph.diff import Diff
    from lamina_graph.features import Features
    from lamina_graph.vocabulary import Vocabulary

_MARGIN, _FOOT, _NARROWEST = 28.0, 38.0, 420.0
_SMALLEST = (760.0, 420.0)  # of a diff: a small graph is not blown up
_FRONT = 3  # cards and legends stand in front of lines, whose weight is less


@dataclass(frozen=True, slots=True)
class Frame:
    """One view of a graph: a scene, and for each of its cards the number of its node over all views."""

    scene: Scene
    nodes: tuple[int, ...]

    @property
    def pairs(self) -> list[Pair]:
        """What each line joins, by these numbers."""
        return [(self.nodes[source], self.nodes[target]) for source, target in self.scene.pairs]


class LayeredDrawing:
    """Frames laid over each other in one layout, in which each node has room for all its cards.

    Attributes:
        layout: where everything goes.
        cards: for each frame the node of each of its cards, and its SVG.
    """

    def __init__(self, frames: Sequence[Frame], pairs: Sequence[Pair], direction: Direction) -> None:
        """Lay out frames whose lines join these pairs of nodes, each pair once."""
        every = tuple(card for frame in frames for card in frame.scene.cards)
        boxes = card_boxes(replace(frames[0].scene, cards=every))
        nodes = [node for frame in frames for node in frame.nodes]
        heights = dict.fromkeys(nodes, 0.0)
        for node, box in zip(nodes, boxes, strict=True):
            heights[node] = max(heights[node], box.height)
        sizes = [(boxes[0].width, heights[node]) for node in range(len(heights))]
        newest = dict(zip(nodes, every, strict=True))
        faces = [newest[node] for node in range(len(heights))]
        ranks = assign_ranks(len(sizes), pairs)
        self.layout = layout(sizes, pairs, faces, ranks, frozenset(), direction, "wasm")
        self._routes = dict(zip(pairs, self.layout.routes, strict=True))
        rest = iter(boxes)
        self.cards: list[list[tuple[int, str]]] = []
        for frame in frames:
            cards = []
            for node, box in zip(frame.nodes, islice(rest, len(frame.nodes)), strict=True):
                whole = replace(box, height=heights[node])
                style = frame.scene.style_name(box.card)
                cards.append((node, card_element(whole, self.layout.centres[node], style, direction)))
            self.cards.append(cards)

    def line(self, link: Link, pair: Pair, colors: str) -> str:
        """Return the SVG of a line between two nodes."""
        return line_element(link, self._routes[pair], colors)


@dataclass(frozen=True, slots=True)
class VersionsSvg:
    """Many versions of a workflow in one drawing.

    Attributes:
        svg: an SVG element for a page that has `stylesheet()`; each part is a group `lg-part`, in this order.
        frames: for each version the numbers of the parts that show it.
        marked_frames: for each version those that show it with what changed since the one before marked.
    """

    svg: str
    frames: tuple[tuple[int, ...], ...]
    marked_frames: tuple[tuple[int, ...], ...]


def draw_versions(
    first: Workflow, diffs: "Sequence[Diff]", *, vocabulary: "Vocabulary | None" = None
) -> VersionsSvg:
    """Return the versions of a workflow in one drawing: the first, and by the diffs those that followed.

    The last one, with what changed in it marked, is what shows without a script. The vocabulary is by default
    that of the diffs.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.files import load
    >>> old = load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> drawn = draw_versions(old, [diff(old, old.model_copy(update={"nodes": ()}))])
    >>> [len(frame) for frame in drawn.frames], [len(frame) for frame in drawn.marked_frames]
    ([2, 0], [2, 2])
    """
    frames = _version_frames(first, diffs, vocabulary)
    pairs = list(dict.fromkeys(pair for frame in frames for pair in frame.pairs))
    drawing = LayeredDrawing(frames, pairs, "LR")
    room = max(drawing.layout.width, _NARROWEST)
    legends = [legend_rows(frame.scene.legend(), room) for frame in frames]
    parts = []
    for frame, cards, legend in zip(frames, drawing.cards, legends, strict=True):
        colors = frame.scene.colors
        lines = [
            (line_weight(link), drawing.line(link, pair, colors))
            for link, pair in zip(frame.scene.links, frame.pairs, strict=True)
        ]
        foot = "".join(legend_elements(legend, 0, drawing.layout.height + _FOOT))
        front = [*(card for _, card in cards), *filter(None, [foot])]
        parts.append([*lines, *((_FRONT, part) for part in front)])
    depth = {part: weight for weighted in parts for weight, part in weighted}
    order = sorted(depth, key=depth.__getitem__)
    number = {part: i for i, part in enumerate(order)}
    shown = [tuple(sorted(number[part] for _, part in weighted)) for weighted in parts]
    last = set(shown[-1])
    groups = (f'<g class="lg-part{"" if i in last else " off"}">{part}</g>' for i, part in enumerate(order))
    foot_height = _FOOT + ROW * max(max(map(len, legends)) - 1, 0)
    size = room + 2 * _MARGIN, drawing.layout.height + 2 * _MARGIN + foot_height
    inside = f'<g transform="translate({_MARGIN:g} {_MARGIN:g})">{"".join(groups)}</g>'
    svg = svg_element(inside, size, frames[-1].scene.title)
    return VersionsSvg(svg, tuple(shown[: len(diffs) + 1]), tuple(shown[len(diffs) + 1 :]))


def _version_frames(first: Workflow, diffs: "Sequence[Diff]", vocabulary: "Vocabulary | None") -> list[Frame]:
    """A frame for each version, then one for each with its changes marked."""
    from lamina_graph.classify import classify
    from lamina_graph.features import features

    vocabulary = vocabulary or next((diff.vocabulary for diff in diffs), None)
    workflows = [first, *(diff.new_workflow for diff in diffs)]
    facts = [features(workflow, vocabulary=vocabulary) for workflow in workflows]
    numbers = list(_node_numbers(facts, diffs))
    frames = []
    for workflow, fact, number in zip(workflows, facts, numbers, strict=True):
        verdict = classify(workflow, facts=fact, vocabulary=vocabulary)
        scene = workflow_scene(workflow, fact, verdict, vocabulary=vocabulary)
        frames.append(Frame(scene, tuple(number[each.id] for each in fact.facts)))
    marked = [frames[0]]
    for i, diff in enumerate(diffs):
        old, new = facts[i : i + 2]
        gone = set(diff.nodes.removed)
        removed = (numbers[i][fact.id] for fact in old.facts if fact.id in gone)
        scene = diff_scene(diff, old, new, vocabulary=vocabulary)
        marked.append(Frame(scene, (*(numbers[i + 1][fact.id] for fact in new.facts), *removed)))
    return [*frames, *marked]


def _node_numbers(facts: "Sequence[Features]", diffs: "Sequence[Diff]") -> Iterator[dict[str, int]]:
    """Yield for each version the number of each of its nodes: the same for what is held to be one node.

    A node that was gone and is back under its id has its old number.
    """
    numbers = {fact.id: i for i, fact in enumerate(facts[0].facts)}
    known, fresh = dict(numbers), len(numbers)
    yield numbers
    for version, diff in zip(facts[1:], diffs, strict=True):
        before, numbers = numbers, {match.new: numbers[match.old] for match in diff.matches}
        taken = set(numbers.values()) | set(before.values())
        for fact in version.facts:
            if fact.id not in numbers:
                number = known.get(fact.id)
                if number is None or number in taken:
                    number, fresh = fresh, fresh + 1
                numbers[fact.id] = number
        known |= numbers
        yield numbers


VIEWS = ("old", "both", "new")
_LINE_VIEWS = {"added": ("both", "new"), "removed": ("old", "both")}


@dataclass(frozen=True, slots=True)
class DiffSvg:
    """Both versions of a diff in one drawing.

    Attributes:
        svg: an SVG element for a page that has `stylesheet()`, and that hides each `lg-in` that has not the
            class of the view: `old`, `both` or `new`. All of the graph is in a group `lg-graph`.
        width, height: its size in pixels.
        nodes: for each group `lg-node`, in order, the id in the old and in the new version.
        lines: for each group `lg-line`, in order, the nodes that it joins, by number.
        legend: the signs that occur, each as an SVG element, with its word.
        alike: whether both versions look the same.
    """

    svg: str
    width: float
    height: float
    nodes: tuple[tuple[str | None, str | None], ...]
    lines: tuple[Pair, ...]
    legend: tuple[tuple[str, str], ...]
    alike: bool


def draw_diff_layers(
    diff: "Diff", old: "Features", new: "Features", *, vocabulary: "Vocabulary | None" = None
) -> DiffSvg:
    """Return both versions of a diff in one drawing, by their features.

    Colours stand for roles where no change can be marked.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.features import features
    >>> from lamina_graph.files import load
    >>> a = load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> b = load({"nodes": [{"id": "b", "type": "noteNode"}], "edges": []})
    >>> draw_diff_layers(diff(a, b), features(a), features(b)).nodes
    (('a', 'b'),)
    """
    union = DiffUnion(diff, old, new, vocabulary)
    scene = union.scene()
    if {card.mark for card in scene.cards} | {link.mark for link in scene.links} <= {None}:
        scene = replace(scene, colors="roles")
    frames = [_frame(scene, cards) for cards in (union.old_cards(), scene.cards, list(union.new_cards()))]
    drawing = LayeredDrawing(frames, scene.pairs, best_direction(scene))
    links = sorted(scene.links, key=line_weight)
    parts = [*(_line_group(drawing, link, scene.colors) for link in links), *_node_groups(drawing, scene)]
    inner = drawing.layout.width, drawing.layout.height
    width, height = (
        round(max(side + 2 * _MARGIN, least)) for side, least in zip(inner, _SMALLEST, strict=True)
    )
    corner = f"{format_number((width - inner[0]) / 2)} {format_number((height - inner[1]) / 2)}"
    inside = f'<g class="lg-graph"><g transform="translate({corner})">{"".join(parts)}</g></g>'
    return DiffSvg(
        svg=svg_element(inside, (width, height), f"{scene.title}: {scene.subtitle}"),
        width=width,
        height=height,
        nodes=union.ids(),
        lines=tuple((link.source, link.target) for link in links),
        legend=tuple(legend_signs(scene.legend())),
        alike=scene.colors == "roles",
    )


def _frame(scene: Scene, cards: Sequence[Card | None]) -> Frame:
    """A view of some cards of a scene, without their tooltips: each node has one for all views."""
    numbered = [(i, replace(card, tooltip=())) for i, card in enumerate(cards) if card]
    return Frame(replace(scene, cards=tuple(card for _, card in numbered)), tuple(i for i, _ in numbered))


def _line_group(drawing: LayeredDrawing, link: Link, colors: str) -> str:
    line = drawing.line(link, (link.source, link.target), colors)
    return f'<g class="lg-line">{_in_views(line, _LINE_VIEWS.get(link.mark or "", VIEWS))}</g>'


def _node_groups(drawing: LayeredDrawing, scene: Scene) -> Iterator[str]:
    """Yield each node with its tooltip, and with each of its cards once."""
    views: list[dict[str, list[str]]] = [{} for _ in scene.cards]
    for view, cards in zip(VIEWS, drawing.cards, strict=True):
        for node, card in cards:
            views[node].setdefault(card, []).append(view)
    for whole, elements in zip(scene.cards, views, strict=True):
        tooltip = escape("\n".join(whole.tooltip))
        inside = "".join(_in_views(*element) for element in elements.items())
        yield f'<g class="lg-node"><title>{tooltip}</title>{inside}</g>'


def _in_views(element: str, views: Sequence[str]) -> str:
    """Return a part that only some views show."""
    return element if len(views) == len(VIEWS) else f'<g class="lg-in {" ".join(views)}">{element}</g>'
