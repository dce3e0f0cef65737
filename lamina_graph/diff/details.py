"""Tellers of what nodes carry: labels, ids, settings, their looks on the canvas."""

from collections import Counter
from collections.abc import Iterator

from lamina_graph.diff.both import Both, Edge
from lamina_graph.diff.draft import Draft
from lamina_graph.diff.fields import (
    PORTS,
    Everywhere,
    Wires,
    differences,
    label_places,
    layout_of,
    settings_of,
)
from lamina_graph.diff.ledger import Ledger
from lamina_graph.diff.words import line, listed
from lamina_graph.model import Node
from lamina_graph.text import pluralize


def details(both: Both, ledger: Ledger) -> Iterator[Draft]:
    """Tell wires, settings, labels, ids and looks that changed on what stays."""
    for teller in (_wires, _settings, _everywhere, _labels, _ids, _looks, _app):
        yield from teller(both, ledger)


def _wires(both: Both, ledger: Ledger) -> Iterator[Draft]:
    """Tell the wires that came or went between nodes that are linked in both versions."""
    for ends in sorted(ledger.fields.wires, key=lambda ends: tuple(map(both.key, ends))):
        yield _wire(both, ends, ledger.fields.wires[ends])


def _wire(both: Both, ends: Edge, wires: Wires) -> Draft:
    source, target = map(both.name, ends)
    rule, word, changed = (
        ("edge-added", "added", wires.added) if wires.added else ("edge-removed", "removed", wires.removed)
    )
    before, after = (
        [settings_of(pair[side]) for pair in wires.kept] + list(map(settings_of, more))
        for side, more in ((0, wires.removed), (1, wires.added))
    )
    ports = [[str((wire.model_extra or {}).get(name) or "") for name in PORTS] for wire in changed]
    parts = [f"wire {word}: {line(a) or 'any'} → {line(b) or 'any'}" for a, b in ports if a or b]
    if len(changed) == 1:
        source, target = (
            f"{name} ({line(port)})" if port else name
            for name, port in zip((source, target), ports[0], strict=True)
        )
    number = "Wire" if len(changed) == 1 else pluralize(len(changed), "wire")
    text = f"{number} {word} from {source} to {target}: {len(after)} instead of {len(before)}"
    live = ends[1] in both.old.live or ends[1] in both.new.live
    return Draft(rule, text, tuple(map(both.id, dict.fromkeys(ends))), before, after, parts, live)


def _settings(both: Both, ledger: Ledger) -> Iterator[Draft]:
    for number in both.order(ledger.settings):
        changed = ledger.settings[number]
        text = f"Settings of {both.name(number)} changed: {listed(map(line, changed.names))}"
        live = number in both.old.live or number in both.new.live
        yield Draft(
            "node-settings-changed",
            text,
            (both.id(number),),
            changed.before,
            changed.after,
            changed.phrases,
            live,
        )


def _everywhere(both: Both, ledger: Ledger) -> Iterator[Draft]:
    """Tell the fields that came or went on every node or edge: they say nothing of this workflow."""
    lost, gained = ledger.fields.lost, ledger.fields.gained
    if any(lost):
        text = _sentence(lost, "No node has {} any more", "no edge has {} any more")
        yield Draft("fields-lost", text, (), _names(lost), None)
    if any(gained):
        text = _sentence(gained, "Every node now has {}", "every edge now has {}")
        yield Draft("fields-gained", text, (), None, _names(gained))


def _sentence(fields: Everywhere, of_nodes: str, of_edges: str) -> str:
    pairs = ((of_nodes, fields.nodes), (of_edges, fields.edges))
    text = ", ".join(said.format(listed(map(line, sorted(names)))) for said, names in pairs if names)
    return text[0].upper() + text[1:]


def _names(fields: Everywhere) -> dict[str, list[str]]:
    return {"nodes": sorted(fields.nodes), "edges": sorted(fields.edges)}


def _labels(both: Both, ledger: Ledger) -> Iterator[Draft]:
    for number in both.order(ledger.relabelled):
        before, after = both.old.node(number), both.new.node(number)
        text = f"Label changed: {both.old.title(number)} → {both.new.title(number)}"
        if before.title == after.title:
            text = (
                f"Label of {both.name(number)} {'given' if after.label else 'left out'}: the same as its type"
            )
        yield Draft("node-relabelled", text, (after.id,), before.label, after.label)
    for number in both.order(both.kept):
        old, new = (label_places(side.node(number)) for side in (both.old, both.new))
        if old and new and old != new:
            text = f"The label of {both.name(number)} stands in {new} now"
            yield Draft("node-relabelled", text, (both.id(number),), old, new)


def _ids(both: Both, ledger: Ledger) -> Iterator[Draft]:
    """Tell new ids: each for itself, or all in one where no node kept its id."""
    numbers = both.order(ledger.reidentified)
    if len(numbers) > 1 and all(both.old.node(n).id != both.new.node(n).id for n in both.kept):
        before, after = ([side.node(n).id for n in numbers] for side in (both.old, both.new))
        text = f"{pluralize(len(numbers), 'node')} have new ids and none kept its own: a copy or an import"
        yield Draft("node-reidentified", text, tuple(after), before, after)
        return
    for number in numbers:
        yield _reidentified(both, number)


def _reidentified(both: Both, number: int) -> Draft:
    before, after = both.old.node(number).id, both.new.node(number).id
    day = both.made_anew(number)
    if day is None:
        return Draft("node-reidentified", f"{both.name(number)} has a new id", (after,), before, after)
    text = f"{both.name(number)} was re-created in the same place on {day}"
    return Draft("node-recreated", text, (after,), before, after)


def _looks(both: Both, ledger: Ledger) -> Iterator[Draft]:
    moved, redrawn = both.order(ledger.fields.moved), ledger.fields.redrawn
    old, new = both.old.version.workflow, both.new.version.workflow
    if moved:
        more = f" and {pluralize(len(redrawn), 'edge')}" if redrawn else ""
        text = f"{pluralize(len(moved), 'node')}{more} moved or restyled on the canvas{_hidden(both)}"
        yield Draft("layout-changed", text, tuple(map(both.id, moved)))
    elif redrawn:
        ids = tuple(map(both.id, both.order({target for _, target in redrawn})))
        yield Draft("layout-changed", f"{pluralize(len(redrawn), 'edge')} drawn otherwise on the canvas", ids)
    elif differences(layout_of(old), layout_of(new)).names:
        yield Draft("layout-changed", "The view of the canvas was moved")


def _hidden(both: Both) -> str:
    """Say how many of the nodes that stay are hidden now, and how many are shown again."""
    now = Counter(
        "hidden" if _is_hidden(both.new.node(number)) else "shown again"
        for number in both.kept
        if _is_hidden(both.old.node(number)) != _is_hidden(both.new.node(number))
    )
    return "".join(f", {count} {word}" for word, count in sorted(now.items()))


def _is_hidden(node: Node) -> bool:
    return bool((node.model_extra or {}).get("hidden"))


def _app(both: Both, ledger: Ledger) -> Iterator[Draft]:
    old, new = both.old.version.workflow, both.new.version.workflow
    if old.name != new.name:
        text = f"App renamed: {line(old.name or 'no name')} → {line(new.name or 'no name')}"
        yield Draft("app-renamed", text, (), old.name, new.name)
    if old.app_id != new.app_id:
        text = f"The app has another id: {line(old.app_id or 'none')} → {line(new.app_id or 'none')}"
        yield Draft("app-reidentified", text, (), old.app_id, new.app_id)
    changed = differences(settings_of(old), settings_of(new))
    if changed.names:
        text = f"Settings of the app changed: {listed(map(line, changed.names))}"
        yield Draft("app-settings-changed", text, (), changed.before, changed.after, changed.phrases)
