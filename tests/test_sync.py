"""Bringing a catalogue to the store: at the pace that the API permits, whatever happens on the way."""

import heapq
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil, floor, inf
from pathlib import Path

import pytest
from catalogues import QUICK, FixedWindows, Rival, app_id, apps, client, workflow
from loopback import Answer, Loopback, data, error, serving, text, usual

from lamina_graph.errors import CredentialsError, TransportError
from lamina_graph.store import FetchScope, Run, Store
from lamina_graph.sync import HeaderRateLimiter, Progress, SyncReport, listing, sync
from lamina_graph.sync.rate_limit import RateLimitWindow

# The pace, against a model of a server in virtual time


@dataclass
class Windows:
    """A server that permits so many requests in each window, as a model in virtual time."""

    limit: int
    window: float
    rounding: object = ceil
    on_first: bool = False
    begun: float = 0.0
    taken: int = 0
    refused: int = 0

    def take(self, now: float) -> tuple[int, dict[str, str]]:
        if now >= self.begun + self.window:
            self.begun = (
                now if self.on_first else self.begun + self.window * floor((now - self.begun) / self.window)
            )
            self.taken = 0
        full = self.taken >= self.limit
        self.taken += not full
        self.refused += full
        seconds = str(self.rounding(self.begun + self.window - now))
        headers = {"ratelimit-remaining": str(self.limit - self.taken), "ratelimit-reset": seconds}
        return (429, {**headers, "retry-after": seconds}) if full else (200, headers)


@dataclass
class Played:
    answered: int = 0
    times: list[float] = field(default_factory=list)


def play(
    server: Windows, requests: int, *, connections: int = 4, latency: tuple[float, float], greedy: float = 0
) -> Played:
    """Send requests at the pace of an allowance, beside another client that takes what it can."""
    window, chance = RateLimitWindow(jitter=0), random.Random(7)
    played, now, free, order = Played(), 0.0, connections, 0
    events: list[tuple[float, int, str, float, object]] = []
    if greedy:
        heapq.heappush(events, (0.0, 0, "other", 0.0, None))
    while played.answered < requests and now < 1e5:
        while free and (pause := window.wait_time(now)) <= 0:
            window.record_sent(now)
            free, order = free - 1, order + 1
            heapq.heappush(events, (now + chance.uniform(*latency) / 2, order, "arrives", now, None))
        wake = now + pause if free else inf
        if not events or wake < events[0][0]:
            now = wake
            continue
        now, _, kind, sent_at, answer = heapq.heappop(events)
        order += 1
        if kind == "other":
            server.taken += server.taken < server.limit and now < server.begun + server.window
            heapq.heappush(events, (now + greedy, order, "other", 0.0, None))
        elif kind == "arrives":
            played.times.append(now)
            heapq.heappush(
                events, (now + chance.uniform(*latency) / 2, order, "answers", sent_at, server.take(now))
            )
        else:
            status, headers = answer
            window.record_response(sent_at, now, status, headers)
            played.answered += status == 200
            free += 1
    return played


@pytest.mark.parametrize("on_first", [False, True])
@pytest.mark.parametrize("rounding", [ceil, floor, round])
@pytest.mark.parametrize("latency", [(0.001, 0.004), (0.02, 0.2), (0.1, 0.1)])
@pytest.mark.parametrize(
    ("limit", "window", "begun"), [(100, 5, 0.0), (100, 5, -3.3), (100, 60, -17.4), (10, 2, -0.9)]
)
def test_requests_use_the_limit_fully_without_being_refused(
    limit, window, begun, latency, rounding, on_first
) -> None:
    server = Windows(limit, window, rounding, on_first, begun)
    played = play(server, 15 * limit, latency=latency)
    assert server.refused <= (rounding is round)
    permitted = limit * played.times[-1] / window
    least = 0.98 if rounding is ceil and not on_first else 0.7
    assert len(played.times) >= least * permitted


def test_every_request_succeeds_beside_another_client() -> None:
    server = Windows(100, 5)
    played = play(server, 1000, latency=(0.001, 0.01), greedy=0.05)
    assert played.answered == 1000
    assert server.refused <= 4 * 21


# A whole run


@pytest.fixture
def api() -> Iterator[Loopback]:
    """An API of twelve apps without a limit."""
    loopback = Loopback(limit=10**9)
    loopback.apps = apps(12)
    with serving(loopback) as served:
        yield served


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        yield store


Take = Callable[..., SyncReport]


@pytest.fixture
def take(api: Loopback, store: Store) -> Iterator[Take]:
    """Take a snapshot of all apps, or of some."""
    with client(api, rate_limiter=HeaderRateLimiter(jitter=0), retry_policy=QUICK) as asking:
        yield lambda asked=EVERYTHING, **more: sync(asking, store, asked, **more)


EVERYTHING = FetchScope()


def counts(run: Run) -> dict[str, int]:
    return {
        name: count
        for name in ("seen", "new", "changed", "back", "gone", "unknown")
        if (count := getattr(run, name))
    }


def test_a_run_records_exactly_what_happened(api: Loopback, store: Store, take: Take) -> None:
    """Ten of twelve apps change in known ways, one is removed, one added, one breaks and is whole again."""
    assert counts(take().run) == {"seen": 12, "new": 12}
    for number in range(10):
        api.apps[app_id(number)] = workflow(number, 3, version=1)
    del api.apps[app_id(10)]
    api.apps[app_id(12)] = workflow(12, 3)
    api.fault("500", path=f"*/{app_id(11)}/*", times=4)
    second = take()
    assert counts(second.run) == {"seen": 11, "new": 1, "changed": 10, "gone": 1, "unknown": 1}
    assert [(event.app_id, event.kind) for event in second.failures] == [(app_id(11), "unknown")]
    assert [event.app_id for event in second.gone] == [app_id(10)]
    assert "500" in second.failures[0].why
    before = store.info()
    third = take()
    assert counts(third.run) == {"seen": 12}
    assert (third.failures, third.gone, third.doubt) == ((), (), "")
    assert store.info().snapshots == before.snapshots == 12 + 11
    assert store.info().contents == before.contents


def test_the_stored_content_is_what_the_server_sent(api: Loopback, store: Store, take: Take) -> None:
    api.apps[app_id(3)] |= {"viewport": {"zoom": 1.25, "x": 10**20}, "späť": [None, "\u2028"]}
    synced = take(FetchScope(apps=(app_id(3),), detail=True, estimate=True))
    assert (counts(synced.run), synced.run.complete) == ({"seen": 1, "new": 1}, None)
    (app,) = store.find(app_id(3))
    snapshot = store.latest(app)
    assert snapshot.workflow.model_dump(mode="json", exclude_unset=True) == api.apps[app_id(3)]
    assert snapshot.detail.app_id == snapshot.estimate.app_id == app_id(3)


def test_a_removed_app_that_returns_is_recorded_as_back(api: Loopback, store: Store, take: Take) -> None:
    take()
    away = api.apps.pop(app_id(4))
    assert counts(take().run) == {"seen": 11, "gone": 1}
    api.apps[app_id(4)] = away
    assert counts(take().run) == {"seen": 12, "back": 1}
    assert [event.kind for event in store.events()] == ["gone", "back"]


ELSEWHERE = {
    "a page": text(404, "<title>No such page</title>", "text/html"),
    "text that speaks of HTML": text(404, "HTML"),
    "a gateway": text(404, '{"message": "no Route matched"}', "application/json"),
    "another code": error(404, code="ROUTE_NOT_FOUND"),
}


@pytest.mark.parametrize("answer", ELSEWHERE.values(), ids=ELSEWHERE)
def test_an_app_is_gone_only_where_the_api_says_so(api: Loopback, take: Take, answer: Answer) -> None:
    one = FetchScope(apps=(app_id(4),))
    take(one)
    api.fault(lambda _: answer, path=f"*/{app_id(4)}*", times=2)
    assert counts(take(one).run) == {"unknown": 1}
    api.fault(lambda _: error(404, "App not found: it was an HTML page"), path=f"*/{app_id(4)}*", times=2)
    assert counts(take(one).run) == {"gone": 1}


def test_an_app_fetched_by_name_is_not_gone_where_it_is_not_listed(
    api: Loopback, store: Store, take: Take
) -> None:
    hidden = api.apps.pop(app_id(5))
    api.apps[app_id(5)] = hidden
    take(FetchScope(apps=(app_id(5),)))
    listed = dict(api.apps)
    api.list_apps = lambda query: data(
        [{"appId": id_, "name": id_} for id_ in listed if id_ != app_id(5)][: int(query["limit"])]
    )
    assert counts(take().run) == {"seen": 11, "new": 11}


def test_progress_names_each_app_when_it_is_done(take: Take) -> None:
    steps: list[Progress] = []
    take(progress=steps.append)
    assert [step.done for step in steps] == list(range(1, 13))
    assert {step.total for step in steps} == {12}
    assert {step.result.app_id for step in steps} == {app_id(number) for number in range(12)}
    assert {step.effect for step in steps} == {"new"}


def test_a_snapshot_is_dated_by_its_answer(store: Store, take: Take) -> None:
    moments = iter(datetime(2026, 3, 9, 10, 25, second, tzinfo=UTC) for second in range(60))
    run = take(FetchScope(apps=(app_id(1),)), now=lambda: next(moments)).run
    (app,) = store.find(app_id(1))
    assert run.started_at < store.latest(app).taken_at < run.finished_at


class CtrlC(BaseException):
    """Stands for Ctrl-C, which may come at any moment."""


@pytest.mark.parametrize("after", [0, 1, 5, 11])
def test_an_interrupted_run_can_be_resumed(api: Loopback, store: Store, take: Take, after: int) -> None:
    def interrupt(step: Progress) -> None:
        if step.done > after:
            raise CtrlC

    with pytest.raises(CtrlC):
        take(progress=interrupt)
    kept = store.info().snapshots
    assert kept > after
    assert (store.runs()[0].finished_at, store.runs()[0].error) == (None, "interrupted")
    asked = len(api.seen)
    resumed = take(resume=True)
    assert counts(resumed.run) == {"seen": 12, "new": 12}
    assert (store.runs()[0].finished_at, store.runs()[0].error) == (resumed.run.finished_at, "")
    assert len(store.runs()) == 1
    fetched = [seen.path for seen in api.seen[asked:] if seen.path.endswith("/workflow")]
    assert 12 - kept <= len(fetched) <= 12 - kept + 4
    assert take(resume=True).run.id != resumed.run.id


def test_a_key_that_is_rejected_stops_the_run_at_once(api: Loopback, store: Store, take: Take) -> None:
    api.fault("401", path="*/workflow")
    with pytest.raises(CredentialsError):
        take()
    assert len([seen for seen in api.seen if seen.path.endswith("/workflow")]) <= 4
    assert store.events() == ()
    assert "401" in store.runs()[0].error


def test_a_forbidden_app_does_not_stop_a_run(api: Loopback, take: Take) -> None:
    api.fault("403", path=f"*/{app_id(2)}/*")
    synced = take()
    assert counts(synced.run) == {"seen": 11, "new": 11, "unknown": 1}


def test_a_missing_part_is_named_and_the_rest_is_kept(api: Loopback, store: Store, take: Take) -> None:
    api.fault("400", path=f"*/{app_id(2)}/estimate")
    synced = take(FetchScope(estimate=True))
    assert counts(synced.run) == {"seen": 12, "new": 12}
    assert [(event.app_id, event.kind) for event in synced.failures] == [(app_id(2), "partial")]
    assert "estimate" in synced.failures[0].why


def test_a_run_that_has_lost_the_api_stops_and_can_be_resumed(
    api: Loopback, store: Store, take: Take
) -> None:
    api.apps = apps(60)
    api.fault(usual, path="*/workflow", times=10)
    api.fault("reset", path="*/workflow")
    with pytest.raises(TransportError):
        take()
    assert store.runs()[0].seen == 10
    assert store.runs()[0].unknown < 60 - 10
    api.forget()
    resumed = take(resume=True)
    assert counts(resumed.run) == {"seen": 60, "new": 60}
    assert resumed.failures == ()


# The listing

NAMES = ("Saree Catalog", "Virtual Try-on", "Reel Maker", "UGC", "Cartoonify", "Eyewear Shoot", "Ads 3.0")


def capped(api: Loopback, most: int) -> None:
    """Let the API give no more than so many apps at once, without a word."""
    usual = api.list_apps
    api.list_apps = lambda query: usual({**query, "limit": str(min(most, int(query.get("limit", most))))})


def refusing(api: Loopback, most: int) -> None:
    """Let the API refuse a limit that is larger."""
    usual = api.list_apps
    api.list_apps = lambda query: (
        usual(query) if int(query.get("limit", 1)) <= most else error(400, "limit is too large")
    )


@pytest.mark.parametrize(
    ("count", "limit_apps", "most", "found", "complete"),
    [
        (0, None, 0, 0, True),
        (12, None, 0, 12, True),
        (1000, None, 0, 1000, True),
        (1001, None, 0, 1001, True),
        (40, capped, 20, 40, False),
        (12, capped, 20, 12, True),
        (40, refusing, 100, 40, True),
        (120, refusing, 100, 120, False),
        (12, refusing, 5, 12, True),
    ],
)
def test_a_listing_says_whether_it_is_complete(count, limit_apps, most, found, complete) -> None:
    api = Loopback(limit=10**9)
    api.apps = apps(count, nodes=1)
    for number, app in enumerate(api.apps.values()):
        app["name"] = f"{NAMES[number % len(NAMES)]} {number}"
    if limit_apps:
        limit_apps(api, most)
    with serving(api), client(api) as asking:
        listed = listing(asking)
    assert (len(listed.apps), listed.complete) == (found, complete)
    assert len({app.app_id for app in listed.apps}) == found


def test_an_incomplete_listing_makes_no_app_gone(api: Loopback, store: Store, take: Take) -> None:
    take()
    del api.apps[app_id(11)]
    api.list_apps = lambda query: data([])
    synced = take()
    assert counts(synced.run) == {"seen": 11, "gone": 1}
    assert (synced.run.complete, "12 apps known" in synced.doubt) == (False, True)


def test_an_app_listed_twice_is_fetched_once(api: Loopback, take: Take) -> None:
    usual = api.list_apps

    def twice(query: dict[str, str]) -> Answer:
        rows = json.loads(usual(query).body)["data"]
        return data([*rows, *rows])

    api.list_apps = twice
    assert counts(take().run) == {"seen": 12, "new": 12}
    assert len([seen for seen in api.seen if seen.path.endswith("/workflow")]) == 12


# The pace, against a server


def sync_at_pace(api: FixedWindows, store: Store, share: int) -> dict[str, int]:
    """Take a snapshot while another client behind the same address eats its share of each window."""
    with (
        serving(api),
        client(api, rate_limiter=HeaderRateLimiter(jitter=0.05)) as asking,
        Rival(api, share),
    ):
        return counts(sync(asking, store, EVERYTHING).run)


def test_a_limit_is_kept_without_a_refusal(store: Store) -> None:
    api = FixedWindows(50, limit=20, window=1)
    assert sync_at_pace(api, store, 0) == {"seen": 50, "new": 50}
    assert api.refused == 0


def test_everything_is_recorded_beside_another_client(store: Store) -> None:
    assert sync_at_pace(FixedWindows(50, limit=20, window=1), store, 10) == {"seen": 50, "new": 50}


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "Wed, 25 Nov 2026 10:00:07 GMT", "date": "Wed, 25 Nov 2026 10:00:00 GMT"}, 7),
        ({"retry-after": "86400"}, 180),
        ({"ratelimit-reset": "9", "ratelimit-remaining": "0"}, 9),
        ({"retry-after": "soon"}, 1),
        ({}, 1),
    ],
)
def test_after_a_refusal_requests_wait(headers: dict[str, str], pause: float) -> None:
    window = RateLimitWindow(jitter=0)
    window.record_sent(100)
    window.record_response(100, 100, 429, headers)
    assert window.wait_time(100) == pause
    assert window.wait_time(100 + pause) == 0


def test_refused_threads_retry_at_different_times() -> None:
    def pause() -> float:
        window = RateLimitWindow(jitter=0.5)
        window.record_sent(0)
        window.record_response(0, 0, 429, {"retry-after": "3"})
        return window.wait_time(0)

    pauses = {pause() for _ in range(20)}
    assert len(pauses) > 1
    assert all(3 <= each <= 3.5 for each in pauses)


def test_without_limit_headers_requests_do_not_wait() -> None:
    window = RateLimitWindow()
    window.record_sent(0)
    assert window.wait_time(0) > 0
    window.record_response(0, 0.1, 200, {})
    for _ in range(1000):
        assert window.wait_time(0.1) == 0
        window.record_sent(0.1)


def test_a_moment_in_place_of_seconds_causes_only_a_bounded_wait() -> None:
    """Some servers send when the window ends, in seconds since 1970: half a century of waiting."""
    window = RateLimitWindow(jitter=0)
    window.record_sent(0)
    window.record_response(0, 0, 200, {"ratelimit-remaining": "0", "ratelimit-reset": "1772000000"})
    assert window.wait_time(0) == 180


@pytest.mark.parametrize("value", ["", "-5", "many", "nan", "1e400"])
def test_invalid_headers_cause_only_a_bounded_wait(value: str) -> None:
    window = RateLimitWindow(jitter=0)
    for now in range(5):
        window.record_sent(now)
        window.record_response(now, now, 200, {"ratelimit-remaining": value, "ratelimit-reset": value})
        assert window.wait_time(now) <= 180


def test_a_first_request_without_an_answer_delays_others_only_briefly() -> None:
    window = RateLimitWindow()
    window.record_sent(0)
    assert 0 < window.wait_time(0) <= 2
    assert window.wait_time(2) == 0
    window.record_response(0, 1, None, {})
    assert window.wait_time(1) == 0


def test_an_id_too_long_for_a_database_is_skipped_and_named(api: Loopback, take: Take) -> None:
    absurd = "".join(random.Random(1).choices("abcdefgh", k=5000))
    api.apps[absurd] = {**workflow(0), "appId": absurd}
    synced = take()
    assert counts(synced.run) == {"seen": 12, "new": 12}
    [problem] = synced.flawed
    assert problem.startswith("row 13 of the list of apps: ")
    assert len(problem) < 300
