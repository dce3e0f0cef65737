"""The few nodes that ids leave open in an app edited in place, matched in plain Python.

Each pair scores its own weight, its edges to pinned nodes, and half of every edge between free nodes that it
might keep. What the best assignment scores is then a bound of every matching; where it scores as much in
truth, it is the best, and no numeric library need be loaded.
"""

from collections import Counter, defaultdict
from heapq import heappop, heappush

from lamina_graph.graph import Adjacency
from lamina_graph.match.problem import Problem, title

Weights = list[dict[int, int]]
Neighbors = tuple[tuple[int, ...], ...]

_MOST_ALIKE = 20_000
"""Pairs of one type beyond which plain Python takes longer than loading numpy and scipy does."""

_FEW_LOOSE, _LOOSE_SHARE = 1_000, 20
"""Of more pairs than the first, one in so many may have edges between free nodes: half edges prove little."""


def solve_assignment(problem: Problem) -> tuple[list[int], int] | None:
    """Return the best matching and its score, if one assignment proves it, else None."""
    if _is_large(problem):
        return None
    weights = _pair_weights(problem)
    columns = assign(weights)
    image = list(problem.pinned)
    for u, column in zip(problem.free_old, columns, strict=True):
        if column >= 0:
            image[u] = problem.free_new[column]
    bound = sum(row[column] for row, column in zip(weights, columns, strict=True) if column >= 0)
    _fill(problem, image)
    return (image, bound) if problem.score(image) == bound else None


def _is_large(problem: Problem) -> bool:
    """Whether plain Python would be slow, or prove nothing for all the edges between free nodes."""
    types = Counter(problem.old.types[u] for u in problem.free_old)
    alike = sum(types[problem.new.types[v]] for v in problem.free_new)
    loose = _count_loose(problem.old, problem.free_old) * _count_loose(problem.new, problem.free_new)
    pairs = len(problem.free_old) * len(problem.free_new)
    return alike > _MOST_ALIKE or loose > max(_FEW_LOOSE, pairs // _LOOSE_SHARE)


def _count_loose(adj: Adjacency, nodes: list[int]) -> int:
    """How many of the nodes have an edge to another of them."""
    free = set(nodes)
    return sum(not free.isdisjoint(adj.successors[u] + adj.predecessors[u]) for u in nodes)


def _fill(problem: Problem, image: list[int]) -> None:
    """Match what is left, in order: any pair is better than a node removed and another added."""
    left = [u for u in problem.free_old if image[u] < 0]
    taken = {image[u] for u in problem.free_old} if left else set()
    for u, v in zip(left, (v for v in problem.free_new if v not in taken), strict=False):
        image[u] = v


def _pair_weights(problem: Problem) -> Weights:
    """For each free old node what it could score with which free new one, both by their place in order."""
    old, new, some, others = problem.old, problem.new, problem.free_old, problem.free_new
    by_type: dict[str, list[int]] = defaultdict(list)
    by_title: dict[str, list[int]] = defaultdict(list)
    for column, v in enumerate(others):
        by_type[new.types[v]].append(column)
        by_title[title(new, v)].append(column)
    weights = [dict.fromkeys(by_type.get(old.types[u], ()), problem.type_weight) for u in some]
    for row, u in zip(weights, some, strict=True):
        for column in by_title.get(title(old, u), ()):
            row[column] = row.get(column, 0) + problem.title_weight
    rows, columns = ({node: i for i, node in enumerate(nodes)} for nodes in (some, others))
    for (u, v), value in problem.evidence.items():
        row, column = weights[rows[u]], columns[v]
        row[column] = row.get(column, 0) + value
    _add_edges(problem, weights, old.successors, new.successors)
    _add_edges(problem, weights, old.predecessors, new.predecessors)
    return weights


def _add_edges(problem: Problem, weights: Weights, old: Neighbors, new: Neighbors) -> None:
    """Add what the edges of one direction may score: in full to pinned nodes, by half between free ones."""
    by_pinned: dict[int, list[int]] = defaultdict(list)
    loose: list[tuple[int, int]] = []
    free = set(problem.free_new)
    for column, v in enumerate(problem.free_new):
        for y in new[v]:
            if y not in free:
                by_pinned[y].append(column)
        if count := sum(y in free for y in new[v]):
            loose.append((column, count))
    for row, u in zip(weights, problem.free_old, strict=True):
        targets = [problem.pinned[x] for x in old[u]]
        for target in targets:
            for column in by_pinned.get(target, ()):
                row[column] = row.get(column, 0) + 2 * problem.type_weight
        own = targets.count(-1)
        for column, count in loose if own else ():
            row[column] = row.get(column, 0) + problem.type_weight * min(own, count)


def assign(weights: Weights) -> list[int]:
    """Return for each row the column that it takes in the assignment of most weight, or -1.

    Shortest augmenting paths with prices (Kuhn 1955; Tomizawa 1971; Edmonds and Karp 1972): scipy's would do
    as well, but takes longer to load than this to run.

    Args:
        weights: for each row the weight of each column, where that is anything.

    >>> assign([{7: 3, 8: 2}, {7: 2}])
    [8, 7]
    """
    assignment = _Assignment(weights)
    for row in range(len(weights)):
        assignment.add(row)
    return [max(assignment.columns[row], -1) for row in range(len(weights))]


class _Assignment:
    """An assignment that grows by a row at a time; prices keep every row content with its column.

    Each row has a column of its own, numbered below 0, that weighs nothing: to have it is to stay out.
    """

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.row_price = [max(row.values(), default=0) for row in weights]
        self.column_price: dict[int, int] = defaultdict(int)
        self.owner: dict[int, int] = {}
        self.columns: dict[int, int] = {}

    def add(self, start: int) -> None:
        """Give a row a column, moving others on where that costs least."""
        distance: dict[int, int] = {}
        previous: dict[int, int] = {}
        heap: list[tuple[int, bool, int]] = []
        rows, columns = {start: 0}, []
        row, length = start, 0
        while True:
            for column, value in (*self.weights[row].items(), (~row, 0)):
                step = length + self.row_price[row] + self.column_price[column] - value
                if column not in distance or step < distance[column]:
                    distance[column], previous[column] = step, row
                    heappush(heap, (step, column < 0, column))
            length, _, column = heappop(heap)
            while length > distance[column]:
                length, _, column = heappop(heap)
            columns.append(column)
            if column not in self.owner:
                break
            row = self.owner[column]
            rows[row] = length
        for passed, start_length in rows.items():
            self.row_price[passed] -= length - start_length
        for column in columns:
            self.column_price[column] += length - distance[column]
        self._augment(start, columns[-1], previous)

    def _augment(self, start: int, column: int, previous: dict[int, int]) -> None:
        row = -1
        while row != start:
            row = previous[column]
            self.owner[column] = row
            before = self.columns.get(row, column)
            self.columns[row] = column
            column = before
