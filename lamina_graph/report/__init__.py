"""Files for people: a catalogue, a diff, changes over a catalogue, an app over time."""

from lamina_graph.report.escape import csv_line, csv_text, github_markdown, workflow_command
from lamina_graph.report.git_driver import run_driver, workflow_lines

__all__ = ["csv_line", "csv_text", "github_markdown", "run_driver", "workflow_command", "workflow_lines"]
