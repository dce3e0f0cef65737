"""Pages: a whole catalogue in one file; what changed between two workflows, as text, Markdown and HTML."""

from lamina_graph.report.catalogue.build import Report, report
from lamina_graph.report.catalogue.rows import Row

__all__ = ["Report", "Row", "report"]
