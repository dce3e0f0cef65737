"""One app over time as text, a line a step."""

from collections.abc import Iterator

from lamina_graph.history import Ages, History, State, Step
from lamina_graph.report.ansi import Paint
from lamina_graph.report.changes.grouping import moment
from lamina_graph.report.diff.wording import counts
from lamina_graph.report.history.steps import SIGNS, building, said, sitting, standing, state, title, turn
from lamina_graph.text import one_line, pluralize

_STYLES = {"appeared": "head", "same": "soft", "gone": "breaking", "back": "accepted"}


def text(found: History, colour: bool = False) -> str:
    """Return an app over time as text: what it is, a line a step, and how it was built.

    Args:
        found: the history.
        colour: whether a terminal shows it that understands colours.
    """
    return "\n".join(_lines(found, Paint(colour)))


def _lines(found: History, paint: Paint) -> Iterator[str]:
    origin = f"{one_line(found.app_id)}  {one_line(found.base_url)}"
    yield f"{paint('head', title(found))}  {paint('soft', origin)}"
    yield _now(found)
    yield ""
    before: State | None = None
    for step in found.steps:
        yield _step(step, before, paint)
        before = step.state or before
    yield ""
    yield from _ages(found.ages, paint)


def _now(found: History) -> str:
    last = found.versions[-1]
    gone = [f"gone since {moment(found.gone)}"] if found.gone else []
    since = f"appeared {moment(found.appeared)}"
    parts = [
        *gone,
        *([state(last.state)] if last.state else []),
        since,
        pluralize(len(found.versions), "version"),
    ]
    return " · ".join(parts)


def _step(step: Step, before: State | None, paint: Paint) -> str:
    word = standing(step)
    head = paint(_STYLES.get(word, word), f"{SIGNS[word]} {word:<9}")
    turned = turn(before, step.state) if step.state else ""
    several = ", ".join(counts(step.changes)) if len(step.changes) > 1 else ""
    tail = " · ".join(filter(None, (several, turned)))
    id_ = paint("soft", f"{(step.snapshot or '')[:8]:<8}")
    return "  ".join(filter(None, (moment(step.at), id_, head, said(step), paint("soft", tail)))).rstrip()


def _ages(ages: Ages, paint: Paint) -> Iterator[str]:
    yield f"Today's nodes: {building(ages)}"
    yield from (f"  {sitting(ages, session)}" for session in ages.sessions)
    if ages.order:
        yield f"  {paint('soft', ages.remark)}"
