"""What every form says first, and how changes are grouped: by severity, then by app."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from lamina_graph.history import AppChange, CatalogueChange, CatalogueDiff, Changes, Unknown
from lamina_graph.report.diff.wording import HEADINGS, affected, moment
from lamina_graph.text import elide, one_line, pluralize

MOST_MOVES = 20
"""Files with another place that a message names."""


class App(NamedTuple):
    """The changes of one app under one heading.

    Attributes:
        place: its file, where catalogues of files are compared; else its address, where there are several.
    """

    name: str
    id: str
    place: str
    changes: tuple[AppChange, ...]


class Group(NamedTuple):
    """The changes under one heading, by app."""

    heading: str
    apps: tuple[App, ...]

    @property
    def size(self) -> int:
        """How many changes there are."""
        return sum(len(app.changes) for app in self.apps)


def grouped_by_app(changes: Changes) -> Iterator[Group]:
    """Yield the changes by severity, the worst first, the accepted ones last; then by app."""
    several = several_places(changes)
    for heading in HEADINGS:
        under = [change for change in changes.changes if change.heading == heading]
        if under:
            yield Group(heading, tuple(_group_apps(under, several)))


def headline(changes: Changes) -> str:
    """Return how much changed.

    >>> headline(Changes(since=None, until=None, severity=None, apps=0, changes=(), unknown=()))
    'no changes'
    """
    counts = ", ".join(f"{count} {name}" for name, count in changes.counts.items())
    if not counts:
        return f"no known changes, {len(changes.unknown)} unknown" if changes.unknown else "no changes"
    known = f"{counts} in {pluralize(changes.apps, 'app')}"
    return f"{known}; {len(changes.unknown)} unknown" if changes.unknown else known


def span(changes: Changes) -> str:
    """Return between which moments, or which places, the changes are."""
    if changes.between:
        return " → ".join(elide(one_line(place), 100) for place in changes.between)
    if changes.since and changes.until:
        begin = f"{moment(changes.since)} to" if changes.since.year > 1970 else "until"  # no run before
        return f"{begin} {moment(changes.until)}"
    return ""


def describe_totals(changes: Changes) -> str:
    """Return how many apps of two catalogues became what; empty where it is no diff of catalogues."""
    if not isinstance(changes, CatalogueDiff):
        return ""
    totals = dict(changes.totals)
    moved = totals.pop("moved")
    counts = ", ".join(f"{count} {status}" for status, count in totals.items() if count)
    sentence = f"{pluralize(len(changes.compared), 'app')}{f': {counts}' if counts else ''}"
    return f"{sentence}; {moved} moved" if moved else sentence


def list_moves(changes: Changes) -> list[str]:
    """Return the files of two catalogues that have another place, as they were and as they are called."""
    if not isinstance(changes, CatalogueDiff):
        return []
    return [
        " → ".join(elide(one_line(path), 200) for path in app.moved) for app in changes.compared if app.moved
    ]


def list_phrases(change: AppChange) -> list[str]:
    """Return what a change says, for a place that shows little: its sentence, and what it affects."""
    return list(filter(None, (elide(one_line(change.text), 600), elide(affected(change), 300))))


def several_places(changes: Changes) -> bool:
    """Whether the apps are of several addresses, so that each must be named."""
    places = {change.base_url for change in changes.changes}
    return len(places | {entry.base_url for entry in changes.unknown if entry.base_url}) > 1


def unknown_apps(changes: Changes) -> Iterator[tuple[str, str]]:
    """Yield the name of each app of which something is unknown, with its address where needed, and why."""
    several = several_places(changes)
    for entry in changes.unknown:
        place = f" ({elide(one_line(entry.base_url), 100)})" if several and entry.base_url else ""
        yield _app_name(entry) + place, one_line(entry.why)


def _app_name(unknown: Unknown) -> str:
    return elide(one_line(unknown.name or unknown.app_id or "all apps"), 100)


class UnknownReason(NamedTuple):
    """Why something is unknown, and of which apps."""

    why: str
    place: str
    names: tuple[str, ...]


def unknown_reasons(changes: Changes) -> Iterator[UnknownReason]:
    """Yield why something is unknown, each reason once with all its apps."""
    several = several_places(changes)
    by_reason: dict[tuple[str, str], list[str]] = {}
    for entry in changes.unknown:
        place = elide(one_line(entry.base_url or ""), 100) if several else ""
        by_reason.setdefault((one_line(entry.why), place), []).append(_app_name(entry))
    yield from (UnknownReason(why, place, tuple(names)) for (why, place), names in by_reason.items())


def _group_apps(changes: Sequence[AppChange], several: bool) -> Iterator[App]:
    for (app_id, base_url, path), part in groupby(changes, _key):
        of_app = tuple(part)
        place = elide(one_line(path or (base_url if several else "")), 200)
        yield App(elide(one_line(of_app[-1].name or app_id), 100), one_line(app_id), place, of_app)


def _key(change: AppChange) -> tuple[str, str, str | None]:
    return change.app_id, change.base_url, change.path if isinstance(change, CatalogueChange) else None
