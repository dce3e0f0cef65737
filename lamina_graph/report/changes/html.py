"""Changes as one HTML page that loads nothing and runs nothing."""

from typing import NamedTuple

from lamina_graph.history import CatalogueDiff, Changes, ComparedApp
from lamina_graph.report.changes.by_app import (
    describe_totals,
    grouped_by_app,
    headline,
    list_moves,
    span,
    unknown_apps,
)
from lamina_graph.report.diff.wording import MARKS, moment, verdict
from lamina_graph.report.page import asset, diagram_stylesheet, render_page
from lamina_graph.text import elide, one_line

MOST_PICTURES = 60
"""Apps that are drawn on one page."""


def html(changes: Changes) -> str:
    """Return changes as an HTML page, by severity and app; empty where there is nothing.

    >>> html(Changes(since=None, until=None, severity=None, apps=0, changes=(), unknown=()))
    ''
    """
    if changes.silent:
        return ""
    drawable = changes.drawable if isinstance(changes, CatalogueDiff) else ()
    return render_page(
        "history-changes.html",
        asset("change.css") + asset("history-changes.css") + (diagram_stylesheet() if drawable else ""),
        changes=changes,
        headline=headline(changes),
        span=span(changes),
        groups=list(grouped_by_app(changes)),
        marks=MARKS,
        moment=moment,
        unknown=list(unknown_apps(changes)),
        totals=describe_totals(changes),
        moves=list_moves(changes),
        pictures=[_draw(app) for app in drawable[:MOST_PICTURES]],
        undrawn=len(drawable[MOST_PICTURES:]),
    )


class AppPicture(NamedTuple):
    """One app of a diff of two catalogues, both versions in one picture."""

    name: str
    verdict: str
    severity: str
    svg: str
    note: str


def _draw(app: ComparedApp) -> AppPicture:
    from lamina_graph.render import draw

    assert app.compared
    picture = draw(app.compared)
    name = elide(one_line(app.name or app.new or ""), 100)
    return AppPicture(name, verdict(app.compared), app.severity or "accepted", picture.inline, picture.folds)
