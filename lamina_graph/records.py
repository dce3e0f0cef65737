"""What goes into a store and what comes out, as values: of runs, apps, snapshots and events."""

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, ValidationError

from lamina_graph import model
from lamina_graph.errors import InputError, StoreError
from lamina_graph.model import Value
from lamina_graph.validation_errors import error_text

FetchOutcome = Literal["seen", "gone", "unknown"]
RecordResult = Literal["new", "changed", "unchanged", "back", "gone", "unknown"]
EventKind = Literal["gone", "back", "unknown", "partial"]


def normalize_url(url: str) -> str:
    """Return a base URL as a store names it: no user, no password, no closing slash.

    >>> normalize_url("https://user:secret@app.uselamina.ai/")
    'https://app.uselamina.ai'
    """
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")


BaseUrl = Annotated[str, AfterValidator(normalize_url)]


class Record(Value):
    """What a store keeps: the row of a table with the columns of its fields is read as one."""

    model_config = ConfigDict(from_attributes=True)


class FetchScope(Value):
    """What a run was asked to fetch: these apps, or all that are listed (`None`), and which parts of each."""

    apps: tuple[str, ...] | None = None
    detail: bool = False
    estimate: bool = False


class FetchResult(Value):
    """What the API said of one app at one moment of a run.

    Attributes:
        outcome: `seen`; `gone`, where the API has no such app; `unknown`, where it could not be asked.
        name: as the API gives it; where it is not given, as the workflow has it.
        workflow, detail, estimate: the JSON of each part as the API gave it; None where not asked for.
        why: what went wrong, where something did; of a seen app, why a part is missing.
    """

    app_id: str
    at: AwareDatetime
    name: str | None = None
    outcome: FetchOutcome = "seen"
    workflow: Any = None
    detail: Any = None
    estimate: Any = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class App:
    """One app that a store knows; no pydantic value, which takes three times the room, and there are many.

    Attributes:
        number: its number in this store.
        appeared_at: when it was first met; `recorded_at` the same by the clock of the store.
        gone_at: set while it is gone.
    """

    number: int
    base_url: str
    app_id: str
    name: str | None
    appeared_at: datetime
    recorded_at: datetime
    gone_at: datetime | None = None


class Snapshot(Value):
    """What the API said of one app from one moment on, until its next snapshot.

    Attributes:
        recorded_at: its place in the order of the store, as a moment by the store's own clock.
    """

    id: str
    app_id: str
    base_url: str
    name: str | None
    taken_at: datetime
    recorded_at: datetime
    workflow: model.Workflow
    detail: model.App | None = None
    estimate: model.Estimate | None = None


class SnapshotPlace(NamedTuple):
    """A snapshot that is not read yet: its id, and what is known of it without its content."""

    id: str
    app_id: str
    name: str | None
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """The workflow of one snapshot, as JSON in `graph`: cheap to go through by the thousand."""

    id: str
    app_id: str
    base_url: str
    name: str | None
    appeared_at: datetime
    taken_at: datetime
    graph: Any

    @property
    def workflow(self) -> model.Workflow:
        """The workflow itself.

        Raises:
            StoreError: the snapshot is damaged.
        """
        with validated_snapshot(self.id, self.name or self.app_id):
            return model.Workflow.model_validate(self.graph)


class KnownModel(Record):
    """A model that nodes of a workspace may use, and the medium that it makes."""

    base_url: BaseUrl
    id: str
    name: str | None = None
    modality: str


class Event(Record):
    """What a run found out about one app besides its content."""

    run: str
    app_id: str
    name: str | None
    at: datetime
    recorded_at: datetime
    kind: EventKind
    why: str = ""


class Run(Record):
    """One run of `snapshot`: what was asked, when, and how many apps gave what.

    Attributes:
        finished_at: None while the run goes on, and for good where it was stopped; such a run can be resumed.
        complete: whether the listing is known to hold every app; None where nothing was listed.
        seen: apps that were fetched, whether new, changed, back or as before.
        error: why the run failed as a whole; empty where it did not. A failed run can be resumed.
        recorded_at, closed_at: when it began and ended, or failed, by the clock of the store.
    """

    id: str
    base_url: str
    asked: FetchScope
    started_at: datetime
    recorded_at: datetime
    closed_at: datetime | None = None
    error: Annotated[str, BeforeValidator(lambda text: text or "")] = ""
    finished_at: datetime | None = None
    complete: bool | None = None
    seen: int = 0
    new: int = 0
    changed: int = 0
    back: int = 0
    gone: int = 0
    unknown: int = 0

    @property
    def unchanged(self) -> int:
        """Apps that were known and are as they were."""
        return self.seen - self.new - self.changed


class StoreInfo(Value):
    """What a store holds; `size` is bytes on disk, `canonical_size` bytes of the distinct canonical JSON."""

    url: str
    schema_version: int
    apps: int
    gone: int
    snapshots: int
    contents: int
    runs: int
    first: datetime | None
    last: datetime | None
    size: int
    canonical_size: int


class TransferSummary(Value):
    """How much an export or an import added to what was there.

    Attributes:
        remarks: what an import means to readers whom something is told again.
        damaged: what could not be written, since it cannot be read.
    """

    apps: int
    runs: int
    snapshots: int
    contents: int
    remarks: tuple[str, ...] = Field((), repr=False)
    damaged: tuple[str, ...] = Field((), repr=False)


class RetentionPolicy(Value):
    """Which snapshots a prune keeps: the last so many of each app, and all in force in a span of time.

    The last snapshot of an app is always kept.
    """

    last: int = 1
    span: timedelta | None = None

    @classmethod
    def parse(cls, *rules: str) -> Self:
        """Return the rules that a person wrote: `10` (the last ten of each app), `90d`, `12w`, `2y` (spans).

        Raises:
            InputError: a rule is neither.

        >>> RetentionPolicy.parse("3", "90d").span
        datetime.timedelta(days=90)
        """
        counts, spans = [1], []
        for rule in rules:
            match = _RULE.fullmatch(rule.strip())
            if not match:
                raise InputError(
                    f"invalid retention rule {rule!r}",
                    "Use a number (10) or a span of time (90d, 12w, 2y).",
                )
            number, unit = int(match[1]), match[2]
            spans.append(timedelta(days=number * _DAYS[unit])) if unit else counts.append(number)
        return cls(last=max(counts), span=max(spans, default=None))


class PrunePlan(Value):
    """What a prune takes away: the ids of snapshots, and how many bytes of content nothing else refers to."""

    snapshots: tuple[str, ...]
    contents: int
    size: int
    kept: int


class SnapshotRemoval(Value):
    """A snapshot that is taken away.

    Attributes:
        app_id, name: of its app; None where the store does not have it.
        why: what is wrong with it; empty where nothing is known to be.
        kept: how many snapshots of its app stay.
    """

    id: str
    app_id: str | None
    name: str | None
    taken_at: datetime
    why: str
    kept: int


@contextmanager
def validated_snapshot(snapshot: str, app: str) -> Iterator[None]:
    """Turn what is wrong with the content of a snapshot into a `StoreError` in plain words."""
    try:
        yield
    except (ValidationError, ValueError, TypeError, RecursionError, zlib.error) as error:
        why = error_text(error) if isinstance(error, ValidationError) else str(error)
        problem = f"snapshot {snapshot} of {app} is damaged: {why}"
        raise StoreError(problem, DAMAGED) from error


DAMAGED = "Restore the store from a backup, or take it out: `lamina-graph store remove --damaged`."
"""What to do about a damaged snapshot."""

_RULE = re.compile(r"(\d{1,6})([dwmy]?)")
_DAYS = {"d": 1, "w": 7, "m": 31, "y": 366}
