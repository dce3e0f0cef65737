"""What the program does, as it does it, on stderr: requests, the cache, times; never a key."""

import logging
import time

import click

from lamina_graph.cli.output import escape_workflow_commands
from lamina_graph.text import one_line, pluralize

_NAME = "lamina_graph"


class _StderrHandler(logging.Handler):
    """Prints each record on a line of its own, and counts requests by the logger that they come from."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.requests = 0
        self.begun = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        self.requests += record.name == f"{_NAME}.client"
        line = escape_workflow_commands(one_line(record.getMessage()))
        click.echo(click.style(line, dim=True), err=True)


def log_to_stderr(context: click.Context) -> None:
    """Print what the program logs until a context ends, and then how long all of it took."""
    logger, handler = logging.getLogger(_NAME), _StderrHandler()
    if any(isinstance(each, _StderrHandler) for each in logger.handlers):
        return  # asked for twice
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)

    def end() -> None:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
        seconds = time.monotonic() - handler.begun
        requests = pluralize(handler.requests, "request")
        click.echo(click.style(f"{requests}, {seconds:.1f} s in all", dim=True), err=True)

    context.call_on_close(end)
