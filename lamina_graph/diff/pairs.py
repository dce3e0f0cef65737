"""Which old deliverable is which new one."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lamina_graph.diff.both import Both, Side


class Pair(NamedTuple):
    """A deliverable before and after, by number; `exit` is the output node that pairs them, if one does."""

    old: int
    new: int
    exit: int | None = None


def pairs(both: Both) -> list[Pair]:
    """Pair the deliverables one to one.

    Two are one deliverable if they are the same node; else if they leave through the same output node; else
    if one stays, as an inner node on the way to the other. Of several candidates one of the same modality is
    taken. What a caller gives and gets back as it is, a bare input, is never held to be what was made.
    """
    same = both.old.deliverables & both.new.deliverables
    old, new = both.old.deliverables - same, both.new.deliverables - same
    made = _paired(both, old - both.old.inputs, new - both.new.inputs)
    bare = _paired(both, old & both.old.inputs, new & both.new.inputs)
    return [*(Pair(number, number) for number in both.order(same)), *made, *bare]


def _paired(both: Both, before: Iterable[int], after: Iterable[int]) -> Iterator[Pair]:
    old, new = set(before), set(after)
    for step in (_through_exits, _along_paths):
        for pair in step(both, old, new):
            if pair.old in old and pair.new in new:
                yield pair
                old.discard(pair.old)
                new.discard(pair.new)


def _through_exits(both: Both, old: set[int], new: set[int]) -> Iterator[Pair]:
    for exit_ in both.order(both.old.exits & both.new.exits):
        before = [number for number in both.old.links.predecessors[exit_] if number in old]
        after = [number for number in both.new.links.predecessors[exit_] if number in new]
        for a, b in _alike(_looks(both.old, before), _looks(both.new, after)):
            yield Pair(a, b, exit_)


def _along_paths(both: Both, old: set[int], new: set[int]) -> list[Pair]:
    """Pair what was prolonged and what was shortened, in an order that is the same when read backwards."""
    found = [Pair(a, b) for a, b in _onward(both.old, both.new, old, new)]
    found += [Pair(a, b) for b, a in _onward(both.new, both.old, new, old)]

    def key(pair: Pair) -> tuple[bool, list[tuple[str, str]]]:
        differ = set(both.old.modalities(pair.old)) != set(both.new.modalities(pair.new))
        return differ, sorted(
            (side.name(n), side.node(n).id) for side, n in ((both.old, pair.old), (both.new, pair.new))
        )

    return sorted(found, key=key)


def _onward(here: Side, there: Side, mine: set[int], theirs: set[int]) -> Iterator[tuple[int, int]]:
    """Pair deliverables `here` that are inner nodes `there` with one `there` that they lead to."""
    inner = {look.number: look for look in _looks(here, [n for n in mine if n in there.place])}
    ends = {look.number: look for look in _looks(there, theirs)} if inner else {}
    for modalities in (*sorted({look.modalities for look in ends.values()}), None):
        unseen = set(there.place)
        for end in [look for look in ends.values() if modalities in (None, look.modalities)]:
            behind = there.links.reached([end.number], backward=True, within=unseen)
            unseen -= behind
            candidates = [
                inner[n] for n in behind & inner.keys() if modalities in (None, inner[n].modalities)
            ]
            if candidates:
                first = min(candidates).number
                yield first, end.number
                del inner[first], ends[end.number]


class _Look(NamedTuple):
    modalities: tuple[str, ...]
    name: str
    id: str
    number: int


def _looks(side: Side, numbers: Iterable[int]) -> list[_Look]:
    return sorted(_Look(tuple(sorted(side.modalities(n))), side.name(n), side.node(n).id, n) for n in numbers)


def _alike(before: list[_Look], after: list[_Look]) -> Iterator[tuple[int, int]]:
    """Pair those of the same modalities first, then the rest in order."""
    waiting: dict[tuple[str, ...], list[_Look]] = {}
    for look in reversed(after):
        waiting.setdefault(look.modalities, []).append(look)
    rest = []
    for look in before:
        if waiting.get(look.modalities):
            yield look.number, waiting[look.modalities].pop().number
        else:
            rest.append(look)
    left = sorted(look for looks in waiting.values() for look in looks)
    yield from ((a.number, b.number) for a, b in zip(rest, left, strict=False))
