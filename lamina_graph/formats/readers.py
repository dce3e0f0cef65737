"""The formats of workflows that are read, in one table."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lamina_graph.formats import comfyui_api, comfyui_editor, react_flow
from lamina_graph.formats.comfyui_prompt import holds_editor, read_both


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
