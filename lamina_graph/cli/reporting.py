"""The command that reports on a whole catalogue."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.pictures import by_ending
from lamina_graph.cli.state import MANY, State, end_on_failure, end_where_none
from lamina_graph.errors import InputError

_MANY_DRAWN = 100
"""From this many pictures on, processes pay."""

if TYPE_CHECKING:
    from lamina_graph.model import Estimate
    from lamina_graph.refs import Resolved
    from lamina_graph.report import Report

PAGES = ("html", "markdown", "csv", "json")


@click.command()
@click.argument("refs", metavar="[REF...]", nargs=-1)
@options.out_file
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(PAGES),
    help="By default what the file's ending says.",
)
@click.option("--all", "everything", is_flag=True, help="Report on every app of the store.")
@click.option("--at", metavar="DATE", help="What the store had on this date; of all its apps, without a REF.")
@click.option(
    "--estimate",
    "estimates",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="What a run costs: JSON as the API gave it, or a folder of it. Snapshots bring their own.",
)
@options.jobs
@options.dask
@options.strict
@options.offline
@click.pass_obj
@options.example(
    "lamina-graph report samples -o report.html",
    "lamina-graph report --all -o report.html",
    "lamina-graph report --at 2026-03-09 -o then.html",
)
def report(
    state: State,
    refs: tuple[str, ...],
    target: Path | None,
    form: str | None,
    everything: bool,
    at: str | None,
    estimates: tuple[Path, ...],
    jobs: int | None,
    dask: str | None,
    strict: bool,
    offline: bool,
) -> None:
    """Report on a catalogue as HTML, Markdown, CSV or JSON.

    The HTML is one file that works offline.
    """
    from lamina_graph.report import report as reported
    from lamina_graph.report.catalogue.build import FORMATS

    form = form or by_ending(target, FORMATS, "markdown")
    found = _named(state, refs, everything, at, strict, offline)
    end_where_none(found.entries)
    prices = [each for path in estimates for each in _estimates(path)]
    with (
        state.executor(jobs, len(found.entries), dask, _MANY_DRAWN if form == "html" else MANY) as executor,
        output.progress(found.entries, "reading") as values,
    ):
        made = reported(
            values,
            title=state.report_title,
            estimates=prices,
            skipped=found.skipped,
            now=_seen(at),
            executor=executor,
            vocabulary=state.vocabulary,
            rules=state.rules,
            drawn=form == "html",
        )
    output.deliver(getattr(made, form), target)
    _note_idle(prices, made)
    end_on_failure(found.entries)


def _named(
    state: State, refs: Sequence[str], everything: bool, at: str | None, strict: bool, offline: bool
) -> "Resolved":
    from lamina_graph.refs import Resolved

    if everything and refs:
        raise click.UsageError("--all takes every app of the store; leave out the REFs")
    if not (refs or everything or at):
        raise click.UsageError("name some REFs, or take the store's apps with --all or --at")
    if not refs:
        return Resolved(state.stored(at), [])
    return state.resolved([f"{ref}@{at}" if at else ref for ref in refs], strict=strict, offline=offline)


def _seen(at: str | None) -> datetime:
    """When the catalogue was as it is reported on."""
    from lamina_graph.store import parse_moment

    return parse_moment(at) if at else datetime.now(UTC)


def _estimates(path: Path) -> "Iterator[Estimate]":
    """The estimate in a file, or those below a folder, whose other files are named on stderr."""
    from lamina_graph.files import load_estimate

    if path.is_file():
        yield load_estimate(path)
        return
    for file in sorted(path.rglob("*.json"), key=Path.as_posix):
        try:
            yield load_estimate(file)
        except InputError as error:
            output.note(f"skipped {error}")


def _note_idle(estimates: "Sequence[Estimate]", made: "Report") -> None:
    """Name on stderr what has an estimate and is not in the report."""
    known = {row.app_id for row in made.rows}
    for app_id in sorted({each.app_id for each in estimates} - known):
        output.note(f"not in the report, though there is an estimate of it: {app_id}")
