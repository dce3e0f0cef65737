"""One run: list, fetch several at a time, record each answer as it comes."""

import json
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from lamina_graph.client import AppStructure, Client, Part
from lamina_graph.errors import (
    ApiError,
    CredentialsError,
    InputError,
    LaminaGraphError,
    NotFoundError,
    RateLimitError,
    StoreError,
    TransportError,
)
from lamina_graph.model import Value
from lamina_graph.store import Event, FetchOutcome, FetchResult, FetchScope, KnownModel, RecordResult, Run
from lamina_graph.sync.listing import listing
from lamina_graph.sync.pool import map_unordered

if TYPE_CHECKING:
    from lamina_graph.store import Store

CONNECTIONS = 4
"""Few: httpx becomes slower with many, and the API's limit is reached with less."""

MAX_CONSECUTIVE_FAILURES: Mapping[type[LaminaGraphError], int] = {TransportError: 20, RateLimitError: 5}
"""After so many failures of a kind in a row, each after many attempts, a run stops; it can be resumed."""


class Progress(NamedTuple):
    """One app done: how many are, of how many, and what it gave."""

    done: int
    total: int
    result: FetchResult
    effect: RecordResult


class SyncReport(Value):
    """What a run did: its counts, what it could not fetch, and whether it asked for every app there is.

    Attributes:
        run: the run as it is recorded, with its counts.
        failures: the apps that could not be fetched, or not whole, with the reason.
        gone: the apps that have disappeared since the run before.
        flawed: what is wrong with rows of the listing; where one has an id, the app is fetched all the same.
        doubt: why the listing may not hold every app; empty where it does, or where none was needed.
    """

    run: Run
    failures: tuple[Event, ...]
    gone: tuple[Event, ...]
    flawed: tuple[str, ...] = ()
    doubt: str = ""


def sync(
    client: Client,
    store: "Store",
    asked: FetchScope,
    *,
    resume: bool = False,
    connections: int = CONNECTIONS,
    progress: Callable[[Progress], None] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> SyncReport:
    """Fetch apps and record what the API says of each as soon as it says it; return what came of it.

    However it ends, what was recorded stays, and with `resume` the next run goes on from there. The failure
    of one app is recorded and stops nothing; that of the whole run is recorded as well.

    Args:
        client: give it a `HeaderRateLimiter`, so that it sends what the API permits, and `CATALOGUE_RETRIES`.
        store: where to record.
        asked: which apps, and which parts of each.
        resume: go on with the last run, if it asked the same and did not finish.
        connections: how many requests are under way at once.
        progress: called for each app, in the thread of the caller.
        now: the clock.

    Raises:
        CredentialsError: the key is rejected.
        ApiError: the apps cannot be listed, or the API can no longer be reached.
        StoreError: the store cannot be written.
    """
    begun = store.unfinished(client.base_url, asked) if resume else None
    run = begun or store.begin(client.base_url, asked, now())
    try:
        return _fetch_all(client, store, run, connections, progress, now)
    except BaseException as error:
        # A query that was interrupted keeps its lock for as long as a frame holds its cursor.
        traceback.clear_frames(error.__traceback__)
        with suppress(StoreError):
            store.fail(run.id, now(), str(error) if isinstance(error, LaminaGraphError) else "interrupted")
        raise


def _fetch_all(
    client: Client,
    store: "Store",
    run: Run,
    connections: int,
    progress: Callable[[Progress], None] | None,
    now: Callable[[], datetime],
) -> SyncReport:
    scope = run.asked
    work = _Worklist(dict.fromkeys(scope.apps)) if scope.apps is not None else _list(client, store, run, now)
    fetched = store.fetched_apps(run.id)
    ids = [app_id for app_id in work.names if app_id not in fetched]
    done = len(work.names) - len(ids)
    breaker, fetch = CircuitBreaker(), _Fetch(client, work, scope, now)
    for answers in map_unordered(fetch, ids, connections):
        results = [result for result, _ in answers]
        for result, effect in zip(results, store.record(run.id, results), strict=True):
            done += 1
            if progress:
                progress(Progress(done, len(work.names), result, effect))
        breaker.check(error for _, error in answers)
    if scope.apps is None:
        _record_models(client, store)
    finished = store.finish(run.id, now(), complete=work.complete)
    events = store.events(run=run.id)
    return SyncReport(
        run=finished,
        failures=tuple(event for event in events if event.kind in ("unknown", "partial")),
        gone=tuple(event for event in events if event.kind == "gone"),
        flawed=work.flawed,
        doubt=work.doubt,
    )


def _record_models(client: Client, store: "Store") -> None:
    """Keep the models of the workspace; where the API does not tell, those that were known stay."""
    media: tuple[Literal["image", "video"], ...] = ("image", "video")
    with suppress(ApiError):
        store.record_models(
            client.base_url,
            [
                KnownModel(base_url=client.base_url, id=each.id, name=each.display_name, modality=medium)
                for medium in media
                for each in client.models(medium)
            ],
        )


class _Worklist(NamedTuple):
    """The apps to fetch, by id with their names where listed.

    Attributes:
        names: the name of each app, by id.
        complete: whether these are known to be all; None where nothing was listed.
        doubt: why they may not be.
        flawed: what is wrong with rows of the listing.
        capabilities: what the listing says of the apps, by id, as JSON.
    """

    names: Mapping[str, str | None]
    complete: bool | None = None
    doubt: str = ""
    flawed: tuple[str, ...] = ()
    capabilities: Mapping[str, str] = MappingProxyType({})


def _list(client: Client, store: "Store", run: Run, now: Callable[[], datetime]) -> _Worklist:
    """Return all apps that are listed.

    One that no longer is counts as gone; where the listing may be cut short, it is asked for by its id.
    """
    listed = listing(client, capabilities=True)
    names: dict[str, str | None] = {row.app_id: None for row in listed.flawed if row.app_id}
    names |= {app.app_id: app.name for app in listed.apps}
    flawed = tuple(row.problem for row in listed.flawed)
    known = store.listed(run.base_url)
    missing = {app.app_id: app.name for app in known if app.app_id not in names}
    if not names and not known:
        return _Worklist({}, complete=False, doubt="no app was listed", flawed=flawed)
    nameless = "" if all(row.app_id for row in listed.flawed) else "some rows of it name no app"
    shrunk = (
        f"the API lists {len(known) - len(missing)} of the {len(known)} apps known so far; "
        "the list may be cut short"
        if len(missing) > max(_FEW, len(known) // 2)
        else ""
    )
    doubt = listed.doubt or shrunk or nameless
    capabilities = {app.app_id: app.capabilities for app in listed.apps if app.capabilities}
    if doubt:
        return _Worklist(names | missing, False, doubt, flawed, capabilities)
    gone = [
        FetchResult(app_id=app_id, name=name, at=now(), outcome="gone", why="no longer listed")
        for app_id, name in missing.items()
    ]
    store.record(run.id, gone)
    return _Worklist(names, True, "", flawed, capabilities)


_FEW = 5


@dataclass(frozen=True, slots=True)
class _Fetch:
    """Fetches one app: what the API says of it, and the error where it says nothing."""

    client: Client
    work: _Worklist
    scope: FetchScope
    now: Callable[[], datetime]

    def __call__(self, app_id: str) -> "tuple[FetchResult, LaminaGraphError | None]":
        name = self.work.names.get(app_id)
        capabilities = json.loads(self.work.capabilities.get(app_id, "null"))
        try:
            known = self.client.structure(app_id, capabilities=capabilities, alone=False)
        except (ApiError, InputError) as error:
            if _concerns_key(error):
                raise
            # Only the API's own answers carry its code.
            gone = isinstance(error, NotFoundError) and error.code == "NOT_FOUND"
            outcome: FetchOutcome = "gone" if gone else "unknown"
            result = FetchResult(app_id=app_id, name=name, at=self.now(), outcome=outcome, why=str(error))
            return result, error
        at = self.now()
        parts, why = self._fetch_parts(app_id, known)
        return FetchResult(app_id=app_id, name=name, at=at, workflow=known.workflow, why=why, **parts), None

    def _fetch_parts(self, app_id: str, known: AppStructure) -> tuple[dict[str, Any], str]:
        wanted: dict[Part, bool] = {"detail": self.scope.detail, "estimate": self.scope.estimate}
        parts: dict[str, Any] = {}
        problems = [f"workflow: {known.withheld}"] if known.withheld else []
        for part in (part for part in wanted if wanted[part]):
            try:
                parts[part] = getattr(known, part) or self.client.raw(app_id, part)
            except ApiError as error:
                if _concerns_key(error):
                    raise
                problems.append(f"{part}: {error}")
        return parts, "; ".join(problems)


def _concerns_key(error: LaminaGraphError) -> bool:
    """Return whether an error says something about the key, not about one app."""
    return isinstance(error, CredentialsError) and error.status != HTTPStatus.FORBIDDEN


class CircuitBreaker:
    """Stops a run that has lost the API: every further app would only take its time to fail."""

    def __init__(self) -> None:
        self._kind: type[Exception] | None = None
        self._failures = 0

    def check(self, errors: Iterable[LaminaGraphError | None]) -> None:
        """Count the failures of a kind in a row.

        Args:
            errors: what became of each app; None where it was fetched.

        Raises:
            ApiError: the last of too many.
        """
        for error in errors:
            kind = type(error) if error else None
            self._failures = self._failures + 1 if kind == self._kind else 1
            self._kind = kind
            if error and self._failures >= MAX_CONSECUTIVE_FAILURES.get(type(error), inf):
                raise error
