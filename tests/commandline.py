"""The command line as tests call it: in this process, against an API on loopback."""

import signal

import click
from click.testing import CliRunner, Result

from lamina_graph.cli import cli


def lamina(*words: object, **options: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], prog_name="lamina-graph", **options)


def members(group: click.Group = cli) -> dict[str, click.Command]:
    """Return the commands of a group, by name, that its help shows."""
    context = click.Context(group)
    every = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: command for name, command in every.items() if command and not command.hidden}


def command(path: tuple[str, ...]) -> click.Command | None:
    """Return the command that words name, hidden ones too; None where there is none."""
    found: click.Command | None = cli
    for name in path:
        found = found.get_command(click.Context(found), name) if isinstance(found, click.Group) else None
    return found


def commands(group: click.Group = cli, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in members(group).items():
        found += commands(command, (*path, name)) if isinstance(command, click.Group) else [(*path, name)]
    return found


def api(loopback, **more: str) -> dict[str, str]:
    return {"LAMINA_BASE_URL": loopback.url, "LAMINA_API_KEY": "lma_x", **more}


def heed_interrupts() -> None:
    """Undo what a shell does to a job in the background: it starts deaf to Ctrl-C, and so do its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
