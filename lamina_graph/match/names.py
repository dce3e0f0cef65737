"""The pairing that a person would make, beside the one of least cost.

An edit script of least cost knows no names: to it, swapping a model costs more than taking another node of
the old type for the one whose model was swapped.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable

from lamina_graph.graph import Adjacency
from lamina_graph.match.anchors import Anchors, any_id
from lamina_graph.match.evidence import evidence

_SAME_NAME = 4
"""A name that stayed outweighs a moment and a name that goes on, together."""

_SAME_ID = 16
"""An id that stayed outweighs all that can speak for two other pairs."""

Pairs = Iterable[tuple[int, int]]
MaybePairs = Iterable[tuple[int | None, int | None]]


def follow_names(
    old: Adjacency,
    new: Adjacency,
    pairs: Pairs,
    may_pair: Callable[[int, int], bool],
    anchors: Anchors = any_id,
) -> list[tuple[int, int]]:
    """Return pairs of nodes, changed to follow ids, names and moments where as many edges are kept.

    A node goes with the one that has its id; else with the one that has its name, was made at the same
    moment, or continues its name ("Shot 1" and "Shot 1 (hero)").

    Args:
        old: the graph before.
        new: the graph after.
        pairs: the numbers, old and new, of the nodes matched at the least cost.
        may_pair: whether an old and a new node of another type can be one: whether they do the same.
        anchors: which ids mean the same node in both.

    >>> from lamina_graph.graph import adjacency
    >>> from lamina_graph import load
    >>> old = load({"nodes": [{"id": "1", "type": "kling", "label": "Hero"}], "edges": []})
    >>> swapped = {"id": "2", "type": "veo", "label": "Hero"}
    >>> new = load({"nodes": [swapped, {"id": "3", "type": "kling", "label": "End"}], "edges": []})
    >>> follow_names(adjacency(old), adjacency(new), [(0, 1)], may_pair=lambda a, b: True)
    [(0, 0)]
    """
    pairing = _Pairing(old, new, pairs, may_pair, anchors)
    for a, c in pairing.wishes():
        pairing.fulfil(a, c)
    return sorted(pairing.partner.items())


class _Pairing:
    """Pairs of nodes, and what speaks for those that neither an id nor a name settles."""

    def __init__(
        self,
        old: Adjacency,
        new: Adjacency,
        pairs: Pairs,
        may_pair: Callable[[int, int], bool],
        anchors: Anchors,
    ) -> None:
        self.old, self.new = old, new
        self.may_pair, self.anchors = may_pair, anchors
        self.partner = dict(pairs)
        self.owner = {b: a for a, b in self.partner.items()}
        some = [a for a in range(len(old)) if not self._is_settled(a, self.partner.get(a))]
        others = [b for b in range(len(new)) if not self._is_settled(self.owner.get(b), b)]
        self.weights = self._weights(some, others)

    def wishes(self) -> list[tuple[int, int]]:
        """Return the pairs that more speaks for than for those there are, in the same order both ways."""

        def order(pair: tuple[int, int]) -> tuple[int, list[str]]:
            return -self._gain(*pair), sorted((self.old.ids[pair[0]], self.new.ids[pair[1]]))

        return sorted((pair for pair in self.weights if self._gain(*pair) > 0), key=order)

    def fulfil(self, a: int, c: int) -> None:
        """Pair two nodes, and their partners with each other, if more speaks for it and no edge is lost."""
        b, d = self.partner.get(a), self.owner.get(c)
        if self._gain(a, c) <= 0 or not (self._is_possible(a, c) and self._is_possible(d, b)):
            return
        now, wanted = ((a, b), (d, c)), ((a, c), (d, b))
        kept = self._count_kept(a, d)
        self._exchange(now, wanted)
        if self.weights[a, c] < _SAME_ID and self._count_kept(a, d) < kept:
            self._exchange(wanted, now)

    def _exchange(self, pairs: MaybePairs, others: MaybePairs) -> None:
        """Part pairs, and form others in their place, where both of their nodes are given."""
        for one, two in pairs:
            if one is not None and two is not None:
                del self.partner[one], self.owner[two]
        for one, two in others:
            if one is not None and two is not None:
                self.partner[one], self.owner[two] = two, one

    def _is_settled(self, a: int | None, b: int | None) -> bool:
        if a is None or b is None:
            return False
        return self._has_id(a, b) or self._has_name(a, b)

    def _has_id(self, a: int, b: int) -> bool:
        """Whether both nodes have one id, and it anchors."""
        return self.old.ids[a] == self.new.ids[b] and self.anchors(self.old.ids[a])

    def _has_name(self, a: int, b: int) -> bool:
        """Whether both nodes have one name, and somebody gave it."""
        label = self.old.labels[a]
        return (
            bool(label)
            and label == self.new.labels[b]
            and label not in (self.old.types[a], self.new.types[b])
        )

    def _weights(self, some: list[int], others: list[int]) -> dict[tuple[int, int], int]:
        weights = defaultdict(
            int, evidence(self.old, self.new, some, others, self.anchors) if some and others else {}
        )
        by_label: dict[str | None, list[int]] = defaultdict(list)
        for b in others:
            if (label := self.new.labels[b]) and label != self.new.types[b]:
                by_label[label].append(b)
        unsettled = set(others)
        for a in some:
            if self.old.labels[a] != self.old.types[a]:
                for b in by_label.get(self.old.labels[a], ()):
                    weights[a, b] += _SAME_NAME
            same = self.new.index.get(self.old.ids[a])
            if same in unsettled and self._has_id(a, same):
                weights[a, same] += _SAME_ID
        return dict(weights)

    def _gain(self, a: int, c: int) -> int:
        b, d = self.partner.get(a), self.owner.get(c)
        return self._weight(a, c) + self._weight(d, b) - self._weight(a, b) - self._weight(d, c)

    def _weight(self, a: int | None, b: int | None) -> int:
        return 0 if a is None or b is None else self.weights.get((a, b), 0)

    def _is_possible(self, a: int | None, b: int | None) -> bool:
        if a is None or b is None or self.old.types[a] == self.new.types[b]:
            return True
        return self._has_id(a, b) or self.may_pair(a, b)

    def _count_kept(self, *nodes: int | None) -> int:
        """How many edges at some old nodes are kept."""
        edges = {(node, other) for node in nodes if node is not None for other in self.old.successors[node]}
        edges |= {
            (other, node) for node in nodes if node is not None for other in self.old.predecessors[node]
        }
        image, successors = self.partner.get, self.new.successors
        return sum(
            source in self.partner and image(target) in successors[self.partner[source]]
            for source, target in edges
        )
