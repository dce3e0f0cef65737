"""Phrases that every form of a history shares: what happened in a step, what the app is, how it was built."""

from collections.abc import Iterator

from lamina_graph.ages import Ages
from lamina_graph.history import History, State, Step
from lamina_graph.report.diff.wording import MARKS, moment
from lamina_graph.text import elide, one_line, pluralize

SIGNS = {**MARKS, "appeared": "+", "same": "=", "gone": "−", "back": "+"}
"""A sign for each status of a step."""


def title(history: History) -> str:
    """Return what the app is called."""
    return elide(one_line(history.name or history.app_id), 100)


def step_status(step: Step) -> str:
    """Return the status of a step: its severity, else what kind of step it is.

    The status of a version whose changes are all accepted is `accepted`.
    """
    return step.severity or "accepted" if step.kind == "changed" else step.kind


def step_sentence(step: Step) -> str:
    """Return what happened in a step: its worst change and how many more, or why something is unknown."""
    if step.kind == "changed":
        first, *rest = step.changes
        return one_line(first.text) + (f", and {len(rest)} more" if rest else "")
    if step.kind == "unknown":
        times = f" ({step.times} times, until {moment(step.until)})" if step.until else ""
        return f"{'; '.join(map(one_line, step.unknown)) or 'could not be fetched'}{times}"
    if step.kind == "gone":
        return "; ".join(map(one_line, step.unknown)) or "the app no longer exists"
    if step.ignored:
        return f"{pluralize(step.ignored, 'change')}, ignored"
    if step.kind == "same" and step.state and step.state.edges is None:
        return "the API does not give the workflow"
    return _SENTENCES[step.kind]


_SENTENCES = {
    "appeared": "first snapshot",
    "same": "the same workflow, with more detail",
    "back": "the app is back",
}


def state(now: State) -> str:
    """Return what an app is from a version on."""
    parts = [
        now.category,
        pluralize(now.nodes, "node"),
        "edges unknown" if now.edges is None else pluralize(now.edges, "edge"),
        *([] if now.stages is None else [pluralize(now.stages, "stage")]),
    ]
    return " · ".join([*parts, *([f"{now.credits:g} credits"] if now.credits is not None else [])])


def state_change(before: State | None, now: State) -> str:
    """Return in what an app differs from what it was before, or all of it where nothing was before.

    What is known by its nodes alone differs in nothing that could be said.
    """
    if before and now.edges is None:
        return f"{pluralize(now.nodes, 'node')} known, edges unknown"
    return " · ".join(_differences(before, now)) if before and before.edges is not None else state(now)


def _differences(before: State, now: State) -> Iterator[str]:
    if before.name != now.name:
        yield " → ".join(elide(one_line(state.name or "no name"), 60) for state in (before, now))
    if before.category != now.category:
        yield f"{before.category} → {now.category}"
    for name in ("nodes", "edges", "stages", "credits"):
        was, is_ = getattr(before, name), getattr(now, name)
        if was != is_:
            yield f"{_number(was)} → {_number(is_)} {name}"


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:g}"


def build_summary(ages: Ages) -> str:
    """Return when an app was built, as the ids of its nodes tell."""
    missing = f"; {pluralize(len(ages.unknown), 'node')} without a date" if ages.unknown else ""
    if not ages.oldest or not ages.newest:
        return f"no node has a date in its id{missing}" if ages.unknown else "there are no nodes"
    sessions = pluralize(len(ages.sessions), "editing session")
    return f"built in {sessions}, {moment(ages.oldest)} to {moment(ages.newest)}{missing}"
