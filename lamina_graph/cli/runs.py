"""Commands about runs: run, runs."""

import json
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack
from urllib.parse import quote

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.resolve import resolve_app_id
from lamina_graph.cli.run_text import count_outputs, describe_media, describe_quality
from lamina_graph.cli.state import State
from lamina_graph.cli.table import Column
from lamina_graph.errors import InputError
from lamina_graph.text import pluralize
from lamina_graph.validation_errors import value_kind

if TYPE_CHECKING:
    from lamina_graph.model import Estimate, Run, RunOutput
    from lamina_graph.runs import Delivery, DownloadedFile, Request

F = TypeVar("F", bound=Callable[..., Any])

STATUSES = ("queued", "running", "completed", "failed", "cancelled")
RUN_COLUMNS = (
    Column("Run", "word", 0),
    Column("Status", "word", 0),
    Column("Outputs", "word", 1),
    Column("Created", "word", 2),
    Column("App", "reason"),  # its id where the API gives no name, and ids are never cut
    Column("Error", "reason"),
)


def download_options(function: F) -> F:
    """Give a command the options to write the outputs of a run."""
    allow = click.option(
        "--allow-private",
        is_flag=True,
        help="Also download from this machine and private networks, not from public addresses alone.",
    )
    to = click.option(
        "--download",
        "folder",
        type=click.Path(file_okay=False, path_type=Path),
        help="Write the finished outputs into this folder.",
    )
    return to(allow(function))


class Following(TypedDict):
    """How a run is followed: the parameters that `follow_options` gives a command."""

    timeout: float | None
    every: float | None
    folder: Path | None
    allow_private: bool
    as_json: bool


def follow_options(schema: str) -> Callable[[F], F]:
    """Return a decorator that gives a command the options to follow a run to its end, and its JSON."""
    timeout = click.option(
        "--timeout",
        type=click.FloatRange(0),
        metavar="SECONDS",
        help="Stop waiting after this long; the run goes on.",
    )
    every = click.option(
        "--every",
        type=click.FloatRange(0.01),
        metavar="SECONDS",
        help="Poll this often; by default the API sends events, or is polled every 3 to 5 s.",
    )
    return lambda function: timeout(every(download_options(options.as_json(schema)(function))))


@click.command("run")
@click.argument("ref", metavar="APP", shell_complete=options.complete_apps)
@click.option(
    "-i",
    "--input",
    "words",
    multiple=True,
    metavar="NAME=VALUE",
    help="An input; repeat it for several inputs, or for several values of one.",
)
@click.option(
    "--inputs", "file", type=options.input_file, help="A JSON object of inputs by name; -i overrides it."
)
@click.option("--output", "labels", multiple=True, metavar="LABEL", help="Only this output; repeatable.")
@click.option("--webhook", metavar="URL", help="URL to which the API sends the finished run.")
@click.option("--yes", is_flag=True, help="Start without asking whether to spend the credits.")
@click.option(
    "--dry-run", is_flag=True, help="Check the inputs, show the cost and the request; start nothing."
)
@click.option("--wait", is_flag=True, help="Wait until the run has finished.")
@follow_options("run, or request with --dry-run")
@click.pass_obj
@options.example(
    "lamina-graph run Cartoonify -i your_photo=https://example.com/me.png --wait",
    "lamina-graph run Cartoonify --inputs inputs.json --yes --json",
)
def run_command(
    state: State,
    ref: str,
    words: tuple[str, ...],
    file: Path | None,
    labels: tuple[str, ...],
    webhook: str | None,
    yes: bool,
    dry_run: bool,
    wait: bool,
    **following: Unpack[Following],
) -> None:
    """Run an app, which costs credits.

    The inputs are checked and the cost is shown before anything starts. On a terminal you are asked;
    elsewhere --yes is needed. With --wait or --download the exit status is 3 if the run or one of its outputs
    failed.
    """
    from lamina_graph.runs import build_request, parse_inputs

    client = state.client()
    app = client.app(resolve_app_id(state, ref))
    request = build_request(app, {**_read_inputs(file), **parse_inputs(words)}, labels, webhook=webhook)
    estimate = client.estimate(app.app_id)
    output.print_note(output.describe_cost(estimate))
    if dry_run:
        _print_request(request, estimate, following["as_json"])
        return
    if not _confirm(yes):
        output.print_note("nothing was started")
        click.get_current_context().exit(2)
    with output.explain_interrupt(lambda: _describe_unknown_start(app.app_id)):
        started = client.start(request.app_id, request.inputs, request.outputs, webhook=request.webhook)
    output.print_note(f"started: `lamina-graph runs wait {shlex.quote(started.run_id)}` follows the run")
    if wait or following["folder"]:
        _follow(state, started.run_id, **following)
    elif following["as_json"]:
        _print_json(started)
    else:
        output.print_text(started.run_id)


@click.group("runs")
def runs_group() -> None:
    """List, inspect, wait for and cancel runs; receive their webhooks."""


@runs_group.command("get")
@click.argument("run_id", metavar="RUNID")
@download_options
@options.as_json("run")
@click.pass_obj
@options.example("lamina-graph runs get 0f6e0c4e-... --download outputs")
def get_command(state: State, run_id: str, folder: Path | None, allow_private: bool, as_json: bool) -> None:
    """Show the status of a run, its outputs and their errors.

    Exit status 3 if the run or one of its outputs failed.
    """
    _finish(state.client().run(run_id), folder, allow_private, as_json)


@runs_group.command("wait")
@click.argument("run_id", metavar="RUNID")
@follow_options("run")
@click.pass_obj
@options.example("lamina-graph runs wait 0f6e0c4e-... --timeout 600 --download outputs")
def wait_command(state: State, run_id: str, **following: Unpack[Following]) -> None:
    """Wait until a run has finished and show its outputs.

    Exit status 3 if the run or one of its outputs failed; 2 if the timeout passed first.
    """
    _follow(state, run_id, **following)


@runs_group.command("list")
@click.option(
    "--app", "ref", metavar="APP", shell_complete=options.complete_apps, help="Only runs of this app."
)
@click.option("--status", type=click.Choice(STATUSES), help="Only runs with this status.")
@click.option("--since", metavar="WHEN", help="Only runs of this span (2h, 7d), or since a date (UTC).")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most this many.")
@click.option("--offset", type=click.IntRange(0), metavar="N", help="Skip this many at the start.")
@options.as_json("runs")
@click.pass_obj
@options.example(
    "lamina-graph runs list --app Cartoonify --since 2h", "lamina-graph runs list --status failed"
)
def list_command(
    state: State,
    ref: str | None,
    status: str | None,
    since: str | None,
    limit: int | None,
    offset: int | None,
    as_json: bool,
) -> None:
    """List runs."""
    from lamina_graph.cli.json_rows import row
    from lamina_graph.store import parse_moment

    runs = state.client().runs(
        app_id=resolve_app_id(state, ref) if ref else None,
        status=status,
        since=parse_moment(since, now=datetime.now(UTC), end=False) if since else None,
        limit=limit,
        offset=offset,
    )
    if as_json:
        output.print_json([row("runs", run) for run in runs])
    else:
        output.print_table(RUN_COLUMNS, map(_run_cells, runs))
        output.print_note(pluralize(len(runs), "run"))


@runs_group.command("cancel")
@click.argument("run_id", metavar="RUNID")
@options.as_json("run")
@click.pass_obj
@options.example("lamina-graph runs cancel 0f6e0c4e-...")
def cancel_command(state: State, run_id: str, as_json: bool) -> None:
    """Request cancellation of a run; steps that have started may still finish."""
    run = state.client().cancel(run_id)
    if as_json:
        _print_json(run)
    else:
        output.print_text(f"{run.run_id}  {run.status}")


@runs_group.command("receive")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    default=8765,
    show_default=True,
    help="Port to listen on; 0 takes any free one.",
)
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("deliveries"),
    show_default=True,
    help="Folder in which each body is kept as it came, as RUNID.json.",
)
@click.option("--count", type=click.IntRange(1), metavar="N", help="Stop after this many valid deliveries.")
@click.pass_obj
@options.example("lamina-graph runs receive --port 8765 -o deliveries")
def receive_command(state: State, port: int, folder: Path, count: int | None) -> None:
    """Receive webhooks on this machine, check their signatures and keep them.

    A kept file shows the run on its graph: `lamina-graph render APP --run deliveries/RUNID.json`. For
    deliveries from outside, a tunnel must lead to the port.
    """
    from lamina_graph.runs import serve_webhooks

    with serve_webhooks(folder, state.client().signing_keys(), port=port) as webhooks:
        output.print_note(f"receiving at {webhooks.url}; Ctrl-C ends it")
        received = 0
        while count is None or received < count:
            delivery = webhooks.next()
            _print_delivery(delivery)
            received += bool(delivery.run and not delivery.again)


def _read_inputs(file: Path | None) -> Mapping[str, Any]:
    from lamina_graph.files import parse

    if file is None:
        return {}
    try:
        inputs = parse(file.read_bytes())
    except ValueError as error:
        raise InputError(f"{file}: not JSON: {error}", _INPUTS) from error
    if not isinstance(inputs, dict):
        raise InputError(f"{file}: expected a JSON object, found {value_kind(inputs)}", _INPUTS)
    return inputs


def _describe_unknown_start(app_id: str) -> str:
    """Return what an interrupted start leaves open, and how to look."""
    command = f"lamina-graph runs list --app {shlex.quote(app_id)} --since 1h"
    return f"the run may have started: `{command}` lists it if it has"


_INPUTS = 'Inputs are an object such as {"photo": "https://example.com/me.jpg"}.'


def _confirm(yes: bool) -> bool:
    """Return whether the credits may be spent: a terminal is asked."""
    if yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError("starting a run costs credits; without a terminal to ask on, add --yes")
    return click.confirm("Start it?", err=True)


def _print_request(request: "Request", estimate: "Estimate", as_json: bool) -> None:
    from lamina_graph.cli.json_rows import row
    from lamina_graph.cli.schemas import Planned

    query = f"?webhook={quote(request.webhook, safe='')}" if request.webhook else ""
    body = {"inputs": request.inputs, **({"outputs": request.outputs} if request.outputs else {})}
    planned = Planned(path=f"/v1/apps/{request.app_id}/runs{query}", body=body, estimate=estimate)
    if as_json:
        output.print_json(row("request", planned))
    else:
        output.print_text(f"{planned.method} {planned.path}\n{output.to_json(body)}")
    output.print_note("nothing was started")


def _follow(state: State, run_id: str, **following: Unpack[Following]) -> None:
    from lamina_graph.cli.live import live_run
    from lamina_graph.runs import PollInterval, follow

    every, timeout = following["every"], following["timeout"]
    interval = PollInterval(every, every) if every else None
    goes_on = f"the run goes on: `lamina-graph runs wait {shlex.quote(run_id)}`"
    with output.explain_interrupt(lambda: goes_on), live_run(state) as show:
        run = follow(state.client(), run_id, interval=interval, timeout=timeout, progress=show)
    _finish(run, following["folder"], following["allow_private"], following["as_json"])
    if not run.finished:
        output.print_note(f"the timeout has passed; {goes_on}")
        click.get_current_context().exit(2)


def _finish(run: "Run", folder: Path | None, allow_private: bool, as_json: bool) -> None:
    """Print a run, write its outputs where asked, and exit with the status that it came to."""
    from lamina_graph.runs import download

    files = download(run, folder, allow_private=allow_private) if folder else ()
    if as_json:
        _print_json(run, files)
    else:
        _print_run(run, files)
    lost = [file for file in files if file.problem]
    for file in lost:
        output.print_error(f"{file.output} could not be downloaded: {file.problem}")
    if run.finished and not run.succeeded:
        click.get_current_context().exit(3)
    if lost:
        click.get_current_context().exit(2)


def _print_json(run: "Run", files: "tuple[DownloadedFile, ...]" = ()) -> None:
    from lamina_graph.cli.json_rows import row
    from lamina_graph.cli.schemas import RunReport

    output.print_json(row("run", RunReport.model_validate({**run.model_dump(), "files": files})))


def _print_run(run: "Run", files: "tuple[DownloadedFile, ...]") -> None:
    duration = f" in {run.seconds:g} s" if run.finished and run.seconds is not None else ""
    output.print_text(f"{run.run_id}  {run.status}{duration}, {count_outputs(run)}")
    if quality := describe_quality(run):
        output.print_text(quality)
    paths: dict[int, list[str]] = {}
    for file in files:
        paths.setdefault(file.place, []).append(file.path or "")
    sizes = [describe_media(each) for each in run.outputs]
    size = [Column("Size", "word")] if any(sizes) else []
    output.print_table(
        [
            Column("Output", "name", 0),
            Column("Type", "word"),
            Column("State", "word", 0),
            *size,
            Column("Result", "reason"),
        ],
        [
            (
                o.title,
                o.type,
                o.state,
                *sizes[place - 1 : place if size else 0],
                _result(o, paths.get(place, ())),
            )
            for place, o in enumerate(run.outputs, 1)
        ],
    )
    if run.problem:
        output.print_error(run.problem)


def _result(output_: "RunOutput", paths: "Sequence[str]") -> str:
    """Return what came of an output: its error, else its files, else its value."""
    return output_.problem or ", ".join(paths) or _value(output_.value)


def _run_cells(run: "Run") -> tuple[str | None, ...]:
    created = (run.created_at or "")[:16].replace("T", " ")
    app = run.workflow_name or run.workflow_id
    return run.run_id, run.status, count_outputs(run), created, app, run.problem


def _value(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _print_delivery(delivery: "Delivery") -> None:
    if delivery.run is None:
        output.print_error(f"rejected: {delivery.problem}")
    else:
        again = " (again)" if delivery.again else ""
        output.print_text(f"{delivery.run.run_id}  {delivery.run.status}  {delivery.path}{again}")
