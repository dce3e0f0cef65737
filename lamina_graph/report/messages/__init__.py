"""What changed over a catalogue, in the form of the place where a team reads it.

Where there is nothing to tell, each form is empty: nobody is sent a message that says nothing.
"""

from lamina_graph.report.messages.github import Github, github
from lamina_graph.report.messages.markdown import markdown
from lamina_graph.report.messages.page import html
from lamina_graph.report.messages.slack import slack
from lamina_graph.report.messages.text import text

__all__ = ["Github", "github", "html", "markdown", "slack", "text"]
