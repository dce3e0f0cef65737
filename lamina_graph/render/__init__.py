"""Pictures of workflows and of diffs: SVG, PNG, PDF, DOT, Mermaid, text.

>>> from lamina_graph.files import load
>>> w = load({"name": "One", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
>>> draw(w).mermaid.splitlines()[0]
'flowchart LR'
"""

from lamina_graph.render.draw import draw, focus
from lamina_graph.render.mermaid import MAX_CHARACTERS, MAX_EDGES
from lamina_graph.render.picture import Picture
from lamina_graph.render.svg.stylesheet import stylesheet
from lamina_graph.render.svg.versions import Film, film

__all__ = ["MAX_CHARACTERS", "MAX_EDGES", "Film", "Picture", "draw", "film", "focus", "stylesheet"]
