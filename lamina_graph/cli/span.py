"""What a store has to tell of a span of time, as the values that `history` takes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from lamina_graph.errors import InputError, RefError
from lamina_graph.history import Arrival, Found, Pair, Unknown, origins
from lamina_graph.store import MOMENT, in_utc
from lamina_graph.store import moment as last_moment

if TYPE_CHECKING:
    from lamina_graph.store import App, Run, Snapshot, Store

LAST = "last"
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""No span begins or ends before this: there is nothing that it could tell."""


_AGO = re.compile(r"(\d{1,6})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 24 * 7}
_WHEN = "Use a span (12h, 7d, 4w), a date (2026-03-09), a moment (2026-03-09T10:25), or `last`."


class Span(NamedTuple):
    """A span of time, its beginning and its end included."""

    since: datetime
    until: datetime


def moment(word: str, now: datetime, *, end: bool = False) -> datetime:
    """Return the moment that a person wrote: a span before now, a date, or a moment (in UTC if not said).

    Args:
        word: what was written.
        now: where spans are counted back from.
        end: whether a date means its last moment, else its first.

    Raises:
        InputError: it is none of these.

    >>> moment("7d", datetime(2026, 3, 9, tzinfo=UTC)).date().isoformat()
    '2026-03-02'
    """
    if found := _AGO.fullmatch(word.strip()):
        hours = int(found[1]) * _HOURS[found[2]]
        return now - min(timedelta(hours=hours), now - BEGINNING)
    try:
        begun = datetime.fromisoformat(word.strip())
    except ValueError:
        raise InputError(f"{word!r} is no moment", _WHEN) from None
    return max(BEGINNING, last_moment(word) if end else in_utc(begun))


class Reading:
    """A store, read for one span of time.

    Args:
        store: what is read.
        span: the span.
        base_url: only the apps of this address; of all where not given.
    """

    def __init__(self, store: "Store", span: Span, base_url: str | None = None) -> None:
        self._store, self._span, self._base_url = store, span, base_url
        self._runs = store.runs(base_url=base_url)
        self._addresses = {run.id: run.base_url for run in self._runs}
        self._events = [
            event for event in store.events() if event.at <= span.until and event.run in self._addresses
        ]

    def pairs(self) -> Iterator[Pair]:
        """Yield each snapshot of the span with the one before it; a first one only where the app is new."""
        since, until = self._span
        first = []
        for old, new in self._store.changed(since - MOMENT, until, base_url=self._base_url):
            if old is None:
                first.append(new)
            else:
                yield self._with_parts(old, new)
        yield from self._new(first)

    def _new(self, snapshots: "Sequence[Snapshot]") -> Iterator[Pair]:
        """Yield those of the first snapshots that are of new apps, with where these come from."""
        if not snapshots:
            return
        appeared = {(a.base_url, a.app_id): a.appeared_at for a in self._store.apps(self._base_url)}
        began = {address: _beginning(self._runs, address) for address in set(self._addresses.values())}
        arrivals: dict[str, list[Arrival]] = {}
        for new in snapshots:
            start = began.get(new.base_url)
            if start and appeared[new.base_url, new.app_id] > start:
                arrivals.setdefault(new.base_url, []).append(self._arrival(new))
        for address, found in arrivals.items():
            comes = origins(found, self._store.versions(address))
            yield from (Pair(None, each.app, origin=comes.get(each.app.id)) for each in found)

    def _arrival(self, new: "Snapshot") -> Arrival:
        """Return a new app with the run that met it first: the last that began before it was met."""
        met = [run for run in self._runs if run.base_url == new.base_url and run.started_at <= new.taken_at]
        run = met[0] if met else None
        return Arrival(
            new,
            began=run.started_at if run else new.taken_at,
            ended=max(new.taken_at, (run and run.finished_at) or new.taken_at),
        )

    def events(self) -> Iterator[Found]:
        """Yield the apps found gone or back in the span."""
        for event in self._events:
            if event.kind in ("gone", "back") and event.at >= self._span.since:
                for app in self._store.find(event.app_id, self._addresses[event.run]):
                    last = self._store.at(app, event.at)
                    if last:
                        yield Found(event, last)

    def unknown(self) -> Iterator[Unknown]:
        """Yield what the span cannot tell: apps not fetched in it or since, runs under way, no run at all."""
        if self._span.since > self._span.until:
            return
        runs = [run for run in self._runs if _within(run, self._span)]
        if not runs:
            last = max(
                (run.started_at for run in self._runs if run.started_at <= self._span.until), default=None
            )
            why = (
                f"no snapshot was taken in this time; the last one was on {last:%Y-%m-%d}"
                if last
                else ("no snapshot was taken by then")
            )
            yield Unknown(at=self._span.until, base_url=self._base_url, why=why)
            return
        yield from self._unsettled(runs)

    def _unsettled(self, runs: "Iterable[Run]") -> Iterator[Unknown]:
        """Yield the apps of which the newest runs, up to one that fetched the app, could not tell all."""
        known = [app for app in self._store.apps(self._base_url) if app.appeared_at <= self._span.until]
        gone = self._gone()
        waiting = {place: app for app in known if (place := (app.base_url, app.app_id)) not in gone}
        doubts = [event for event in self._events if event.kind in ("unknown", "partial")]
        for run in runs:
            if not waiting:
                return
            for event in doubts:
                app = waiting.pop((run.base_url, event.app_id), None) if event.run == run.id else None
                if app:
                    yield _unknown(app, event.at, event.why or "could not be fetched")
            for app_id in self._store.seen(run.id):
                waiting.pop((run.base_url, app_id), None)
        for app in waiting.values():
            yield _unknown(app, self._span.until, "not fetched in this time")

    def _gone(self) -> set[tuple[str, str]]:
        """Return the apps that were gone at the end of the span, by address and id."""
        told = {
            (self._addresses[e.run], e.app_id): e.kind for e in self._events if e.kind in ("gone", "back")
        }
        return {app for app, kind in told.items() if kind == "gone"}

    def _with_parts(self, old: "Snapshot", new: "Snapshot") -> Pair:
        detail = self._store.part(old, "detail") if new.detail and not old.detail else None
        estimate = self._store.part(old, "estimate") if new.estimate and not old.estimate else None
        return Pair(old, new, detail.detail if detail else None, estimate.estimate if estimate else None)


def settled(store: "Store", base_url: str | None = None) -> datetime | None:
    """Return up to which moment all findings are recorded: no run still adds to it. None without runs."""
    runs = store.runs(base_url=base_url)
    newest = {run.base_url: run for run in reversed(runs)}.values()
    going = [run for run in newest if not run.finished_at]
    done = [run.finished_at or run.started_at for run in runs if run not in going]
    return min([max(done), *(run.started_at - MOMENT for run in going)]) if done else None


def beginning(store: "Store", base_url: str | None = None) -> datetime:
    """Return when the store first knew a whole catalogue: nothing before that is news."""
    runs = store.runs(base_url=base_url)
    found = [_beginning(runs, run.base_url) for run in runs]
    return min((moment for moment in found if moment), default=BEGINNING)


def named(store: "Store", term: str, base_url: str | None = None, usual: str | None = None) -> "App":
    """Return the one app of a store that has this id, this name, or a name that starts so.

    Args:
        store: where to look.
        term: the id or the name.
        base_url: the address of the app.
        usual: of apps at several addresses, those at this one are meant.

    Raises:
        RefError: there is none, or there are several.
    """
    found = store.find(term, base_url)
    if len(found) > 1 and usual:
        found = store.find(term, usual) or found
    if not found:
        raise RefError(
            f"the store knows no app {term!r}", "`lamina-graph snapshot REF` takes a first snapshot of one."
        )
    if len(found) > 1:
        shown = ", ".join(f"{app.name} ({app.app_id} at {app.base_url})" for app in found[:8])
        raise RefError(f"{term!r} may be {len(found)} apps: {shown}", "Give the id, or --base-url as well.")
    return found[0]


def _beginning(runs: "Iterable[Run]", base_url: str) -> datetime | None:
    whole = [
        run.finished_at
        for run in runs
        if run.base_url == base_url and run.asked.apps is None and run.finished_at
    ]
    return min(whole, default=None)


def _within(run: "Run", span: Span) -> bool:
    return run.started_at <= span.until and (run.finished_at or run.started_at) >= span.since


def _unknown(app: "App", at: datetime, why: str) -> Unknown:
    return Unknown(at=at, app_id=app.app_id, name=app.name, base_url=app.base_url, why=why)
