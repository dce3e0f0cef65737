"""Changes as Markdown: for a comment, an issue, or the summary of a job."""

from collections.abc import Iterator

from lamina_graph.history import AppChange, Changes
from lamina_graph.report.changes.by_app import (
    App,
    grouped_by_app,
    headline,
    span,
    unknown_apps,
)
from lamina_graph.report.diff.wording import MARKS, affected, moment
from lamina_graph.report.escape import github_markdown
from lamina_graph.report.limits import fit, left_out
from lamina_graph.text import elide

MARKER = "<!-- lamina-graph changes -->"
"""The first line: by it a job finds the comment or the issue that it wrote before."""

COMMENT = 65_000
"""How many bytes a comment or an issue may have on GitHub (65,536), and some to spare."""


def markdown(changes: Changes, room: int = COMMENT) -> str:
    """Return changes as Markdown of at most so many bytes, the rest counted; empty without changes."""
    if changes.silent:
        return ""
    lines, listed = fit(_format_lines(changes), room - 200, lambda line: len(line.encode()) + 1)
    if rest := len(changes.changes) + len(changes.unknown) - listed:
        lines += ["", f"… and {left_out(rest)}."]
    return "\n".join(lines) + "\n"


def _format_lines(changes: Changes) -> Iterator[tuple[str, int]]:
    """Yield each line, with the number of changes that it lists."""
    for head in (MARKER, f"### {headline(changes)}", "", github_markdown(span(changes))):
        yield head, 0
    for group in grouped_by_app(changes):
        for head in ("", f"**{MARKS[group.heading]} {group.heading}**", "", *_TABLE_HEAD):
            yield head, 0
        for app in group.apps:
            yield from ((_format_row(app, change), 1) for change in app.changes)
    if changes.unknown:
        for head in ("", f"**{MARKS['unknown']} could not be compared**", ""):
            yield head, 0
        for name, why in unknown_apps(changes):
            yield f"- {github_markdown(name)}: {github_markdown(elide(why, 300))}", 1


_TABLE_HEAD = ("| App | When (UTC) | Change | Rule |", "| --- | --- | --- | --- |")


def _format_row(app: App, change: AppChange) -> str:
    name = github_markdown(app.name) + (f" ({github_markdown(app.place)})" if app.place else "")
    words = github_markdown(elide(change.text, 600))
    if uses := affected(change):
        words += f"<br>{github_markdown(elide(uses, 300))}"
    if change.accepted:
        words += f"<br>accepted: {github_markdown(elide(change.accepted.reason, 200))}"
    return f"| {name} | {moment(change.at)} | {words} | `{change.rule}` `{change.fingerprint}` |"
