"""One app over time."""

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge

from lamina_graph.ages import ages
from lamina_graph.classify import classify
from lamina_graph.diff import ComparisonPolicy
from lamina_graph.errors import InputError
from lamina_graph.features import Features, features
from lamina_graph.history.comparison import carry_known_edges, compare_snapshots
from lamina_graph.history.results import History, State, Step, StepKind
from lamina_graph.records import Event, Snapshot

_PARTS = ("detail", "estimate")
_ORDER: tuple[StepKind, ...] = ("gone", "back", "appeared", "changed", "same", "unknown")


def history(
    snapshots: Iterable[Snapshot],
    events: Iterable[Event] = (),
    *,
    policy: ComparisonPolicy | None = None,
    now: datetime | None = None,
    drawn: int | None = None,
) -> History:
    """Return an app over time: when it appeared, each change, gone and back.

    Args:
        snapshots: of one app, in the order in which they were recorded; one at least. Few are held at a time.
        events: what was found out about the app besides, in the order in which it was recorded.
        policy: the settings of the comparison.
        now: later stamps of nodes count as unknown; by default, later than the last snapshot.
        drawn: of how many versions that differ from the one before the workflow and the diff are kept for
            drawing, the newest; of all where not given.

    Raises:
        InputError: there is no snapshot.
    """
    policy = policy or ComparisonPolicy()
    others = list(events)
    last: Snapshot | None = None

    def note_last(snapshot: Snapshot) -> Snapshot:
        nonlocal last
        last = snapshot
        return snapshot

    versions = _keep_newest(_compare_versions(map(note_last, snapshots), policy), drawn)
    if last is None:
        raise InputError("there is no snapshot of this app", "`lamina-graph snapshot REF` takes one.")
    # A merge and no sort: snapshots keep their order where a clock was wrong.
    steps = merge(sorted(map(_build_step, others), key=_sort_key), versions, key=_sort_key)
    presence = [event for event in others if event.kind in ("gone", "back")]
    return History(
        app_id=last.app_id,
        name=last.name,
        base_url=last.base_url,
        appeared=versions[0].at,
        gone=presence[-1].at if presence and presence[-1].kind == "gone" else None,
        steps=tuple(_join_notes(steps)),
        ages=ages(features(last.workflow, vocabulary=policy.vocabulary), now or last.taken_at),
    )


def _keep_newest(steps: Iterable[Step], most: int | None) -> list[Step]:
    """Return steps with the workflows and diffs of the newest that differ, where not all are kept."""
    kept: list[Step] = []
    whole: deque[int] = deque()
    for step in steps:
        if most is not None and (step.identical or not most):
            kept.append(_lighten(step))
            continue
        whole.append(len(kept))
        kept.append(step)
        if most is not None and len(whole) > most:
            number = whole.popleft()
            kept[number] = _lighten(kept[number])
    return kept


def _lighten(step: Step) -> Step:
    return step.model_copy(update={"workflow": None, "compared": None})


def _sort_key(step: Step) -> tuple[datetime, int]:
    return step.at, _ORDER.index(step.kind)


def _compare_versions(snapshots: Iterable[Snapshot], policy: ComparisonPolicy) -> Iterator[Step]:
    before: Snapshot | None = None
    whole: Snapshot | None = None
    for snapshot in snapshots:
        if before and whole and snapshot.workflow.edges_known:
            before = carry_known_edges(whole, before)
        diff = compare_snapshots(before, snapshot, policy) if before else None
        # A part that a snapshot does not say is as it was last known.
        parts = {part: getattr(snapshot, part) or getattr(before, part, None) for part in _PARTS}
        before = snapshot.model_copy(update=parts)
        if snapshot.workflow.edges_known:
            whole = before
        yield Step(
            at=snapshot.taken_at,
            kind="appeared" if diff is None else "changed" if diff.changes else "same",
            snapshot=snapshot.id,
            state=_summarize_state(before, policy),
            severity=diff and diff.severity,
            changes=diff.changes if diff else (),
            unknown=diff.unknown if diff else (),
            ignored=diff.ignored if diff else 0,
            identical=diff is not None and diff.identical,
            workflow=snapshot.workflow,
            compared=diff,
        )


def _summarize_state(snapshot: Snapshot, policy: ComparisonPolicy) -> State:
    facts: Features = features(snapshot.workflow, vocabulary=policy.vocabulary)
    verdict = classify(
        snapshot.workflow, facts=facts, vocabulary=policy.vocabulary, rules=policy.category_rules
    )
    credits = snapshot.estimate.estimated_credits if snapshot.estimate else None
    return State(
        name=snapshot.name,
        category=verdict.category,
        nodes=facts.nodes,
        edges=facts.edges if facts.edges_known else None,
        stages=facts.stages if facts.edges_known else None,
        credits=credits.expected if credits else None,
    )


def _build_step(event: Event) -> Step:
    kind: StepKind = "unknown" if event.kind == "partial" else event.kind
    return Step(at=event.at, kind=kind, unknown=(event.why,) if event.why else ())


def _join_notes(steps: Iterable[Step]) -> Iterator[Step]:
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
