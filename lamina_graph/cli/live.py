"""A run on the terminal while it goes on: its graph, with the state of each node."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from lamina_graph.cli.run_text import describe_progress
from lamina_graph.cli.state import State
from lamina_graph.errors import LaminaGraphError
from lamina_graph.text import escape_controls

if TYPE_CHECKING:
    from lamina_graph.model import Run, Workflow


@contextmanager
def live_run(state: State) -> "Iterator[Callable[[Run], None]]":
    """Give a function that draws a run over what it drew before; on a terminal alone, and gone at the end."""
    if not sys.stderr.isatty():
        yield lambda run: None
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console, drawing = Console(stderr=True), _Drawing(state)
    with Live(console=console, transient=True, auto_refresh=False) as live:

        def show(run: "Run") -> None:
            text = drawing.text(run, console.height - 1)
            live.update(Text(text, no_wrap=True, overflow="ellipsis"), refresh=True)

        yield show


class _Drawing:
    """The text of a run, over the workflow of its app, which is asked for once."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._workflow: Workflow | None = None
        self._asked = False

    def text(self, run: "Run", height: int) -> str:
        """Return a line about the whole run and below it its nodes, as many as there is room for."""
        workflow = self._find_workflow(run)
        few = workflow is not None and 0 < len(workflow.nodes) <= height - 2
        below = self._draw(workflow, run) if workflow and few else self._unfinished(run)
        if len(below) > height - 2:
            below = self._unfinished(run)[: height - 2]
        return "\n".join([describe_progress(run), *([""] if below else []), *below])

    def _draw(self, workflow: "Workflow", run: "Run") -> list[str]:
        from lamina_graph.render import draw
        from lamina_graph.run_outcome import outcome

        picture = draw(workflow, color=outcome(workflow, run), vocabulary=self.state.vocabulary)
        return picture.text.rstrip("\n").splitlines()

    def _unfinished(self, run: "Run") -> list[str]:
        """Return the outputs that are still to come or failed: what a large graph has no room for."""
        return [
            escape_controls(f"{_SIGNS[each.state]} {each.title}  {each.problem}".rstrip())
            for each in run.outputs
            if each.state != "done"
        ]

    def _find_workflow(self, run: "Run") -> "Workflow | None":
        if not self._asked:
            self._asked, client = True, self.state.client()
            with suppress(LaminaGraphError):
                app_id = run.workflow_id or client.run(run.run_id).workflow_id  # events do not name the app
                self._workflow = client.structure(app_id).read() if app_id else None
        return self._workflow


_SIGNS = {"pending": "…", "failed": "✗"}
