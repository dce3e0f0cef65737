"""A folder that a store was exported to, taken into a store."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.engine import Connection

from lamina_graph.errors import StoreError
from lamina_graph.model import Workflow
from lamina_graph.records import Run, TransferSummary
from lamina_graph.store import cursors, schema
from lamina_graph.store.dates import LATEST
from lamina_graph.store.export_folder import (
    DAMAGED_FILE,
    MODELS,
    OF_RUN,
    READERS,
    AppFile,
    EventEntry,
    ModelsFile,
    ReadersFile,
    RunFile,
    SnapshotEntry,
    check_export,
    file_errors,
    read_file,
)
from lamina_graph.store.writes import (
    COUNTS,
    PARTS,
    Content,
    chunks,
    insert_missing,
    mark_seen,
    merge_ranges,
    restore_clock,
    run_to_row,
    snapshot_id,
    to_ranges,
)
from lamina_graph.validation_errors import error_text


def import_folder(connection: Connection, folder: Path) -> TransferSummary:
    """Take a folder into a store and return how much of it was new here."""
    with file_errors(folder):
        check_export(folder)
        apps = [read_file(AppFile, file) for file in sorted((folder / "apps").glob("*.json"))]
        workflows = {entry.workflow for app in apps for entry in app.snapshots}
        files = (
            file for part in sorted((folder / "content").glob("**/")) for file in sorted(part.glob("*.json"))
        )
        contents = sum(_import_content(connection, file, file.stem in workflows) for file in files)
        runs = {file: read_file(RunFile, file) for file in sorted((folder / "runs").glob("*.json"))}
        readers = read_file(ReadersFile, folder / READERS).readers if (folder / READERS).is_file() else ()
        models = read_file(ModelsFile, folder / MODELS).models if (folder / MODELS).is_file() else ()
    before = _find_recorded(connection)
    new_apps = insert_missing(connection, schema.app, list(map(_to_app_row, apps)))
    new_runs = sum(_import_run(connection, run) for run in runs.values())
    numbers = _map_numbers(connection, apps)
    run_numbers = {
        row.id: row.number for row in connection.execute(sa.select(schema.run.c.id, schema.run.c.number))
    }
    _check_contents(connection, apps)
    snapshots = 0
    for some in chunks(apps):
        rows = [
            _to_snapshot_row(app, each, numbers[app.number], run_numbers)
            for app in some
            for each in app.snapshots
        ]
        snapshots += sum(insert_missing(connection, schema.snapshot, part) for part in chunks(rows))
    for file, run in runs.items():
        _import_findings(connection, file, run, run_numbers[run.id], numbers)
    added = [recorded for id_, recorded in _find_recorded(connection).items() if id_ not in before]
    remarks = cursors.rewind(connection, min(added)) if added else []
    for entry in readers if not before else ():
        cursors.advance(connection, entry.reader, min(entry.until, LATEST))
    insert_missing(connection, schema.model, [dict(each) for each in models])
    restore_clock(connection)
    return TransferSummary(
        apps=new_apps, runs=new_runs, snapshots=snapshots, contents=contents, remarks=tuple(remarks)
    )


def _import_content(connection: Connection, file: Path, is_workflow: bool) -> int:
    """Take in one content, which must be a workflow where a snapshot names it as one."""
    text = file.read_bytes()
    if sha256(text).hexdigest() != file.stem:
        raise StoreError(f"{file} is damaged: its content does not fit its name", DAMAGED_FILE)
    try:
        data = json.loads(text)
        content = Content.of(data)
        if is_workflow:
            Workflow.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        raise StoreError(f"{file} is damaged: not a workflow: {error_text(error)}", DAMAGED_FILE) from error
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{file} is damaged: it is not JSON", DAMAGED_FILE) from error
    if content.hash.hex() != file.stem:
        raise StoreError(f"{file} is damaged: it is not canonical JSON", DAMAGED_FILE)
    return insert_missing(connection, schema.content, [content.row()])


def _to_app_row(app: AppFile) -> dict[str, Any]:
    recorded = _recorded_at(app, app.appeared_at)
    return {**app.model_dump(exclude={"number", "snapshots"}), "recorded_at": recorded}


def _recorded_at(entry: AppFile | RunFile | SnapshotEntry | EventEntry, happened_at: datetime) -> datetime:
    """Return when something was recorded: of an export that does not tell, when it happened."""
    return min(entry.recorded_at or happened_at, LATEST)


def _import_run(connection: Connection, run: RunFile) -> int:
    moments = {
        "recorded_at": _recorded_at(run, run.started_at),
        "closed_at": run.closed_at or run.finished_at,
    }
    counts = {count: run.counts.get(count, 0) for count in COUNTS}
    row = run_to_row(Run(**{name: getattr(run, name) for name in OF_RUN} | moments | counts))
    c = schema.run.c
    if added := insert_missing(connection, schema.run, [row]):
        return added
    connection.execute(sa.update(schema.run).where(c.id == run.id, c.finished_at.is_(None)).values(row))
    return 0


def _find_recorded(connection: Connection) -> dict[str, datetime]:
    """Return when each run began, by the clock of the store."""
    c = schema.run.c
    return {row.id: row.recorded_at for row in connection.execute(sa.select(c.id, c.recorded_at))}


def _map_numbers(connection: Connection, apps: list[AppFile]) -> dict[int, int]:
    """Return the number in this store of each number in the folder."""
    c = schema.app.c
    known = {
        (row.base_url, row.app_id): row.number
        for row in connection.execute(sa.select(c.base_url, c.app_id, c.number))
    }
    return {app.number: known[app.base_url, app.app_id] for app in apps}


def _check_contents(connection: Connection, apps: Iterable[AppFile]) -> None:
    """Raise StoreError where a snapshot names a content that is not there."""
    known = {hash_.hex() for hash_ in connection.scalars(sa.select(schema.content.c.hash))}
    for app in apps:
        if missing := set().union(*(entry.contents for entry in app.snapshots)) - known:
            raise StoreError(f"content {min(missing)} is missing, which app {app.app_id} names", DAMAGED_FILE)


def _to_snapshot_row(app: AppFile, entry: SnapshotEntry, number: int, runs: dict[str, int]) -> dict[str, Any]:
    hashes = {part: hash_ and bytes.fromhex(hash_) for part in PARTS for hash_ in [getattr(entry, part)]}
    right = snapshot_id(app.base_url, app.app_id, entry.taken_at, hashes.values())
    if entry.id != right or entry.run not in runs:
        raise StoreError(f"the file of app {app.app_id} is damaged at snapshot {entry.id}", DAMAGED_FILE)
    moments = {"taken_at": entry.taken_at, "recorded_at": _recorded_at(entry, entry.taken_at)}
    return {"id": entry.id, "app": number, "run": runs[entry.run], **moments, **hashes}


def _import_findings(
    connection: Connection, file: Path, run: RunFile, run_number: int, numbers: Mapping[int, int]
) -> None:
    spans = [range(first, last + 1) for first, last in merge_ranges(run.seen)]
    for number in chain(*spans, (event.app for event in run.events)):
        if number not in numbers:
            raise StoreError(f"{file} is damaged: there is no app {number}", DAMAGED_FILE)
    mark_seen(connection, run_number, to_ranges(numbers[number] for number in chain(*spans)))
    rows = [
        {
            **event.model_dump(include={"kind", "at", "why"}),
            "run": run_number,
            "app": numbers[event.app],
            "recorded_at": _recorded_at(event, event.at),
        }
        for event in run.events
    ]
    insert_missing(connection, schema.event, rows)
