"""A diff as one HTML page that loads nothing: the changes beside the graph, old and new in one layout."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from lamina_graph.diff import Diff
from lamina_graph.files import pack
from lamina_graph.report.diff.value_changes import Row, rows
from lamina_graph.report.diff.wording import MARKS, grouped, proof, size, title, verdict
from lamina_graph.report.page import asset, diagram_stylesheet, markup, render_page

if TYPE_CHECKING:
    from lamina_graph.report.diff.drawings import Pictured

MOST_CHANGES = 1_000
"""Changes of one heading that are listed before the rest is only counted."""

_SMALLEST = 0.55
"""The scale at which the small print of a picture is still read."""


class Group(NamedTuple):
    """The changes of one heading: how many there are, and those that are listed."""

    name: str
    total: int
    rows: list[Row]

    @property
    def left_out(self) -> int:
        """How many are not listed."""
        return self.total - len(self.rows)


class Figure(NamedTuple):
    """The picture as the page shows it."""

    said: str
    svg: str = ""
    legend: tuple[tuple[str, str], ...] = ()
    alike: bool = True


def html(found: Diff, *, refs: tuple[str, str] = ("", "")) -> str:
    """Return a diff as an HTML page: what changed, by severity, beside both versions in one picture.

    Args:
        found: the diff.
        refs: what the user called the two versions.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.files import load
    >>> w = load({"name": "<b>", "nodes": [], "edges": []})
    >>> "<b>" in html(diff(w, w))
    False
    """
    from lamina_graph.report.diff.drawings import pictured

    picture = pictured(found)
    return render_page(
        "change.html",
        _style(picture),
        asset("camera.js") + asset("change.js"),
        carried=pack(found.new_workflow),
        found=found,
        title=title(found),
        verdict=verdict(found),
        refs=refs,
        facts=list(_facts(found)),
        groups=[
            Group(name, len(changes), list(rows(changes[:MOST_CHANGES], picture.double)))
            for name, changes in grouped(found.changes)
        ],
        picture=_figure(picture),
        marks=MARKS,
    )


def _facts(found: Diff) -> Iterator[str]:
    """What the page says below its title."""
    yield _turn(found.old.category, found.new.category)
    yield size(found)
    if not found.identical:
        yield proof(found)
    if found.credits:
        yield f"credits {_turn(f'{found.credits.before:g}', f'{found.credits.after:g}')}"


def _turn(before: str, after: str) -> str:
    return after if before == after else f"{before} → {after}"


def _figure(picture: "Pictured") -> Figure:
    if picture.double is None:
        return Figure(picture.said)
    signs = tuple((markup(sign), word) for sign, word in picture.double.legend)
    return Figure(picture.said, markup(picture.double.svg), signs, picture.double.alike)


def _style(picture: "Pictured") -> str:
    """The style of the page: without a script the picture shrinks no further than it can be read."""
    least = _SMALLEST * (picture.double.width if picture.double else 0)
    return (
        f"{asset('change.css')}{asset('change-page.css')}{diagram_stylesheet()}"
        f"@media screen{{html:not(.js) .stage > svg{{min-width:{least:.0f}px}}}}"
    )
