"""Merges what the graph and the input contract both show: a deliverable is removed, and so is its output.

That two changes are one thing is proved, or they stay two. They are one where the contract names the node by
its id; else where both go by one name; else where both are the only ones of one medium and the contract has
an entry for each node, before and after. A key that several have in common proves nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from lamina_graph.diff.alignment import AlignedVersion, Alignment
from lamina_graph.diff.detection import UnratedChange
from lamina_graph.diff.node_names import node_aliases, normalize
from lamina_graph.model import App

SAME = {
    "output-removed": "deliverable-removed",
    "output-added": "deliverable-added",
    "output-renamed": "deliverable-renamed",
    "output-type-changed": "deliverable-modality-changed",
    "parameter-removed": "input-removed",
    "required-parameter-removed": "input-removed",
    "parameter-added": "input-added",
    "required-parameter-added": "input-added",
    "parameter-renamed": "input-renamed",
    "parameter-type-changed": "input-modality-changed",
}
"""Which rule of the graph may report the same thing as one of the contract."""


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """A change with the rule of the graph that it falls under.

    Attributes:
        keys: by what its subject may be known: ids, names, media; the surest first.
    """

    change: UnratedChange
    rule: str
    keys: tuple[frozenset[str], frozenset[str], frozenset[str]]


def merge_duplicates(
    graph: Sequence[UnratedChange],
    contract: Sequence[UnratedChange],
    alignment: Alignment,
    old: App | None,
    new: App | None,
) -> Iterator[UnratedChange]:
    """Yield the changes, two that are one thing as one: the contract's, with the graph's as its duplicate.

    Args:
        graph: the changes of the graph.
        contract: the changes of the input contract.
        alignment: the two versions.
        old: the app's detail before.
        new: the detail after.
    """
    entries = [_from_contract(change) for change in contract if change.rule in SAME]
    nodes = [_from_graph(change, alignment) for change in graph if entries and change.rule in SAME.values()]
    complete = _find_complete(alignment, old, new)
    duplicates: dict[int, UnratedChange] = {}
    for kind in range(3) if nodes else ():
        for entry, node in list(_link_unique(entries, nodes, kind, complete)):
            duplicates[id(entry.change)] = node.change
            entries.remove(entry)
            nodes.remove(node)
    merged = set(map(id, duplicates.values()))
    yield from (change for change in graph if id(change) not in merged)
    yield from (replace(change, duplicate=duplicates.get(id(change))) for change in contract)


def _find_complete(alignment: Alignment, old: App | None, new: App | None) -> frozenset[str]:
    """Return of what the contract has an entry for each node, before and after: inputs, deliverables."""
    sides = [(side, app) for side, app in ((alignment.old, old), (alignment.new, new)) if app]
    counts = {
        "input": [(len(side.inputs), len(app.parameters)) for side, app in sides],
        "deliverable": [(len(side.deliverables), len(app.outputs)) for side, app in sides],
    }
    return frozenset(what for what, pairs in counts.items() if all(a == b for a, b in pairs))


def _link_unique(
    entries: Sequence[_Candidate], nodes: Sequence[_Candidate], kind: int, complete: frozenset[str]
) -> Iterator[tuple[_Candidate, _Candidate]]:
    """Yield those that have a key in common with each other and none with anybody else."""
    keys = {
        each: [(each.rule, key) for key in each.keys[kind]]
        if kind < 2 or each.rule.partition("-")[0] in complete
        else []
        for each in chain(entries, nodes)
    }
    entries_by_key, nodes_by_key = (_group_by_key(side, keys) for side in (entries, nodes))
    for entry in entries:
        same = {node for key in keys[entry] for node in nodes_by_key.get(key, ())}
        if len(same) == 1:
            (node,) = same
            if {each for key in keys[node] for each in entries_by_key.get(key, ())} == {entry}:
                yield entry, node


def _group_by_key(
    candidates: Iterable[_Candidate], keys: Mapping[_Candidate, Iterable[tuple[str, str]]]
) -> dict[tuple[str, str], list[_Candidate]]:
    """Return who has each key; two at most, since two prove nothing already."""
    having: dict[tuple[str, str], list[_Candidate]] = {}
    for each in candidates:
        for key in keys[each]:
            if len(of_key := having.setdefault(key, [])) < 2:
                of_key.append(each)
    return having


def _from_contract(change: UnratedChange) -> _Candidate:
    """Return a change of the contract: an added or removed entry goes by its fields, another by its name."""
    fields = next((side for side in (change.before, change.after) if isinstance(side, Mapping)), {})
    ids = frozenset(fields[key] for key in ("id", "nodeId") if isinstance(fields.get(key), str))
    names = [fields[key] for key in ("label", "key", "name") if fields.get(key)] or [change.subject or ""]
    names_known = _renaming_key(change) or frozenset(map(normalize, names))
    return _Candidate(change, SAME[change.rule], (ids, names_known, frozenset(_list_media(fields))))


def _list_media(fields: Mapping[str, Any]) -> Iterable[str]:
    """Return the media of an entry; to what a URL leads only its `accept` says."""
    type_ = fields.get("type")
    return fields.get("accept") or {"options": ["text"], "url": [], None: []}.get(type_, [str(type_)])


def _from_graph(change: UnratedChange, alignment: Alignment) -> _Candidate:
    rows = list(_find_nodes(change, alignment))
    ids = frozenset(side.node(number).id for side, number in rows)
    names = frozenset(
        name for side, number in rows for name in node_aliases(side.node(number), side.graph.vocabulary)
    )
    media = frozenset(medium for side, number in rows for medium in side.modalities(number))
    return _Candidate(change, change.rule, (ids, _renaming_key(change) or names, media))


def _renaming_key(change: UnratedChange) -> frozenset[str]:
    """Return by what a renaming is known: both names at once."""
    names = (normalize(str(side or "")) for side in (change.before, change.after))
    return frozenset([" ".join(names)] if change.rule.endswith("-renamed") else ())


def _find_nodes(change: UnratedChange, alignment: Alignment) -> Iterator[tuple[AlignedVersion, int]]:
    """Yield the node that a change names first, and the output nodes that it leaves through, on each side."""
    versions = [alignment.new, alignment.old]
    if change.rule.endswith("-removed"):
        versions.reverse()
    named = next(version for version in versions if change.nodes[0] in version.graph.adj.index)
    number = named.number(change.nodes[0])
    for side in (alignment.old, alignment.new):
        if number in side.positions:
            yield side, number
            yield from ((side, after) for after in side.successors[number] if after in side.exits)
