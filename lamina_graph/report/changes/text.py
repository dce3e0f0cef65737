"""Changes as text, for a terminal or a log."""

from collections.abc import Iterator

from lamina_graph.history import Changes
from lamina_graph.report.ansi import Paint
from lamina_graph.report.changes.grouping import App, Doubt, Group, doubts, groups, headline, moment, span
from lamina_graph.report.diff.wording import MARKS, note, touched
from lamina_graph.text import one_line


def text(found: Changes, colour: bool = False) -> str:
    """Return changes as text: counts first, then by severity and app; empty where there is nothing.

    Args:
        found: the changes.
        colour: whether a terminal shows it that understands colours.
    """
    return "" if found.silent else "\n".join(_lines(found, Paint(colour)))


def _lines(found: Changes, paint: Paint) -> Iterator[str]:
    yield f"{paint('head', headline(found))}  {paint('soft', span(found))}"
    for group in groups(found):
        yield ""
        yield paint(group.heading, group.heading)
        for app in group.apps:
            yield from _app(group, app, paint)
    if found.unknown:
        yield ""
        yield paint("unknown", "unknown: could not be compared")
        for each in doubts(found):
            yield f"  {paint('unknown', MARKS['unknown'])} {_doubt(each)}"


def _doubt(doubt: Doubt) -> str:
    """Return one app and why it is unknown; of several first the reason, then their names."""
    place = f" at {doubt.place}" if doubt.place else ""
    if len(doubt.names) == 1:
        return f"{doubt.names[0]}{place}: {doubt.why}"
    return f"{len(doubt.names)} apps{place}: {doubt.why}: {', '.join(doubt.names)}"


def _app(group: Group, app: App, paint: Paint) -> Iterator[str]:
    yield f"  {paint('head', app.name)}  {paint('soft', '  '.join(filter(None, (app.id, app.place))))}"
    for change in app.changes:
        mark = paint(group.heading, MARKS[group.heading])
        at, after = paint("soft", moment(change.at)), paint("soft", note(change))
        yield f"    {mark} {at}  {one_line(change.text)}  {after}"
        if hits := touched(change):
            yield f"      {paint(group.heading, hits)}"
