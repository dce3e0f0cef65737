"""The store itself: opened and closed, measured, written to a folder and read from one, and pruned."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Self

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lamina_graph.records import PrunePlan, RetentionPolicy, SnapshotRemoval, StoreInfo, TransferSummary
from lamina_graph.store import (
    connections,
    export_folder,
    exporting,
    importing,
    pruning,
    queries,
    removal,
    schema,
)
from lamina_graph.store.run_records import RunRecords
from lamina_graph.store.snapshot_reads import SnapshotReads


class Store(RunRecords, SnapshotReads):
    """Snapshots in an SQLite file or a PostgreSQL database; safe for several processes at once.

    Args:
        url: `sqlite:///FILE`, a plain path, or `postgresql://USER@HOST/DATABASE`.
        create: whether to make the store where there is none.

    Attributes:
        created: whether there was none, and this made it.

    Raises:
        StoreError: it cannot be opened, was written by a newer lamina-graph, or holds something else.

    >>> from datetime import UTC, datetime
    >>> from lamina_graph.store import FetchResult, FetchScope
    >>> with Store("sqlite://") as store:
    ...     night = datetime(2026, 3, 9, tzinfo=UTC)
    ...     run = store.begin("https://app.uselamina.ai", FetchScope(), night)
    ...     reel = {"name": "Reel", "nodes": [], "edges": []}
    ...     store.record(run.id, [FetchResult(app_id="a", at=night, workflow=reel)])
    ['new']
    """

    def __init__(self, url: str, *, create: bool = True) -> None:
        self._engine, self.created = connections.open_engine(connections.parse_url(url), create)

    @property
    def url(self) -> str:
        """The address of the store, without its password."""
        return connections.display_url(self._engine.url)

    def __repr__(self) -> str:
        return f"Store({self.url!r})"

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def info(self) -> StoreInfo:
        """Return what the store holds, and how large it is."""
        with connections.reading(self._engine) as connection:
            return _read_info(connection, self.url)

    def export(self, folder: Path) -> TransferSummary:
        """Write everything into a folder of canonical JSON files that git can hold; what is there stays.

        Raises:
            StoreError: the folder holds the export of another store, or cannot be written.
        """
        with connections.reading(self._engine) as connection:
            return exporting.export(connection, folder)

    @staticmethod
    def check_export(folder: Path) -> None:
        """Raise StoreError where a folder is no export of a store."""
        export_folder.check_export(folder)

    def import_folder(self, folder: Path) -> TransferSummary:
        """Take in everything from a folder that `export` wrote; what is here already stays.

        Raises:
            StoreError: the folder is no export, or a file in it is damaged.
        """
        with connections.writing(self._engine) as connection:
            return importing.import_folder(connection, folder)

    def plan(self, keep: RetentionPolicy, now: datetime) -> PrunePlan:
        """Return what `prune` would delete; nothing is changed."""
        with connections.reading(self._engine) as connection:
            return pruning.plan(connection, keep, now)

    def prune(self, keep: RetentionPolicy, now: datetime) -> PrunePlan:
        """Take away the snapshots that no rule keeps, and return what went.

        Content that nothing else refers to goes with them; what each run counted stays.
        """
        with connections.writing(self._engine) as connection:
            done = pruning.prune(connection, keep, now)
        with connections.database_errors(self._engine.url):
            pruning.give_back(self._engine)
        return done

    def plan_removal(self, ids: Collection[str], *, damaged: bool = False) -> tuple[SnapshotRemoval, ...]:
        """Return what `remove` would delete; nothing is changed."""
        with connections.reading(self._engine) as connection:
            return removal.plan(connection, ids, damaged=damaged)

    def remove(self, ids: Collection[str], *, damaged: bool = False) -> tuple[SnapshotRemoval, ...]:
        """Delete snapshots, with the contents that no other refers to, and return what went.

        Args:
            ids: of snapshots, whole or their starts, that go whether they are damaged or not.
            damaged: whether all go too that cannot be read, or are not what was recorded.

        Raises:
            StoreError: an id names no snapshot, or several.
        """
        with connections.writing(self._engine) as connection:
            return removal.remove(connection, ids, damaged=damaged)


def _read_info(connection: Connection, url: str) -> StoreInfo:
    def count(table: sa.Table) -> int:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0

    gone = sa.select(sa.func.count()).select_from(schema.app).where(queries.presence() == "gone")
    taken = schema.snapshot.c.taken_at
    first, last = connection.execute(sa.select(sa.func.min(taken), sa.func.max(taken))).one()
    return StoreInfo(
        url=url,
        schema_version=connections.version(connection),
        apps=count(schema.app),
        gone=connection.scalar(gone) or 0,
        snapshots=count(schema.snapshot),
        contents=count(schema.content),
        runs=count(schema.run),
        first=first,
        last=last,
        size=schema.size(connection),
        canonical_size=int(connection.scalar(sa.select(sa.func.sum(schema.content.c.size))) or 0),
    )
