"""What changed over a catalogue, in the form of the place where a team reads it.

Where there is nothing to tell, each form is empty: nobody is sent a message that says nothing.
"""

from lamina_graph.report.changes.atom import atom
from lamina_graph.report.changes.github import SUMMARY, Github, github
from lamina_graph.report.changes.html import html
from lamina_graph.report.changes.markdown import markdown
from lamina_graph.report.changes.slack import slack
from lamina_graph.report.changes.text import text

__all__ = ["SUMMARY", "Github", "atom", "github", "html", "markdown", "slack", "text"]
