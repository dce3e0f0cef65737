"""One run: list, fetch side by side, record each answer as it comes."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from lamina_graph.client import Client, Part
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
from lamina_graph.store import App, Event, FetchOutcome, FetchResult, FetchScope, RecordResult, Run
from lamina_graph.sync.listing import listing

if TYPE_CHECKING:
    from lamina_graph.store import Store

CONNECTIONS = 4
"""Few: httpx becomes slower with many, and the API's limit is reached with less."""

HOPELESS: Mapping[type[ApiError], int] = {TransportError: 20, RateLimitError: 5}
"""After so many failures of a kind in a row, each after many attempts, a run stops; it can be resumed."""

In = TypeVar("In")
Out = TypeVar("Out")


class Progress(NamedTuple):
    """One app done: how many are, of how many, and what it gave."""

    done: int
    total: int
    answer: FetchResult
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
        progress: is told of each app, in the thread of the caller.
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
    asked = run.asked
    todo = _everything(client, store, run, now) if asked.apps is None else _Todo(dict.fromkeys(asked.apps))
    done = store.fetched_apps(run.id)
    ids = [app_id for app_id in todo.names if app_id not in done]
    taken = len(todo.names) - len(ids)
    watch, fetch = _Watch(), _Fetch(client, todo.names, asked, now)
    for fetched in map_unordered(fetch, ids, connections):
        answers = [answer for answer, _ in fetched]
        for answer, effect in zip(answers, store.record(run.id, answers), strict=True):
            taken += 1
            if progress:
                progress(Progress(taken, len(todo.names), answer, effect))
        watch.over(error for _, error in fetched)
    finished = store.finish(run.id, now(), complete=todo.complete)
    return _synced(store, finished, todo)


class _Todo(NamedTuple):
    """The ids to fetch, with names where listed; whether these are all, why that is doubted, flawed rows."""

    names: Mapping[str, str | None]
    complete: bool | None = None
    doubt: str = ""
    flawed: tuple[str, ...] = ()


def _everything(client: Client, store: "Store", run: Run, now: Callable[[], datetime]) -> _Todo:
    """Return all that is listed. What no longer is counts as gone; where that is doubtful, it is asked."""
    listed = listing(client)
    names: dict[str, str | None] = {row.app_id: None for row in listed.flawed if row.app_id}
    names |= {app.app_id: app.name for app in listed.apps}
    flawed = tuple(row.problem for row in listed.flawed)
    known = store.listed(run.base_url)
    missing = [app for app in known if app.app_id not in names]
    nameless = "" if all(row.app_id for row in listed.flawed) else "some rows of it name no app"
    doubt = listed.doubt or _shrunk(len(known), len(missing)) or nameless
    if doubt:
        every = names | {app.app_id: app.name for app in missing}
        return _Todo(every, complete=False, doubt=doubt, flawed=flawed)
    store.record(run.id, [_vanished(app, now()) for app in missing])
    return _Todo(names, complete=True, flawed=flawed)


def _shrunk(known: int, missing: int) -> str:
    if missing <= max(_FEW, known // 2):
        return ""
    return f"the API lists {known - missing} of the {known} apps known so far; the list may be cut short"


_FEW = 5


def _vanished(app: App, at: datetime) -> FetchResult:
    return FetchResult(app_id=app.app_id, name=app.name, at=at, outcome="gone", why="no longer listed")


@dataclass(frozen=True, slots=True)
class _Fetch:
    """Fetches one app: what the API says of it, and the error where it says nothing."""

    client: Client
    names: Mapping[str, str | None]
    asked: FetchScope
    now: Callable[[], datetime]

    def __call__(self, app_id: str) -> "tuple[FetchResult, ApiError | None]":
        try:
            workflow = self.client.raw(app_id, "workflow")
        except InputError as error:  # it is no id of an app
            answer = FetchResult(app_id=app_id, at=self.now(), outcome="unknown", why=str(error))
            return answer, None
        except ApiError as error:
            return self._failed(app_id, error)
        at = self.now()
        parts, why = self._parts(app_id)
        name = self.names.get(app_id)
        return FetchResult(app_id=app_id, name=name, at=at, workflow=workflow, why=why, **parts), None

    def _failed(self, app_id: str, error: ApiError) -> "tuple[FetchResult, ApiError]":
        if _of_all(error):
            raise error
        outcome: FetchOutcome = "gone" if _says_gone(error) else "unknown"
        name = self.names.get(app_id)
        return FetchResult(app_id=app_id, name=name, at=self.now(), outcome=outcome, why=str(error)), error

    def _parts(self, app_id: str) -> tuple[dict[str, Any], str]:
        given: dict[str, Any] = {}
        troubles = []
        for part in _wanted(self.asked):
            try:
                given[part] = self.client.raw(app_id, part)
            except ApiError as error:
                if _of_all(error):
                    raise
                troubles.append(f"{part}: {error}")
        return given, "; ".join(troubles)


def _wanted(asked: FetchScope) -> list[Part]:
    parts: dict[Part, bool] = {"detail": asked.detail, "estimate": asked.estimate}
    return [part for part, wanted in parts.items() if wanted]


def _of_all(error: ApiError) -> bool:
    """Return whether an error says something about the key, not about one app."""
    return isinstance(error, CredentialsError) and error.status != HTTPStatus.FORBIDDEN


def _says_gone(error: ApiError) -> bool:
    """Return whether the API itself says that there is no such app: only its own answers carry its code."""
    return isinstance(error, NotFoundError) and error.code == "NOT_FOUND"


class _Watch:
    """Stops a run that has lost the API: every further app would only take its time to fail."""

    def __init__(self) -> None:
        self._kind: type[ApiError] | None = None
        self._times = 0

    def over(self, errors: Iterable[ApiError | None]) -> None:
        """Look at what became of each app.

        Raises:
            ApiError: the last of too many failures in a row.
        """
        for error in errors:
            kind = type(error) if error else None
            self._times = self._times + 1 if kind == self._kind else 1
            self._kind = kind
            if error and self._times >= HOPELESS.get(type(error), inf):
                raise error


def map_unordered(
    function: Callable[[In], Out], values: Iterable[In], threads: int = CONNECTIONS
) -> Iterator[list[Out]]:
    """Yield `function(value)` for each value, in the order in which they are done, all that are done at once.

    The threads never hold up the end of the process: an interrupted run need not wait for a slow server.

    Raises:
        BaseException: what `function` raises; values that no thread has taken yet are left.
    """
    todo: queue.SimpleQueue[In] = queue.SimpleQueue()
    done: queue.SimpleQueue[Future[Out]] = queue.SimpleQueue()
    stopped = threading.Event()
    left = 0
    for value in values:
        todo.put(value)
        left += 1
    for _ in range(min(threads, left)):
        threading.Thread(target=_work, args=(function, todo, done, stopped), daemon=True).start()
    try:
        while left:
            results = _drained(done)
            left -= len(results)
            yield [result.result() for result in results if not result.exception()]
            for failed in filter(Future.exception, results):
                failed.result()
    finally:
        stopped.set()


def _work(
    function: Callable[[In], Out],
    todo: "queue.SimpleQueue[In]",
    done: "queue.SimpleQueue[Future[Out]]",
    stopped: threading.Event,
) -> None:
    with suppress(queue.Empty):
        while not stopped.is_set():
            outcome = _outcome(function, todo.get_nowait())
            if outcome.exception():
                stopped.set()
            done.put(outcome)


def _outcome(function: Callable[[In], Out], value: In) -> "Future[Out]":
    outcome: Future[Out] = Future()
    try:
        outcome.set_result(function(value))
    except BaseException as error:
        outcome.set_exception(error)
    return outcome


def _drained(done: "queue.SimpleQueue[Future[Out]]") -> "list[Future[Out]]":
    results = [done.get()]
    with suppress(queue.Empty):
        while len(results) < _TOGETHER:
            results.append(done.get_nowait())
    return results


_TOGETHER = 50


def _synced(store: "Store", run: Run, todo: _Todo) -> SyncReport:
    events = store.events(run=run.id)
    return SyncReport(
        run=run,
        failures=tuple(event for event in events if event.kind in ("unknown", "partial")),
        gone=tuple(event for event in events if event.kind == "gone"),
        flawed=todo.flawed,
        doubt=todo.doubt,
    )
