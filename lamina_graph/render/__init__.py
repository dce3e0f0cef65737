"""Pictures of workflows and of diffs: SVG, PNG, PDF, DOT, Mermaid, text.

>>> from lamina_graph.model import load
>>> w = load({"name": "One", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
>>> draw(w).mermaid.splitlines()[0]
'flowchart LR'
"""

from lamina_graph.render.draw import draw, focus
from lamina_graph.render.film import Film, film
from lamina_graph.render.picture import Picture
from lamina_graph.render.style import stylesheet

__all__ = ["Film", "Picture", "draw", "film", "focus", "stylesheet"]
