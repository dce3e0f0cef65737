"""Up to where each reader has been told what changed: a moment by the clock of the store."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lamina_graph.store import schema
from lamina_graph.store.dates import MOMENT
from lamina_graph.store.values import base


def name(reader: str, base_url: str | None) -> str:
    """Return under which name a reader is remembered: one who reads the apps of one address is another."""
    return f"{reader} {base(base_url)}" if base_url else reader


def cursors(connection: Connection) -> dict[str, datetime]:
    """Return up to where each reader has been told, by name."""
    c = schema.told.c
    rows = connection.execute(sa.select(schema.told).order_by(c.reader))
    return {row.reader: row.until for row in rows}


def advance(connection: Connection, reader: str, until: datetime) -> None:
    """Remember up to where a reader has been told."""
    connection.execute(sa.delete(schema.told).where(schema.told.c.reader == reader))
    connection.execute(sa.insert(schema.told).values(reader=reader, until=until))


def join(
    connection: Connection,
    there: Mapping[str, datetime],
    only_here: Sequence[datetime],
    only_there: Sequence[datetime],
) -> list[str]:
    """Take in the cursors of another store; return what to say of readers whom something is told again.

    A cursor holds for the runs of its store. Where each of the two stores has runs that the other lacks, a
    reader begins again before the first of these: rather twice than never.

    Args:
        connection: a transaction that writes.
        there: the cursors of the other store.
        only_here: when each run began that the other store does not have.
        only_there: when each run began that only the other had.
    """
    here, remarks = cursors(connection), []
    for reader in sorted(here.keys() | there.keys()):
        known = [cursor for cursor in (here.get(reader), there.get(reader)) if cursor]
        if reader in there and not only_here:
            until = there[reader]
        elif reader in here and not only_there:
            until = here[reader]
        else:
            until = min(*known, min(*only_here, *only_there) - MOMENT)
        advance(connection, reader, until)
        if until < known[0]:
            name_ = f" of the reader {reader}" if reader else ""
            remarks.append(
                f"`changes --since last`{name_} begins at {until + MOMENT:%Y-%m-%d %H:%M}:"
                " what was told since comes again"
            )
    return remarks
