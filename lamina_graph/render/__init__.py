"""Pictures of workflows and of diffs: SVG, PNG, PDF, DOT, Mermaid, text.

>>> from lamina_graph.files import load
>>> w = load({"name": "One", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
>>> draw(w).mermaid.splitlines()[0]
'flowchart LR'
"""

from lamina_graph.render.draw import draw, focus
from lamina_graph.render.film import Film, film
from lamina_graph.render.mermaid import MAX_CHARACTERS, MAX_EDGES
from lamina_graph.render.picture import Picture
from lamina_graph.render.style import stylesheet

__all__ = ["MAX_CHARACTERS", "MAX_EDGES", "Film", "Picture", "draw", "film", "focus", "stylesheet"]
