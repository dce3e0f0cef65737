"""What a command makes of each of many workflows, in this process or in several, one after the other."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypedDict, TypeVar, Unpack

from lamina_graph.cli import output
from lamina_graph.cli.resolve import (
    all_apps,
    check_inputs,
    exit_for,
    find_problem,
    print_problems,
)
from lamina_graph.cli.state import State
from lamina_graph.cli.stored_entries import StoredEntries
from lamina_graph.errors import LaminaGraphError

if TYPE_CHECKING:
    from lamina_graph.model import Entry
    from lamina_graph.refs import Skipped, Unread

T = TypeVar("T")


class Inputs(TypedDict):
    """What a command goes over, and where its work is done, as its options say it."""

    refs: tuple[str, ...]
    everything: bool
    strict: bool
    offline: bool
    jobs: int | None
    dask: str | None


class _Answer(NamedTuple):
    """What was made of a workflow, and why it could not be read, or what of it is not known."""

    made: Any
    problem: LaminaGraphError | str


class Answers(Generic[T]):
    """What was made of each workflow, in their order; each is made when it is asked for, and none is kept.

    After the last one it is printed what was skipped and what could not be read.

    Attributes:
        read: how many workflows could be read so far.
        errors: of those that could not.
    """

    def __init__(self, answers: "Iterator[_Answer]", skipped: "Sequence[Skipped]", printed: bool) -> None:
        self.read = 0
        self.errors: list[LaminaGraphError] = []
        self._answers, self._skipped, self._printed = answers, skipped, printed

    def __iter__(self) -> Iterator[T]:
        problems: list[LaminaGraphError | str] = []
        for made, problem in self._answers:
            if problem:
                problems.append(problem)
            if isinstance(problem, LaminaGraphError):
                self.errors.append(problem)
            else:
                self.read += 1
            yield made
        if not self._printed:
            print_problems(self._skipped, problems)

    def require_one(self) -> Iterator[T]:
        """Yield the same once a workflow was read; end where nothing that was asked for could be read."""
        rest = iter(self)
        begin: list[T] = []
        for made in rest:
            begin.append(made)
            if self.read:
                break
        else:
            self.exit_on_failure()
        yield from chain(begin, rest)

    def exit_on_failure(self) -> None:
        """End with a status that says so where something that was asked for could not be read."""
        exit_for(self.errors)


@contextmanager
def answers(
    state: State, work: "Callable[[Entry], T]", doing: str, **inputs: Unpack[Inputs]
) -> "Iterator[Answers[T]]":
    """Give what `work` makes of each workflow of the inputs.

    Many files are read and worked on in several processes; what comes from a store, from git or from the API
    is only on request, since this process reads it anyway.

    Args:
        state: of the command.
        work: takes an entry, whose workflow may be an error; another process can import it.
        doing: what is done, for the progress bar.
        inputs: what is gone over, and where the work is done.
    """
    from lamina_graph.batch import choose_executor
    from lamina_graph.refs import work_on

    skipped: list[Skipped] = []
    remote = inputs["dask"] is not None
    with (
        _plan(state, inputs) as planned,
        choose_executor(inputs["jobs"], planned.files, inputs["dask"]) as executor,
        output.progress_bar(planned, doing) as unread,
    ):
        made = work_on(unread, partial(_answer, work), executor, skipped=skipped.append, remote=remote)
        yield Answers(made, skipped, printed=inputs["everything"])


def answers_of(entries: "Sequence[Entry]") -> "Answers[Entry]":
    """Return entries that are at hand, of which all is printed, as answers."""
    return Answers((_Answer(entry, find_problem(entry)) for entry in entries), (), printed=True)


class _Planned:
    """What a command goes over: listed at once as far as it is only named, then one by one.

    Attributes:
        files: how much it is, where all of it is only named, so that any process can read it; else 0.
    """

    def __init__(self, unread: "Iterator[Unread]", amount: int = 0) -> None:
        self._begin = list(_take_named(unread))
        self._rest = unread
        self.files = len(self._begin) if all(each.is_named_only for each in self._begin[-1:]) else 0
        self._amount = amount or self.files

    def __len__(self) -> int:
        return self._amount

    def __iter__(self) -> "Iterator[Unread]":
        return chain(self._begin, self._rest)


def _take_named(unread: "Iterator[Unread]") -> "Iterator[Unread]":
    """Yield what is only named so far, up to the first whose content is here already."""
    for each in unread:
        yield each
        if not each.is_named_only:
            return


@contextmanager
def _plan(state: State, inputs: Inputs) -> "Iterator[_Planned]":
    from lamina_graph import refs as references

    refs, offline = inputs["refs"], inputs["offline"]
    check_inputs(refs, inputs["everything"])
    if inputs["everything"]:
        apps = all_apps(state, offline)
        amount = len(apps) if isinstance(apps, StoredEntries) else 0
        yield _Planned((references.Unread(entry.ref, entry) for entry in apps), amount)
    else:
        with references.plan(refs, strict=inputs["strict"], **state.sources(offline=offline)) as unread:
            yield _Planned(unread)


def _answer(work: "Callable[[Entry], Any]", entry: "Entry") -> _Answer:
    return _Answer(work(entry), find_problem(entry))
