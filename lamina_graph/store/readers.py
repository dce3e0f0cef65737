"""Up to which moment each reader was told what changed, where two stores become one.

A mark holds for the runs of the store that it was set in. Joined with another store's, a reader is told from
the first run on of which neither store has told it: rather twice than never, and the import says so.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lamina_graph.store import schema
from lamina_graph.store.moments import MOMENT
from lamina_graph.store.values import base


class Held(NamedTuple):
    """One run of two stores that become one, and in which of the two it was; `ended` where it did."""

    base_url: str
    started: datetime
    ended: datetime | None
    here: bool
    there: bool


def name(reader: str, base_url: str | None) -> str:
    """Return under which name a reader is remembered: one who reads the apps of one address is another."""
    return f"{reader} {base(base_url)}" if base_url else reader


def joined(here: datetime | None, there: datetime | None, runs: Iterable[Held]) -> datetime:
    """Return up to which moment a reader was told all that two stores hold together.

    Args:
        here: up to which it was told what the one store held; None where never.
        there: what the other held, likewise; not both are None.
        runs: those of both.
    """

    def told(run: Held) -> bool:
        marks = [mark for mark, has in ((here, run.here), (there, run.there)) if mark and has]
        return run.ended is not None and any(run.ended <= mark for mark in marks)

    last = max(mark for mark in (here, there) if mark)
    untold = [run.started for run in runs if run.started <= last and not told(run)]
    return min([last, *(started - MOMENT for started in untold)])


def marks(connection: Connection) -> dict[str, datetime]:
    """Return up to which moment each reader was told, by name."""
    c = schema.told.c
    rows = connection.execute(sa.select(schema.told).order_by(c.reader))
    return {row.reader: row.until for row in rows}


def tell(connection: Connection, reader: str, until: datetime) -> None:
    """Remember up to which moment a reader was told."""
    connection.execute(sa.delete(schema.told).where(schema.told.c.reader == reader))
    connection.execute(sa.insert(schema.told).values(reader=reader, until=until))


def bring(connection: Connection, there: dict[str, datetime], runs: Sequence[Held]) -> list[str]:
    """Take in the marks of another store whose runs are here by now; return what it means to readers.

    A reader that only this store knows keeps its mark: what came in of before is not news to it.

    Args:
        connection: a transaction that writes.
        there: the marks of the other store.
        runs: those of both stores.
    """
    here = marks(connection)
    for reader, until in there.items():
        tell(connection, reader, joined(here.get(reader), until, _read_by(reader, runs)))
    after = marks(connection)
    return [said for reader in sorted(after) if (said := _remark(reader, here, there, after[reader], runs))]


def _remark(
    reader: str,
    here: dict[str, datetime],
    there: dict[str, datetime],
    until: datetime,
    runs: Sequence[Held],
) -> str:
    """Return what a reader must know: that it is told some things again, or some never."""
    last = max(side[reader] for side in (here, there) if reader in side)
    since = f"`changes --since last`{f' of the reader {reader}' if reader else ''}"
    if until < last:
        return f"{since} begins at {until + MOMENT:%Y-%m-%d %H:%M}: what was told since comes again"
    missed = [run.started for run in _read_by(reader, runs) if not run.here and run.started <= until]
    if reader in there or not missed:
        return ""
    went = f"{since} goes on from {until:%Y-%m-%d %H:%M}"
    return f"{went}; what came in of before, since {min(missed):%Y-%m-%d}, it does not tell"


def _read_by(reader: str, runs: Sequence[Held]) -> Sequence[Held]:
    """Return the runs that a reader is told of: of one address, where its name ends so."""
    return [run for run in runs if reader.endswith(f" {run.base_url}")] or runs
