"""What changed between two versions, for people: text, Markdown, HTML, and as git wants it."""

from lamina_graph.report.change.driver import driver, lines
from lamina_graph.report.change.markdown import markdown
from lamina_graph.report.change.page import html
from lamina_graph.report.change.text import text

__all__ = ["driver", "html", "lines", "markdown", "text"]
