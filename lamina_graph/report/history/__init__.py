"""One app over time: as text, and as a page with a slider through its versions."""

from lamina_graph.report.history.page import html
from lamina_graph.report.history.text import text
from lamina_graph.report.history.words import sitting

__all__ = ["html", "sitting", "text"]
