"""Workflows that references name and nobody has read yet: listed in order, read anywhere, one by one."""

import pickle
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from lamina_graph.batch import batch
from lamina_graph.errors import LaminaGraphError, NoWorkflowError, RefError, WorkflowError
from lamina_graph.files import load, load_all
from lamina_graph.model import Entry
from lamina_graph.refs.workflow_files import is_something_else

if TYPE_CHECKING:
    from concurrent.futures import Executor

PAGE_LINK = "#app="
"""What stands between the page of a report and the app in it that is meant."""

T = TypeVar("T")

_CHUNK = 50
"""Files in one task: enough that handing over costs little, and few enough that answers come soon."""


class Skipped(NamedTuple):
    """A file of a folder that is no workflow, and why."""

    ref: str
    reason: str


class FolderEnd(NamedTuple):
    """What comes after the last of a folder's files."""

    folder: str
    files: int


class FolderFile(NamedTuple):
    """What is known of a file of a folder beside its name; shared by the files that are read from disk.

    Attributes:
        content: what it holds at a git revision; None where it is on disk.
        below: the folder, which its place is told from.
        strict: whether it is an error where it is no workflow, instead of being skipped.
    """

    content: bytes | None
    below: str
    strict: bool


class Unread(NamedTuple):
    """Something that holds a workflow, or several: small, and the same in another process.

    Attributes:
        ref: what a person calls it.
        source: where it is read from: a file of a folder, a file that is named outright (None), or bytes;
            or what was read of it already.
    """

    ref: str
    source: "FolderFile | bytes | Entry | Skipped | FolderEnd | None" = None

    @property
    def is_named_only(self) -> bool:
        """Whether nothing of the workflow is here yet: any number of these is small."""
        held = self.source.content if isinstance(self.source, FolderFile) else self.source
        return not isinstance(held, bytes) and not (isinstance(held, Entry) and held.workflow)

    def read(self) -> "Iterator[Entry | Skipped | FolderEnd]":
        """Yield each workflow that it holds, or the error that stands for it, or that it is skipped."""
        if isinstance(self.source, Entry | Skipped | FolderEnd):
            yield self.source
        elif isinstance(self.source, FolderFile):
            yield self._read_file_of(*self.source)
        else:
            try:
                workflows = (
                    [("", load(self.source, self.ref))] if self.source is not None else load_all(self.ref)
                )
            except LaminaGraphError as error:
                yield Entry(ref=self.ref, error=error)
                return
            for key, workflow in workflows:
                yield Entry(ref=f"{self.ref}{PAGE_LINK}{key}" if key else self.ref, workflow=workflow)

    def _read_file_of(self, held: bytes | None, folder: str, strict: bool) -> Entry | Skipped:
        path = place_below(folder, self.ref) if held is None else self.ref[len(folder.rstrip("/")) + 1 :]
        content = Path(self.ref) if held is None else held
        try:
            return Entry(ref=self.ref, path=path, workflow=load(content, self.ref))
        except WorkflowError as error:
            if strict or not (isinstance(error, NoWorkflowError) or is_something_else(content)):
                return Entry(ref=self.ref, path=path, error=error)
            return Skipped(self.ref, str(error).removeprefix(f"{self.ref}: "))


def place_below(folder: str, path: str) -> str:
    """Return the place of a file below a folder, with slashes.

    >>> place_below("./flows", "flows/a/reel.json")
    'a/reel.json'
    """
    return Path(path).relative_to(folder).as_posix()


def work_on(
    unread: Iterable[Unread],
    work: Callable[[Entry], T],
    executor: "Executor | None" = None,
    *,
    skipped: Callable[[Skipped], object],
    remote: bool = False,
) -> Iterator[T]:
    """Yield what `work` makes of each workflow, in their order; reading is part of the work.

    An executor's processes are handed references and hand back what was made, never workflows.

    Args:
        unread: what holds the workflows; it is taken only a little ahead of what comes out.
        work: takes an entry, whose workflow may be an error; another process can import it.
        executor: where the work is done; in this thread where not given.
        skipped: takes each file of a folder that is no workflow.
        remote: whether the executor's processes cannot read the files of this machine.
    """
    if executor is None:
        made: Iterator[Iterable[Any]] = map(partial(_work, work), unread)
    else:
        if remote:
            unread = (Unread(each.ref, outcome) for each in unread for outcome in each.read())
        made = batch(partial(_work_pickled, pickle.dumps(work)), unread, executor, _CHUNK)
    in_a_row = 0
    for outcomes in made:
        for outcome in outcomes:
            if isinstance(outcome, Skipped):
                in_a_row += 1
                skipped(outcome)
                continue
            if not isinstance(outcome, FolderEnd):
                yield outcome
            elif in_a_row >= outcome.files:
                yield work(Entry(ref=outcome.folder, error=_empty(outcome.folder)))
            in_a_row = 0


def _empty(folder: str) -> RefError:
    return RefError(
        f"no workflow in the folder {folder}",
        "A folder's workflows are the *.json, *.png and *.webp files below it.",
    )


def _work(work: Callable[[Entry], T], unread: Unread) -> Iterator[T | Skipped | FolderEnd]:
    return (work(each) if isinstance(each, Entry) else each for each in unread.read())


def _work_pickled(work: bytes, unread: Unread) -> list[Any]:
    return list(_work(_unpickled(work), unread))


@lru_cache(maxsize=1)  # what work goes by, such as a vocabulary, is made ready once in each process
def _unpickled(work: bytes) -> Callable[[Entry], Any]:
    made: Callable[[Entry], Any] = pickle.loads(work)
    return made
