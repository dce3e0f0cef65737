"""The command that reports on a whole catalogue."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lamina_graph.batch import MANY, choose_executor
from lamina_graph.cli import options, output
from lamina_graph.cli.resolve import (
    NamedEntries,
    exit_on_failure,
    named_entries,
    resolve_many,
    stored_entries,
)
from lamina_graph.cli.state import State
from lamina_graph.cli.stored_entries import StoredEntries
from lamina_graph.errors import InputError

if TYPE_CHECKING:
    from lamina_graph.model import Entry, Estimate
    from lamina_graph.report.catalogue import Report, Timing

_LATELY = timedelta(days=7)
"""How long before its date a report of a store names what is new and what is gone."""

_MANY_DRAWN = 100
"""From this many pictures on, processes pay."""


@click.command("report")
@options.refs
@options.out_file
@options.open_page
@options.form(["html", "markdown", "csv", "json"], schema="report")
@click.option(
    "--at", metavar="DATE", help="Use the store's snapshots of this date; without a REF, of all apps."
)
@click.option(
    "--estimate",
    "estimates",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="What a run costs: JSON from the API, or a folder of it. Snapshots bring their own.",
)
@options.workers
@options.strict
@options.offline
@click.pass_obj
@options.example(
    "lamina-graph report samples -o report.html",
    "lamina-graph report --all -o report.html",
    "lamina-graph report --at 2026-03-09 -o then.html",
)
def report_command(
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
    from lamina_graph.report.catalogue import FORMATS, AnalysisOptions, report
    from lamina_graph.store import parse_moment

    form = output.choose_form(form, target, FORMATS, "markdown")
    prices = [estimate for path in estimates for estimate in _estimates(path)]
    how = AnalysisOptions(
        state.vocabulary, state.rules, parse_moment(at) if at else datetime.now(UTC), draw=form == "html"
    )
    with (
        _entries(state, refs, everything, at, strict, offline) as inputs,
        choose_executor(jobs, len(inputs), dask, _MANY_DRAWN if how.draw else MANY) as executor,
        output.progress_bar(inputs, "reading") as entries,
    ):
        catalogue = report(
            entries,
            title=state.report_title,
            estimates=prices,
            skipped=inputs.skipped if isinstance(inputs, NamedEntries) else (),
            timing=_timing(state, inputs, at, from_store=not refs),
            options=how,
            executor=executor,
        )
    _write(form, catalogue, target, inputs)
    _note_unused(prices, catalogue)
    exit_on_failure(_failed(inputs))


def _write(
    form: str, catalogue: "Report", target: Path | None, inputs: "Sequence[Entry] | NamedEntries"
) -> None:
    """Write a report; where nothing could be read there is nothing to say, and the command ends."""
    from lamina_graph.report.catalogue import (
        PIECES,
        files_beside,
        html_pieces,
        remove_earlier_files,
        row_summaries,
    )

    if isinstance(inputs, NamedEntries):
        inputs.print_problems()
    if not any(row.category for row in row_summaries(catalogue.rows)):
        exit_on_failure(_failed(inputs))
    beside = files_beside(catalogue, form, target)
    pieces = html_pieces(catalogue, beside) if beside else PIECES[form](catalogue)
    output.write_output(pieces, target, form)
    remove_earlier_files(form, target, beside)
    if beside:
        output.print_note(
            f"the details of the apps are in the folder {beside.folder}: keep it beside the page"
        )


def _failed(inputs: "Sequence[Entry] | NamedEntries") -> "Sequence[Entry]":
    return inputs.failed if isinstance(inputs, NamedEntries) else inputs


def _timing(
    state: State, inputs: "Sequence[Entry] | NamedEntries", at: str | None, *, from_store: bool
) -> "Timing":
    """Return of what time a report speaks; of a whole store also what came and went in the week before."""
    from lamina_graph.report.catalogue import News, Timing
    from lamina_graph.store import parse_moment

    stored = inputs.places if isinstance(inputs, StoredEntries | NamedEntries) else inputs
    taken = sorted(each.taken_at for each in stored if each.taken_at)
    asked = parse_moment(at) if at else None
    timing = Timing(at=asked, snapshots=(taken[0], taken[-1]) if taken else None)
    runs = state.store().runs() if from_store and taken else ()
    if not runs:
        return timing
    until = asked or max(taken[-1], runs[0].started_at)
    since = max(until - _LATELY, runs[-1].closed_at or runs[-1].started_at)
    apps = state.store().apps()
    new = [app.app_id for app in apps if since < app.appeared_at <= until]
    gone = [app.name or app.app_id for app in apps if app.gone_at and since < app.gone_at <= until]
    return timing.model_copy(update={"news": News(since=since, new=tuple(new), gone=tuple(gone))})


@contextmanager
def _entries(
    state: State, refs: Sequence[str], everything: bool, at: str | None, strict: bool, offline: bool
) -> "Iterator[Sequence[Entry] | NamedEntries]":
    if at and not refs:
        yield stored_entries(state, at)
    elif everything or not refs:
        yield resolve_many(state, refs, everything, offline=offline).entries
    else:
        dated = [f"{ref}@{at}" if at else ref for ref in refs]
        with named_entries(state, dated, strict=strict, offline=offline) as entries:
            yield entries


def _estimates(path: Path) -> "Iterator[Estimate]":
    """Yield the estimate in a file, or those below a folder, whose other files are named on stderr.

    Raises:
        InputError: a part of the folder cannot be read.
    """
    from lamina_graph.files import load_estimate
    from lamina_graph.refs import list_workflow_files

    if path.is_file():
        yield load_estimate(path)
        return
    files, unreadable = list_workflow_files(str(path))
    if unreadable:
        raise unreadable[0][1]
    for file in (file for file in files if file.suffix.lower() == ".json"):
        try:
            yield load_estimate(file)
        except InputError as error:
            output.print_note(f"skipped {error}")


def _note_unused(estimates: "Sequence[Estimate]", made: "Report") -> None:
    """Name on stderr the apps that have an estimate and are not in the report."""
    from lamina_graph.report.catalogue import row_summaries

    reported = {row.app_id for row in row_summaries(made.rows)}
    for app_id in sorted({estimate.app_id for estimate in estimates} - reported):
        output.print_note(f"not in the report, though there is an estimate for it: {app_id}")
