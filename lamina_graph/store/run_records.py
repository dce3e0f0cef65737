"""The runs of a store: what they write, what they found besides content, and who was told of it."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lamina_graph.records import (
    App,
    Event,
    FetchResult,
    FetchScope,
    KnownModel,
    RecordResult,
    Run,
    normalize_url,
)
from lamina_graph.store import connections, cursors, schema, writes


class RunRecords:
    """What runs write, and what readers ask of them."""

    _engine: Engine

    def begin(self, base_url: str, asked: FetchScope, at: datetime) -> Run:
        """Begin a run of `snapshot` and return it."""
        with connections.writing(self._engine) as connection:
            run = Run(
                id=secrets.token_hex(8),
                base_url=normalize_url(base_url),
                asked=asked,
                started_at=at,
                recorded_at=writes.advance_clock(connection, at),
            )
            connection.execute(sa.insert(schema.run), writes.run_to_row(run))
        return run

    def unfinished(self, base_url: str, asked: FetchScope) -> Run | None:
        """Return the last run, if it asked the same and was not finished: the one that can be resumed."""
        last = next(iter(self.runs(base_url=base_url, last=1)), None)
        return last if last and last.asked == asked and not last.finished_at else None

    def record(self, run: str, answers: Iterable[FetchResult]) -> list[RecordResult]:
        """Record answers in one transaction and return what each of them was.

        The first answer of an app in a run counts; one that follows an `unknown` takes its place.

        Args:
            run: the id of a run that has begun.
            answers: what the API said; all of them are recorded, or none.
        """
        with connections.writing(self._engine) as connection:
            return writes.record(connection, run, answers)

    def finish(self, run: str, at: datetime, *, complete: bool | None = None) -> Run:
        """Mark a run as finished and return it with its counts.

        Args:
            run: its id.
            at: when it finished.
            complete: whether its listing held every app; None where nothing was listed.
        """
        return self._close(run, at, finished_at=at, complete=complete, error=None)

    def fail(self, run: str, at: datetime, error: str) -> Run:
        """Mark a run as failed and return it with its counts; it can still be resumed.

        Args:
            run: its id.
            at: when it failed.
            error: why.
        """
        return self._close(run, at, error=error or "stopped")

    def _close(self, run: str, at: datetime, **values: Any) -> Run:
        with connections.writing(self._engine) as connection:
            c, closed = schema.run.c, writes.advance_clock(connection, at)
            connection.execute(sa.update(schema.run).where(c.id == run).values(closed_at=closed, **values))
            return Run.model_validate(connection.execute(sa.select(schema.run).where(c.id == run)).one())

    def record_models(self, base_url: str, models: Iterable[KnownModel]) -> None:
        """Keep the models of an address in the place of those that were kept before."""
        rows = {each.id: dict(each) for each in models}
        with connections.writing(self._engine) as connection:
            table, url = schema.model, normalize_url(base_url)
            connection.execute(sa.delete(table).where(table.c.base_url == url))
            writes.insert_missing(connection, table, [{**row, "base_url": url} for row in rows.values()])

    def models(self) -> tuple[KnownModel, ...]:
        """Return the models that are known, by address and id."""
        c = schema.model.c
        with connections.reading(self._engine) as connection:
            rows = connection.execute(sa.select(schema.model).order_by(c.base_url, c.id))
            return tuple(map(KnownModel.model_validate, rows))

    def runs(self, *, base_url: str | None = None, last: int | None = None) -> tuple[Run, ...]:
        """Return the runs, the newest first."""
        c = schema.run.c
        query = sa.select(schema.run).order_by(c.recorded_at.desc(), c.number.desc()).limit(last)
        if base_url is not None:
            query = query.where(c.base_url == normalize_url(base_url))
        with connections.reading(self._engine) as connection:
            return tuple(map(Run.model_validate, connection.execute(query)))

    def events(self, *, run: str | None = None, app: App | None = None) -> tuple[Event, ...]:
        """Return what runs found besides content, oldest first: apps gone, back, unknown, or partly so."""
        c = schema.event.c
        wanted = [(schema.run.c.id, run), (c.app, app and app.number)]
        query = (
            sa.select(*(c[name] for name in ("at", "recorded_at", "kind", "why")))
            .add_columns(schema.run.c.id.label("run"), schema.app.c.app_id, schema.app.c.name)
            .join(schema.run, schema.run.c.number == c.run)
            .join(schema.app, schema.app.c.number == c.app)
            .where(*(column == value for column, value in wanted if value is not None))
            .order_by(c.recorded_at, c.at, c.app, c.kind)
        )
        with connections.reading(self._engine) as connection:
            return tuple(map(Event.model_validate, connection.execute(query)))

    def fetched_apps(self, run: str) -> frozenset[str]:
        """Return the ids of the apps that a run fetched."""
        query = (
            sa.select(schema.app.c.app_id)
            .join(schema.seen, schema.app.c.number.between(schema.seen.c.first, schema.seen.c.last))
            .join(schema.run, schema.run.c.number == schema.seen.c.run)
            .where(schema.run.c.id == run)
        )
        with connections.reading(self._engine) as connection:
            return frozenset(connection.scalars(query))

    def cursor(self, reader: str, base_url: str | None = None) -> datetime | None:
        """Return up to where a reader has been told what changed, by the store's clock; None for a new one.

        Args:
            reader: its name.
            base_url: of which address; one who reads of all is another.
        """
        with connections.reading(self._engine) as connection:
            return cursors.cursors(connection).get(cursors.name(reader, base_url))

    def advance_cursor(self, reader: str, until: datetime, base_url: str | None = None) -> None:
        """Remember up to where a reader has been told what changed."""
        with connections.writing(self._engine) as connection:
            cursors.advance(connection, cursors.name(reader, base_url), until)
