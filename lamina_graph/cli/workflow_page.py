"""A workflow as a page, with all that is known of it laid over."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from lamina_graph.cli import output
from lamina_graph.cli.overlay import missing_data, resolve_outcome
from lamina_graph.cli.state import State
from lamina_graph.errors import InputError

if TYPE_CHECKING:
    from lamina_graph.features import Features
    from lamina_graph.model import Entry, Estimate, Workflow
    from lamina_graph.render import Direction, Theme, View

PAGES = {".html": "html", ".htm": "html"}
"""The endings of files that stand for a page."""


class PageRequest(NamedTuple):
    """What a person asked of a page: what to lay over the workflow, and what to show first."""

    view: "View" = "auto"
    offline: bool = False
    color_by: str | None = None
    estimate: Path | None = None
    run: str | None = None
    focus: str | None = None
    direction: "Direction | Literal['auto']" = "auto"
    theme: "Theme" = "auto"


def workflow_page(state: State, entry: "Entry", request: PageRequest) -> str:
    """Return a workflow as an HTML page to explore.

    Raises:
        InputError: what colours are to stand for is not known, or there is no such node to begin at.
    """
    from lamina_graph.render import find_node
    from lamina_graph.report.workflow import Overlays, Start, html

    workflow = cast("Workflow", entry.workflow)
    facts, _ = analysis = state.analyze(workflow)
    if request.color_by == "run" and not request.run:
        raise missing_data("run")
    outcome = (
        resolve_outcome(state, workflow, request.run, facts=facts, offline=request.offline)
        if request.run
        else None
    )
    estimate = _known_estimate(entry, facts, request)
    chosen = find_node(workflow, request.focus, state.vocabulary) if request.focus else ""
    palette = request.color_by or ("run" if outcome else "credits" if request.estimate else "role")
    return html(
        workflow,
        analysis,
        overlays=Overlays(estimate, outcome),
        start=Start(palette, chosen, request.view, request.direction, request.theme),
        title="" if workflow.name else entry.title,
        vocabulary=state.vocabulary,
    )


def _known_estimate(entry: "Entry", facts: "Features", request: PageRequest) -> "Estimate | None":
    """Return the estimate that was named, else that of the snapshot, unless it is of another version."""
    from lamina_graph.files import load_estimate
    from lamina_graph.render import node_credits

    if request.estimate:
        return load_estimate(request.estimate)
    if request.color_by == "credits" and entry.estimate is None:
        raise missing_data("credits")
    try:
        return entry.estimate and node_credits(facts, entry.estimate) and entry.estimate
    except InputError as error:
        if request.color_by == "credits":
            raise
        output.print_note(f"without credits: {error}")
        return None
