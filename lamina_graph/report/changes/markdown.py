"""Changes as Markdown: for a comment, an issue, or the summary of a job."""

from collections.abc import Iterator

from lamina_graph.history import AppChange, CatalogueDiff, Changes
from lamina_graph.report.changes.by_app import (
    MOST_MOVES,
    App,
    describe_totals,
    grouped_by_app,
    headline,
    list_moves,
    span,
    unknown_apps,
)
from lamina_graph.report.diff.wording import MARKS, affected, moment
from lamina_graph.report.escape import github_html, github_markdown
from lamina_graph.report.limits import fit, left_out
from lamina_graph.text import elide, pluralize

MARKER = "<!-- lamina-graph changes -->"
"""The first line: by it a job finds the comment or the issue that it wrote before."""

COMMENT = 65_000
"""How many bytes a comment or an issue may have on GitHub (65,536), and some to spare."""


def markdown(changes: Changes, room: int = COMMENT, elsewhere: str = "the JSON has them all") -> str:
    """Return changes as Markdown of at most so many bytes, the rest counted; empty without changes.

    Args:
        changes: what changed.
        room: how many bytes it may take.
        elsewhere: where the rest is, as a clause.
    """
    if changes.silent:
        return ""
    room -= 200  # for what is said of the rest
    lines, listed = fit(_format_lines(changes), room, _measure)
    if rest := len(changes.changes) + len(changes.unknown) - listed:
        lines += ["", f"… and {left_out(rest, elsewhere)}."]
    elif isinstance(changes, CatalogueDiff):
        lines += _fit_pictures(changes, room - sum(map(_measure, lines)), elsewhere)
    return "\n".join(lines) + "\n"


def _measure(text: str) -> int:
    return len(text.encode()) + 1


def _fit_pictures(changes: CatalogueDiff, room: int, elsewhere: str) -> list[str]:
    """Return a folded picture of each app that changed, the worst first, as they fit; say how many do not."""
    from lamina_graph.report.diff import draw_mermaid, list_strips

    drawn: list[str] = []
    left = 0
    for app in changes.drawable:
        kept = app.compared if room > 0 else None
        shown = (*list_strips(kept), "", *draw_mermaid(kept)) if kept else ()
        picture = "\n".join(shown)
        name = github_html(elide(app.name or app.new or "", 100))
        part = f"\n<details><summary>{name}</summary>\n\n{picture}\n\n</details>"
        if not picture or _measure(part) > room:
            left, room = left + 1, room if picture else 0
        else:
            drawn.append(part)
            room -= _measure(part)
    return [*drawn, f"\n{pluralize(left, 'app')} not drawn here; {elsewhere}."] if left else drawn


def _format_lines(changes: Changes) -> Iterator[tuple[str, int]]:
    """Yield each line, with the number of changes that it lists."""
    for head in (MARKER, f"### {headline(changes)}", "", github_markdown(span(changes))):
        yield head, 0
    if totals := describe_totals(changes):
        yield "", 0
        yield totals, 0
    table = _TABLE_HEAD if any(change.at for change in changes.changes) else _UNDATED_TABLE_HEAD
    for group in grouped_by_app(changes):
        for head in ("", f"**{MARKS[group.heading]} {group.heading}**", "", *table):
            yield head, 0
        for app in group.apps:
            yield from ((_format_row(app, change), 1) for change in app.changes)
    if moves := list_moves(changes):
        yield "", 0
        yield f"**moved**: {'; '.join(map(github_markdown, moves[:MOST_MOVES]))}", 0
        if len(moves) > MOST_MOVES:
            yield f"and {left_out(len(moves) - MOST_MOVES)}", 0
    if changes.unknown:
        for head in ("", f"**{MARKS['unknown']} could not be compared**", ""):
            yield head, 0
        for name, why in unknown_apps(changes):
            yield f"- {github_markdown(name)}: {github_markdown(elide(why, 300))}", 1


_TABLE_HEAD = ("| App | When (UTC) | Change | Rule |", "| --- | --- | --- | --- |")
_UNDATED_TABLE_HEAD = ("| App | Change | Rule |", "| --- | --- | --- |")


def _format_row(app: App, change: AppChange) -> str:
    name = github_markdown(app.name) + (f" ({github_markdown(app.place)})" if app.place else "")
    words = github_markdown(elide(change.text, 600))
    if uses := affected(change):
        words += f"<br>{github_markdown(elide(uses, 300))}"
    if change.accepted:
        words += f"<br>accepted: {github_markdown(elide(change.accepted.reason, 200))}"
    at = f" {moment(change.at)} |" if change.at else ""
    return f"| {name} |{at} {words} | `{change.rule}` `{change.fingerprint}` |"
