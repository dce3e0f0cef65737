"""What changed between two versions, for people: text, Markdown, HTML."""

from lamina_graph.report.diff.html import html
from lamina_graph.report.diff.markdown import draw_mermaid, list_strips, markdown
from lamina_graph.report.diff.text import text

__all__ = ["draw_mermaid", "html", "list_strips", "markdown", "text"]
