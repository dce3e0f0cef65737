"""The palette of the pictures: what each role, modality, mark and theme looks like.

`docs/diagram.md` shows it. Colour never stands alone: a role also has its own outline and glyph, a mark its
own sign and stroke.
"""

from dataclasses import dataclass
from typing import Literal

from lamina_graph.run_outcome import State
from lamina_graph.vocabulary import Modality, Role

Theme = Literal["auto", "light", "dark"]
Direction = Literal["LR", "TB"]
Mark = Literal["added", "removed", "changed", "affected", "reidentified"]
Sign = Mark | State
Tone = Literal["light", "dark"]

TITLE, KIND, HEAD, SMALL = 13.0, 11.0, 20.0, 12.0
"""Font sizes in pixels: a card's two kinds of line, the picture's title, its subtitle and legend."""

FONT = 'Arial, Helvetica, "Liberation Sans", sans-serif'


@dataclass(frozen=True, slots=True)
class Style:
    """How a role, a mark or a step looks.

    Attributes:
        word: what the legend calls it.
        light, dark: its colour on paper of either tone.
        glyph: the path of its symbol, in a square of 24.
        sign: the character that stands for it in text.
    """

    word: str
    light: str
    dark: str
    glyph: str = ""
    sign: str = ""

    def color(self, tone: Tone) -> str:
        """The colour on paper of this tone."""
        return self.light if tone == "light" else self.dark


@dataclass(frozen=True, slots=True)
class Paper:
    """The neutral colours of a tone."""

    paper: str  # behind everything
    card: str  # a card's face
    ink: str  # titles, the main path
    soft: str  # small text
    line: str  # edges
    rule: str  # outlines of what is pale


PAPERS: dict[Tone, Paper] = {
    "light": Paper("#ffffff", "#ffffff", "#18202b", "#566070", "#8792a0", "#ccd4dd"),
    "dark": Paper("#11151b", "#1a2029", "#eef1f5", "#a9b4c1", "#6f7b89", "#3a4452"),
}

ROLES: dict[Role, Style] = {
    "input": Style("input", "#175aa8", "#4ba5f2", "M4 12h11M11 8l4 4-4 4M19 5v14"),
    "generate": Style(
        "generate",
        "#85186e",
        "#dc94d2",
        "M11 4c.8 4.6 2.4 6.2 7 7-4.6.8-6.2 2.4-7 7-.8-4.6-2.4-6.2-7-7 4.6-.8 6.2-2.4 7-7z"
        "M18.5 16v4M16.5 18h4",
    ),
    "transform": Style(
        "transform",
        "#0d8268",
        "#64dbb6",
        "M4 8h8M17 8h3M4 16h3M12 16h8M12 8a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0"
        "M7 16a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0",
    ),
    "control": Style(
        "control",
        "#905810",
        "#efab3f",
        "M4 12h5M9 12c4 0 3-6 7-6h3M9 12c4 0 3 6 7 6h3M17 3.5L19.5 6L17 8.5M17 15.5l2.5 2.5l-2.5 2.5",
    ),
    "output": Style("output", "#39393f", "#d3e2f2", "M5 5v14M9 12h11M16 8l4 4-4 4"),
    "unknown": Style(
        "unknown", "#776f8f", "#8d9595", "M9 9.2a3 3 0 1 1 4.4 2.6c-1 .6-1.4 1.2-1.4 2.4M12 17.6v.6"
    ),
}

MODALITIES: dict[Modality, Style] = {
    "text": Style("text", "#4a5461", "#cfd8e2", "M6 6.5h12M12 6.5v12"),
    "image": Style("image", "#1668d6", "#4ba5f2", "M4 5.5h16v13H4zM4 16l5-5l4 4l3-3l4 4M15.2 9.2v.1"),
    "video": Style("video", "#cf2a8c", "#e254ad", "M8 5.5l10.5 6.5L8 18.5z"),
    "audio": Style("audio", "#cf6a00", "#f6a13a", "M5 10v4M9.7 6v12M14.3 9v6M19 4.5v15"),
    "3d": Style(
        "3d",
        "#0a7a50",
        "#4fd8a0",
        "M12 3.5l7.5 4.2v8.6L12 20.500l-7.5-4.200V7.700zM12 12v8.500M12 12l7.500-4.300M12 12L4.500 7.700",
    ),
    "vector": Style(
        "vector", "#2c1a7a", "#8170ff", "M5.500 17C6 8 18 16 18.500 7M3.500 17h4v4h-4zM16.500 3h4v4h-4z"
    ),
    "data": Style(
        "data",
        "#6b2a10",
        "#f2ee8a",
        "M9 4c-4 0-1 7-4.500 8C8 13 5 20 9 20M15 4c4 0 1 7 4.500 8C16 13 19 20 15 20",
    ),
}

DASHES: dict[Modality, str] = {
    "text": "2 5",
    "video": "14 5",
    "audio": "9 4 2 4",
    "3d": "5 5",
    "vector": "14 4 2 4 2 4",
    "data": "3 3",
}
"""How lines of a modality are broken where their colour says what they carry; those of images are whole."""

EYE = (
    "M3 12c5-7.500 13-7.500 18 0c-5 7.500-13 7.500-18 0zM9.500 12a2.500 2.500 0 1 0 5 0a2.500 2.500 0 1 0-5 0"
)
"""The glyph of a preview."""

MARKS: dict[Mark, Style] = {
    "added": Style("added", "#0a7a55", "#54e0bd", "M12 5v14M5 12h14", "+"),
    "removed": Style("removed", "#c23b12", "#f08a55", "M5 12h14", "-"),
    "changed": Style("changed", "#5b4bc4", "#a598fa", "M4 14c3-6 5-6 8-3s5 3 8-3", "~"),
    "affected": Style("affected", "#5e3c10", "#f7d84a", "M12 4.500v9M12 18.800v.1", "!"),
    "reidentified": Style(
        "re-identified", "#333d4d", "#6b8797", "M9 4L7 20M17 4l-2 16M4.500 9.500h16M3.500 14.500h16", "#"
    ),
}

STATES: dict[State, Style] = {
    "failed": Style("failed", "#b3261e", "#ff8a78", "M6 6l12 12M18 6L6 18", "✗"),
    "suspect": Style("upstream of the failure", "#a86a00", "#ffd166", "M12 4.500v9M12 18.800v.1", "?"),
    "pending": Style("pending", "#1f5fbf", "#6cb0ff", "M5.500 12v.1M12 12v.1M18.500 12v.1", "…"),
    "skipped": Style("skipped", "#7d8794", "#8d99a8", "M7 17L17 7", "–"),
    "done": Style("done", "#0a7a55", "#54e0bd", "M5 12.500l4.500 4.500L19 7.500", "✓"),
}

SIGNS: dict[str, Style] = {str(sign): style for table in (MARKS, STATES) for sign, style in table.items()}

SCALE: tuple[Style, ...] = (
    Style("", "#d3e5f5", "#2b4a66"),
    Style("", "#9fc7e8", "#3a6b97"),
    Style("", "#64a2d4", "#5590c4"),
    Style("", "#2f6fa3", "#86b9e6"),
    Style("", "#103f69", "#d2e8fb"),
)
"""Five steps of one hue, pale to strong, for what is counted: ages, credits."""

STYLES: dict[str, Style] = {
    **{str(role): style for role, style in ROLES.items()},
    **SIGNS,
    **{f"step{step}": style for step, style in enumerate(SCALE)},
}
"""Every style that a card can have, by its name."""


def mix(color: str, ground: str, share: float) -> str:
    """Return a colour thinned over a ground.

    >>> mix("#ff0000", "#ffffff", 0.5)
    '#ff8080'
    """
    pairs = ((int(color[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(over * share + under * (1 - share)):02x}" for over, under in pairs)


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.2, relative luminance).

    >>> round(contrast("#000000", "#ffffff"), 2)
    21.0
    """
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    shares = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
