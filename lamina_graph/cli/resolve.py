"""The workflows that references name, and the exit status where some of them cannot be read."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from lamina_graph.cli import output
from lamina_graph.cli.state import State
from lamina_graph.cli.stored_entries import StoredEntries
from lamina_graph.errors import CredentialsError, InvalidResponseError, LaminaGraphError, RefError
from lamina_graph.text import pluralize

if TYPE_CHECKING:
    from lamina_graph.model import Entry, Workflow
    from lamina_graph.refs import Resolved, Skipped, Unread
    from lamina_graph.sync import Listing


def resolve(state: State, refs: Sequence[str], *, strict: bool = False, offline: bool = False) -> "Resolved":
    """Return what references name; print what of it was skipped or cannot be read."""
    from lamina_graph.refs import Resolved

    with named_entries(state, refs, strict=strict, offline=offline) as named:
        entries = list(named)
    named.print_problems()
    return Resolved(entries, named.skipped)


class NamedEntries:
    """What references name, in their order, read as it is gone through: once.

    Attributes:
        places: what is known before anything is read: snapshots, what the API says.
        skipped: of what was gone through, the files that are no workflows, with reasons.
        failed: of what was gone through, what cannot be read.
    """

    def __init__(self, unread: "Sequence[Unread]") -> None:
        from lamina_graph.model import Entry

        self.places = [each.source for each in unread if isinstance(each.source, Entry)]
        self.skipped: list[Skipped] = []
        self.failed: list[Entry] = []
        self._unread = unread
        self._problems: list[LaminaGraphError | str] = []

    def __len__(self) -> int:
        return len(self._unread)

    def __iter__(self) -> "Iterator[Entry]":
        from lamina_graph.refs import work_on

        for entry in work_on(self._unread, lambda entry: entry, skipped=self.skipped.append):
            if entry.error:
                self.failed.append(entry)
            if problem := find_problem(entry):
                self._problems.append(problem)
            yield entry

    def print_problems(self) -> None:
        """Print what of all this was skipped, cannot be read, or is known in part."""
        print_problems(self.skipped, self._problems)


@contextmanager
def named_entries(
    state: State, refs: Sequence[str], *, strict: bool = False, offline: bool = False
) -> "Iterator[NamedEntries]":
    """Give what references name, for as long as it can be read."""
    from lamina_graph.refs import plan

    with plan(refs, strict=strict, **state.sources(offline=offline)) as unread:
        yield NamedEntries(list(unread))


def resolve_many(
    state: State, refs: Sequence[str], everything: bool, *, strict: bool = False, offline: bool = False
) -> "Resolved":
    """Return what references name, or with `--all` every app of the store, without a store of the API."""
    from lamina_graph.refs import Resolved

    check_inputs(refs, everything)
    if everything:
        apps = all_apps(state, offline)
        return Resolved(apps if isinstance(apps, StoredEntries) else list(apps), [])
    return resolve(state, refs, strict=strict, offline=offline)


def check_inputs(refs: Sequence[str], everything: bool) -> None:
    """Raise where a command is given nothing to go over, or all apps and others too."""
    if everything and refs:
        raise click.UsageError("--all takes every app; leave out the REFs")
    if not everything and not refs:
        raise click.UsageError("name some REFs, or take all apps with --all")


def all_apps(state: State, offline: bool) -> "StoredEntries | Iterator[Entry]":
    """Return every app of the store, or one after the other those of the API where there is no store."""
    if not (offline or state.has_store or not state.settings.has_credentials):
        return _apps_of_api(state)
    stored = stored_entries(state)
    output.print_note(f"{pluralize(len(stored), 'app')} of the store {state.store().url}")
    return stored


def _apps_of_api(state: State) -> "Iterator[Entry]":
    from lamina_graph.model import Entry

    listed = list_apps(state)
    yield from fetch_all(state, listed)
    for row in listed.flawed:
        error = InvalidResponseError(row.problem)
        output.print_error(str(error), error.hint)
        yield Entry(ref="a row of the listing", error=error)


def list_apps(state: State) -> "Listing":
    """Return the apps that the API lists; say on stderr where some may be missing."""
    from lamina_graph.sync import listing

    listed = listing(state.client())
    if listed.doubt:
        output.print_note(f"the listing may be incomplete: {listed.doubt}")
    return listed


def fetch_all(state: State, listed: "Listing") -> "Iterator[Entry]":
    """Yield the workflow of each app of a listing, or its error, which is printed."""
    from lamina_graph.model import Entry

    with output.progress_bar(listed.ids, "fetching") as ids:
        for id_ in ids:
            try:
                yield Entry(ref=id_, workflow=state.client().structure(id_).read())
            except LaminaGraphError as error:
                output.print_error(f"{id_}: {error}", error.hint)
                yield Entry(ref=id_, error=error)


def resolve_workflow(state: State, ref: str, *, offline: bool = False) -> "Workflow":
    """Return the one workflow that a reference names."""
    workflow = resolve_entry(state, ref, offline=offline).workflow
    assert workflow is not None
    return workflow


def resolve_entry(state: State, ref: str, *, offline: bool = False) -> "Entry":
    """Return the one workflow that a reference names, with what a snapshot says beside it."""
    from lamina_graph import refs

    entry = refs.resolve_entry(ref, **state.sources(offline=offline))
    print_problems((), [find_problem(entry)])
    return entry


def find_problem(entry: "Entry") -> LaminaGraphError | str:
    """Return why an entry could not be read, or what of a workflow without edges is not known; else ""."""
    if entry.error or entry.workflow is None or entry.workflow.edges_known:
        return entry.error or ""
    return (
        f"{entry.ref}: edges unknown: the API does not give the workflow; "
        f"{pluralize(len(entry.workflow.nodes), 'node')} known from the estimate of a run"
    )


def print_problems(skipped: "Sequence[Skipped]", problems: Sequence[LaminaGraphError | str]) -> None:
    """Print what of folders was skipped, then what could not be read or is not known."""
    for path, reason in skipped:
        output.print_note(f"skipped {path}: {reason}")
    if skipped:
        output.print_note(f"{len(skipped)} of the folders' files skipped: no workflows")
    for problem in problems:
        if isinstance(problem, LaminaGraphError):
            output.print_error(str(problem), problem.hint)
        elif problem:
            output.print_note(problem)


def resolve_app_id(state: State, ref: str) -> str:
    """Return the id of the app that a reference names."""
    from lamina_graph import refs

    return refs.resolve_app_id(ref, **state.sources())


def stored_entries(state: State, date: str | None = None) -> StoredEntries:
    """Return what the store has of every app, or had at a date; raise where that is nothing."""
    from lamina_graph.store import parse_moment

    entries = StoredEntries(state.store(), parse_moment(date) if date else None)
    if not entries:
        raise RefError(
            f"the store had no app at {date}" if date else "the store has no app",
            "`lamina-graph store info` shows when it begins.",
        )
    return entries


def exit_on_failure(entries: "Sequence[Entry]") -> None:
    """End with a status that says so where something that was asked for could not be read.

    A store is not read again for it: its entries must have been gone through.
    """
    if isinstance(entries, StoredEntries):
        exit_for([*entries.errors.values()])
    else:
        exit_for([entry.error for entry in entries if entry.error])


def exit_for(errors: Sequence[LaminaGraphError]) -> None:
    """End with the status of errors, if there are any."""
    if errors:
        sys.exit(4 if any(isinstance(error, CredentialsError) for error in errors) else 2)


def error_row(schema: str, entry: "Entry") -> dict[str, Any]:
    """Return the row of machine output that stands for an input that could not be read."""
    hint = entry.error.hint if entry.error else ""
    return {"schema": schema, "ref": entry.ref, "error": str(entry.error), "hint": hint}
