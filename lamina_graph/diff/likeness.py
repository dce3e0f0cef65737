"""Which nodes a person would hold to be one, beside the matching of least cost."""

import re
from collections import defaultdict
from collections.abc import Iterable

from lamina_graph.diff.both import VersionGraph
from lamina_graph.diff.words import bare, has_own_label
from lamina_graph.model import Node, stamped
from lamina_graph.vocabulary import readable


def told_pairs(old: VersionGraph, new: VersionGraph, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pairs that a person would hold to be one node.

    An edit script of least cost knows no names: to it, swapping a model costs more than taking another node
    of the old type for the one whose model was swapped. So pairs first follow names (`follow_names`). It also
    retypes a node into one that has nothing to do with it, since that is cheaper than a deletion and an
    insertion. A retyped pair is told as one node only if it kept its id or a label that somebody gave it, if
    it does the same with the same medium, or if it kept an edge to a pair that is told as one.
    """
    pairs = follow_names(old, new, pairs)
    found = {a for a, b in pairs if _alike(old, a, new, b)}
    if len(found) == len(pairs):
        return pairs
    partner = dict(pairs)
    front = list(found)
    while front:
        a = front.pop()
        for near in _kept_neighbours(old, new, partner, a):
            if near not in found:
                found.add(near)
                front.append(near)
    return [(a, b) for a, b in pairs if a in found]


def _alike(old: VersionGraph, a: int, new: VersionGraph, b: int) -> bool:
    before, after = old.nodes[a], new.nodes[b]
    if before.type == after.type or before.id == after.id:
        return True
    if before.label == after.label and has_own_label(before) and has_own_label(after):
        return True
    return _does_the_same(old, a, new, b)


def _does_the_same(old: VersionGraph, a: int, new: VersionGraph, b: int) -> bool:
    was, now = old.by_node[a], new.by_node[b]
    media = set(was.modalities), set(now.modalities)
    return was.role == now.role and (not all(media) or not media[0].isdisjoint(media[1]))


def _kept_neighbours(old: VersionGraph, new: VersionGraph, partner: dict[int, int], a: int) -> set[int]:
    """Return the old nodes whose edge to or from this one is kept."""
    b = partner[a]
    after, before = set(new.plain.successors[b]), set(new.plain.predecessors[b])
    return {n for n in old.plain.successors[a] if partner.get(n) in after} | {
        n for n in old.plain.predecessors[a] if partner.get(n) in before
    }


def follow_names(old: VersionGraph, new: VersionGraph, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pairs, those that no id settles changed to follow names where as many edges are kept.

    A node goes with the one that has its name, or that continues it ("Shot 1" and "Shot 1 (hero)"), else with
    the one made at the same moment, if it has the same type or does the same with the same medium.
    """
    pairing = _Pairing(old, new, pairs)
    for a, c in pairing.wishes():
        pairing.fulfil(a, c)
    return sorted(pairing.partner.items())


class _Pairing:
    """Pairs of nodes, by number, and what speaks for them."""

    def __init__(self, old: VersionGraph, new: VersionGraph, pairs: Iterable[tuple[int, int]]) -> None:
        self.old, self.new = old, new
        self.partner = dict(pairs)
        self.owner = {b: a for a, b in self.partner.items()}

    def wishes(self) -> list[tuple[int, int]]:
        """Return the pairs that more speaks for than for those there are; the same when read backwards."""
        others = [c for c in range(len(self.new.nodes)) if self._is_open(self.owner.get(c), c)]
        by_word: dict[object, list[int]] = defaultdict(list)
        for c in others:
            for word in _traits(self.new.nodes[c]):
                by_word[word].append(c)
        wishes = []
        for a in range(len(self.old.nodes)):
            if others and self._is_open(a, self.partner.get(a)):
                near = {c for word in _traits(self.old.nodes[a]) for c in by_word[word]}
                wishes += [(a, c) for c in near if self._gain(a, c) > 0]
        return sorted(wishes, key=self._order)

    def fulfil(self, a: int, c: int) -> None:
        """Pair two nodes, and their partners with each other, if more speaks for that and no edge is lost."""
        b, d = self.partner.get(a), self.owner.get(c)
        if self._gain(a, c) <= 0 or not (self._may_pair(a, c) and self._may_pair(d, b)):
            return
        before = self._kept(a, d)
        old_partner, old_owner = self.partner.copy(), self.owner.copy()
        self._pair(a, c, b, d)
        if self._kept(a, d) < before:
            self.partner, self.owner = old_partner, old_owner

    def _is_open(self, a: int | None, b: int | None) -> bool:
        """Whether neither an id nor a name settles a pair."""
        if a is None or b is None:
            return True
        return self.old.nodes[a].id != self.new.nodes[b].id and self._agreement(a, b) < _SAME_NAME

    def _gain(self, a: int, c: int) -> int:
        b, d = self.partner.get(a), self.owner.get(c)
        wanted = self._agreement(a, c) + self._agreement(d, b)
        return wanted - self._agreement(a, b) - self._agreement(d, c)

    def _agreement(self, a: int | None, b: int | None) -> int:
        if a is None or b is None:
            return 0
        one, other = self.old.nodes[a], self.new.nodes[b]
        when = stamped(one.id), stamped(other.id)
        same_moment = when[0] is not None and when[1] is not None and when[0][1] == when[1][1]
        return _name_agreement(one, other) + same_moment

    def _may_pair(self, a: int | None, b: int | None) -> bool:
        if a is None or b is None or self.old.nodes[a].type == self.new.nodes[b].type:
            return True
        return _does_the_same(self.old, a, self.new, b)

    def _kept(self, *nodes: int | None) -> int:
        """How many edges at some old nodes are kept."""
        edges = set()
        for node in nodes:
            if node is not None:
                edges |= {(node, other) for other in self.old.plain.successors[node]}
                edges |= {(other, node) for other in self.old.plain.predecessors[node]}
        partner, successors = self.partner, self.new.plain.successors
        return sum(
            source in partner and partner.get(target) in successors[partner[source]]
            for source, target in edges
        )

    def _pair(self, a: int, c: int, b: int | None, d: int | None) -> None:
        """Pair `a` with `c`, and `d` with `b` if there are both."""
        self.partner[a], self.owner[c] = c, a
        if d is not None:
            self.partner.pop(d)
        if b is not None:
            self.owner.pop(b)
        if b is not None and d is not None:
            self.partner[d], self.owner[b] = b, d

    def _order(self, wish: tuple[int, int]) -> tuple[int, list[tuple[str, str]]]:
        ends = (self.old.nodes[wish[0]], self.new.nodes[wish[1]])
        return -self._gain(*wish), sorted((node.title, node.id) for node in ends)


_SAME_NAME = 4


def _name_agreement(one: Node, other: Node) -> int:
    """4 where both have the name that somebody gave them, 2 where one continues the other's."""
    if not (_is_named(one) and _is_named(other)):
        return 0
    if one.title == other.title:
        return _SAME_NAME
    words = _words(one.title), _words(other.title)
    return 2 if all(words) and (words[0] <= words[1] or words[1] <= words[0]) else 0


def _is_named(node: Node) -> bool:
    return has_own_label(node) and bare(node.title) != bare(readable(node.type))


def _words(title: str) -> set[str]:
    return set(re.findall(r"\w+", title.casefold()))


def _traits(node: Node) -> set[object]:
    """What two nodes have in common that agree: a word, a name without words, a moment."""
    stamp = stamped(node.id)
    return {*_words(node.title), node.title, *([stamp[1]] if stamp else [])}
