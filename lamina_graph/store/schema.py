"""The tables of a store, and how their columns keep what Python has.

    app       one row an app and base URL
    content   each distinct JSON once: compressed, by the SHA-256 of its canonical text
    snapshot  one row where what the API said of an app differs from the snapshot before
    run       one row a run of `snapshot`, with its counts
    seen      the apps that a run fetched, as ranges of their numbers: a night without surprises is one row
    event     what a run found besides: gone, back, unknown, partial
    model     the models that nodes may use, by address, and what each makes
    told      up to where each reader has been told what changed

`recorded` is the moment at which a row was written, as the store's own clock has it: the clock of the
machine, but never at or before what was written earlier. So it is the order of things where clocks are not:
where one is fast for a night, set back, or another machine's. `closed` is the end of a run, or its failure.

So a night in which nothing changed adds a handful of rows, however many apps there are, and still every run
tells of every app whether it was seen.
"""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect

from lamina_graph.records import FetchScope


class UnreadableValueError(sa.exc.SQLAlchemyError):
    """A value of a column that nothing in it was written as: the database is damaged, or another's."""

    def __init__(self, value: str, kind: str) -> None:
        super().__init__(f"unreadable value: {value[:40]!r} is no {kind}")


class Moment(sa.TypeDecorator[datetime]):
    """A moment in UTC as text of fixed width: the same in every database, readable, and sorted by time."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Return the text of a moment."""
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0") if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Return the moment of a text."""
        try:
            return datetime.fromisoformat(value) if value else None
        except (TypeError, ValueError):
            raise UnreadableValueError(str(value), "moment") from None


class Text(sa.TypeDecorator[str]):
    """Text with any code point: what a database refuses (NUL, lone surrogates) is kept as JSON writes it."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text that is stored."""
        return value if value is None or _is_storable(value) else _MARK + json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text that was given."""
        try:
            return json.loads(value[1:]) if value and value.startswith(_MARK) else value
        except ValueError:
            raise UnreadableValueError(str(value), "text") from None


class Scope(sa.TypeDecorator[FetchScope]):
    """What a run was asked, as JSON."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: FetchScope | None, dialect: Dialect) -> str | None:
        """Return the JSON of a scope."""
        return value.model_dump_json() if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> FetchScope | None:
        """Return the scope of a JSON text."""
        try:
            return FetchScope.model_validate_json(value) if value else None
        except ValueError:
            raise UnreadableValueError(str(value), "scope of a run") from None


_MARK = "\x01"


def _is_storable(value: str) -> bool:
    return (
        "\0" not in value
        and not value.startswith(_MARK)
        and not any("\ud800" <= sign <= "\udfff" for sign in value)
    )


tables = sa.MetaData()
# In Python a column has the name of the field that holds it in `records`.

store = sa.Table(
    "lamina_store",
    tables,
    sa.Column("version", sa.Integer),
    sa.Column("key", sa.String),
    sa.Column("clock", Moment),
)

app = sa.Table(
    "app",
    tables,
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("base_url", Text),
    sa.Column("app_id", Text),
    sa.Column("name", Text),
    sa.Column("appeared", Moment, key="appeared_at"),
    sa.Column("recorded", Moment, key="recorded_at"),
)

content = sa.Table(
    "content",
    tables,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("size", sa.BigInteger),
    sa.Column("body", sa.LargeBinary),
)

run = sa.Table(
    "run",
    tables,
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("id", sa.String),
    sa.Column("base_url", Text),
    sa.Column("asked", Scope),
    sa.Column("whole", sa.Boolean),
    sa.Column("started", Moment, key="started_at"),
    sa.Column("finished", Moment, key="finished_at"),
    sa.Column("complete", sa.Boolean),
    *(sa.Column(name, sa.BigInteger) for name in ("seen", "new", "changed", "back", "gone", "unknown")),
    sa.Column("error", Text),
    sa.Column("recorded", Moment, key="recorded_at"),
    sa.Column("closed", Moment, key="closed_at"),
)

snapshot = sa.Table(
    "snapshot",
    tables,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("app", sa.BigInteger),
    sa.Column("run", sa.BigInteger),
    sa.Column("taken", Moment, key="taken_at"),
    *(sa.Column(part, sa.LargeBinary) for part in ("workflow", "detail", "estimate")),
    sa.Column("recorded", Moment, key="recorded_at"),
)

seen = sa.Table(
    "seen",
    tables,
    sa.Column("run", sa.BigInteger, primary_key=True),
    sa.Column("first", sa.BigInteger, primary_key=True),
    sa.Column("last", sa.BigInteger),
)

event = sa.Table(
    "event",
    tables,
    sa.Column("run", sa.BigInteger, primary_key=True),
    sa.Column("app", sa.BigInteger, primary_key=True),
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("at", Moment),
    sa.Column("why", Text),
    sa.Column("recorded", Moment, key="recorded_at"),
)

cursor = sa.Table(
    "told",
    tables,
    sa.Column("reader", Text, primary_key=True),
    sa.Column("until", Moment),
)

model = sa.Table(
    "model",
    tables,
    sa.Column("base_url", Text, primary_key=True),
    sa.Column("id", Text, primary_key=True),
    sa.Column("name", Text),
    sa.Column("modality", Text),
)


def size(connection: Connection) -> int:
    """Return how many bytes a store takes on disk."""
    if connection.dialect.name == "postgresql":
        sizes = [sa.func.pg_total_relation_size(table.name) for table in tables.tables.values()]
        return sum(int(size) for size in connection.execute(sa.select(*sizes)).one())
    pages, page = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size")
    )
    return int(pages) * int(page)
