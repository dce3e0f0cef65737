"""Files for people: a catalogue, a diff, changes over a catalogue, an app over time."""

from lamina_graph.report.catalogue import AnalysisOptions, Report, Row, report
from lamina_graph.report.escape import csv_text

__all__ = ["AnalysisOptions", "Report", "Row", "csv_text", "report"]
