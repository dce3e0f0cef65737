"""What agents ask: workflows read, explained and compared through the Model Context Protocol.

Every tool only reads. Files are those below one folder; whatever names, labels and prompts say is data.
"""

from lamina_graph.agents.confinement import Confinement
from lamina_graph.agents.server import build_server, serve_http, serve_stdio
from lamina_graph.agents.toolbox import Surroundings, Toolbox

__all__ = ["Confinement", "Surroundings", "Toolbox", "build_server", "serve_http", "serve_stdio"]
