"""Paths through a graph that show what a rule found."""

from collections.abc import Sequence

from lamina_graph.classify.context import Context, precedence
from lamina_graph.graph import Adjacency, breadth_first_tree, path_to, shortest_path


def witness(context: Context, path_nodes: Sequence[str]) -> tuple[str, ...]:
    """Return a path along edges through some nodes, to where nothing follows or a cycle closes.

    It starts where the medium of the first of them enters the graph. It has one node only where that node
    has no edge.
    """
    if not path_nodes:
        return ()
    adj = context.adj
    path = _find_path_from_entry(context, adj.index[path_nodes[0]])
    for id_ in path_nodes[1:]:
        path += shortest_path(adj.successors, path[-1], adj.index[id_])[1:]
    path += _find_path_to_end(context, path[-1])
    if adj.successors[path[-1]]:
        path += _find_cycle(adj, path)
    return tuple([adj.ids[node] for node in path])


def _find_path_from_entry(context: Context, node: int) -> list[int]:
    """Return the path to a node from where its medium enters, along the most stages, then along media."""
    predecessors, rank = context.adj.predecessors, context.provenance_rank
    path = {node: None}
    while before := [p for p in predecessors[node] if p not in path]:
        node = before[0] if len(before) == 1 else max(before, key=rank)
        path[node] = None
    return list(path)[::-1]


def _find_path_to_end(context: Context, start: int) -> list[int]:
    """Return the nodes after one on the path to a sink; none where no sink follows.

    It passes the end of the final deliverable that most leads up to; where none follows it is the shortest.
    """
    adj = context.adj
    if not adj.successors[start]:
        return []
    tree = breadth_first_tree(adj.successors, [start])
    following = [end for end in context.finals if adj.index[end.end] in tree]
    if not following:
        return _find_path_to_sink(adj, start)
    end = adj.index[max(following, key=precedence).end]
    return path_to(tree, end)[1:] + _find_path_to_sink(adj, end)


def _find_path_to_sink(adj: Adjacency, start: int) -> list[int]:
    tree = breadth_first_tree(adj.successors, [start])
    sink = next((node for node in tree if not adj.successors[node]), start)
    return path_to(tree, sink)[1:]


def _find_cycle(adj: Adjacency, path: Sequence[int]) -> list[int]:
    """Return the nodes that close a path into a cycle."""
    seen, rest, node = set(path), [], path[-1]
    while True:
        node = adj.successors[node][0]
        rest.append(node)
        if node in seen:
            return rest
        seen.add(node)
