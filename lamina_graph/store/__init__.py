"""Snapshots in and out of a database: what the API said of each app, once, whole, with its date.

Importing this room loads no database library; making a `Store` does.
"""

from typing import TYPE_CHECKING, Any

from lamina_graph.store.moments import MOMENT, in_utc, moment
from lamina_graph.store.values import (
    Answer,
    App,
    Asked,
    Effect,
    Event,
    Info,
    Keep,
    Outcome,
    Plan,
    Run,
    Snapshot,
    Transfer,
    Version,
    base,
)

if TYPE_CHECKING:
    from lamina_graph.store.database import Store

__all__ = [
    "MOMENT",
    "Answer",
    "App",
    "Asked",
    "Effect",
    "Event",
    "Info",
    "Keep",
    "Outcome",
    "Plan",
    "Run",
    "Snapshot",
    "Store",
    "Transfer",
    "Version",
    "base",
    "default_url",
    "in_utc",
    "moment",
]


def default_url() -> str:
    """Return the URL of the store that is used where none is named: an SQLite file in the user's data folder.

    >>> default_url().startswith("sqlite:///")
    True
    """
    from platformdirs import user_data_path

    return f"sqlite:///{user_data_path('lamina-graph', appauthor=False) / 'store.db'}"


def __getattr__(name: str) -> Any:
    if name != "Store":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lamina_graph.store.database import Store

    return Store
