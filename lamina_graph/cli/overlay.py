"""What a run that a person named says of a workflow, for the commands that show one."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lamina_graph.cli import output
from lamina_graph.cli.state import State
from lamina_graph.errors import InputError
from lamina_graph.text import one_line

if TYPE_CHECKING:
    from lamina_graph.features import Features
    from lamina_graph.model import Run, Workflow
    from lamina_graph.run_outcome import Outcome


def missing_data(color_by: 'Literal["run", "credits"]') -> InputError:
    """Return the error of colours that stand for what is not known: a run, or what one costs."""
    if color_by == "run":
        return InputError("--color-by run needs a run", "Give `--run RUNID|FILE`.")
    return InputError(
        "--color-by credits needs an estimate",
        "`lamina-graph app REF --json > app.json`, then `--estimate app.json`.",
    )


def resolve_outcome(
    state: State, workflow: "Workflow", given: str, *, facts: "Features | None" = None, offline: bool = False
) -> "Outcome":
    """Return what a run says of a workflow: one of the API by its id, or one in a file.

    Where the workflow has changed since the run, the nodes are found through the store's snapshot of that
    time, if there is one; what cannot be found is named on stderr.
    """
    from lamina_graph.features import features
    from lamina_graph.run_outcome import outcome

    facts = facts or features(workflow, vocabulary=state.vocabulary)
    run = _run_named(state, given, offline)
    result = outcome(workflow, run, facts=facts)
    if len(result.unmatched) == len(run.outputs) and run.workflow_id not in (None, workflow.app_id):
        own = workflow.app_id or "this one"
        raise InputError(
            f"the run {run.run_id} belongs to the app {run.workflow_id}, not to {own}",
            f"Name that app: {run.workflow_id}",
        )
    if result.unmatched and (matches := _matches(state, workflow, run)):
        result = outcome(workflow, run, facts=facts, matches=matches)
    if result.moved:
        matched = f"{result.moved} outputs were matched through a snapshot of that time"
        output.print_note(f"the workflow has changed since the run: {matched}")
    if result.unmatched:
        names = ", ".join(map(one_line, result.unmatched))
        output.print_note(f"the workflow has changed since the run: none of its nodes produced {names}")
    return result


def _run_named(state: State, given: str, offline: bool) -> "Run":
    from lamina_graph.errors import RefError
    from lamina_graph.files import load_run

    if Path(given).exists() or given.endswith(".json"):
        return load_run(given)
    if offline:
        raise RefError(
            f"{given!r} is not a file, and --offline forbids using the API", "Name a file with the run."
        )
    return state.client().run(given)


def _matches(state: State, workflow: "Workflow", run: "Run") -> Mapping[str, str]:
    """Return today's nodes by those of the snapshot that was in force when a run began; empty without one."""
    from lamina_graph.errors import StoreError
    from lamina_graph.match import match

    try:
        then = _snapshot_then(state, run)
    except StoreError:
        return {}
    return {pair.old: pair.new for pair in match(then, workflow).matches} if then else {}


def _snapshot_then(state: State, run: "Run") -> "Workflow | None":
    from lamina_graph.store import in_utc

    try:
        began = in_utc(datetime.fromisoformat(run.started_at or run.created_at or ""))
    except ValueError:
        return None
    for app in state.store().find(run.workflow_id or ""):
        if snapshot := state.store().at(app, began):
            return snapshot.workflow
    return None
