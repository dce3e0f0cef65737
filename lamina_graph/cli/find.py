"""The command that finds which workflows use a node pack, a model, a service or a type of node."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.each_workflow import Inputs, answers
from lamina_graph.cli.json_rows import row
from lamina_graph.cli.resolve import error_row
from lamina_graph.cli.state import State
from lamina_graph.cli.table import Column
from lamina_graph.text import join_words, pluralize

if TYPE_CHECKING:
    from lamina_graph.model import Entry
    from lamina_graph.vocabulary import Vocabulary

COLUMNS = (Column("Ref", "path", 0), Column("Name", "name", 1), Column("Uses", "reason"))


@click.command("find")
@click.argument("name", metavar="NAME")
@options.refs
@options.as_json("find")
@options.workers
@options.strict
@options.offline
@click.pass_obj
@options.example(
    "lamina-graph find 'kling*' samples", "lamina-graph find 'sd_xl*.safetensors' workflows --json"
)
def find_command(state: State, name: str, as_json: bool, **inputs: Unpack[Inputs]) -> None:
    """Find which workflows use a node pack, a model or a service.

    NAME is the name of a node pack, of a model's file, of a service such as Kling, or of a type of node. A *
    in it stands for any text; case does not matter.
    """
    work: Callable[[Entry], Any] = partial(_find, name=name, vocabulary=state.vocabulary, as_json=as_json)
    with answers(state, work, "searching", **inputs) as made:
        rows = filter(None, made.require_one())
        if as_json:
            output.write_output(output.json_array(rows), None, "json")
        else:
            using = list(rows)
            output.print_table(COLUMNS, using)
            verb = "uses" if len(using) == 1 else "use"
            output.print_note(f"{len(using)} of {pluralize(made.read, 'workflow')} {verb} {name}")
    made.exit_on_failure()


def _find(
    entry: "Entry", name: str, vocabulary: "Vocabulary", as_json: bool
) -> "str | tuple[str, ...] | None":
    """Return the row of an input, as JSON or as cells; None where it does not use what is looked for."""
    from lamina_graph.dependencies import dependencies, find_uses

    workflow = entry.workflow
    if workflow is None:
        return output.to_json(error_row("find/1", entry)) if as_json else None
    uses = find_uses(name, workflow, dependencies(workflow, vocabulary=vocabulary), vocabulary)
    if not uses:
        return None
    if not as_json:
        return entry.ref, workflow.name or "", join_words([f"{use.kind} {use.name}" for use in uses], 4)
    listed = [{"kind": use.kind, "name": use.name} for use in uses]
    return output.to_json(row("find", ref=entry.ref, appId=workflow.app_id, name=workflow.name, uses=listed))
