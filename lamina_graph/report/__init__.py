"""Files for people: a catalogue, a diff, changes over a catalogue, an app over time."""

from lamina_graph.report.escape import csv_text
from lamina_graph.report.git_driver import run_driver, workflow_lines

__all__ = ["csv_text", "run_driver", "workflow_lines"]
