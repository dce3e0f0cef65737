"""Detects changes of the inputs and deliverables, as the graph itself shows them."""

from collections.abc import Iterable, Iterator

from lamina_graph.diff.alignment import AlignedVersion, Alignment
from lamina_graph.diff.detection import DiffView, UnratedChange, diff_views
from lamina_graph.diff.edits import PendingEdits
from lamina_graph.diff.lookalikes import explain_likeness
from lamina_graph.diff.node_names import has_own_label, list_some
from lamina_graph.diff.pairing import DeliverablePair, pair_deliverables
from lamina_graph.text import pluralize

_SOURCE_ROLES = ("input", "generate")


def detect_inputs(alignment: Alignment, pending: PendingEdits) -> Iterator[UnratedChange]:
    """Yield the inputs that were removed, added, or are not what they were."""
    for view in diff_views(alignment, pending):
        for number in alignment.sort(view.present.inputs - view.absent.inputs):
            name = view.present.name(number)
            parts = view.claim_nodes([number]) or pending.claim_type(number)
            text = f"Input {view.word('removed', 'added')}: {name}"
            if number in alignment.matched:
                text = f"{name} is {view.word('no longer an input', 'an input now')}"
            rule = view.word("input-removed", "input-added")
            yield view.change(rule, text + _describe_medium(view.present, number), [number], name, parts)
    for number in alignment.sort(alignment.old.inputs & alignment.new.inputs):
        yield from _detect_modality_change(alignment, pending, DeliverablePair(number, number), "input")
        yield from _detect_renaming(alignment, pending, number, "input")


def detect_reach(alignment: Alignment, pending: PendingEdits) -> Iterator[UnratedChange]:
    """Yield the deliverables that stay and that an input or generation leads to in one version alone."""
    for view in diff_views(alignment, pending):
        present, absent = view.present, view.absent
        begins = {
            n for n in present.positions if present.facts(n).role in _SOURCE_ROLES
        } & absent.positions.keys()
        reached = _walk_from(present, begins)
        reached -= _walk_from(absent, {n for n in absent.positions if absent.facts(n).role in _SOURCE_ROLES})
        unseen = set(absent.positions)
        for number in alignment.sort(reached & present.deliverables.keys() & absent.deliverables.keys()):
            cut_off = absent.upstream([number], within=unseen)
            unseen -= cut_off
            edges = [
                (n, end) for end in cut_off & present.positions.keys() for n in present.predecessors[end]
            ]
            nodes = view.in_flow({n for n, _ in edges} & view.nodes)
            parts = view.claim_nodes(nodes) + view.claim_edges(edges)
            name = alignment.name(number)
            text = f"Deliverable {name} is {view.word('no longer reached', 'reached now')}"
            rule = view.word("deliverable-unreached", "deliverable-reached")
            yield view.change(rule, text, [number, *nodes], name, parts)


def _walk_from(version: AlignedVersion, starts: Iterable[int]) -> set[int]:
    """Return all that some nodes lead to by an edge or more."""
    return version.downstream(after for number in starts for after in version.successors[number])


def detect_outputs(alignment: Alignment, pending: PendingEdits) -> Iterator[UnratedChange]:
    """Yield the output nodes that a deliverable which stays leaves through in one version alone.

    Each is a deliverable to callers, who know it by its label. Where the last one goes, the node itself is
    the end, and so the deliverable is called by another name.
    """
    old, new = alignment.old, alignment.new
    for number in alignment.sort(old.deliverables.keys() & new.deliverables.keys()):
        removed = alignment.sort(old.ends(number) - new.exits)
        added = alignment.sort(new.ends(number) - old.exits)
        renamed = _pair_by_title(alignment, removed, added)
        removed = [end for end in removed if end not in dict(renamed)]
        added = [end for end in added if end not in dict(renamed).values()]
        if removed and not new.ends(number):
            renamed.append((removed.pop(0), number))
        if added and not old.ends(number):
            renamed.append((number, added.pop(0)))
        for before, after in renamed:
            yield from _rename_end(alignment, pending, before, after)
        for view, ends in zip(diff_views(alignment, pending), (removed, added), strict=True):
            for end in ends:
                parts = view.claim_nodes([end]) + view.claim_edges([(number, end)])
                yield _report_deliverable(view, end, parts, [end], medium=number)


def _pair_by_title(alignment: Alignment, removed: list[int], added: list[int]) -> list[tuple[int, int]]:
    """Return removed output nodes each with an added one: those of one title, then the rest in order."""
    pairs: list[tuple[int, int]] = []
    for same_title in (True, False):
        for before in removed:
            for after in added:
                known = before in dict(pairs) or after in dict(pairs).values()
                same = alignment.old.node(before).title == alignment.new.node(after).title
                if not known and (same or not same_title):
                    pairs.append((before, after))
    return pairs


def _rename_end(alignment: Alignment, pending: PendingEdits, old: int, new: int) -> Iterator[UnratedChange]:
    before, after = alignment.old.node(old), alignment.new.node(new)
    if before.title != after.title and (has_own_label(before) or has_own_label(after)):
        parts = pending.claim_nodes([old], added=False) + pending.claim_nodes([new], added=True)
        text = f"Deliverable renamed: {alignment.old.name(old)} → {alignment.new.name(new)}"
        text += explain_likeness(before.title, after.title)
        ids = alignment.ids([new, old])
        yield UnratedChange("deliverable-renamed", text, ids, before.label, after.label, parts)


def detect_deliverables(alignment: Alignment, pending: PendingEdits) -> Iterator[UnratedChange]:
    """Yield the deliverables that were removed, added, or are not what they were."""
    pairs = pair_deliverables(alignment)
    same = [pair.new for pair in pairs if pair.old == pair.new]
    for pair in pairs:
        yield from _detect_modality_change(alignment, pending, pair, "deliverable")
        yield from _detect_replacement(alignment, pending, pair)
    exits = alignment.old.exits & alignment.new.exits
    retyped = exits & pending.retyped
    for pair in pairs:
        if _differ(alignment, pair):  # what is reported of the deliverable is said of its output nodes too
            retyped -= {*alignment.old.successors[pair.old], *alignment.new.successors[pair.new]}
    for number in alignment.sort(retyped):
        yield from _detect_modality_change(alignment, pending, DeliverablePair(number, number), "deliverable")
    for number in alignment.sort({*same, *exits}):
        yield from _detect_renaming(alignment, pending, number, "deliverable")
    for number in same:
        yield from _detect_new_id(alignment, pending, number)
    for view in diff_views(alignment, pending):
        paired = {pair.new if view.added else pair.old for pair in pairs}
        for number in alignment.sort(view.present.deliverables.keys() - paired):
            before = view.present.upstream([number], within=view.nodes)
            nodes = before | _exclusive_exits(view, number)
            parts = view.claim_nodes(nodes)
            replaced = [(number, after) for after in view.absent.successors[number]]
            parts += pending.claim_edges(replaced, not view.added)
            more = f", with {pluralize(len(before) - 1, 'node')} before it" if len(before) > 1 else ""
            numbers = [number, *view.in_flow(nodes - {number})]
            yield _report_deliverable(view, number, parts, numbers, medium=number, more=more)


def _report_deliverable(
    view: DiffView, number: int, parts: list[str], numbers: list[int], medium: int, more: str = ""
) -> UnratedChange:
    """Return the change that a node is a deliverable in one version alone; `medium` gives it."""
    name = view.present.name(number)
    text = f"Deliverable {view.word('removed', 'added')}: {name}"
    if number in view.alignment.matched:
        text = f"{name} is {view.word('no longer a deliverable', 'a deliverable now')}"
    rule = view.word("deliverable-removed", "deliverable-added")
    return view.change(rule, text + _describe_medium(view.present, medium) + more, numbers, name, parts)


def _exclusive_exits(view: DiffView, number: int) -> set[int]:
    """Return the output nodes that only this deliverable feeds."""
    return {
        exit_
        for exit_ in view.nodes.intersection(view.present.successors[number])
        if view.present.predecessors[exit_] == [number]
    }


def _detect_modality_change(
    alignment: Alignment, pending: PendingEdits, pair: DeliverablePair, what: str
) -> Iterator[UnratedChange]:
    if not _differ(alignment, pair):
        return
    before, after = alignment.old.modalities(pair.old), alignment.new.modalities(pair.new)
    name, was, now = alignment.new.name(pair.new), list_some(before), list_some(after)
    text = f"{what.capitalize()} {name} is {now}, was {was}"
    if pair.old != pair.new:
        text = f"{what.capitalize()} {alignment.old.name(pair.old)} ({was}) is now {name} ({now})"
    ids, parts = _claim_pair(alignment, pending, pair)
    yield UnratedChange(f"{what}-modality-changed", text, ids, sorted(before), sorted(after), parts)


def _differ(alignment: Alignment, pair: DeliverablePair) -> bool:
    """Whether what a pair gives is known to be of different modalities."""
    before, after = alignment.old.modalities(pair.old), alignment.new.modalities(pair.new)
    return bool(before and after and set(before) != set(after))


def _detect_replacement(
    alignment: Alignment, pending: PendingEdits, pair: DeliverablePair
) -> Iterator[UnratedChange]:
    """Yield that another node gives a deliverable; where its output node stays, the edits at that say so."""
    if pair.old == pair.new or pair.exit is not None or _differ(alignment, pair):
        return
    before, after = alignment.old.name(pair.old), alignment.new.name(pair.new)
    named = has_own_label(alignment.old.node(pair.old)) or has_own_label(alignment.new.node(pair.new))
    rule = "deliverable-renamed" if named and before != after else "deliverable-replaced"
    ids, parts = _claim_pair(alignment, pending, pair)
    yield UnratedChange(rule, f"Deliverable {before} now comes from {after}", ids, before, after, parts)


def _claim_pair(
    alignment: Alignment, pending: PendingEdits, pair: DeliverablePair
) -> tuple[tuple[str, ...], list[str]]:
    """Claim the edits that made one node of the other; return the ids that they are about, and phrases."""
    if pair.old == pair.new:
        return (alignment.id(pair.new),), pending.claim_type(pair.new)
    numbers, parts = [pair.new], []
    for view, number in zip(diff_views(alignment, pending), (pair.old, pair.new), strict=True):
        group = view.in_flow(view.present.upstream([number], within=view.nodes))
        parts += view.claim_nodes(group)
        numbers += group
    return alignment.ids(numbers), parts


def _detect_renaming(
    alignment: Alignment, pending: PendingEdits, number: int, what: str
) -> Iterator[UnratedChange]:
    before, after = alignment.old.node(number), alignment.new.node(number)
    named = (has_own_label(before) or has_own_label(after)) and alignment.names_are_labels
    if number in pending.relabelled and named:
        pending.relabelled.discard(number)
        text = f"{what.capitalize()} renamed: {alignment.old.title(number)} → {alignment.new.title(number)}"
        text += explain_likeness(before.title, after.title)
        yield UnratedChange(f"{what}-renamed", text, (after.id,), before.label, after.label)


def _detect_new_id(alignment: Alignment, pending: PendingEdits, number: int) -> Iterator[UnratedChange]:
    if number in pending.reidentified and number not in pending.retyped:
        pending.reidentified.discard(number)
        before, after = alignment.old.node(number).id, alignment.new.node(number).id
        day = alignment.recreated_on(number)
        text = f"Deliverable {alignment.name(number)} has a new id{f', re-created on {day}' if day else ''}"
        yield UnratedChange("deliverable-reidentified", text, (after,), before, after)


def detect_connections(alignment: Alignment, pending: PendingEdits) -> Iterator[UnratedChange]:
    """Yield the inputs that stay and lead to a deliverable in one version alone."""
    for view in diff_views(alignment, pending):
        present, absent = view.present, view.absent
        unseen = set(absent.positions)
        for number in alignment.sort(present.inputs & absent.inputs & (present.live - absent.live)):
            behind = absent.downstream([number], within=unseen)
            unseen -= behind
            edges = {(s, t) for s, t in view.edges if s in behind and t in present.live}
            if edges:
                name = alignment.name(number)
                leads = view.word("no longer leads to a deliverable", "leads to a deliverable now")
                rule = view.word("input-disconnected", "input-connected")
                yield view.change(rule, f"Input {name} {leads}", [number], name, view.claim_edges(edges))


def _describe_medium(version: AlignedVersion, number: int) -> str:
    modalities = version.modalities(number)
    return f" ({list_some(modalities)})" if modalities else ""
