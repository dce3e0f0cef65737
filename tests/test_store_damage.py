"""Damaged stores: what cannot be read is named, blocks only itself, and can be taken out."""

import gc
import json
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from builders import content
from click.testing import CliRunner, Result

from lamina_graph.cli import cli
from lamina_graph.diff import ComparisonPolicy
from lamina_graph.errors import StoreError
from lamina_graph.history import drift
from lamina_graph.store import FetchResult, FetchScope, Snapshot, SnapshotSequence, Store
from lamina_graph.store_reader import Span, StoreReader

BASE = "https://app.uselamina.ai"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OTHER = zlib.compress(b'{"nodes": [], "edges": []}')

HARMS = {
    "flipped bytes": ("UPDATE content SET body = x'00' WHERE hash = :hash", "cannot be read"),
    "another workflow": ("UPDATE content SET body = :other WHERE hash = :hash", "is not what was recorded"),
    "no content": ("DELETE FROM content WHERE hash = :hash", "its workflow is missing"),
    "no detail": ("UPDATE snapshot SET detail = x'00' WHERE id = :id", "its detail is missing"),
    "no app": ("UPDATE snapshot SET app = 99 WHERE id = :id", "its app is missing"),
    "no run": ("UPDATE snapshot SET run = 99 WHERE id = :id", "its run is missing"),
}


def fill(place: Path, apps: int, nights: int) -> None:
    """Record nights in which every app changes."""
    with Store(str(place)) as store:
        for night in range(nights):
            at = NOON + timedelta(days=night)
            run = store.begin(BASE, FetchScope(), at)
            results = [
                FetchResult(
                    app_id=f"app{app}",
                    at=at,
                    name=f"App {app}",
                    workflow=content(f'a{app}="type{night}VideoNode"', name=f"App {app}"),
                )
                for app in range(apps)
            ]
            store.record(run.id, results)
            store.finish(run.id, at + timedelta(hours=1), complete=True)


def harm(place: Path, statement: str, app: str = "app0") -> str:
    """Damage the last snapshot of an app, as no program of this house would, and return its id."""
    with Store(str(place)) as store:
        snapshot = store.latest(store.find(app)[0])
    assert snapshot
    with closing(sqlite3.connect(place)) as connection, connection:
        (hash_,) = connection.execute("SELECT workflow FROM snapshot WHERE id = ?", [snapshot.id]).fetchone()
        connection.execute(statement, {"hash": hash_, "id": snapshot.id, "other": OTHER})
    return snapshot.id


def call(place: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--store", str(place), *words], prog_name="lamina-graph")


@pytest.mark.parametrize("kind", HARMS)
def test_what_is_damaged_is_named_left_out_and_can_be_removed(tmp_path: Path, kind: str) -> None:
    """Of four snapshots one is damaged: an export names it and keeps three, and it alone is removed."""
    place, (statement, why) = tmp_path / "store.db", HARMS[kind]
    fill(place, 2, 2)
    damaged = harm(place, statement)
    exported = call(place, "store", "export", str(tmp_path / "out"))
    assert exported.exit_code == 2
    assert f"snapshot {damaged}" in exported.stderr
    listed = call(place, "store", "remove", "--damaged")
    assert (damaged in listed.stdout, why in listed.stdout) == (True, True)
    assert "would delete 1 snapshot\n" in listed.stdout
    assert call(place, "store", "info", "--json").stdout.count('"snapshots": 4') == 1
    assert "deleted 1 snapshot\n" in call(place, "store", "remove", "--damaged", "--apply").stdout
    again = call(place, "store", "export", str(tmp_path / "again"))
    assert again.exit_code == 0, again.stderr
    assert json.loads(call(place, "store", "info", "--json").stdout)["snapshots"] == 3


@pytest.mark.parametrize("kind", ["flipped bytes", "another workflow", "no content", "no detail"])
@pytest.mark.parametrize(
    "words", [("report", "--all", "-f", "json"), ("lint", "--all", "--json"), ("classify", "--all", "--json")]
)
def test_one_damaged_snapshot_is_a_row_with_its_error(
    tmp_path: Path, kind: str, words: tuple[str, ...]
) -> None:
    place = tmp_path / "store.db"
    fill(place, 3, 1)
    damaged = harm(place, HARMS[kind][0])
    done = call(place, *words, "--offline")
    rows = json.loads(done.stdout)
    rows = rows["rows"] if isinstance(rows, dict) else rows
    assert done.exit_code == 2
    assert [bool(row.get("error")) for row in rows] == [True, False, False]
    assert rows[0]["ref"] == f"app0@{damaged}"
    assert done.stderr.count(f"snapshot {damaged} of App 0 is damaged") == 1


def test_a_sound_snapshot_goes_only_where_its_id_is_named(tmp_path: Path) -> None:
    place = tmp_path / "store.db"
    fill(place, 2, 2)
    with Store(str(place)) as store:
        first, last = store.history(store.find("app0")[0])
    assert "would delete 0 snapshots" in call(place, "store", "remove", "--damaged").stdout
    refused = call(place, "store", "remove", f"app1@{first.id}", "--apply")
    assert (refused.exit_code, "is not of 'app1' but of 'App 0'" in refused.stderr) == (2, True)
    assert call(place, "store", "remove", "0" * 16, "--apply").exit_code == 2
    assert call(place, "store", "remove").exit_code == 2
    done = call(place, "store", "remove", f"App 0@{first.id}", "--apply")
    assert "1 snapshot of it stay" in done.stdout
    with Store(str(place)) as store:
        assert [each.id for each in store.history(store.find("app0")[0])] == [last.id]


def count_snapshots() -> int:
    return sum(isinstance(each, Snapshot) for each in gc.get_objects())


def test_changes_of_many_apps_hold_few_snapshots(tmp_path: Path) -> None:
    """While 300 pairs are compared no more than a fifth of their 600 snapshots is held at any time."""
    fill(tmp_path / "store.db", 300, 2)
    with Store(str(tmp_path / "store.db")) as store:
        reader = StoreReader(store, Span(NOON - timedelta(days=1), NOON + timedelta(days=9)))
        before = count_snapshots()
        held = [count_snapshots() - before for number, _ in enumerate(reader.pairs()) if number % 40 == 0]
        assert len(held) == 8
        assert max(held) <= 120
        assert reader.count_pairs() == 300
        assert len(reader.changes(ComparisonPolicy()).changes) >= 300


def test_the_apps_of_a_store_are_read_a_few_at_a_time_in_the_order_of_their_places(tmp_path: Path) -> None:
    """A prune while they are read takes nothing from the others; what went is an error in its place."""
    fill(tmp_path / "store.db", 120, 1)
    with Store(str(tmp_path / "store.db")) as store:
        places = store.in_force()
        read = store.read(places)
        first = next(read)
        store.remove([places[110].id])
        rest = [first, *read]
        assert [isinstance(each, Snapshot) for each in rest] == [number != 110 for number in range(120)]
        assert "was taken away while it was read" in str(rest[110])
        before = count_snapshots()
        held = [
            count_snapshots() - before for number, _ in enumerate(store.read(places)) if number % 30 == 29
        ]
        assert max(held) <= 60


def test_a_workflow_that_is_not_the_one_recorded_is_never_shown_as_fine(tmp_path: Path) -> None:
    """Sound JSON under another's name: each command names the snapshot, and none reads it."""
    place = tmp_path / "store.db"
    fill(place, 2, 2)
    damaged = harm(place, HARMS["another workflow"][0])
    for words in (
        ("show", f"app0@{damaged}", "--offline"),
        ("history", "app0"),
        ("changes", "--since", "2026-02-01", "--until", "2026-03-04"),
        ("changes", "--between", str(place), str(place)),
        ("diff", str(place), str(place)),
    ):
        done = call(place, *words)
        assert done.exit_code == 2, words
        assert "its workflow is not what was recorded" in done.stdout + done.stderr, words


@pytest.mark.parametrize("words", [("changes", "--between"), ("diff",)])
@pytest.mark.parametrize("which", [0, 1])
def test_a_damaged_snapshot_makes_no_app_added_or_gone(
    tmp_path: Path, words: tuple[str, ...], which: int
) -> None:
    """Of two equal stores one has a damaged snapshot: its app is unknown, and nothing else is told."""
    places = [tmp_path / "old.db", tmp_path / "new.db"]
    for place in places:
        fill(place, 3, 1)
    harm(places[which], HARMS["flipped bytes"][0])
    done = call(places[0], *words, *map(str, places), "-f", "json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["changes"]) == (2, [])
    assert ["App 0 is damaged" in each["why"] for each in told["unknown"]] == [True]


def test_two_stores_are_compared_by_a_few_snapshots_at_a_time(tmp_path: Path) -> None:
    """Of two stores of 200 apps no more than a fifth of the 400 snapshots is held at any time."""
    places = [tmp_path / "old.db", tmp_path / "new.db"]
    for nights, place in enumerate(places, 1):
        fill(place, 200, nights)
    held: list[int] = []

    class Watched(SnapshotSequence):
        def take(self, numbers: Sequence[int]) -> Iterator[Snapshot | StoreError]:
            if numbers[0] % 50 == 0:
                held.append(count_snapshots() - before)
            return super().take(numbers)

    with Store(str(places[0])) as old, Store(str(places[1])) as new:
        before = count_snapshots()
        sides = [Watched(store, store.in_force()) for store in (old, new)]
        found = drift(*sides, between=("old", "new"))
    assert found.apps == 200
    assert len(held) == 8
    assert max(held) <= 80


FILES = {
    "cut to a quarter": (lambda whole: whole[: len(whole) // 4], "is damaged"),
    "cut to a half": (lambda whole: whole[: len(whole) // 2], "is damaged"),
    "cut in its header": (lambda whole: whole[:50], "is damaged"),
    "overwritten in the middle": (lambda whole: whole[:8192] + bytes(len(whole) - 8192), "is damaged"),
    "another file": (lambda whole: b"no database at all\n" * 500, "is not a database"),
    "empty": (lambda whole: b"", "there is no store"),
}
STATEMENTS = {
    "a table is missing": ("DROP TABLE snapshot", "is damaged"),
    "a column is missing": ("ALTER TABLE run RENAME COLUMN asked TO question", "is damaged"),
    "a date is none": ("UPDATE run SET started = 'yesterday'", "'yesterday' is no moment"),
    "a run asked for nothing": ("UPDATE run SET asked = '{'", "is no scope of a run"),
    "a version is none": ("UPDATE lamina_store SET version = 'x'", "'x' is no version"),
    "another program's tables": ("DROP TABLE lamina_store", "something other than a store"),
    "a later version": ("UPDATE lamina_store SET version = 99", "has version 99"),
}


@pytest.mark.parametrize("kind", [*FILES, *STATEMENTS])
def test_a_database_that_is_no_sound_store_is_named_in_one_line_and_left_as_it_is(
    tmp_path: Path, kind: str
) -> None:
    """One line says what is wrong with which store, one what to do; not a byte of the file changes."""
    place, sound = tmp_path / "store.db", tmp_path / "sound.db"
    fill(sound, 20, 2)
    with closing(sqlite3.connect(sound)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    make, problem = FILES.get(kind) or ((lambda whole: whole), STATEMENTS[kind][1])
    place.write_bytes(make(sound.read_bytes()))
    if kind in STATEMENTS:
        with closing(sqlite3.connect(place)) as connection, connection:
            connection.execute(STATEMENTS[kind][0])
    before = place.read_bytes()
    for words in (("store", "info"), ("changes", "--since", "2026-02-01", "--until", "2026-03-04")):
        done = call(place, *words)
        first, second = done.stderr.splitlines()
        assert done.exit_code == 2
        assert first.startswith("Error: ")
        assert (str(place) in first, problem in first, second.startswith("  ")) == (True, True, True), first
    assert place.read_bytes() == before


def test_a_disk_that_is_full_loses_nothing_and_is_named(tmp_path: Path) -> None:
    """A file may grow no further than a limit: the import says so, and the store is as it was before."""
    place, big = tmp_path / "store.db", tmp_path / "big.db"
    fill(place, 2, 1)
    fill(big, 300, 1)
    assert call(big, "store", "export", str(tmp_path / "out")).exit_code == 0
    before = call(place, "store", "info", "--json").stdout
    limit = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (90_000, 90_000));"
    limit += (
        "sys.argv = ['lamina-graph', *sys.argv[1:]]; runpy.run_module('lamina_graph', run_name='__main__')"
    )
    words = ["--store", str(place), "store", "import", str(tmp_path / "out")]
    done = subprocess.run([sys.executable, "-c", limit, *words], capture_output=True, text=True)
    assert done.returncode == 2
    assert str(place) in done.stderr
    assert "What was recorded before is kept." in done.stderr
    assert "Traceback" not in done.stderr
    assert call(place, "store", "info", "--json").stdout == before
    assert call(place, "store", "import", str(tmp_path / "out")).exit_code == 0
