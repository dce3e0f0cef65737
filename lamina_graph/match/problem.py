"""What the ids of two graphs settle, what they leave free, and what a matching is worth."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lamina_graph.graph import Adjacency

_STAMP = re.compile(r"-(\d{10,16})-")


@dataclass(frozen=True, slots=True)
class Problem:
    """Two graphs and what their ids settle.

    Attributes:
        old, new: the graphs.
        fixed: for each old node the new node of the same id and type, else -1.
        free_old, free_new: the nodes that `fixed` leaves open.
    """

    old: Adjacency
    new: Adjacency
    fixed: list[int]
    free_old: list[int]
    free_new: list[int]

    @property
    def settled(self) -> bool:
        """Whether the ids leave nothing to choose."""
        return not self.free_old or not self.free_new

    def worth(self, image: Sequence[int]) -> tuple[int, int]:
        """Return the edit cost of a matching and, negated, how many labels it keeps: less is better."""
        return edit_cost(self.old, self.new, image), -labels_kept(self.old, self.new, image)


def read(old: Adjacency, new: Adjacency) -> Problem:
    """Return what the ids of two graphs settle."""
    found = map(new.index.get, old.ids, [-1] * len(old))
    fixed = [
        at if at >= 0 and kind == new.types[at] else -1 for at, kind in zip(found, old.types, strict=True)
    ]
    free_old = [node for node, at in enumerate(fixed) if at < 0]
    taken = set(fixed)
    free_new = (
        [] if len(old) - len(free_old) == len(new) else [at for at in range(len(new)) if at not in taken]
    )
    return Problem(old, new, fixed, free_old, free_new)


def edit_cost(old: Adjacency, new: Adjacency, image: Sequence[int]) -> int:
    """Return the edit cost of a matching, which gives each old node its new node or -1."""
    matched = len(image) - image.count(-1)
    nodes = len(old) + len(new) - 2 * matched
    retyped = sum(at >= 0 and new.types[at] != kind for at, kind in zip(image, old.types, strict=True))
    return nodes + retyped + _edges(old) + _edges(new) - 2 * kept_edges(old, new, image)


def kept_edges(old: Adjacency, new: Adjacency, image: Sequence[int]) -> int:
    """Return how many old edges have their counterpart under a matching."""
    kept = 0
    for at, targets in zip(image, old.successors, strict=True):
        if at >= 0 and targets:
            there = new.successors[at]
            kept += sum(image[target] in there for target in targets)
    return kept


def labels_kept(old: Adjacency, new: Adjacency, image: Sequence[int]) -> int:
    """Return how many matched nodes show the same title, a label or else the type."""
    return sum(at >= 0 and title(old, node) == title(new, at) for node, at in enumerate(image))


def title(plain: Adjacency, node: int) -> str:
    """Return what a node shows: its label, else its type."""
    return plain.labels[node] or plain.types[node]


def by_stamp(plain: Adjacency) -> list[int]:
    """Return the nodes in the order of their id stamps, then of their ids; ids without a stamp come last."""
    return sorted(range(len(plain)), key=lambda node: _stamp(plain.ids[node]))


def trivial_bound(problem: Problem) -> int:
    """Return a bound that counting alone proves: types that have no counterpart, and edges."""
    old, new = problem.old, problem.new
    kinds_old = Counter(old.types[node] for node in problem.free_old)
    kinds_new = Counter(new.types[node] for node in problem.free_new)
    nodes = max(len(problem.free_old), len(problem.free_new)) - (kinds_old & kinds_new).total()
    return nodes + abs(_edges(old) - _edges(new))


def _edges(plain: Adjacency) -> int:
    return sum(map(len, plain.successors))


def _stamp(id_: str) -> tuple[bool, int, str]:
    found = _STAMP.search(id_)
    return (found is None, int(found[1]) if found else 0, id_)
