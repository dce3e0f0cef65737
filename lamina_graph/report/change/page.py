"""A diff as one HTML page that loads nothing, runs nothing, and prints."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lamina_graph.diff import Diff, as_told
from lamina_graph.report.change.part import part
from lamina_graph.report.change.summary import MARKS, grouped, proof, size, title, verdict
from lamina_graph.report.sheet import asset, markup, sheet

_GLANCE = 16
"""Nodes up to which a whole graph is read at a glance: the changed part needs no picture of its own."""

_SMALLEST = 0.55
"""The scale at which the small print of a picture is still read."""


class Figure(NamedTuple):
    """A picture, with what it shows."""

    id: str
    title: str
    said: str
    svg: str
    width: int


def html(found: Diff) -> str:
    """Return a diff as an HTML page: counts, every change by severity, and the graph with its changes marked.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.model import load
    >>> w = load({"name": "<b>", "nodes": [], "edges": []})
    >>> "<b>" in html(diff(w, w))
    False
    """
    figures = list(_figures(found))
    return sheet(
        "change.html",
        _style(figures),
        found=found,
        title=title(found),
        verdict=verdict(found),
        size=size(found),
        proof=proof(found),
        groups=grouped(found.changes),
        figures=[figure._replace(svg=markup(figure.svg)) for figure in figures],
        marks=MARKS,
    )


def _figures(found: Diff) -> Iterator[Figure]:
    """The changed part with its surroundings, where that is much less than the whole; then the whole."""
    from lamina_graph.report.change.pictures import drawn, partial, whole

    found = as_told(found)
    every = len(found.new_workflow.nodes) + len(found.nodes.removed)
    near = part(found)
    some = len(near.new_workflow.nodes) + len(near.nodes.removed)
    if every > _GLANCE and 0 < some <= every * 2 / 3:
        said = f"What changed, and the nodes next to it: {some} of {every}"
        yield Figure("part", "The changed part", said, *drawn(partial(found, near)))
    if every:
        said = "Both versions in one; what did not change is pale"
        yield Figure("whole", "The whole graph", said, *whole(found))


def _style(figures: Sequence[Figure]) -> str:
    """The style of the page: a picture shrinks to the page's width, but no further than it can be read."""
    from lamina_graph.render import stylesheet

    least = (f"#{each.id}-picture svg{{min-width:{each.width * _SMALLEST:.0f}px}}" for each in figures)
    return f"{asset('change.css')}{stylesheet()}@media screen{{{''.join(least)}}}"
