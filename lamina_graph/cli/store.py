"""Commands that keep: init, snapshot, store."""

import json
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.resolve import resolve_app_id
from lamina_graph.cli.state import State
from lamina_graph.cli.table import Column
from lamina_graph.errors import InputError, LaminaGraphError
from lamina_graph.text import pluralize

if TYPE_CHECKING:
    from lamina_graph.model import Value
    from lamina_graph.store import FetchScope, Run, SnapshotRemoval, Store
    from lamina_graph.sync import SyncReport


_NIGHTLY = Path(".github/workflows/lamina-nightly.yml")
_SOURCE = "SOURCE_OF_LAMINA_GRAPH"


@click.command("init")
@click.option("--nightly", is_flag=True, help="Also write a GitHub Actions workflow that runs each night.")
@click.option(
    "--install",
    metavar="SPEC",
    help="With --nightly: what pip installs there; by default what is installed here, where that is known.",
)
@click.option("--snapshot/--no-snapshot", help="Also take a first snapshot; by default nothing is fetched.")
@click.pass_obj
@options.example("lamina-graph init --nightly")
def init_command(state: State, nightly: bool, install: str | None, snapshot: bool) -> None:
    """Set up a folder: a configuration, a nightly job on request.

    A file that exists is left as it is. Nothing is fetched unless --snapshot asks for it.
    """
    if install is not None and not nightly:
        raise click.UsageError("--install goes with --nightly")
    source = _choose_source(install) if nightly else None
    _write_file(Path(".lamina-graph.toml"), _template("lamina-graph.toml"))
    if nightly:
        _write_nightly(source)
    if snapshot:
        click.get_current_context().invoke(snapshot_command, everything=True, detail=True)
    if nightly and source is None:
        raise InputError(
            f"where to install lamina-graph from is not known; the job in {_NIGHTLY} stops until it is",
            "Run it again with --install SPEC, such as git+https://HOST/OWNER/REPOSITORY@COMMIT.",
        )


@click.command("snapshot")
@options.refs_argument("[REF...]")
@click.option("--all", "everything", is_flag=True, help="Every app that the API lists.")
@click.option("--detail", is_flag=True, help="Also the parameters and outputs.")
@click.option("--estimate", is_flag=True, help="Also the credits of a run.")
@click.option(
    "--resume", is_flag=True, help="Continue the last run if it had the same scope and did not finish."
)
@options.as_json("snapshot")
@click.pass_obj
@options.example(
    "lamina-graph snapshot --all --detail", 'lamina-graph snapshot "Quick Reel Maker" --estimate'
)
def snapshot_command(
    state: State,
    refs: tuple[str, ...],
    everything: bool,
    detail: bool,
    estimate: bool,
    resume: bool,
    as_json: bool,
) -> None:
    """Fetch apps and keep what the API says of them.

    Requests keep to the API's rate limit. Exit status 2 if an app could not be fetched; all others are kept,
    and so is what was fetched before an interruption.
    """
    from lamina_graph.cli.json_rows import row
    from lamina_graph.store import FetchScope
    from lamina_graph.sync import sync

    if everything == bool(refs):
        raise click.UsageError("name some REFs, or --all")
    client = state.client()
    apps, errors = (None, []) if everything else _app_ids(state, refs)
    asked = FetchScope(apps=apps, detail=detail, estimate=estimate)
    store = _create_store(state)
    with (
        output.explain_interrupt(lambda: _describe_kept(state, store, asked)),
        output.progress_counter("fetching") as show,
    ):
        done = sync(client, store, asked, resume=resume, progress=lambda step: show(step.done, step.total))
    if as_json:
        output.print_json(row("snapshot", done))
    else:
        _print_run(done)
    if done.failures or done.flawed or errors or not (done.run.seen or done.run.gone):
        click.get_current_context().exit(2)


@click.group("store")
def store_group() -> None:
    """Manage the store of snapshots."""


@store_group.command("info")
@options.as_json("store")
@click.pass_obj
@options.example("lamina-graph store info")
def info_command(state: State, as_json: bool) -> None:
    """Show what the store holds, and its last runs."""
    from lamina_graph.cli.json_rows import row

    info = state.store().info()
    if as_json:
        output.print_json(row("store", info))
        return
    _print_fields(info)
    output.print_table(
        [
            Column("Run", "word", 0),
            Column("Started", "word", 1),
            *(Column(name, "number") for name in ("Seen", "New", "Changed", "Gone", "Unknown")),
            Column("End", "reason"),
        ],
        [
            (r.id, _format_time(r.started_at), r.seen, r.new, r.changed, r.gone, r.unknown, _format_end(r))
            for r in state.store().runs(last=5)
        ],
    )


@store_group.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
@options.example("lamina-graph store export snapshots")
def export_command(state: State, folder: Path) -> None:
    """Export everything to FOLDER, as JSON files for git."""
    from lamina_graph.records import DAMAGED

    done = state.store().export(folder)
    _print_fields(done)
    for problem in done.damaged:
        output.print_error(problem, DAMAGED)
    if done.damaged:
        click.get_current_context().exit(2)


@store_group.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_obj
@options.example("lamina-graph store import snapshots")
def import_command(state: State, folder: Path) -> None:
    """Import everything from a FOLDER that `store export` wrote."""
    from lamina_graph.store import Store

    Store.check_export(folder)  # first, so that a wrong folder leaves no empty store behind
    done = _create_store(state).import_folder(folder)
    _print_fields(done)
    for remark in done.remarks:
        output.print_note(remark)


@store_group.command("prune")
@click.option(
    "--keep",
    multiple=True,
    required=True,
    metavar="RULE",
    help="What to keep: the last 10 of each app (10), or all of a time span (90d, 12w, 2y); repeatable.",
)
@click.option("--apply", "apply_", is_flag=True, help="Delete them; without this, they are only listed.")
@click.pass_obj
@options.example(
    "lamina-graph store prune --keep 10 --keep 90d", "lamina-graph store prune --keep 10 --apply"
)
def prune_command(state: State, keep: tuple[str, ...], apply_: bool) -> None:
    """Delete old snapshots; without --apply, only list them."""
    from lamina_graph.store import RetentionPolicy

    rules, now = RetentionPolicy.parse(*keep), datetime.now(UTC)
    plan = state.store().prune(rules, now) if apply_ else state.store().plan(rules, now)
    verb = "deleted" if apply_ else "would delete"
    old = pluralize(len(plan.snapshots), "snapshot")
    output.print_text(f"{verb} {old} ({plan.size:,} bytes); {plan.kept:,} kept")
    if not apply_ and plan.snapshots:
        output.print_note("nothing was changed; --apply deletes them")


@store_group.command("remove")
@click.argument("snapshots", nargs=-1, metavar="[APP@SNAPSHOT...]")
@click.option("--damaged", is_flag=True, help="Every one that cannot be read, or is not as it was recorded.")
@click.option("--apply", "apply_", is_flag=True, help="Delete them; without this, they are only listed.")
@click.pass_obj
@options.example(
    "lamina-graph store remove --damaged",
    'lamina-graph store remove "Quick Reel Maker@505ac3d37ef0a1b2" --apply',
)
def remove_command(state: State, snapshots: tuple[str, ...], damaged: bool, apply_: bool) -> None:
    """Delete damaged or named snapshots; without --apply, only list them.

    An undamaged one is deleted only if you name its id. The app stays; comparisons skip the gap.
    """
    if damaged == bool(snapshots):
        raise click.UsageError("name snapshots by their ids, or take all with --damaged")
    store = state.store()
    ids = [_find_snapshot_id(state, each) for each in snapshots]
    done = store.remove(ids, damaged=damaged) if apply_ else store.plan_removal(ids, damaged=damaged)
    for each in done:
        output.print_text(_describe_removal(each))
    output.print_text(f"{'deleted' if apply_ else 'would delete'} {pluralize(len(done), 'snapshot')}")
    if not apply_ and done:
        output.print_note("nothing was changed; --apply deletes them")


def _find_snapshot_id(state: State, ref: str) -> str:
    """Return the id of a snapshot that is named as APP@SNAPSHOT, or by its id alone."""
    from lamina_graph.store_reader import find_app

    term, _, start = ref.rpartition("@")
    if not start:
        raise InputError(f"{ref!r} names no snapshot", "Name it as APP@SNAPSHOT, with the id that is shown.")
    (snapshot,) = state.store().plan_removal([start])
    if term and snapshot.app_id != find_app(state.store(), term, usual=state.settings.base_url).app_id:
        raise InputError(
            f"snapshot {start} is not of {term!r} but of {snapshot.name or snapshot.app_id!r}",
            "`lamina-graph history APP -f json` lists the ids of an app's snapshots.",
        )
    return snapshot.id


def _describe_removal(removal: "SnapshotRemoval") -> str:
    """Return which snapshot goes, why, and what its app still has."""
    title = removal.name or removal.app_id or "no known app"
    kept = f"{pluralize(removal.kept, 'snapshot')} of it stay" if removal.kept else "no other of it is kept"
    why = f": {removal.why}" if removal.why else ""
    return f"{removal.id} of {title}, {_format_time(removal.taken_at)}{why}; {kept}"


def _describe_kept(state: State, store: "Store", asked: "FetchScope") -> str:
    """Return what an interrupted snapshot leaves, and the command that goes on with it."""
    import shlex

    last = next(iter(store.runs(base_url=state.settings.base_url, last=1)), None)
    words = ["lamina-graph", *(["--store", state.store_option] if state.store_option else []), "snapshot"]
    words += ["--all"] if asked.apps is None else list(asked.apps)
    words += [f"--{part}" for part in ("detail", "estimate") if getattr(asked, part)]
    recorded = pluralize(last.seen if last else 0, "app")
    return f"kept: {recorded}; to go on: {shlex.join([*words, '--resume'])}"


def _app_ids(state: State, refs: tuple[str, ...]) -> "tuple[tuple[str, ...], list[LaminaGraphError]]":
    """Return the ids of the apps that references name; name on stderr those that cannot be told."""
    ids, errors = [], []
    for ref in refs:
        try:
            ids.append(resolve_app_id(state, ref))
        except LaminaGraphError as error:
            errors.append(error)
    if not ids:
        raise errors[0]
    for problem in errors:
        output.print_error(str(problem), problem.hint)
    return tuple(ids), errors


def _choose_source(install: str | None) -> str | None:
    """Return what pip is to install: what was given, else what is installed here, as far as that is known."""
    from lamina_graph.installation import find_source, why_no_requirement

    if install is not None and (problem := why_no_requirement(install)):
        raise click.UsageError(f"--install: {problem}")
    return install or find_source()


def _write_nightly(source: str | None) -> None:
    """Write the nightly job; one that was written before its source was known is written again."""
    text, empty = _template("lamina-nightly.yml"), '""'
    unfinished = text.replace(_SOURCE, empty)
    if _NIGHTLY.exists() and source and _NIGHTLY.read_text(encoding="utf-8", errors="replace") == unfinished:
        _NIGHTLY.unlink()
    _write_file(_NIGHTLY, text.replace(_SOURCE, json.dumps(source)) if source else unfinished)
    output.print_note("add LAMINA_API_KEY to the repository's secrets, for this job")


def _template(name: str) -> str:
    return files("lamina_graph.cli").joinpath("templates", name).read_text(encoding="utf-8")


def _write_file(path: Path, content: str) -> None:
    from lamina_graph.files import write

    if path.exists():
        output.print_note(f"{path} already exists and is left as it is")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, content)
    output.print_note(f"wrote {path}")


def _print_run(done: "SyncReport") -> None:
    run = done.run
    output.print_text(
        f"{run.seen} seen: {run.new} new, {run.changed} changed, {run.unchanged} unchanged, {run.back} back; "
        f"{run.gone} gone, {run.unknown} unknown"
    )
    for event in done.gone:
        output.print_note(f"gone: {event.name or event.app_id}: {event.why}")
    for event in done.failures:
        output.print_note(f"{event.kind}: {event.name or event.app_id}: {event.why}")
    for problem in done.flawed:
        output.print_note(f"unknown: {problem}")
    if done.doubt:
        output.print_note(f"the listing may be incomplete: {done.doubt}")


def _print_fields(value: "Value") -> None:
    output.print_fields(
        (_LABELS.get(name, name.replace("_", " ")), "" if held is None else _format_value(name, held))
        for name, held in value
        if not isinstance(held, tuple)
    )


_LABELS = {"contents": "distinct contents", "size": "on disk", "canonical_size": "as JSON"}


def _format_value(name: str, held: object) -> object:
    if isinstance(held, datetime):
        return _format_time(held)
    unit = " bytes" if name in {"size", "canonical_size"} else ""
    return f"{held:,}{unit}" if isinstance(held, int) else held


def _format_end(run: "Run") -> str:
    """Return when a run finished, or why it did not."""
    if run.error:
        return f"failed: {run.error}"
    return f"finished {_format_time(run.finished_at)}" if run.finished_at else ""


def _format_time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _create_store(state: State) -> "Store":
    """Return the store, made where there is none; say so, since a mistyped name would show here."""
    store = state.store(create=True)
    if store.created:
        output.print_note(f"a new store was made: {store.url}")
    return store
