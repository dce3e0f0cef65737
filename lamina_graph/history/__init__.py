"""Many diffs in a row: one app over time, a whole catalogue over a span of time, two places side by side.

Snapshots and events come in by their shape (`Snapshot`, `Event`), whoever keeps them: no store is read here.
"""

from lamina_graph.history.ages import UNSEEN, Ages, Made, Session, ages
from lamina_graph.history.catalogue_changes import Found, Pair, changes, drift
from lamina_graph.history.origins import Arrival, origins
from lamina_graph.history.timeline import history
from lamina_graph.history.values import (
    Changes,
    Event,
    History,
    Origin,
    Snapshot,
    State,
    Step,
    Told,
    Unknown,
)

__all__ = [
    "UNSEEN",
    "Ages",
    "Arrival",
    "Changes",
    "Event",
    "Found",
    "History",
    "Made",
    "Origin",
    "Pair",
    "Session",
    "Snapshot",
    "State",
    "Step",
    "Told",
    "Unknown",
    "ages",
    "changes",
    "drift",
    "history",
    "origins",
]
