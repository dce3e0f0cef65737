"""The top command: global options, the commands, and how an error becomes two lines and an exit status."""

import errno
import io
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from lamina_graph import __version__
from lamina_graph.cli import (
    agents,
    analyze,
    api,
    diff,
    draw,
    history,
    options,
    output,
    reference,
    report,
    runs,
    store,
)
from lamina_graph.cli.state import State
from lamina_graph.errors import CredentialsError, LaminaGraphError

SECTIONS = {
    "Look at one workflow": [draw.show_command, draw.render_command, draw.export_command],
    "Analyze many": [
        analyze.classify_command,
        analyze.lint_command,
        analyze.similar_command,
        report.report_command,
    ],
    "Compare": [diff.diff_command, diff.git_config_command],
    "Use the API": [api.auth_group, api.apps_command, api.app_command, api.fetch_command],
    "Run": [runs.run_command, runs.runs_group],
    "Store": [store.init_command, store.snapshot_command, store.store_group],
    "Track changes": [history.history_command, history.changes_command, history.uses_command],
    "Agents": [agents.mcp_command],
    "Reference": [reference.rules_command, reference.schema_command],
}
HIDDEN = [diff.git_driver_command]
STATUSES = """\
Exit status: 0 done; 1 a gate failed (--exit-code, --fail-on); 2 not everything could be done;
3 a run failed; 4 credentials are missing or rejected; 130 interrupted."""


class Root(click.Group):
    """A group that lists its commands by what they are for, and ends on an error as the design says."""

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> click.Context:
        """Read what was typed; a help that cannot be printed ends like any other error."""
        with _handle_errors(debug="--debug" in args):
            return super().make_context(info_name, args, *more, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn an error of this package into two lines on stderr and an exit status."""
        with _handle_errors(debug=bool(ctx.params.get("debug"))), self._explain_misplaced_option():
            return super().invoke(ctx)

    @contextmanager
    def _explain_misplaced_option(self) -> Iterator[None]:
        """Say where an option of the program goes that stands after the command."""
        try:
            yield
        except click.NoSuchOption as error:
            name, ctx = error.option_name, error.ctx
            if ctx is None or all(name not in param.opts for param in self.params):
                raise
            where = f"lamina-graph {name} ... {ctx.info_name} ..."
            raise click.UsageError(f"{name} goes before the command: {where}", ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands in the order and under the headings of `SECTIONS`."""
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                rows = [(str(command.name), command.get_short_help_str(64)) for command in commands]
                formatter.write_dl(rows)


@contextmanager
def _handle_errors(*, debug: bool) -> Iterator[None]:
    try:
        yield
    except (click.ClickException, click.exceptions.Exit):
        raise
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        output.close_pipe()
        sys.exit(141)
    except Exception as error:
        _exit_with(error, debug)


def _exit_with(error: Exception, debug: bool) -> NoReturn:
    with suppress(OSError):  # where stderr takes nothing either, the status tells
        if debug:
            traceback.print_exception(error)
        output.print_error(*_describe(error))
    sys.exit(4 if isinstance(error, CredentialsError) else 2)


_STREAM = {errno.ENOSPC, errno.EIO, errno.EBADF}
"""What goes wrong with a stream; with a file, the error names it."""


def _describe(error: Exception) -> tuple[str, str]:
    """Return what happened and what to do."""
    if isinstance(error, LaminaGraphError):
        return str(error), error.hint
    if isinstance(error, OSError):
        place = error.filename or ("standard output" if error.errno in _STREAM else "")
        problem = f"{place}: {error.strerror}" if place else error.strerror or str(error)
        return problem, "Check the path, its permissions and the free space."
    problem = f"this is a fault of lamina-graph: {type(error).__name__}: {error}"
    return problem, "Run again with `lamina-graph --debug ...` and report what it shows."


@click.group(
    cls=Root,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"{options.MANY}\n\n{STATUSES}",
)
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Configuration file; by default the nearest .lamina-graph.toml in this folder or above.",
)
@click.option(
    "--store",
    metavar="FILE|URL",
    help="Store of snapshots: a file (by default one of this user), or postgresql://USER@HOST/DATABASE.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(__version__, prog_name="lamina-graph")
@click.pass_context
@options.example("lamina-graph show samples/try-on-single.json", "lamina-graph report samples -o report.html")
def cli(ctx: click.Context, config: Path | None, store: str | None, debug: bool) -> None:
    """See, classify, draw and compare the workflow graphs behind Lamina apps."""
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    if store is not None and not store.strip():
        raise click.UsageError("--store names no store; leave it out for the one of this user")
    ctx.obj = ctx.with_resource(State(config, store))


for section in (*SECTIONS.values(), HIDDEN):
    for command in section:
        cli.add_command(command)


def main() -> None:
    """Run the command line and exit with its status."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed: the next file that is opened would take its place
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    cli(prog_name="lamina-graph")
