"""The folder of canonical JSON files that a store is exported to: what its files hold.

    store.json               says what the folder is, and of which store
    content/AB/HASH.json     one content; the name is the SHA-256 of the file, so `sha256sum` can check it
    apps/NUMBER-ID.json      one app and its snapshots, each naming its content
    runs/TIME-ID.json        one run: what was asked, its counts, the numbers of the apps it saw, its events
    readers.json             up to where each reader was told what changed
    models.json              the models that nodes may use

Nothing is ever taken out of such a folder: an export adds what is new.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints, ValidationError

from lamina_graph.errors import StoreError
from lamina_graph.model import Value
from lamina_graph.records import BaseUrl, EventKind, FetchScope, KnownModel, Run
from lamina_graph.validation_errors import error_text


def _to_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC it is not within the years 1 to 9999") from None


READERS = "readers.json"
MODELS = "models.json"
Schema = Literal["store/1", "store/2"]
"""The second says when each thing was recorded; of the first, things were recorded when they happened."""
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
"""Of a run or a snapshot; it becomes part of the name of a file."""

Count = Annotated[int, Field(ge=0, lt=2**63)]
"""No larger than what a database counts with."""

Moment = Annotated[AwareDatetime, AfterValidator(_to_utc)]
Hash = Annotated[
    str,
    BeforeValidator(lambda hash_: hash_.hex() if isinstance(hash_, bytes) else hash_),
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
]
V = TypeVar("V", bound=Value)


class StoreFile(Value):
    """The file that makes a folder an export."""

    schema_name: Schema
    store: str


class SnapshotEntry(Value):
    """One snapshot in the file of its app."""

    id: Id
    run: Id
    taken_at: Moment
    recorded_at: Moment | None = None
    workflow: Hash
    detail: Hash | None
    estimate: Hash | None

    @property
    def contents(self) -> set[str]:
        """The names of the contents that it consists of."""
        return {name for name in (self.workflow, self.detail, self.estimate) if name}


class AppFile(Value):
    """The file of one app."""

    number: Count
    base_url: BaseUrl
    app_id: str
    name: str | None
    appeared_at: Moment
    recorded_at: Moment | None = None
    snapshots: tuple[SnapshotEntry, ...] = ()


class EventEntry(Value):
    """One event in the file of its run."""

    app: Count
    kind: EventKind
    at: Moment
    why: str
    recorded_at: Moment | None = None


class RunFile(Value):
    """The file of one run."""

    id: Id
    base_url: BaseUrl
    asked: FetchScope
    started_at: Moment
    finished_at: Moment | None
    complete: bool | None
    error: str = ""
    recorded_at: Moment | None = None
    closed_at: Moment | None = None
    counts: dict[str, Count]
    seen: tuple[tuple[Count, Count], ...] = ()
    events: tuple[EventEntry, ...] = ()


class ReaderEntry(Value):
    """Up to where a reader was told what changed."""

    reader: str
    until: Moment


class ReadersFile(Value):
    """The file of the readers."""

    readers: tuple[ReaderEntry, ...]


class ModelsFile(Value):
    """The file of the models."""

    models: tuple[KnownModel, ...]


def check_export(folder: Path) -> None:
    """Raise StoreError where a folder is no export of a store."""
    if not (folder / "store.json").is_file():
        raise StoreError(f"{folder} is not an export of a store: it has no store.json", _EXPORTS)
    read_file(StoreFile, folder / "store.json")


def read_file(kind: type[V], file: Path) -> V:
    """Return what a file holds; raise StoreError where it is damaged."""
    try:
        return kind.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise StoreError(f"{file} is damaged: {error_text(error)}", DAMAGED_FILE) from error


@contextmanager
def file_errors(folder: Path) -> Iterator[None]:
    """Turn what is wrong with files into a `StoreError` in plain words."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{error.filename or folder}: {error.strerror}",
            "Check the folder, its permissions and the free space.",
        ) from error
    except ValidationError as error:
        raise StoreError(
            f"the store holds what cannot be written to files: {error_text(error)}", "Restore it from a copy."
        ) from error


OF_RUN = (Run.model_fields.keys() & RunFile.model_fields.keys()) - {"seen"}
_EXPORTS = "`lamina-graph store export FOLDER` writes one."
DAMAGED_FILE = "Take it from a copy of the folder, for instance from git."
