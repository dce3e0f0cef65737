"""One workflow as a page to explore."""

from lamina_graph.report.workflow.html import Overlays, Start, html

__all__ = ["Overlays", "Start", "html"]
