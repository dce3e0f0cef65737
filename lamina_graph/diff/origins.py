"""From which program's file a workflow was read."""

from collections.abc import Mapping
from typing import Any

from lamina_graph.model import Workflow


def origin_of(workflow: Workflow) -> Mapping[str, Any]:
    """Return what is said of the file that a workflow of another program was read from; else nothing."""
    origin = (workflow.model_extra or {}).get("origin")
    return origin if isinstance(origin, Mapping) and isinstance(origin.get("format"), str) else {}
