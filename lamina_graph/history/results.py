"""What `history` and `changes` return, as values."""

from collections import Counter
from datetime import datetime
from typing import Literal

from pydantic import Field

from lamina_graph import model
from lamina_graph.ages import Ages
from lamina_graph.diff import SEVERITIES, Change, CreditChange, Diff, Severity
from lamina_graph.model import Value
from lamina_graph.text import one_line, pluralize

StepKind = Literal["appeared", "changed", "same", "gone", "back", "unknown"]
By = Literal["ids", "labels", "graph"]
AppStatus = Literal["added", "removed", "changed", "unchanged", "unreadable"]
PairedBy = Literal["id", "name", "path", "content"]


class State(Value):
    """What an app was from one snapshot on.

    Attributes:
        edges, stages: None where it is not known which nodes feed which.
        credits: what a run is expected to cost, where an estimate said so by then.
    """

    name: str | None
    category: str
    nodes: int
    edges: int | None
    stages: int | None
    credits: float | None = None


class Step(Value):
    """One moment in the history of an app.

    Attributes:
        at: when; `times` such steps in a row that say the same are one, the last of them at `until`.
        kind: the first snapshot (`appeared`), one with changes or without (`changed`, `same`), or what a run
            found (`gone`, `back`, `unknown`).
        snapshot: the id of the snapshot, where it is one.
        state: what the app was from this snapshot on.
        severity: the worst of the changes that are not accepted.
        changes: what changed since the snapshot before, the worst first.
        unknown: what could not be compared, and why.
        ignored: how many changes are not told; not part of the JSON.
        identical: of a version, whether it differs in nothing from the one before; likewise.
        workflow, compared: the version, and the diff itself, for drawing, where they were kept; likewise.
    """

    at: datetime
    kind: StepKind
    snapshot: str | None = None
    state: State | None = None
    severity: Severity | None = None
    changes: tuple[Change, ...] = ()
    unknown: tuple[str, ...] = ()
    times: int = 1
    until: datetime | None = None
    ignored: int = Field(0, exclude=True, repr=False)
    identical: bool = Field(False, exclude=True, repr=False)
    workflow: model.Workflow | None = Field(None, exclude=True, repr=False)
    compared: Diff | None = Field(None, exclude=True, repr=False)


class History(Value):
    """One app over time, the oldest first; `ages` are those of its newest snapshot."""

    app_id: str = Field(alias="appId")
    name: str | None
    base_url: str = Field(alias="baseUrl")
    appeared: datetime
    gone: datetime | None
    steps: tuple[Step, ...]
    ages: Ages

    @property
    def versions(self) -> tuple[Step, ...]:
        """The steps that are snapshots."""
        return tuple(step for step in self.steps if step.snapshot)


class Origin(Value):
    """Another app that a new one comes from, or looks like.

    Attributes:
        by: what tells: node ids in both, the same graph with the same `labels`, or the same `graph` alone,
            which two may have by chance.
        shared_ids: how many node ids are in both.
        snapshot, taken_at: the version that the new app is like, where only one can be meant.
    """

    app_id: str = Field(alias="appId")
    name: str | None
    by: By
    shared_ids: int = 0
    snapshot: str | None = None
    taken_at: datetime | None = None

    @property
    def sentence(self) -> str:
        """What it says of the new app."""
        relation = "the same graph as" if self.by == "graph" else "copied from"
        version = f", version of {self.taken_at:%Y-%m-%d %H:%M}" if self.taken_at else ""
        why = {
            "ids": f": {pluralize(self.shared_ids, 'node id')} in both",
            "labels": ": the same graph with the same labels",
            "graph": "",
        }
        return f"{relation} {one_line(self.name or self.app_id, 80)}{version}{why[self.by]}"


class AppChange(Change):
    """One change of one app, with its moment.

    Attributes:
        at: when the snapshot was taken, or the event found, that shows it; None in a diff of two catalogues.
        app_id: empty where it is a change of the API itself, which shows in several apps, and where a file
            names no app.
        old, new: the ids of the snapshots compared, where there are such; of catalogues the references.
        origin: of a new app, the one that it comes from, as far as the two tell.
        lone_node: whether the workflow consists of one node; not part of the JSON.
    """

    at: datetime | None
    app_id: str = Field(alias="appId")
    name: str | None
    base_url: str = Field(alias="baseUrl")
    old: str | None = None
    new: str | None = None
    origin: Origin | None = None
    lone_node: bool = Field(False, exclude=True, repr=False)


class Unknown(Value):
    """What could not be compared, and why: of one app, or of all (then without an id).

    Attributes:
        path: of two catalogues, the file of the app; not part of the JSON, where the name has it.
    """

    at: datetime | None
    app_id: str | None = Field(None, alias="appId")
    name: str | None = None
    base_url: str | None = Field(None, alias="baseUrl")
    why: str
    path: str | None = Field(None, exclude=True, repr=False)


class Changes(Value):
    """What changed over a whole catalogue.

    Attributes:
        since, until: the span of time; None where two places are compared.
        between: the two places compared, else None.
        severity: the worst of the changes that are not accepted, or None.
        apps: how many apps changed.
        changes: the worst first, then by app and time.
        unknown: what could not be compared.
        ignored: changes not told because their rule is re-levelled to `ignore`.
    """

    since: datetime | None
    until: datetime | None
    between: tuple[str, str] | None = None
    severity: Severity | None
    apps: int
    changes: tuple[AppChange, ...]
    unknown: tuple[Unknown, ...]
    ignored: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many changes there are of each severity that occurs, and how many accepted ones."""
        counts = Counter(change.heading for change in self.changes)
        return {name: counts[name] for name in (*SEVERITIES, "accepted") if counts[name]}

    @property
    def empty(self) -> bool:
        """Whether nothing changed and nothing is unknown."""
        return not self.changes and not self.unknown

    @property
    def silent(self) -> bool:
        """Whether there is nothing to tell at all."""
        return self.empty


class CatalogueChange(AppChange):
    """One change of one app of two catalogues.

    Attributes:
        path: the file of the app in the new catalogue, or in the old one where it was removed.
        line: where in that file the first of its nodes stands, as far as that is known.
    """

    path: str | None = None
    line: int | None = None


class ComparedApp(Value):
    """What became of one app from one catalogue to another.

    Attributes:
        old, new: what names it in each of them, where it is there.
        by: what paired the two.
        moved: of a file that has another place, the places below the catalogues, then and now.
        severity: the worst of its changes that are not accepted.
        changes: how many it has.
        credits: what a run of it was and is expected to cost, where both are known.
        compared: the diff itself, for drawing, where it was kept; not part of the JSON.
    """

    status: AppStatus
    app_id: str | None = Field(alias="appId")
    name: str | None
    old: str | None = None
    new: str | None = None
    by: PairedBy | None = None
    moved: tuple[str, str] | None = None
    severity: Severity | None = None
    changes: int = 0
    credits: CreditChange | None = None
    compared: Diff | None = Field(None, exclude=True, repr=False)


class CatalogueTotals(Value):
    """How many apps became what; those that moved are among the changed and unchanged ones."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    unchanged: int = 0
    unreadable: int = 0
    moved: int = 0


class CatalogueDiff(Changes):
    """What changed from one catalogue to another: two folders, two commits, two stores.

    Attributes:
        between: what the user called the two.
        identical: whether no app was added, removed or changed, and all could be read.
        totals: how many apps became what.
        compared: each app, by its place in the new catalogue.
    """

    since: None = Field(None, exclude=True)
    until: None = Field(None, exclude=True)
    between: tuple[str, str]
    identical: bool
    totals: CatalogueTotals
    changes: tuple[CatalogueChange, ...]
    compared: tuple[ComparedApp, ...]

    @property
    def drawable(self) -> tuple[ComparedApp, ...]:
        """The apps that changed and can be drawn, the worst first."""
        ranks = {severity: rank for rank, severity in enumerate((*SEVERITIES, None))}
        changed = (app for app in self.compared if app.status == "changed" and app.changes)
        return tuple(sorted(changed, key=lambda app: ranks[app.severity]))

    @property
    def silent(self) -> bool:
        """Never: who compares two catalogues is told how many apps there were, if nothing else."""
        return False
