"""How a page names what it shows: links to apps and to filters, and the values that filters know."""

from collections.abc import Iterator
from urllib.parse import quote

from lamina_graph.report.plain import line
from lamina_graph.report.rows import Row
from lamina_graph.report.summary import Alike, Summary

KINDS = {"twins": "twins", "family": "a family", "copies": "copies"}
"""The kinds of groups of apps that are alike, as filters name them, and how they are called."""


def link(**values: str) -> str:
    """Return a link to what filters show, or to one app.

    >>> link(takes="text", gives="image")
    '#takes=text&gives=image'
    """
    return "#" + "&".join(f"{name}={quote(line(value), safe='')}" for name, value in values.items())


def groups(summary: Summary) -> Iterator[tuple[str, str, Alike]]:
    """Yield each group of apps that are alike: its kind, the value that names it, and itself."""
    kinds = {"twins": summary.twins, "family": summary.families, "copies": summary.copies}
    for kind, found in kinds.items():
        for number, each in enumerate(found, 1):
            yield kind, f"{kind}-{number}", each


def memberships(summary: Summary) -> dict[str, list[str]]:
    """Return for each app that is like another the values of the groups it is in, by key."""
    found: dict[str, list[str]] = {}
    for kind, token, each in groups(summary):
        for key in each.apps:
            found.setdefault(key, []).extend((kind, token))
    return found


def tokens(row: Row, alike: list[str]) -> dict[str, str]:
    """Return for each filter the values, with blanks between, by which it shows an app.

    Args:
        row: the app.
        alike: the values of the groups it is in.
    """
    verdict = row.classification
    if verdict is None:
        return {"category": "unreadable"}
    found = sorted({each for finding in row.findings for each in ("any", finding.severity, finding.rule)})
    return {
        "category": verdict.category,
        "shape": verdict.shape,
        "takes": " ".join(verdict.modalities.inputs) or "nothing",
        "gives": " ".join(verdict.modalities.outputs) or "nothing",
        "findings": " ".join(found) or "none",
        "alike": " ".join(alike) or "none",
    }
