"""Snapshots in and out of a database: what the API said of each app, once, whole, with its date.

Importing this room loads no database library; making a `Store` does.
"""

from typing import TYPE_CHECKING, Any

from lamina_graph.records import (
    App,
    Event,
    FetchOutcome,
    FetchResult,
    FetchScope,
    KnownModel,
    PrunePlan,
    RecordResult,
    RetentionPolicy,
    Run,
    Snapshot,
    SnapshotPlace,
    SnapshotRemoval,
    StoreInfo,
    TransferSummary,
    Version,
    normalize_url,
)
from lamina_graph.settings import default_url
from lamina_graph.store.dates import BEGINNING, MOMENT, in_utc, parse_moment
from lamina_graph.store.models import read_models
from lamina_graph.store.snapshot_sequence import SnapshotSequence

if TYPE_CHECKING:
    from lamina_graph.store.database import Store

__all__ = [
    "BEGINNING",
    "MOMENT",
    "App",
    "Event",
    "FetchOutcome",
    "FetchResult",
    "FetchScope",
    "KnownModel",
    "PrunePlan",
    "RecordResult",
    "RetentionPolicy",
    "Run",
    "Snapshot",
    "SnapshotPlace",
    "SnapshotRemoval",
    "SnapshotSequence",
    "Store",
    "StoreInfo",
    "TransferSummary",
    "Version",
    "default_url",
    "in_utc",
    "normalize_url",
    "parse_moment",
    "read_models",
]


def __getattr__(name: str) -> Any:
    if name != "Store":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lamina_graph.store.database import Store

    return Store
