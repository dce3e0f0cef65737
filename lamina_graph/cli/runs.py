"""Commands about runs: run, runs."""

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.state import State

if TYPE_CHECKING:
    from lamina_graph.model import Estimate, Run
    from lamina_graph.runs import Delivery, Request, Saved

STATUSES = ("queued", "running", "completed", "failed", "cancelled")
json_file = click.Path(exists=True, dir_okay=False, path_type=Path)
download_to = click.option(
    "--download",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the finished outputs into this folder.",
)
timeout = click.option(
    "--timeout",
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="Stop following after so long; the run goes on.",
)
every = click.option(
    "--every",
    type=click.FloatRange(0.01),
    metavar="SECONDS",
    help="Pause between two looks; by default 3, growing to 5.",
)


@click.command("run")
@click.argument("ref", metavar="APP")
@click.option(
    "-i",
    "--input",
    "words",
    multiple=True,
    metavar="NAME=VALUE",
    help="An input; repeatable, also for several values of one.",
)
@click.option("--inputs", "file", type=json_file, help="A JSON object with inputs by name; -i wins over it.")
@click.option("--output", "labels", multiple=True, metavar="LABEL", help="Only this output; repeatable.")
@click.option("--webhook", metavar="URL", help="Where the API delivers the finished run.")
@click.option("--yes", is_flag=True, help="Start without asking: the credits may be spent.")
@click.option("--dry-run", is_flag=True, help="Check, tell the cost, show the request, and start nothing.")
@click.option("--wait", is_flag=True, help="Follow the run to its end.")
@timeout
@every
@download_to
@options.as_json("run, or request with --dry-run")
@click.pass_obj
@options.example(
    "lamina-graph run Cartoonify -i photo=https://example.com/me.jpg --wait",
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
    timeout: float | None,
    every: float | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Start an app, which costs credits.

    The inputs are checked first, and what the run costs is told. A terminal asks; elsewhere --yes is needed.
    With --wait (or --download) the exit status is 3 where the run, or one of its outputs, failed.
    """
    from lamina_graph.runs import pairs, request

    client = state.client()
    app = client.app(state.app_id(ref))
    wanted = request(app, {**_inputs_in(file), **pairs(words)}, labels, webhook=webhook)
    estimate = client.estimate(app.app_id)
    output.print_note(output.describe_cost(estimate))
    if dry_run:
        _show_request(wanted, estimate, as_json)
        return
    if not _agreed(yes):
        output.print_note("nothing was started")
        click.get_current_context().exit(2)
    started = client.start(wanted.app_id, wanted.inputs, wanted.outputs, webhook=wanted.webhook)
    output.print_note(f"started: `lamina-graph runs wait {shlex.quote(started.run_id)}` follows the run")
    if wait or folder:
        _finish(state, started.run_id, timeout, every, folder, as_json)
    elif as_json:
        _emit(started)
    else:
        output.print_text(started.run_id)


@click.group("runs")
def runs_group() -> None:
    """Look at runs, follow them, cancel them, receive their webhooks."""


@runs_group.command("get")
@click.argument("run_id", metavar="RUNID")
@download_to
@options.as_json("run")
@click.pass_obj
@options.example("lamina-graph runs get 0f6e0c4e-... --download outputs")
def get_command(state: State, run_id: str, folder: Path | None, as_json: bool) -> None:
    """Show how a run stands, with its outputs and their errors.

    Exit status 3 where the run, or one of its outputs, failed.
    """
    _tell(state.client().run(run_id), folder, as_json)


@runs_group.command("wait")
@click.argument("run_id", metavar="RUNID")
@timeout
@every
@download_to
@options.as_json("run")
@click.pass_obj
@options.example("lamina-graph runs wait 0f6e0c4e-... --timeout 600 --download outputs")
def wait_command(
    state: State,
    run_id: str,
    timeout: float | None,
    every: float | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Follow a run to its end and show its outputs.

    Exit status 3 where the run, or one of its outputs, failed; 2 where the time was up before.
    """
    _finish(state, run_id, timeout, every, folder, as_json)


@runs_group.command("list")
@click.option("--app", "ref", metavar="APP", help="Only runs of this app.")
@click.option("--status", type=click.Choice(STATUSES), help="Only those that stand so.")
@click.option("--since", metavar="WHEN", help="Only those of a span (2h, 7d), or from a date on (UTC).")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most this many.")
@click.option("--offset", type=click.IntRange(0), metavar="N", help="Leave out this many at the start.")
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
    from lamina_graph.cli.schemas import row
    from lamina_graph.store import parse_moment

    found = state.client().runs(
        app_id=state.app_id(ref) if ref else None,
        status=status,
        since=parse_moment(since, now=datetime.now(UTC), end=False) if since else None,
        limit=limit,
        offset=offset,
    )
    if as_json:
        output.print_json([row("runs", each) for each in found])
        return
    output.print_table(
        ["Run", "Status", "Outputs", "Created", "App", "Error"],
        [
            (
                r.run_id,
                r.status,
                _tally(r),
                _minute(r.created_at),
                r.workflow_name or r.workflow_id,
                r.problem,
            )
            for r in found
        ],
    )
    output.print_note(f"{len(found)} run{'' if len(found) == 1 else 's'}")


@runs_group.command("cancel")
@click.argument("run_id", metavar="RUNID")
@options.as_json("run")
@click.pass_obj
@options.example("lamina-graph runs cancel 0f6e0c4e-...")
def cancel_command(state: State, run_id: str, as_json: bool) -> None:
    """Ask for the end of a run; what has begun may not be stoppable."""
    found = state.client().cancel(run_id)
    if as_json:
        _emit(found)
    else:
        output.print_text(f"{found.run_id}  {found.status}")


@runs_group.command("receive")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    default=8765,
    show_default=True,
    help="0: any free one.",
)
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("deliveries"),
    show_default=True,
    help="Where each body goes as it came, as RUNID.json.",
)
@click.option("--count", type=click.IntRange(1), metavar="N", help="Stop after so many good deliveries.")
@click.pass_obj
@options.example("lamina-graph runs receive --port 8765 -o deliveries")
def receive_command(state: State, port: int, folder: Path, count: int | None) -> None:
    """Receive webhooks on this machine; check and keep them.

    A kept file can be laid over the graph: `lamina-graph render APP --run deliveries/RUNID.json`. To be
    reached from outside, the port needs a tunnel.
    """
    from lamina_graph.runs import receiving

    with receiving(folder, state.client().signing_keys(), port=port) as receiver:
        output.print_note(f"receiving at {receiver.url}; Ctrl-C ends it")
        left = count
        while left is None or left > 0:
            delivery = receiver.next()
            _print_delivery(delivery)
            if left is not None and delivery.run and not delivery.again:
                left -= 1


def _inputs_in(file: Path | None) -> Mapping[str, Any]:
    from lamina_graph.errors import InputError
    from lamina_graph.files import parse
    from lamina_graph.validation import value_kind

    if file is None:
        return {}
    try:
        found = parse(file.read_bytes())
    except ValueError as error:
        raise InputError(f"{file}: not JSON: {error}", _INPUTS) from error
    if not isinstance(found, dict):
        raise InputError(f"{file}: expected a JSON object, found {value_kind(found)}", _INPUTS)
    return found


_INPUTS = 'Inputs are an object such as {"photo": "https://example.com/me.jpg"}.'


def _agreed(yes: bool) -> bool:
    """Tell whether the credits may be spent: a terminal is asked."""
    if yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError("starting costs credits; where no terminal can be asked, say --yes")
    return click.confirm("Start it?", err=True)


def _show_request(wanted: "Request", estimate: "Estimate", as_json: bool) -> None:
    from urllib.parse import quote

    from lamina_graph.cli.schemas import Planned, row

    query = f"?webhook={quote(wanted.webhook, safe='')}" if wanted.webhook else ""
    body = {"inputs": wanted.inputs, **({"outputs": wanted.outputs} if wanted.outputs else {})}
    told = Planned(path=f"/v1/apps/{wanted.app_id}/runs{query}", body=body, estimate=estimate)
    if as_json:
        output.print_json(row("request", told))
    else:
        output.print_text(f"{told.method} {told.path}\n{output.to_json(body)}")
    output.print_note("nothing was started")


def _finish(
    state: State,
    run_id: str,
    timeout: float | None,
    every: float | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    from lamina_graph.runs import Pauses, follow

    pauses = Pauses(every, every) if every else Pauses()
    with _progress() as show:
        found = follow(state.client(), run_id, pauses=pauses, timeout=timeout, progress=show)
    _tell(found, folder, as_json)
    if not found.finished:
        output.print_note(
            f"the time is up, and the run goes on: `lamina-graph runs wait {shlex.quote(run_id)}`"
        )
        click.get_current_context().exit(2)


@contextmanager
def _progress() -> "Iterator[Callable[[Run], None]]":
    """Give a function that shows how far a run is: a bar, on a terminal alone."""
    if not sys.stderr.isatty():
        yield lambda run: None
        return
    with output.progress_counter("outputs") as show:
        yield lambda run: show(sum(each.state != "pending" for each in run.outputs), len(run.outputs))


def _tell(found: "Run", folder: Path | None, as_json: bool) -> None:
    """Print a run, bring its outputs to disk where asked, and exit with what it came to."""
    from lamina_graph.runs import download

    saved = download(found, folder) if folder else ()
    if as_json:
        _emit(found, saved)
    else:
        _print_run(found, saved)
    lost = [each for each in saved if each.problem]
    for each in lost:
        output.print_error(f"{each.output} could not be downloaded: {each.problem}")
    if found.finished and not found.succeeded:
        click.get_current_context().exit(3)
    if lost:
        click.get_current_context().exit(2)


def _emit(found: "Run", saved: "tuple[Saved, ...]" = ()) -> None:
    from lamina_graph.cli.schemas import RunReport, row

    output.print_json(row("run", RunReport.model_validate({**found.model_dump(), "files": saved})))


def _print_run(found: "Run", saved: "tuple[Saved, ...]") -> None:
    took = "" if found.seconds is None else f" in {found.seconds:g} s"
    output.print_text(f"{found.run_id}  {found.status}{took if found.finished else ''}, {_tally(found)}")
    files: dict[int, list[str]] = {}
    for each in saved:
        files.setdefault(each.place, []).append(each.path or "")
    output.print_table(
        ["Output", "Type", "State", "Result"],
        [
            (o.title, o.type, o.state, o.problem or ", ".join(files.get(place, ())) or _value(o.value))
            for place, o in enumerate(found.outputs, 1)
        ],
    )
    if found.problem:
        output.print_error(found.problem)


def _tally(run: "Run") -> str:
    states = [each.state for each in run.outputs]
    counts = [f"{states.count('done')} of {len(states)} outputs"]
    counts += [f"{len(run.failures)} failed"] * bool(run.failures)
    return ", ".join(counts)


def _value(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _minute(stamp: str | None) -> str:
    return (stamp or "")[:16].replace("T", " ")


def _print_delivery(delivery: "Delivery") -> None:
    if delivery.run is None:
        output.print_error(f"turned away: {delivery.problem}")
    else:
        again = " (again)" if delivery.again else ""
        output.print_text(f"{delivery.run.run_id}  {delivery.run.status}  {delivery.path}{again}")
