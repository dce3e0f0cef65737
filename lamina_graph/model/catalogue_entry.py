"""One row of a catalogue."""

from datetime import datetime
from pathlib import PurePath

from pydantic import ConfigDict, field_serializer

from lamina_graph.errors import LaminaGraphError
from lamina_graph.model.api_answers import App, Estimate
from lamina_graph.model.value_types import Value
from lamina_graph.model.workflow import Workflow


class Entry(Value):
    """One row of a catalogue: what a person named, and the workflow or the error that it gave.

    Attributes:
        path: of a file of a folder, its place below that folder.
        detail: the app's parameters and outputs, where a snapshot says them beside the workflow.
        estimate: what a run of the app costs, likewise.
        taken_at: when the snapshot was taken, where it comes from one.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    ref: str
    path: str | None = None
    workflow: Workflow | None = None
    detail: App | None = None
    estimate: Estimate | None = None
    taken_at: datetime | None = None
    error: LaminaGraphError | None = None

    @property
    def title(self) -> str:
        """What to call the workflow where it is shown: its name, else that of its file; else nothing."""
        return title_of(self.workflow, self.path or self.ref)

    @field_serializer("error", when_used="json")
    def _error_text(self, error: LaminaGraphError | None) -> str | None:
        return str(error) if error else None


def title_of(workflow: Workflow | None, ref: str) -> str:
    """Return what to call a workflow where it is shown: its name, else that of the file of a reference.

    Most formats of other programs keep no name within the file.

    >>> title_of(Workflow(nodes=(), edges=()), "HEAD:flows/flux-fill.json")
    'flux-fill'
    >>> title_of(Workflow(nodes=(), edges=()), "-")
    ''
    """
    if workflow and workflow.name and workflow.name.strip():
        return workflow.name
    file = PurePath(ref.rpartition(":")[2])
    return file.stem if file.suffix else ""
