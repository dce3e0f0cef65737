"""Tellers of what the workflow is made of: nodes and edges, told in the largest pieces that they form."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lamina_graph.diff.both import Both, Edge, Side
from lamina_graph.diff.draft import Draft, Way, ways
from lamina_graph.diff.ledger import Ledger
from lamina_graph.diff.words import has_own_label, listed
from lamina_graph.text import pluralize

_STEPS = ("generate", "transform")
_CHAIN = 4


@dataclass(frozen=True, slots=True)
class _Piece:
    """Nodes that came or went together, or one edge.

    Attributes:
        nodes: connected nodes; empty for an edge.
        edges: the edges at them, or the one edge.
        spanned: the edges of the other version whose place the nodes took, or that took theirs.
    """

    nodes: frozenset[int]
    edges: frozenset[Edge]
    spanned: frozenset[Edge] = frozenset()

    @property
    def ends(self) -> set[int]:
        """The nodes that the piece hangs on."""
        return {end for edge in self.edges for end in edge} - self.nodes


def bridges(both: Both, ledger: Ledger) -> Iterator[Draft]:
    """Tell the edges that connect, or connected, what has no connection without them."""
    for way in ways(both, ledger):
        yield from _bridges(way, _edges(way, within=both.kept))


def structure(both: Both, ledger: Ledger) -> Iterator[Draft]:
    """Tell the nodes and edges that came or went, and the types that were replaced."""
    for way in ways(both, ledger):
        yield from _bridges(way, [*_groups(way), *_edges(way)])
    for way in ways(both, ledger):
        yield from (_group(way, piece) for piece in _groups(way))
    for backward in (True, False):
        yield from _rewirings(both, ledger, backward)
    for way in ways(both, ledger):
        yield from (_bundle(way, piece) for piece in _bundles(way))
    for number in both.order(ledger.retyped):
        yield _retyped(both, ledger, number)


def _groups(way: Way) -> list[_Piece]:
    """Return the connected groups of nodes not told yet."""
    rest = set(way.nodes)
    found = []
    for number in way.both.order(way.nodes):
        if number in rest:
            nodes = frozenset(way.here.links.connected(number, within=rest))
            rest -= nodes
            edges = frozenset(
                edge for each in nodes for edge in _edges_at(way.here, each) if edge in way.edges
            )
            found.append(_Piece(nodes, edges, _spanned(way, nodes, edges)))
    return found


def _edges_at(side: Side, number: int) -> Iterator[Edge]:
    yield from ((number, after) for after in side.links.successors[number])
    yield from ((before, number) for before in side.links.predecessors[number])


def _spanned(way: Way, nodes: frozenset[int], edges: frozenset[Edge]) -> frozenset[Edge]:
    """Return the edges of the other version that lead from what feeds the nodes to what they feed."""
    befores = {source for source, _ in edges} & way.there.place.keys()
    afters = {target for _, target in edges} & way.there.place.keys()
    return frozenset(
        (source, target)
        for source in befores
        for target in way.there.links.successors[source]
        if target in afters and (source, target) in way.other_edges
    )


def _edges(way: Way, within: frozenset[int] | None = None) -> list[_Piece]:
    """Return the edges not told yet, each as a piece of its own; those `within` some nodes, where given."""
    edges = [edge for edge in way.edges if within is None or within.issuperset(edge)]
    return [_Piece(frozenset(), frozenset([edge])) for edge in _ordered(way, edges)]


def _ordered(way: Way, edges: Iterable[Edge]) -> list[Edge]:
    return sorted(edges, key=lambda edge: (way.both.key(edge[0]), way.both.key(edge[1])))


def _bridges(way: Way, pieces: Iterable[_Piece]) -> Iterator[Draft]:
    """Tell the pieces that connect `here` what has no connection `there`."""
    apart, together = _components(way.there), _components(way.here)
    spans: dict[int, list[_Piece]] = {}
    for piece in pieces:
        if len({apart[end] for end in piece.ends if end in apart}) > 1:
            spans.setdefault(together[min(piece.ends)], []).append(piece)
    for found in spans.values():
        parts = len({apart[end] for piece in found for end in piece.ends if end in apart})
        yield _told(way, way.word("component-split", "component-joined"), _bridge(way, found, parts), found)


def _bridge(way: Way, pieces: Sequence[_Piece], parts: int) -> str:
    nodes = way.flow(node for piece in pieces for node in piece.nodes)
    edges = [_arrow(way, edge) for piece in pieces if not piece.nodes for edge in piece.edges]
    what = listed([*map(way.here.name, nodes), *edges])
    if way.gain:
        return f"{parts} separate parts are connected now: {what} added"
    return f"One part fell into {parts} without a connection: {what} removed"


def _components(side: Side) -> dict[int, int]:
    """Return for each node the component that it is in, leaving out those with neither an edge nor a step."""
    component: dict[int, int] = {}
    seen: set[int] = set()
    for start in side.place:
        if start not in seen:
            nodes = side.links.connected(start)
            seen |= nodes
            if len(nodes) > 1 or side.facts(start).role in _STEPS:
                component.update(dict.fromkeys(nodes, start))
    return component


def _group(way: Way, piece: _Piece) -> Draft:
    nodes = way.flow(piece.nodes)
    chain = _chain(way, nodes)
    if piece.spanned:
        return _told(way, way.word("bypassed", "inserted-between"), _between(way, chain, piece), [piece])
    if len(nodes) > 1:
        text = f"Branch {way.word('removed', 'added')}{_where(way, piece)}: {chain}"
        return _told(way, way.word("branch-removed", "branch-added"), text, [piece])
    text = f"{chain} {way.word('removed', 'added')}{_where(way, piece)}"
    return _told(way, way.word("node-removed", "node-added"), text, [piece])


def _chain(way: Way, nodes: Sequence[int]) -> str:
    """Return a few nodes, with arrows where they form a chain; of many, how many and the first."""
    linked = all(after in way.here.links.successors[node] for node, after in pairwise(nodes))
    names = [way.here.name(node) for node in nodes]
    if linked and len(nodes) <= _CHAIN:
        return " → ".join(names)
    return listed(names) if len(nodes) <= _CHAIN else f"{pluralize(len(nodes), 'node')}: {listed(names)}"


def _between(way: Way, chain: str, piece: _Piece) -> str:
    word = way.word("bypassed", "inserted")
    sources = way.both.order({source for source, _ in piece.spanned})
    targets = way.both.order({target for _, target in piece.spanned})
    if len(piece.spanned) == 1:
        return f"{chain} {word} between {way.both.name(sources[0])} and {way.both.name(targets[0])}"
    return f"{chain} {word}{_placed(way, sources, targets)}"


def _where(way: Way, piece: _Piece) -> str:
    sources = way.both.order({source for source, _ in piece.edges} - piece.nodes)
    targets = way.both.order({target for _, target in piece.edges} - piece.nodes)
    return _placed(way, sources, targets)


def _placed(way: Way, sources: Sequence[int], targets: Sequence[int]) -> str:
    places = (("after", sources), ("before", targets))
    return ",".join(f" {word} {listed(map(way.both.name, nodes))}" for word, nodes in places if nodes)


def _rewirings(both: Both, ledger: Ledger, backward: bool) -> Iterator[Draft]:
    """Tell the nodes that take from other nodes than before; not `backward`, those that give to others."""
    near, far = (1, 0) if backward else (0, 1)
    lost, won = ways(both, ledger)
    gone, come = _by_end(lost.edges, near), _by_end(won.edges, near)
    for number in both.order(gone.keys() & come.keys()):
        before, after = _ordered(lost, gone[number]), _ordered(won, come[number])
        was, now = (listed(both.name(edge[far]) for edge in edges) for edges in (before, after))
        text = f"{both.name(number)} {'takes from' if backward else 'feeds'} {now} instead of {was}"
        old, new = ([both.old.node(edge[far]).id for edge in before], [both.id(edge[far]) for edge in after])
        live = number in both.old.live | both.new.live
        parts = ledger.take_edges(before, False) + ledger.take_edges(after, True)
        yield Draft("node-rewired", text, (both.id(number),), old, new, parts, live)


def _by_end(edges: Iterable[Edge], end: int) -> dict[int, list[Edge]]:
    found: dict[int, list[Edge]] = {}
    for edge in edges:
        found.setdefault(edge[end], []).append(edge)
    return found


def _bundles(way: Way) -> list[_Piece]:
    """Return the edges not told yet, those to one node together, of the rest those from one node."""
    found = _by_end(way.edges, 1).values()
    alone = [edge for edges in found if len(edges) == 1 for edge in edges]
    together = [edges for edges in found if len(edges) > 1]
    together += _by_end(alone, 0).values()
    pieces = [_Piece(frozenset(), frozenset(edges)) for edges in together]
    return sorted(
        pieces, key=lambda piece: [tuple(map(way.both.key, edge)) for edge in _ordered(way, piece.edges)]
    )


def _bundle(way: Way, piece: _Piece) -> Draft:
    sources, targets = (way.both.order({edge[end] for edge in piece.edges}) for end in (0, 1))
    one = (
        way.word("no longer feeds", "now feeds")
        if len(sources) == 1
        else way.word("no longer feed", "now feed")
    )
    text = f"{listed(map(way.both.name, sources))} {one} {listed(map(way.both.name, targets))}"
    return _told(way, way.word("edge-removed", "edge-added"), text, [piece])


def _told(way: Way, rule: str, text: str, pieces: Sequence[_Piece]) -> Draft:
    """Take the pieces out of the ledger and return the change that tells them."""
    nodes = way.flow(node for piece in pieces for node in piece.nodes)
    loose = _ordered(way, (edge for piece in pieces if not piece.nodes for edge in piece.edges))
    parts = way.ledger.take_nodes(nodes, way.gain) + way.ledger.take_edges(loose, way.gain)
    for piece in pieces:
        parts += way.ledger.take_edges(piece.spanned, not way.gain)
    live = not way.here.live.isdisjoint([*nodes, *(target for _, target in loose)])
    here = [way.here.node(n).type for n in nodes] + [
        [way.here.node(end).id for end in edge] for edge in loose
    ]
    ends = [end for edge in loose for end in edge]
    return way.draft(
        rule, text, dict.fromkeys([*nodes, *ends]), here[0] if len(here) == 1 else here, parts, live
    )


def _arrow(way: Way, edge: Edge) -> str:
    return f"{way.both.name(edge[0])} → {way.both.name(edge[1])}"


def _retyped(both: Both, ledger: Ledger, number: int) -> Draft:
    before, after = both.old.node(number), both.new.node(number)
    where = f" in {both.new.name(number)}" if has_own_label(after) else ""
    kinds = both.kinds(number)
    if not (has_own_label(before) or where):
        kinds = both.old.name(number), both.new.name(number)
    models = both.old.facts(number).role == both.new.facts(number).role == "generate"
    text = f"{'Model swapped' if models else 'Type changed'}{where}: {' → '.join(kinds)}"
    if before.id != after.id and number in both.new.deliverables:
        text += ", the deliverable has a new id"
    live = number in both.old.live or number in both.new.live
    parts = ledger.take_type(number)[1:]
    return Draft("node-retyped", text, (after.id,), before.type, after.type, parts, live)
