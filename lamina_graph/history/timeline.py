"""One app over time."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from heapq import merge

from lamina_graph.classify import classify
from lamina_graph.diff import ComparisonPolicy
from lamina_graph.errors import InputError
from lamina_graph.features import Features, features
from lamina_graph.history.ages import ages
from lamina_graph.history.terms import compare_snapshots
from lamina_graph.history.values import Event, History, Snapshot, State, Step, StepKind
from lamina_graph.model import App, Estimate

_ORDER: tuple[StepKind, ...] = ("gone", "back", "appeared", "changed", "same", "unknown")


def history(
    snapshots: Iterable[Snapshot],
    events: Iterable[Event] = (),
    *,
    policy: ComparisonPolicy | None = None,
    now: datetime | None = None,
) -> History:
    """Return an app over time: when it appeared, each change, gone and back.

    Args:
        snapshots: of one app, in the order in which they were recorded; one at least.
        events: what was found out about the app besides, in the order in which it was recorded.
        policy: what a comparison is to mind.
        now: later stamps of nodes count as unknown; by default, later than the last snapshot.

    Raises:
        InputError: there is no snapshot.
    """
    versions = list(snapshots)
    if not versions:
        raise InputError("there is no snapshot of this app", "`lamina-graph snapshot REF` takes one.")
    policy = policy or ComparisonPolicy()
    found = list(events)
    besides = sorted(_runs_of_events(found), key=_place)
    # A merge and no sort: snapshots keep their order where a clock was wrong.
    steps = merge(besides, _versions(versions, policy), key=_place)
    last = versions[-1]
    return History(
        app_id=last.app_id,
        name=last.name,
        base_url=last.base_url,
        appeared=versions[0].taken_at,
        gone=_gone(found),
        steps=tuple(_joined(steps)),
        ages=ages(features(last.workflow, vocabulary=policy.vocabulary), now or last.taken_at),
    )


def _place(step: Step) -> tuple[datetime, int]:
    return step.at, _ORDER.index(step.kind)


def _versions(snapshots: Sequence[Snapshot], policy: ComparisonPolicy) -> Iterator[Step]:
    before: Snapshot | None = None
    detail: App | None = None
    estimate: Estimate | None = None
    for snapshot in snapshots:
        estimate_now = snapshot.estimate or estimate
        state = _state(snapshot, estimate_now, policy)
        if before is None:
            yield Step(
                at=snapshot.taken_at,
                kind="appeared",
                snapshot=snapshot.id,
                state=state,
                workflow=snapshot.workflow,
            )
        else:
            found = compare_snapshots(before, snapshot, policy, detail, estimate)
            yield Step(
                at=snapshot.taken_at,
                kind="changed" if found.changes else "same",
                snapshot=snapshot.id,
                state=state,
                severity=found.severity,
                changes=found.changes,
                unknown=found.unknown,
                workflow=snapshot.workflow,
                compared=found,
            )
        before, detail, estimate = snapshot, snapshot.detail or detail, estimate_now


def _state(snapshot: Snapshot, estimate: Estimate | None, policy: ComparisonPolicy) -> State:
    facts: Features = features(snapshot.workflow, vocabulary=policy.vocabulary)
    verdict = classify(
        snapshot.workflow, facts=facts, vocabulary=policy.vocabulary, rules=policy.category_rules
    )
    credits = estimate.estimated_credits if estimate else None
    return State(
        name=snapshot.name,
        category=verdict.category,
        nodes=facts.nodes,
        edges=facts.edges,
        stages=facts.stages,
        credits=credits.expected if credits else None,
    )


def _runs_of_events(events: Iterable[Event]) -> Iterator[Step]:
    for event in events:
        kind: StepKind = "unknown" if event.kind == "partial" else event.kind
        yield Step(at=event.at, kind=kind, unknown=(event.why,) if event.why else ())


def _joined(steps: Iterable[Step]) -> Iterator[Step]:
    """Join unknown nights in a row that failed alike: there may be many."""
    last: Step | None = None
    for step in steps:
        if last and last.kind == step.kind == "unknown" and last.unknown == step.unknown:
            last = last.model_copy(update={"times": last.times + 1, "until": step.at})
            continue
        if last:
            yield last
        last = step
    if last:
        yield last


def _gone(events: Iterable[Event]) -> datetime | None:
    told = [event for event in events if event.kind in ("gone", "back")]
    last = told[-1] if told else None
    return last.at if last and last.kind == "gone" else None
