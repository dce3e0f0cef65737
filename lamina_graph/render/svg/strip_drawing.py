"""The stage strip as SVG: a pill for each name, an arrow from each place of the pipeline to the next."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from html import escape

from lamina_graph.render.font_metrics import text_width
from lamina_graph.render.palette import KIND, MODALITIES, ROLES, TITLE, Theme
from lamina_graph.render.scenes.strip_scene import Kind, Part, StripScene
from lamina_graph.render.svg.cards import outline
from lamina_graph.render.svg.elements import (
    curve_path,
    format_number,
    format_point,
    glyph_element,
    svg_element,
    text_element,
)
from lamina_graph.render.svg.standalone import standalone_element
from lamina_graph.vocabulary import Role

_HIGH, _EDGE = 34.0, 3.0  # of a pill, and what stands around the strip
_SIGN, _END = 34.0, 11.0  # what stands left and right of a pill's words
_ROUND = 4.0  # how much further the words stand from a half circle
_GAP, _ARROW, _APART = 4.0, 26.0, 32.0  # between pills of one place, of two, of two pipelines
_STAR = "M12 3.2l2.7 5.6 6.1.8-4.500 4.200 1.100 6.100-5.400-3-5.400 3 1.100-6.100L3.200 9.600l6.100-.8z"
_ROLE: dict[Kind, Role] = {
    "input": "input",
    "generation": "generate",
    "task": "transform",
    "deliverable": "output",
    "rest": "unknown",
}


class StripDrawing:
    """A strip, laid out from left to right.

    Attributes:
        size: its width and height in pixels.
    """

    def __init__(self, scene: StripScene) -> None:
        self.scene = scene
        self._elements: list[str] = []
        self._x = _EDGE
        for place, pipeline in enumerate(scene.pipelines):
            if place:
                self._divide()
            for number, column in enumerate(pipeline.columns):
                if number:
                    self._point()
                for at, part in enumerate(column.parts):
                    self._x += _GAP if at else 0
                    self._place(part, column.kind)
            if pipeline.times > 1:
                self._write(f"× {pipeline.times:,}", 8)
        if scene.note:
            self._write(scene.note, 10 if scene.pipelines else 0)
        self.size = round(self._x + _EDGE), round(_HIGH + 2 * _EDGE)

    def standalone(self, theme: Theme) -> str:
        """An SVG of its own, whose rules reach no other picture of a page."""
        head = f"<title>{escape(self.scene.text)}</title>"
        return standalone_element(head, "".join(self._elements), self.size, self.scene.text, theme) + "\n"

    def inline(self) -> str:
        """An SVG for a page that has the stylesheet."""
        return svg_element("".join(self._elements), self.size, self.scene.text)

    def _place(self, part: Part, kind: Kind) -> None:
        pill = _Pill.of(part, kind)
        corner = f"{format_number(self._x)} {_EDGE:g}"
        state = f"lg-{pill.role}{' lg-end' if kind == 'deliverable' else ''}"
        self._elements.append(
            f'<g class="{state}" transform="translate({corner})">{"".join(pill.elements())}</g>'
        )
        self._x += pill.width

    def _point(self) -> None:
        """An arrow to the next place."""
        start, tip, y = self._x + 5, self._x + _ARROW - 4, _EDGE + _HIGH / 2
        line = curve_path([(start, y), (start, y), (tip - 6, y), (tip - 6, y)])
        corners = " ".join(map(format_point, ((tip, y), (tip - 7, y - 4), (tip - 7, y + 4))))
        self._elements.append(f'<path class="lg-e" d="{line}"/><polygon class="lg-a" points="{corners}"/>')
        self._x += _ARROW

    def _divide(self) -> None:
        """What parts two pipelines that do not depend on each other."""
        x = format_number(self._x + _APART / 2)
        self._elements.append(f'<path class="lg-e" d="M{x} {_EDGE + 5:g}V{_EDGE + _HIGH - 5:g}"/>')
        self._x += _APART

    def _write(self, words: str, before: float) -> None:
        width = text_width(words, TITLE)
        x, y = self._x + before, _EDGE + _HIGH / 2 + 4.5
        self._elements.append(text_element(words, x, y, "lg-s", TITLE, width))
        self._x = x + width


@dataclass(frozen=True, slots=True)
class _Pill:
    """One name with its sign and its count."""

    part: Part
    kind: Kind
    role: Role
    name: str
    count: str
    left: float
    width: float

    @classmethod
    def of(cls, part: Part, kind: Kind) -> "_Pill":
        name, count = part.name, f"×{part.count:,}" if part.count > 1 else ""
        role = _ROLE[kind]
        left = 14.0 if kind == "rest" else _SIGN + (_ROUND if role == "input" else 0)
        words = text_width(name, TITLE, bold=True) + (text_width(count, KIND) + 5 if count else 0)
        return cls(
            part,
            kind,
            role,
            name,
            count,
            left,
            round(left + words + _END + (_ROUND if role == "output" else 0)),
        )

    def elements(self) -> Iterator[str]:
        """Yield its tooltip, outline, sign and words."""
        frame = partial(outline, role=self.role, wide=self.width, high=_HIGH)
        if self.part.tooltip:
            yield f"<title>{escape(self.part.tooltip)}</title>"
        yield frame("lg-b")
        if self.kind == "deliverable":
            yield frame("lg-d", inset=3)
        if self.kind != "rest":
            x = self.left - _SIGN + 7
            yield f'<rect class="lg-i" x="{x:g}" y="7" width="20" height="20" rx="6"/>'
            yield glyph_element(self._glyph, "lg-g", x + 10, _HIGH / 2, 14)
        width = text_width(self.name, TITLE, bold=True)
        yield text_element(self.name, self.left, 21.5, "lg-t", TITLE, width + 4, bold=True)
        if self.count:
            yield text_element(self.count, self.left + width + 5, 21.5, "lg-k", KIND, 60)

    @property
    def _glyph(self) -> str:
        if self.kind == "deliverable":
            return _STAR
        return MODALITIES[self.part.modality].glyph if self.part.modality else ROLES[self.role].glyph
