"""The command line: parse, call, print, exit. Only this package knows click and rich."""

from lamina_graph.cli.root import cli, main

__all__ = ["cli", "main"]
