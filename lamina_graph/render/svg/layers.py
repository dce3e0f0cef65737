"""Both versions of a diff in one drawing, as on a film exposed twice: laid out once, so that nothing moves.

Each node and each line is one group. What looks the same in every view is drawn in it once; what does not is
drawn once for each way in which it looks, with the views that show it as its classes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lamina_graph.render.layout.direction import fitting
from lamina_graph.render.layout.graphviz import Engine
from lamina_graph.render.layout.layout import Pair, layout
from lamina_graph.render.palette import Direction
from lamina_graph.render.scenes.diff_scene import comparison, sides
from lamina_graph.render.scenes.scene import Card, Link, Scene
from lamina_graph.render.svg import cards, legend
from lamina_graph.render.svg.drawing import drawn, look, weight
from lamina_graph.render.svg.elements import number, xml

if TYPE_CHECKING:
    from lamina_graph.diff import Diff
    from lamina_graph.features import Features
    from lamina_graph.vocabulary import Vocabulary

VIEWS = ("old", "both", "new")

_MARGIN = 28.0
_LEAST = (760.0, 420.0)  # a small graph is not blown up
_SHOWN = {"added": ("both", "new"), "removed": ("old", "both")}

Faces = Mapping[Card, Sequence[str]]
"""The cards of one node, each with the views that show it."""


@dataclass(frozen=True, slots=True)
class Double:
    """Both versions in one drawing.

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


def double(
    change: "Diff",
    old: "Features",
    new: "Features",
    *,
    direction: Direction | None = None,
    vocabulary: "Vocabulary | None" = None,
    engine: Engine = "wasm",
) -> Double:
    """Return both versions of a diff in one drawing; colours stand for roles where no change can be marked.

    Args:
        change: the diff.
        old: the features of the old version.
        new: the features of the new one.
        direction: left to right, or top to bottom; by default what fits on a page.
        vocabulary: the words of node types.
        engine: who lays out.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.features import features
    >>> from lamina_graph.files import load
    >>> a = load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> b = load({"nodes": [{"id": "b", "type": "noteNode"}], "edges": []})
    >>> double(diff(a, b), features(a), features(b)).nodes
    (('a', 'b'),)
    """
    scene = comparison(change, old, new, vocabulary=vocabulary)
    if {card.mark for card in scene.cards} | {link.mark for link in scene.links} <= {None}:
        scene = replace(scene, colours="roles")
    alone = sides(change, old, new, vocabulary=vocabulary)
    faces = [_faces(*each) for each in zip(alone.old, scene.cards, alone.new, strict=True)]
    return _Drawing(scene, faces, direction or fitting(scene), engine).double(alone.ids)


def _faces(*of_views: Card | None) -> Faces:
    faces: dict[Card, list[str]] = {}
    for view, card in zip(VIEWS, of_views, strict=True):
        if card:
            faces.setdefault(replace(card, id="", tooltip=()), []).append(view)
    return faces


class _Drawing:
    """A comparison laid out, with room on each card's place for all its faces."""

    def __init__(self, scene: Scene, faces: Sequence[Faces], direction: Direction, engine: Engine) -> None:
        self.scene, self.direction = scene, direction
        every = tuple(card for each in faces for card in each)
        boxes = iter(cards.boxes(replace(scene, cards=every)))
        self.boxes = [{next(boxes): views for views in each.values()} for each in faces]
        sizes = [(next(iter(each)).width, max(box.height for box in each)) for each in self.boxes]
        self.heights = [height for _, height in sizes]
        joined = [(link.source, link.target) for link in scene.links]
        self.layout = layout(sizes, joined, frozenset(), direction, engine)
        self.order = sorted(range(len(joined)), key=lambda each: weight(scene.links[each]))

    def double(self, ids: tuple[tuple[str | None, str | None], ...]) -> Double:
        """Return the drawing of nodes with these ids."""
        width, height = self._size()
        links = [self.scene.links[each] for each in self.order]
        return Double(
            svg=self._svg(width, height),
            width=width,
            height=height,
            nodes=ids,
            lines=tuple((link.source, link.target) for link in links),
            legend=tuple(legend.signs(self.scene.legend())),
            alike=self.scene.colours == "roles",
        )

    def _size(self) -> tuple[float, float]:
        width, height = (
            round(max(side + 2 * _MARGIN, least)) for side, least in zip(self._inner(), _LEAST, strict=True)
        )
        return width, height

    def _svg(self, width: float, height: float) -> str:
        size = f"{number(width)} {number(height)}"
        corner = [
            number((all_ - mine) / 2) for all_, mine in zip((width, height), self._inner(), strict=True)
        ]
        label = xml(f"{self.scene.title}: {self.scene.subtitle}")
        inside = "".join((*map(self._line, self.order), *map(self._node, range(len(self.boxes)))))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="lg" role="img" aria-label="{label}" '
            f'width="{number(width)}" height="{number(height)}" viewBox="0 0 {size}">'
            f'<g class="lg-graph"><g transform="translate({" ".join(corner)})">{inside}</g></g></svg>'
        )

    def _inner(self) -> tuple[float, float]:
        return self.layout.width, self.layout.height

    def _line(self, place: int) -> str:
        link = self.scene.links[place]
        shown = _in(drawn(link, self.layout.routes[place], self.scene.colours), _views(link))
        return f'<g class="lg-line">{shown}</g>'

    def _node(self, place: int) -> str:
        told = xml("\n".join(self.scene.cards[place].tooltip))
        faces = "".join(_in(self._face(place, box), views) for box, views in self.boxes[place].items())
        return f'<g class="lg-node"><title>{told}</title>{faces}</g>'

    def _face(self, place: int, box: cards.Box) -> str:
        whole = replace(box, height=self.heights[place])
        return cards.drawn(
            whole, self.layout.centres[place], look(box.card, self.scene.colours), self.direction
        )


def _views(link: Link) -> Sequence[str]:
    return _SHOWN.get(link.mark or "", VIEWS)


def _in(inside: str, views: Sequence[str]) -> str:
    """Return a part that only some views show."""
    return inside if len(views) == len(VIEWS) else f'<g class="lg-in {" ".join(views)}">{inside}</g>'
