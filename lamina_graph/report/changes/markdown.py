"""Changes as Markdown: for a comment, an issue, or the summary of a job."""

from collections.abc import Iterator

from lamina_graph.history import Changes, Told
from lamina_graph.report.changes.grouping import App, groups, headline, moment, several_places, span, who
from lamina_graph.report.diff.wording import MARKS, touched
from lamina_graph.report.escape import github_markdown
from lamina_graph.text import elide

MARKER = "<!-- lamina-graph changes -->"
"""The first line: by it a job finds the comment or the issue that it wrote before."""

COMMENT = 65_000
"""How many bytes a comment or an issue may have on GitHub (65,536), and some to spare."""


def markdown(found: Changes, room: int = COMMENT) -> str:
    """Return changes as Markdown; empty where there is nothing.

    Args:
        found: the changes.
        room: how many bytes it may have; what does not fit is counted.
    """
    return "" if found.silent else "\n".join(_fitting(found, room - 200)) + "\n"


def _fitting(found: Changes, room: int) -> Iterator[str]:
    """The lines up to the room there is, then how many changes are left out."""
    left = len(found.changes) + len(found.unknown)
    for said, counts in _lines(found):
        room -= len(said.encode()) + 1
        if room < 0:
            yield ""
            yield f"… and {left} more, not listed here; the JSON has them all."
            return
        yield said
        left -= counts


def _lines(found: Changes) -> Iterator[tuple[str, int]]:
    """Yield each line, with the number of changes that it tells."""
    yield MARKER, 0
    yield f"### {headline(found)}", 0
    yield "", 0
    yield github_markdown(span(found)), 0
    for group in groups(found):
        yield from ((each, 0) for each in ("", f"**{MARKS[group.heading]} {group.heading}**", ""))
        yield from (("| App | When (UTC) | Change | Rule |", 0), ("| --- | --- | --- | --- |", 0))
        for app in group.apps:
            for change in app.changes:
                yield _row(app, change), 1
    if found.unknown:
        yield from ((each, 0) for each in ("", f"**{MARKS['unknown']} could not be compared**", ""))
        several = several_places(found)
        for each in found.unknown:
            yield f"- {github_markdown(who(each, several))}: {github_markdown(elide(each.why, 300))}", 1


def _row(app: App, change: Told) -> str:
    name = github_markdown(app.name) + (f" ({github_markdown(app.place)})" if app.place else "")
    words = github_markdown(elide(change.text, 600))
    if hits := touched(change):
        words += f"<br>{github_markdown(elide(hits, 300))}"
    if change.accepted:
        words += f"<br>accepted: {github_markdown(elide(change.accepted.reason, 200))}"
    return f"| {name} | {moment(change.at)} | {words} | `{change.rule}` `{change.fingerprint}` |"
