"""Damaged stores: what cannot be read is named, blocks only itself, and can be taken out."""

import gc
import json
import sqlite3
import zlib
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from builders import content
from click.testing import CliRunner, Result

from lamina_graph.cli import cli
from lamina_graph.diff import ComparisonPolicy
from lamina_graph.store import FetchResult, FetchScope, Snapshot, Store
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


@pytest.mark.parametrize("kind", ["flipped bytes", "no content", "no detail"])
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
        held = [count_snapshots() - before for _ in store.read(places)]
        assert max(held) <= 60
