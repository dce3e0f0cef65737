"""The tables of a store, how a database is opened, and how an older one is brought up to date.

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
import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Dialect, Engine, make_url
from sqlalchemy.pool import StaticPool

from lamina_graph.errors import StoreError
from lamina_graph.installation import install_hint
from lamina_graph.records import FetchScope, default_url

BUSY_SECONDS = 60


class Moment(sa.TypeDecorator[datetime]):
    """A moment in UTC as text of fixed width: the same in every database, readable, and sorted by time."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Return the text of a moment."""
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0") if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Return the moment of a text."""
        return datetime.fromisoformat(value) if value else None


class Text(sa.TypeDecorator[str]):
    """Text with any code point: what a database refuses (NUL, lone surrogates) is kept as JSON writes it."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text that is stored."""
        return value if value is None or _is_storable(value) else _MARK + json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text that was given."""
        return json.loads(value[1:]) if value and value.startswith(_MARK) else value


class Scope(sa.TypeDecorator[FetchScope]):
    """What a run was asked, as JSON."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: FetchScope | None, dialect: Dialect) -> str | None:
        """Return the JSON of a scope."""
        return value.model_dump_json() if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> FetchScope | None:
        """Return the scope of a JSON text."""
        return FetchScope.model_validate_json(value) if value else None


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

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE lamina_store (version INTEGER NOT NULL, key TEXT NOT NULL)",
        "CREATE TABLE app (number {serial}, base_url TEXT NOT NULL, app_id TEXT NOT NULL, name TEXT,"
        " appeared TEXT NOT NULL, UNIQUE (base_url, app_id))",
        "CREATE INDEX app_by_id ON app (app_id)",
        "CREATE TABLE content (hash {bytes} PRIMARY KEY, size BIGINT NOT NULL, body {bytes} NOT NULL)",
        "CREATE TABLE run (number {serial}, id TEXT NOT NULL UNIQUE, base_url TEXT NOT NULL,"
        " asked TEXT NOT NULL, whole BOOLEAN NOT NULL,"
        " started TEXT NOT NULL, finished TEXT, complete BOOLEAN,"
        " seen BIGINT NOT NULL, new BIGINT NOT NULL, changed BIGINT NOT NULL, back BIGINT NOT NULL,"
        " gone BIGINT NOT NULL, unknown BIGINT NOT NULL)",
        "CREATE TABLE snapshot (id TEXT PRIMARY KEY, app BIGINT NOT NULL REFERENCES app,"
        " run BIGINT NOT NULL REFERENCES run, taken TEXT NOT NULL,"
        " workflow {bytes} NOT NULL REFERENCES content, detail {bytes} REFERENCES content,"
        " estimate {bytes} REFERENCES content)",
        "CREATE INDEX snapshot_by_app ON snapshot (app, taken)",
        "CREATE INDEX snapshot_by_time ON snapshot (taken)",
        "CREATE TABLE seen (run BIGINT NOT NULL REFERENCES run, first BIGINT NOT NULL,"
        " last BIGINT NOT NULL, PRIMARY KEY (run, first))",
        "CREATE TABLE event (run BIGINT NOT NULL REFERENCES run, app BIGINT NOT NULL REFERENCES app,"
        " kind TEXT NOT NULL, at TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (run, app, kind))",
        "CREATE INDEX event_by_app ON event (app, at)",
    ),
    (
        "CREATE TABLE told (reader TEXT PRIMARY KEY, until TEXT NOT NULL)",
        "CREATE INDEX event_by_time ON event (at)",
    ),
    (
        "ALTER TABLE lamina_store ADD COLUMN clock TEXT",
        *(f"ALTER TABLE {name} ADD COLUMN recorded TEXT" for name in ("app", "run", "snapshot", "event")),
        "ALTER TABLE run ADD COLUMN closed TEXT",
        "ALTER TABLE run ADD COLUMN error TEXT",
        "UPDATE app SET recorded = appeared",
        "UPDATE run SET recorded = started, closed = finished",
        "UPDATE snapshot SET recorded = taken",
        "UPDATE event SET recorded = at",
        "UPDATE lamina_store SET clock = (SELECT MAX(moment) FROM ("
        "SELECT recorded AS moment FROM snapshot UNION ALL SELECT recorded FROM event"
        " UNION ALL SELECT recorded FROM run UNION ALL SELECT closed FROM run"
        " UNION ALL SELECT until FROM told) AS moments)",
        "DROP INDEX snapshot_by_app",
        "CREATE INDEX snapshot_by_app ON snapshot (app, recorded)",
        "CREATE INDEX snapshot_by_record ON snapshot (recorded)",
    ),
    (
        "CREATE TABLE model (base_url TEXT NOT NULL, id TEXT NOT NULL, name TEXT, modality TEXT NOT NULL,"
        " PRIMARY KEY (base_url, id))",
    ),
)
"""What brings a store from each version to the next, in words that both databases share; only added to."""

_WORDS = {
    "sqlite": {"serial": "INTEGER PRIMARY KEY", "bytes": "BLOB"},
    "postgresql": {"serial": "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "bytes": "BYTEA"},
}


def parse_url(url: str) -> URL:
    """Return the address of a database; a plain path is an SQLite file.

    Raises:
        StoreError: it is not the address of an SQLite or PostgreSQL database.
    """
    if not isinstance(url, str):
        raise StoreError(f"a store is named by a string, not by a {type(url).__name__}", _ADDRESSES)
    try:
        parsed = make_url(url) if "://" in url else URL.create("sqlite", database=url)
    except (sa.exc.ArgumentError, ValueError):
        raise StoreError("the address of the store is not a database URL", _ADDRESSES) from None
    if parsed.drivername not in _DRIVERS:
        raise StoreError(f"a store cannot be kept in {parsed.drivername!r}", _ADDRESSES)
    return parsed.set(drivername=_DRIVERS[parsed.drivername])


_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_ADDRESSES = "Use sqlite:///FILE or postgresql://USER@HOST/DATABASE."


def open_engine(url: URL, create: bool) -> tuple[Engine, bool]:
    """Return the engine of a database, its store brought up to date, and whether that store is a new one.

    Raises:
        StoreError: it cannot be opened, is newer than this lamina-graph, or is missing and not to be made.
    """
    with database_errors(url):
        engine = _open_sqlite(url, create) if url.get_backend_name() == "sqlite" else sa.create_engine(url)
    try:
        if engine.dialect.name == "sqlite":
            _ensure_usable_journal(engine)
        return engine, migrate(engine, create=create)
    except BaseException:
        engine.dispose()
        raise


def _open_sqlite(url: URL, create: bool) -> Engine:
    path = Path(url.database) if url.database and url.database != ":memory:" else None
    if path and not path.exists():
        if not create:
            raise StoreError(f"there is no store at {path}", _FIRST)
        if f"sqlite:///{path}" == default_url():
            path.parent.mkdir(parents=True, exist_ok=True)
        if not path.parent.is_dir():
            raise StoreError(f"there is no folder {path.parent} for a store", _CHECK)
    if path and path.is_dir():
        raise StoreError(f"{path} is a folder; expected a store file", f"Use {path / 'lamina.db'}.")
    if path and path.exists() and not os.access(path.parent, os.W_OK):
        # SQLite must write beside a file in WAL mode even to read it, unless it is told that nobody writes.
        url = url.set(database=f"file:{quote(str(path.resolve()))}", query={"immutable": "1", "uri": "true"})
    pool: dict[str, Any] = {} if path else {"poolclass": StaticPool}
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, **pool)
    sa.event.listen(engine, "connect", _configure_connection)
    sa.event.listen(engine, "begin", _begin_transaction)
    return engine


_OWN = "Give the store a file, a database or a schema of its own."
_CHECK = "Make the folder, or check the path that --store names."
_FIRST = "`lamina-graph snapshot --all` makes one; --store names another."


def _configure_connection(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_transaction(connection: Connection) -> None:
    # A transaction that writes takes its lock at once: one that reads first could not wait for another.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that only reads."""
    with database_errors(engine.url), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that writes: all of it, or nothing."""
    with (
        database_errors(engine.url),
        engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")
        yield connection


_WRITER = 0x1A3149A
"""The lock of the one who writes: transactions are short, and one at a time never wait for each other."""


def version(connection: Connection) -> int:
    """Return the version of the store in a database, 0 where there is nothing at all.

    Raises:
        StoreError: the database holds something else.
    """
    present = sa.inspect(connection).get_table_names()
    if store.name in present:
        return connection.scalar(sa.select(store.c.version)) or 0
    if present:
        raise StoreError(f"{display_url(connection.engine.url)} holds something other than a store", _OWN)
    return 0


def migrate(engine: Engine, steps: Sequence[Sequence[str]] = MIGRATIONS, create: bool = True) -> bool:
    """Bring the store in a database up to date, all steps or none; return whether there was none before.

    Raises:
        StoreError: the store is newer than the steps, or is missing and not to be created.
    """
    with reading(engine) as connection:
        current = version(connection)
    if current > len(steps):
        problem = (
            f"the store at {display_url(engine.url)} has version {current}, after the last known {len(steps)}"
        )
        raise StoreError(problem, "Use the newer lamina-graph that wrote it.")
    if current == 0 and not create:
        raise StoreError(f"there is no store at {display_url(engine.url)}", _FIRST)
    if current == len(steps):
        return False
    if engine.dialect.name == "sqlite":
        _set_write_ahead_log(engine)
        _ensure_usable_journal(engine)
    with writing(engine) as connection:
        current = version(connection)
        _upgrade(connection, steps[current:], len(steps))
    return current == 0


def _set_write_ahead_log(engine: Engine) -> None:
    """Set the journal of a file; SQLite wants the file to itself for it, and does not always wait."""
    from tenacity import Retrying, retry_if_exception_message, stop_after_delay, wait_random

    waiting = Retrying(
        retry=retry_if_exception_message(match=".*locked"),
        stop=stop_after_delay(BUSY_SECONDS),
        wait=wait_random(0.01, 0.1),
        reraise=True,
    )
    with database_errors(engine.url), closing(engine.raw_connection()) as raw:
        waiting(raw.cursor().execute, "PRAGMA journal_mode = WAL")


def _ensure_usable_journal(engine: Engine) -> None:
    """Give up write-ahead logging where the file system lends no shared memory, as network disks do not."""
    probe = "SELECT count(*) FROM sqlite_master"
    with database_errors(engine.url):
        try:
            with closing(engine.raw_connection()) as raw:
                raw.cursor().execute(probe)
                return
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_IOERR_SHM"):
                raise
        engine.dispose()  # only a connection that never asked for shared memory can do without it
        with closing(engine.raw_connection()) as raw:
            for setting in ("locking_mode = EXCLUSIVE", "journal_mode = DELETE", "locking_mode = NORMAL"):
                raw.cursor().execute(f"PRAGMA {setting}").fetchall()
            raw.cursor().execute(probe).fetchall()


def _upgrade(connection: Connection, steps: Sequence[Sequence[str]], target: int) -> None:
    words = _WORDS[connection.dialect.name]
    for statement in (statement for step in steps for statement in step):
        connection.exec_driver_sql(statement.format(**words))
    if not connection.execute(sa.update(store).values(version=target)).rowcount:
        connection.execute(sa.insert(store).values(version=target, key=secrets.token_hex(8)))


def size(connection: Connection) -> int:
    """Return how many bytes a store takes on disk."""
    if connection.dialect.name == "postgresql":
        sizes = [sa.func.pg_total_relation_size(table.name) for table in tables.tables.values()]
        return sum(int(size) for size in connection.execute(sa.select(*sizes)).one())
    pages, page = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size")
    )
    return int(pages) * int(page)


def display_url(url: URL) -> str:
    """Return the address of a database as it may be shown: without its password."""
    return url.render_as_string(hide_password=True)


@contextmanager
def database_errors(url: URL) -> Iterator[None]:
    """Turn what a database says is wrong into a `StoreError` in plain words."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise StoreError(f"{error.name} is not installed", install_hint("postgres")) from error
    except OSError as error:
        raise StoreError(
            f"the store at {display_url(url)} cannot be opened: {error.strerror}", _CHOOSE
        ) from error
    except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
        raise _to_store_error(url, str(getattr(error, "orig", None) or error)) from error


def _to_store_error(url: URL, message: str) -> StoreError:
    first = message.strip().partition("\n")[0]
    for mark, problem, hint in _TROUBLES:
        if mark in message.lower():
            return StoreError(f"the store at {display_url(url)} {problem} ({first})", hint)
    return StoreError(f"the store at {display_url(url)} failed: {first}", "`--debug` shows where.")


_CHOOSE = "Name another place with --store, or change the rights of this one."
_KEPT = "What was recorded before is kept. "
_TROUBLES = (
    ("readonly", "is read-only", _CHOOSE),
    ("read-only", "is read-only", _CHOOSE),
    ("permission denied", "may not be used by this user", _CHOOSE),
    ("full", "has no room: the disk is full", _KEPT + "Make room and run again with --resume."),
    ("no space", "has no room: the disk is full", _KEPT + "Make room and run again with --resume."),
    (
        "disk i/o",
        "cannot be written or read",
        _KEPT + "Check the disk (is it full?) and run again with --resume.",
    ),
    ("unable to open", "cannot be opened", _CHOOSE),
    (
        "locked",
        f"was locked by another program for {BUSY_SECONDS} s",
        "Wait for the other program, then run again.",
    ),
    ("not a database", "is not a database", "Name another file with --store."),
    ("malformed", "is damaged", "Restore it from a copy or an export (`lamina-graph store import`)."),
    ("resolve", "cannot be reached", "Check the name of the host."),
    ("connection", "cannot be reached", "Check that the database runs, and its address."),
    ("no password", "asks for a password", "Put it in ~/.pgpass or in the address."),
)
