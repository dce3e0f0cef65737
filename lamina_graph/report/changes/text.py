"""Changes as text, for a terminal or a log."""

from collections.abc import Iterator

from lamina_graph.history import Changes
from lamina_graph.report.ansi import Ansi
from lamina_graph.report.changes.by_app import (
    MOST_MOVES,
    App,
    Group,
    UnknownReason,
    describe_totals,
    grouped_by_app,
    headline,
    list_moves,
    span,
    unknown_reasons,
)
from lamina_graph.report.diff.wording import MARKS, affected, moment, note
from lamina_graph.report.limits import left_out
from lamina_graph.text import one_line


def text(changes: Changes, colour: bool = False) -> str:
    """Return changes as text, perhaps in colour: counts, then by severity and app; empty without changes."""
    return "" if changes.silent else "\n".join(_format_lines(changes, Ansi(colour)))


def _format_lines(changes: Changes, paint: Ansi) -> Iterator[str]:
    yield f"{paint('head', headline(changes))}  {paint('soft', span(changes))}"
    if totals := describe_totals(changes):
        yield paint("soft", totals)
    for group in grouped_by_app(changes):
        yield ""
        yield paint(group.heading, group.heading)
        for app in group.apps:
            yield from _format_app(group, app, paint)
    if moves := list_moves(changes):
        yield ""
        yield "moved"
        yield from (f"  {move}" for move in moves[:MOST_MOVES])
        if len(moves) > MOST_MOVES:
            yield f"  … and {left_out(len(moves) - MOST_MOVES)}"
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
        at = f"{paint('soft', moment(change.at))}  " if change.at else ""
        yield f"    {mark} {at}{one_line(change.text)}  {paint('soft', note(change))}"
        if uses := affected(change):
            yield f"      {paint(group.heading, uses)}"
