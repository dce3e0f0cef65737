"""The stylesheet of the pictures: the visual language as CSS, for one tone or for the reader's own."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import get_args

from lamina_graph.render.palette import (
    DASHES,
    FONT,
    HEAD,
    KIND,
    MARKS,
    MODALITIES,
    PAPERS,
    ROLES,
    SCALE,
    SMALL,
    STATES,
    TITLE,
    Style,
    Theme,
    Tone,
    contrast,
    mix,
)

Rule = tuple[str, str]

_TINT = 0.3
"""How much of a step's colour its card has."""


_CLASS = re.compile(r"\.(lg-[\w-]+)")
_CLASSES = re.compile(r'class="([^"]+)"')


@cache
def stylesheet(theme: Theme = "auto", scope: str = "") -> str:
    """Return the CSS of all pictures, for a page that holds many.

    Args:
        theme: `auto` follows the reader's `prefers-color-scheme`.
        scope: a selector that the rules are to hold below, for instance `[data-theme="dark"]`.
    """
    return _themed(theme, f"{scope} .lg".strip(), None)


def stylesheet_of(body: str, theme: Theme, root: str) -> str:
    """Return the CSS of one picture: the rules that hold for something in it, below a selector.

    >>> stylesheet_of('<path class="lg-d"/>', "light", ".one").count("{")
    3
    """
    names = {name for names in set(_CLASSES.findall(body)) for name in names.split()}
    return _themed(theme, root, frozenset(names))


def _themed(theme: Theme, root: str, names: frozenset[str] | None) -> str:
    if theme != "auto":
        return _css(theme, root, names)
    dark = _css("dark", root, names)
    return f"{_css('light', root, names)}@media(prefers-color-scheme:dark){{{dark}}}"


@lru_cache(maxsize=256)
def _css(tone: Tone, root: str, names: frozenset[str] | None) -> str:
    css = []
    for selectors, body in rules(tone):
        kept = [
            f"{root} {selector}"
            for selector in selectors.split(",")
            if names is None or names.issuperset(_CLASS.findall(selector))
        ]
        if kept:
            css.append(f"{','.join(kept)}{{{body}}}")
    return "".join(css)


@cache
def rules(tone: Tone) -> tuple[Rule, ...]:
    """Return the rules of a tone: selectors, and what they say."""
    return (*_common(tone), *_roles(tone), *_carriers(tone), *_marks(tone), *_states(tone), *_steps(tone))


def _common(tone: Tone) -> Iterable[Rule]:
    paper = PAPERS[tone]
    return (
        ("text", f"font-family:{FONT};font-size:{TITLE:g}px;fill:{paper.ink};stroke:none"),
        (".lg-paper", f"fill:{paper.paper}"),
        (".lg-band", f"fill:{mix(paper.line, paper.paper, 0.1)}"),
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
        (".lg-h", f"fill:none;stroke:{paper.ink};stroke-width:3"),
        (".lg-stub .lg-b", f"fill:{paper.paper};stroke:{paper.line};stroke-width:1.2;stroke-dasharray:3 3"),
        (".lg-g", f"stroke:{paper.card};stroke-width:2"),
        (".lg-x", f"font-size:{KIND:g}px"),
        (".lg-p", f"fill:{paper.card};stroke:{paper.line};stroke-width:1.4"),
        (".lg-c", f"fill:{paper.card};stroke:{paper.line};stroke-width:1"),
        (".lg-m", f"stroke:{paper.soft};stroke-width:2.4"),
        (".lg-o", f"stroke:{paper.card};stroke-width:2.6"),
    )


def _roles(tone: Tone) -> Iterable[Rule]:
    for role, style in ROLES.items():
        yield from _card(role, style, tone)
    yield ".lg-unknown .lg-b", "stroke-dasharray:5 4"
    yield ".lg-plain .lg-i", f"fill:{PAPERS[tone].soft}"
    yield ".lg-plain .lg-d,.lg-plain .lg-b", f"stroke:{PAPERS[tone].soft}"


def _carriers(tone: Tone) -> Iterable[Rule]:
    """Lines that say what they carry, by colour and by how they are broken."""
    for modality, style in MODALITIES.items():
        color, dash = style.color(tone), DASHES.get(modality)
        broken = f";stroke-dasharray:{dash};stroke-linecap:butt" if dash else ""
        yield f".lg-e.lg-carries-{modality}", f"stroke:{color};stroke-width:1.8{broken}"
        yield f".lg-e.lg-main.lg-carries-{modality}", "stroke-width:3"
        yield f".lg-a.lg-carries-{modality}", f"fill:{color}"


def _marks(tone: Tone) -> Iterable[Rule]:
    paper = PAPERS[tone]
    for mark, style in MARKS.items():
        yield from _card(mark, style, tone)
        yield f".lg-{mark} .lg-b", f"stroke:{style.color(tone)};stroke-width:2.2"
        yield f".lg-e.lg-{mark}", f"stroke:{style.color(tone)};stroke-width:2.6"
        yield f".lg-a.lg-{mark}", f"fill:{style.color(tone)}"
    yield ".lg-removed .lg-b,.lg-e.lg-removed", "stroke-dasharray:7 5"
    yield ".lg-reidentified .lg-b", f"fill:{paper.card};stroke-width:1.4"
    yield ".lg-removed .lg-t", "text-decoration:line-through"
    yield ".lg-same .lg-b", f"fill:{paper.card};stroke:{paper.rule}"
    yield ".lg-same .lg-i", f"fill:{mix(paper.line, paper.card, 0.6)}"
    yield ".lg-same .lg-d,.lg-same .lg-p,.lg-e.lg-same", f"stroke:{paper.rule}"
    yield ".lg-same text", f"fill:{paper.soft};font-weight:normal"
    yield ".lg-a.lg-same", f"fill:{paper.rule}"


def _states(tone: Tone) -> Iterable[Rule]:
    """What needs a look stands out: what failed and what led there; what is done stays quiet."""
    paper = PAPERS[tone]
    for state, style in STATES.items():
        yield from _card(state, style, tone)
    for state in ("failed", "suspect"):
        color = STATES[state].color(tone)
        yield f".lg-{state} .lg-b", f"stroke:{color};stroke-width:2.4"
        yield f".lg-e.lg-{state}", f"stroke:{color};stroke-width:2.6"
        yield f".lg-a.lg-{state}", f"fill:{color}"
    done = mix(STATES["done"].color(tone), paper.card, 0.62)
    yield ".lg-done.lg-end .lg-b,.lg-done .lg-d", f"stroke:{done};stroke-width:1.2"
    yield ".lg-failed .lg-b", f"fill:{mix(STATES['failed'].color(tone), paper.card, 0.16)}"
    yield ".lg-pending .lg-b,.lg-skipped .lg-b", "stroke-dasharray:5 4"
    yield ".lg-skipped .lg-b", f"fill:{paper.card}"
    yield ".lg-skipped .lg-t", f"fill:{paper.soft};font-weight:normal"


def _steps(tone: Tone) -> Iterable[Rule]:
    paper = PAPERS[tone]
    for step, style in enumerate(SCALE):
        color = style.color(tone)
        edge = mix(color, paper.line, 0.6)
        yield f".lg-step{step} .lg-b", f"fill:{mix(color, paper.card, _TINT)}"
        yield f".lg-step{step} .lg-k", f"fill:{paper.ink}"
        yield f".lg-step{step} .lg-b,.lg-step{step} .lg-d", f"stroke:{edge}"
        yield f".lg-step{step}.lg-end .lg-b", "stroke-width:2"
        yield f".lg-step{step} .lg-i", f"fill:{color}"
        yield f".lg-step{step} .lg-g,.lg-step{step} .lg-o", f"stroke:{_legible(color)}"
        yield f".lg-step{step}.lg-main .lg-b", f"stroke:{paper.ink};stroke-width:2.2"


def _card(name: str, style: Style, tone: Tone) -> Iterable[Rule]:
    color, face = style.color(tone), PAPERS[tone].card
    yield f".lg-{name} .lg-b", f"fill:{mix(color, face, 0.09)};stroke:{mix(color, face, 0.62)}"
    yield f".lg-{name} .lg-i", f"fill:{color}"
    yield f".lg-{name} .lg-d", f"stroke:{color}"
    yield f".lg-{name}.lg-end .lg-b,.lg-{name}.lg-main .lg-b", f"stroke:{color};stroke-width:2"


def _legible(ground: str) -> str:
    """Black or white, whichever stands out more from a ground (WCAG 2 contrast)."""
    inks = [PAPERS[tone].ink for tone in get_args(Tone)]
    return max(inks, key=lambda ink: contrast(ink, ground))
