"""The store: what is recorded comes out again, once, whole, with its date, from either database."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from builders import content
from databases import empty_place, engine_of
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import JSON

from lamina_graph.errors import InputError, StoreError
from lamina_graph.files import canonical
from lamina_graph.store import (
    MOMENT,
    App,
    FetchResult,
    FetchScope,
    RetentionPolicy,
    Store,
    connections,
    default_url,
    migrations,
    normalize_url,
    schema,
    snapshot_reads,
    writes,
)

BASE = "https://app.uselamina.ai"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def night(number: int) -> datetime:
    return NOON + number * DAY


def workflow(name: str = "Reel", *types: str, **more: Any) -> dict[str, Any]:
    nodes = (f'{type_}-{index}="{type_}"' for index, type_ in enumerate(types))
    return content(*nodes, appId=name.lower(), name=name) | more


def seen(name: str, at: datetime, *types: str, **parts: Any) -> FetchResult:
    return FetchResult(app_id=name.lower(), at=at, name=name, workflow=workflow(name, *types), **parts)


def run(store: Store, at: datetime, *answers: FetchResult) -> list[str]:
    """Record one whole run."""
    begun = store.begin(BASE, FetchScope(), at)
    effects = store.record(begun.id, answers)
    store.finish(begun.id, at + timedelta(hours=1), complete=True)
    return list(effects)


def only(store: Store, term: str = "reel") -> App:
    (app,) = store.find(term)
    return app


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with Store(store_url) as store:
        yield store


# What is recorded


def test_a_snapshot_comes_out_as_it_went_in(store: Store) -> None:
    given = workflow("Reel", "klingVideoNode", viewport={"zoom": 1.5, "x": 0}, version=10**30)
    detail = {
        "appId": "reel",
        "name": "Reel",
        "parameters": [],
        "outputs": [],
        "later": [None, True, "é\u2028"],
    }
    estimate = {"appId": "reel", "estimatedCredits": {"expected": 12}, "breakdown": []}
    answer = FetchResult(app_id="reel", at=NOON, workflow=given, detail=detail, estimate=estimate)
    assert run(store, NOON, answer) == ["new"]
    snapshot = store.latest(only(store))
    assert snapshot is not None
    assert (snapshot.app_id, snapshot.base_url, snapshot.name, snapshot.taken_at) == (
        "reel",
        BASE,
        "Reel",
        NOON,
    )
    assert snapshot.workflow.model_dump(mode="json", exclude_unset=True) == given
    assert snapshot.detail.model_dump(mode="json", exclude_unset=True) == detail
    assert snapshot.estimate.model_dump(mode="json", exclude_unset=True) == estimate


def test_the_json_is_kept_as_the_api_gave_it(store: Store) -> None:
    given = json.loads('{"nodes": [], "edges": [], "zeta": 1, "alpha": {"y": 1.0, "x": 12}}')
    run(store, NOON, FetchResult(app_id="a", at=NOON, workflow=given))
    with engine_of(store) as engine, connections.reading(engine) as connection:
        (body,) = connection.scalars(sa.select(schema.content.c.body))
    assert json.dumps(writes.decode_content(body)) == json.dumps(given)


def test_an_unchanged_app_adds_no_snapshot(store: Store) -> None:
    answers = [seen(f"App{number}", NOON, "fluxNode", str(number)) for number in range(300)]
    run(store, NOON, *answers)
    before = store.info()
    later = [answer.model_copy(update={"at": night(1)}) for answer in answers]
    assert run(store, night(1), *later) == ["unchanged"] * 300
    after = store.info()
    assert (after.snapshots, after.contents) == (before.snapshots, before.contents) == (300, 300)
    assert after.runs == 2
    with engine_of(store) as engine, connections.reading(engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.seen)) == 2
    assert store.fetched_apps(store.runs()[0].id) == {f"app{number}" for number in range(300)}


def test_content_is_stored_once_whatever_the_order_of_its_keys(store: Store) -> None:
    one, two = {"nodes": [], "edges": [], "x": 1}, {"x": 1, "edges": [], "nodes": []}
    run(
        store,
        NOON,
        FetchResult(app_id="a", at=NOON, workflow=one),
        FetchResult(app_id="b", at=NOON, workflow=two),
    )
    assert store.info().contents == 1
    assert store.info().snapshots == 2


def test_an_app_that_changes_back_has_a_snapshot_each_time(store: Store) -> None:
    for number, type_ in enumerate(["a", "b", "a"]):
        run(store, night(number), seen("Reel", night(number), type_))
    assert [snapshot.workflow.nodes[0].type for snapshot in store.history(only(store))] == ["a", "b", "a"]
    assert store.info().contents == 2


def test_an_estimate_with_another_balance_alone_is_unchanged(store: Store) -> None:
    def estimate(credits: int, balance: int) -> dict[str, Any]:
        credits_ = {"expected": credits, "min": credits, "max": credits}
        return {
            "appId": "reel",
            "estimatedCredits": credits_,
            "currentBalance": balance,
            "affordable": balance > 50,
        }

    effects = [
        run(store, night(number), seen("Reel", night(number), "a", estimate=estimate(*given)))
        for number, given in enumerate([(10, 100), (10, 20), (11, 20)])
    ]
    assert effects == [["new"], ["unchanged"], ["changed"]]


def test_a_part_fetched_for_the_first_time_is_not_a_change(store: Store) -> None:
    detail = {"appId": "reel", "name": "Reel"}
    effects = [
        run(store, night(number), seen("Reel", night(number), "a", **parts))
        for number, parts in enumerate(
            [{}, {"detail": detail}, {}, {"detail": {**detail, "description": "new"}}]
        )
    ]
    assert effects == [["new"], ["unchanged"], ["unchanged"], ["changed"]]
    assert [bool(snapshot.detail) for snapshot in store.history(only(store))] == [False, True, True]


def test_removal_and_return_are_each_recorded_once(store: Store) -> None:
    here = seen("Reel", NOON, "a")
    gone = FetchResult(app_id="reel", at=NOON, outcome="gone", why="404")
    effects = []
    for number, answer in enumerate([here, gone, gone, here, here]):
        effects += run(store, night(number), answer.model_copy(update={"at": night(number)}))
    assert effects == ["new", "gone", "gone", "back", "unchanged"]
    assert [(event.kind, event.at) for event in store.events()] == [("gone", night(1)), ("back", night(3))]
    assert [(run_.gone, run_.back, run_.seen) for run_ in reversed(store.runs())] == [
        (0, 0, 1),
        (1, 0, 0),
        (0, 0, 0),
        (0, 1, 1),
        (0, 0, 1),
    ]
    assert only(store).gone_at is None
    assert store.info().snapshots == 1


def test_an_app_that_could_not_be_fetched_is_unknown_and_stays_what_it_was(store: Store) -> None:
    run(store, NOON, seen("Reel", NOON, "a"))
    effects = run(store, night(1), FetchResult(app_id="reel", at=night(1), outcome="unknown", why="HTTP 500"))
    assert effects == ["unknown"]
    assert store.fetched_apps(store.runs()[0].id) == set()
    assert [(event.kind, event.why) for event in store.events()] == [("unknown", "HTTP 500")]
    assert only(store).gone_at is None
    assert run(store, night(2), seen("Reel", night(2), "a")) == ["unchanged"]


def test_an_app_first_met_as_unknown_is_new_when_it_is_first_seen(store: Store) -> None:
    run(store, NOON, FetchResult(app_id="reel", at=NOON, name="Reel", outcome="unknown", why="HTTP 500"))
    assert store.latest(only(store, "Reel")) is None
    assert run(store, night(1), seen("Reel", night(1), "a")) == ["new"]


def test_the_first_answer_of_a_run_counts_unless_it_is_unknown(store: Store) -> None:
    begun = store.begin(BASE, FetchScope(), NOON)
    unknown = FetchResult(app_id="reel", at=NOON, outcome="unknown", why="time-out")
    for answer in (unknown, unknown, seen("Reel", NOON, "a"), seen("Reel", NOON, "b"), unknown):
        store.record(begun.id, [answer])
    assert store.record(begun.id, [seen("Two", NOON, "a"), seen("Two", NOON, "b")]) == ["new", "unchanged"]
    finished = store.finish(begun.id, night(1))
    assert (finished.seen, finished.new, finished.unknown) == (2, 2, 0)
    assert store.events() == ()
    assert [snapshot.workflow.nodes[0].type for snapshot in store.history(only(store))] == ["a"]


def test_an_app_with_a_missing_part_is_recorded_as_partial(store: Store) -> None:
    assert run(store, NOON, seen("Reel", NOON, "a", why="estimate: HTTP 500")) == ["new"]
    assert [(event.kind, event.why) for event in store.events()] == [("partial", "estimate: HTTP 500")]


def test_snapshots_are_ordered_by_recording_not_by_clock(store: Store) -> None:
    """One night is dated four years ahead, the next ten minutes before the first."""
    run(store, NOON, seen("Reel", NOON, "a"))
    run(store, NOON + 1400 * DAY, seen("Reel", NOON + 1400 * DAY, "b"))
    back = NOON - timedelta(minutes=10)
    run(store, back, seen("Reel", back, "c"))
    types = [snapshot.workflow.nodes[0].type for snapshot in store.history(only(store))]
    assert types == ["a", "b", "c"]
    latest = store.latest(only(store))
    assert latest is not None
    assert latest.workflow.nodes[0].type == "c"
    assert [run_.started_at for run_ in store.runs()] == [back, NOON + 1400 * DAY, NOON]


HOSTILE = [
    "\0",
    "\ud800",
    "\x01",
    "a\0b\ud83d",
    "'; DROP TABLE app; --",
    "%_\\",
    "é\u202e\U0001f600",
    " ",
    "a" * 5000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_is_kept(store: Store, text: str) -> None:
    given = {"appId": text, "name": text, "nodes": [{"id": text, "type": text, "label": text}], "edges": []}
    run(store, NOON, FetchResult(app_id=text, at=NOON, name=text, workflow=given, why=text))
    (app,) = store.find(text)
    assert (app.app_id, app.name, store.events()[0].why) == (text, text, text)
    assert store.latest(app).workflow.nodes[0].label == text


@settings(deadline=None, max_examples=200)
@given(JSON)
def test_content_is_the_value_and_its_name_the_hash_of_the_canonical_text(value: Any) -> None:
    content = writes.Content.of(value)
    assert writes.decode_content(content.row()["body"]) == value
    assert content.hash == sha256(canonical(value).encode()).digest()


@settings(deadline=None, max_examples=200)
@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
def test_ranges_are_read_as_their_numbers(one: set[int], two: set[int]) -> None:
    spans = writes.merge_ranges([*writes.to_ranges(one), *writes.to_ranges(two)])
    assert {number for first, last in spans for number in range(first, last + 1)} == one | two
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(spans))


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.lists(st.sampled_from(["same", "edit", "gone", "unknown", "unasked"]), min_size=4, max_size=4),
        max_size=8,
    )
)
def test_every_run_records_what_happened_to_every_app(nights: list[list[str]]) -> None:
    """The record is replayed against a plain model of it."""
    with Store("sqlite://") as store:
        content, exists, is_gone = dict.fromkeys("abcd", 0), set(), set()
        for number, moves in enumerate(nights):
            begun = store.begin(BASE, FetchScope(), night(number))
            expected, answers = {}, []
            for name, move in zip("abcd", moves, strict=True):
                if move == "unasked":
                    continue
                content[name] += move == "edit"
                fetched = move in ("same", "edit")
                outcome = "seen" if fetched else move
                graph = workflow(name, str(content[name])) if fetched else None
                answers.append(FetchResult(app_id=name, at=night(number), outcome=outcome, workflow=graph))
                expected[name] = _expected(name, move, exists, is_gone)
            assert store.record(begun.id, answers) == list(expected.values())
            assert store.fetched_apps(begun.id) == {
                answer.app_id for answer in answers if answer.outcome == "seen"
            }
        assert {app.app_id for app in store.apps() if app.gone_at} == is_gone


def _expected(name: str, move: str, exists: set[str], is_gone: set[str]) -> str:
    if move == "unknown":
        return "unknown"
    if move == "gone":
        is_gone.add(name)
        return "gone"
    back, new = name in is_gone, name not in exists
    exists.add(name)
    is_gone.discard(name)
    return "back" if back else "new" if new else "changed" if move == "edit" else "unchanged"


# What readers ask


def filled(store: Store, nights: int = 5) -> None:
    """Record an app that changes every other night, and one that never does, by night 3 gone."""
    for number in range(nights):
        at = night(number)
        steady = (
            seen("Steady", at, "a") if number != 3 else FetchResult(app_id="steady", at=at, outcome="gone")
        )
        run(store, at, seen("Reel", at, f"version{number // 2}"), steady)


def types(snapshot: Any) -> str | None:
    return snapshot and snapshot.workflow.nodes[0].type


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        (NOON - DAY, None),
        (NOON - timedelta(microseconds=1), None),
        (NOON, "version0"),
        (night(1), "version0"),
        (night(2), "version1"),
        (night(3) + timedelta(hours=3), "version1"),
        (night(40), "version2"),
    ],
)
def test_the_snapshot_in_force_at_a_moment(store: Store, moment: datetime, found: str | None) -> None:
    filled(store)
    assert types(store.at(only(store), moment)) == found
    assert types(next((each for each in store.catalogue(moment) if each.app_id == "reel"), None)) == found


def test_a_moment_is_the_same_in_any_time_zone(store: Store) -> None:
    filled(store)
    moment = night(2).astimezone(timezone(timedelta(hours=-9)))
    assert types(store.at(only(store), moment)) == "version1"


def test_a_snapshot_by_how_far_back_and_by_id(store: Store) -> None:
    filled(store)
    app, other = only(store), only(store, "steady")
    assert [types(store.latest(app, back)) for back in range(4)] == ["version2", "version1", "version0", None]
    for snapshot in store.history(app):
        assert store.snapshot(app, snapshot.id) == store.snapshot(app, snapshot.id[:8]) == snapshot
        assert store.snapshot(other, snapshot.id) is None
    assert store.snapshot(app, "%") is None


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("latest", "version2"),
        ("~1", "version1"),
        ("9999-12-31", "version2"),
        ("9999-12-31T23:59-09:00", "version2"),
        ("0001-01-01T00:00+09:00", None),
        ("~99999999999999999999", None),
        ("~" + "9" * 5000, None),
        ("~x", None),
    ],
)
def test_any_snapshot_name_is_found_or_missing(store: Store, when: str, found: str | None) -> None:
    filled(store)
    snapshot = store.resolve(only(store), when)
    assert (snapshot and types(snapshot)) == found


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("reel", ["reel"]),
        ("Reel", ["reel"]),
        ("sTeAdY", ["steady"]),
        ("st", ["steady"]),
        ("%", []),
        ("", ["reel", "steady"]),
    ],
)
def test_an_app_is_found_by_id_then_name_then_the_start_of_a_name(
    store: Store, term: str, found: list[str]
) -> None:
    filled(store)
    assert [app.app_id for app in store.find(term)] == found


def test_an_id_wins_over_a_name_and_a_name_over_its_start(store: Store) -> None:
    names = {"x1": "Reel", "Reel": "x2", "x3": "Tale", "x4": "Tales"}
    run(
        store,
        NOON,
        *(
            FetchResult(app_id=id_, at=NOON, name=name, workflow=workflow(name))
            for id_, name in names.items()
        ),
    )
    assert [app.app_id for app in store.find("Reel")] == ["Reel"]
    assert [app.app_id for app in store.find("tale")] == ["x3"]
    assert [app.app_id for app in store.find("ta")] == ["x3", "x4"]
    run(store, night(1), FetchResult(app_id="x5", at=night(1), name="TALE", workflow=workflow("TALE")))
    assert [app.app_id for app in store.find("TALE")] == ["x5"]
    assert [app.app_id for app in store.find("tale")] == ["x3", "x5"]


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("Cafe\u0301 Catalog", ["nfc"]),
        ("CAF\u00c9 CATALOG", ["nfc"]),
        ("cafe catalog", ["nfc"]),
        ("cafe\u0301", ["nfc"]),
        ("Re\u0301el 9:16", ["nfd"]),
        ("A/B Ad Maker", ["slash"]),
        ("16:9", ["ratio"]),
        ("\u0301", []),
    ],
)
def test_apps_are_found_by_name_in_the_store(store: Store, term: str, found: list[str]) -> None:
    """A name is found in either form of its accents, without them, and whatever signs it holds."""
    names = {
        "nfc": "Caf\u00e9 Catalog",
        "nfd": "Re\u0301el 9:16",
        "slash": "A/B Ad Maker",
        "ratio": "16:9 Reels",
    }
    run(
        store,
        NOON,
        *(
            FetchResult(app_id=id_, at=NOON, name=name, workflow=workflow(name))
            for id_, name in names.items()
        ),
    )
    assert [app.app_id for app in store.find(term)] == found


def test_an_app_goes_by_its_newest_name(store: Store) -> None:
    for number, name in enumerate(["Old", "New"]):
        at = night(number)
        run(store, at, FetchResult(app_id="a", at=at, name=name, workflow=workflow(name)))
    assert store.find("old") == ()
    assert [snapshot.name for snapshot in store.history(only(store, "new"))] == ["Old", "New"]


def test_the_same_app_of_two_addresses_is_two_apps(store: Store) -> None:
    for url in (BASE, "https://user:secret@staging.uselamina.ai/"):
        begun = store.begin(url, FetchScope(), NOON)
        store.record(begun.id, [seen("Reel", NOON, "a")])
    assert [app.base_url for app in store.find("reel")] == [BASE, "https://staging.uselamina.ai"]
    assert [app.base_url for app in store.find("reel", BASE)] == [BASE]
    assert len(list(store.catalogue())) == 2
    assert len(list(store.catalogue(base_url=BASE + "/"))) == 1
    assert store.info().contents == 1


def test_a_catalogue_has_the_apps_that_existed_at_its_time(store: Store) -> None:
    filled(store)
    found = [[snapshot.app_id for snapshot in store.catalogue(night(number))] for number in range(5)]
    assert found == [["reel", "steady"]] * 3 + [["reel"]] + [["reel", "steady"]]


def test_a_change_comes_with_the_version_before(store: Store) -> None:
    filled(store)
    pairs = [(types(old), types(new)) for old, new in store.changed(NOON)]
    assert pairs == [("version0", "version1"), ("version1", "version2")]
    assert [(types(old), types(new)) for old, new in store.changed(NOON - DAY, NOON)] == [
        (None, "version0"),
        (None, "a"),
    ]


@pytest.mark.parametrize("count", [99, 100, 101, 250])
def test_a_catalogue_of_many_pages_has_every_app_once(
    store: Store, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_reads, "_PAGE", 50)
    run(store, NOON, *(seen(f"App{number:04}", NOON, str(number % 7)) for number in range(count)))
    found = [snapshot.app_id for snapshot in store.catalogue()]
    assert found == [f"app{number:04}" for number in range(count)]
    assert sorted(new.app_id for _, new in store.changed(NOON - DAY)) == found


def test_a_run_can_be_resumed_until_it_is_finished_or_another_began(store: Store) -> None:
    begun = store.begin(BASE, FetchScope(), NOON)
    assert store.unfinished(BASE, FetchScope()) == begun
    assert store.unfinished(BASE, FetchScope(detail=True)) is None
    assert store.unfinished("https://elsewhere.example", FetchScope()) is None
    store.finish(begun.id, night(1))
    assert store.unfinished(BASE, FetchScope()) is None


def test_concurrent_runs_record_each_app_once(store_url: str) -> None:
    """Eight runs of the same catalogue in eight threads over four stores on one database."""
    catalogue = [f"App{number}" for number in range(40)]

    def one(number: int) -> None:
        with Store(store_url) as store:
            begun = store.begin(BASE, FetchScope(), NOON)
            names = catalogue[number * 5 :] + catalogue[: number * 5]
            for start in range(0, 40, 4):
                at = NOON + timedelta(seconds=number)
                store.record(begun.id, [seen(name, at, "a") for name in names[start : start + 4]])
            store.finish(begun.id, night(1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    with Store(store_url) as store:
        info = store.info()
        assert (info.apps, info.snapshots, info.contents, info.runs) == (40, 40, 40, 8)
        assert sum(run_.new for run_ in store.runs()) == 40
        assert {run_.seen for run_ in store.runs()} == {40}


def test_two_processes_may_resume_one_run(store_url: str) -> None:
    with Store(store_url) as store:
        begun = store.begin(BASE, FetchScope(), NOON)

    def half(number: int) -> None:
        with Store(store_url) as store:
            for index in range(number, 60, 2):
                store.record(begun.id, [seen(f"App{index}", NOON, "a"), seen("Shared", NOON, "a")])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(half, range(2)))
    with Store(store_url) as store:
        finished = store.finish(begun.id, night(1))
        assert (finished.seen, finished.new, store.info().snapshots) == (61, 61, 61)
        assert len(store.fetched_apps(begun.id)) == 61


# Export and import


def test_an_export_holds_everything(store: Store, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    filled(store)
    assert store.export(tmp_path / "out").snapshots == 4
    for kind in ("sqlite", "postgresql"):
        (tmp_path / kind).mkdir()
        with Store(empty_place(kind, request, tmp_path / kind)) as other:
            took = other.import_folder(tmp_path / "out")
            assert (took.apps, took.runs, took.snapshots, took.contents) == (2, 5, 4, 4)
            assert everything(other) == everything(store)
            again = other.import_folder(tmp_path / "out")
            assert (again.apps, again.runs, again.snapshots, again.contents) == (0, 0, 0, 0)
            assert everything(other) == everything(store)


def everything(store: Store) -> Any:
    runs = store.runs()
    return (
        [replace(app, number=0) for app in store.apps()],
        [snapshot for app in store.apps() for snapshot in store.history(app)],
        runs,
        [store.fetched_apps(run_.id) for run_ in runs],
        store.events(),
    )


def test_an_export_is_canonical_and_each_content_is_named_by_its_hash(store: Store, tmp_path: Path) -> None:
    filled(store)
    store.export(tmp_path)
    files = sorted(tmp_path.rglob("*.json"))
    assert len(files) == 1 + 2 + 5 + 4
    for file in files:
        assert file.read_text() == canonical(json.loads(file.read_text()))
    for file in (tmp_path / "content").rglob("*.json"):
        assert file.stem == sha256(file.read_bytes()).hexdigest()


def test_a_second_export_only_adds_what_is_new(store: Store, tmp_path: Path) -> None:
    filled(store)
    store.export(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*.json")}
    nothing = {"apps": 0, "runs": 0, "snapshots": 0, "contents": 0, "remarks": (), "damaged": ()}
    assert store.export(tmp_path).model_dump() == nothing
    run(store, night(9), seen("Reel", night(9), "brand-new"))
    added = store.export(tmp_path)
    assert (added.apps, added.runs, added.snapshots, added.contents) == (0, 1, 1, 1)
    changed = [file for file, content in before.items() if file.read_bytes() != content]
    assert [file.parent.name for file in changed] == ["apps"]


def test_an_export_keeps_what_the_store_has_forgotten(store: Store, tmp_path: Path) -> None:
    filled(store)
    store.export(tmp_path)
    whole = everything(store)
    store.prune(RetentionPolicy(), night(9))
    store.export(tmp_path)
    store.import_folder(tmp_path)
    assert everything(store) == whole


def test_two_stores_are_joined_by_an_import(tmp_path: Path) -> None:
    with Store(str(tmp_path / "one.db")) as one, Store(str(tmp_path / "two.db")) as two:
        run(one, NOON, seen("Zeta", NOON, "z"), seen("Reel", NOON, "a"))
        run(two, night(1), seen("Reel", night(1), "b"), seen("Alpha", night(1), "a"))
        one.export(tmp_path / "out")
        two.import_folder(tmp_path / "out")
        assert [types(snapshot) for snapshot in two.history(only(two))] == ["a", "b"]
        assert {app.app_id for app in two.apps()} == {"alpha", "reel", "zeta"}
        assert [two.fetched_apps(run_.id) for run_ in two.runs()] == [{"reel", "alpha"}, {"zeta", "reel"}]
        with pytest.raises(StoreError, match="another store"):
            two.export(tmp_path / "out")


def test_what_is_no_workflow_is_not_imported_as_one(tmp_path: Path) -> None:
    """The file is whole and its name right, and a snapshot names it with an id that fits."""
    with Store(str(tmp_path / "one.db")) as one:
        run(one, NOON, seen("Reel", NOON, "a"))
        one.export(tmp_path / "out")
    text = canonical({"hello": 1})
    name = sha256(text.encode()).hexdigest()
    (tmp_path / "out" / "content" / name[:2]).mkdir(exist_ok=True)
    (tmp_path / "out" / "content" / name[:2] / f"{name}.json").write_text(text)
    [file] = (tmp_path / "out" / "apps").iterdir()
    app = json.loads(file.read_text())
    app["snapshots"][0]["workflow"] = name
    hashes = [bytes.fromhex(name), None, None]
    app["snapshots"][0]["id"] = writes.snapshot_id(app["base_url"], app["app_id"], NOON, hashes)
    file.write_text(json.dumps(app))
    with Store(str(tmp_path / "two.db")) as two:
        with pytest.raises(StoreError, match=rf"{name}\.json is damaged: not a workflow: nodes: missing"):
            two.import_folder(tmp_path / "out")
        assert list(two.apps()) == []


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda folder: next(folder.glob("content/*/*.json")).write_text("{}"), "does not fit its name"),
        (lambda folder: next(folder.glob("apps/*.json")).write_text("{"), "apps/"),
        (lambda folder: next(folder.glob("runs/*.json")).write_text('{"id": 3}'), "runs/"),
        (lambda folder: next(folder.glob("content/*/*.json")).unlink(), "is missing, which app reel names"),
        (lambda folder: (folder / "store.json").unlink(), "not an export"),
        (lambda folder: next(folder.glob("apps/*.json")).write_text(_moved(folder)), "damaged"),
        (lambda folder: put(folder, "store.json", schema_name="store/9"), "store.json is damaged"),
        (lambda folder: (folder / "store.json").write_text("x"), "store.json is damaged: not JSON: expected"),
        (lambda folder: put(folder, "runs/*.json", id="z/../../../evil"), r"runs/.* is damaged"),
        (lambda folder: put(folder, "runs/*.json", id="0123456789abcdef\n"), r"runs/.* is damaged"),
        (lambda folder: put(folder, "runs/*.json", counts={"seen": 10**30}), r"runs/.* is damaged"),
        (lambda folder: put(folder, "runs/*.json", started_at="0001-01-01T00:00:00+09:00"), "years 1 to"),
        (lambda folder: put(folder, "runs/*.json", events=[UNKNOWN]), r"runs/.* is damaged.* no app 77"),
        (lambda folder: next(folder.glob("apps/*.json")).unlink(), r"runs/.* is damaged.* no app 1"),
        (lambda folder: put(folder, "runs/*.json", seen=[[1, 2**63 - 1], [5, 1]]), r"runs/.* no app 2"),
        (lambda folder: put(folder, "apps/*.json", number=10**30), r"apps/.* is damaged"),
        (lambda folder: (folder / "readers.json").write_text('{"readers": 3}'), "readers.json is damaged"),
        (lambda folder: put_content(folder, b"NaN"), r"content/.* is damaged"),
        (lambda folder: put_content(folder, b'"\\ud800"'), r"content/.* is damaged"),
    ],
)
def test_a_damaged_export_is_refused_whole(tmp_path: Path, harm: Any, message: str) -> None:
    with Store(str(tmp_path / "one.db")) as one, Store(str(tmp_path / "two.db")) as two:
        run(one, NOON, seen("Reel", NOON, "a"))
        one.export(tmp_path / "out")
        harm(tmp_path / "out")
        with pytest.raises(StoreError, match=message):
            two.import_folder(tmp_path / "out")
        assert (two.info().apps, two.info().contents, two.info().runs) == (0, 0, 0)


UNKNOWN = {"app": 77, "kind": "gone", "at": "2026-03-01T12:00:00Z", "why": ""}


def put(folder: Path, pattern: str, **values: Any) -> None:
    """Change the values of a file of an export."""
    file = next(folder.glob(pattern))
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def put_content(folder: Path, text: bytes) -> None:
    """Add a content whose name is right."""
    name = sha256(text).hexdigest()
    (folder / "content" / name[:2]).mkdir(exist_ok=True)
    (folder / "content" / name[:2] / f"{name}.json").write_bytes(text)


def test_a_hostile_run_name_writes_nothing_outside_the_folder(tmp_path: Path) -> None:
    with Store(str(tmp_path / "one.db")) as one:
        run(one, NOON, seen("Reel", NOON, "a"))
        with engine_of(one) as engine, connections.writing(engine) as connection:
            connection.execute(sa.update(schema.run).values(id="z/../../../evil"))
        with pytest.raises(StoreError, match="cannot be written to files"):
            one.export(tmp_path / "deep" / "out")
        assert not list(tmp_path.rglob("*evil*"))


def test_a_snapshot_that_is_not_a_workflow_is_an_error(store: Store) -> None:
    begun = store.begin(BASE, FetchScope(), NOON)
    store.record(begun.id, [FetchResult(app_id="reel", at=NOON, name="Reel", workflow=3)])
    with pytest.raises(StoreError, match=r"snapshot .* is damaged"):
        store.latest(only(store))


def _moved(folder: Path) -> str:
    app = json.loads(next(folder.glob("apps/*.json")).read_text())
    app["snapshots"][0]["taken_at"] = "2020-01-01T00:00:00Z"
    return json.dumps(app)


# Pruning


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        ((), ["d"]),
        (("1",), ["d"]),
        (("2",), ["c", "d"]),
        (("9",), ["a", "b", "c", "d"]),
        (("3d",), ["c", "d"]),
        (("2d",), ["d"]),
        (("1d",), ["d"]),
        (("2", "8d"), ["a", "b", "c", "d"]),
        (("9999y",), ["a", "b", "c", "d"]),
        (("999999y",), ["a", "b", "c", "d"]),
    ],
)
def test_a_prune_keeps_what_its_rules_name(store: Store, rules: tuple[str, ...], kept: list[str]) -> None:
    """Versions a, b, c, d are in force from nights 0, 2, 4, 6; now is night 8."""
    for number, type_ in enumerate("abcd"):
        run(store, night(2 * number), seen("Reel", night(2 * number), type_))
    keep = RetentionPolicy.parse(*rules)
    runs = store.runs()
    plan = store.plan(keep, night(8))
    assert len(list(store.history(only(store)))) == 4
    assert store.prune(keep, night(8)) == plan
    assert [types(snapshot) for snapshot in store.history(only(store))] == kept
    assert (plan.kept, len(plan.snapshots), plan.contents) == (len(kept), 4 - len(kept), 4 - len(kept))
    assert store.info().contents == len(kept)
    assert store.runs() == runs
    assert store.plan(keep, night(8)).snapshots == ()


def test_shared_content_is_not_pruned(store: Store) -> None:
    for number, type_ in enumerate("aba"):
        run(store, night(number), seen("Reel", night(number), type_))
    plan = store.prune(RetentionPolicy(), night(8))
    assert (len(plan.snapshots), plan.contents) == (2, 1)
    assert types(store.latest(only(store))) == "a"


@given(
    st.lists(st.integers(0, 30), unique=True, min_size=1, max_size=8), st.integers(1, 30), st.integers(0, 30)
)
@settings(deadline=None, max_examples=40)
def test_a_pruned_store_answers_for_the_span_as_before(changes: list[int], days: int, back: int) -> None:
    with Store("sqlite://") as store:
        for number in sorted(changes):
            run(store, night(number), seen("Reel", night(number), str(number)))
        moment = night(30) - min(back, days) * DAY
        before = store.at(only(store), moment)
        store.prune(RetentionPolicy(span=days * DAY), night(30))
        assert store.at(only(store), moment) == before


@pytest.mark.parametrize("rule", ["", "d", "-3", "3 nights", "1e9", "9999999999"])
def test_an_invalid_retention_rule_is_refused(rule: str) -> None:
    with pytest.raises(InputError, match="invalid retention rule"):
        RetentionPolicy.parse(rule)


# Opening


def test_the_schema_is_what_the_migrations_make(store: Store) -> None:
    with engine_of(store) as engine, connections.reading(engine) as connection:
        found = sa.inspect(connection)
        columns = {name: {c["name"] for c in found.get_columns(name)} for name in found.get_table_names()}
    assert columns == {table.name: {c.name for c in table.columns} for table in schema.tables.tables.values()}


def test_an_older_store_is_migrated_and_keeps_its_content(store: Store, store_url: str) -> None:
    filled(store)
    whole = everything(store)
    more = (
        *migrations.MIGRATIONS,
        ("ALTER TABLE app ADD COLUMN owner TEXT",),
        ("CREATE TABLE note (text {bytes})",),
    )
    with engine_of(store) as engine:
        connections.migrate(engine, more)
        with connections.reading(engine) as connection:
            assert connections.version(connection) == len(more)
            assert "owner" in {column["name"] for column in sa.inspect(connection).get_columns("app")}
    assert everything(store) == whole
    with pytest.raises(StoreError, match=f"version {len(more)}") as caught:
        Store(store_url)
    assert "newer" in caught.value.hint


def test_a_migration_that_fails_changes_nothing(store: Store) -> None:
    filled(store)
    bad = (*migrations.MIGRATIONS, ("ALTER TABLE app ADD COLUMN owner TEXT", "NO SUCH STATEMENT"))
    with engine_of(store) as engine, pytest.raises(StoreError):
        connections.migrate(engine, bad)
    with engine_of(store) as engine, connections.reading(engine) as connection:
        assert connections.version(connection) == len(migrations.MIGRATIONS)
        assert "owner" not in {column["name"] for column in sa.inspect(connection).get_columns("app")}


def test_many_threads_can_create_one_store_at_once(store_url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(Store, [store_url] * 8))
    assert {store.info().schema_version for store in stores} == {len(migrations.MIGRATIONS)}
    for store in stores:
        store.close()


def test_a_store_that_another_process_creates_is_waited_for(tmp_path: Path) -> None:
    with (
        closing(
            sqlite3.connect(tmp_path / "store.db", isolation_level=None, check_same_thread=False)
        ) as other,
        ThreadPoolExecutor(1) as pool,
    ):
        other.execute("BEGIN IMMEDIATE")
        opened = pool.submit(Store, f"sqlite:///{tmp_path / 'store.db'}")
        with pytest.raises(TimeoutError):
            opened.result(timeout=0.3)
        other.execute("COMMIT")
        with closing(opened.result(timeout=120)) as store:
            assert store.info().schema_version == len(migrations.MIGRATIONS)


def test_looking_for_a_store_does_not_create_it(store_url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store") as caught:
        Store(store_url, create=False)
    assert "snapshot" in caught.value.hint
    assert not (tmp_path / "store.db").exists()


def test_a_file_with_other_content_is_not_touched(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE mine (x)")
    with pytest.raises(StoreError, match="something other"):
        Store(f"sqlite:///{tmp_path / 'other.db'}")
    (tmp_path / "text").write_text("no database at all, but a text that is long enough to be one" * 20)
    with pytest.raises(StoreError, match="not a database"):
        Store(f"sqlite:///{tmp_path / 'text'}")


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite+nonsense://", "://", "postgresql+asyncpg://x/y"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        Store(url)
    assert "sqlite:///" in caught.value.hint


def test_a_password_is_never_shown() -> None:
    with pytest.raises(StoreError) as caught:
        Store("postgresql://tester:hunter2@127.0.0.1:1/none?connect_timeout=2")
    assert "hunter2" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_a_plain_path_is_an_sqlite_file(tmp_path: Path) -> None:
    with Store(str(tmp_path / "store.db")) as store:
        assert store.url == f"sqlite:///{tmp_path}/store.db"
        assert store.created
    assert (tmp_path / "store.db").is_file()
    with Store(str(tmp_path / "store.db")) as again:
        assert not again.created


def test_a_store_in_a_folder_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no folder") as caught:
        Store(str(tmp_path / "mistyped" / "store.db"))
    assert "--store" in caught.value.hint
    assert not (tmp_path / "mistyped").exists()


def test_the_database_library_is_loaded_by_making_a_store_and_not_before() -> None:
    code = (
        "import sys, lamina_graph, lamina_graph.store as room; assert 'sqlalchemy' not in sys.modules;"
        "room.Store('sqlite://'); assert 'sqlalchemy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_default_store_is_a_file_of_the_user() -> None:
    assert default_url().startswith("sqlite:////")
    assert normalize_url("https://u:p@h.example:8080/x/") == "https://h.example:8080/x"


# What readers were told


def test_each_reader_has_a_position_of_its_own(store: Store, store_url: str) -> None:
    assert store.cursor("night") is None
    store.advance_cursor("night", NOON)
    store.advance_cursor("night", night(2))
    store.advance_cursor("day \0 \ud800", NOON)
    with Store(store_url) as again:
        assert (again.cursor("night"), again.cursor("day \0 \ud800"), again.cursor("other")) == (
            night(2),
            NOON,
            None,
        )


def test_readers_of_different_addresses_are_separate(store: Store) -> None:
    store.advance_cursor("night", NOON, "https://a.example/")
    assert (store.cursor("night", "https://a.example"), store.cursor("night")) == (NOON, None)


def test_a_moved_store_keeps_its_readers(store: Store, tmp_path: Path) -> None:
    filled(store)
    store.advance_cursor("night \0", night(4) + HOUR)
    store.advance_cursor("", night(2) + HOUR)
    store.export(tmp_path / "out")
    with Store("sqlite://") as other:
        assert other.import_folder(tmp_path / "out").remarks == ()
        assert (other.cursor("night \0"), other.cursor("")) == (night(4) + HOUR, night(2) + HOUR)
        assert other.import_folder(tmp_path / "out").remarks == ()
        assert other.cursor("") == night(2) + HOUR


def test_after_an_import_readers_see_the_imported_past(store: Store, tmp_path: Path) -> None:
    """Two stores become one: a reader begins again before the first run that was not here."""
    filled(store, nights=2)
    store.advance_cursor("night", night(1) + HOUR)
    store.export(tmp_path / "out")
    with Store("sqlite://") as other:
        run(other, night(9), seen("Own", night(9), "a"))
        other.advance_cursor("night", night(9) + HOUR)
        [remark] = other.import_folder(tmp_path / "out").remarks
        assert other.cursor("night") == night(0) - MOMENT
        since = "`changes --since last` of the reader night"
        assert remark == f"{since} begins at 2026-03-01 12:00: what was told since comes again"
        assert other.import_folder(tmp_path / "out").remarks == ()


def test_the_last_known_part_of_an_answer_is_found(store: Store) -> None:
    detail = {"appId": "reel", "name": "Reel"}
    for number, more in enumerate([{"detail": detail}, {}, {}]):
        at = night(number)
        run(
            store,
            at,
            FetchResult(app_id="reel", at=at, workflow=workflow("Reel", f"version{number}"), **more),
        )
    first, _, last = store.history(only(store))
    assert store.part(last, "detail") == first
    assert store.part(first, "detail") == first
    assert store.part(last, "estimate") is None


def test_a_store_of_the_second_version_is_migrated(tmp_path: Path) -> None:
    """What was recorded then stays in order, and its readers go on where they were."""
    place, words = tmp_path / "old.db", {"serial": "INTEGER PRIMARY KEY", "bytes": "BLOB"}
    with closing(sqlite3.connect(place)) as old:
        for statement in (each for step in migrations.MIGRATIONS[:2] for each in step):
            old.execute(statement.format(**words))
        old.execute("INSERT INTO lamina_store VALUES (2, 'key')")
        first, second = (f"2026-03-0{day}T12:00:00.000000Z" for day in (1, 2))
        old.execute("INSERT INTO app VALUES (1, ?, 'reel', 'Reel', ?)", (BASE, first))
        for number, (at, type_) in enumerate([(first, "a"), (second, "b")], start=1):
            content = writes.Content.of(workflow("Reel", type_)).row()
            old.execute("INSERT INTO content VALUES (:hash, :size, :body)", content)
            counts = (at, at, True, 1, 0, 0, 0, 0, 0)
            run_ = (number, f"{number:016}", BASE, '{"apps":null}', True, *counts)
            old.execute(f"INSERT INTO run VALUES ({', '.join('?' * len(run_))})", run_)
            snapshot = (f"{number:016}", 1, number, at, content["hash"], None, None)
            old.execute("INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?, ?)", snapshot)
        old.execute("INSERT INTO told VALUES ('night', ?)", (second,))
        old.commit()
    with Store(str(place), create=False) as store:
        assert [each.workflow.nodes[0].type for each in store.history(only(store))] == ["a", "b"]
        assert store.cursor("night") == night(1)
        assert run(store, NOON, seen("Reel", NOON, "c")) == ["changed"]
        assert [types(new) for _, new in store.changed(night(1), by_record=True)] == ["c"]
