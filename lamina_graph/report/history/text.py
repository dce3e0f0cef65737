"""One app over time as text, a line a step."""

from collections.abc import Iterator

from lamina_graph.ages import Ages, session_line
from lamina_graph.history import History, State, Step
from lamina_graph.report.ansi import Ansi
from lamina_graph.report.diff.wording import counts, moment
from lamina_graph.report.history.steps import (
    SIGNS,
    build_summary,
    state,
    state_change,
    step_sentence,
    step_status,
    title,
)
from lamina_graph.text import one_line, pluralize

_STYLES = {"appeared": "head", "same": "soft", "gone": "breaking", "back": "accepted"}


def text(history: History, colour: bool = False) -> str:
    """Return an app over time as text, perhaps in colour: what it is, a line a step, and how it was built."""
    return "\n".join(_format_lines(history, Ansi(colour)))


def _format_lines(history: History, paint: Ansi) -> Iterator[str]:
    origin = f"{one_line(history.app_id)}  {one_line(history.base_url)}"
    yield f"{paint('head', title(history))}  {paint('soft', origin)}"
    yield _format_state(history)
    yield ""
    before: State | None = None
    for step in history.steps:
        yield _format_step(step, before, paint)
        before = step.state or before
    yield ""
    yield from _format_ages(history.ages, paint)


def _format_state(history: History) -> str:
    last = history.versions[-1]
    gone = [f"gone since {moment(history.gone)}"] if history.gone else []
    since = f"appeared {moment(history.appeared)}"
    parts = [
        *gone,
        *([state(last.state)] if last.state else []),
        since,
        pluralize(len(history.versions), "version"),
    ]
    return " · ".join(parts)


def _format_step(step: Step, before: State | None, paint: Ansi) -> str:
    word = step_status(step)
    head = paint(_STYLES.get(word, word), f"{SIGNS[word]} {word:<9}")
    turned = state_change(before, step.state) if step.state else ""
    several = ", ".join(counts(step.changes)) if len(step.changes) > 1 else ""
    tail = " · ".join(filter(None, (several, turned)))
    id_ = paint("soft", f"{(step.snapshot or '')[:8]:<8}")
    return "  ".join(
        filter(None, (moment(step.at), id_, head, step_sentence(step), paint("soft", tail)))
    ).rstrip()


def _format_ages(ages: Ages, paint: Ansi) -> Iterator[str]:
    yield f"Today's nodes: {build_summary(ages)}"
    yield from (f"  {session_line(ages, session)}" for session in ages.sessions)
    if ages.order:
        yield f"  {paint('soft', ages.remark)}"
