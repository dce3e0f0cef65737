"""The models that a store knows, read without the database library where that can be: every command asks."""

import os
from contextlib import closing
from pathlib import Path
from urllib.parse import quote


def read_models(url: str) -> list[tuple[str, str]]:
    """Return the ids of the models that a store knows, with the medium that each makes.

    Args:
        url: of the store, or a plain path; none is made.

    Raises:
        StoreError: it cannot be read.

    >>> read_models("sqlite:////no/such/store.db")
    []
    """
    if url.startswith(("postgres:", "postgresql")):
        from lamina_graph.store.database import Store

        with Store(url, create=False) as store:
            return [(each.id, each.modality) for each in store.models()]
    path = Path(url.removeprefix("sqlite:///"))
    return _read_file(path) if os.path.isfile(path) else []  # its folder may be closed


def _read_file(path: Path) -> list[tuple[str, str]]:
    """Return the models in an SQLite file; none where it is older, not a store, or cannot be read."""
    import sqlite3

    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT id, modality FROM model ORDER BY base_url, id").fetchall()
    except sqlite3.Error:
        return []
