"""What a picture is made for: how wide it may be, and what stands around its graph."""

import re
from dataclasses import dataclass
from typing import Literal

from lamina_graph.errors import InputError

Width = int | Literal["slide"]
View = tuple[float, float, float, float]
"""Left, top, width and height of what an SVG shows, in its own units."""

LEGIBLE = 9.0
"""Pixels of the smallest label that is read with ease."""

SLIDE = (1280, 720)
_MOST_ENLARGED = 1.5  # on a slide
_NARROWEST, _WIDEST = 200, 10_000
_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}|[a-zA-Z]{3,24}")


@dataclass(frozen=True, slots=True)
class Page:
    """What a picture is made for.

    Attributes:
        width: how wide it may be, in pixels: a wider one is shown smaller; or `slide`, 1280 by 720.
        scale: how many times as large it is shown then.
        background: a colour, as CSS writes it; `none` for no paper; empty for the theme's own.
        title, legend: whether these are drawn.

    Raises:
        InputError: a value is out of range, or no colour.
    """

    width: Width | None = None
    scale: float | None = None
    background: str = ""
    title: bool = True
    legend: bool = True

    def __post_init__(self) -> None:
        if isinstance(self.width, int) and not _NARROWEST <= self.width <= _WIDEST:
            raise InputError(
                f"no picture is {self.width} pixels wide", f"Give {_NARROWEST} to {_WIDEST:,}, or slide."
            )
        if self.scale is not None and not 0.1 <= self.scale <= 10:
            raise InputError(f"no picture is drawn at {self.scale:g} times its size", "Give 0.1 to 10.")
        if self.background and not _COLOR.fullmatch(self.background):
            raise InputError(
                f"no such colour: {self.background[:40]!r}", "Give none, a name such as white, or #f6f8fa."
            )

    @property
    def place(self) -> str:
        """Its width, in words."""
        return "a slide" if self.width == "slide" else f"a width of {self.width} px"

    def shrink(self, size: tuple[float, float]) -> float:
        """Return how many times as large a picture of a natural size is shown, its scale aside."""
        if self.width == "slide":
            return min(SLIDE[0] / size[0], SLIDE[1] / size[1], _MOST_ENLARGED)
        return min(1.0, self.width / size[0]) if self.width else 1.0

    def fit(self, size: tuple[float, float]) -> tuple[tuple[float, float], View]:
        """Return how large a picture of a natural size is shown, and what of its plane that shows.

        >>> Page(400).fit((800, 300))
        ((400, 150), (0, 0, 800, 300))
        """
        times, scale = self.shrink(size), self.scale or 1
        if self.width == "slide":
            wide, high = SLIDE[0] / times, SLIDE[1] / times
            view = (size[0] - wide) / 2, (size[1] - high) / 2, wide, high
            return (SLIDE[0] * scale, SLIDE[1] * scale), view
        shown = round(size[0] * times * scale), round(size[1] * times * scale)
        return shown, (0, 0, *size)
