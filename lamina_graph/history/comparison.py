"""What a policy makes of two snapshots, and of changes that no diff shows."""

from collections.abc import Iterable

from lamina_graph.diff import (
    Change,
    ComparisonPolicy,
    Diff,
    KnownApp,
    UnratedChange,
    Version,
    diff,
    rate_changes,
    scope_to_usage,
)
from lamina_graph.model import App, Estimate
from lamina_graph.records import Snapshot


def compare_snapshots(
    old: Snapshot,
    new: Snapshot,
    policy: ComparisonPolicy,
    detail: App | None = None,
    estimate: Estimate | None = None,
) -> Diff:
    """Return what changed from one snapshot to another.

    Args:
        old: the snapshot before.
        new: the snapshot after.
        policy: the settings of the comparison.
        detail: the detail last known of the old version, where its own snapshot does not say it.
        estimate: the estimate last known of it, likewise.
    """
    details = (old.detail or detail, new.detail)
    estimates = (old.estimate or estimate, new.estimate)
    before, after = (
        Version(
            snapshot.workflow,
            detail=details[side] if all(details) else None,
            estimate=estimates[side] if all(estimates) else None,
            app_id=snapshot.app_id,
            name=snapshot.name,
        )
        for side, snapshot in enumerate((old, new))
    )
    return diff(before, after, policy=policy)


def rate_app_changes(
    unrated: Iterable[UnratedChange], app: Snapshot, policy: ComparisonPolicy
) -> tuple[Change, ...]:
    """Return changes that no diff shows, of an app as a whole, with their severities."""
    known = KnownApp(ids=(app.app_id,), names=(app.name,) if app.name else ())
    changes = rate_changes(unrated, known, policy)
    return scope_to_usage(changes, policy.usage, known).changes if policy.usage else changes
