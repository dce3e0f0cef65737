"""The command that serves agents."""

from pathlib import Path

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.state import State
from lamina_graph.errors import InputError
from lamina_graph.installation import install_hint


@click.command("mcp")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    metavar="DIR",
    help="The folder whose files may be read; by default the working folder.",
)
@click.option(
    "--http",
    "port",
    type=click.IntRange(1, 65_535),
    metavar="PORT",
    help="Serve over HTTP on this machine alone, at http://127.0.0.1:PORT/mcp, instead of stdio.",
)
@click.pass_obj
@options.example("lamina-graph mcp --root workflows", "lamina-graph mcp --http 8765")
def mcp_command(state: State, root: Path, port: int | None) -> None:
    """Serve agents that speak the Model Context Protocol.

    Tools that show, classify, compare, draw and find workflows; they only read. Workflows come from files
    below the root, from its git repository, from the store and from the API.
    """
    try:
        from lamina_graph.agents import Toolbox, build_server, serve_http, serve_stdio
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("mcp", "anyio"):
            raise
        raise InputError("the server for agents needs the package `mcp`", install_hint("mcp")) from error
    server = build_server(Toolbox(state, root))
    if port is None:
        serve_stdio(server)
    else:
        output.print_note(f"serving at http://127.0.0.1:{port}/mcp")
        serve_http(server, port)
