"""The command that finds which workflows use a node pack, a model, a service or a type of node."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.resolve import error_row, exit_if_none_read, exit_on_failure, resolve_many
from lamina_graph.cli.state import State
from lamina_graph.cli.table import Column
from lamina_graph.text import join_words, pluralize

if TYPE_CHECKING:
    from lamina_graph.dependencies import Use
    from lamina_graph.model import Entry

COLUMNS = (Column("Ref", "path", 0), Column("Name", "name", 1), Column("Uses", "reason"))


@click.command("find")
@click.argument("name", metavar="NAME")
@options.refs
@options.as_json("find")
@options.strict
@options.offline
@click.pass_obj
@options.example(
    "lamina-graph find 'kling*' samples", "lamina-graph find 'sd_xl*.safetensors' workflows --json"
)
def find_command(
    state: State,
    name: str,
    refs: tuple[str, ...],
    everything: bool,
    as_json: bool,
    strict: bool,
    offline: bool,
) -> None:
    """Find which workflows use a node pack, a model or a service.

    NAME is the name of a node pack, of a model's file, of a service such as Kling, or of a type of node. A *
    in it stands for any text; case does not matter.
    """
    from lamina_graph.dependencies import dependencies, find_uses

    entries = resolve_many(state, refs, everything, strict=strict, offline=offline).entries
    exit_if_none_read(entries)
    rows = []
    for entry in entries:
        if entry.workflow is not None:
            needs = dependencies(entry.workflow, vocabulary=state.vocabulary)
            rows.append((entry, find_uses(name, entry.workflow, needs, state.vocabulary)))
        elif as_json:
            rows.append((entry, ()))
    if as_json:
        output.print_json([_row(entry, uses) for entry, uses in rows if uses or entry.error])
    else:
        _print_uses(name, rows)
    exit_on_failure(entries)


def _row(entry: "Entry", uses: "Sequence[Use]") -> dict[str, Any]:
    from lamina_graph.cli.json_rows import row

    if entry.workflow is None:
        return error_row("find/1", entry)
    listed = [{"kind": use.kind, "name": use.name} for use in uses]
    return row("find", ref=entry.ref, appId=entry.workflow.app_id, name=entry.workflow.name, uses=listed)


def _print_uses(name: str, rows: "Sequence[tuple[Entry, Sequence[Use]]]") -> None:
    using = [(entry, uses) for entry, uses in rows if uses]
    if using:
        output.print_table(
            COLUMNS,
            [
                (
                    entry.ref,
                    entry.workflow.name or "",
                    join_words([f"{use.kind} {use.name}" for use in uses], 4),
                )
                for entry, uses in using
                if entry.workflow
            ],
        )
    verb = "uses" if len(using) == 1 else "use"
    output.print_note(f"{len(using)} of {pluralize(len(rows), 'workflow')} {verb} {name}")
