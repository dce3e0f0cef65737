"""Files for people: a catalogue, a diff, changes over a catalogue, an app over time."""

from lamina_graph.report.catalogue import AnalysisOptions, Report, Row, report

__all__ = ["AnalysisOptions", "Report", "Row", "report"]
