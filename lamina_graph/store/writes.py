"""What a run writes: the answers of the API, each transaction whole or not at all."""

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from lamina_graph.files import canonical
from lamina_graph.records import FetchResult, RecordResult, Run
from lamina_graph.store import schema
from lamina_graph.store.dates import LATEST, MOMENT

PARTS = ("workflow", "detail", "estimate")
COUNTS = ("seen", "new", "changed", "back", "gone", "unknown")

_WORKSPACE_FIELDS = ("currentBalance", "affordable")
"""What an estimate says of the workspace that asks, not of the app: no reason for a new snapshot."""

_MANY = 500
"""Values in one query: databases limit how many they take."""


class Content(NamedTuple):
    """One JSON value and the name it is stored by: the hash of its canonical text."""

    hash: bytes
    size: int
    value: Any

    @classmethod
    def of(cls, value: Any) -> "Content":
        """Return the content of a JSON value."""
        text = canonical(value).encode()
        return cls(sha256(text).digest(), len(text), value)

    def row(self) -> dict[str, Any]:
        """Return the row that stores it, the order of its keys kept."""
        body = zlib.compress(json.dumps(self.value, separators=(",", ":")).encode(), 9)
        return {"hash": self.hash, "size": self.size, "body": body}


def decode_content(body: bytes) -> Any:
    """Return the JSON value of a stored content."""
    return json.loads(zlib.decompress(body))


def is_recorded(value: Any, hash_: bytes) -> bool:
    """Whether a JSON value is the one that was stored by a name."""
    return sha256(canonical(value).encode()).digest() == hash_


def snapshot_id(base_url: str, app_id: str, taken: datetime, hashes: Iterable[bytes | None]) -> str:
    """Return the name of a snapshot, the same in every store that holds it."""
    parts = [base_url, app_id, taken.timestamp(), *(hash_.hex() if hash_ else "" for hash_ in hashes)]
    return sha256(json.dumps(parts).encode()).hexdigest()[:16]


def find_name(answer: FetchResult) -> str | None:
    """Return the name of the app that an answer is about, where it tells one."""
    name = answer.workflow.get("name") if isinstance(answer.workflow, Mapping) else None
    return answer.name or (name if isinstance(name, str) else None)


def insert_missing(connection: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows that are not there yet and return how many these were."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return connection.execute(statement, list(rows)).rowcount if rows else 0


def advance_clock(connection: Connection, at: datetime) -> datetime:
    """Return the moment under which a transaction is recorded: its own, but after every one before it."""
    last = connection.scalar(sa.select(schema.store.c.clock))
    now = min(at, LATEST)
    now = max(now, min(last, LATEST) + MOMENT) if last else now
    connection.execute(sa.update(schema.store).values(clock=now))
    return now


def restore_clock(connection: Connection) -> None:
    """Put the clock of the store to the last moment that is recorded in it."""
    c = schema.run.c
    moments = (
        c.recorded_at,
        c.closed_at,
        schema.snapshot.c.recorded_at,
        schema.event.c.recorded_at,
        schema.cursor.c.until,
    )
    known = [connection.scalar(sa.select(sa.func.max(moment))) for moment in (*moments, schema.store.c.clock)]
    connection.execute(sa.update(schema.store).values(clock=max(filter(None, known), default=None)))


def run_to_row(run: Run) -> dict[str, Any]:
    """Return the row that stores a run."""
    return {**dict(run), "whole": run.asked.apps is None}


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield the values in parts that one query takes."""
    return (values[start : start + _MANY] for start in range(0, len(values), _MANY))


def select_among(
    connection: Connection, query: "sa.Select[Any]", column: sa.Column[Any], values: Iterable[Any]
) -> Iterator[Row[Any]]:
    """Yield the rows of a query in which a column has one of many values, in the order of these by parts."""
    for part in chunks(sorted(values)):
        yield from connection.execute(query.where(column.in_(part)))


def record(connection: Connection, run_id: str, answers: Iterable[FetchResult]) -> list[RecordResult]:
    """Record answers of one run and return what each of them was.

    The first answer of an app in a run counts; one that follows an `unknown` takes its place.
    """
    run = connection.execute(sa.select(schema.run).where(schema.run.c.id == run_id)).one()
    results = list(answers)
    if not results:
        return []
    now = advance_clock(connection, max(answer.at for answer in results))
    apps = _ensure_apps(connection, run.base_url, {answer.app_id: answer for answer in results}, now)
    transaction = _Transaction(connection, run, {known.number for known in apps.values()}, now)
    effects = [transaction.add(apps[answer.app_id], answer) for answer in results]
    transaction.write()
    return effects


class _Known(NamedTuple):
    number: int
    name: str | None


def _ensure_apps(
    connection: Connection, base_url: str, answers: Mapping[str, FetchResult], now: datetime
) -> dict[str, _Known]:
    known = _find_known(connection, base_url, list(answers))
    missing = [answer for app_id, answer in answers.items() if app_id not in known]
    rows = [
        {
            "base_url": base_url,
            "app_id": a.app_id,
            "name": find_name(a),
            "appeared_at": a.at,
            "recorded_at": now,
        }
        for a in missing
    ]
    insert_missing(connection, schema.app, rows)
    return known | _find_known(connection, base_url, [answer.app_id for answer in missing])


def _find_known(connection: Connection, base_url: str, ids: Iterable[str]) -> dict[str, _Known]:
    c = schema.app.c
    query = sa.select(c.app_id, c.number, c.name).where(c.base_url == base_url)
    rows = select_among(connection, query, c.app_id, ids)
    return {row.app_id: _Known(row.number, row.name) for row in rows}


class _Transaction:
    """What one transaction of a run will write, judged against what the store holds."""

    def __init__(self, connection: Connection, run: Row[Any], numbers: set[int], now: datetime) -> None:
        self.connection, self.run, self.now = connection, run, now
        self.done = _find_seen(connection, run.number, numbers)
        self.kinds = _find_event_kinds(connection, run.number, numbers)
        self.gone = _find_gone(connection, numbers)
        self.latest = _find_latest(connection, numbers)
        self.counts: Counter[str] = Counter()
        self.contents: dict[bytes, Content] = {}
        self.snapshots: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.names: dict[int, str] = {}
        self.fresh: set[int] = set()

    def add(self, app: _Known, answer: FetchResult) -> RecordResult:
        """Add one answer and return what it was."""
        if app.number in self.done:
            return "unchanged"
        if answer.outcome == "unknown":
            if not self.kinds.get(app.number):
                self._add_event(app, answer, "unknown")
            return "unknown"
        self._supersede(app)
        if answer.outcome == "seen":
            return self._add_seen(app, answer)
        if app.number not in self.gone:
            self.gone.add(app.number)
            self._add_event(app, answer, "gone")
        return "gone"

    def _add_seen(self, app: _Known, answer: FetchResult) -> RecordResult:
        effect = self._compare(app, answer)
        self.done.add(app.number)
        self.fresh.add(app.number)
        self.counts.update(seen=1, **({effect: 1} if effect != "unchanged" else {}))
        name = find_name(answer)
        if name and name != app.name:
            self.names[app.number] = name
        if answer.why:
            self._add_event(app, answer, "partial")
        if app.number in self.gone:
            self.gone.discard(app.number)
            self._add_event(app, answer, "back")
            return "back"
        return effect

    def _compare(self, app: _Known, answer: FetchResult) -> RecordResult:
        parts = {part: Content.of(value) for part in PARTS if (value := getattr(answer, part)) is not None}
        before = self.latest.get(app.number)
        if not before:
            self._add_snapshot(app, answer, parts)
            return "new"
        news = [part for part, content in parts.items() if content.hash != getattr(before, part)]
        if "estimate" in news and self._is_same_estimate(before.estimate, answer.estimate):
            news.remove("estimate")
        if news:
            self._add_snapshot(app, answer, parts)
        if "workflow" in news and self._misses_edges(before.workflow) != _lacks_edges(answer.workflow):
            news.remove("workflow")  # which one of the two does not tell whole
        return "changed" if any(getattr(before, part) for part in news) else "unchanged"

    def _is_same_estimate(self, before: bytes | None, estimate: Any) -> bool:
        stored = self._read_content(before)
        return stored is not None and _strip_workspace(stored) == _strip_workspace(estimate)

    def _misses_edges(self, before: bytes | None) -> bool:
        return _lacks_edges(self._read_content(before))

    def _read_content(self, hash_: bytes | None) -> Any:
        """Return a stored value; None where there is none, or where it is damaged."""
        c = schema.content.c
        body = self.connection.scalar(sa.select(c.body).where(c.hash == hash_)) if hash_ else None
        try:
            return None if body is None else decode_content(body)
        except (ValueError, zlib.error):
            return None

    def _add_snapshot(self, app: _Known, answer: FetchResult, parts: Mapping[str, Content]) -> None:
        self.contents |= {content.hash: content for content in parts.values()}
        hashes = {part: parts[part].hash if part in parts else None for part in PARTS}
        id_ = snapshot_id(self.run.base_url, answer.app_id, answer.at, hashes.values())
        self.snapshots.append(self._build_row(app, id=id_, taken_at=answer.at, **hashes))

    def _add_event(self, app: _Known, answer: FetchResult, kind: str) -> None:
        self.events.append(self._build_row(app, kind=kind, at=answer.at, why=answer.why))
        self.kinds.setdefault(app.number, set()).add(kind)
        self.counts.update({kind: 1} if kind != "partial" else {})

    def _build_row(self, app: _Known, **values: Any) -> dict[str, Any]:
        return {"run": self.run.number, "app": app.number, "recorded_at": self.now, **values}

    def _supersede(self, app: _Known) -> None:
        if "unknown" not in self.kinds.get(app.number, ()):
            return
        self.kinds[app.number].discard("unknown")
        self.counts.update(unknown=-1)
        c = schema.event.c
        self.connection.execute(
            sa.delete(schema.event).where(c.run == self.run.number, c.app == app.number, c.kind == "unknown")
        )

    def write(self) -> None:
        """Write all of it."""
        insert_missing(self.connection, schema.content, [content.row() for content in self.contents.values()])
        insert_missing(self.connection, schema.snapshot, self.snapshots)
        insert_missing(self.connection, schema.event, self.events)
        for number, name in self.names.items():
            self.connection.execute(
                sa.update(schema.app).where(schema.app.c.number == number).values(name=name)
            )
        mark_seen(self.connection, self.run.number, to_ranges(self.fresh))
        if self.counts:
            c = schema.run.c
            counts = {count: c[count] + more for count, more in self.counts.items()}
            self.connection.execute(sa.update(schema.run).where(c.number == self.run.number).values(counts))


def _lacks_edges(workflow: Any) -> bool:
    """Whether a workflow, as JSON, says that its edges are not known."""
    return isinstance(workflow, Mapping) and workflow.get("edges") == "unknown"


def _strip_workspace(estimate: Any) -> Any:
    if not isinstance(estimate, Mapping):
        return estimate
    return {key: value for key, value in estimate.items() if key not in _WORKSPACE_FIELDS}


def _find_seen(connection: Connection, run: int, numbers: set[int]) -> set[int]:
    if not numbers:
        return set()
    ranges = _find_ranges(connection, run, min(numbers), max(numbers))
    return {number for number in numbers if any(first <= number <= last for first, last in ranges)}


def _find_event_kinds(connection: Connection, run: int, numbers: set[int]) -> dict[int, set[str]]:
    c = schema.event.c
    kinds: dict[int, set[str]] = {}
    for row in select_among(connection, sa.select(c.app, c.kind).where(c.run == run), c.app, numbers):
        kinds.setdefault(row.app, set()).add(row.kind)
    return kinds


def _find_gone(connection: Connection, numbers: set[int]) -> set[int]:
    c = schema.event.c
    query = sa.select(c.app, c.kind).where(c.kind.in_(("gone", "back"))).order_by(c.recorded_at, c.run, c.at)
    last = {row.app: row.kind for row in select_among(connection, query, c.app, numbers)}
    return {number for number, kind in last.items() if kind == "gone"}


def _find_latest(connection: Connection, numbers: set[int]) -> dict[int, Row[Any]]:
    c = schema.snapshot.c
    other = schema.snapshot.alias().c
    last = sa.select(sa.func.max(other.recorded_at)).where(other.app == c.app).scalar_subquery()
    query = sa.select(schema.snapshot).where(c.recorded_at == last).order_by(c.taken_at, c.id)
    return {row.app: row for row in select_among(connection, query, c.app, numbers)}


def to_ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return numbers as ranges, first and last included.

    >>> to_ranges({1, 2, 3, 7, 9, 8})
    [(1, 3), (7, 9)]
    """
    return merge_ranges([(number, number) for number in numbers])


def merge_ranges(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges with those joined that overlap or touch.

    >>> merge_ranges([(4, 6), (1, 3), (8, 9)])
    [(1, 6), (8, 9)]
    """
    result: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return result


def mark_seen(connection: Connection, run: int, spans: Sequence[tuple[int, int]]) -> None:
    """Add ranges of apps to those that a run has seen."""
    if not spans:
        return
    stored = _find_ranges(connection, run, spans[0][0] - 1, spans[-1][1] + 1)
    c = schema.seen.c
    for part in chunks([first for first, _ in stored]):
        connection.execute(sa.delete(schema.seen).where(c.run == run, c.first.in_(part)))
    rows = [{"run": run, "first": first, "last": last} for first, last in merge_ranges([*stored, *spans])]
    connection.execute(sa.insert(schema.seen), rows)


def _find_ranges(connection: Connection, run: int, low: int, high: int) -> list[tuple[int, int]]:
    c = schema.seen.c
    query = sa.select(c.first, c.last).where(c.run == run, c.last >= low, c.first <= high)
    return [(row.first, row.last) for row in connection.execute(query)]
