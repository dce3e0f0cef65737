"""The stylesheet of the pictures: the visual language as CSS, for one tone or for the reader's own."""

from collections.abc import Iterable
from functools import cache
from typing import get_args

from lamina_graph.render.palette import (
    FONT,
    HEAD,
    KIND,
    MARKS,
    PAPERS,
    ROLES,
    SCALE,
    SMALL,
    STATES,
    TITLE,
    Look,
    Theme,
    Tone,
)

Rule = tuple[str, str]


@cache
def stylesheet(theme: Theme = "auto", scope: str = "") -> str:
    """Return the CSS of all pictures, for a page that holds many.

    Args:
        theme: `auto` follows the reader's `prefers-color-scheme`.
        scope: a selector that the rules are to hold below, for instance `[data-theme="dark"]`.
    """
    if theme != "auto":
        return _css(theme, scope)
    return f"{_css('light', scope)}@media(prefers-color-scheme:dark){{{_css('dark', scope)}}}"


def mix(colour: str, ground: str, share: float) -> str:
    """Return a colour thinned over a ground.

    >>> mix("#ff0000", "#ffffff", 0.5)
    '#ff8080'
    """
    pairs = ((int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(over * share + under * (1 - share)):02x}" for over, under in pairs)


def _css(tone: Tone, scope: str) -> str:
    rules = (*_common(tone), *_roles(tone), *_marks(tone), *_states(tone), *_steps(tone))
    return "".join(f"{_scoped(selector, scope)}{{{body}}}" for selector, body in rules)


def _scoped(selector: str, scope: str) -> str:
    return ",".join(f"{scope} .lg {part}".strip() for part in selector.split(","))


def _common(tone: Tone) -> Iterable[Rule]:
    paper = PAPERS[tone]
    return (
        ("text", f"font-family:{FONT};font-size:{TITLE:g}px;fill:{paper.ink};stroke:none"),
        (".lg-paper", f"fill:{paper.paper}"),
        (".lg-head", f"font-size:{HEAD:g}px;font-weight:bold"),
        (".lg-t", "font-weight:bold"),
        (".lg-k", f"font-size:{KIND:g}px;fill:{paper.soft}"),
        (".lg-s", f"font-size:{SMALL:g}px;fill:{paper.soft}"),
        ("path", "fill:none;stroke-linecap:round;stroke-linejoin:round"),
        (".lg-e", f"stroke:{paper.line};stroke-width:1.4"),
        (".lg-a", f"fill:{paper.line}"),
        (".lg-e.lg-main", f"stroke:{paper.ink};stroke-width:2.6"),
        (".lg-a.lg-main", f"fill:{paper.ink}"),
        (".lg-b", f"fill:{paper.card};stroke:{paper.rule};stroke-width:1.4"),
        (".lg-f .lg-b", "stroke-width:1.2"),
        (".lg-d", "fill:none;stroke-width:1.2"),
        (".lg-g", f"stroke:{paper.card};stroke-width:2"),
        (".lg-x", f"font-size:{KIND:g}px"),
        (".lg-p", f"fill:{paper.card};stroke:{paper.line};stroke-width:1.4"),
        (".lg-m", f"stroke:{paper.soft};stroke-width:2.4"),
        (".lg-o", f"stroke:{paper.card};stroke-width:2.6"),
    )


def _roles(tone: Tone) -> Iterable[Rule]:
    for role, look in ROLES.items():
        yield from _card(role, look, tone)
    yield ".lg-unknown .lg-b", "stroke-dasharray:5 4"
    yield ".lg-plain .lg-i", f"fill:{PAPERS[tone].soft}"
    yield ".lg-plain .lg-d,.lg-plain .lg-b", f"stroke:{PAPERS[tone].soft}"


def _marks(tone: Tone) -> Iterable[Rule]:
    paper = PAPERS[tone]
    for mark, look in MARKS.items():
        yield from _card(mark, look, tone)
        yield f".lg-{mark} .lg-b", f"stroke:{look.colour(tone)};stroke-width:2.2"
        yield f".lg-e.lg-{mark}", f"stroke:{look.colour(tone)};stroke-width:2.6"
        yield f".lg-a.lg-{mark}", f"fill:{look.colour(tone)}"
    yield ".lg-removed .lg-b,.lg-e.lg-removed", "stroke-dasharray:7 5"
    yield ".lg-removed .lg-t", "text-decoration:line-through"
    yield ".lg-same .lg-b", f"fill:{paper.card};stroke:{paper.rule}"
    yield ".lg-same .lg-i", f"fill:{mix(paper.line, paper.card, 0.6)}"
    yield ".lg-same .lg-d,.lg-same .lg-p,.lg-e.lg-same", f"stroke:{paper.rule}"
    yield ".lg-same text", f"fill:{paper.soft};font-weight:normal"
    yield ".lg-a.lg-same", f"fill:{paper.rule}"


def _states(tone: Tone) -> Iterable[Rule]:
    """What needs a look stands out: what failed and what led there; what is done stays quiet."""
    paper = PAPERS[tone]
    for state, look in STATES.items():
        yield from _card(state, look, tone)
    for state in ("failed", "suspect"):
        colour = STATES[state].colour(tone)
        yield f".lg-{state} .lg-b", f"stroke:{colour};stroke-width:2.4"
        yield f".lg-e.lg-{state}", f"stroke:{colour};stroke-width:2.6"
        yield f".lg-a.lg-{state}", f"fill:{colour}"
    done = mix(STATES["done"].colour(tone), paper.card, 0.62)
    yield ".lg-done.lg-end .lg-b,.lg-done .lg-d", f"stroke:{done};stroke-width:1.2"
    yield ".lg-failed .lg-b", f"fill:{mix(STATES['failed'].colour(tone), paper.card, 0.16)}"
    yield ".lg-pending .lg-b,.lg-skipped .lg-b", "stroke-dasharray:5 4"
    yield ".lg-skipped .lg-b", f"fill:{paper.card}"
    yield ".lg-skipped .lg-t", f"fill:{paper.soft};font-weight:normal"


def _steps(tone: Tone) -> Iterable[Rule]:
    paper = PAPERS[tone]
    for step, look in enumerate(SCALE):
        colour = look.colour(tone)
        edge = mix(colour, paper.line, 0.6)
        yield f".lg-step{step} .lg-b,.lg-step{step} .lg-d", f"stroke:{edge}"
        yield f".lg-step{step}.lg-end .lg-b", "stroke-width:2"
        yield f".lg-step{step} .lg-i", f"fill:{colour}"
        yield f".lg-step{step} .lg-g,.lg-step{step} .lg-o", f"stroke:{_legible(colour)}"
        yield f".lg-step{step}.lg-main .lg-b", f"stroke:{paper.ink};stroke-width:2.2"


def _card(name: str, look: Look, tone: Tone) -> Iterable[Rule]:
    colour, face = look.colour(tone), PAPERS[tone].card
    yield f".lg-{name} .lg-b", f"fill:{mix(colour, face, 0.09)};stroke:{mix(colour, face, 0.62)}"
    yield f".lg-{name} .lg-i", f"fill:{colour}"
    yield f".lg-{name} .lg-d", f"stroke:{colour}"
    yield f".lg-{name}.lg-end .lg-b,.lg-{name}.lg-main .lg-b", f"stroke:{colour};stroke-width:2"


def _legible(ground: str) -> str:
    """Black or white, whichever stands out more from a ground (WCAG 2 contrast)."""
    inks = [PAPERS[tone].ink for tone in get_args(Tone)]
    return max(inks, key=lambda ink: contrast(ink, ground))


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.2, relative luminance).

    >>> round(contrast("#000000", "#ffffff"), 2)
    21.0
    """
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    shares = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
