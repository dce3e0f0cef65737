"""The comparison of two catalogues: folders, commits, stores; and of what `-- PATH` names in a repository."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lamina_graph.cli import output
from lamina_graph.cli.change_forms import FORMS, exit_at_gate, write_changes
from lamina_graph.cli.state import State
from lamina_graph.cli.stored_entries import StoredEntries
from lamina_graph.errors import InputError, LaminaGraphError, StoreError, WorkflowError

if TYPE_CHECKING:
    from lamina_graph.diff import KnownApp
    from lamina_graph.history import Catalogue, CatalogueDiff
    from lamina_graph.match import Proof
    from lamina_graph.model import Entry
    from lamina_graph.store import Snapshot

PATHS = "lamina_graph.paths"
_STORES = ("sqlite:", "postgres")
_DRAWN = {"html": 60, "markdown": 200, "github": None}
"""How many apps each form draws at most: a comment of GitHub holds no more than that, a summary many more."""

_SQLITE = b"SQLite format 3\0"


class DiffCommand(click.Command):
    """`diff OLD NEW`, and `diff REV [REV] -- PATH` as in git: a path then, and in a second commit or now."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what was typed; put references in the place of revisions and a path."""
        place = args.index("--") if "--" in args else len(args)
        dashes, paths = args[place : place + 1], args[place + 1 :]
        rest = super().parse_args(ctx, args[:place])
        old, new = ctx.params.get("old"), ctx.params.get("new")
        if dashes and old is not None and not ctx.resilient_parsing:
            if len(paths) != 1:
                raise click.UsageError("name one file or folder after --", ctx)
            ctx.meta[PATHS] = True
            path = Path(os.path.relpath(paths[0])).as_posix()
            refs = [f"{rev}:{path if path.startswith('../') else f'./{path}'}" for rev in (old, new) if rev]
            ctx.params |= {"old": refs[0], "new": refs[1] if new else path}
        elif new is None and not ctx.resilient_parsing:
            raise click.UsageError("Missing argument 'NEW'.", ctx)
        return rest


@dataclass(frozen=True)
class Comparison:
    """What `diff` was asked for, of two catalogues; the fields are its parameters.

    Attributes:
        skip_unchanged: whether a file that cannot be read, and is the same on both sides, is left out: what
            did not change need not be understood. No parameter.
    """

    old: str
    new: str
    form: str
    target: Path | None = None
    exit_code: bool = False
    fail_on: tuple[str, ...] = ()
    brief: bool = False
    old_estimate: Path | None = None
    new_estimate: Path | None = None
    uses: Path | None = None
    proof: "Proof" = "bounded"
    offline: bool = False
    skip_unchanged: bool = False

    @classmethod
    def of(cls, params: dict[str, Any], form: str) -> "Comparison":
        """Return the parameters of a command as what was asked for."""
        known = {each.name: params[each.name] for each in fields(cls) if each.name in params}
        return cls(**known | {"form": form})


def is_of_catalogues(form: str, *refs: str) -> bool:
    """Whether both references name catalogues, or a form is asked for that is written of many apps."""
    return form in ("github", "slack") or all(map(_names_catalogue, refs)) or _holds_path(*refs)


def compare_catalogues(state: State, request: Comparison) -> None:
    """Write what changed from one catalogue to another; exit with its status.

    Raises:
        LaminaGraphError: one of them cannot be read at all.
    """
    _check_usage(request)
    result = diff_catalogues(state, request)
    severities, credits_ = split_gates(request.fail_on)
    hit = [sentence for gate in credits_ for sentence in _check_credits(result, gate)]
    write_changes(result, request.form, request.target, find_folder(request.new))
    if request.exit_code and any((result.totals.added, result.totals.removed, result.totals.changed)):
        click.get_current_context().exit(1)
    exit_at_gate(result, severities, hit)


def diff_catalogues(state: State, request: Comparison) -> "CatalogueDiff":
    """Return what changed from one catalogue to another; nothing is written but notes.

    Raises:
        LaminaGraphError: one of them cannot be read at all.
    """
    from lamina_graph.history import catalogue_diff, with_unknown_usage

    policy = replace(state.policy(request.uses), proof=request.proof)
    old, new = (
        read_catalogue(state, ref, request.offline, estimate)
        for ref, estimate in ((request.old, request.old_estimate), (request.new, request.new_estimate))
    )
    if request.skip_unchanged:
        old, new = _skip_unchanged(old, new)
    if not old.entries and not new.entries:
        raise InputError(f"no workflow in {request.new}, then or now", "Check the path after --.")
    if len(old.entries) == len(new.entries) == 1 and not _names_catalogue(request.new):
        old, new = (side._replace(entries=[_only(side, request.new)]) for side in (old, new))
    apps = list(_known_apps(old, new)) if policy.usage else []
    compare = partial(catalogue_diff, old, new, drawn=_DRAWN.get(request.form, 0))
    return with_lines(with_unknown_usage(apps, policy, compare))


def _check_usage(request: Comparison) -> None:
    if request.form not in FORMS:
        raise click.UsageError(f"-f {request.form} draws a single app; -f html draws each app of a catalogue")
    if request.brief:
        raise click.UsageError("--brief is for one app; name two files, or leave it out")
    if (request.old_estimate or request.new_estimate) and _names_catalogue(request.new):
        raise click.UsageError("an estimate file is for one app; two stores have the estimates of many")


def read_catalogue(state: State, ref: str, offline: bool, estimate: Path | None = None) -> "Catalogue":
    """Return the apps that a reference names, whichever kind it is of.

    Raises:
        LaminaGraphError: it cannot be read at all.
    """
    from lamina_graph import refs as references
    from lamina_graph.files import load_estimate
    from lamina_graph.history import Catalogue

    if _names_store(ref):
        return Catalogue(ref, _read_store(state, ref))
    if _is_absent(ref):
        output.print_note(f"no workflow in {ref}")
        return Catalogue(ref, [])
    resolved = references.resolve([ref], **state.sources(offline=offline))
    entries = resolved.entries
    if len(entries) == 1 and entries[0].error and entries[0].path is None:
        raise entries[0].error
    for path, reason in resolved.skipped:
        output.print_note(f"skipped {path}: {reason}")
    if estimate:
        entries = [entry.model_copy(update={"estimate": load_estimate(estimate)}) for entry in entries]
    return Catalogue(ref, entries)


def _skip_unchanged(old: "Catalogue", new: "Catalogue") -> "tuple[Catalogue, Catalogue]":
    """Return two catalogues without the files that cannot be read and hold the same on both sides."""
    before, after = (
        {entry.path: entry for entry in side.entries if entry.error and entry.path} for side in (old, new)
    )
    same = sorted(
        path
        for path in before.keys() & after.keys()
        if (text := _read_text(before[path].ref)) and text == _read_text(after[path].ref)
    )
    for path in same:
        output.print_note(f"{path} cannot be read, and did not change: {after[path].error}")
    old, new = (
        side._replace(entries=[entry for entry in side.entries if not entry.error or entry.path not in same])
        for side in (old, new)
    )
    return old, new


def _only(side: "Catalogue", ref: str) -> "Entry":
    """Return the one app of a side, at the place that both have: they are compared whatever their names."""
    path = ref.partition(":")[2] if ":" in ref else ref
    return side.entries[0].model_copy(update={"path": Path(path).as_posix()})


def _names_catalogue(ref: str) -> bool:
    return os.path.isdir(ref) or _names_store(ref) or _names_tree(ref) or _names_report(ref)


def _names_tree(ref: str) -> bool:
    from lamina_graph.git import is_folder
    from lamina_graph.refs import split_revision

    revision = split_revision(ref)
    if revision is None:
        return False
    with suppress(LaminaGraphError):
        return is_folder(*revision)
    return False


def _names_store(ref: str) -> bool:
    if ref.startswith(_STORES):
        return True
    try:
        with open(ref, "rb") as file:
            return os.path.isfile(ref) and file.read(len(_SQLITE)) == _SQLITE
    except (OSError, ValueError):
        return False


def _names_report(ref: str) -> bool:
    """Whether a reference is the page of a report, which carries the workflows of a catalogue."""
    from lamina_graph.files import load_all

    if not ref.lower().endswith((".html", ".htm")) or not os.path.isfile(ref):
        return False
    with suppress(WorkflowError):
        return bool(load_all(ref)[0][0])
    return False


def _holds_path(*refs: str) -> bool:
    """Whether a path after -- is a folder on one side, and not there on the other."""
    return _after_dashes() and any(map(_names_catalogue, refs)) and any(map(_is_absent, refs))


def _after_dashes() -> bool:
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(PATHS))


def _is_absent(ref: str) -> bool:
    """Whether a path after -- is not there, in a commit that is, or now; elsewhere a name may be misspelt."""
    from lamina_graph.git import has_no_commit, is_folder, is_path
    from lamina_graph.refs import list_workflow_files, split_revision

    if not _after_dashes():
        return False
    revision = split_revision(ref)
    if revision is None:
        return not os.path.lexists(ref) or (os.path.isdir(ref) and not any(list_workflow_files(ref)))
    if not is_folder(revision.rev, ""):
        return revision.rev == "HEAD" and has_no_commit()
    return not is_path(*revision)


class _StoredApps(StoredEntries):
    """The apps of a store with all that is known of them, and by the ids and names that the store has."""

    def _note(self, error: StoreError) -> None:
        """Say nothing: what cannot be read stands under what is unknown."""

    def _select_parts(self, snapshot: "Snapshot") -> dict[str, Any]:
        names = {"app_id": snapshot.app_id, "name": snapshot.workflow.name or snapshot.name}
        workflow = snapshot.workflow.model_copy(update=names)
        return {"workflow": workflow, "detail": snapshot.detail, "estimate": snapshot.estimate}


def _read_store(state: State, place: str) -> StoredEntries:
    entries = _StoredApps(state.open_store(place))
    if not entries:
        raise StoreError(f"the store at {place} has no app", "`lamina-graph snapshot --all` records them.")
    return entries


def _known_apps(*catalogues: "Catalogue") -> "Iterator[KnownApp]":
    """Yield by what each app is known, so that a use of none of them is a misspelling."""
    from lamina_graph.diff import KnownApp
    from lamina_graph.history import version_of

    for catalogue in catalogues:
        yield from (KnownApp.of(version_of(entry)) for entry in catalogue.entries if entry.workflow)


def with_lines(result: "CatalogueDiff") -> "CatalogueDiff":
    """Return a diff whose changes know the line of their first node in the new file."""
    from lamina_graph.json_lines import find_node_lines

    lines: dict[str, dict[str, int]] = {}
    changes = []
    for change in result.changes:
        if change.new and change.path is not None and change.nodes:
            if change.new not in lines:
                lines[change.new] = find_node_lines(_read_text(change.new))
            known = (lines[change.new].get(node) for node in change.nodes)
            change = change.model_copy(update={"line": next(filter(None, known), None)})
        changes.append(change)
    return result.model_copy(update={"changes": tuple(changes)})


def _read_text(ref: str) -> str:
    """Return the text of a file, now or at a revision; nothing where it has gone since it was read."""
    from lamina_graph.git import read
    from lamina_graph.refs import split_revision

    with suppress(OSError, LaminaGraphError):
        revision = None if os.path.exists(ref) else split_revision(ref)
        return (read(*revision) if revision else Path(ref).read_bytes()).decode("utf-8", "replace")
    return ""


def find_folder(ref: str) -> str:
    """Return where the files of a catalogue are, from the top of the repository, else from here."""
    from lamina_graph.git import prefix
    from lamina_graph.refs import split_revision

    if not _names_catalogue(ref):
        return prefix()
    revision = None if os.path.isdir(ref) else split_revision(ref)
    if revision and not revision.path.startswith("."):
        return revision.path
    return os.path.normpath(os.path.join(prefix(), os.path.relpath(revision.path if revision else ref)))


def split_gates(fail_on: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the gates that are severities, and those on credits.

    Raises:
        InputError: one is neither.
    """
    from lamina_graph.diff import read_gate

    on_credits = [gate for gate in fail_on if read_gate(gate)]
    return [gate for gate in fail_on if gate not in on_credits], on_credits


def _check_credits(result: "CatalogueDiff", gate: str) -> Iterator[str]:
    """Yield why a gate on credits is hit, app by app.

    Raises:
        InputError: the gate cannot be read, or an app has no estimate on both sides.
    """
    from lamina_graph.diff import check_credits

    compared = [app for app in result.compared if app.status in ("changed", "unchanged")]
    without = [app for app in compared if app.credits is None]
    if without:
        first = without[0].name or without[0].new
        more = f" and {len(without) - 1} more" if len(without) > 1 else ""
        raise InputError(
            f"the limit on credits cannot be checked: no estimate of {first}{more}",
            "Compare two stores whose snapshots were taken with --estimate.",
        )
    for app in compared:
        reasons = check_credits(app.credits, gate)
        yield from (f"{gate}: {app.name or app.new}: {reason}" for reason in reasons)
