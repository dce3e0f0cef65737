"""Tellers of what callers give and get: inputs and deliverables."""

from collections.abc import Iterable, Iterator, Sequence

from lamina_graph.diff.both import Both, Side
from lamina_graph.diff.draft import Draft, Way, ways
from lamina_graph.diff.ledger import Ledger
from lamina_graph.diff.pairs import Pair, pairs
from lamina_graph.diff.words import has_own_label, listed
from lamina_graph.text import pluralize

_BEGINNINGS = ("input", "generate")


def inputs(both: Both, ledger: Ledger) -> Iterator[Draft]:
    """Tell the inputs that came, went, or are not what they were."""
    for way in ways(both, ledger):
        for number in both.order(way.here.inputs - way.there.inputs):
            yield _input(way, number)
    for number in both.order(both.old.inputs & both.new.inputs):
        yield from _of_another_modality(both, ledger, Pair(number, number), "input")
        yield from _renamed(both, ledger, number, "input")


def _input(way: Way, number: int) -> Draft:
    name = way.here.name(number)
    parts = way.ledger.take_nodes([number], way.gain) or way.ledger.take_type(number)
    came = f"{name} is {way.word('no longer an input', 'an input now')}"
    text = came if number in way.both.kept else f"Input {way.word('removed', 'added')}: {name}"
    return way.draft(
        way.word("input-removed", "input-added"), text + _medium(way.here, number), [number], name, parts
    )


def deliverables(both: Both, ledger: Ledger) -> Iterator[Draft]:
    """Tell the deliverables that came, went, or are not what they were."""
    found = pairs(both)
    same = [pair for pair in found if pair.old == pair.new]
    for pair in found:
        yield from _of_another_modality(both, ledger, pair, "deliverable")
        yield from _replaced(both, ledger, pair)
    for number in both.order({pair.new for pair in same} | both.old.exits & both.new.exits):
        yield from _renamed(both, ledger, number, "deliverable")
    for pair in same:
        yield from _reidentified(both, ledger, pair.new)
    for way in ways(both, ledger):
        paired = {pair.new if way.gain else pair.old for pair in found}
        for number in both.order(way.here.deliverables - paired):
            yield _deliverable(way, number)


def reach(both: Both, ledger: Ledger) -> Iterator[Draft]:
    """Tell the deliverables that stay and that nothing leads, or led, to."""
    for way in ways(both, ledger):
        yield from _led_to(way, both.old.deliverables & both.new.deliverables)


def ends(both: Both, ledger: Ledger) -> Iterator[Draft]:
    """Tell the output nodes that a deliverable which stays leaves through no more, or newly.

    Each is a deliverable to callers, who know it by its label: the last one that goes leaves its node to be
    called by another name.
    """
    for number in both.order(both.old.deliverables & both.new.deliverables):
        old, new = both.old.ends(number), both.new.ends(number)
        gone, come = both.order(old - both.new.exits), both.order(new - both.old.exits)
        for before, after in _namesakes_first(both, gone, come):
            gone.remove(before)
            come.remove(after)
            yield from _end_renamed(both, ledger, before, after)
        for way, mine, all_ in zip(ways(both, ledger), (gone, come), (old, new), strict=True):
            if mine and len(mine) == len(all_):
                last = mine.pop(0)
                yield from _end_renamed(both, ledger, *((number, last) if way.gain else (last, number)))
            yield from (_end(way, number, end) for end in mine)


def _namesakes_first(both: Both, gone: Sequence[int], come: Sequence[int]) -> list[tuple[int, int]]:
    """Pair output nodes that went with those that came: those of one label, then the rest in order."""
    rest = list(come)
    pairs: list[tuple[int, int]] = []
    for same in (True, False):
        for before in [end for end in gone if end not in [a for a, _ in pairs]]:
            title = both.old.node(before).title
            after = next((end for end in rest if not same or both.new.node(end).title == title), None)
            if after is not None:
                pairs.append((before, after))
                rest.remove(after)
    return pairs


def _end_renamed(both: Both, ledger: Ledger, old: int, new: int) -> Iterator[Draft]:
    """Tell that a deliverable leaves through another output node, or none, and so under another name."""
    before, after = both.old.node(old), both.new.node(new)
    if before.title == after.title or not (has_own_label(before) or has_own_label(after)):
        return
    parts = []
    for way, number in zip(ways(both, ledger), (old, new), strict=True):
        parts += way.ledger.take_nodes([number], way.gain)
    text = f"Deliverable renamed: {both.old.name(old)} → {both.new.name(new)}"
    nodes = tuple(dict.fromkeys((both.id(new), both.id(old))))
    yield Draft("deliverable-renamed", text, nodes, before.label, after.label, parts)


def _end(way: Way, number: int, end: int) -> Draft:
    """Tell one of several output nodes of a deliverable that went or came."""
    name = way.here.name(end)
    parts = way.ledger.take_nodes([end], way.gain) + way.ledger.take_edges([(number, end)], way.gain)
    came = f"{name} is {way.word('no deliverable any more', 'a deliverable now')}"
    text = came if end in way.both.kept else f"Deliverable {way.word('removed', 'added')}: {name}"
    rule = way.word("deliverable-removed", "deliverable-added")
    return way.draft(rule, text + _medium(way.here, number), [end], name, parts)


def _deliverable(way: Way, number: int) -> Draft:
    name = way.here.name(number)
    before = way.here.links.reached([number], backward=True, within=way.nodes)
    group = before | _own_exits(way, number)
    parts = way.ledger.take_nodes(group, way.gain)
    parts += way.ledger.take_edges(((number, on) for on in way.there.links.successors[number]), not way.gain)
    came = f"{name} is {way.word('no deliverable any more', 'a deliverable now')}"
    text = came if number in way.both.kept else f"Deliverable {way.word('removed', 'added')}: {name}"
    more = f", with {pluralize(len(before) - 1, 'node')} before it" if len(before) > 1 else ""
    rule = way.word("deliverable-removed", "deliverable-added")
    return way.draft(
        rule, text + _medium(way.here, number) + more, [number, *way.flow(group - {number})], name, parts
    )


def _own_exits(way: Way, number: int) -> set[int]:
    """The output nodes that only this deliverable feeds."""
    return {
        exit_
        for exit_ in way.here.links.successors[number]
        if exit_ in way.nodes and way.here.links.predecessors[exit_] == [number]
    }


def _of_another_modality(both: Both, ledger: Ledger, pair: Pair, what: str) -> Iterator[Draft]:
    before, after = both.old.modalities(pair.old), both.new.modalities(pair.new)
    if before and after and set(before) != set(after):
        text = f"{what.capitalize()} {_turned(both, pair)}"
        nodes, parts = _taken(both, ledger, pair)
        yield Draft(f"{what}-modality-changed", text, nodes, sorted(before), sorted(after), parts)


def _turned(both: Both, pair: Pair) -> str:
    """Return what was of which modality and is of another; by both names where these are two nodes."""
    before, after = listed(both.old.modalities(pair.old)), listed(both.new.modalities(pair.new))
    name = both.new.name(pair.new)
    if pair.old == pair.new:
        return f"{name} is {after}, was {before}"
    return f"{both.old.name(pair.old)} ({before}) is now {name} ({after})"


def _replaced(both: Both, ledger: Ledger, pair: Pair) -> Iterator[Draft]:
    """Tell that another node gives a deliverable; where an output node at its end stays, its edits say so."""
    if pair.old == pair.new or pair.exit is not None or _differ(both, pair):
        return
    before, after = both.old.name(pair.old), both.new.name(pair.new)
    own = has_own_label(both.old.node(pair.old)) or has_own_label(both.new.node(pair.new))
    rule = "deliverable-renamed" if own and before != after else "deliverable-replaced"
    text = f"Deliverable {before} now comes from {after}"
    nodes, parts = _taken(both, ledger, pair)
    yield Draft(rule, text, nodes, before, after, parts)


def _differ(both: Both, pair: Pair) -> bool:
    before, after = both.old.modalities(pair.old), both.new.modalities(pair.new)
    return bool(before and after and set(before) != set(after))


def _taken(both: Both, ledger: Ledger, pair: Pair) -> tuple[tuple[str, ...], list[str]]:
    """Take the edits that made one of the other; return the ids they are about, and a phrase each."""
    if pair.old == pair.new:
        return (both.id(pair.new),), ledger.take_type(pair.new)
    numbers, parts = [pair.new], []
    for way, number in zip(ways(both, ledger), (pair.old, pair.new), strict=True):
        group = way.flow(way.here.links.reached([number], backward=True, within=way.nodes))
        parts += way.ledger.take_nodes(group, way.gain)
        numbers += group
    return tuple(map(both.id, dict.fromkeys(numbers))), parts


def _renamed(both: Both, ledger: Ledger, number: int, what: str) -> Iterator[Draft]:
    before, after = both.old.node(number), both.new.node(number)
    if number not in ledger.relabelled or not (has_own_label(before) or has_own_label(after)):
        return
    ledger.relabelled.discard(number)
    text = f"{what.capitalize()} renamed: {both.old.title(number)} → {both.new.title(number)}"
    yield Draft(f"{what}-renamed", text, (after.id,), before.label, after.label)


def _reidentified(both: Both, ledger: Ledger, number: int) -> Iterator[Draft]:
    if number in ledger.reidentified and number not in ledger.retyped:
        ledger.reidentified.discard(number)
        before, after = both.old.node(number).id, both.new.node(number).id
        day = both.made_anew(number)
        text = f"Deliverable {both.name(number)} has a new id{f', re-created on {day}' if day else ''}"
        yield Draft("deliverable-reidentified", text, (after,), before, after)


def _led_to(way: Way, kept: Iterable[int]) -> Iterator[Draft]:
    """Tell the deliverables that an input or generation leads to `here` and none `there`."""
    begin = {number for number in way.here.place if way.here.facts(number).role in _BEGINNINGS}
    led_here = _beyond(way.here, begin & set(way.there.place))
    led_there = _beyond(way.there, {n for n in way.there.place if way.there.facts(n).role in _BEGINNINGS})
    unseen = set(way.there.place)
    for number in way.both.order(n for n in kept if n in led_here and n not in led_there):
        cut = way.there.links.reached([number], backward=True, within=unseen)
        unseen -= cut
        edges = [(n, end) for end in cut if end in way.here.place for n in way.here.links.predecessors[end]]
        gone = way.flow({n for n, _ in edges} & way.nodes)
        parts = way.ledger.take_nodes(gone, way.gain) + way.ledger.take_edges(edges, way.gain)
        name = way.both.name(number)
        text = f"Deliverable {name} is {way.word('no longer reached', 'reached now')}"
        rule = way.word("deliverable-unreached", "deliverable-reached")
        yield way.draft(rule, text, [number, *gone], name, parts)


def _beyond(side: Side, start: Iterable[int]) -> set[int]:
    """Return all that the start leads to by an edge or more."""
    return side.links.reached(after for number in start for after in side.links.successors[number])


def connections(both: Both, ledger: Ledger) -> Iterator[Draft]:
    """Tell the inputs that stay and lead, or led, to no deliverable."""
    for way in ways(both, ledger):
        unseen = set(way.there.place)
        for number in both.order(way.here.inputs & way.there.inputs & (way.here.live - way.there.live)):
            behind = way.there.links.reached([number], within=unseen)
            unseen -= behind
            yield from _connection(way, number, behind)


def _connection(way: Way, number: int, behind: set[int]) -> Iterator[Draft]:
    edges = [
        (node, after)
        for node in behind
        if node in way.here.place
        for after in way.here.links.successors[node]
        if after in way.here.live and (node, after) in way.edges
    ]
    if edges:
        name = way.both.name(number)
        text = f"Input {name} leads to {way.word('no deliverable any more', 'a deliverable now')}"
        parts = way.ledger.take_edges(edges, way.gain)
        yield way.draft(way.word("input-disconnected", "input-connected"), text, [number], name, parts)


def _medium(side: Side, number: int) -> str:
    modalities = side.modalities(number)
    return f" ({listed(modalities)})" if modalities else ""
