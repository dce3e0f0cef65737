"""What the API answers besides workflows: apps, models, estimates and runs."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from lamina_graph.model.value_types import ApiValue


class AppSummary(ApiValue):
    """One row of `GET /v1/apps`."""

    app_id: str
    name: str
    description: str | None = None
    is_public: bool | None = None
    capabilities: dict[str, Any] | None = None
    modality: str | None = None


class Thumbnail(ApiValue):
    """A picture or a clip that shows what an app gives."""

    url: str | None = None
    type: str | None = None


class AppMatch(ApiValue):
    """One app that may do what somebody wants, and why."""

    app_id: str
    name: str
    description: str | None = None
    relevance_score: float | None = None
    capabilities: dict[str, Any] | None = None
    estimated_credits: Any = None
    why_match: str | None = None
    thumbnail: Thumbnail | None = None


class Discovery(ApiValue):
    """The apps that fit an intent, the best first, and how the API understood it."""

    matches: tuple[AppMatch, ...] = ()
    intent: dict[str, Any] | None = None


class ModelSummary(ApiValue):
    """One row of `GET /v1/models/...`: a model that nodes may use, and what it makes."""

    id: str
    display_name: str | None = None
    modality: str | None = None


class Parameter(ApiValue):
    """One input of an app. A caller must supply it where it has no default; `required` is unreliable."""

    id: str | None = None
    key: str | None = None
    name: str
    type: str
    required: bool | None = None
    description: str | None = None
    options: tuple[Any, ...] | None = None
    default: Any = None
    accept: tuple[str, ...] | None = None
    multiple: bool | None = None

    @property
    def input_name(self) -> str:
        """The name that a run's `inputs` use: the key, else the name."""
        return self.key or self.name

    @property
    def must_be_supplied(self) -> bool:
        """Whether a run without this input fails, which is so where it has no default."""
        return self.default is None


class Output(ApiValue):
    """One output of an app's contract."""

    index: int | None = None
    label: str | None = None
    type: str | None = None


class App(ApiValue):
    """The detail of one app: what callers supply and what they get."""

    app_id: str
    name: str
    description: str | None = None
    parameters: tuple[Parameter, ...] = ()
    outputs: tuple[Output, ...] = ()


class Credits(ApiValue):
    """What one run costs, in credits."""

    expected: int | float | None = None
    min: int | float | None = None
    max: int | float | None = None


class NodeCredits(ApiValue):
    """What one node of a run costs, in credits."""

    node_id: str
    node_type: str | None = None
    credits: int | float | None = None


class Estimate(ApiValue):
    """What a run of an app is expected to cost."""

    app_id: str
    name: str | None = None
    estimated_credits: Credits | None = None
    breakdown: tuple[NodeCredits, ...] = ()
    current_balance: int | float | None = None
    affordable: bool | None = None


OutputState = Literal["done", "failed", "pending"]


class RunOutput(ApiValue):
    """One output of a run; `id` is the id of the node that produced it."""

    id: str | None = None
    label: str | None = None
    type: str | None = None
    value: Any = None
    status: str | None = None
    error: Any = None
    started_at: str | None = None
    completed_at: str | None = None

    @property
    def state(self) -> OutputState:
        """Whether it is finished, by its status: a failed one keeps the type `pending`."""
        if self.status is None:
            return "failed" if self.error else "pending" if self.value is None else "done"
        return _OUTPUT_STATES.get(self.status.lower(), "pending")

    @property
    def title(self) -> str:
        """What to call it: its label, else its id."""
        return self.label or self.id or "output"

    @property
    def problem(self) -> str:
        """What went wrong with it, in the API's words; empty where nothing did."""
        if self.state != "failed":
            return ""
        return _text(self.error) or "failed without a reason given"

    @property
    def seconds(self) -> float | None:
        """How long it took, where that is given."""
        return _seconds(self.started_at, self.completed_at)


class Run(ApiValue):
    """One run of an app; `workflow_id` is the id of the app."""

    run_id: str
    workflow_id: str | None = None
    workflow_name: str | None = None
    status: str
    outputs: tuple[RunOutput, ...] = ()
    error_message: Any = None
    created_at: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    progress: Any = None

    @property
    def finished(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status.lower() in _ENDS

    @property
    def succeeded(self) -> bool:
        """Whether it has completed, and every output of it."""
        return self.status.lower() == "completed" and not self.failures

    @property
    def failures(self) -> tuple[RunOutput, ...]:
        """The outputs that failed."""
        return tuple(output for output in self.outputs if output.state == "failed")

    @property
    def problem(self) -> str:
        """What went wrong with it as a whole, in the API's words; empty where nothing did."""
        return _text(self.error_message)

    @property
    def seconds(self) -> float | None:
        """How long it took, where that is given."""
        return _seconds(self.started_at, self.completed_at)


class SigningKeys(ApiValue):
    """The public keys (JWK) one of which signs a webhook."""

    keys: tuple[dict[str, Any], ...]


_ENDS = {"completed", "failed", "cancelled", "canceled"}
_OUTPUT_STATES: dict[str, OutputState] = {
    **dict.fromkeys(("completed", "complete", "success", "succeeded", "done"), "done"),
    **dict.fromkeys(("error", "failed", "cancelled", "canceled"), "failed"),
}


def _text(error: Any) -> str:
    if not error or isinstance(error, str):
        return error or ""
    message = error.get("message") if isinstance(error, Mapping) else None
    return message if isinstance(message, str) else json.dumps(error)


def _seconds(start: str | None, end: str | None) -> float | None:
    try:
        moments = [datetime.fromisoformat(moment or "") for moment in (start, end)]
        return (moments[1] - moments[0]).total_seconds()
    except (ValueError, TypeError):
        return None
