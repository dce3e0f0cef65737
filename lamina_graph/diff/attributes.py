"""Detects what changed on nodes and edges that stay: wires, labels, ids, looks on the canvas."""

from collections import Counter
from collections.abc import Iterator

from lamina_graph.diff.alignment import Alignment, Edge
from lamina_graph.diff.canvas_fields import PORTS
from lamina_graph.diff.detection import UnratedChange
from lamina_graph.diff.edits import PendingEdits
from lamina_graph.diff.fields import (
    Everywhere,
    Wires,
    compare_fields,
    label_places,
    layout_of,
    settings_of,
)
from lamina_graph.diff.lookalikes import explain_likeness
from lamina_graph.diff.node_names import list_some, shorten
from lamina_graph.text import pluralize


def detect_attributes(alignment: Alignment, pending: PendingEdits) -> Iterator[UnratedChange]:
    """Yield wires, labels, ids and looks that changed on what stays."""
    for ends in alignment.sort_edges(pending.fields.wires):
        yield _report_wires(alignment, ends, pending.fields.wires[ends])
    yield from _detect_fields_everywhere(pending.fields.lost, pending.fields.gained)
    yield from _detect_labels(alignment, pending)
    yield from _detect_ids(alignment, pending)
    yield from _detect_layout(alignment, pending)
    yield from _detect_app_fields(alignment)


def _report_wires(alignment: Alignment, ends: Edge, wires: Wires) -> UnratedChange:
    """Return the change that there are more wires, or fewer, between two nodes linked in both versions."""
    source, target = map(alignment.name, ends)
    word, changed = ("added", wires.added) if wires.added else ("removed", wires.removed)
    ports = [[shorten(str((wire.model_extra or {}).get(name) or "")) for name in PORTS] for wire in changed]
    parts = [f"wire {word}: {a or 'any'} → {b or 'any'}" for a, b in ports if a or b]
    count = pluralize(len(changed), "wire")
    if len(changed) == 1:
        count = "Wire"
        source, target = (
            f"{name} ({port})" if port else name
            for name, port in zip((source, target), ports[0], strict=True)
        )
    before, after = (
        [settings_of(wire) for wire in (*(pair[side] for pair in wires.kept), *more)]
        for side, more in enumerate((wires.removed, wires.added))
    )
    text = f"{count} {word} from {source} to {target}: {len(after)} instead of {len(before)}"
    live = alignment.is_live(ends[1])
    return UnratedChange(f"edge-{word}", text, alignment.ids(ends), before, after, parts, live)


def _detect_fields_everywhere(lost: Everywhere, gained: Everywhere) -> Iterator[UnratedChange]:
    """Yield the fields of every node or edge in one version alone: they say nothing of this workflow."""
    if any(lost):
        text = _describe_fields(lost, "No node has {} any more", "no edge has {} any more")
        yield UnratedChange("fields-lost", text, before=lost.names)
    if any(gained):
        text = _describe_fields(gained, "Every node now has {}", "every edge now has {}")
        yield UnratedChange("fields-gained", text, after=gained.names)


def _describe_fields(fields: Everywhere, of_nodes: str, of_edges: str) -> str:
    rows = ((of_nodes, fields.nodes), (of_edges, fields.edges))
    text = ", ".join(form.format(list_some(map(shorten, sorted(names)))) for form, names in rows if names)
    return text[0].upper() + text[1:]


def _detect_labels(alignment: Alignment, pending: PendingEdits) -> Iterator[UnratedChange]:
    for number in alignment.sort(pending.relabelled):
        before, after = alignment.old.node(number), alignment.new.node(number)
        text = f"Label changed: {alignment.old.title(number)} → {alignment.new.title(number)}"
        text += explain_likeness(before.title, after.title)
        if before.title == after.title:
            word = "given" if after.label else "left out"
            text = f"Label of {alignment.name(number)} {word}: the same as its type"
        yield UnratedChange("node-relabelled", text, (after.id,), before.label, after.label)
    places = {
        number: (label_places(alignment.old.node(number)), label_places(alignment.new.node(number)))
        for number in pending.fields.unlike
    }
    for number in alignment.sort(n for n, (old, new) in places.items() if old and new and old != new):
        old, new = places[number]
        text = f"The label of {alignment.name(number)} stands in {new} now"
        yield UnratedChange("node-relabelled", text, (alignment.id(number),), old, new)


def _detect_ids(alignment: Alignment, pending: PendingEdits) -> Iterator[UnratedChange]:
    """Yield new ids: each by itself, or all in one where no node kept its id."""
    numbers = alignment.sort(pending.reidentified)
    pairs = [(alignment.old.node(number).id, alignment.new.node(number).id) for number in numbers]
    kept_any = any(alignment.old.node(n).id == alignment.new.node(n).id for n in alignment.matched)
    if len(numbers) > 1 and not kept_any:
        before, after = map(list, zip(*pairs, strict=True))
        text = f"{pluralize(len(numbers), 'node')} have new ids and none kept its own: a copy or an import"
        yield UnratedChange("node-reidentified", text, tuple(after), before, after)
        return
    for number, (old, new) in zip(numbers, pairs, strict=True):
        day = alignment.recreated_on(number)
        rule, text = "node-reidentified", f"{alignment.name(number)} has a new id"
        if day:
            rule, text = (
                "node-recreated",
                f"{alignment.name(number)} was re-created in the same place on {day}",
            )
        yield UnratedChange(rule, text, (new,), old, new)


def _detect_layout(alignment: Alignment, pending: PendingEdits) -> Iterator[UnratedChange]:
    moved, redrawn = alignment.sort(pending.fields.moved), pending.fields.redrawn
    edges = pluralize(len(redrawn), "edge")
    if moved:
        more = f" and {edges}" if redrawn else ""
        text = (
            f"{pluralize(len(moved), 'node')}{more} moved or restyled on the canvas{_count_hidden(alignment)}"
        )
        yield UnratedChange("layout-changed", text, alignment.ids(moved))
    elif redrawn:
        targets = alignment.sort({target for _, target in redrawn})
        yield UnratedChange(
            "layout-changed", f"{edges} drawn otherwise on the canvas", alignment.ids(targets)
        )
    elif compare_fields(*(layout_of(side.graph.workflow) for side in (alignment.old, alignment.new))).names:
        yield UnratedChange("layout-changed", "The view of the canvas was moved")


def _count_hidden(alignment: Alignment) -> str:
    """Say how many of the nodes that stay are hidden now, and how many are shown again."""
    counts: Counter[str] = Counter()
    for number in alignment.matched:
        before, after = (
            bool((side.node(number).model_extra or {}).get("hidden"))
            for side in (alignment.old, alignment.new)
        )
        if before != after:
            counts["hidden" if after else "shown again"] += 1
    return "".join(f", {count} {word}" for word, count in sorted(counts.items()))


def _detect_app_fields(alignment: Alignment) -> Iterator[UnratedChange]:
    old, new = alignment.old.graph.workflow, alignment.new.graph.workflow
    if old.name != new.name:
        text = f"App renamed: {shorten(old.name or 'no name')} → {shorten(new.name or 'no name')}"
        text += explain_likeness(old.name or "", new.name or "")
        yield UnratedChange("app-renamed", text, (), old.name, new.name)
    if old.app_id != new.app_id:
        text = f"The app has another id: {shorten(old.app_id or 'none')} → {shorten(new.app_id or 'none')}"
        text += explain_likeness(old.app_id or "", new.app_id or "")
        yield UnratedChange("app-reidentified", text, (), old.app_id, new.app_id)
    changed = compare_fields(settings_of(old), settings_of(new))
    if changed.names:
        text = f"Settings of the app changed: {list_some(map(shorten, changed.names))}"
        yield UnratedChange("app-settings-changed", text, (), *changed, changed.phrases)
