"""Changes as one HTML page that loads nothing and runs nothing."""

from lamina_graph.history import Changes
from lamina_graph.report.changes.by_app import grouped_by_app, headline, span, unknown_apps
from lamina_graph.report.diff.wording import MARKS, moment
from lamina_graph.report.page import asset, render_page


def html(changes: Changes) -> str:
    """Return changes as an HTML page, by severity and app; empty where there is nothing.

    >>> html(Changes(since=None, until=None, severity=None, apps=0, changes=(), unknown=()))
    ''
    """
    if changes.silent:
        return ""
    return render_page(
        "history-changes.html",
        asset("change.css") + asset("history-changes.css"),
        changes=changes,
        headline=headline(changes),
        span=span(changes),
        groups=list(grouped_by_app(changes)),
        marks=MARKS,
        moment=moment,
        unknown=list(unknown_apps(changes)),
    )
