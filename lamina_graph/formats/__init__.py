"""What files of other programs hold, as the JSON of a workflow: one file a format, and one table of them.

A reader takes parsed JSON and returns JSON with `nodes` and `edges`; it touches neither disk nor network.
What a format tells beyond Lamina's own JSON stands in extra fields: on a node `settings`, `models` and
`pack`, on an edge `sourceHandle`, `targetHandle` and `carries` (the type of its sockets), and on the workflow
`origin`.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lamina_graph.formats import comfyui_api, comfyui_editor, react_flow
from lamina_graph.formats.carried import PICTURE_ENDINGS, read_picture
from lamina_graph.formats.comfyui_prompt import complete, holds_editor, read_both
from lamina_graph.formats.refusals import identify_bytes, identify_json, identify_text, is_foreign_flow
from lamina_graph.formats.unreadable import UnreadableError

__all__ = [
    "FORMATS",
    "PICTURE_ENDINGS",
    "Format",
    "UnreadableError",
    "complete",
    "find_format",
    "identify_bytes",
    "identify_json",
    "identify_text",
    "is_foreign_flow",
    "read_picture",
]


class Format(NamedTuple):
    """A format of workflows.

    Attributes:
        name: what `origin.format` says of a workflow that was read from it.
        recognizes: whether JSON is of this format.
        read: the workflow in it, as JSON of this project.
    """

    name: str
    recognizes: Callable[[Mapping[str, Any]], bool]
    read: Callable[[Mapping[str, Any]], dict[str, Any]]


FORMATS: tuple[Format, ...] = (
    Format(comfyui_editor.FORMAT, comfyui_editor.is_comfyui_editor, comfyui_editor.read_comfyui_editor),
    Format(comfyui_editor.FORMAT, holds_editor, read_both),
    Format(comfyui_api.FORMAT, comfyui_api.is_comfyui_api, comfyui_api.read_comfyui_api),
    Format(react_flow.FORMAT, react_flow.is_react_flow, react_flow.read_react_flow),
)
"""The formats that are read beside Lamina's own, in the order in which they are tried."""


def find_format(data: Any) -> Format | None:
    """Return the format of JSON that is not Lamina's own; None where it is, or is no workflow.

    >>> find_format({"3": {"class_type": "KSampler", "inputs": {}}}).name
    'comfyui-api'
    """
    if not isinstance(data, Mapping) or "origin" in data or is_foreign_flow(data):
        return None
    return next((format_ for format_ in FORMATS if format_.recognizes(data)), None)
