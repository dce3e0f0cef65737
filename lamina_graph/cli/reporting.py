"""The command that reports on a whole catalogue."""

from pathlib import Path

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.pictures import by_ending
from lamina_graph.cli.state import State, end_on_failure

PAGES = {".html": "html", ".md": "markdown", ".csv": "csv", ".json": "json"}


@click.command()
@click.argument("refs", metavar="[REF...]", nargs=-1)
@options.out_file
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(PAGES.values()),
    help="By default what the file's ending says.",
)
@click.option("--at", metavar="DATE", help="What the store had on this date; of all its apps, without a REF.")
@options.jobs
@options.dask
@options.strict
@options.offline
@click.pass_obj
@options.example(
    "lamina-graph report samples -o report.html", "lamina-graph report --at 2026-03-09 -o then.html"
)
def report(
    state: State,
    refs: tuple[str, ...],
    target: Path | None,
    form: str | None,
    at: str | None,
    jobs: int | None,
    dask: str | None,
    strict: bool,
    offline: bool,
) -> None:
    """Report on a catalogue as HTML, Markdown, CSV or JSON.

    The HTML is one file that works offline.
    """
    from lamina_graph.report import report as reported

    if not refs and not at:
        raise click.UsageError("name some REFs, or a date with --at")
    form = form or by_ending(target, PAGES, "markdown")
    entries = state.entries_at(at, refs) if at else state.entries(refs, strict=strict, offline=offline)
    with state.executor(jobs, len(entries), dask) as executor, output.progress(entries, "reading") as values:
        made = reported(
            values,
            executor=executor,
            vocabulary=state.vocabulary,
            rules=state.rules,
            drawn=form == "html",
            title=state.report_title,
        )
    output.deliver(getattr(made, form), target)
    end_on_failure(entries)
