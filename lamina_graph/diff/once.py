"""What the graph and the input contract both tell, told once: a deliverable is gone, and so is its output.

That two changes are one thing is proved, or they stay two. They are one where the contract names the node by
its id; else where both go by one name; else where both are the only ones of one medium and the contract has
an entry for each node, before and after. A proof that fits several proves nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lamina_graph.diff.both import Both, Side
from lamina_graph.diff.draft import Draft
from lamina_graph.diff.words import bare, known_as
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
"""Which rule of the graph may tell the same thing as one of the contract."""


@dataclass(frozen=True, slots=True, eq=False)
class _Telling:
    """A change with the rule of the graph that it falls under, and by what its subject may be known."""

    draft: Draft
    rule: str
    ids: frozenset[str]
    names: frozenset[str]
    media: frozenset[str]


def once(
    graph: Sequence[Draft], contract: Sequence[Draft], both: Both, old: App | None, new: App | None
) -> Iterator[Draft]:
    """Yield the changes, two that are one thing as one: the contract's, with the graph's behind it.

    Args:
        graph: the changes of the graph.
        contract: the changes of the input contract.
        both: the two versions.
        old: the app's detail before.
        new: the detail after.
    """
    behind: dict[int, Draft] = {}
    entries = [_of_contract(draft) for draft in contract if draft.rule in SAME]
    nodes = [_of_graph(draft, both) for draft in graph if entries and draft.rule in SAME.values()]
    whole = _whole(both, old, new)
    for proof in _PROOFS if nodes else ():
        for entry, node in list(_pairs(entries, nodes, proof, whole)):
            behind[id(entry.draft)] = node.draft
            entries.remove(entry)
            nodes.remove(node)
    told = set(map(id, behind.values()))
    yield from (draft for draft in graph if id(draft) not in told)
    yield from (replace(draft, behind=behind.get(id(draft))) for draft in contract)


# Proofs


def _whole(both: Both, old: App | None, new: App | None) -> frozenset[str]:
    """Return of what the contract has an entry for each node, before and after: inputs, deliverables."""
    sides = [(side, app) for side, app in ((both.old, old), (both.new, new)) if app]
    counts = {
        "input": [(len(side.inputs), len(app.parameters)) for side, app in sides],
        "deliverable": [(len(side.deliverables), len(app.outputs)) for side, app in sides],
    }
    return frozenset(what for what, found in counts.items() if all(a == b for a, b in found))


_Proof = Callable[[_Telling, frozenset[str]], Iterable[str]]

_PROOFS: tuple[_Proof, ...] = (
    lambda telling, whole: telling.ids,
    lambda telling, whole: telling.names,
    lambda telling, whole: telling.media if telling.rule.partition("-")[0] in whole else (),
)
"""What a change of the contract and one of the graph must have in common to be one, the surest first."""


def _pairs(
    entries: Sequence[_Telling], nodes: Sequence[_Telling], proof: _Proof, whole: frozenset[str]
) -> Iterator[tuple[_Telling, _Telling]]:
    """Yield those that have something in common with each other and nothing with anybody else."""
    here, there = (
        {each: [(each.rule, key) for key in proof(each, whole)] for each in side} for side in (entries, nodes)
    )
    of_entries, of_nodes = _by_key(here), _by_key(there)
    for entry, keys in here.items():
        found = {node for key in keys for node in of_nodes.get(key, ())}
        if len(found) == 1:
            (node,) = found
            if {each for key in there[node] for each in of_entries.get(key, ())} == {entry}:
                yield entry, node


def _by_key(keys: Mapping[_Telling, Iterable[tuple[str, str]]]) -> dict[tuple[str, str], list[_Telling]]:
    """Return who has each key; two at most, since two prove nothing already."""
    found: dict[tuple[str, str], list[_Telling]] = {}
    for each, of_it in keys.items():
        for key in of_it:
            if len(of_key := found.setdefault(key, [])) < 2:
                of_key.append(each)
    return found


# By what a subject is known


def _of_contract(draft: Draft) -> _Telling:
    """Of an entry that came or went its fields tell, of another what it is called."""
    fields = next((side for side in (draft.before, draft.after) if isinstance(side, Mapping)), {})
    names = [fields[key] for key in ("label", "key", "name") if fields.get(key)] or [draft.subject or ""]
    return _Telling(
        draft,
        SAME[draft.rule],
        frozenset(fields[key] for key in ("id", "nodeId") if isinstance(fields.get(key), str)),
        _renaming(draft) or frozenset(map(bare, names)),
        frozenset(_media(fields)),
    )


def _media(fields: Mapping[str, Any]) -> Iterable[str]:
    """The media of an entry; to what a URL leads only its `accept` says."""
    type_ = fields.get("type")
    return fields.get("accept") or {"options": ["text"], "url": [], None: []}.get(type_, [str(type_)])


def _of_graph(draft: Draft, both: Both) -> _Telling:
    found = list(_places(draft, both))
    return _Telling(
        draft,
        draft.rule,
        frozenset(side.node(number).id for side, number in found),
        _renaming(draft) or frozenset(name for side, number in found for name in _called(side, number)),
        frozenset(medium for side, number in found for medium in side.modalities(number)),
    )


def _renaming(draft: Draft) -> frozenset[str]:
    """What is known of a renaming: both names at once."""
    names = (bare(str(side or "")) for side in (draft.before, draft.after))
    return frozenset([" ".join(names)] if draft.rule.endswith("-renamed") else ())


def _called(side: Side, number: int) -> Iterable[str]:
    return known_as(side.node(number), side.version.vocabulary)


def _places(draft: Draft, both: Both) -> Iterator[tuple[Side, int]]:
    """Yield the node that a change is about, and the output nodes that it leaves through, on each side."""
    number = _number(draft, both)
    for side in (both.old, both.new):
        if number in side.place:
            yield side, number
            yield from ((side, after) for after in side.links.successors[number] if after in side.exits)


def _number(draft: Draft, both: Both) -> int:
    """Return the number of the node that a change names first: by its old id where it went, else its new."""
    sides = (both.old, both.new) if draft.rule.endswith("-removed") else (both.new, both.old)
    side = next(each for each in sides if draft.nodes[0] in each.version.plain.index)
    return side.numbers[side.version.plain.index[draft.nodes[0]]]
