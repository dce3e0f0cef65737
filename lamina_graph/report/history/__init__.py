"""One app over time: as text, and as a page with a slider through its versions."""

from lamina_graph.report.history.html import html
from lamina_graph.report.history.text import text

__all__ = ["html", "text"]
