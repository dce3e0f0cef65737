"""`python -m lamina_graph` is `lamina-graph`."""

from lamina_graph.cli import main

main()
