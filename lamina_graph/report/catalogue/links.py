"""How a page names what it shows: links to apps and to filters."""

from collections.abc import Iterator
from urllib.parse import quote

from lamina_graph.report.catalogue.summary import Alike, Summary
from lamina_graph.text import one_line

KINDS = {"twins": "twins", "family": "a family", "copies": "copies"}
"""The kinds of groups of apps that are alike, as filters name them, and how they are called."""


def link(**values: str) -> str:
    """Return a link to what filters show, or to one app.

    >>> link(takes="text", gives="image")
    '#takes=text&gives=image'
    """
    return "#" + "&".join(f"{name}={quote(one_line(value), safe='')}" for name, value in values.items())


def groups(summary: Summary) -> Iterator[tuple[str, str, Alike]]:
    """Yield each group of apps that are alike: its kind, the value that names it, and itself."""
    kinds = {"twins": summary.twins, "family": summary.families, "copies": summary.copies}
    for kind, found in kinds.items():
        for number, each in enumerate(found, 1):
            yield kind, f"{kind}-{number}", each
