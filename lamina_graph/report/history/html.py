"""One app over time as a page: a slider through its versions, in one picture where nodes stay in place."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from lamina_graph.diff import Change
from lamina_graph.files import pack
from lamina_graph.history import History, State, Step
from lamina_graph.report.diff.wording import MARKS, grouped, moment
from lamina_graph.report.history.steps import (
    SIGNS,
    build_summary,
    state,
    state_change,
    step_sentence,
    step_status,
    title,
)
from lamina_graph.report.page import asset, diagram_stylesheet, render_page

if TYPE_CHECKING:
    from lamina_graph.vocabulary import Vocabulary

MOST_VERSIONS = 120
"""Versions that the slider goes through: the newest, where there are more."""


class Version(NamedTuple):
    """One version as the page shows it.

    Attributes:
        number: which of all versions it is, from 1.
        step: what happened.
        before: what the app was until then.
        groups: its changes by severity, the accepted ones last.
        share: its height in the strip, in hundredths.
    """

    number: int
    step: Step
    before: State | None
    groups: list[tuple[str, list[Change]]]
    share: int


class Line(NamedTuple):
    """One step in the list of all: with the number of its version, if the slider has it."""

    step: Step
    before: State | None
    version: int | None


def html(history: History, *, vocabulary: "Vocabulary | None" = None) -> str:
    """Return an app over time as one HTML page that loads nothing."""
    from lamina_graph.render import draw_versions

    every = [step for step in history.versions if not step.identical]
    steps = every[-MOST_VERSIONS:]
    first = steps[0].workflow
    assert first is not None
    drawn = draw_versions(
        first, [step.compared for step in steps[1:] if step.compared], vocabulary=vocabulary
    )
    versions = _list_versions(steps, history, len(every) - len(steps))
    style = (
        asset("change.css") + asset("history.css") + diagram_stylesheet() + f"#film{{--n:{len(versions)}}}"
    )
    style += "".join(
        f".h{share}{{height:{share}%}}" for share in sorted({version.share for version in versions})
    )
    frames = json.dumps({"plain": drawn.frames, "marked": drawn.marked_frames}, separators=(",", ":"))
    return render_page(
        "history.html",
        style,
        asset("history.js"),
        carried=pack(steps[-1].workflow or first),
        history=history,
        title=title(history),
        now=versions[-1].step.state,
        svg=drawn.svg,
        frames=frames,
        versions=versions,
        single=len(versions) == 1,
        left_out=len(every) - len(steps),
        lines=_list_lines(history, versions),
        measure=_measure(steps),
        build_summary=build_summary(history.ages),
        longest=max((session.nodes for session in history.ages.sessions), default=1),
        marks=MARKS,
        signs=SIGNS,
        moment=moment,
        step_sentence=step_sentence,
        step_status=step_status,
        state=state,
        state_change=state_change,
    )


def _list_versions(steps: Sequence[Step], history: History, left_out: int) -> list[Version]:
    measure = _measure(steps)
    values = [getattr(step.state, measure) or 0 for step in steps]
    top = max(values) or 1
    before = _before(history)
    return [
        Version(
            left_out + place,
            step,
            before[step.snapshot or ""],
            grouped(step.changes),
            max(4, round(100 * value / top)) if value else 0,
        )
        for place, (step, value) in enumerate(zip(steps, values, strict=True), 1)
    ]


def _list_lines(history: History, versions: Sequence[Version]) -> list[Line]:
    numbers = {version.step.snapshot: version.number for version in versions}
    before = _before(history)
    return [
        Line(step, before.get(step.snapshot or ""), numbers.get(step.snapshot) if step.snapshot else None)
        for step in reversed(history.steps)
    ]


def _before(history: History) -> dict[str, State | None]:
    """Return for each snapshot what the app was before it."""
    states = [step.state for step in history.versions]
    return {step.snapshot or "": was for step, was in zip(history.versions, [None, *states], strict=False)}


def _measure(steps: Sequence[Step]) -> str:
    """Return what the strip measures: credits, where some are known, else nodes."""
    return "credits" if any(step.state and step.state.credits is not None for step in steps) else "nodes"
