"""What a policy makes of two snapshots, and of changes that no diff shows."""

from collections.abc import Iterable

from lamina_graph.diff import (
    Change,
    ComparisonPolicy,
    Diff,
    KnownApp,
    UnratedChange,
    Version,
    carry_edges,
    diff,
    rate_changes,
    scope_to_usage,
)
from lamina_graph.records import Snapshot


def compare_snapshots(old: Snapshot, new: Snapshot, policy: ComparisonPolicy) -> Diff:
    """Return what changed from one snapshot to another; a part that only one of them has is left out."""
    before, after = (
        Version(
            snapshot.workflow,
            detail=snapshot.detail if old.detail and new.detail else None,
            estimate=snapshot.estimate if old.estimate and new.estimate else None,
            app_id=snapshot.app_id,
            name=snapshot.name,
        )
        for snapshot in (old, new)
    )
    return diff(before, after, policy=policy)


def carry_known_edges(whole: Snapshot, part: Snapshot) -> Snapshot:
    """Return a snapshot with the edges that were last known, where it has none of its own.

    A workflow that the API gives again is then compared with what it was, and is no change if it is the same.

    Args:
        whole: the last snapshot of the app, up to this one, whose edges are known.
        part: the snapshot.
    """
    workflow = carry_edges(Version(whole.workflow, estimate=whole.estimate), part.workflow)
    return part.model_copy(update={"workflow": workflow})


def rate_app_changes(
    unrated: Iterable[UnratedChange], app: KnownApp, policy: ComparisonPolicy
) -> tuple[Change, ...]:
    """Return changes that no diff shows, of an app as a whole, with their severities."""
    changes = rate_changes(unrated, app, policy)
    return scope_to_usage(changes, policy.usage, app).changes if policy.usage else changes
