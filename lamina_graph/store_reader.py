"""Reads from a store what happened in a span of time, as the values that `history` takes.

A span is of dates, or of what a reader was not told before. The first goes by the moments of the snapshots,
the second by the store's own clock (`recorded_at`): what is recorded is told, whatever date it bears.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from lamina_graph.diff import ComparisonPolicy, KnownApp, Version
from lamina_graph.errors import RefError, StoreError
from lamina_graph.history import (
    AppEvent,
    Arrival,
    Changes,
    SnapshotPair,
    Unknown,
    carry_known_edges,
    changes,
    origins,
)
from lamina_graph.store import BEGINNING, MOMENT
from lamina_graph.validation_errors import suggest

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from lamina_graph.model import App as Detail
    from lamina_graph.store import App, Event, Run, Snapshot, Store

_TOLERANCE = timedelta(hours=1)
"""How far two clocks may differ before one counts as wrong."""


class Span(NamedTuple):
    """A span of time, its beginning and its end included; empty where it begins after its end.

    Attributes:
        by_record: whether both are moments by the clock of the store, else dates of snapshots.
        fresh: whether it is of a reader that was never told anything.
        open: whether it ends now.
    """

    since: datetime
    until: datetime
    by_record: bool = False
    fresh: bool = False
    open: bool = False

    def holds(self, moment: datetime) -> bool:
        """Whether a moment is in the span."""
        return self.since <= moment <= self.until


def until_now(store: "Store", since: datetime, now: datetime, base_url: str | None = None) -> Span:
    """Return the span from a date until now, with what a machine has recorded whose clock is a little ahead.

    Args:
        store: what is read.
        since: where the span begins.
        now: where it ends.
        base_url: only the apps of this address.
    """
    ends = (run.finished_at or run.started_at for run in store.runs(base_url=base_url))
    return Span(since, max([now, *(end for end in ends if end <= now + _TOLERANCE)]), open=True)


def since_last(store: "Store", reader: str, base_url: str | None = None, end: datetime | None = None) -> Span:
    """Return the span of what a reader was not told before.

    It ends before what a run that goes on is still adding to, so that nothing slips in behind it.

    Args:
        store: what is read.
        reader: who.
        base_url: only the apps of this address.
        end: where the span ends, if not there.
    """
    cursor = store.cursor(reader, base_url)
    runs = store.runs(base_url=base_url)
    begin = cursor or min(_first_catalogues(runs).values(), default=BEGINNING)
    until = max(begin, min(filter(None, (_settled_until(runs), end)), default=begin))
    return Span(begin + MOMENT, until, by_record=True, fresh=cursor is None, open=end is None)


class StoreReader:
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
            event
            for event in store.events()
            if self._event_time(event) <= span.until and event.run in self._addresses
        ]
        self._first_catalogues = _first_catalogues(self._runs)
        self._damage: list[StoreError] = []

    def changes(self, policy: ComparisonPolicy, executor: "Executor | None" = None) -> Changes:
        """Return what changed in the span, as `history.changes` does, which holds few snapshots at a time."""
        return changes(
            self.pairs(),
            self.events(),
            since=min(self._span.since, self._span.until),
            until=self._span.until,
            unknown=self.unknown(),
            policy=policy,
            executor=executor,
        )

    def count_pairs(self) -> int:
        """Return how many snapshots of the span have one before them, without reading them."""
        return self._store.count_changed(
            *self._bounds, base_url=self._base_url, by_record=self._span.by_record
        )

    def pairs(self) -> Iterator[SnapshotPair]:
        """Yield each snapshot of the span with the one before it; at last the first ones of new apps."""
        changed = self._store.changed(
            *self._bounds,
            base_url=self._base_url,
            by_record=self._span.by_record,
            damaged=self._damage.append,
        )
        arrivals: dict[str, list[Arrival]] = {}
        for old, new in changed:
            if old:
                yield self._with_parts(old, new)
            elif self._is_new(self._apps_by_id[new.base_url, new.app_id]):
                arrivals.setdefault(new.base_url, []).append(self._arrival(new))
        for address, new_apps in arrivals.items():
            sources = origins(new_apps, self._store.versions(address, damaged=self._damage.append))
            yield from (SnapshotPair(None, each.app, origin=sources.get(each.app.id)) for each in new_apps)

    @property
    def _bounds(self) -> tuple[datetime, datetime]:
        """After which moment the span begins, and when it ends."""
        return self._span.since - MOMENT, self._span.until

    @cached_property
    def _known_apps(self) -> "tuple[App, ...]":
        return self._store.apps(self._base_url)

    @cached_property
    def _apps_by_id(self) -> "dict[tuple[str, str], App]":
        return {(app.base_url, app.app_id): app for app in self._known_apps}

    def _arrival(self, new: "Snapshot") -> Arrival:
        """Return a new app with the run that met it first: the last that began before it was met."""
        met = [
            run for run in self._runs if run.base_url == new.base_url and run.recorded_at <= new.recorded_at
        ]
        run = met[0] if met else None
        return Arrival(
            new,
            began=run.started_at if run else new.taken_at,
            ended=max(new.taken_at, (run and run.finished_at) or new.taken_at),
        )

    def events(self) -> Iterator[AppEvent]:
        """Yield the apps found gone or back in the span."""
        for event in self._events:
            if event.kind in ("gone", "back") and self._event_time(event) >= self._span.since:
                for app in self._store.find(event.app_id, self._addresses[event.run]):
                    at, latest = self._store.at, self._store.latest
                    last = self._readable(at, app, event.at) or self._readable(latest, app)
                    if last:
                        yield AppEvent(event, last)

    def unknown(self) -> Iterator[Unknown]:
        """Yield what the span cannot tell: whatever is missing between its beginning and its end.

        Of damaged snapshots, those that `pairs` and `events` have met by then.
        """
        yield from self._unknown_before_store()
        yield from self._unknown_past()
        yield from self._unknown_of_runs([run for run in self._runs if self._overlaps(run)])
        yield from (self._unknown_all(why) for why in dict.fromkeys(map(str, self._damage)))

    @cached_property
    def _new_addresses(self) -> dict[str, datetime]:
        """The addresses of which the span begins before the store knew any app, and when it did."""
        first = {run.base_url: self._start_time(run) for run in self._runs if run.seen}
        return {address: moment for address, moment in first.items() if self._span.holds(moment)}

    def _unknown_before_store(self) -> Iterator[Unknown]:
        """Yield the addresses of which the span begins before the store does."""
        if self._span.fresh and self._runs:
            first = self._runs[-1].started_at
            news = any(run.recorded_at > self._span.since for run in self._runs)
            yield self._unknown_all(
                f"nothing to compare with before {first:%Y-%m-%d}: the store begins there"
                if news
                else "nothing to compare with: the store begins here"
            )
        elif not self._span.by_record:
            for address, first in sorted(self._new_addresses.items()):
                why = f"no snapshot before {first:%Y-%m-%d %H:%M}: the store begins there"
                yield Unknown(at=first, base_url=address, why=why)

    def _unknown_past(self) -> Iterator[Unknown]:
        """Yield the apps of which nothing is kept from before the span, though they were met before."""
        beginnings = self._store.beginnings(self._base_url)
        for app in self._apps:
            taken, recorded = beginnings.get(app.number, (BEGINNING, BEGINNING))
            start = recorded if self._span.by_record else taken
            known = self._span.fresh or app.base_url in self._new_addresses  # it was said of all of them
            first = known and self._appearance_time(app) >= self._span.since
            if start >= self._span.since and not first and not self._is_new(app):
                yield _unknown_app(app, taken, f"no snapshot from before {taken:%Y-%m-%d} is kept")

    def _unknown_of_runs(self, runs: "Sequence[Run]") -> Iterator[Unknown]:
        """Yield what runs left open: none was made, one failed or goes on, an app was not fetched."""
        going = _unfinished_runs(self._runs) if self._span.by_record else []
        for run in going:
            yield self._unknown_run(run, f"the snapshot of {run.started_at:%Y-%m-%d %H:%M} has not finished")
        yield from self._unknown_dates()
        if not runs and not going and not (self._span.fresh and self._runs):
            yield self._unknown_all(self._describe_last_run())
        failed = _failed_runs(runs)
        for run in failed:
            after = f" after {run.seen} apps" if run.seen else ""
            yield self._unknown_run(
                run, f"the snapshot of {run.started_at:%Y-%m-%d %H:%M} failed{after}: {run.error}"
            )
        yield from self._unknown_of_parts(runs)
        if runs:
            yield from self._unknown_of_apps(runs, failed)
        if runs and not self._apps and not failed:
            yield self._unknown_all("no app was listed")

    def _describe_last_run(self) -> str:
        last = next((run for run in self._runs if self._start_time(run) <= self._span.until), None)
        if last is None:
            return "no snapshot was taken by then"
        if self._span.by_record:
            return f"no snapshot was taken since {last.started_at:%Y-%m-%d %H:%M}"
        return f"no snapshot was taken in this time; the last one was on {last.started_at:%Y-%m-%d}"

    def _unknown_dates(self) -> Iterator[Unknown]:
        """Yield the runs of this time that bear a date out of it: what they found, no span of dates holds."""
        if self._span.by_record:
            return
        later = self._span.until
        first = max((n for n, run in enumerate(self._runs) if self._span.holds(run.started_at)), default=0)
        for number, run in enumerate(self._runs):
            ahead = self._span.open and run.started_at > self._span.until and later >= self._span.since
            if ahead or (number < first and run.started_at < self._span.since):
                why = f"a snapshot is dated {run.started_at:%Y-%m-%d} out of its order: a clock was wrong"
                yield self._unknown_run(run, why)
            later = min(later, run.started_at)

    def _unknown_of_parts(self, runs: "Sequence[Run]") -> Iterator[Unknown]:
        """Yield the parts that the newest catalogue of an address lacks and the one before it has.

        Once alone: from the second such run on, not to fetch the part is taken for a choice.
        """
        catalogues: dict[str, list[Run]] = {}
        for run in self._runs:
            if run.asked.apps is None and run.seen and self._start_time(run) <= self._span.until:
                catalogues.setdefault(run.base_url, []).append(run)
        for newest, before in (made[:2] for made in catalogues.values() if len(made) > 1):
            lost = [part for part in ("detail", "estimate") if getattr(before.asked, part)]
            for part in lost if newest in runs else ():
                if not getattr(newest.asked, part):
                    dates = [f"{run.started_at:%Y-%m-%d %H:%M}" for run in (newest, before)]
                    why = f"the snapshot of {dates[0]} was taken without --{part}, that of {dates[1]} with it"
                    yield self._unknown_run(newest, why)

    def _unknown_of_apps(self, runs: "Iterable[Run]", failed: "Sequence[Run]") -> Iterator[Unknown]:
        """Yield the apps of which the newest runs, up to one that fetched the app, could not tell all."""
        kinds = ((event, event.kind) for event in self._events if event.kind in ("gone", "back"))
        last = {(self._addresses[event.run], event.app_id): kind for event, kind in kinds}
        gone = {app for app, kind in last.items() if kind == "gone"}
        waiting = {place: app for app in self._apps if (place := (app.base_url, app.app_id)) not in gone}
        doubts = [event for event in self._events if event.kind in ("unknown", "partial")]
        for run in runs:
            if not waiting:
                return
            for event in doubts:
                app = waiting.pop((run.base_url, event.app_id), None) if event.run == run.id else None
                if app:
                    yield _unknown_app(app, event.at, event.why or "could not be fetched")
            for app_id in self._store.fetched_apps(run.id):
                waiting.pop((run.base_url, app_id), None)
        for app in waiting.values():
            asked = (run.asked.apps for run in failed if run.base_url == app.base_url)
            if not any(apps is None or app.app_id in apps for apps in asked):
                yield _unknown_app(app, self._span.until, "not fetched in this time")

    def _with_parts(self, old: "Snapshot", new: "Snapshot") -> SnapshotPair:
        parts: tuple[Literal["detail", "estimate"], ...] = ("detail", "estimate")
        for part in parts:
            if getattr(new, part) and not getattr(old, part):
                known = self._readable(self._store.part, old, part)
                old = old.model_copy(update={part: getattr(known, part, None)})
        if new.workflow.edges_known and not old.workflow.edges_known:
            whole = self._readable(self._store.with_edges, old)
            old = carry_known_edges(whole, old) if whole else old
        return SnapshotPair(old, new)

    def _readable(self, read: "Callable[..., Snapshot | None]", *what: Any) -> "Snapshot | None":
        """Return a snapshot of the store; None, which is told as unknown, where it is damaged."""
        try:
            return read(*what)
        except StoreError as error:
            self._damage.append(error)
            return None

    @cached_property
    def _apps(self) -> "list[App]":
        """The apps that were known at the end of the span."""
        return [app for app in self._known_apps if self._appearance_time(app) <= self._span.until]

    def _is_new(self, app: "App") -> bool:
        """Whether an app was first met in the span, after the whole catalogue was known."""
        began = self._first_catalogues.get(app.base_url)
        return (
            began is not None and app.recorded_at > began and self._appearance_time(app) >= self._span.since
        )

    def _overlaps(self, run: "Run") -> bool:
        """Whether some of a run lies in the span."""
        end = (run.closed_at or run.recorded_at) if self._span.by_record else run.finished_at
        return (
            self._start_time(run) <= self._span.until and (end or self._start_time(run)) >= self._span.since
        )

    def _event_time(self, event: "Event") -> datetime:
        return event.recorded_at if self._span.by_record else event.at

    def _appearance_time(self, app: "App") -> datetime:
        return app.recorded_at if self._span.by_record else app.appeared_at

    def _start_time(self, run: "Run") -> datetime:
        return run.recorded_at if self._span.by_record else run.started_at

    def _unknown_all(self, why: str) -> Unknown:
        return Unknown(at=self._span.until, base_url=self._base_url, why=why)

    def _unknown_run(self, run: "Run", why: str) -> Unknown:
        return Unknown(at=run.started_at, base_url=run.base_url, why=why)


def find_app(store: "Store", term: str, base_url: str | None = None, usual: str | None = None) -> "App":
    """Return the one app of a store that has this id, this name, or a name that starts so.

    Args:
        store: where to look.
        term: the id or the name.
        base_url: the address of the app.
        usual: of apps at several addresses, those at this one are meant.

    Raises:
        RefError: there is none, or there are several.
    """
    apps = store.find(term, base_url)
    if len(apps) > 1 and usual:
        apps = store.find(term, usual) or apps
    if not apps:
        near = suggest(term, [app.name for app in store.apps(base_url) if app.name])
        usual_hint = "`lamina-graph snapshot REF` takes a first snapshot of one."
        raise RefError(f"the store knows no app {term!r}", f"Did you mean {near!r}?" if near else usual_hint)
    if len(apps) > 1:
        shown = ", ".join(f"{app.name} ({app.app_id} at {app.base_url})" for app in apps[:8])
        raise RefError(f"{term!r} may be {len(apps)} apps: {shown}", "Give the id, or --base-url as well.")
    return apps[0]


def _first_catalogues(runs: "Sequence[Run]") -> dict[str, datetime]:
    """Return when the whole catalogue of each address was first known, by the clock of the store."""
    whole = (run for run in reversed(runs) if run.asked.apps is None and run.finished_at)
    first: dict[str, datetime] = {}
    for run in whole:
        first.setdefault(run.base_url, run.closed_at or run.finished_at or run.recorded_at)
    return first


def _unfinished_runs(runs: "Sequence[Run]") -> "list[Run]":
    """Return the runs that may still go on: the newest of each address, if it neither finished nor failed."""
    newest = {run.base_url: run for run in reversed(runs)}.values()
    return [run for run in newest if not run.closed_at]


def _settled_until(runs: "Sequence[Run]") -> datetime | None:
    """Return up to where no run still adds findings, by the clock of the store. None without runs."""
    going = _unfinished_runs(runs)
    done = [run.closed_at or run.recorded_at for run in runs if run not in going]
    return min([max(done), *(run.recorded_at - MOMENT for run in going)]) if done else None


def _failed_runs(runs: "Iterable[Run]") -> "list[Run]":
    """Return those of some runs, the newest first, that failed and after which none asked for the same."""
    made: list[Run] = []
    for run in runs:
        if run.closed_at and not any(
            later.base_url == run.base_url and later.asked.apps in (None, run.asked.apps) for later in made
        ):
            made.append(run)
    return [run for run in made if run.error]


def _unknown_app(app: "App", at: datetime, why: str) -> Unknown:
    return Unknown(at=at, app_id=app.app_id, name=app.name, base_url=app.base_url, why=why)


def list_used_apps(store: "Store", policy: ComparisonPolicy, base_url: str | None) -> list[KnownApp]:
    """Return by what each app of a store is known; its parts too where one's own code uses it."""
    known = []
    for app in store.apps(base_url) if policy.usage else ():
        each = KnownApp(ids=(app.app_id,), names=(app.name,) if app.name else ())
        with suppress(StoreError):  # of what is damaged no more is known
            last = store.latest(app) if policy.usage and policy.usage.names(each) else None
            if last:
                detailed = store.part(last, "detail")
                each = known_app(last, detailed.detail if detailed else None, policy)
        known.append(each)
    return known


def known_app(snapshot: "Snapshot", detail: "Detail | None", policy: ComparisonPolicy) -> KnownApp:
    """Return by what an app is known that a snapshot is of."""
    version = Version(snapshot.workflow, detail, app_id=snapshot.app_id, name=snapshot.name)
    return KnownApp.of(version, vocabulary=policy.vocabulary)
