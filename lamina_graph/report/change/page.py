"""A diff as one HTML page that loads nothing, runs nothing, and prints."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from lamina_graph.diff import Change, Diff, as_told
from lamina_graph.report.change.part import part
from lamina_graph.report.change.summary import MARKS, grouped, proof, size, title, verdict
from lamina_graph.report.plain import line

if TYPE_CHECKING:
    import jinja2

_GLANCE = 16
"""Nodes up to which a whole graph is read at a glance: the changed part needs no picture of its own."""

_SMALLEST = 0.55
"""The scale at which the small print of a picture is still read."""


class Group(NamedTuple):
    """The changes under one heading."""

    name: str
    mark: str
    changes: list[Change]


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
    from markupsafe import Markup

    figures = list(_figures(found))
    style = _style(figures)
    return (
        _environment()
        .get_template("change.html")
        .render(
            found=found,
            title=title(found),
            verdict=verdict(found),
            size=size(found),
            proof=proof(found),
            groups=_groups(found),
            figures=[figure._replace(svg=Markup(figure.svg)) for figure in figures],
            mark=MARKS["unknown"],
            policy=_policy(style),
            style=Markup(style),
        )
    )


def _groups(found: Diff) -> list[Group]:
    """The changes, the accepted ones under a heading of their own."""
    return [Group(name, MARKS[name], changes) for name, changes in grouped(found.changes)]


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

    own = files("lamina_graph.report").joinpath("templates", "change.css").read_text(encoding="utf-8")
    least = (f"#{each.id}-picture svg{{min-width:{each.width * _SMALLEST:.0f}px}}" for each in figures)
    return f"{own}{stylesheet()}@media screen{{{''.join(least)}}}"


def _policy(style: str) -> str:
    """A Content-Security-Policy under which this style holds, and nothing else."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _environment() -> "jinja2.Environment":
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("lamina_graph.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_plain,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _plain(value: Any) -> Any:
    """What a template prints: text that nobody marked as safe, on one line and without what hides."""
    return line(value) if type(value) is str else value
