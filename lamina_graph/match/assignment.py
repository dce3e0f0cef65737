"""The few nodes that ids leave open in an app edited in place, matched in plain Python.

Each pair earns its own worth, its edges to fixed nodes, and half of every edge between free nodes that it
might keep. What the best assignment earns is then a bound of every matching; where it earns as much in
truth, it is the best, and no numeric library need be loaded.
"""

from collections import Counter, defaultdict
from heapq import heappop, heappush

from lamina_graph.graph import Adjacency
from lamina_graph.match.problem import Problem, earned, title

Worth = list[dict[int, int]]
Neighbours = tuple[tuple[int, ...], ...]

_MOST_PAIRS = 500_000
_MOST_ALIKE = 20_000
_MOST_LOOSE = 1_000


def settle(problem: Problem) -> tuple[list[int], int] | None:
    """Return the best matching and what it earns, if one assignment proves it, else None."""
    if _is_large(problem):
        return None
    worth = _worth(problem)
    chosen = assign(worth)
    image = list(problem.fixed)
    for u, column in zip(problem.free_old, chosen, strict=True):
        if column >= 0:
            image[u] = problem.free_new[column]
    most = sum(columns[column] for columns, column in zip(worth, chosen, strict=True) if column >= 0)
    _fill(problem, image)
    return (image, most) if earned(problem, image) == most else None


def _is_large(problem: Problem) -> bool:
    """Whether plain Python would be slow, or prove nothing for all the edges between free nodes."""
    pairs = len(problem.free_old) * len(problem.free_new)
    if not _MOST_LOOSE < pairs <= _MOST_PAIRS:
        return pairs > _MOST_PAIRS
    kinds = Counter(problem.old.types[u] for u in problem.free_old)
    alike = sum(kinds[problem.new.types[v]] for v in problem.free_new)
    loose = _loose(problem.old, problem.free_old) * _loose(problem.new, problem.free_new)
    return alike > _MOST_ALIKE or loose > max(_MOST_LOOSE, pairs // 20)


def _loose(plain: Adjacency, nodes: list[int]) -> int:
    """How many of the nodes have an edge to another of them."""
    free = set(nodes)
    return sum(not free.isdisjoint(plain.successors[u] + plain.predecessors[u]) for u in nodes)


def _fill(problem: Problem, image: list[int]) -> None:
    """Match what is left, in order: any pair is better than a node removed and another added."""
    left = [u for u in problem.free_old if image[u] < 0]
    taken = {image[u] for u in problem.free_old} if left else set()
    for u, v in zip(left, (v for v in problem.free_new if v not in taken), strict=False):
        image[u] = v


def _worth(problem: Problem) -> Worth:
    """For each free old node what it could earn with which free new one, both by their place in order."""
    old, new, some, others = problem.old, problem.new, problem.free_old, problem.free_new
    kinds: dict[str, list[int]] = defaultdict(list)
    titles: dict[str, list[int]] = defaultdict(list)
    for column, v in enumerate(others):
        kinds[new.types[v]].append(column)
        titles[title(new, v)].append(column)
    worth = [dict.fromkeys(kinds.get(old.types[u], ()), problem.unit) for u in some]
    for row, u in zip(worth, some, strict=True):
        for column in titles.get(title(old, u), ()):
            row[column] = row.get(column, 0) + problem.title_weight
    rows, columns = ({node: at for at, node in enumerate(nodes)} for nodes in (some, others))
    for (u, v), value in problem.likeness.items():
        row = worth[rows[u]]
        row[columns[v]] = row.get(columns[v], 0) + value
    _add_edges(problem, worth, (some, others), (old.successors, new.successors))
    _add_edges(problem, worth, (some, others), (old.predecessors, new.predecessors))
    return worth


def _add_edges(
    problem: Problem, worth: Worth, nodes: tuple[list[int], list[int]], ways: tuple[Neighbours, Neighbours]
) -> None:
    """Add what the edges of one direction may earn: in full to fixed nodes, by half between free ones."""
    beside: dict[int, list[int]] = defaultdict(list)
    loose: list[tuple[int, int]] = []
    free = set(problem.free_new)
    for column, v in enumerate(nodes[1]):
        for y in ways[1][v]:
            if y not in free:
                beside[y].append(column)
        loose.append((column, sum(y in free for y in ways[1][v])))
    loose = [(column, count) for column, count in loose if count]
    for row, u in zip(worth, nodes[0], strict=True):
        targets = [problem.fixed[x] for x in ways[0][u]]
        for at in targets:
            for column in beside.get(at, ()):
                row[column] = row.get(column, 0) + 2 * problem.unit
        mine = targets.count(-1)
        for column, count in loose if mine else ():
            row[column] = row.get(column, 0) + problem.unit * min(mine, count)


def assign(worth: Worth) -> list[int]:
    """Return for each row the column that it takes in the assignment that earns the most, or -1.

    Shortest augmenting paths with prices (Kuhn 1955; Tomizawa 1971; Edmonds and Karp 1972).

    Args:
        worth: for each row what it earns with which column, where that is anything.

    >>> assign([{7: 3, 8: 2}, {7: 2}])
    [8, 7]
    """
    task = _Task(worth)
    for row in range(len(worth)):
        task.add(row)
    return [max(task.held[row], -1) for row in range(len(worth))]


class _Task:
    """An assignment that grows by a row at a time; prices keep every row content with its column.

    Each row has a column of its own, numbered below 0, that earns nothing: to hold it is to stay out.
    """

    def __init__(self, worth: Worth) -> None:
        self.worth = worth
        self.row_price = [max(columns.values(), default=0) for columns in worth]
        self.column_price: dict[int, int] = defaultdict(int)
        self.owner: dict[int, int] = {}
        self.held: dict[int, int] = {}

    def add(self, start: int) -> None:
        """Give a row a column, moving others on where that costs least."""
        far: dict[int, int] = {}
        came: dict[int, int] = {}
        heap: list[tuple[int, bool, int]] = []
        rows, columns = {start: 0}, []
        row, length = start, 0
        while True:
            for column, value in (*self.worth[row].items(), (~row, 0)):
                step = length + self.row_price[row] + self.column_price[column] - value
                if column not in far or step < far[column]:
                    far[column], came[column] = step, row
                    heappush(heap, (step, column < 0, column))
            length, _, column = heappop(heap)
            while length > far[column]:
                length, _, column = heappop(heap)
            columns.append(column)
            if column not in self.owner:
                break
            row = self.owner[column]
            rows[row] = length
        for each, at in rows.items():
            self.row_price[each] -= length - at
        for column in columns:
            self.column_price[column] += length - far[column]
        self._shift(start, columns[-1], came)

    def _shift(self, start: int, column: int, came: dict[int, int]) -> None:
        row = -1
        while row != start:
            row = came[column]
            self.owner[column] = row
            before = self.held.get(row, column)
            self.held[row] = column
            column = before
