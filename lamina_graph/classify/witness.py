"""Paths through a graph that show what a rule found."""

from collections.abc import Mapping, Sequence

from lamina_graph.classify.context import Context, precedence
from lamina_graph.graph import Adjacency


def witness(context: Context, through: Sequence[str]) -> tuple[str, ...]:
    """Return a path along edges through some nodes, to where nothing follows or a cycle closes.

    It starts where the medium of the first of them enters the graph. It has one node only where that node
    has no edge.
    """
    if not through:
        return ()
    adj = context.adj
    path = _back(context, adj.index[through[0]])
    for id_ in through[1:]:
        path += _between(adj, path[-1], adj.index[id_])
    path += _to_end(context, path[-1])
    if adj.successors[path[-1]]:
        path += _round(adj, path)
    return tuple(adj.ids[node] for node in path)


def _back(context: Context, node: int) -> list[int]:
    """Return the way to a node from where its medium enters, along the most stages, then along media."""
    predecessors, weight = context.adj.predecessors, context.provenance_rank
    way = {node: None}
    while before := [p for p in predecessors[node] if p not in way]:
        node = before[0] if len(before) == 1 else max(before, key=weight)
        way[node] = None
    return list(way)[::-1]


def _between(adj: Adjacency, start: int, end: int) -> list[int]:
    """Return the nodes after one on a shortest path to another."""
    came = _onwards(adj, start)
    return _way(came, end) if end in came else []


def _to_end(context: Context, start: int) -> list[int]:
    """Return the nodes after one on the way to a sink; none where no sink follows.

    Of several sinks it is that of the final deliverable that most leads up to, else the nearest.
    """
    adj = context.adj
    if not adj.successors[start]:
        return []
    came = _onwards(adj, start)
    best = max((end for end in context.finals if adj.index[end.end] in came), key=precedence, default=None)
    nearest = next((node for node in came if not adj.successors[node]), None)
    sink = nearest if best is None else adj.index[best.end]
    return [] if sink is None else _way(came, sink)


def _way(came: Mapping[int, int], end: int) -> list[int]:
    """Return the nodes after the one that a search started from, up to one that it came to."""
    path = []
    while came[end] != end:
        path.append(end)
        end = came[end]
    return path[::-1]


def _round(adj: Adjacency, path: Sequence[int]) -> list[int]:
    """Return the nodes that close a path into a cycle."""
    seen, rest, node = set(path), [], path[-1]
    while True:
        node = adj.successors[node][0]
        rest.append(node)
        if node in seen:
            return rest
        seen.add(node)


def _onwards(adj: Adjacency, start: int) -> dict[int, int]:
    """Return a node and all it leads to, the nearest first, each with the node that it is reached from."""
    came, nodes, successors = {start: start}, [start], adj.successors
    for node in nodes:
        for other in successors[node]:
            if other not in came:
                came[other] = node
                nodes.append(other)
    return came
