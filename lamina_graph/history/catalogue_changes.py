"""What changed over a whole catalogue: in a span of time, or between two places."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from lamina_graph.batch import batch
from lamina_graph.diff import RULES, SEVERITIES, Change, ComparisonPolicy, Diff, Level, worst
from lamina_graph.diff.draft import Draft
from lamina_graph.diff.words import line
from lamina_graph.history.api_changes import merge_api_changes
from lamina_graph.history.terms import compare_snapshots, rate_app_changes
from lamina_graph.history.values import Changes, Event, Origin, Snapshot, Told, Unknown
from lamina_graph.model import App, Estimate
from lamina_graph.text import pluralize

_IGNORE: Level = "ignore"
_ORDER = {id_: place for place, id_ in enumerate(RULES)}

ANEW = ("app-reidentified", "node-reidentified", "node-recreated", "deliverable-reidentified")
"""What the copy of an app in another place always shows, and tells nobody anything."""


class Pair(NamedTuple):
    """Two snapshots to compare.

    Attributes:
        old: the one before; None where the app is new.
        new: the one after.
        detail, estimate: what was last known of the old version, where its own snapshot does not say it.
        origin: of a new app, the one that it comes from.
    """

    old: Snapshot | None
    new: Snapshot
    detail: App | None = None
    estimate: Estimate | None = None
    origin: Origin | None = None


class Found(NamedTuple):
    """An event with the last snapshot of its app."""

    event: Event
    app: Snapshot


def changes(
    pairs: Iterable[Pair],
    events: Iterable[Found] = (),
    *,
    since: datetime,
    until: datetime,
    unknown: Iterable[Unknown] = (),
    policy: ComparisonPolicy | None = None,
    executor: Executor | None = None,
) -> Changes:
    """Return what changed over a catalogue in a span of time, each change once.

    Args:
        pairs: each snapshot taken in the span, with the one before it.
        events: the apps found gone or back in the span; others are not looked at.
        since: where the span begins.
        until: where the span ends.
        unknown: what could not be compared.
        policy: what a comparison is to mind.
        executor: where the work is done.
    """
    policy = policy or ComparisonPolicy()
    parts = list(batch(partial(_told_of_pair, policy=policy), pairs, executor))
    told = [each for part in parts for each in part.told]
    told += [each for found in events for each in _told_of_event(found, policy)]
    missing = [*unknown, *(each for part in parts for each in part.unknown)]
    ignored = sum(part.ignored for part in parts)
    return _changes(told, missing, ignored, since=since, until=until)


def drift(
    left: Iterable[Snapshot],
    right: Iterable[Snapshot],
    *,
    between: tuple[str, str],
    policy: ComparisonPolicy | None = None,
    executor: Executor | None = None,
) -> Changes:
    """Return in what two places differ that should hold the same apps: staging and production.

    Apps are paired by id, then by a name that only one app on each side has; what the copy of an app in
    another place always shows (`ANEW`) is not told of such pairs.

    Args:
        left: the snapshots in force at the one place, whose apps callers know.
        right: those at the other.
        between: what the places are called.
        policy: what a comparison is to mind.
        executor: where the work is done.
    """
    policy = policy or ComparisonPolicy()
    here, there = list(left), list(right)
    pairs = list(_paired(here, there))
    known = {id(each) for pair in pairs for each in pair}
    parts = list(batch(partial(_told_of_copies, policy=policy), pairs, executor))
    told = [each for part in parts for each in part.told]
    for snapshots, rule, place in ((here, "app-gone", 0), (there, "app-added", 1)):
        for each in snapshots:
            if id(each) not in known:
                draft = _of_app(rule, f"Only at {line(between[place], 100)}: {_what(each)}", each)
                told += _stamped(rate_app_changes([draft], each, policy), each)
    missing = [each for part in parts for each in part.unknown]
    return _changes(told, missing, sum(part.ignored for part in parts), between=between)


class _Part(NamedTuple):
    """What one pair gives: small enough to travel between processes."""

    told: tuple[Told, ...]
    unknown: tuple[Unknown, ...] = ()
    ignored: int = 0


def _changes(
    told: Iterable[Told],
    unknown: Iterable[Unknown],
    ignored: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    between: tuple[str, str] | None = None,
) -> Changes:
    apart = list(told)
    found = sorted(apart if between else merge_api_changes(apart), key=_place)
    return Changes(
        since=since,
        until=until,
        between=between,
        severity=worst(found),
        apps=len({(each.base_url, each.app_id) for each in apart}),
        changes=tuple(found),
        unknown=tuple(sorted(unknown, key=lambda u: (u.name or "", u.app_id or "", u.at, u.why))),
        ignored=ignored,
    )


def _place(told: Told) -> tuple[int, str, str, str, datetime, int, str]:
    severity, rule = SEVERITIES.index(told.severity), _ORDER[told.rule]
    return severity, told.name or "", told.app_id, told.base_url, told.at, rule, told.fingerprint


def _told_of_pair(pair: Pair, policy: ComparisonPolicy) -> _Part:
    old, new = pair.old, pair.new
    if old is None:
        comes = f", {pair.origin.sentence}" if pair.origin else ""
        draft = _of_app("app-added", f"New app: {_what(new)}{comes}", new)
        told = _stamped(rate_app_changes([draft], new, policy), new, new=new.id)
        return _Part(tuple(each.model_copy(update={"origin": pair.origin}) for each in told))
    return _compared(compare_snapshots(old, new, policy, pair.detail, pair.estimate), old, new)


def _told_of_copies(pair: tuple[Snapshot, Snapshot], policy: ComparisonPolicy) -> _Part:
    old, new = pair
    if old.app_id != new.app_id:
        quiet: dict[str, Level] = {**dict.fromkeys(ANEW, _IGNORE), **policy.severities}
        policy = replace(policy, severities=quiet)
    part = _compared(compare_snapshots(old, new, policy), old, new)
    return part if old.app_id == new.app_id else part._replace(ignored=0)


def _compared(found: Diff, old: Snapshot, new: Snapshot) -> _Part:
    told = _stamped(found.changes, new, old=old.id, new=new.id)
    missing = tuple(
        Unknown(at=new.taken_at, app_id=new.app_id, name=new.name, base_url=new.base_url, why=why)
        for why in found.unknown
    )
    return _Part(tuple(told), missing, found.ignored)


def _told_of_event(found: Found, policy: ComparisonPolicy) -> Iterator[Told]:
    event, app = found
    if event.kind not in ("gone", "back"):
        return
    why = f": {line(event.why, 120)}" if event.why else ""
    said = f"App gone: {_what(app)}{why}" if event.kind == "gone" else f"App back: {_what(app)}"
    for told in _stamped(rate_app_changes([_of_app(f"app-{event.kind}", said, app)], app, policy), app):
        yield told.model_copy(update={"at": event.at})


def _of_app(rule: str, said: str, app: Snapshot) -> Draft:
    gone = rule == "app-gone"
    return Draft(rule, said, (), app.name if gone else None, None if gone else app.name, subject=app.app_id)


def _what(app: Snapshot) -> str:
    return f"{line(app.name or app.app_id, 80)} ({pluralize(len(app.workflow.nodes), 'node')})"


def _stamped(
    changes: Iterable[Change], app: Snapshot, old: str | None = None, new: str | None = None
) -> Iterator[Told]:
    for change in changes:
        yield Told(
            **dict(change),
            at=app.taken_at,
            app_id=app.app_id,
            name=app.name,
            base_url=app.base_url,
            old=old,
            new=new,
        )


def _paired(left: Sequence[Snapshot], right: Sequence[Snapshot]) -> Iterator[tuple[Snapshot, Snapshot]]:
    """Pair apps by address and id, then by id, then by name, where only one on each side has it."""
    keys: tuple[Callable[[Snapshot], Hashable], ...] = (
        lambda app: (app.base_url, app.app_id),
        lambda app: app.app_id,
        lambda app: app.name,
    )
    for key in keys:
        here, there = _by_key(left, key), _by_key(right, key)
        found = [
            (here[value][0], there[value][0])
            for value in here
            if value is not None and len(here[value]) == len(there.get(value, ())) == 1
        ]
        yield from found
        taken = {id(app) for pair in found for app in pair}
        left, right = ([app for app in side if id(app) not in taken] for side in (left, right))


def _by_key(
    apps: Iterable[Snapshot], key: Callable[[Snapshot], Hashable]
) -> Mapping[Hashable, list[Snapshot]]:
    found: dict[Hashable, list[Snapshot]] = {}
    for app in apps:
        found.setdefault(key(app), []).append(app)
    return found
