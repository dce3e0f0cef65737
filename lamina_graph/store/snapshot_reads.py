"""The apps and snapshots of a store: found, and read a few at a time."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Engine, Row

from lamina_graph.errors import StoreError
from lamina_graph.records import App, Snapshot, SnapshotPlace, Version
from lamina_graph.store import connections, queries, schema, writes
from lamina_graph.store.dates import parse_moment
from lamina_graph.store.queries import Damaged
from lamina_graph.text import is_start_of_id, match_names

_PAGE = 500
"""Rows that are read at once, not yet made into snapshots: these take fifty times their room."""

_PAIRS = 50
"""Snapshots that are looked up with the one before them at once."""

_BACK = re.compile(r"~(\d{1,18})")
"""How far back a snapshot is; no more digits than a database counts with."""


class SnapshotReads:
    """What readers ask of apps and snapshots. No transaction is open while what is yielded is worked on."""

    _engine: Engine

    def apps(self, base_url: str | None = None) -> tuple[App, ...]:
        """Return the apps that the store knows, by name and id."""
        query = queries.APPS.where(*queries.at_address(base_url))
        with connections.reading(self._engine) as connection:
            return queries.sorted_apps(connection.execute(query))

    def listed(self, base_url: str) -> tuple[App, ...]:
        """Return the apps that are not gone and that a run over the whole listing has met."""
        whole = sa.select(schema.run.c.number).where(schema.run.c.whole)
        spans, events, number = schema.seen.c, schema.event.c, schema.app.c.number
        met = sa.or_(
            sa.exists().where(spans.run.in_(whole), number.between(spans.first, spans.last)),
            sa.exists().where(events.run.in_(whole), events.app == number),
        )
        query = queries.APPS.where(met, *queries.at_address(base_url))
        with connections.reading(self._engine) as connection:
            return tuple(app for app in queries.sorted_apps(connection.execute(query)) if not app.gone_at)

    def find(self, term: str, base_url: str | None = None) -> tuple[App, ...]:
        """Return the apps that a term names, the first that holds of these.

        Those of this id; of this name as written; of this name in any letter case, however its accents are
        written, then without them, then by its words alone (`quick-reel-maker`); whose name starts so;
        whose id starts so.
        """
        c = schema.app.c
        query = queries.APPS.where(*queries.at_address(base_url))
        with connections.reading(self._engine) as connection:
            for exact in (c.app_id, c.name):
                if apps := queries.sorted_apps(connection.execute(query.where(exact == term))):
                    return apps
            names = connection.execute(sa.select(c.number, c.name).where(c.name.is_not(None)))
            numbers = match_names({row.number: row.name for row in names}, term)
            if not numbers and is_start_of_id(term):
                starts = c.app_id.istartswith(term, autoescape=True)
                numbers = [row.number for row in connection.execute(sa.select(c.number).where(starts))]
            return queries.sorted_apps(writes.select_among(connection, query, c.number, numbers))

    def latest(self, app: App, back: int = 0) -> Snapshot | None:
        """Return the last snapshot of an app, or the one so many before it."""
        return self._find_newest(queries.snapshots_of(app).offset(back))

    def at(self, app: App, moment: datetime) -> Snapshot | None:
        """Return the snapshot of an app that was in force at a moment: the last at or before it."""
        return self._find_newest(queries.snapshots_of(app).where(schema.snapshot.c.taken_at <= moment))

    def snapshot(self, app: App, id_: str) -> Snapshot | None:
        """Return the snapshot of an app that has this id, or an id that starts so."""
        starts = schema.snapshot.c.id.startswith(id_, autoescape=True)
        return self._find_newest(queries.snapshots_of(app).where(starts))

    def resolve(self, app: App, when: str) -> Snapshot | None:
        """Return the snapshot of an app that a person names.

        Args:
            app: an app of this store.
            when: `latest`; `~1`, the one before it; `2026-03-09` or `2026-03-09T10:25`, the last one at or
                before it, in UTC; or the id of a snapshot, or the start of one.

        Raises:
            InputError: it looks like a date and is none.
        """
        if when == "latest":
            return self.latest(app)
        if when.startswith("~"):
            back = _BACK.fullmatch(when)
            return self.latest(app, int(back[1])) if back else None
        return self.at(app, parse_moment(when)) if "-" in when else self.snapshot(app, when)

    def history(self, app: App, *, damaged: Damaged | None = None) -> Iterator[Snapshot]:
        """Yield the snapshots of an app, the oldest first.

        Args:
            app: an app of this store.
            damaged: takes the error of a snapshot that cannot be read, as in `changed`.
        """
        return self._read_pages(queries.snapshots_of(app), *queries.OLDEST, damaged=damaged)

    def catalogue(
        self,
        moment: datetime | None = None,
        *,
        base_url: str | None = None,
        damaged: Damaged | None = None,
    ) -> Iterator[Snapshot]:
        """Yield the snapshot that was in force at a moment for each app that was not gone, by app number.

        Args:
            moment: now, where not given.
            base_url: only the apps of this address.
            damaged: takes the error of a snapshot that cannot be read, and the others are still yielded;
                where it is not given, the error is raised.
        """
        query = queries.SNAPSHOTS.where(*queries.in_force(moment), *queries.at_address(base_url))
        return self._read_pages(query, schema.app.c.number, damaged=damaged)

    def in_force(
        self, moment: datetime | None = None, *, base_url: str | None = None
    ) -> tuple[SnapshotPlace, ...]:
        """Return which snapshots `catalogue` yields, in their order, without reading them."""
        query = queries.PLACES.where(*queries.in_force(moment), *queries.at_address(base_url))
        with connections.reading(self._engine) as connection:
            rows = connection.execute(query.order_by(schema.app.c.number))
            return tuple(SnapshotPlace(*row) for row in rows)

    def read(self, places: Iterable[SnapshotPlace]) -> Iterator[Snapshot | StoreError]:
        """Yield the snapshot at each place, in their order; an error stands for one that cannot be read.

        Few of them are held at a time, and no transaction stays open meanwhile.
        """
        rest = iter(places)
        while part := list(islice(rest, _PAIRS)):
            query = queries.SNAPSHOTS.where(schema.snapshot.c.id.in_([place.id for place in part]))
            with connections.reading(self._engine) as connection:
                rows = {row.id: row for row in connection.execute(query)}
            yield from (queries.read_place(place, rows.get(place.id)) for place in part)

    def changed(
        self,
        since: datetime,
        until: datetime | None = None,
        *,
        base_url: str | None = None,
        by_record: bool = False,
        damaged: Damaged | None = None,
    ) -> Iterator[tuple[Snapshot | None, Snapshot]]:
        """Yield what was new in a span of time, the oldest first: each snapshot with the one before it.

        Args:
            since: after this moment.
            until: up to this one; to the end, where not given.
            base_url: only the apps of this address.
            by_record: whether the moments are those of the store's own clock, else those of the snapshots.
            damaged: takes the error of a snapshot that cannot be read, and the others are still yielded;
                where it is not given, the error is raised.
        """
        c = schema.snapshot.c
        query = queries.SNAPSHOTS.where(*queries.in_span(since, until, base_url, by_record))
        snapshots = self._read_pages(
            query, c.recorded_at, schema.app.c.number, c.taken_at, c.id, damaged=damaged
        )
        while page := list(islice(snapshots, _PAIRS)):
            yield from self._pair_with_previous(page, damaged)

    def count_changed(
        self,
        since: datetime,
        until: datetime | None = None,
        *,
        base_url: str | None = None,
        by_record: bool = False,
    ) -> int:
        """Return how many snapshots `changed` yields with one before them, without reading them."""
        pairs = queries.BEFORE.join(schema.app, schema.app.c.number == schema.snapshot.c.app)
        pairs = pairs.where(*queries.in_span(since, until, base_url, by_record))
        count = sa.select(sa.func.count(pairs.subquery().c.before))
        with connections.reading(self._engine) as connection:
            return connection.scalar(count) or 0

    def beginnings(self, base_url: str | None = None) -> dict[int, tuple[datetime, datetime]]:
        """Return the oldest snapshot that is kept of each app, by app number: when taken, when recorded."""
        c = schema.snapshot.c
        query = sa.select(c.app, sa.func.min(c.taken_at), sa.func.min(c.recorded_at)).group_by(c.app)
        query = query.join(schema.app, schema.app.c.number == c.app).where(*queries.at_address(base_url))
        with connections.reading(self._engine) as connection:
            return {app: (taken, recorded) for app, taken, recorded in connection.execute(query)}

    def versions(self, base_url: str, *, damaged: Damaged | None = None) -> Iterator[Version]:
        """Yield the workflows of all apps of an address, those of an app the oldest first.

        Args:
            base_url: the address.
            damaged: takes the error of a snapshot that cannot be read, as in `changed`.
        """
        query = queries.VERSIONS.where(*queries.at_address(base_url))
        rows = self._read_rows(query, schema.app.c.number, *queries.OLDEST)
        return queries.read_rows(queries.version_from_row, rows, damaged)

    def with_edges(self, snapshot: Snapshot) -> Snapshot | None:
        """Return the last snapshot of the same app, up to this one, of which the edges are known."""
        last: Snapshot | None = snapshot
        while last and not last.workflow.edges_known:
            last = self._find_previous(last)
        return last

    def part(self, snapshot: Snapshot, part: Literal["detail", "estimate"]) -> Snapshot | None:
        """Return the last snapshot of the same app, up to this one, that has a part of the answer."""
        if getattr(snapshot, part) is not None:
            return snapshot
        return self._find_previous(snapshot, schema.snapshot.c[part].is_not(None))

    def _pair_with_previous(
        self, snapshots: Sequence[Snapshot], damaged: Damaged | None
    ) -> Iterator[tuple[Snapshot | None, Snapshot]]:
        """Yield each snapshot with the one before it, None for the first of an app."""
        c, ids = schema.snapshot.c, [snapshot.id for snapshot in snapshots]
        with connections.reading(self._engine) as connection:
            old = {row.id: row.before for row in connection.execute(queries.BEFORE.where(c.id.in_(ids)))}
            rows = connection.execute(queries.SNAPSHOTS.where(c.id.in_(set(old.values()) - {None}))).all()
        previous = {each.id: each for each in queries.read_rows(queries.snapshot_from_row, rows, damaged)}
        for new in snapshots:
            before = old[new.id]
            if before is None or before in previous:
                yield previous.pop(before, None), new

    def _find_previous(self, snapshot: Snapshot, *more: "sa.ColumnElement[bool]") -> Snapshot | None:
        place = (snapshot.recorded_at, snapshot.taken_at, snapshot.id)
        earlier = sa.tuple_(*queries.OLDEST) < queries.literals(queries.OLDEST, place)
        same = (schema.app.c.app_id == snapshot.app_id) & (schema.app.c.base_url == snapshot.base_url)
        return self._find_newest(queries.SNAPSHOTS.where(same, earlier, *more))

    def _find_newest(self, query: "sa.Select[Any]") -> Snapshot | None:
        """Return the newest snapshot of a query."""
        with connections.reading(self._engine) as connection:
            row = connection.execute(query.order_by(*queries.NEWEST).limit(1)).first()
        return queries.snapshot_from_row(row) if row else None

    def _read_pages(
        self, query: "sa.Select[Any]", *keys: "sa.ColumnElement[Any]", damaged: Damaged | None = None
    ) -> Iterator[Snapshot]:
        """Yield the snapshots of a query by these columns."""
        return queries.read_rows(queries.snapshot_from_row, self._read_rows(query, *keys), damaged)

    def _read_rows(self, query: "sa.Select[Any]", *keys: "sa.ColumnElement[Any]") -> "Iterator[Row[Any]]":
        """Yield the rows of a query by these columns, in pages: no transaction stays open meanwhile."""
        page = query.order_by(*keys).limit(_PAGE)
        after: tuple[Any, ...] | None = None
        while True:
            rest = page.where(sa.tuple_(*keys) > queries.literals(keys, after)) if after else page
            with connections.reading(self._engine) as connection:
                rows = connection.execute(rest).all()
            yield from rows
            if len(rows) < _PAGE:
                return
            after = tuple(rows[-1]._mapping[key] for key in keys)
