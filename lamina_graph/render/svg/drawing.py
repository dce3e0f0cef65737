"""A scene as SVG: cards and lines where the layout put them, a title above, a legend below."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from html import escape

from lamina_graph.files import pack
from lamina_graph.render.font_metrics import sanitize, text_width, truncate
from lamina_graph.render.layout.graphviz import Engine
from lamina_graph.render.layout.layout import layout
from lamina_graph.render.layout.ranks import assign_ranks
from lamina_graph.render.layout.routing import Point
from lamina_graph.render.palette import HEAD, SMALL, TITLE, Direction, Theme
from lamina_graph.render.scenes.scene import Card, Link, Scene
from lamina_graph.render.svg.bands import band_elements, stage_spans
from lamina_graph.render.svg.cards import card_boxes, card_element
from lamina_graph.render.svg.elements import (
    curve_path,
    format_number,
    format_point,
    svg_element,
    text_element,
)
from lamina_graph.render.svg.legend import ROW, legend_elements, legend_rows
from lamina_graph.render.svg.page_fit import LEGIBLE, Page
from lamina_graph.render.svg.standalone import element_id, standalone_element
from lamina_graph.vocabulary import Modality

_MARGIN, _TOP, _FOOT = 28.0, 86.0, 38.0
_NARROWEST, _WIDEST_HEAD = 420.0, 900.0
_SMALLEST = (560.0, 230.0)  # what a thumbnail shows at least: a card alone would fill it
_EMPTY = "This workflow has no nodes."


class Drawing:
    """One scene, laid out.

    Attributes:
        boxes: the cards with their sizes.
        layout: where everything goes.
        natural: the width and height of the picture at full size, in pixels.
        size: those at which it is shown.
    """

    def __init__(
        self,
        scene: Scene,
        direction: Direction,
        engine: Engine,
        page: Page | None = None,
        limit: float | None = None,
    ) -> None:
        """Lay out a scene for a page, as wide as it needs or in rows no wider than a limit."""
        self.scene, self.direction, self.page = scene, direction, page or Page()
        ranks = assign_ranks(len(scene.cards), scene.pairs)
        self.boxes = card_boxes(scene, ranks if direction == "LR" else ())
        self.layout = layout(
            [(box.width, box.height) for box in self.boxes],
            scene.pairs,
            scene.cards,
            ranks,
            frozenset(edge for edge, link in enumerate(scene.links) if link.main),
            direction,
            engine,
            limit and limit - 2 * _MARGIN,
        )
        self._room = max(self.layout.width, *self._head_room())
        self._legend = legend_rows(scene.legend(), self._room) if self.page.legend else []
        self._top = _TOP if self.page.title else _MARGIN
        self._foot = self._top + max(self.layout.height, 0 if scene.cards else 20) + _FOOT
        below = ROW * (len(self._legend) - 1) + 12 if self._legend else -_FOOT
        self.natural = round(self._room + 2 * _MARGIN), round(self._foot + below + _MARGIN * 0.75)
        self.size, self._view = self.page.fit(self.natural)
        self._label = f"{scene.title}: {scene.subtitle}"

    @cached_property
    def bands(self) -> dict[int, tuple[float, float]]:
        """From where to where each stage has a band; none where none are asked for, or two would overlap."""
        return stage_spans(self.boxes, self.layout.centres, self.direction) if self.scene.bands else {}

    def _head_room(self) -> Iterable[float]:
        """Yield how wide the picture is at least, for its title and legend."""
        most = (
            self.page.width * TITLE / LEGIBLE - 2 * _MARGIN
            if isinstance(self.page.width, int)
            else _WIDEST_HEAD
        )
        if self.page.title:
            head = max(text_width(self.scene.title, HEAD, bold=True), text_width(self.scene.subtitle, SMALL))
            yield min(_WIDEST_HEAD, head + 2, most)
        yield min(_NARROWEST, most) if self.page.title or self.page.legend else 0.0

    @property
    def label_size(self) -> float:
        """How large the large line of a card is shown, in pixels, its scale aside."""
        return TITLE * self.page.shrink(self.natural)

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
        about = f"<title>{escape(self.scene.title)}</title><desc>{escape(self.scene.description)}</desc>"
        head = about + (pack(self.scene.workflow) if carry else "")
        body = self._body(self._names)
        return standalone_element(head, body, self.size, self._label, theme, self._view) + "\n"

    def inline(self) -> str:
        """An SVG for a page that has the stylesheet; each line says which cards it joins, by number.

        It has no ids, and names no nodes: a page knows them by these numbers.
        """
        head = f"<desc>{escape(self.scene.description)}</desc>"
        body = self._body(self._numbers)
        return svg_element(head + body, self.size, self._label, view=self._view) + "\n"

    def thumbnail(self) -> str:
        """Outlines and lines alone, one path for each style; what is off the main path looks fainter."""
        lines: dict[str, list[str]] = {"": [], " lg-main": []}
        for link, route in zip(self.scene.links, self.layout.routes, strict=True):
            lines[" lg-main" if link.main else ""].append(f"M{_rounded(route[0])}L{_rounded(route[-1])}")
        outlines: dict[str, list[str]] = {}
        for box, centre in zip(self.boxes, self.layout.centres, strict=True):
            off = " lg-off" if lines[" lg-main"] and not box.card.main else ""
            name = self.scene.style_name(box.card) + off
            corner = _rounded((centre[0] - box.width / 2, centre[1] - box.height / 2))
            outline = f"M{corner}h{box.width:.0f}v{box.height:.0f}h-{box.width:.0f}z"
            outlines.setdefault(name, []).append(outline)
        inside = (
            *(f'<path class="lg-e{name}" d="{"".join(paths)}"/>' for name, paths in lines.items() if paths),
            *(
                f'<g class="lg-{name}"><path class="lg-i" d="{"".join(paths)}"/></g>'
                for name, paths in outlines.items()
            ),
        )
        width, height = max(self.layout.width + 8, _SMALLEST[0]), max(self.layout.height + 8, _SMALLEST[1])
        left, top = (self.layout.width - width) / 2, (self.layout.height - height) / 2
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" class="lg" role="img" '
            f'aria-label="{escape(self._label)}" '
            f'viewBox="{left:.0f} {top:.0f} {width:.0f} {height:.0f}">{"".join(inside)}</svg>'
        )

    def _body(self, attributes: Callable[[Card | Link, int], str]) -> str:
        foot = legend_elements(self._legend, _MARGIN, self._foot)
        head = self._head() if self.page.title or not self.scene.cards else ()
        return "".join((self._paper(), *head, self._graph(attributes), *foot))

    def _paper(self) -> str:
        left, top, width, height = self._view
        place = f' x="{format_number(left)}" y="{format_number(top)}"' if (left, top) != (0, 0) else ""
        sides = f'{place} width="{format_number(width)}" height="{format_number(height)}"'
        if self.page.background == "none":
            return ""
        own = f' style="fill:{self.page.background}"' if self.page.background else ""
        return f'<rect class="lg-paper"{sides}{own}/>'

    def _head(self) -> Iterable[str]:
        title = truncate(self.scene.title, self._room, HEAD, bold=True)
        subtitle = truncate(self.scene.subtitle, self._room, SMALL)
        if self.page.title:
            yield text_element(title, _MARGIN, 45, "lg-head", HEAD, self._room, bold=True)
            yield text_element(subtitle, _MARGIN, 66, "lg-s", SMALL, self._room)
        if not self.scene.cards:
            yield text_element(_EMPTY, _MARGIN, self._top + 14, "lg-s", SMALL, self._room)

    def _graph(self, attributes: Callable[[Card | Link, int], str]) -> str:
        """The lines, those that matter more over the others, and the cards over the lines."""
        colors, by_modality = self.scene.colors, self.scene.lines == "modality"
        routed = zip(self.scene.links, self.layout.routes, range(len(self.scene.links)), strict=True)
        lines = (
            line_element(
                link,
                route,
                colors,
                attributes(link, number),
                self.scene.carried(link) if by_modality else None,
            )
            for link, route, number in sorted(routed, key=lambda row: line_weight(row[0]))
        )
        cards = (
            card_element(
                box, centre, self.scene.style_name(box.card), self.direction, attributes(box.card, number)
            )
            for number, (box, centre) in enumerate(zip(self.boxes, self.layout.centres, strict=True))
        )
        bands = band_elements(self.bands, (self.layout.width, self.layout.height), self.direction)
        return f'<g transform="translate({_MARGIN:g} {self._top:g})">{"".join((*bands, *lines, *cards))}</g>'

    def _numbers(self, part: Card | Link, number: int) -> str:
        return f' data-ends="{part.source} {part.target}"' if isinstance(part, Link) else ""

    def _names(self, part: Card | Link, number: int) -> str:
        """The attributes by which a page that embeds the picture knows a card or a line.

        An id is that of one picture, what it is of stays the same in all pictures of a workflow.
        """
        if isinstance(part, Link):
            source, target = (self.scene.cards[end] for end in (part.source, part.target))
            values = {
                "id": element_id("line", number),
                "data-source": source.node,
                "data-target": target.node,
                "data-carries": self.scene.carried(part) or " ".join(source.modalities),
                "data-mark": part.mark or "",
            }
        else:
            values = {
                "id": element_id("card", number),
                "data-node": part.node,
                "data-nodes": str(len(part.parts) or ""),
                "data-type": part.type if not part.parts else "",
                "data-role": "" if part.stub else part.role,
                "data-gives": " ".join(part.modalities),
                "data-mark": part.mark or "",
            }
        return "".join(f' {key}="{escape(sanitize(value))}"' for key, value in values.items() if value)


def line_element(
    link: Link, points: Sequence[Point], colors: str, attributes: str = "", carried: Modality | None = None
) -> str:
    """Return the SVG of a line through points, with its arrow, in the colour of what it carries if given."""
    state = line_style(link, colors)
    if carried and not link.mark:
        state += f" lg-carries-{carried}"
    *curve, tip = points
    title = f"><title>{escape(link.tooltip)}</title></path>" if link.tooltip else "/>"
    line = f'<path class="lg-e{state}"{attributes} d="{curve_path(curve)}"{title}'
    return line + _arrow(curve[-1], tip, state)


def line_style(link: Link, colors: str) -> str:
    """Return the class of a line beside those of all lines, with a blank before it; empty for a plain one."""
    name = link.mark or ("main" if link.main else "same" if colors == "marks" else "")
    return f" lg-{name}" if name else ""


def line_weight(link: Link) -> int:
    """Return how much a line matters: it goes over those that matter less."""
    return 2 if link.mark else int(link.main)


def arrow_points(base: Point, tip: Point) -> tuple[Point, Point, Point]:
    """Return the corners of an arrow, its tip first."""
    (x, y), (u, v) = base, tip
    across, down = (v - y) * 0.52, (u - x) * 0.52
    return tip, (x - across, y + down), (x + across, y - down)


def _arrow(base: Point, tip: Point, state: str) -> str:
    points = " ".join(map(format_point, arrow_points(base, tip)))
    return f'<polygon class="lg-a{state}" points="{points}"/>'


def _rounded(point: Point) -> str:
    return f"{point[0]:.0f} {point[1]:.0f}"
