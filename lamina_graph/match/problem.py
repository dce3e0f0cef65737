"""What the ids of two graphs settle, what they leave free, and what a matching scores."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from lamina_graph.graph import Adjacency
from lamina_graph.match.anchors import Anchors, any_id
from lamina_graph.match.evidence import MOST_EVIDENCE, evidence
from lamina_graph.model import parse_node_id

_SHORT = 8
"""A tuple of so few is searched as fast as a set, which would first have to be built."""


Proof = Literal["quick", "bounded", "full"]
"""How far to go for a proof that a matching is the best: not at all, a few seconds, or to the end."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much work a matching may take, counted in what is the same on every machine.

    The defaults settle every pair of real versions that they were tried on, and keep a graph of a thousand
    nodes with new ids within three seconds.

    Attributes:
        rounds: rounds in which the bound may improve; with 0 the first matching comes back, plainly bounded.
        work: entries that all rounds together may visit.
        pairs: pairs of nodes that the ids may leave open; with more, the first matching comes back.
        edge_pairs: pairs of edges between them, likewise.
        program: how hard an integer program may be tried for the rest: its variables times the edits in
            doubt.
        nodes: nodes that its search tree may open, times its variables.

    >>> Budget(rounds=0).allows(4, 1)
    False
    """

    rounds: int = 200
    work: int = 75_000_000
    pairs: int = 1_100_000
    edge_pairs: int = 2_000_000
    program: int = 5_000
    nodes: int = 20_000

    @classmethod
    def of(cls, proof: Proof) -> "Budget":
        """Return how much work a proof may take; a full one is held to what fits in memory alone.

        >>> Budget.of("bounded") == Budget(), Budget.of("quick").rounds
        (True, 0)
        """
        if proof == "quick":
            return cls(rounds=0)
        if proof == "full":
            return cls(rounds=5_000, work=7_500_000_000, program=500_000, nodes=2_000_000)
        return cls()

    def allows(self, pairs: int, edge_pairs: int) -> bool:
        """Whether a problem of this size may be worked on after its first matching."""
        return self.rounds > 0 and pairs <= self.pairs and edge_pairs <= self.edge_pairs


@dataclass(frozen=True, slots=True)
class Problem:
    """Two graphs and what their ids settle.

    A matching scores the weight of a type for each free node that keeps its type, twice that for each edge
    kept that the pinned pairs alone do not keep, the weight of a title for each free node that keeps its
    title, and the evidence for each pair. A type weighs more than all titles together, and a title more than
    all evidence, so the highest score has the least edit cost, among such matchings the most titles kept, and
    among these the most evidence.

    Attributes:
        old, new: the graphs.
        pinned: for each old node the new node of the same id, one that anchors, and type; else -1.
        free_old, free_new: the nodes that are not pinned, in the order of their stamps.
        base: the edit cost of a matching that scores nothing but matches as many nodes as can be.
        evidence: what else speaks for pairs of free nodes.
    """

    old: Adjacency
    new: Adjacency
    pinned: list[int]
    free_old: list[int]
    free_new: list[int]
    base: int
    evidence: dict[tuple[int, int], int]

    @property
    def free_count(self) -> int:
        """How many free nodes can be matched."""
        return min(len(self.free_old), len(self.free_new))

    @property
    def title_weight(self) -> int:
        """What a title kept scores."""
        return MOST_EVIDENCE * self.free_count + 1

    @property
    def type_weight(self) -> int:
        """What a type kept scores."""
        return self.title_weight * (self.free_count + 1)

    def reversed(self) -> "Problem":
        """Return the problem of matching the new graph to the old one."""
        pinned = [-1] * len(self.new)
        for u, v in enumerate(self.pinned):
            if v >= 0:
                pinned[v] = u
        evidence = {(v, u): value for (u, v), value in self.evidence.items()}
        return Problem(self.new, self.old, pinned, self.free_new, self.free_old, self.base, evidence)

    def cost(self, score: int) -> int:
        """Return the edit cost of a matching by its score; by a bound of all scores, a bound of all costs."""
        return self.base - score // self.type_weight

    def score(self, image: Sequence[int]) -> int:
        """Return the score of a matching, which gives each old node its new node or -1."""
        old, new = self.old, self.new
        types = titles = edges = evidence = 0
        for node in self.free_old:
            target = image[node]
            if target < 0:
                continue
            types += old.types[node] == new.types[target]
            titles += title(old, node) == title(new, target)
            evidence += self.evidence.get((node, target), 0)
            after, before = as_lookup(new.successors[target]), as_lookup(new.predecessors[target])
            edges += sum(image[other] in after for other in old.successors[node])
            edges += sum(
                self.pinned[other] >= 0 and image[other] in before for other in old.predecessors[node]
            )
        return self.type_weight * (types + 2 * edges) + self.title_weight * titles + evidence


def build_problem(old: Adjacency, new: Adjacency, anchors: Anchors = any_id) -> Problem:
    """Return what the ids of two graphs settle."""
    namesakes = map(new.index.get, old.ids, [-1] * len(old))
    pinned = [
        node if node >= 0 and type_ == new.types[node] and anchors(id_) else -1
        for node, type_, id_ in zip(namesakes, old.types, old.ids, strict=True)
    ]
    free_old = [node for node, target in enumerate(pinned) if target < 0]
    taken = set(pinned)
    all_taken = len(old) - len(free_old) == len(new)
    free_new = [] if all_taken else [node for node in range(len(new)) if node not in taken]
    return Problem(
        old,
        new,
        pinned,
        by_stamp(old, free_old),
        by_stamp(new, free_new),
        _base_cost(old, new, pinned, len(free_old), len(free_new)),
        evidence(old, new, free_old, free_new, anchors),
    )


def _base_cost(old: Adjacency, new: Adjacency, pinned: list[int], free_old: int, free_new: int) -> int:
    """Return what it costs to retype the free nodes, add or remove those over, and keep no edge of theirs."""
    kept = 0
    for target, successors in zip(pinned, old.successors, strict=True):
        if target >= 0 and successors:
            lookup = as_lookup(new.successors[target])
            kept += sum([pinned[other] in lookup for other in successors])
    edges = sum(map(len, old.successors)) + sum(map(len, new.successors))
    return max(free_old, free_new) + edges - 2 * kept


def title(adj: Adjacency, node: int) -> str:
    """Return what a node shows: its label, else its type."""
    return adj.labels[node] or adj.types[node]


def by_stamp(adj: Adjacency, nodes: list[int]) -> list[int]:
    """Return nodes in the order of their id stamps, then of their ids; ids without a stamp come last."""

    def key(node: int) -> tuple[bool, int, str]:
        stamp = parse_node_id(adj.ids[node])
        return stamp is None, stamp[1] if stamp else 0, adj.ids[node]

    return sorted(nodes, key=key) if len(nodes) > 1 else nodes


def as_lookup(nodes: Collection[int]) -> Collection[int]:
    """Return nodes to look others up in: few stay as they are, many become a set."""
    return nodes if len(nodes) <= _SHORT else frozenset(nodes)
