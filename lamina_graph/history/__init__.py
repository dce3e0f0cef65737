"""Many diffs in a row: one app over time, a whole catalogue over a span of time, two places side by side.

Snapshots and events come in as `records`, whoever keeps them: no store is read here.
"""

from lamina_graph.ages import UNSEEN, Ages, NodeCreated, Session, ages
from lamina_graph.history.app_origins import Arrival, origins
from lamina_graph.history.catalogue_changes import AppEvent, SnapshotPair, changes, drift
from lamina_graph.history.catalogue_diff import Catalogue, catalogue_diff, version_of
from lamina_graph.history.comparison import carry_known_edges
from lamina_graph.history.results import (
    AppChange,
    CatalogueChange,
    CatalogueDiff,
    Changes,
    ComparedApp,
    History,
    Origin,
    State,
    Step,
    Unknown,
)
from lamina_graph.history.run_usage import bodies, from_bodies, toml
from lamina_graph.history.timeline import history
from lamina_graph.history.unknown_usage import with_unknown_usage

__all__ = [
    "UNSEEN",
    "Ages",
    "AppChange",
    "AppEvent",
    "Arrival",
    "Catalogue",
    "CatalogueChange",
    "CatalogueDiff",
    "Changes",
    "ComparedApp",
    "History",
    "NodeCreated",
    "Origin",
    "Session",
    "SnapshotPair",
    "State",
    "Step",
    "Unknown",
    "ages",
    "bodies",
    "carry_known_edges",
    "catalogue_diff",
    "changes",
    "drift",
    "from_bodies",
    "history",
    "origins",
    "toml",
    "version_of",
    "with_unknown_usage",
]
