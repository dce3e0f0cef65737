"""A store written to a folder: a few contents at a time, each file only where it is new."""

import re
import zlib
from collections.abc import Container, Iterable, Iterator
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from lamina_graph.errors import StoreError
from lamina_graph.files import canonical
from lamina_graph.model import Value
from lamina_graph.records import KnownModel, Run, TransferSummary
from lamina_graph.replacing import write_below
from lamina_graph.store import cursors, schema
from lamina_graph.store.export_folder import (
    MODELS,
    OF_RUN,
    READERS,
    AppFile,
    EventEntry,
    ModelsFile,
    ReaderEntry,
    ReadersFile,
    RunFile,
    SnapshotEntry,
    StoreFile,
    file_errors,
    read_file,
)
from lamina_graph.store.removal import find_strays
from lamina_graph.store.writes import COUNTS, PARTS, decode_content, select_among


def export(connection: Connection, folder: Path) -> TransferSummary:
    """Write a store into a folder and return how much of it was new there."""
    with file_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _claim(folder, connection.scalar(sa.select(schema.store.c.key)) or "")
        contents, new_contents = _write_contents(folder, _read_contents(connection))
        strays, damaged = find_strays(connection), list[str]()
        intact = (_leave_out_damaged(app, contents, damaged) for app in _read_apps(connection, strays))
        new = [_write_app(folder, app) for app in intact]
        damaged += [f"snapshot {id_} is damaged: {why}" for id_, why in strays.items()]
        runs = sum(_write_file(folder, f"runs/{_run_file_name(run)}", run) for run in _read_runs(connection))
        if known := cursors.cursors(connection):
            readers = (ReaderEntry(reader=reader, until=until) for reader, until in known.items())
            _write_file(folder, READERS, ReadersFile(readers=tuple(readers)))
        c = schema.model.c
        models = connection.execute(sa.select(schema.model).order_by(c.base_url, c.id)).all()
        if models:
            _write_file(folder, MODELS, ModelsFile(models=tuple(map(KnownModel.model_validate, models))))
    return TransferSummary(
        apps=sum(app for app, _ in new),
        runs=runs,
        snapshots=sum(snapshots for _, snapshots in new),
        contents=new_contents,
        damaged=tuple(damaged),
    )


def _claim(folder: Path, key: str) -> None:
    file = folder / "store.json"
    if file.exists() and read_file(StoreFile, file).store != key:
        raise StoreError(
            f"{folder} holds the export of another store", "Name an empty folder, or import that one first."
        )
    _write_file(folder, file.name, StoreFile(schema_name="store/2", store=key))


def _read_contents(connection: Connection) -> Iterator[Row[Any]]:
    c = schema.content.c
    hashes = connection.scalars(sa.select(c.hash))
    return select_among(connection, sa.select(schema.content).order_by(c.hash), c.hash, hashes)


def _to_canonical_text(row: Row[Any]) -> str | None:
    """Return the canonical text of a content; None where it is damaged."""
    try:
        text = canonical(decode_content(row.body))
    except (ValueError, RecursionError, zlib.error):
        return None
    return text if sha256(text.encode()).digest() == row.hash else None


def _leave_out_damaged(app: AppFile, contents: Container[bytes], damaged: list[str]) -> AppFile:
    """Return an app without the snapshots whose content is not there; add a sentence on each of these."""
    whole = tuple(
        each for each in app.snapshots if all(bytes.fromhex(name) in contents for name in each.contents)
    )
    lost = (each.id for each in app.snapshots if each not in whole)
    damaged += [f"snapshot {id_} of {app.name or app.app_id} is damaged" for id_ in lost]
    return app.model_copy(update={"snapshots": whole})


def _write_contents(folder: Path, rows: Iterable[Row[Any]]) -> tuple[set[bytes], int]:
    """Write the contents that are sound; return the hashes of these, and how many were not there before."""
    hashes, new = set(), 0
    for row in rows:
        text = _to_canonical_text(row)
        if text is not None:
            hashes.add(bytes(row.hash))
            new += _write_content(folder, row.hash.hex(), text)
    return hashes, new


def _write_content(folder: Path, name: str, text: str) -> bool:
    file = f"content/{name[:2]}/{name}.json"
    if (folder / file).exists():
        return False
    write_below(folder, file, text)
    return True


def _write_file(folder: Path, name: str, value: Value) -> bool:
    """Write a file if that changes it, and return whether it was not there before."""
    text = canonical(value.model_dump(mode="json"))
    file = folder / name
    old = file.read_text("utf-8", errors="replace") if file.exists() else None
    if text != old:
        write_below(folder, name, text)
    return old is None


def _write_app(folder: Path, app: AppFile) -> tuple[bool, int]:
    """Write the file of an app; return whether it is new, and how many of its snapshots are."""
    name = re.sub("[^A-Za-z0-9-]+", "_", app.app_id)[:60]
    file = f"apps/{app.number:06}-{name}.json"
    old = read_file(AppFile, folder / file).snapshots if (folder / file).exists() else ()
    by_id = {entry.id: entry for entry in (*old, *app.snapshots)}
    snapshots = sorted(by_id.values(), key=lambda each: (each.recorded_at or each.taken_at, each.id))
    return _write_file(folder, file, app.model_copy(update={"snapshots": tuple(snapshots)})), len(
        by_id
    ) - len(old)


def _read_apps(connection: Connection, strays: Container[str]) -> Iterator[AppFile]:
    c = schema.snapshot.c
    columns = (c[name] for name in ("app", "id", "taken_at", "recorded_at", *PARTS))
    query = sa.select(*columns, schema.run.c.id.label("run")).join(schema.run, schema.run.c.number == c.run)
    snapshots = connection.execute(query.order_by(c.app, c.recorded_at, c.id))
    of_apps = groupby(snapshots, attrgetter("app"))
    number, rows = next(of_apps, (None, ()))
    for row in connection.execute(sa.select(schema.app).order_by(schema.app.c.number)):
        while number is not None and number < row.number:  # of an app that the store does not have
            number, rows = next(of_apps, (None, ()))
        own = (each for each in (rows if number == row.number else ()) if each.id not in strays)
        entries = tuple(SnapshotEntry.model_validate(each, from_attributes=True) for each in own)
        app = AppFile.model_validate(row, from_attributes=True)
        yield app.model_copy(update={"snapshots": entries})


def _read_runs(connection: Connection) -> Iterator[RunFile]:
    spans, events = schema.seen.c, schema.event.c
    for row in connection.execute(sa.select(schema.run).order_by(schema.run.c.number)).all():
        seen = connection.execute(
            sa.select(spans.first, spans.last).where(spans.run == row.number).order_by(spans.first)
        )
        besides = connection.execute(
            sa.select(events.app, events.kind, events.at, events.why, events.recorded_at)
            .where(events.run == row.number)
            .order_by(events.app, events.kind)
        )
        run = dict(Run.model_validate(row))
        yield RunFile(
            **{name: run[name] for name in OF_RUN},
            counts={count: run[count] for count in COUNTS},
            seen=tuple((span.first, span.last) for span in seen),
            events=tuple(EventEntry.model_validate(event, from_attributes=True) for event in besides),
        )


def _run_file_name(run: RunFile) -> str:
    return f"{run.started_at:%Y-%m-%dT%H%M%S}-{run.id}.json"
