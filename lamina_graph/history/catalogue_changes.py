"""What changed over a whole catalogue: in a span of time, or between two places."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from lamina_graph.batch import batch
from lamina_graph.diff import (
    Change,
    ComparisonPolicy,
    Diff,
    KnownApp,
    Level,
    UnratedChange,
    worst,
)
from lamina_graph.errors import StoreError
from lamina_graph.history.api_changes import merge_api_changes
from lamina_graph.history.app_pairs import pair_apps, read_pairs, weight
from lamina_graph.history.comparison import compare_snapshots, rate_app_changes
from lamina_graph.history.results import AppChange, Changes, Origin, Unknown
from lamina_graph.records import Event, Snapshot
from lamina_graph.text import one_line, pluralize

_CHUNK = 25
"""Pairs in one task: a chunk of hundreds of whole snapshots, several of them ahead, takes gigabytes."""

_IGNORE: Level = "ignore"

COPY_RULES = ("app-reidentified", "node-reidentified", "node-recreated", "deliverable-reidentified")
"""What the copy of an app in another place always shows: nothing that anybody needs to know."""


class SnapshotPair(NamedTuple):
    """Two snapshots to compare.

    Attributes:
        old: the one before, with the detail and the estimate that were last known; None where the app is new.
        new: the one after.
        origin: of a new app, the one that it comes from.
    """

    old: Snapshot | None
    new: Snapshot
    origin: Origin | None = None


class AppEvent(NamedTuple):
    """An event with the last snapshot of its app."""

    event: Event
    app: Snapshot


def changes(
    pairs: Iterable[SnapshotPair],
    events: Iterable[AppEvent] = (),
    *,
    since: datetime,
    until: datetime,
    unknown: Iterable[Unknown] = (),
    policy: ComparisonPolicy | None = None,
    executor: Executor | None = None,
) -> Changes:
    """Return what changed over a catalogue in a span of time, each change once.

    Args:
        pairs: each snapshot taken in the span, with the one before it; let go of once compared.
        events: the apps found gone or back in the span, read after the pairs; others are not looked at.
        since: where the span begins.
        until: where the span ends.
        unknown: what could not be compared, read last of all.
        policy: the settings of the comparison.
        executor: where the work is done.
    """
    policy = policy or ComparisonPolicy()
    parts = list(batch(partial(_compare_pair, policy=policy), pairs, executor, _CHUNK))
    parts += [_Part(tuple(_report_event(event, policy))) for event in events]
    parts.append(_Part((), tuple(unknown)))
    return _collect_changes(parts, since=since, until=until)


def drift(
    left: Sequence[Snapshot | StoreError],
    right: Sequence[Snapshot | StoreError],
    *,
    between: tuple[str, str],
    policy: ComparisonPolicy | None = None,
    executor: Executor | None = None,
) -> Changes:
    """Return in what two places differ that should hold the same apps: staging and production.

    Apps are paired by id, then by a name that only one app on each side has; what the copy of an app in
    another place always shows (`COPY_RULES`) is left out of such pairs. What cannot be read on one side is
    unknown, and so is what the other side has of that app.

    Args:
        left: the snapshots in force at the one place, whose apps callers know, and what stands for one that
            cannot be read. Each side is gone through twice, the second time in pairs: it need not hold them.
        right: those at the other.
        between: what the places are called.
        policy: the settings of the comparison.
        executor: where the work is done.
    """
    policy = policy or ComparisonPolicy()
    (olds, lost), (news, missing) = map(_list_titles, (left, right))
    paired = [(old, new) for _, old, new in pair_apps(olds, news, _KEYS)]
    known = {id(app) for pair in paired for app in pair}
    numbers: list[tuple[int | None, int | None]] = [(old.number, new.number) for old, new in paired]
    numbers += [(app.number, None) for app in olds if id(app) not in known and app.app_id not in missing]
    numbers += [(None, app.number) for app in news if id(app) not in known and app.app_id not in lost]
    compare = partial(_compare_copies, between=between, policy=policy)
    parts = list(batch(compare, read_pairs(left, right, numbers), executor, _CHUNK))
    parts += [_to_unknown(error) for error in (*lost.values(), *missing.values())]
    return _collect_changes(parts, between=between)


class _Title(NamedTuple):
    """By what an app is paired, and which one of its side it is."""

    number: int
    base_url: str
    app_id: str
    name: str | None


def _list_titles(side: Sequence[Snapshot | StoreError]) -> tuple[list[_Title], dict[str | None, StoreError]]:
    """Return by what the apps of a side are paired, and what stands for those that cannot be read."""
    titles, broken = [], {}
    for number, app in enumerate(side):
        if isinstance(app, StoreError):
            broken[app.app_id] = app
        else:
            titles.append(_Title(number, app.base_url, app.app_id, app.name))
    return titles, broken


class _Part(NamedTuple):
    """What one pair or event gives: small enough to travel between processes."""

    changes: tuple[AppChange, ...]
    unknown: tuple[Unknown, ...] = ()
    ignored: int = 0


def _collect_changes(
    parts: Sequence[_Part],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    between: tuple[str, str] | None = None,
) -> Changes:
    single = [change for part in parts for change in part.changes]
    merged = sorted(single if between else merge_api_changes(single), key=weight)
    unknown = (each for part in parts for each in part.unknown)
    return Changes(
        since=since,
        until=until,
        between=between,
        severity=worst(merged),
        apps=len({(change.base_url, change.app_id) for change in single}),
        changes=tuple(merged),
        unknown=tuple(sorted(unknown, key=_unknown_order)),
        ignored=sum(part.ignored for part in parts),
    )


def _unknown_order(unknown: Unknown) -> tuple[str, str, str, str]:
    return unknown.name or "", unknown.app_id or "", unknown.at.isoformat() if unknown.at else "", unknown.why


def _compare_pair(pair: SnapshotPair, policy: ComparisonPolicy) -> _Part:
    old, new = pair.old, pair.new
    if old is not None:
        return _to_part(compare_snapshots(old, new, policy), old, new)
    origin = f", {pair.origin.sentence}" if pair.origin else ""
    more = {"new": new.id, "origin": pair.origin}
    return _Part(
        tuple(_report_app("app-added", f"New app: {_describe_app(new)}{origin}", new, policy, **more))
    )


def _to_unknown(error: StoreError) -> _Part:
    return _Part((), (Unknown(at=None, app_id=error.app_id, why=str(error)),))


def _compare_copies(
    pair: tuple[Snapshot | StoreError | None, Snapshot | StoreError | None],
    between: tuple[str, str],
    policy: ComparisonPolicy,
) -> _Part:
    for each in pair:
        if isinstance(each, StoreError):
            return _to_unknown(each)
    old, new = (each if isinstance(each, Snapshot) else None for each in pair)
    if old is None or new is None:
        return _report_lone(old, new, between, policy)
    if old.app_id == new.app_id:
        return _to_part(compare_snapshots(old, new, policy), old, new)
    ignored: dict[str, Level] = {**dict.fromkeys(COPY_RULES, _IGNORE), **policy.severities}
    diff = compare_snapshots(old, new, replace(policy, severities=ignored))
    return _to_part(diff, old, new)._replace(ignored=0)


def _to_part(diff: Diff, old: Snapshot, new: Snapshot) -> _Part:
    lone = len(old.workflow.nodes) == len(new.workflow.nodes) == 1
    app = {"app_id": new.app_id, "name": new.name, "base_url": new.base_url}
    return _Part(
        tuple(_to_app_change(change, new, old=old.id, new=new.id, lone_node=lone) for change in diff.changes),
        tuple(Unknown(at=new.taken_at, why=why, **app) for why in diff.unknown),
        diff.ignored,
    )


def _report_event(app_event: AppEvent, policy: ComparisonPolicy) -> Iterator[AppChange]:
    event, app = app_event
    if event.kind in ("gone", "back"):
        why = f": {one_line(event.why, 120)}" if event.why and event.kind == "gone" else ""
        text = f"App {event.kind}: {_describe_app(app)}{why}"
        yield from _report_app(f"app-{event.kind}", text, app, policy, at=event.at)


def _report_app(
    rule: str, text: str, app: Snapshot, policy: ComparisonPolicy, **more: Any
) -> Iterator[AppChange]:
    """Yield the change of an app as a whole, if the policy does not ignore it."""
    before, after = (app.name, None) if rule == "app-gone" else (None, app.name)
    change = UnratedChange(rule, text, (), before, after, subject=app.app_id)
    known = KnownApp(ids=(app.app_id,), names=(app.name,) if app.name else ())
    return (_to_app_change(rated, app, **more) for rated in rate_app_changes([change], known, policy))


def _to_app_change(change: Change, app: Snapshot, **more: Any) -> AppChange:
    where = {"at": app.taken_at, "app_id": app.app_id, "name": app.name, "base_url": app.base_url}
    return AppChange.model_validate({**dict(change), **where, **more})


def _describe_app(app: Snapshot) -> str:
    return f"{one_line(app.name or app.app_id, 80)} ({pluralize(len(app.workflow.nodes), 'node')})"


def _report_lone(
    old: Snapshot | None, new: Snapshot | None, between: tuple[str, str], policy: ComparisonPolicy
) -> _Part:
    """Return what an app gives that only one place has."""
    app = old or new
    assert app
    rule, place = ("app-gone", between[0]) if old else ("app-added", between[1])
    text = f"Only at {one_line(place, 100)}: {_describe_app(app)}"
    return _Part(tuple(_report_app(rule, text, app, policy)))


_KEYS: tuple[tuple[str, Callable[[_Title], Hashable]], ...] = (
    ("id", lambda app: (app.base_url, app.app_id)),
    ("id", lambda app: app.app_id),
    ("name", lambda app: app.name),
)
