"""The command line as tests call it: in this process, against an API on loopback."""

import click
from click.testing import CliRunner, Result

from lamina_graph.cli import cli


def lamina(*words: object, **options: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], prog_name="lamina-graph", **options)


def commands(group: click.Group = cli, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        if not command.hidden:
            found += commands(command, (*path, name)) if isinstance(command, click.Group) else [(*path, name)]
    return found


def api(loopback, **more: str) -> dict[str, str]:
    return {"LAMINA_BASE_URL": loopback.url, "LAMINA_API_KEY": "lma_x", **more}
