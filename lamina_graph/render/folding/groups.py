"""Which nodes fold to one card: same-shaped parallel branches, helpers of one node, straight chains.

Nodes are numbers here, and what they look like decides, not what they are called. Nodes that look alike and
stand in like places are found by colour refinement (Weisfeiler and Leman 1968), in passes along the edges and
against them. What then has no like is shared by the branches around it: taken away, the branches fall apart,
and those of one shape with the same neighbours fold, together with what folds inside each of them. So a line
between two folded cards always means the same: a member is joined to the member of its own branch.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Pair = tuple[int, int]
Key = tuple[int, int]
Kind = Literal["none", "parallel", "helpers", "chain", "stage"]

_PASSES = 8
_DEEPEST = 20  # branches within branches: each has at most half of the nodes of the one around it
_LONG = 3  # nodes from which a run folds
_WORTH = 2  # cards that a fold must save


@dataclass(frozen=True, slots=True)
class Group:
    """The nodes that one card stands for.

    Attributes:
        members: their numbers, branch by branch; within a chain along it.
        times: how many branches there are.
        by: what makes them one; of what folds both ways, the inner one.
    """

    members: tuple[int, ...]
    times: int = 1
    by: Kind = "none"

    @property
    def branches(self) -> list[tuple[int, ...]]:
        """The members of each branch."""
        size = len(self.members) // self.times
        return [self.members[at : at + size] for at in range(0, len(self.members), size)]


class Net(NamedTuple):
    """A graph whose nodes are numbers.

    Attributes:
        looks: what each node looks like; only nodes of equal looks fold to one.
        before, after: the neighbours of each node.
        names: what decides which of two twins comes first.
    """

    looks: Sequence[Hashable]
    before: Sequence[Sequence[int]]
    after: Sequence[Sequence[int]]
    names: Sequence[str]


def net(looks: Sequence[Hashable], pairs: Iterable[Pair], names: Sequence[str] = ()) -> Net:
    """Return a graph by its edges.

    >>> net("ab", [(0, 1)]).after
    [[1], []]
    """
    before: list[list[int]] = [[] for _ in looks]
    after: list[list[int]] = [[] for _ in looks]
    for source, target in dict.fromkeys(pairs):
        after[source].append(target)
        before[target].append(source)
    return Net(looks, before, after, names or [""] * len(looks))


def fold(graph: Net, plain: Collection[int] = (), helpers: Collection[int] = ()) -> list[Group]:
    """Return the nodes in groups, each node in one: parallel branches, then what serves or runs on in them.

    Args:
        graph: the nodes and edges.
        plain: the nodes that a chain may fold away.
        helpers: the nodes that fold where all of them only lead to one other.

    >>> fan = net("sabab", [(0, 1), (1, 2), (0, 3), (3, 4)])
    >>> [(group.members, group.times) for group in fold(fan)]
    [((0,), 1), ((1, 3), 2), ((2, 4), 2)]
    >>> fold(net("abcd", [(0, 1), (1, 2), (2, 3)]), plain={0, 1, 2})[0].by
    'chain'
    >>> fold(net("abcd", [(0, 3), (1, 3), (2, 3)]), helpers={0, 1, 2})[0].by
    'helpers'
    """
    return chained(graph, helping(graph, parallel(graph), helpers), plain)


def parallel(graph: Net) -> list[Group]:
    """Return the nodes in groups, in which same-shaped parallel branches are one."""
    branches = _Branches(graph)
    found = branches.folded(range(len(graph.looks)))
    groups = [
        Group(tuple(each), len(each), "parallel" if len(each) > 1 else "none") for each in found.values()
    ]
    return sorted(groups, key=_first)


def helping(graph: Net, groups: Sequence[Group], helpers: Collection[int]) -> list[Group]:
    """Return groups of which those that only serve one other are one."""
    quotient = _quotient(graph, groups)
    served = list(range(len(groups)))
    for at in reversed(ordered(quotient)):
        ends = {served[other] for other in quotient.after[at] if other != at}
        if len(ends) == 1 and all(member in helpers for member in groups[at].members):
            (end,) = ends
            served[at] = end if groups[end].times == groups[at].times else at
    rows: dict[int, list[int]] = {}
    for at, end in enumerate(served):
        if at != end:
            rows.setdefault(end, []).append(at)
    return _together(groups, [row for row in rows.values() if len(row) > 1], "helpers")


def chained(graph: Net, groups: Sequence[Group], plain: Collection[int]) -> list[Group]:
    """Return groups of which straight runs are one.

    A run goes on as long as a card has one line out and the next one line in; all of it is plain.
    """
    quotient = _quotient(graph, groups)
    following: dict[int, int] = {}
    for at, targets in enumerate(quotient.after):
        if len(targets) == 1 and len(quotient.before[targets[0]]) == 1:
            ends = groups[at], groups[targets[0]]
            if ends[0].times == ends[1].times and all(
                member in plain for end in ends for member in end.members
            ):
                following[at] = targets[0]
    return _together(groups, [run for run in _runs(following) if len(run) >= _LONG], "chain")


def _quotient(graph: Net, groups: Sequence[Group]) -> Net:
    owner = {member: at for at, group in enumerate(groups) for member in group.members}
    return net(groups, joined(graph, owner))


def joined(graph: Net, owner: Mapping[int, int]) -> list[Pair]:
    """Return the edges between owners; an edge to itself stays if a node had one."""
    pairs = (
        (owner[source], owner[target])
        for source, targets in enumerate(graph.after)
        for target in targets
        if owner[source] != owner[target] or source == target
    )
    return list(dict.fromkeys(pairs))


def _first(group: Group) -> int:
    return min(group.members)


def _runs(following: Mapping[int, int]) -> Iterable[list[int]]:
    """The rows of a successor relation, each from its start; what only runs in a circle has none."""
    for start in following.keys() - set(following.values()):
        run = [start]
        while run[-1] in following:
            run.append(following[run[-1]])
        yield run


def _together(groups: Sequence[Group], rows: Sequence[Sequence[int]], by: Kind) -> list[Group]:
    """The groups, those of a row as one."""
    within = {at for row in rows for at in row}
    rest = (group for at, group in enumerate(groups) if at not in within)
    return sorted([*rest, *(_one([groups[at] for at in row], by) for row in rows)], key=_first)


def _one(row: Sequence[Group], by: Kind) -> Group:
    """Groups of as many branches each as one, branch by branch."""
    branches = zip(*(group.branches for group in row), strict=True)
    members = (member for branch in branches for part in branch for member in part)
    return Group(tuple(members), row[0].times, by)


class _Branches:
    """The search for parallel branches."""

    def __init__(self, graph: Net) -> None:
        self.graph = graph
        self.colour = refined(graph)

    def folded(self, nodes: Sequence[int], depth: int = 0) -> dict[Key, list[int]]:
        """Return groups of some nodes; the key of each is its place, the same in each branch of a shape."""
        count = Counter(self.colour[node] for node in nodes)
        shared = [node for node in nodes if count[self.colour[node]] == 1]
        if len(shared) == len(nodes) or depth == _DEEPEST:
            return self._each(nodes)
        parts = self._parts(nodes, shared)
        if len(parts) == 1 and not shared:
            shared = self._fewest(nodes, count)
            parts = self._parts(nodes, shared)
        found = self._each(shared)
        self._fold(parts, found, depth)
        return found

    def _each(self, nodes: Iterable[int]) -> dict[Key, list[int]]:
        """Each node as a group of its own."""
        found: dict[Key, list[int]] = {}
        for node in nodes:
            _put(found, (self.colour[node], 0), [node])
        return found

    def _fold(self, parts: Sequence[list[int]], found: dict[Key, list[int]], depth: int) -> None:
        """Fold what lies apart, where it has one shape and the same neighbours."""
        alike: dict[Hashable, list[dict[Key, list[int]]]] = {}
        for number, part in enumerate(parts):
            inner = self.folded(part, depth + 1)
            alike.setdefault(self._shape(inner) or number, []).append(inner)
        for same in alike.values():
            if (len(same) - 1) * len(same[0]) >= _WORTH:
                for key in same[0]:
                    _put(found, key, [member for inner in same for member in inner[key]])
            else:
                for inner in sorted(same, key=self._order):
                    for key, members in inner.items():
                        _put(found, key, members)

    def _order(self, groups: Mapping[Key, Sequence[int]]) -> tuple[str, int]:
        first = min(member for members in groups.values() for member in members)
        return self.graph.names[first], first

    def _shape(self, groups: Mapping[Key, Sequence[int]]) -> Hashable | None:
        """What branches that may fold have in common; None where places in this one cannot be told apart."""
        if any(key[1] and not self._apart(groups, key) for key in groups):
            return None
        place: dict[int, tuple[int, ...]] = {
            member: key for key, members in groups.items() for member in members
        }
        return tuple(
            sorted((key, len(members), *self._around(members[0], place)) for key, members in groups.items())
        )

    def _apart(self, groups: Mapping[Key, Sequence[int]], key: Key) -> bool:
        """Whether a twin hangs on the same nodes as the first of its colour: either may come first."""
        first, other = groups[key[0], 0][0], groups[key][0]
        return all(
            sorted(side[first]) == sorted(side[other]) for side in (self.graph.before, self.graph.after)
        )

    def _around(
        self, node: int, place: Mapping[int, tuple[int, ...]]
    ) -> Iterable[tuple[tuple[int, ...], ...]]:
        """The neighbours of a node, on either side: those within a branch by place, others by number."""
        for side in (self.graph.before, self.graph.after):
            yield tuple(sorted(place.get(other, (other,)) for other in side[node]))

    def _parts(self, nodes: Sequence[int], without: Collection[int]) -> list[list[int]]:
        """The connected components of some nodes without some."""
        left = dict.fromkeys(nodes)
        for node in without:
            del left[node]
        found = []
        while left:
            start = next(iter(left))
            del left[start]
            part = [start]
            for node in part:
                for side in (self.graph.before, self.graph.after):
                    for other in side[node]:
                        if other in left:
                            del left[other]
                            part.append(other)
            found.append(sorted(part))
        return found

    def _fewest(self, nodes: Sequence[int], count: Mapping[int, int]) -> list[int]:
        """Where no node is without a like: the nodes of the rarest kind, to be kept apart from the rest."""
        rarest = min(nodes, key=lambda node: (count[self.colour[node]], node))
        return [node for node in nodes if self.colour[node] == self.colour[rarest]]


def _put(found: dict[Key, list[int]], key: Key, members: list[int]) -> None:
    """Put in a group below its key, or below the next one of its colour that is free."""
    colour, rank = key
    while (colour, rank) in found:
        rank += 1
    found[colour, rank] = members


def refined(graph: Net) -> list[int]:
    """Return a number for each node, the same only where looks and all that is around look alike.

    Each pass goes through the whole graph, from sources to sinks or back, so that a few do; in a cycle some
    nodes may be told apart that are alike.
    """
    numbers: dict[Hashable, int] = {}
    colour = [numbers.setdefault(look, len(numbers)) for look in graph.looks]
    order = ordered(graph)
    known = len(set(colour))
    for turn in range(_PASSES):
        for nodes, side in ((order, graph.before), (order[::-1], graph.after)):
            for node in nodes:
                around = tuple(sorted(colour[other] for other in side[node]))
                colour[node] = numbers.setdefault((colour[node], around), len(numbers))
        now = len(set(colour))
        if now == len(colour) or (now == known and turn):
            break
        known = now
    return colour


def ordered(graph: Net) -> list[int]:
    """Return every node after what feeds it (Kahn 1962); where only cycles are left, the first comes next."""
    waiting = [len(before) for before in graph.before]
    order = [node for node, count in enumerate(waiting) if not count]
    done = set(order)
    rest = iter(range(len(waiting)))
    at = 0
    while len(done) < len(waiting) or at < len(order):
        if at == len(order):
            node = next(node for node in rest if node not in done)
            order.append(node)
            done.add(node)
        for other in graph.after[order[at]]:
            waiting[other] -= 1
            if not waiting[other] and other not in done:
                order.append(other)
                done.add(other)
        at += 1
    return order
