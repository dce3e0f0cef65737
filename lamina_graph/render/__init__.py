"""Pictures of workflows and of diffs: SVG, PNG, PDF, DOT, Mermaid, text.

>>> from lamina_graph.files import load
>>> w = load({"name": "One", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
>>> draw(w).mermaid.splitlines()[0]
'flowchart LR'
"""

from lamina_graph.render.folding.unchanged import fold_unchanged
from lamina_graph.render.layout.graphviz import Engine
from lamina_graph.render.mermaid import MAX_CHARACTERS, MAX_EDGES
from lamina_graph.render.palette import Direction, Theme
from lamina_graph.render.picture import ENDINGS, LARGEST_WHOLE_DIFF, Color, Picture, draw
from lamina_graph.render.scenes.color_scales import node_credits
from lamina_graph.render.scenes.diff_scene import diff_scene
from lamina_graph.render.scenes.focus import Focus, find_node
from lamina_graph.render.scenes.scene import Lines, View
from lamina_graph.render.scenes.strip_scene import Part as StripPart
from lamina_graph.render.scenes.strip_scene import StripScene
from lamina_graph.render.strip import Strip, draw_strip
from lamina_graph.render.svg.layers import DiffSvg, VersionsSvg, draw_diff_layers, draw_versions
from lamina_graph.render.svg.page_fit import Page, Width
from lamina_graph.render.svg.stylesheet import stylesheet
from lamina_graph.render.svg.workflow_layers import WorkflowSvg, draw_workflow_layers

__all__ = [
    "ENDINGS",
    "LARGEST_WHOLE_DIFF",
    "MAX_CHARACTERS",
    "MAX_EDGES",
    "Color",
    "DiffSvg",
    "Direction",
    "Engine",
    "Focus",
    "Lines",
    "Page",
    "Picture",
    "Strip",
    "StripPart",
    "StripScene",
    "Theme",
    "VersionsSvg",
    "View",
    "Width",
    "WorkflowSvg",
    "diff_scene",
    "draw",
    "draw_diff_layers",
    "draw_strip",
    "draw_versions",
    "draw_workflow_layers",
    "find_node",
    "fold_unchanged",
    "node_credits",
    "stylesheet",
]
