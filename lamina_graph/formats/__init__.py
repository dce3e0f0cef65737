"""What files of other programs hold, as the JSON of a workflow: one file a format, and one table of them.

A reader takes parsed JSON and returns JSON with `nodes` and `edges`; it touches neither disk nor network.
What a format tells beyond Lamina's own JSON stands in extra fields: on a node `settings`, `models` and
`pack`, on an edge `sourceHandle`, `targetHandle` and `carries` (the type of its sockets), and on the workflow
`origin`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lamina_graph.formats.carried import PICTURE_ENDINGS, read_picture
from lamina_graph.formats.refusals import identify_bytes, identify_json, identify_text, is_foreign_flow
from lamina_graph.formats.unreadable import UnreadableError

if TYPE_CHECKING:
    from lamina_graph.formats.readers import Format

__all__ = [
    "PICTURE_ENDINGS",
    "UnreadableError",
    "complete",
    "find_format",
    "identify_bytes",
    "identify_json",
    "identify_text",
    "is_foreign_flow",
    "read_picture",
]


def complete(workflow: dict[str, Any], prompt: dict[str, Any]) -> dict[str, Any]:
    """Return the workflow of ComfyUI's editor that a picture carries, completed by the prompt beside it."""
    from lamina_graph.formats.comfyui_prompt import complete

    return complete(workflow, prompt)


def find_format(data: Any) -> "Format | None":
    """Return the format of JSON that is not Lamina's own; None where it is, or is no workflow.

    >>> find_format({"3": {"class_type": "KSampler", "inputs": {}}}).name
    'comfyui-api'
    """
    if not isinstance(data, Mapping) or "origin" in data or is_foreign_flow(data):
        return None
    from lamina_graph.formats.readers import FORMATS

    return next((format_ for format_ in FORMATS if format_.recognizes(data)), None)
