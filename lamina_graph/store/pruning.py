"""What a store may forget: snapshots that no rule keeps, and content that nothing refers to any more."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice, pairwise
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from lamina_graph.records import PrunePlan, RetentionPolicy
from lamina_graph.store import schema
from lamina_graph.store.writes import PARTS, chunks, select_among


def plan(connection: Connection, keep: RetentionPolicy, now: datetime) -> PrunePlan:
    """Return what a prune takes away, without taking it."""
    c = schema.snapshot.c
    rows = connection.execute(
        sa.select(schema.snapshot).order_by(c.app, c.recorded_at, c.taken_at, c.id)
    ).all()
    since = _subtract_span(now, keep.span) if keep.span else None
    dropped = set()
    for _, of_app in groupby(rows, attrgetter("app")):
        versions = list(of_app)
        for row, following in islice(pairwise(versions), max(0, len(versions) - keep.last)):
            if since is None or following.taken_at <= since:  # not in force at any moment of the span
                dropped.add(row.id)
    orphans = _collect_hashes(rows) - _collect_hashes(row for row in rows if row.id not in dropped)
    return PrunePlan(
        snapshots=tuple(row.id for row in rows if row.id in dropped),
        contents=len(orphans),
        size=_sum_sizes(connection, orphans),
        kept=len(rows) - len(dropped),
    )


def _subtract_span(now: datetime, span: timedelta) -> datetime:
    """Return the beginning of a span of time; of one longer than the calendar, the calendar's."""
    try:
        return now - span
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def _collect_hashes(rows: Iterable[Row[Any]]) -> set[bytes]:
    hashes = (getattr(row, part) for row in rows for part in PARTS)
    return {bytes(hash_) for hash_ in hashes if hash_ is not None}


def _sum_sizes(connection: Connection, hashes: set[bytes]) -> int:
    c = schema.content.c
    query = sa.select(sa.func.coalesce(sa.func.sum(sa.func.length(c.body)), 0))
    return sum(int(size) for (size,) in select_among(connection, query, c.hash, hashes))


def prune(connection: Connection, keep: RetentionPolicy, now: datetime) -> PrunePlan:
    """Take away what the plan says, and any content that a plan before this one left."""
    done = plan(connection, keep, now)
    delete(connection, done.snapshots)
    return done


def delete(connection: Connection, snapshots: Sequence[str]) -> None:
    """Delete snapshots by their ids, and every content that no other refers to."""
    for part in chunks(snapshots):
        connection.execute(sa.delete(schema.snapshot).where(schema.snapshot.c.id.in_(part)))
    used = sa.union_all(
        *(sa.select(schema.snapshot.c[part]).where(schema.snapshot.c[part].is_not(None)) for part in PARTS)
    )
    connection.execute(sa.delete(schema.content).where(schema.content.c.hash.not_in(used)))


def give_back(engine: Engine) -> None:
    """Return the room of what was taken away to the disk, where the database does not do so by itself."""
    if engine.dialect.name != "sqlite":
        return
    with closing(engine.raw_connection()) as raw:
        raw.cursor().execute("VACUUM")
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
