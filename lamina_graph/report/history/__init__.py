"""One app over time: as text, and as a page with a slider through its versions."""

from lamina_graph.report.history.html import html
from lamina_graph.report.history.steps import session_line
from lamina_graph.report.history.text import text

__all__ = ["html", "session_line", "text"]
