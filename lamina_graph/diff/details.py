"""Tellers of what nodes carry: labels, ids, settings, their looks on the canvas."""

from collections.abc import Iterator

from lamina_graph.diff.both import Both
from lamina_graph.diff.draft import Draft
from lamina_graph.diff.fields import differences, layout_of, moved, settings_of
from lamina_graph.diff.ledger import Ledger
from lamina_graph.diff.words import line, listed
from lamina_graph.text import pluralize


def details(both: Both, ledger: Ledger) -> Iterator[Draft]:
    """Tell settings, labels, ids and looks that changed on nodes that stay."""
    for teller in (_settings, _labels, _ids, _looks, _app):
        yield from teller(both, ledger)


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


def _labels(both: Both, ledger: Ledger) -> Iterator[Draft]:
    for number in both.order(ledger.relabelled):
        before, after = both.old.node(number), both.new.node(number)
        text = f"Label changed: {line(before.title)} → {line(after.title)}"
        if before.title == after.title:
            text = (
                f"Label of {both.name(number)} {'given' if after.label else 'left out'}: the same as its type"
            )
        yield Draft("node-relabelled", text, (after.id,), before.label, after.label)


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
    text = f"{both.name(number)} was made anew in the same place on {day}"
    return Draft("node-recreated", text, (after,), before, after)


def _looks(both: Both, ledger: Ledger) -> Iterator[Draft]:
    numbers = both.order(moved(both))
    old, new = both.old.version.workflow, both.new.version.workflow
    if numbers:
        text = f"{pluralize(len(numbers), 'node')} moved or restyled on the canvas"
        yield Draft("layout-changed", text, tuple(map(both.id, numbers)))
    elif differences(layout_of(old), layout_of(new)).names:
        yield Draft("layout-changed", "The view of the canvas was moved")


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
