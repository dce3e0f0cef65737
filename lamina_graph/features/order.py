"""The order in which the nodes of a graph are walked, cycles or not."""

from collections.abc import Sequence
from typing import NamedTuple

from lamina_graph.graph import Adjacency


class Order(NamedTuple):
    """An order of the nodes, and the edges that follow it.

    Attributes:
        nodes: every node once; each after the nodes of `before` and ahead of those of `after`.
        before, after: the neighbours along edges that follow the order. In a graph without cycles these are
            all edges.
        cyclic: whether the graph has a cycle.
    """

    nodes: Sequence[int]
    before: Sequence[Sequence[int]]
    after: Sequence[Sequence[int]]
    cyclic: bool


def order(adj: Adjacency) -> Order:
    """Return an order that no id decides: sources first (Kahn 1962), each cycle opened where entered."""
    nodes = _released(adj.predecessors, adj.successors)
    if len(nodes) == len(adj):
        return Order(nodes, adj.predecessors, adj.successors, cyclic=False)
    rank = _ranks(adj)
    before = [[p for p in found if rank[p] < rank[node]] for node, found in enumerate(adj.predecessors)]
    after = [[s for s in found if rank[node] < rank[s]] for node, found in enumerate(adj.successors)]
    return Order(_released(before, after), before, after, cyclic=True)


def _released(before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> list[int]:
    """Return each node once all before it are in; no node of a cycle is."""
    waiting = list(map(len, before))
    ready = [node for node, count in enumerate(waiting) if not count]
    for node in ready:
        for successor in after[node]:
            count = waiting[successor] = waiting[successor] - 1
            if not count:
                ready.append(successor)
    return ready


def _ranks(adj: Adjacency) -> list[tuple[int, int]]:
    """Return for each node where its strong component comes, and how far it is from where that is entered."""
    rank = [(0, 0)] * len(adj)
    component = [0] * len(adj)
    parts = strong_components(adj)
    for at, part in enumerate(parts):
        for node in part:
            component[node] = at
    for at, part in enumerate(parts):
        level = [n for n in part if any(component[p] != at for p in adj.predecessors[n])] or _first(adj, part)
        seen, distance = set(level), 0
        while level:
            for node in level:
                rank[node] = (-at, distance)
            level = [
                s
                for s in dict.fromkeys(s for n in level for s in adj.successors[n])
                if component[s] == at and s not in seen
            ]
            seen.update(level)
            distance += 1
    return rank


def _first(adj: Adjacency, part: Sequence[int]) -> list[int]:
    """Return the nodes of a cycle that nothing enters that are first by what they are, not by their ids."""
    keys = {
        n: (adj.types[n], adj.labels[n] or "", len(adj.predecessors[n]), len(adj.successors[n])) for n in part
    }
    least = min(keys.values())
    return [node for node in part if keys[node] == least]


def strong_components(adj: Adjacency) -> list[list[int]]:
    """Return the strong components, each after those it leads to (Tarjan 1972), without recursion."""
    size = len(adj)
    number, low = [0] * size, [0] * size
    done = [False] * size
    stack: list[int] = []
    found: list[list[int]] = []
    count = 0
    for root in range(size):
        if number[root]:
            continue
        walk = [(root, 0)]
        while walk:
            node, at = walk.pop()
            if not at:
                count += 1
                number[node] = low[node] = count
                stack.append(node)
            successors = adj.successors[node]
            if at:
                low[node] = min(low[node], low[successors[at - 1]])
            while at < len(successors) and number[successors[at]]:
                if not done[successors[at]]:
                    low[node] = min(low[node], number[successors[at]])
                at += 1
            if at < len(successors):
                walk += [(node, at + 1), (successors[at], 0)]
            elif low[node] == number[node]:
                part = _popped(stack, node)
                for member in part:
                    done[member] = True
                found.append(part)
    return found


def _popped(stack: list[int], until: int) -> list[int]:
    part = [stack.pop()]
    while part[-1] != until:
        part.append(stack.pop())
    return part
