"""Changes as text, for a terminal or a log."""

from collections.abc import Iterator

from lamina_graph.history import Changes
from lamina_graph.report.ansi import Ansi
from lamina_graph.report.changes.by_app import (
    App,
    Group,
    UnknownReason,
    grouped_by_app,
    headline,
    span,
    unknown_reasons,
)
from lamina_graph.report.diff.wording import MARKS, affected, moment, note
from lamina_graph.text import one_line


def text(changes: Changes, colour: bool = False) -> str:
    """Return changes as text, perhaps in colour: counts, then by severity and app; empty without changes."""
    return "" if changes.silent else "\n".join(_format_lines(changes, Ansi(colour)))


def _format_lines(changes: Changes, paint: Ansi) -> Iterator[str]:
    yield f"{paint('head', headline(changes))}  {paint('soft', span(changes))}"
    for group in grouped_by_app(changes):
        yield ""
        yield paint(group.heading, group.heading)
        for app in group.apps:
            yield from _format_app(group, app, paint)
    if changes.unknown:
        yield ""
        yield paint("unknown", "unknown: could not be compared")
        for reason in unknown_reasons(changes):
            yield f"  {paint('unknown', MARKS['unknown'])} {_describe_unknown(reason)}"


def _describe_unknown(reason: UnknownReason) -> str:
    """Return one app and why it is unknown; of several first the reason, then their names."""
    place = f" at {reason.place}" if reason.place else ""
    if len(reason.names) == 1:
        return f"{reason.names[0]}{place}: {reason.why}"
    return f"{len(reason.names)} apps{place}: {reason.why}: {', '.join(reason.names)}"


def _format_app(group: Group, app: App, paint: Ansi) -> Iterator[str]:
    yield f"  {paint('head', app.name)}  {paint('soft', '  '.join(filter(None, (app.id, app.place))))}"
    for change in app.changes:
        mark = paint(group.heading, MARKS[group.heading])
        at, after = paint("soft", moment(change.at)), paint("soft", note(change))
        yield f"    {mark} {at}  {one_line(change.text)}  {after}"
        if uses := affected(change):
            yield f"      {paint(group.heading, uses)}"
