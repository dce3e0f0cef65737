"""Walks over neighbour lists: orders, paths, components, what can be reached.

All of them take for each node, by its number, the numbers of its neighbours, so that any graph can be walked:
the `successors` of an `Adjacency`, its `predecessors` to walk backwards, or lists made for the purpose. None
recurses, and none depends on anything but the order of nodes and neighbours.
"""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from math import inf

Neighbors = Sequence[Sequence[int]]


def topological_order(successors: Neighbors, *, break_cycles: bool = False) -> list[int]:
    """Return the nodes, each after all that lead to it (Kahn 1962); an edge to the node itself is no matter.

    Args:
        successors: for each node those that it leads to.
        break_cycles: where only nodes in or after cycles are left, go on with the first of them, so that
            every node is in; otherwise these nodes are left out.

    >>> diamond_before_a_cycle = [[1, 2], [3], [3], [4], [5], [4]]
    >>> topological_order(diamond_before_a_cycle)
    [0, 1, 2, 3]
    >>> topological_order(diamond_before_a_cycle, break_cycles=True)
    [0, 1, 2, 3, 4, 5]
    """
    waiting_for = [0] * len(successors)
    for node, targets in enumerate(successors):
        for target in targets:
            if target != node:
                waiting_for[target] += 1
    order = [node for node, count in enumerate(waiting_for) if not count]
    rest = iter(range(len(successors)))
    i = 0
    while True:
        while i < len(order):
            node = order[i]
            i += 1
            for target in successors[node]:
                if target != node:
                    waiting_for[target] -= 1
                    if not waiting_for[target]:
                        order.append(target)
        if not break_cycles or len(order) == len(successors):
            return order
        node = next(node for node in rest if waiting_for[node] > 0)
        waiting_for[node] = 0
        order.append(node)


def depths(order: Sequence[int], successors: Neighbors) -> list[int]:
    """Return for each node how many edges the longest path to it has, along edges that go on in the order.

    Args:
        order: every node once, as `topological_order` gives them; reversed, it gives the height of each node.
        successors: for each node those that it leads to; the predecessors, where the order is reversed.

    >>> depths([0, 1, 2, 3], [[1, 3], [2], [3], []])
    [0, 1, 2, 3]
    """
    depth = [0] * len(order)
    passed = bytearray(len(order))
    for node in order:
        passed[node] = True
        below = depth[node] + 1
        for target in successors[node]:
            if depth[target] < below and not passed[target]:
                depth[target] = below
    return depth


def heaviest_path(successors: Neighbors, weights: Sequence[float], ends: Collection[int]) -> list[int]:
    """Return the path of most weight that ends at one of some nodes; of equal ones the longest.

    Cycles are opened as `topological_order` breaks them.

    Args:
        successors: for each node those that it leads to.
        weights: what each node adds to the weight of a path.
        ends: where the path may end; without any there is no path.

    >>> heaviest_path([[2, 3], [2], [3], []], [1, 5, 1, 1], ends=[3])
    [1, 2, 3]
    """
    total = [(weight, 1) for weight in weights]
    feeder: dict[int, int] = {}
    passed = bytearray(len(successors))
    for node in topological_order(successors, break_cycles=True):
        passed[node] = True
        for target in successors[node]:
            through = (total[node][0] + weights[target], total[node][1] + 1)
            if not passed[target] and (target not in feeder or through > total[target]):
                total[target], feeder[target] = through, node
    path = [max(ends, key=lambda node: (total[node], -node))] if ends else []
    while path and path[-1] in feeder:
        path.append(feeder[path[-1]])
    return path[::-1]


def breadth_first_tree(
    neighbors: Neighbors, starts: Iterable[int], within: Container[int] | None = None, steps: float = inf
) -> dict[int, int]:
    """Return some nodes and all that they lead to, the nearest first, each with the node it is reached from.

    A start is reached from itself.

    Args:
        neighbors: for each node those to go on to: `successors`, or `predecessors` to go backwards.
        starts: where to begin.
        within: the nodes that may be passed; all where not given.
        steps: how many edges to go at most.

    >>> breadth_first_tree([[1, 2], [3], [3], []], [0])
    {0: 0, 1: 0, 2: 0, 3: 1}
    """
    parents = {node: node for node in starts if within is None or node in within}
    front = list(parents)
    while front and steps > 0:
        further = []
        for node in front:
            for other in neighbors[node]:
                if other not in parents and (within is None or other in within):
                    parents[other] = node
                    further.append(other)
        front = further
        steps -= 1
    return parents


def reachable(
    neighbors: Neighbors, starts: Iterable[int], within: Container[int] | None = None, steps: float = inf
) -> set[int]:
    """Return some nodes and all that they lead to, never leaving `within`, after so many steps at most.

    >>> chain = [[1], [2], []]
    >>> sorted(reachable(chain, [0])), sorted(reachable(chain, [0], within={0, 1}))
    ([0, 1, 2], [0, 1])
    """
    return set(breadth_first_tree(neighbors, starts, within, steps))


def path_to(tree: Mapping[int, int], node: int) -> list[int]:
    """Return the path of a `breadth_first_tree` from a start to a node, both included.

    >>> path_to({0: 0, 1: 0, 2: 0, 3: 1}, 3)
    [0, 1, 3]
    """
    path = [node]
    while tree[path[-1]] != path[-1]:
        path.append(tree[path[-1]])
    return path[::-1]


def shortest_path(neighbors: Neighbors, start: int, end: int) -> list[int]:
    """Return a shortest path from one node to another, both included; empty where there is none.

    >>> shortest_path([[1, 2], [3], [3], []], 0, 3)
    [0, 1, 3]
    """
    tree = breadth_first_tree(neighbors, [start])
    return path_to(tree, end) if end in tree else []


def connected_components(successors: Neighbors) -> list[list[int]]:
    """Return what hangs together, whichever way edges go: ascending, the component of the first node first.

    Disjoint sets with path halving (Tarjan and van Leeuwen 1984); the first node of a set stands for it.

    >>> connected_components([[2], [], [], [1]])
    [[0, 2], [1, 3]]
    """
    parent = list(range(len(successors)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    for source, targets in enumerate(successors):
        first = root(source)
        for target in targets:
            other = root(target)
            if first < other:
                parent[other] = first
            else:
                parent[first] = first = other
    components: dict[int, list[int]] = {}
    for node, above in enumerate(parent):
        if above == node:
            components[node] = [node]
        else:  # the first node of one before it is known by now
            first = parent[node] = parent[above]
            components[first].append(node)
    return list(components.values())


def strongly_connected_components(successors: Neighbors) -> list[list[int]]:
    """Return the sets of nodes that lead to each other, each after those that it leads to (Tarjan 1972).

    >>> strongly_connected_components([[1], [0, 2], []])
    [[2], [1, 0]]
    """
    size = len(successors)
    number, low = [0] * size, [0] * size
    done = [False] * size
    stack: list[int] = []
    components: list[list[int]] = []
    count = 0
    for root in range(size):
        if number[root]:
            continue
        walk = [(root, 0)]
        while walk:
            node, i = walk.pop()
            if not i:
                count += 1
                number[node] = low[node] = count
                stack.append(node)
            targets = successors[node]
            if i:
                low[node] = min(low[node], low[targets[i - 1]])
            while i < len(targets) and number[targets[i]]:
                if not done[targets[i]]:
                    low[node] = min(low[node], number[targets[i]])
                i += 1
            if i < len(targets):
                walk += [(node, i + 1), (targets[i], 0)]
            elif low[node] == number[node]:
                component = [stack.pop()]
                while component[-1] != node:
                    component.append(stack.pop())
                for member in component:
                    done[member] = True
                components.append(component)
    return components


def undirected(successors: Neighbors) -> list[list[int]]:
    """Return the neighbours of each node whichever way edges go: first those it leads to.

    >>> undirected([[1], [], [1]])
    [[1], [0, 2], [1]]
    """
    neighbors = [list(targets) for targets in successors]
    for source, targets in enumerate(successors):
        for target in targets:
            neighbors[target].append(source)
    return neighbors


def induced_subgraph(neighbors: Neighbors, nodes: Sequence[int]) -> list[list[int]]:
    """Return the neighbour lists of some nodes alone, each node numbered by its place among them.

    >>> induced_subgraph([[1, 2], [2], [0]], [2, 0])
    [[1], [0]]
    """
    place = {node: i for i, node in enumerate(nodes)}
    return [[place[other] for other in neighbors[node] if other in place] for node in nodes]
