"""Which snapshots cannot be read, and the removal of those that are named."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeAlias

import sqlalchemy as sa
from pydantic import BaseModel, ValidationError
from sqlalchemy.engine import Connection, Row

from lamina_graph import model
from lamina_graph.errors import StoreError
from lamina_graph.records import SnapshotRemoval
from lamina_graph.store import pruning, schema
from lamina_graph.store.writes import PARTS, decode_content, is_recorded
from lamina_graph.validation_errors import error_text

_KINDS: Mapping[str, type[BaseModel]] = {
    "workflow": model.Workflow,
    "detail": model.App,
    "estimate": model.Estimate,
}

_Rows: TypeAlias = Sequence[Row[*tuple[Any, ...]]]

_ROWS = (
    sa.select(
        *(schema.snapshot.c[name] for name in ("id", "taken_at", *PARTS)),
        schema.snapshot.c.app.label("number"),
        schema.app.c.app_id,
        schema.app.c.name,
        schema.run.c.number.label("run"),
    )
    .outerjoin(schema.app, schema.app.c.number == schema.snapshot.c.app)
    .outerjoin(schema.run, schema.run.c.number == schema.snapshot.c.run)
    .order_by(schema.snapshot.c.app, schema.snapshot.c.recorded_at, schema.snapshot.c.id)
)


def find_strays(connection: Connection) -> dict[str, str]:
    """Return the ids of the snapshots that name an app, a run or a content that no store has, and which."""
    hashes = [schema.snapshot.c[part] for part in PARTS]
    lost = {
        "its app": schema.app.c.number.is_(None),
        "its run": schema.run.c.number.is_(None),
        **{f"its {hash_.name}": sa.func.length(hash_) != sha256().digest_size for hash_ in hashes},
    }
    return {
        row.id: f"{what} is missing"
        for what, condition in reversed(lost.items())
        for row in connection.execute(_ROWS.where(condition))
    }


def find_damaged(connection: Connection) -> dict[str, str]:
    """Return the ids of the snapshots that cannot be read, each with what is wrong."""
    verdicts: dict[tuple[str, bytes], str] = {}
    damaged = find_strays(connection)
    for row in connection.execute(_ROWS).all():
        for part in PARTS:
            hash_ = getattr(row, part)
            key = part, bytes(hash_ or b"")
            if hash_ is not None and key not in verdicts:
                verdicts[key] = _judge(connection, *key)
            if hash_ is not None and verdicts[key]:
                damaged.setdefault(row.id, f"its {part} {verdicts[key]}")
    return damaged


def _judge(connection: Connection, part: str, hash_: bytes) -> str:
    """Return what is wrong with a content as a part of a snapshot; empty where nothing is."""
    c = schema.content.c
    body = connection.scalar(sa.select(c.body).where(c.hash == hash_))
    if body is None:
        return "is missing"
    try:
        value = decode_content(body)
        if not is_recorded(value, hash_):
            return "is not what was recorded"
        _KINDS[part].model_validate(value)
    except ValidationError as error:
        return f"cannot be read: {error_text(error)}"
    except Exception as error:  # whatever a foreign or broken content makes of its reader
        return f"cannot be read: {error}"
    return ""


def plan(connection: Connection, ids: Collection[str], *, damaged: bool) -> tuple[SnapshotRemoval, ...]:
    """Return what the removal of snapshots takes away, without taking it.

    Args:
        connection: of the store.
        ids: of snapshots, whole or their starts, that go whether they are damaged or not.
        damaged: whether all that are damaged go too.

    Raises:
        StoreError: an id names no snapshot, or several.
    """
    rows = connection.execute(_ROWS).all()
    named = {_find(rows, id_) for id_ in ids}
    wrong = find_damaged(connection) if damaged else find_strays(connection)
    going = named | (wrong.keys() if damaged else set())
    return tuple(_describe(rows, going, wrong))


def _find(rows: _Rows, start: str) -> str:
    matches = [row.id for row in rows if row.id.startswith(start)]
    if len(matches) != 1:
        known = f"may be {len(matches)} snapshots" if matches else "names no snapshot of the store"
        raise StoreError(f"{start!r} {known}", "`lamina-graph history APP -f json` lists those of an app.")
    return str(matches[0])


def _describe(rows: _Rows, going: Collection[str], wrong: Mapping[str, str]) -> Iterator[SnapshotRemoval]:
    kept: dict[int, int] = {}
    for row in rows:
        kept[row.number] = kept.get(row.number, 0) + (row.id not in going)
    for row in rows:
        if row.id in going:
            yield SnapshotRemoval(
                id=row.id,
                app_id=row.app_id,
                name=row.name,
                taken_at=row.taken_at,
                why=wrong.get(row.id, ""),
                kept=kept[row.number],
            )


def remove(connection: Connection, ids: Collection[str], *, damaged: bool) -> tuple[SnapshotRemoval, ...]:
    """Take away what the plan says, with the contents that nothing else refers to, and return what went."""
    done = plan(connection, ids, damaged=damaged)
    pruning.delete(connection, [each.id for each in done])
    return done
