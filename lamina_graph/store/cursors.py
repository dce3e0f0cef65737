"""Up to where each reader has been told what changed: a moment by the clock of the store."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lamina_graph.records import normalize_url
from lamina_graph.store import schema
from lamina_graph.store.dates import MOMENT


def name(reader: str, base_url: str | None) -> str:
    """Return under which name a reader is remembered: one who reads the apps of one address is another."""
    return f"{reader} {normalize_url(base_url)}" if base_url else reader


def cursors(connection: Connection) -> dict[str, datetime]:
    """Return up to where each reader has been told, by name."""
    c = schema.cursor.c
    rows = connection.execute(sa.select(schema.cursor).order_by(c.reader))
    return {row.reader: row.until for row in rows}


def advance(connection: Connection, reader: str, until: datetime) -> None:
    """Remember up to where a reader has been told."""
    connection.execute(sa.delete(schema.cursor).where(schema.cursor.c.reader == reader))
    connection.execute(sa.insert(schema.cursor).values(reader=reader, until=until))


def rewind(connection: Connection, moment: datetime) -> list[str]:
    """Set back the readers that have been told of what is after a moment; return what is to be said of each.

    What comes into a store from another is told whenever it was recorded: rather twice than never.
    """
    remarks = []
    for reader, until in cursors(connection).items():
        if until >= moment:
            advance(connection, reader, moment - MOMENT)
            of_reader = f" of the reader {reader}" if reader else ""
            remarks.append(
                f"`changes --since last`{of_reader} begins at {moment:%Y-%m-%d %H:%M}:"
                " what was told since comes again"
            )
    return remarks
