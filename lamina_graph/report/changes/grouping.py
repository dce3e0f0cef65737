"""What every form says first, and how changes are grouped: by severity, then by app."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from lamina_graph.history import Changes, Told, Unknown
from lamina_graph.report.diff.wording import HEADINGS
from lamina_graph.text import elide, one_line, pluralize


class App(NamedTuple):
    """The changes of one app under one heading; `place` is its address, where the changes have several."""

    name: str
    id: str
    place: str
    changes: tuple[Told, ...]


class Group(NamedTuple):
    """The changes under one heading, by app."""

    heading: str
    apps: tuple[App, ...]

    @property
    def size(self) -> int:
        """How many changes there are."""
        return sum(len(app.changes) for app in self.apps)


def groups(found: Changes) -> Iterator[Group]:
    """Yield the changes by severity, the worst first, the accepted ones last; then by app."""
    several = several_places(found)
    for heading in HEADINGS:
        under = [change for change in found.changes if change.heading == heading]
        if under:
            yield Group(heading, tuple(_apps(under, several)))


def headline(found: Changes) -> str:
    """Return how much changed.

    >>> headline(Changes(since=None, until=None, severity=None, apps=0, changes=(), unknown=()))
    'no changes'
    """
    counts = ", ".join(f"{count} {name}" for name, count in found.counts.items())
    said = f"{counts} in {pluralize(found.apps, 'app')}" if counts else "no changes"
    return f"{said}; {len(found.unknown)} unknown" if found.unknown else said


def span(found: Changes) -> str:
    """Return in which time, or between which places."""
    if found.between:
        return " → ".join(elide(one_line(place), 100) for place in found.between)
    return f"{moment(found.since)} to {moment(found.until)}" if found.since and found.until else ""


def moment(at: datetime | None) -> str:
    """Return a moment to the minute, in UTC."""
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def several_places(found: Changes) -> bool:
    """Whether what there is to tell is of several addresses, so that each must be named."""
    told = {change.base_url for change in found.changes}
    return len(told | {each.base_url for each in found.unknown if each.base_url}) > 1


def who(unknown: Unknown, several: bool = False) -> str:
    """Return of which app something is unknown, with its address where there are several."""
    name = elide(one_line(unknown.name or unknown.app_id or "all apps"), 100)
    return f"{name} ({elide(one_line(unknown.base_url), 100)})" if several and unknown.base_url else name


class Doubt(NamedTuple):
    """Why something is unknown, and of which apps."""

    why: str
    place: str
    names: tuple[str, ...]


def doubts(found: Changes) -> Iterator[Doubt]:
    """Yield why something is unknown, each reason once with all its apps."""
    several = several_places(found)
    by_reason: dict[tuple[str, str], list[str]] = {}
    for each in found.unknown:
        place = elide(one_line(each.base_url or ""), 100) if several else ""
        by_reason.setdefault((one_line(each.why), place), []).append(who(each))
    yield from (Doubt(why, place, tuple(names)) for (why, place), names in by_reason.items())


def _apps(changes: Sequence[Told], several: bool) -> Iterator[App]:
    for (app_id, base_url), part in groupby(changes, lambda each: (each.app_id, each.base_url)):
        found = tuple(part)
        place = one_line(base_url) if several else ""
        yield App(elide(one_line(found[-1].name or app_id), 100), one_line(app_id), place, found)
