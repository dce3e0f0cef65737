"""What a store is asked for, as SQL, and how the rows of its answers become values."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Row

from lamina_graph import model
from lamina_graph.errors import StoreError
from lamina_graph.records import App, Snapshot, SnapshotPlace, Version, normalize_url, validated_snapshot
from lamina_graph.store import schema, writes

T = TypeVar("T")
Damaged = Callable[[StoreError], object]
"""Takes the error of a snapshot that cannot be read."""


def at_address(base_url: str | None) -> "list[sa.ColumnElement[bool]]":
    """Return what holds of the apps of one address; nothing where all are meant."""
    return [] if base_url is None else [schema.app.c.base_url == normalize_url(base_url)]


def literals(columns: Sequence["sa.ColumnElement[Any]"], values: Sequence[Any]) -> "sa.Tuple":
    """Return values in the types of columns."""
    return sa.tuple_(*(sa.literal(value, column.type) for column, value in zip(columns, values, strict=True)))


OLDEST = (schema.snapshot.c.recorded_at, schema.snapshot.c.taken_at, schema.snapshot.c.id)
NEWEST = tuple(column.desc() for column in OLDEST)


def read_rows(
    read: "Callable[[Row[Any]], T]", rows: "Iterable[Row[Any]]", damaged: Damaged | None
) -> "Iterator[T]":
    """Yield the values of rows; the error of one that cannot be read is handed over, or else raised."""
    for row in rows:
        try:
            value = read(row)
        except StoreError as error:
            if damaged is None:
                raise
            damaged(error)
        else:
            yield value


def presence(column: str = "kind", moment: datetime | None = None) -> "sa.ScalarSelect[Any]":
    """Return a column of the last event of an app, up to a moment, by which it is `gone` or `back`."""
    c = schema.event.c
    query = sa.select(c[column]).where(c.app == schema.app.c.number, c.kind.in_(("gone", "back")))
    if moment:
        query = query.where(c.at <= moment)
    return query.order_by(c.recorded_at.desc(), c.at.desc()).limit(1).correlate(schema.app).scalar_subquery()


APPS = sa.select(schema.app, sa.case((presence() == "gone", presence("at"))).label("gone_at"))

_OF_APPS = sa.select(
    *(schema.app.c[name] for name in ("number", "app_id", "base_url", "name", "appeared_at")), *OLDEST
).join(schema.app, schema.app.c.number == schema.snapshot.c.app)


def _select_with_content(*parts: str) -> "sa.Select[Any]":
    query = _OF_APPS
    for part in parts:
        body = schema.content.alias(part)
        query = query.add_columns(body.c.body.label(part), schema.snapshot.c[part].label(f"{part}_hash"))
        query = query.outerjoin(body, body.c.hash == schema.snapshot.c[part])
    return query


SNAPSHOTS = _select_with_content(*writes.PARTS)

VERSIONS = _select_with_content("workflow")

PLACES = sa.select(
    schema.snapshot.c.id, schema.app.c.app_id, schema.app.c.name, schema.snapshot.c.taken_at
).join(schema.app, schema.app.c.number == schema.snapshot.c.app)

_OLDER = schema.snapshot.alias().c

BEFORE = sa.select(
    schema.snapshot.c.id,
    sa.select(_OLDER.id)
    .where(_OLDER.app == schema.snapshot.c.app)
    .where(sa.tuple_(_OLDER.recorded_at, _OLDER.taken_at, _OLDER.id) < sa.tuple_(*OLDEST))
    .order_by(_OLDER.recorded_at.desc(), _OLDER.taken_at.desc(), _OLDER.id.desc())
    .limit(1)
    .correlate(schema.snapshot)
    .scalar_subquery()
    .label("before"),
)
"""Of each snapshot the one before it."""


def in_force(moment: datetime | None) -> "list[sa.ColumnElement[bool]]":
    """Return what holds of the snapshots in force at a moment, by default now, of apps that were not gone."""
    c = schema.snapshot.c
    newest = sa.select(c.id).where(c.app == schema.app.c.number).order_by(*NEWEST).limit(1)
    if moment:
        newest = newest.where(c.taken_at <= moment)
    present = sa.func.coalesce(presence(moment=moment), "") != "gone"
    return [c.id == newest.correlate(schema.app).scalar_subquery(), present]


def in_span(
    since: datetime, until: datetime | None, base_url: str | None, by_record: bool
) -> "list[sa.ColumnElement[bool]]":
    """Return what holds of the snapshots of a span of time, of an address where one is meant."""
    moment = schema.snapshot.c.recorded_at if by_record else schema.snapshot.c.taken_at
    return [moment > since, *([moment <= until] if until else []), *at_address(base_url)]


def snapshots_of(app: App) -> "sa.Select[Any]":
    """Return the query for the snapshots of an app."""
    return SNAPSHOTS.where(schema.snapshot.c.app == app.number)


def snapshot_from_row(row: Row[Any]) -> Snapshot:
    """Return the snapshot that a row of `SNAPSHOTS` holds; raise StoreError where it is damaged."""
    with validated_snapshot(row.id, row.name or row.app_id):
        parts = {part: _decode_part(row, part) for part in writes.PARTS}
        workflow = model.Workflow.model_validate(parts["workflow"])
        detail, estimate = parts["detail"], parts["estimate"]
        return Snapshot(
            id=row.id,
            app_id=row.app_id,
            base_url=row.base_url,
            name=workflow.name or row.name,
            taken_at=row.taken_at,
            recorded_at=row.recorded_at,
            workflow=workflow,
            detail=model.App.model_validate(detail) if detail is not None else None,
            estimate=model.Estimate.model_validate(estimate) if estimate is not None else None,
        )


def _decode_part(row: Row[Any], part: str) -> Any:
    """Return the JSON of a part; None where there is no such part; raise where it is lost or another."""
    body, hash_ = getattr(row, part), getattr(row, f"{part}_hash")
    if body is None and hash_ is not None:
        raise ValueError(f"its {part} is missing")
    value = None if body is None else writes.decode_content(body)
    if hash_ is not None and not writes.is_recorded(value, hash_):
        raise ValueError(f"its {part} is not what was recorded")
    return value


def read_place(place: SnapshotPlace, row: Row[Any] | None) -> Snapshot | StoreError:
    """Return the snapshot that a row holds, or the error that stands for it where it is damaged or gone."""
    try:
        if row is not None:
            return snapshot_from_row(row)
        problem = f"snapshot {place.id} of {place.name or place.app_id} was taken away while it was read"
        raise StoreError(problem, "Run the command again.")
    except StoreError as error:
        error.app_id = place.app_id
        return error


def version_from_row(row: Row[Any]) -> Version:
    """Return the version that a row of `VERSIONS` holds; raise StoreError where it is damaged."""
    with validated_snapshot(row.id, row.name or row.app_id):
        graph = _decode_part(row, "workflow")
    name = graph.get("name") if isinstance(graph, Mapping) else None
    return Version(
        id=row.id,
        app_id=row.app_id,
        base_url=row.base_url,
        name=name if isinstance(name, str) and name else row.name,
        appeared_at=row.appeared_at,
        taken_at=row.taken_at,
        graph=graph,
    )


def sorted_apps(rows: "Iterable[Row[Any]]") -> tuple[App, ...]:
    """Return the apps that rows of `APPS` hold, by name."""
    apps = (App(*(getattr(row, field.name) for field in fields(App))) for row in rows)
    return tuple(sorted(apps, key=lambda app: ((app.name or "").lower(), app.app_id, app.base_url)))
