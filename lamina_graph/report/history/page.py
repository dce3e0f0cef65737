"""One app over time as a page."""

from lamina_graph.history import History


def html(found: History) -> str:
    """Return the page."""
    return ""
