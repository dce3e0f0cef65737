"""Detects the settings that changed on nodes that stay, by what kind of setting each is."""

from collections.abc import Iterator, Mapping, Sequence

from lamina_graph.diff.alignment import Alignment
from lamina_graph.diff.detection import UnratedChange
from lamina_graph.diff.edits import PendingEdits
from lamina_graph.diff.node_names import list_some, shorten
from lamina_graph.diff.setting_kinds import ChangedSettings, sort_settings
from lamina_graph.text import pluralize


def detect_settings(alignment: Alignment, pending: PendingEdits) -> Iterator[UnratedChange]:
    """Yield the settings that changed, those of a rule together; some rules once for all nodes."""
    everywhere: dict[str, list[tuple[int, ChangedSettings]]] = {}
    for number in alignment.sort(pending.settings):
        is_note = alignment.new.facts(number).role in ("control", "unknown") and not (
            alignment.old.neighbors[number] or alignment.new.neighbors[number]
        )
        for changed in sort_settings(pending.settings[number], is_note=is_note):
            if changed.rule in _ONCE:
                everywhere.setdefault(changed.rule, []).append((number, changed))
            else:
                yield _report_settings(alignment, number, changed)
    for rule, rows in sorted(everywhere.items()):
        yield _report_together(alignment, rule, rows)


_ONCE = {
    "seed-changed": "Seed",
    "preview-changed": "Preview",
    "color-changed": "Colour",
    "pack-changed": "Node pack",
}
"""Rules whose changes are reported once for all nodes, and what the sentence calls them."""


def _report_settings(alignment: Alignment, number: int, changed: ChangedSettings) -> UnratedChange:
    name, edits = alignment.name(number), list_some(changed.phrases)
    texts = {
        "prompt-changed": f"Prompt of {name} changed: {edits}",
        "model-swapped": f"Model of {name} swapped: {edits}",
        "number-changed": f"{name}: {edits}",
        "node-settings-changed": (
            f"Settings of {name} changed: {list_some(map(shorten, changed.settings.names))}"
        ),
    }
    return UnratedChange(
        changed.rule,
        texts[changed.rule],
        (alignment.id(number),),
        *changed.settings,
        changed.settings.phrases,
        alignment.is_live(number),
    )


def _report_together(
    alignment: Alignment, rule: str, rows: Sequence[tuple[int, ChangedSettings]]
) -> UnratedChange:
    """Return the change of one rule on several nodes: the same on all of them is said once."""
    numbers = [number for number, _ in rows]
    where = alignment.name(numbers[0]) if len(rows) == 1 else pluralize(len(rows), "node")
    phrases = dict.fromkeys(
        f"{_name_pack(alignment, number) if rule == 'pack-changed' else ''}{phrase}"
        for number, changed in rows
        for phrase in changed.phrases
    )
    parts = [
        f"{alignment.name(number)}: {phrase}"
        for number, changed in rows
        for phrase in changed.settings.phrases
    ]
    before, after = (
        {
            path if len(rows) == 1 else f"{alignment.id(number)}: {path}": value
            for number, changed in rows
            for path, value in changed.settings[side].items()
        }
        for side in (0, 1)
    )
    text = f"{_ONCE[rule]} of {where} changed: {list_some(phrases)}"
    return UnratedChange(rule, text, alignment.ids(numbers), before, after, parts)


def _name_pack(alignment: Alignment, number: int) -> str:
    """Return the name of the pack that a node is from, where that stayed."""
    packs = [(side.node(number).model_extra or {}).get("pack") for side in (alignment.old, alignment.new)]
    names = [pack.get("name") if isinstance(pack, Mapping) else None for pack in packs]
    return f"{shorten(str(names[1]))} " if names[0] == names[1] and names[1] else ""
