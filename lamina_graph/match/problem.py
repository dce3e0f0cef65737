"""What the ids of two graphs settle, what they leave free, and what a matching is worth."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lamina_graph.graph import Adjacency
from lamina_graph.match.evidence import MOST_LIKENESS, evidence
from lamina_graph.model import parse_node_id


@dataclass(frozen=True, slots=True)
class Problem:
    """Two graphs and what their ids settle.

    A matching earns a unit for each free node that keeps its type, two for each edge kept that the fixed
    pairs alone do not keep, for each free node that keeps its title the weight of a title, and the likeness
    of each pair. A unit is more than all titles together, and a title more than all likeness, so the most
    earned is the least edit cost, among those the most titles kept, and among these the most likeness.

    Attributes:
        old, new: the graphs.
        fixed: for each old node the new node of the same id and type, else -1.
        free_old, free_new: the nodes that `fixed` leaves open, in the order of their stamps.
        base: the edit cost of a matching that earns nothing but matches as many nodes as can be.
        likeness: what else speaks for pairs of free nodes.
    """

    old: Adjacency
    new: Adjacency
    fixed: list[int]
    free_old: list[int]
    free_new: list[int]
    base: int
    likeness: dict[tuple[int, int], int]

    @property
    def spare(self) -> int:
        """How many free nodes can be matched."""
        return min(len(self.free_old), len(self.free_new))

    @property
    def title_weight(self) -> int:
        """What a title kept earns."""
        return MOST_LIKENESS * self.spare + 1

    @property
    def unit(self) -> int:
        """What a type kept earns."""
        return self.title_weight * (self.spare + 1)

    def cost(self, earned: int) -> int:
        """Return the edit cost of a matching by what it earns, or the bound of all by what none exceeds."""
        return self.base - earned // self.unit


def read(old: Adjacency, new: Adjacency) -> Problem:
    """Return what the ids of two graphs settle."""
    found = map(new.index.get, old.ids, [-1] * len(old))
    fixed = [
        at if at >= 0 and kind == new.types[at] else -1 for at, kind in zip(found, old.types, strict=True)
    ]
    free_old = [node for node, at in enumerate(fixed) if at < 0]
    taken = set(fixed)
    all_taken = len(old) - len(free_old) == len(new)
    free_new = [] if all_taken else [at for at in range(len(new)) if at not in taken]
    base = edit_cost(old, new, fixed) - min(len(free_old), len(free_new))
    alike = evidence(old, new, free_old, free_new)
    return Problem(old, new, fixed, by_stamp(old, free_old), by_stamp(new, free_new), base, alike)


def core(problem: Problem) -> tuple[Problem, list[int], list[int]]:
    """Return the problem without what cannot matter, and which old and new nodes it still has.

    Edges between fixed nodes are kept or not whatever is chosen, so fixed nodes away from free ones drop out.
    """
    old, new, fixed = problem.old, problem.new, problem.fixed
    if len(problem.free_old) == len(old):
        return problem, list(range(len(old))), list(range(len(new)))
    some, others = set(problem.free_old), set(problem.free_new)
    beside = _beside(old, some), _beside(new, others)
    pairs = [(u, v) for u, v in enumerate(fixed) if v >= 0 and (u in beside[0] or v in beside[1])]
    ours, theirs = sorted(some.union(u for u, _ in pairs)), sorted(others.union(v for _, v in pairs))
    here = {u: at for at, u in enumerate(ours)}
    place = {v: at for at, v in enumerate(theirs)}
    smaller = Problem(
        _part(old, ours, some),
        _part(new, theirs, others),
        [place[fixed[u]] if fixed[u] >= 0 else -1 for u in ours],
        [here[u] for u in problem.free_old],
        [place[v] for v in problem.free_new],
        problem.base,
        {(here[u], place[v]): value for (u, v), value in problem.likeness.items()},
    )
    return smaller, ours, theirs


def _beside(plain: Adjacency, free: set[int]) -> set[int]:
    return {other for node in free for other in (*plain.successors[node], *plain.predecessors[node])}


def _part(plain: Adjacency, nodes: list[int], free: set[int]) -> Adjacency:
    """The nodes given, with the edges that have a free end."""
    place = {node: at for at, node in enumerate(nodes)}
    successors, predecessors = (
        tuple(
            tuple(place[x] for x in ends[node] if x in place and (node in free or x in free))
            for node in nodes
        )
        for ends in (plain.successors, plain.predecessors)
    )
    ids = tuple(plain.ids[node] for node in nodes)
    return Adjacency(
        tuple(plain.nodes[node] for node in nodes),
        ids,
        tuple(plain.types[node] for node in nodes),
        tuple(plain.labels[node] for node in nodes),
        successors,
        predecessors,
        dict(zip(ids, range(len(ids)), strict=True)),
    )


def edit_cost(old: Adjacency, new: Adjacency, image: Sequence[int]) -> int:
    """Return the edit cost of a matching, which gives each old node its new node or -1."""
    unmatched = image.count(-1)
    nodes = len(new) - len(old) + 2 * unmatched
    retyped = sum(at >= 0 and new.types[at] != kind for at, kind in zip(image, old.types, strict=True))
    return nodes + retyped + _edges(old) + _edges(new) - 2 * _kept_edges(old, new, image)


def earned(problem: Problem, image: Sequence[int]) -> int:
    """Return what a matching earns."""
    old, new, unit = problem.old, problem.new, problem.unit
    result = 0
    for node in problem.free_old:
        at = image[node]
        if at < 0:
            continue
        result += unit * (old.types[node] == new.types[at])
        result += problem.title_weight * (title(old, node) == title(new, at))
        result += problem.likeness.get((node, at), 0)
        after, before = quick(new.successors[at]), quick(new.predecessors[at])
        result += 2 * unit * sum(image[other] in after for other in old.successors[node])
        result += (
            2
            * unit
            * sum(problem.fixed[other] >= 0 and image[other] in before for other in old.predecessors[node])
        )
    return result


def title(plain: Adjacency, node: int) -> str:
    """Return what a node shows: its label, else its type."""
    return plain.labels[node] or plain.types[node]


def by_stamp(plain: Adjacency, nodes: list[int]) -> list[int]:
    """Return nodes in the order of their id stamps, then of their ids; ids without a stamp come last."""
    return sorted(nodes, key=lambda node: _stamp(plain.ids[node])) if len(nodes) > 1 else nodes


def _kept_edges(old: Adjacency, new: Adjacency, image: Sequence[int]) -> int:
    kept = 0
    for at, targets in zip(image, old.successors, strict=True):
        if at >= 0 and targets:
            there = quick(new.successors[at])
            for target in targets:
                kept += image[target] in there
    return kept


def quick(nodes: Collection[int]) -> Collection[int]:
    """Return nodes to look others up in: few stay as they are, many become a set."""
    return nodes if len(nodes) <= 8 else frozenset(nodes)


def _edges(plain: Adjacency) -> int:
    return sum(map(len, plain.successors))


def _stamp(id_: str) -> tuple[bool, int, str]:
    found = parse_node_id(id_)
    return (found is None, found[1] if found else 0, id_)
