"""Commands that talk to the API: auth status, apps, app, fetch."""

import json
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.folder import OutputFolder
from lamina_graph.cli.resolve import (
    exit_on_failure,
    fetch_all,
    list_apps,
    resolve,
    resolve_app_id,
    resolve_workflow,
)
from lamina_graph.cli.state import State
from lamina_graph.cli.table import Column
from lamina_graph.text import pluralize

if TYPE_CHECKING:
    from lamina_graph.client import AppRows, FlawedRow
    from lamina_graph.model import App, AppSummary, Discovery, Entry, Estimate, Parameter
    from lamina_graph.settings import Settings
    from lamina_graph.sync import Listing

_VISIBLE_TO = {True: "everyone", False: "workspace", None: ""}


@click.group("auth")
def auth_group() -> None:
    """Show which credentials are used."""


@auth_group.command("status")
@options.as_json("auth")
@click.pass_obj
@options.example("lamina-graph auth status")
def status_command(state: State, as_json: bool) -> None:
    """Show the credentials in use and until when they last.

    Never the key itself. Exit status 4 if there are none, or if they have expired.
    """
    settings = state.settings
    known = settings.describe()
    if as_json:
        output.print_json({"schema": "auth/1", **known})
    else:
        shown = {
            **known,
            "credentials": known["credentials"] or "none",
            "expires": f"{settings.expires_at:%Y-%m-%d %H:%M} UTC" if settings.expires_at else "",
            "renewable": "yes, a minute before it expires" if known["renewable"] else "",
            "login_ends": _describe_end(settings),
            "warnings": "\n".join(known["warnings"]),
        }
        output.print_fields((name.replace("_", " "), value) for name, value in shown.items() if value)
    if not settings.has_credentials:
        output.print_note("set LAMINA_API_KEY, or run `lamina login`")
    if not settings.has_credentials or (settings.is_expired() and not settings.is_renewable):
        click.get_current_context().exit(4)


def _describe_end(settings: "Settings") -> str:
    """Return until when a login can be renewed, as far as that is known."""
    ends = settings.login_ends
    if ends is None:
        return ""
    return (
        f"about {ends:%Y-%m-%d} if it is not used before"
        if settings.is_renewable
        else f"{ends:%Y-%m-%d %H:%M} UTC"
    )


@click.command("apps")
@click.option("--search", metavar="TEXT", help="Only apps that match this text.")
@click.option(
    "--discover", "intent", metavar="INTENT", help="Apps that may do this, in plain words, and why."
)
@click.option(
    "--max-credits", type=click.FloatRange(0), metavar="N", help="With --discover: what a run may cost."
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Show at most this many.")
@options.as_json("app-summary, or app-match with --discover")
@click.pass_obj
@options.example(
    "lamina-graph apps --search try-on", 'lamina-graph apps --discover "dress a model in my jacket"'
)
def apps_command(
    state: State,
    search: str | None,
    intent: str | None,
    max_credits: float | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """List the apps of the catalogue, or find some by intent.

    Without --search the API lists the apps of your workspace and the top of the public ones, not all.
    """
    if intent is not None and search is not None:
        raise click.UsageError("--search matches words, --discover what you want done: leave one out")
    if max_credits is not None and intent is None:
        raise click.UsageError("--max-credits goes with --discover")
    if intent is None:
        _list_apps(state.client().app_rows(search=search, limit=limit), search, limit, as_json)
    elif not intent.strip():
        raise click.UsageError("--discover needs words that say what you want done")
    else:
        _print_matches(state.client().discover(intent, limit=limit, max_credits=max_credits), as_json)


def _list_apps(rows: "AppRows[AppSummary]", search: str | None, limit: int | None, as_json: bool) -> None:
    """Print rows of the list of apps, and whether they may be all."""
    from lamina_graph.cli.json_rows import row

    if as_json:
        output.print_json([row("app-summary", each) for each in rows.apps])
    else:
        output.print_table(
            [
                Column("App id", "word", 0),
                Column("Name", "name", 0),
                Column("Modality", "word", 2),
                Column("Visible to", "word", 3),
                Column("Takes", "name", 4),
                Column("Description", "reason"),
            ],
            [
                (a.app_id, a.name, a.modality, _VISIBLE_TO[a.is_public], _describe_inputs(a), a.description)
                for a in rows.apps
            ],
        )
    output.print_note(f"apps: {len(rows.apps)}{_describe_doubt(rows, search, limit)}")
    _end_on_flawed(rows.flawed)


def _describe_doubt(rows: "AppRows[AppSummary]", search: str | None, limit: int | None) -> str:
    """Return why the apps that are listed may not be all; empty where nothing says so."""
    if rows.rest:
        return f"; {rows.rest}"
    if limit is not None:
        return "; there may be more than --limit shows" if rows.amount >= limit else ""
    if search is not None:
        return ""
    return (
        "; the API lists the apps of your workspace and the top of the public ones, not the whole catalogue"
    )


def _describe_inputs(app: "AppSummary") -> str:
    """Return the inputs of an app as its summary names them, those that may be left out with `?`."""
    summary = (app.model_extra or {}).get("inputSummary")
    names = []
    for key, mark in (("required", ""), ("optional", "?")):
        rows = summary.get(key) if isinstance(summary, dict) else None
        for each in rows if isinstance(rows, list) else ():
            name = each.get("name") if isinstance(each, dict) else None
            names += [f"{name}{mark}"] if isinstance(name, str) else []
    return ", ".join(names)


def _print_matches(discovery: "Discovery", as_json: bool) -> None:
    """Print the apps that fit an intent, the best first, with the reason of each."""
    from lamina_graph.cli.json_rows import row

    if as_json:
        output.print_json([row("app-match", each) for each in discovery.matches])
        return
    output.print_table(
        [
            Column("App id", "word", 0),
            Column("Name", "name", 0),
            Column("Fits", "number", 1),
            Column("Credits", "number", 2),
            Column("Why", "reason"),
        ],
        [
            (
                each.app_id,
                each.name,
                None if each.relevance_score is None else f"{each.relevance_score:.0%}",
                _expected_credits(each.estimated_credits),
                each.why_match,
            )
            for each in discovery.matches
        ],
    )
    output.print_note(f"apps: {len(discovery.matches)}, as the API matches them")


def _expected_credits(estimated: object) -> str | None:
    """Return the credits of a match: a number, or the one that an estimate expects."""
    value = estimated.get("expected") if isinstance(estimated, dict) else estimated
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else None


@click.command("app")
@options.ref
@click.option("--no-estimate", is_flag=True, help="Do not ask for the cost of a run.")
@options.as_json("app")
@click.pass_obj
@options.example('lamina-graph app "Quick Reel Maker"')
def app_command(state: State, ref: str, no_estimate: bool, as_json: bool) -> None:
    """Show an app's inputs, outputs and cost, and how to run it."""
    client = state.client()
    detail = client.app(resolve_app_id(state, ref))
    estimate = None if no_estimate else client.estimate(detail.app_id)
    request = _run_line(detail)
    if as_json:
        from lamina_graph.cli.json_rows import row
        from lamina_graph.cli.schemas import AppReport

        output.print_json(row("app", AppReport(**dict(detail), estimate=estimate, request=request)))
        return
    _print_app(detail, estimate)
    output.print_text(f"\nTo run it:\n{request}")


@click.command("fetch")
@options.refs_argument("[REF...]")
@click.option("--all", "everything", is_flag=True, help="Every app that the API lists.")
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, allow_dash=True, path_type=Path),
    callback=options.none_for_dash,
    help="The folder to write to; `-` is stdout.",
)
@click.pass_obj
@options.example('lamina-graph fetch "Quick Reel Maker" > reel.json', "lamina-graph fetch --all -o workflows")
def fetch_command(state: State, refs: tuple[str, ...], everything: bool, folder: Path | None) -> None:
    """Write the JSON of workflows.

    It is canonical, so that equal workflows are equal files. One REF goes to stdout; several, or --all, to
    FOLDER/APPID.json.
    """
    from lamina_graph.files import canonical

    if everything == bool(refs):
        raise click.UsageError("name some REFs, or --all")
    if folder is None and (everything or len(refs) > 1):
        raise click.UsageError("several workflows need a folder: -o FOLDER")
    if folder is None:
        workflow = resolve_workflow(state, refs[0])
        output.write_output(canonical(workflow), None, "json")
        _end_on_unknown_edges(workflow.edges_known)
        return
    if folder.suffix == ".json" and not folder.is_dir():
        raise click.UsageError(f"-o names a folder; for one file: lamina-graph fetch REF > {folder}")
    _write_all(state, refs, list_apps(state) if everything else None, folder)


def _write_all(state: State, refs: "Sequence[str]", listed: "Listing | None", folder: Path) -> None:
    """Write what references name, or the listed apps, to files of a folder, and end with a status."""
    from lamina_graph.files import canonical

    folder.mkdir(parents=True, exist_ok=True)
    count, whole = 0, True
    failed: list[Entry] = []
    files = OutputFolder(folder, ".json")
    with output.explain_interrupt(lambda: f"kept: {pluralize(len(files), 'workflow')} in {folder}"):
        for name, entry in _fetched(state, refs, listed):
            count += 1
            if entry.workflow:
                files.write(name, entry.ref, canonical(entry.workflow))
                whole &= entry.workflow.edges_known
            else:
                failed.append(entry)
    output.print_note(f"{len(files)} of {count} workflows written to {folder}")
    if listed and len(files) == count and not listed.doubt:
        for path in sorted(path for path in folder.glob("*.json") if path.name not in files):
            output.print_note(f"{path} belongs to no listed app; it is left as it is")
    exit_on_failure(failed)
    _end_on_flawed(listed.flawed if listed else ())
    _end_on_unknown_edges(whole)


def _fetched(state: State, refs: "Sequence[str]", listed: "Listing | None") -> "Iterator[tuple[str, Entry]]":
    """Yield what references name, or the listed apps, each with what to call its file."""
    if listed:
        yield from ((entry.ref, entry) for entry in fetch_all(state, listed))
        return
    with output.progress_bar(refs, "fetching") as wanted:
        for ref in wanted:
            for entry in resolve(state, [ref]).entries:
                yield (entry.workflow and entry.workflow.app_id) or Path(entry.ref).stem, entry


def _end_on_flawed(rows: "Sequence[FlawedRow]") -> None:
    """Name the rows of a listing that are no apps, and end with a status that says so if there are any."""
    for row in rows:
        output.print_note(f"unknown: {row.problem}")
    if rows:
        click.get_current_context().exit(2)


def _end_on_unknown_edges(known: bool) -> None:
    """End with a status that says so where a workflow was written without its edges."""
    if not known:
        click.get_current_context().exit(2)


def _print_app(detail: "App", estimate: "Estimate | None") -> None:
    output.print_text(f"{detail.name}  {detail.app_id}")
    if detail.description:
        output.print_text(detail.description)
    output.print_text("\nParameters")
    output.print_table(
        [
            Column("Input", "name", 0),
            Column("Type", "word", 1),
            Column("Must be supplied", "word", 0),
            Column("Default", "name", 2),
            Column("Options", "reason"),
        ],
        [
            (p.input_name, p.type, "yes" if p.must_be_supplied else "", p.default, _options(p))
            for p in detail.parameters
        ],
    )
    output.print_text("\nOutputs")
    output.print_table(
        ["Label", Column("Type", "word")], [(each.label, each.type) for each in detail.outputs]
    )
    if estimate:
        output.print_text(f"\n{output.describe_cost(estimate)}")


def _options(parameter: "Parameter") -> str:
    return ", ".join(
        o if isinstance(o, str) else json.dumps(o, ensure_ascii=False) for o in parameter.options or ()
    )


def _run_line(detail: "App") -> str:
    """Return a command that runs an app, with a place for each input that must be supplied."""
    inputs = [("-i", f"{p.input_name}=<{p.type}>") for p in detail.parameters if p.must_be_supplied]
    return shlex.join(["lamina-graph", "run", detail.app_id, *(word for pair in inputs for word in pair)])
