"""The top command: global options, the commands, and how an error becomes two lines and an exit status."""

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import click

from lamina_graph import __version__, interruption
from lamina_graph.cli import options, output
from lamina_graph.cli.switches import DEBUG, is_on
from lamina_graph.errors import CredentialsError, LaminaGraphError
from lamina_graph.text import escape_controls

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Listed(NamedTuple):
    """A command as the help lists it, and where it is: its module is loaded when the command is called."""

    name: str
    place: str
    summary: str


SECTIONS = {
    "Look at one workflow": [
        Listed("show", "show.show_command", "Show one workflow in the terminal."),
        Listed("render", "draw.render_command", "Draw workflows as SVG, PNG, PDF, DOT, Mermaid, text, HTML."),
        Listed("export", "draw.export_command", "Write a workflow for Gephi, yEd, Cytoscape or d3."),
    ],
    "Analyze many": [
        Listed("classify", "analyze.classify_command", "Say what kind of pipeline each app is, and why."),
        Listed("lint", "analyze.lint_command", "Report what looks wrong in workflows."),
        Listed("find", "find.find_command", "Find which workflows use a node pack, a model or a service."),
        Listed("similar", "analyze.similar_command", "Find apps that are built alike."),
        Listed("report", "report.report_command", "Report on a catalogue as HTML, Markdown, CSV or JSON."),
    ],
    "Compare": [
        Listed(
            "diff", "diff.diff_command", "Show what changed between two versions and what breaks callers."
        ),
        Listed("git-config", "diff.git_config_command", "Make git diff, log -p and show compare workflows."),
    ],
    "Use the API": [
        Listed("auth", "api.auth_group", "Show which credentials are used."),
        Listed("apps", "api.apps_command", "List the apps of the catalogue, or find some by intent."),
        Listed("app", "api.app_command", "Show an app's inputs, outputs and cost, and how to run it."),
        Listed("fetch", "api.fetch_command", "Write the JSON of workflows."),
    ],
    "Run": [
        Listed("run", "runs.run_command", "Run an app, which costs credits."),
        Listed("runs", "runs.runs_group", "List, inspect, wait for and cancel runs; receive their webhooks."),
    ],
    "Store": [
        Listed("init", "store.init_command", "Set up a folder: a configuration, a nightly job on request."),
        Listed("snapshot", "store.snapshot_command", "Fetch apps and keep what the API says of them."),
        Listed("store", "store.store_group", "Manage the store of snapshots."),
    ],
    "Track changes": [
        Listed("history", "history.history_command", "Show the history of an app from the store."),
        Listed("changes", "history.changes_command", "Show what changed in all apps of the store."),
        Listed("uses", "history.uses_command", "Record what your code uses of apps, for the option --uses."),
    ],
    "Agents": [
        Listed("mcp", "agents.mcp_command", "Serve agents that speak the Model Context Protocol."),
    ],
    "Reference": [
        Listed(
            "completion",
            "completion.completion_group",
            "Let your shell complete options, files and app names.",
        ),
        Listed("config", "config.config_group", "Show which settings are in force."),
        Listed("rules", "reference.rules_command", "List every rule with its default."),
        Listed("schema", "reference.schema_command", "Print the JSON Schema of a machine output."),
    ],
}
HIDDEN = [
    Listed("git-driver", "diff.git_driver_command", ""),
    Listed("github-action", "pull_request.github_action_command", ""),
]
COMMANDS = {listed.name: listed for section in (*SECTIONS.values(), HIDDEN) for listed in section}
STATUSES = """\
Exit status: 0 done; 1 a gate failed (--exit-code, --fail-on); 2 not everything could be done;
3 a run failed; 4 credentials are missing or rejected; 130 interrupted."""


class Root(click.Group):
    """A group that lists its commands by what they are for, and ends on an error as the design says."""

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> click.Context:
        """Read what was typed; a help that cannot be printed ends like any other error."""
        with _handle_errors(lambda: "--debug" in args):
            return super().make_context(info_name, args, *more, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn an error of this package into two lines on stderr and an exit status."""
        with _handle_errors(lambda: is_on(DEBUG, ctx)):
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, whose module is loaded for it; None where there is none of this name."""
        if (listed := COMMANDS.get(cmd_name)) is None:
            return None
        module, attribute = listed.place.split(".")
        command: click.Command = getattr(import_module(f"lamina_graph.cli.{module}"), attribute)
        if listed not in HIDDEN:
            options.accept_program_options(command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Return the commands and options that a word may go on as; no command is loaded for it."""
        from click.shell_completion import CompletionItem

        shown = [command for commands in SECTIONS.values() for command in commands]
        named = [command for command in shown if command.name.startswith(incomplete)]
        options_ = click.Command.shell_complete(self, ctx, incomplete)
        return [*(CompletionItem(command.name, help=command.summary) for command in named), *options_]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is named; suggest the nearest where there is none of this name."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, [known for known in COMMANDS if known != "git-driver"], 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {name!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands in the order and under the headings of `SECTIONS`."""
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(command.name, command.summary) for command in commands])


@contextmanager
def _handle_errors(debug: Callable[[], bool]) -> Iterator[None]:
    try:
        interruption.raise_again()
        yield
    except click.ClickException as error:
        message = output.escape_workflow_commands(escape_controls(error.format_message()))
        error.format_message = lambda: message  # type: ignore[method-assign]
        raise
    except click.exceptions.Exit:
        raise
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        output.close_pipe()
        sys.exit(141)
    except Exception as error:
        _exit_with(error, debug())


def _exit_with(error: Exception, debug: bool) -> NoReturn:
    with suppress(OSError):  # where stderr takes nothing either, the status tells
        if debug:
            import traceback

            lines = escape_controls("".join(traceback.format_exception(error)))
            click.echo(output.escape_workflow_commands(lines), err=True, nl=False)
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
    params=[*options.program_options()],
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"{options.MANY}\n\n{options.ANYWHERE}\n\n{STATUSES}",
)
@click.version_option(__version__, prog_name="lamina-graph")
@click.pass_context
@options.example("lamina-graph show samples/try-on-single.json", "lamina-graph report samples -o report.html")
def cli(ctx: click.Context) -> None:
    """See, classify, draw and compare the workflow graphs behind Lamina apps."""
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    ctx.with_resource(options.state_of(ctx))


def main() -> None:
    """Run the command line and exit with its status."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed: the next file that is opened would take its place
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if "_LAMINA_GRAPH_COMPLETE" in os.environ:
        from lamina_graph.cli import completion

        completion.register()
    cli(prog_name="lamina-graph")
