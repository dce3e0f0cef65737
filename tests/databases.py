"""Databases to keep a store in, each empty: an SQLite file, and a real PostgreSQL server.

The server comes from Debian's package `postgresql`, listens on a socket in a folder of its own and nowhere
else, and is gone after the tests. Where it is not installed its tests are skipped, and with
LAMINA_GRAPH_REQUIRE_POSTGRES=1 they fail.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from lamina_graph.store import Store, connections

_FAST = "-c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=50"


def _programs() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    found = shutil.which("initdb")
    return next(
        (folder for folder in reversed(folders) if (folder / "initdb").exists()), found and Path(found).parent
    )


def _call(folder: Path, *command: str | Path) -> None:
    """Run a program as a user that is not root, which PostgreSQL demands."""
    as_user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    with (folder / "log").open("a") as log:
        subprocess.run(command, check=True, cwd=folder, stdout=log, stderr=log, **as_user)


@contextmanager
def postgres() -> Iterator[str | None]:
    """Run a PostgreSQL server; give the URL of its database, or None where it is not installed."""
    programs = _programs()
    if programs is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="lamina-pg-"))
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    try:
        _call(
            folder,
            programs / "initdb",
            "-D",
            folder / "data",
            "-U",
            "tester",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        )
        _call(folder, programs / "pg_ctl", "-D", folder / "data", "-w", "-o", f"-k {folder} {_FAST}", "start")
        yield f"postgresql://tester@/postgres?host={folder}"
    finally:
        _call(folder, programs / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    with postgres() as url:
        if url is None and os.environ.get("LAMINA_GRAPH_REQUIRE_POSTGRES") == "1":
            pytest.fail("PostgreSQL is required and not installed")
        if url is None:
            pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
        yield url


_numbers = count()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty place for a store, in each kind of database."""
    return empty_place(request.param, request, tmp_path)


def empty_place(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """Return the URL of an empty place for a store."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'store.db'}"
    import psycopg

    url = request.getfixturevalue("postgres_url")
    name = f"store_{next(_numbers)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{url}&options=-csearch_path%3D{name}"


@contextmanager
def engine_of(store: Store) -> Iterator[sa.Engine]:
    """Give a way of its own into the database of a store, to look at its tables."""
    engine, _ = connections.open_engine(connections.parse_url(store.url), create=False)
    yield engine
    engine.dispose()
