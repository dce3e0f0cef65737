"""A store as a folder of canonical JSON files that git can hold, and back.

    store.json               says what the folder is, and of which store
    content/AB/HASH.json     one content; the name is the SHA-256 of the file, so `sha256sum` can check it
    apps/NUMBER-ID.json      one app and its snapshots, each naming its content
    runs/TIME-ID.json        one run: what was asked, its counts, the numbers of the apps it saw, its events
    readers.json             up to where each reader was told what changed
    models.json              the models that nodes may use

Nothing is ever taken out of such a folder: an export adds what is new.
"""

import json
import re
import zlib
from collections.abc import Container, Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import sqlalchemy as sa
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints, ValidationError
from sqlalchemy.engine import Connection, Row

from lamina_graph.errors import StoreError
from lamina_graph.files import canonical
from lamina_graph.model import Value, Workflow
from lamina_graph.records import BaseUrl, EventKind, FetchScope, KnownModel, Run, TransferSummary
from lamina_graph.replacing import write_below
from lamina_graph.store import cursors, schema
from lamina_graph.store.dates import LATEST
from lamina_graph.store.removal import find_strays
from lamina_graph.store.writes import (
    COUNTS,
    PARTS,
    Content,
    chunks,
    decode_content,
    insert_missing,
    mark_seen,
    merge_ranges,
    restore_clock,
    run_to_row,
    select_among,
    snapshot_id,
    to_ranges,
)
from lamina_graph.validation_errors import error_text


def _to_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC it is not within the years 1 to 9999") from None


READERS = "readers.json"
MODELS = "models.json"
Schema = Literal["store/1", "store/2"]
"""The second says when each thing was recorded; of the first, things were recorded when they happened."""
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
"""Of a run or a snapshot; it becomes part of the name of a file."""

Count = Annotated[int, Field(ge=0, lt=2**63)]
"""No larger than what a database counts with."""

Moment = Annotated[AwareDatetime, AfterValidator(_to_utc)]
Hash = Annotated[
    str,
    BeforeValidator(lambda hash_: hash_.hex() if isinstance(hash_, bytes) else hash_),
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
]
V = TypeVar("V", bound=Value)


class StoreFile(Value):
    """The file that makes a folder an export."""

    schema_name: Schema
    store: str


class SnapshotEntry(Value):
    """One snapshot in the file of its app."""

    id: Id
    run: Id
    taken_at: Moment
    recorded_at: Moment | None = None
    workflow: Hash
    detail: Hash | None
    estimate: Hash | None

    @property
    def contents(self) -> set[str]:
        """The names of the contents that it consists of."""
        return {name for name in (self.workflow, self.detail, self.estimate) if name}


class AppFile(Value):
    """The file of one app."""

    number: Count
    base_url: BaseUrl
    app_id: str
    name: str | None
    appeared_at: Moment
    recorded_at: Moment | None = None
    snapshots: tuple[SnapshotEntry, ...] = ()


class EventEntry(Value):
    """One event in the file of its run."""

    app: Count
    kind: EventKind
    at: Moment
    why: str
    recorded_at: Moment | None = None


class RunFile(Value):
    """The file of one run."""

    id: Id
    base_url: BaseUrl
    asked: FetchScope
    started_at: Moment
    finished_at: Moment | None
    complete: bool | None
    error: str = ""
    recorded_at: Moment | None = None
    closed_at: Moment | None = None
    counts: dict[str, Count]
    seen: tuple[tuple[Count, Count], ...] = ()
    events: tuple[EventEntry, ...] = ()


class ReaderEntry(Value):
    """Up to where a reader was told what changed."""

    reader: str
    until: Moment


class ReadersFile(Value):
    """The file of the readers."""

    readers: tuple[ReaderEntry, ...]


class ModelsFile(Value):
    """The file of the models."""

    models: tuple[KnownModel, ...]


def export(connection: Connection, folder: Path) -> TransferSummary:
    """Write a store into a folder and return how much of it was new there."""
    with _convert_file_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _claim(folder, connection.scalar(sa.select(schema.store.c.key)) or "")
        texts = ((row.hash.hex(), _to_canonical_text(row)) for row in _read_contents(connection))
        written = {name: _write_content(folder, name, text) for name, text in texts if text is not None}
        strays = find_strays(connection)
        intact, damaged = _split_damaged(_read_apps(connection, strays), written.keys())
        damaged += [f"snapshot {id_} is damaged: {why}" for id_, why in strays.items()]
        new = [_write_app(folder, app) for app in intact]
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
        contents=sum(written.values()),
        damaged=tuple(damaged),
    )


def check_export(folder: Path) -> None:
    """Raise StoreError where a folder is no export of a store."""
    if not (folder / "store.json").is_file():
        raise StoreError(f"{folder} is not an export of a store: it has no store.json", _EXPORTS)
    _read(StoreFile, folder / "store.json")


def import_folder(connection: Connection, folder: Path) -> TransferSummary:
    """Take a folder into a store and return how much of it was new here."""
    with _convert_file_errors(folder):
        check_export(folder)
        apps = [_read(AppFile, file) for file in sorted((folder / "apps").glob("*.json"))]
        workflows = {entry.workflow for app in apps for entry in app.snapshots}
        files = sorted((folder / "content").rglob("*.json"))
        contents = sum(_import_content(connection, file, file.stem in workflows) for file in files)
        runs = {file: _read(RunFile, file) for file in sorted((folder / "runs").glob("*.json"))}
        readers = _read(ReadersFile, folder / READERS).readers if (folder / READERS).is_file() else ()
        models = _read(ModelsFile, folder / MODELS).models if (folder / MODELS).is_file() else ()
    before = _find_recorded(connection)
    new_apps = insert_missing(connection, schema.app, list(map(_to_app_row, apps)))
    new_runs = sum(_import_run(connection, run) for run in runs.values())
    numbers = _map_numbers(connection, apps)
    run_numbers = {
        row.id: row.number for row in connection.execute(sa.select(schema.run.c.id, schema.run.c.number))
    }
    _check_contents(connection, apps)
    rows = [
        _to_snapshot_row(app, each, numbers[app.number], run_numbers)
        for app in apps
        for each in app.snapshots
    ]
    snapshots = sum(insert_missing(connection, schema.snapshot, part) for part in chunks(rows))
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


# Out


def _claim(folder: Path, key: str) -> None:
    file = folder / "store.json"
    if file.exists() and _read(StoreFile, file).store != key:
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


def _split_damaged(apps: Iterable[AppFile], contents: Set[str]) -> tuple[list[AppFile], list[str]]:
    """Return the files of apps without the snapshots whose content is not there, and a sentence on each."""
    intact, damaged = [], []
    for app in apps:
        whole = tuple(each for each in app.snapshots if contents >= each.contents)
        intact.append(app.model_copy(update={"snapshots": whole}))
        lost = (each.id for each in app.snapshots if each not in whole)
        damaged += [f"snapshot {id_} of {app.name or app.app_id} is damaged" for id_ in lost]
    return intact, damaged


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
    old = _read(AppFile, folder / file).snapshots if (folder / file).exists() else ()
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
    entries = {
        app: tuple(
            SnapshotEntry.model_validate(row, from_attributes=True) for row in rows if row.id not in strays
        )
        for app, rows in groupby(snapshots, attrgetter("app"))
    }
    for row in connection.execute(sa.select(schema.app).order_by(schema.app.c.number)):
        app = AppFile.model_validate(row, from_attributes=True)
        yield app.model_copy(update={"snapshots": entries.get(row.number, ())})


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
            **{name: run[name] for name in _OF_RUN},
            counts={count: run[count] for count in COUNTS},
            seen=tuple((span.first, span.last) for span in seen),
            events=tuple(EventEntry.model_validate(event, from_attributes=True) for event in besides),
        )


def _run_file_name(run: RunFile) -> str:
    return f"{run.started_at:%Y-%m-%dT%H%M%S}-{run.id}.json"


# In


def _import_content(connection: Connection, file: Path, is_workflow: bool) -> int:
    """Take in one content, which must be a workflow where a snapshot names it as one."""
    text = file.read_bytes()
    if sha256(text).hexdigest() != file.stem:
        raise StoreError(f"{file} is damaged: its content does not fit its name", _DAMAGED)
    try:
        data = json.loads(text)
        content = Content.of(data)
        if is_workflow:
            Workflow.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        raise StoreError(f"{file} is damaged: not a workflow: {error_text(error)}", _DAMAGED) from error
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{file} is damaged: it is not JSON", _DAMAGED) from error
    if content.hash.hex() != file.stem:
        raise StoreError(f"{file} is damaged: it is not canonical JSON", _DAMAGED)
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
    row = run_to_row(Run(**{name: getattr(run, name) for name in _OF_RUN} | moments | counts))
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
            raise StoreError(f"content {min(missing)} is missing, which app {app.app_id} names", _DAMAGED)


def _to_snapshot_row(app: AppFile, entry: SnapshotEntry, number: int, runs: dict[str, int]) -> dict[str, Any]:
    hashes = {part: hash_ and bytes.fromhex(hash_) for part in PARTS for hash_ in [getattr(entry, part)]}
    right = snapshot_id(app.base_url, app.app_id, entry.taken_at, hashes.values())
    if entry.id != right or entry.run not in runs:
        raise StoreError(f"the file of app {app.app_id} is damaged at snapshot {entry.id}", _DAMAGED)
    moments = {"taken_at": entry.taken_at, "recorded_at": _recorded_at(entry, entry.taken_at)}
    return {"id": entry.id, "app": number, "run": runs[entry.run], **moments, **hashes}


def _import_findings(
    connection: Connection, file: Path, run: RunFile, run_number: int, numbers: Mapping[int, int]
) -> None:
    spans = [range(first, last + 1) for first, last in merge_ranges(run.seen)]
    for number in chain(*spans, (event.app for event in run.events)):
        if number not in numbers:
            raise StoreError(f"{file} is damaged: there is no app {number}", _DAMAGED)
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


def _read(kind: type[V], file: Path) -> V:
    try:
        return kind.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise StoreError(f"{file} is damaged: {error_text(error)}", _DAMAGED) from error


@contextmanager
def _convert_file_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{error.filename or folder}: {error.strerror}", "Check the folder, its rights and its disk."
        ) from error
    except ValidationError as error:
        raise StoreError(
            f"the store holds what cannot be written to files: {error_text(error)}", "Restore it from a copy."
        ) from error


_OF_RUN = (Run.model_fields.keys() & RunFile.model_fields.keys()) - {"seen"}
_EXPORTS = "`lamina-graph store export FOLDER` writes one."
_DAMAGED = "Take it from a copy of the folder, for instance from git."
