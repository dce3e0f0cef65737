"""Whether two graphs are the same up to the ids of their nodes: a proof, not a guess.

Equal colours alone prove nothing: two circles of three nodes and one circle of six look alike. So both
graphs are coloured together, and where the colours leave a choice, a pair of nodes is fixed and the colours
are refined again, until each node has one partner or no choice is left (individualisation and refinement:
McKay and Piperno, Practical graph isomorphism II, 2014).
"""

from collections import Counter
from collections.abc import Iterable

from lamina_graph.graph import Adjacency

MOST_STEPS = 1_000_000
"""How many steps may pass before a search that takes choices back gives up."""


def are_isomorphic(one: Adjacency, other: Adjacency, most_steps: int = MOST_STEPS) -> bool | None:
    """Return whether renaming its nodes turns one graph into the other, types kept; None where it gave up.

    >>> from lamina_graph.graph import adjacency
    >>> from lamina_graph.files import load
    >>> nodes = [{"id": "a", "type": "t"}, {"id": "b", "type": "t"}]
    >>> one = adjacency(load({"nodes": nodes, "edges": [{"source": "a", "target": "b"}]}))
    >>> other = adjacency(load({"nodes": nodes, "edges": [{"source": "b", "target": "a"}]}))
    >>> are_isomorphic(one, other)
    True
    """
    if not (one.edges_known and other.edges_known) or Counter(one.types) != Counter(other.types):
        return False
    cells = _Cells(one, other)
    if not cells.refine(range(len(cells.left))):
        return False
    choices: list[tuple[int, set[int], int]] = []
    node = cells.undecided(0)
    while node is not None:
        tried: set[int] = set()
        while (before := cells.decide(node, tried)) is None:
            if not choices:
                return False
            if cells.steps > most_steps:
                return None
            node, tried, earlier = choices.pop()
            cells.undo(earlier)
        choices.append((node, tried, before))
        node = cells.undecided(node + 1)
    return True


class _Cells:
    """The nodes of two graphs in numbered cells: whatever renaming there is, it pairs nodes of the same cell.

    The nodes of the second graph are numbered on from those of the first.

    Attributes:
        left, right: for each cell its nodes of the first and of the second graph, always as many.
        origins: for each cell the one that it was split from.
        cell: for each node its cell.
        steps: how much work was done.
    """

    def __init__(self, one: Adjacency, other: Adjacency) -> None:
        self.size = len(one)
        self.neighbours = (
            (*one.predecessors, *_shift_numbers(other.predecessors, self.size)),
            (*one.successors, *_shift_numbers(other.successors, self.size)),
        )
        numbers = {type_: number for number, type_ in enumerate(dict.fromkeys(one.types))}
        self.cell = [numbers[type_] for type_ in (*one.types, *other.types)]
        self.origins = [-1] * len(numbers)
        self.left: list[set[int]] = [set() for _ in numbers]
        self.right: list[set[int]] = [set() for _ in numbers]
        for node, cell in enumerate(self.cell):
            self._side(node)[cell].add(node)
        self.steps = 0

    def undecided(self, start: int) -> int | None:
        """Return the first node of the first graph, from `start` on, that could have several partners."""
        return next((node for node in range(start, self.size) if len(self.left[self.cell[node]]) > 1), None)

    def decide(self, node: int, tried: set[int]) -> int | None:
        """Pair a node with a partner not yet tried; return the number of cells before, None if none fits."""
        before = len(self.left)
        cell = self.cell[node]
        while (partner := self._choose_partner(cell, tried)) is not None:
            tried.add(partner)
            if self.refine([self._split(cell, [node, partner])]):
                return before
            self.undo(before)
        return None

    def refine(self, cells: Iterable[int]) -> bool:
        """Split until nodes of a cell have as many neighbours in every other; False if the graphs differ."""
        waiting = dict.fromkeys(cells)
        while waiting:
            cell, _ = waiting.popitem()
            members = [*self.left[cell], *self.right[cell]]
            for neighbours in self.neighbours:
                counts = Counter(near for node in members for near in neighbours[node])
                self.steps += len(members) + len(counts)
                if not self._split_by(counts, waiting):
                    return False
        return True

    def undo(self, length: int) -> None:
        """Put together again what was split since there were `length` cells."""
        while len(self.left) > length:
            origin, left, right = self.origins.pop(), self.left.pop(), self.right.pop()
            self.left[origin] |= left
            self.right[origin] |= right
            for node in (*left, *right):
                self.cell[node] = origin

    def _choose_partner(self, cell: int, tried: set[int]) -> int | None:
        right = self.right[cell]
        if tried:
            return next((node for node in right if node not in tried), None)
        first = right.pop()  # the way to some element that stays fast while a large set is emptied
        right.add(first)
        return first

    def _split_by(self, counts: Counter[int], waiting: dict[int, None]) -> bool:
        """Split cells whose nodes differ in their counts; all parts but a largest one wait their turn."""
        touched: dict[int, dict[int, list[int]]] = {}
        for node, count in counts.items():
            touched.setdefault(self.cell[node], {}).setdefault(count, []).append(node)
        for cell, by_count in touched.items():
            parts = sorted(by_count.values(), key=len)
            if any(2 * sum(node < self.size for node in part) != len(part) for part in parts):
                return False
            untouched = 2 * len(self.left[cell]) - sum(map(len, parts))
            if untouched < len(parts[-1]):
                parts[-1] = [node for node in (*self.left[cell], *self.right[cell]) if node not in counts]
            waiting.update(dict.fromkeys(self._split(cell, part) for part in parts if part))
        return True

    def _split(self, cell: int, part: Iterable[int]) -> int:
        new = len(self.left)
        self.left.append(set())
        self.right.append(set())
        self.origins.append(cell)
        for node in part:
            self._side(node)[cell].remove(node)
            self._side(node)[new].add(node)
            self.cell[node] = new
        return new

    def _side(self, node: int) -> list[set[int]]:
        return self.left if node < self.size else self.right


def _shift_numbers(neighbours: tuple[tuple[int, ...], ...], by: int) -> Iterable[tuple[int, ...]]:
    return (tuple(node + by for node in nodes) for nodes in neighbours)
