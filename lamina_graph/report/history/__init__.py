"""One app over time: as text, and as a page with a slider through its versions."""

from lamina_graph.report.history.html import MOST_VERSIONS, html
from lamina_graph.report.history.text import text

__all__ = ["MOST_VERSIONS", "html", "text"]
