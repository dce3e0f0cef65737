"""A diff as one HTML page that loads nothing: the changes beside the graph, old and new in one layout."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from lamina_graph.diff import Diff
from lamina_graph.files import pack
from lamina_graph.report.diff.value_changes import ChangeRow, change_rows
from lamina_graph.report.diff.wording import MARKS, grouped, proof, runs, size, title, verdict
from lamina_graph.report.page import asset, diagram_stylesheet, render_page

if TYPE_CHECKING:
    from lamina_graph.report.diff.drawings import DiffDrawing

MOST_CHANGES = 1_000
"""Changes of one heading that are listed before the rest is only counted."""

_SMALLEST = 0.55
"""The scale at which the small print of a picture is still read."""


class Group(NamedTuple):
    """The changes of one heading: how many there are, and those that are listed."""

    name: str
    total: int
    rows: list[ChangeRow]

    @property
    def left_out(self) -> int:
        """How many are not listed."""
        return self.total - len(self.rows)

    @property
    def runs(self) -> list[list[ChangeRow]]:
        """The rows, very many of one rule together."""
        rows = iter(self.rows)
        return [list(islice(rows, len(run))) for run in runs([row.change for row in self.rows])]


def html(diff: Diff, *, refs: tuple[str, str] = ("", "")) -> str:
    """Return a diff as an HTML page: what changed, by severity, beside both versions in one picture.

    Args:
        diff: the diff.
        refs: what the user called the two versions.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.files import load
    >>> w = load({"name": "<b>", "nodes": [], "edges": []})
    >>> "<b>" in html(diff(w, w))
    False
    """
    from lamina_graph.report.diff.drawings import draw_diff

    drawing = draw_diff(diff)
    return render_page(
        "change.html",
        _style(drawing),
        asset("camera.js") + asset("change.js"),
        carried=pack(diff.new_workflow),
        diff=diff,
        title=title(diff),
        verdict=verdict(diff),
        refs=refs,
        facts=list(_list_facts(diff)),
        groups=[
            Group(name, len(changes), list(change_rows(changes[:MOST_CHANGES], drawing.svg)))
            for name, changes in grouped(diff.changes)
        ],
        drawing=drawing,
        marks=MARKS,
    )


def _list_facts(diff: Diff) -> Iterator[str]:
    """Yield what the page says below its title."""
    yield _describe_arrow(diff.old.category, diff.new.category)
    yield size(diff)
    if proved := proof(diff):
        yield proved
    if diff.credits:
        yield f"credits {_describe_arrow(f'{diff.credits.before:g}', f'{diff.credits.after:g}')}"


def _describe_arrow(before: str, after: str) -> str:
    return after if before == after else f"{before} → {after}"


def _style(drawing: "DiffDrawing") -> str:
    """Return the style of the page: without a script the picture shrinks no further than it can be read."""
    least = _SMALLEST * (drawing.svg.width if drawing.svg else 0)
    return (
        f"{asset('change.css')}{asset('stage.css')}{asset('change-page.css')}{diagram_stylesheet()}"
        f"@media screen{{html:not(.js) .stage > svg{{min-width:{least:.0f}px}}}}"
    )
