"""Changes as one HTML page that loads nothing and runs nothing."""

from functools import partial

from lamina_graph.history import Changes
from lamina_graph.report.changes.grouping import groups, headline, moment, several_places, span, who
from lamina_graph.report.diff.wording import MARKS
from lamina_graph.report.page import asset, render_page


def html(found: Changes) -> str:
    """Return changes as an HTML page, by severity and app; empty where there is nothing.

    >>> html(Changes(since=None, until=None, severity=None, apps=0, changes=(), unknown=()))
    ''
    """
    if found.silent:
        return ""
    return render_page(
        "history-changes.html",
        asset("change.css") + asset("history-changes.css"),
        found=found,
        headline=headline(found),
        span=span(found),
        groups=list(groups(found)),
        marks=MARKS,
        moment=moment,
        who=partial(who, several=several_places(found)),
    )
