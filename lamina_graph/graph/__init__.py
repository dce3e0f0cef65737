"""The graph core: adjacency, traversal and colour refinement, which every analysis uses.

It is the one place that says what the well-formed part of a workflow is: the first node of an id, each edge
once, no edge to a node that does not exist. Self-loops and cycles are part of it. What is left out is not
lost: the `Workflow` still has it and `lint` reports it.
"""

from lamina_graph.graph.adjacency import Adjacency, adjacency, graph, wires
from lamina_graph.graph.refinement import refine_colors, stable_colors
from lamina_graph.graph.traversal import (
    breadth_first_tree,
    connected_components,
    depths,
    heaviest_path,
    induced_subgraph,
    path_to,
    reachable,
    shortest_path,
    strongly_connected_components,
    topological_order,
    undirected,
)

__all__ = [
    "Adjacency",
    "adjacency",
    "breadth_first_tree",
    "connected_components",
    "depths",
    "graph",
    "heaviest_path",
    "induced_subgraph",
    "path_to",
    "reachable",
    "refine_colors",
    "shortest_path",
    "stable_colors",
    "strongly_connected_components",
    "topological_order",
    "undirected",
    "wires",
]
