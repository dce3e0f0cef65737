"""The workflows that references name, and the exit status where some of them cannot be read."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lamina_graph.cli import output
from lamina_graph.cli.state import State
from lamina_graph.errors import CredentialsError, RefError, StoreError

if TYPE_CHECKING:
    from lamina_graph.model import Entry, Workflow
    from lamina_graph.refs import Resolved


def resolve(state: State, refs: Sequence[str], *, strict: bool = False, offline: bool = False) -> "Resolved":
    """Return what references name; print what of it was skipped or cannot be read."""
    from lamina_graph import refs as references

    resolved = references.resolve(refs, **state.sources(offline=offline), strict=strict)
    for path, reason in resolved.skipped:
        output.print_note(f"skipped {path}: {reason}")
    if resolved.skipped:
        output.print_note(f"{len(resolved.skipped)} of the folders' files skipped: no workflows")
    for entry in resolved.entries:
        if entry.error:
            output.print_error(str(entry.error), entry.error.hint)
    return resolved


def resolve_workflow(state: State, ref: str, *, offline: bool = False) -> "Workflow":
    """Return the one workflow that a reference names."""
    from lamina_graph import refs

    return refs.resolve_workflow(ref, **state.sources(offline=offline))


def resolve_entry(state: State, ref: str, *, offline: bool = False) -> "Entry":
    """Return the one workflow that a reference names, with what a snapshot says beside it."""
    from lamina_graph import refs

    return refs.resolve_entry(ref, **state.sources(offline=offline))


def resolve_app_id(state: State, ref: str) -> str:
    """Return the id of the app that a reference names."""
    from lamina_graph import refs

    return refs.resolve_app_id(ref, **state.sources())


def stored_entries(state: State, date: str | None = None) -> "list[Entry]":
    """Return what the store has of every app, or had at a date; raise where that is nothing."""
    from lamina_graph.model import Entry
    from lamina_graph.store import parse_moment

    damage: list[StoreError] = []
    snapshots = state.store().catalogue(parse_moment(date) if date else None, damaged=damage.append)
    entries = [
        Entry(ref=f"{each.app_id}@{each.id}", workflow=each.workflow, estimate=each.estimate)
        for each in snapshots
    ]
    for error in damage:
        output.print_error(str(error), error.hint)
    entries += [Entry(ref="damaged snapshot", error=error) for error in damage]
    if not entries:
        raise RefError(
            f"the store had no app at {date}" if date else "the store has no app",
            "`lamina-graph store info` shows when it begins.",
        )
    return entries


def exit_if_none_read(entries: "Sequence[Entry]") -> None:
    """End where nothing that was asked for could be read: of nothing there is nothing to say."""
    if not any(entry.workflow for entry in entries):
        exit_on_failure(entries)


def exit_on_failure(entries: "Sequence[Entry]") -> None:
    """End with a status that says so where something that was asked for could not be read."""
    errors = [entry.error for entry in entries if entry.error]
    if errors:
        sys.exit(4 if any(isinstance(error, CredentialsError) for error in errors) else 2)


def error_row(schema: str, entry: "Entry") -> dict[str, Any]:
    """Return the row of machine output that stands for an input that could not be read."""
    hint = entry.error.hint if entry.error else ""
    return {"schema": schema, "ref": entry.ref, "error": str(entry.error), "hint": hint}
