"""Changes as GitHub Actions shows them: a summary of the job, and annotations.

The limits are those of "Workflow commands for GitHub Actions": 1 MiB a summary; of each kind of annotation
ten a step are shown, and the rest silently not.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from lamina_graph.history import AppChange, CatalogueChange, Changes
from lamina_graph.report.changes.by_app import grouped_by_app, list_phrases, unknown_apps
from lamina_graph.report.changes.markdown import markdown
from lamina_graph.report.escape import workflow_command
from lamina_graph.text import elide

SUMMARY = 1024 * 1024
ANNOTATIONS = 10

_KINDS = {"breaking": "error", "risky": "warning", "cosmetic": "notice", "accepted": "notice"}


class Github(NamedTuple):
    """What a step prints, and what it writes to the file that `GITHUB_STEP_SUMMARY` names."""

    annotations: str
    summary: str


class _Note(NamedTuple):
    title: str
    words: str
    file: str = ""
    line: int | None = None


def github(changes: Changes, folder: str = "") -> Github:
    """Return changes as GitHub Actions shows them; both parts are empty where there is nothing.

    Args:
        changes: what changed.
        folder: where the files of a catalogue are, from the top of the repository: their changes are shown
            beside the line of the node.
    """
    if changes.empty:
        return Github("", "")
    notes_by_kind = _build_notes(changes, folder)
    annotations = (line for kind, notes in notes_by_kind.items() for line in _write_commands(kind, notes))
    return Github("\n".join(annotations), markdown(changes, SUMMARY))


def _build_notes(changes: Changes, folder: str) -> dict[str, list[_Note]]:
    notes: dict[str, list[_Note]] = {kind: [] for kind in _KINDS.values()}
    for group in grouped_by_app(changes):
        for app in group.apps:
            for change in app.changes:
                title = f"{app.name}: {group.heading}"
                place = _place_of(change, folder)
                notes[_KINDS[group.heading]].append(_Note(title, "; ".join(list_phrases(change)), *place))
    for (name, why), unknown in zip(unknown_apps(changes), changes.unknown, strict=True):
        note = _Note(f"{name}: could not be compared", elide(why, 600), _join(folder, unknown.path))
        notes["warning"].append(note)
    return notes


def _place_of(change: AppChange, folder: str) -> tuple[str, int | None]:
    """Return the file and the line that show a change, as far as they are known."""
    if not isinstance(change, CatalogueChange):
        return "", None
    return _join(folder, change.path), change.line


def _join(folder: str, path: str | None) -> str:
    return (PurePosixPath(folder) / path).as_posix() if path else ""


def _write_commands(kind: str, notes: Sequence[_Note]) -> Iterator[str]:
    most = ANNOTATIONS if len(notes) <= ANNOTATIONS else ANNOTATIONS - 1
    for title, words, file, line in notes[:most]:
        yield workflow_command(kind, title, words, file, line)
    if len(notes) > most:
        yield workflow_command(
            kind, "lamina-graph", f"and {len(notes) - most} more, in the summary of this job"
        )
