"""The top command: global options, the commands, and how an error becomes two lines and an exit status."""

import io
import os
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

import click

from lamina_graph import __version__
from lamina_graph.cli import (
    catalogue,
    changes,
    history,
    judge,
    options,
    output,
    pictures,
    reference,
    reporting,
    running,
    storing,
)
from lamina_graph.cli.state import State
from lamina_graph.errors import CredentialsError, LaminaGraphError

SECTIONS = {
    "Look at one workflow": [pictures.show, pictures.render, pictures.export],
    "Judge many": [judge.classify, judge.lint, judge.similar, reporting.report],
    "Compare": [changes.diff, changes.git_config],
    "Talk to the API": [catalogue.auth, catalogue.apps, catalogue.app, catalogue.fetch],
    "Run": [running.run, running.runs],
    "Keep": [storing.init, storing.snapshot, storing.store],
    "Follow": [history.history, history.changes, history.uses],
    "Reference": [reference.rules, reference.schema],
}
HIDDEN = [changes.git_driver]


class Root(click.Group):
    """A group that lists its commands by what they are for, and ends on an error as the design says."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn an error of this package into two lines on stderr and an exit status."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (KeyboardInterrupt, click.Abort):
            click.echo("Interrupted.", err=True)
            sys.exit(130)
        except LaminaGraphError as error:
            self._fail(ctx, error, str(error), error.hint, 4 if isinstance(error, CredentialsError) else 2)
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                output.leave_pipe()
                sys.exit(141)
            self._fail(ctx, error, str(error), "Check the path, its permissions and the free space.", 2)
        except Exception as error:
            problem = f"this is a fault of lamina-graph: {type(error).__name__}: {error}"
            self._fail(
                ctx, error, problem, "Run again with `lamina-graph --debug ...` and report what it shows.", 2
            )

    def _fail(self, ctx: click.Context, error: Exception, problem: str, hint: str, status: int) -> NoReturn:
        if ctx.params.get("debug"):
            traceback.print_exception(error)
        output.complain(problem, hint)
        sys.exit(status)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands in the order and under the headings of `SECTIONS`."""
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(str(each.name), each.get_short_help_str(64)) for each in commands])


@click.group(
    cls=Root,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="A REF is a file, a folder, - for standard input, REV:PATH in git, an app id, or an app's name.",
)
@click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), help="Use this .lamina-graph.toml."
)
@click.option(
    "--store", metavar="URL", help="Keep snapshots here: a file, or postgresql://USER@HOST/DATABASE."
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(__version__, prog_name="lamina-graph")
@click.pass_context
@options.example("lamina-graph show samples/try-on-single.json", "lamina-graph report samples -o report.html")
def cli(ctx: click.Context, config: Path | None, store: str | None, debug: bool) -> None:
    """See, classify, draw and compare the workflow graphs behind Lamina apps."""
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    ctx.obj = ctx.with_resource(State(config, store))


for command in [each for group in SECTIONS.values() for each in group] + HIDDEN:
    cli.add_command(command)


def main() -> None:
    """Run the command line and exit with its status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    cli(prog_name="lamina-graph")
