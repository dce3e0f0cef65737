"""How the database of a store is opened, brought up to date, read and written; what it says is wrong."""

import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.pool import StaticPool

from lamina_graph.errors import StoreError
from lamina_graph.installation import install_hint
from lamina_graph.settings import default_url
from lamina_graph.store import schema
from lamina_graph.store.migrations import MIGRATIONS, WORDS

BUSY_SECONDS = 60


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
    """Give a connection in a transaction that only reads, and sees the store at one moment."""
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with (
        database_errors(engine.url),
        engine.connect().execution_options(**level) as connection,
        connection.begin(),
    ):
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
    if schema.store.name in present:
        current = connection.scalar(sa.select(schema.store.c.version)) or 0
        if not isinstance(current, int):
            raise schema.UnreadableValueError(str(current), "version")
        return current
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
    words = WORDS[connection.dialect.name]
    for statement in (statement for step in steps for statement in step):
        connection.exec_driver_sql(statement.format(**words))
    if not connection.execute(sa.update(schema.store).values(version=target)).rowcount:
        connection.execute(sa.insert(schema.store).values(version=target, key=secrets.token_hex(8)))


def display_url(url: URL) -> str:
    """Return the address of a database as it may be shown: without its passwords."""
    hidden = {name: "***" for name in url.query if "password" in name.lower()}
    return url.update_query_dict(hidden).render_as_string(hide_password=True).replace("%2A%2A%2A", "***")


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
_RESTORE = "Restore it from a copy or an export (`lamina-graph store import`)."
_TROUBLES = (
    ("readonly", "is read-only", _CHOOSE),
    ("read-only", "is read-only", _CHOOSE),
    ("permission denied", "may not be used by this user", _CHOOSE),
    (
        "full",
        "has no room: the disk is full",
        _KEPT + "Make room and run again; `snapshot` goes on with --resume.",
    ),
    (
        "no space",
        "has no room: the disk is full",
        _KEPT + "Make room and run again; `snapshot` goes on with --resume.",
    ),
    (
        "disk i/o",
        "cannot be written or read",
        _KEPT + "Check the disk (is it full?) and run again; `snapshot` goes on with --resume.",
    ),
    ("unable to open", "cannot be opened", _CHOOSE),
    (
        "locked",
        f"was locked by another program for {BUSY_SECONDS} s",
        "Wait for the other program, then run again.",
    ),
    ("not a database", "is not a database", "Name another file with --store."),
    ("malformed", "is damaged", _RESTORE),
    ("unreadable value", "is damaged", _RESTORE),
    ("no such table", "is damaged, or no store", _RESTORE),
    ("no such column", "is damaged, or no store", _RESTORE),
    ("resolve", "cannot be reached", "Check the name of the host."),
    ("connection", "cannot be reached", "Check that the database runs, and its address."),
    ("does not exist", "is damaged, or no store", _RESTORE),
    ("no password", "asks for a password", "Put it in ~/.pgpass or in the address."),
)
