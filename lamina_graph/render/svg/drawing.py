"""A scene as SVG: cards and lines where the layout put them, a title above, a legend below."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from lamina_graph.files import pack
from lamina_graph.render.font_metrics import cut, width
from lamina_graph.render.layout.graphviz import Engine
from lamina_graph.render.layout.layout import layout
from lamina_graph.render.layout.routing import Point
from lamina_graph.render.palette import HEAD, SMALL, Direction, Theme
from lamina_graph.render.scenes.scene import Card, Link, Scene
from lamina_graph.render.svg import cards, legend
from lamina_graph.render.svg.elements import at, curve, number, text, xml
from lamina_graph.render.svg.stylesheet import stylesheet

_MARGIN, _TOP, _FOOT = 28.0, 86.0, 38.0
_NARROWEST, _WIDEST_HEAD = 420.0, 900.0
_SMALLEST = (560.0, 230.0)  # what a thumbnail shows at least: a card alone would fill it
_EMPTY = "This workflow has no nodes."


class Drawing:
    """One scene, laid out.

    Args:
        scene: what to show.
        direction: left to right, or top to bottom.
        engine: who lays out.
    """

    def __init__(self, scene: Scene, direction: Direction, engine: Engine) -> None:
        self.scene, self.direction = scene, direction
        self.boxes = cards.boxes(scene)
        self.layout = layout(
            [(box.width, box.height) for box in self.boxes],
            [(link.source, link.target) for link in scene.links],
            frozenset(number for number, link in enumerate(scene.links) if link.main),
            direction,
            engine,
        )
        self._room = max(self.layout.width, self._head_width(), _NARROWEST)
        self._legend = legend.rows(scene.legend(), self._room)
        self._foot = _TOP + max(self.layout.height, 0 if scene.cards else 20) + _FOOT

    @property
    def size(self) -> tuple[float, float]:
        """The width and height of the picture, in pixels."""
        below = legend.ROW * (len(self._legend) - 1) + 12 if self._legend else -_FOOT
        return round(self._room + 2 * _MARGIN), round(self._foot + below + _MARGIN * 0.75)

    @property
    def words(self) -> str:
        """All text of the picture."""
        lines = (line for box in self.boxes for line in (*box.lines, box.small))
        return "".join((self.scene.title, self.scene.subtitle, *self.scene.remarks, *lines))

    def standalone(self, theme: Theme, carry: bool = True) -> str:
        """An SVG of its own, which carries its workflow if it is to.

        Its rules reach no other picture of a page, and no rules of others reach it: its class is made from
        all that it shows.
        """
        body, style = self._body(), stylesheet(theme)
        scope = f"lg-{blake2b((style + body).encode(), digest_size=4).hexdigest()}"
        inside = (
            f"<title>{xml(self.scene.title)}</title><desc>{xml(self.scene.described)}</desc>"
            f"<style>{style.replace('.lg ', f'.{scope} ')}</style>"
            f"{pack(self.scene.workflow) if carry else ''}"
        )
        return self._svg(scope, inside + body)

    def inline(self) -> str:
        """An SVG for a page that has the stylesheet; each line says which cards it joins, by number."""
        return self._svg("lg", f"<desc>{xml(self.scene.described)}</desc>{self._body(tagged=True)}")

    def thumbnail(self) -> str:
        """Outlines and lines alone, one path for each look; what is off the main path looks fainter."""
        lines: dict[str, list[str]] = {"": [], " lg-main": []}
        for link, route in zip(self.scene.links, self.layout.routes, strict=True):
            lines[" lg-main" if link.main else ""].append(f"M{_whole(route[0])}L{_whole(route[-1])}")
        faces: dict[str, list[str]] = {}
        for box, centre in zip(self.boxes, self.layout.centres, strict=True):
            off = " lg-off" if lines[" lg-main"] and not box.card.main else ""
            faces.setdefault(look(box.card, self.scene.colours) + off, []).append(_outline(box, centre))
        drawn = (
            *(f'<path class="lg-e{name}" d="{"".join(ways)}"/>' for name, ways in lines.items() if ways),
            *(
                f'<g class="lg-{name}"><path class="lg-i" d="{"".join(boxes)}"/></g>'
                for name, boxes in faces.items()
            ),
        )
        wide, high = max(self.layout.width + 8, _SMALLEST[0]), max(self.layout.height + 8, _SMALLEST[1])
        left, top = (self.layout.width - wide) / 2, (self.layout.height - high) / 2
        view = f"{left:.0f} {top:.0f} {wide:.0f} {high:.0f}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="lg" role="img" aria-label="{self._label()}" '
            f'viewBox="{view}">{"".join(drawn)}</svg>'
        )

    def _svg(self, name: str, inside: str) -> str:
        wide, high = (number(side) for side in self.size)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{name}" role="img" aria-label="{self._label()}" '
            f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}">{inside}</svg>\n'
        )

    def _body(self, tagged: bool = False) -> str:
        wide, high = (number(side) for side in self.size)
        paper = f'<rect class="lg-paper" width="{wide}" height="{high}"/>'
        foot = legend.drawn(self._legend, _MARGIN, self._foot)
        return "".join((paper, *self._head(), self._graph(tagged), *foot))

    def _label(self) -> str:
        return xml(f"{self.scene.title}: {self.scene.subtitle}")

    def _head_width(self) -> float:
        wanted = max(width(self.scene.title, HEAD, bold=True), width(self.scene.subtitle, SMALL))
        return min(_WIDEST_HEAD, wanted + 2)

    def _head(self) -> Iterable[str]:
        title = cut(self.scene.title, self._room, HEAD, bold=True)
        yield text(title, _MARGIN, 45, "lg-head", HEAD, self._room, bold=True)
        yield text(cut(self.scene.subtitle, self._room, SMALL), _MARGIN, 66, "lg-s", SMALL, self._room)
        if not self.scene.cards:
            yield text(_EMPTY, _MARGIN, _TOP + 14, "lg-s", SMALL, self._room)

    def _graph(self, tagged: bool) -> str:
        """The lines, those that matter more over the others, and the cards over the lines."""
        order = sorted(range(len(self.scene.links)), key=lambda each: weight(self.scene.links[each]))
        colours = self.scene.colours
        lines = (drawn(self.scene.links[each], self.layout.routes[each], colours, tagged) for each in order)
        faces = (
            cards.drawn(box, centre, look(box.card, colours), self.direction)
            for box, centre in zip(self.boxes, self.layout.centres, strict=True)
        )
        return f'<g transform="translate({_MARGIN:g} {_TOP:g})">{"".join(lines)}{"".join(faces)}</g>'


def drawn(link: Link, points: Sequence[Point], colours: str, tagged: bool = False) -> str:
    """Return the SVG of a line with its arrow.

    Args:
        link: what it stands for.
        points: where it goes.
        colours: what colours stand for in its scene.
        tagged: whether it names the cards that it joins.
    """
    name = link.mark or ("main" if link.main else "same" if colours == "marks" else "")
    state = f" lg-{name}" if name else ""
    *way, tip = points
    ends = f' data-ends="{link.source} {link.target}"' if tagged else ""
    line = f'<path class="lg-e{state}"{ends} d="{curve(way)}"'
    title = f"><title>{xml(link.tooltip)}</title></path>" if link.tooltip else "/>"
    return f"{line}{title}{_arrow(way[-1], tip, state)}"


def look(card: Card, colours: str) -> str:
    """Return what a card's colour stands for."""
    if colours == "roles":
        return card.role
    if colours in ("marks", "states"):
        return card.mark or "same"
    return "same" if card.step is None else f"step{card.step}"


def weight(link: Link) -> int:
    """Return how much a line matters: it goes over those that matter less."""
    return 2 if link.mark else int(link.main)


def _arrow(base: Point, tip: Point, state: str) -> str:
    (x, y), (u, v) = base, tip
    across, down = (v - y) * 0.52, (u - x) * 0.52
    points = f"{at(tip)} {at((x - across, y + down))} {at((x + across, y - down))}"
    return f'<polygon class="lg-a{state}" points="{points}"/>'


def _whole(point: Point) -> str:
    return f"{point[0]:.0f} {point[1]:.0f}"


def _outline(box: cards.Box, centre: Point) -> str:
    corner = f"{centre[0] - box.width / 2:.0f} {centre[1] - box.height / 2:.0f}"
    return f"M{corner}h{box.width:.0f}v{box.height:.0f}h-{box.width:.0f}z"
