"""A catalogue report: a row for each app, a summary, and its forms as a file."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from lamina_graph.errors import InputError
from lamina_graph.files import is_stream, writing
from lamina_graph.report.catalogue.build import Report, Skipped, report
from lamina_graph.report.catalogue.csv import csv
from lamina_graph.report.catalogue.files_beside import FilesBeside
from lamina_graph.report.catalogue.html import html_pieces
from lamina_graph.report.catalogue.json_form import json_pieces
from lamina_graph.report.catalogue.markdown import markdown
from lamina_graph.report.catalogue.opening import News, Phrase, Sentence, Timing
from lamina_graph.report.catalogue.packed import row_summaries
from lamina_graph.report.catalogue.rows import AnalysisOptions, AppAnalysis, Row, analyze_app

__all__ = [
    "FORMATS",
    "PIECES",
    "WRITERS",
    "AnalysisOptions",
    "AppAnalysis",
    "News",
    "Phrase",
    "Report",
    "Row",
    "Sentence",
    "Skipped",
    "Timing",
    "analyze_app",
    "csv",
    "files_beside",
    "html",
    "html_pieces",
    "json",
    "markdown",
    "remove_earlier_files",
    "report",
    "row_summaries",
    "save",
]


def html(report: Report) -> str:
    """Return a report as one page, however large."""
    return "".join(html_pieces(report))


def json(report: Report) -> str:
    """Return a report as JSON: everything but the pictures."""
    return "".join(json_pieces(report))


WRITERS: Mapping[str, Callable[[Report], str]] = {
    "html": html,
    "markdown": markdown,
    "csv": csv,
    "json": json,
}
"""The forms of a report, each with what writes it."""

PIECES: Mapping[str, Callable[[Report], Iterator[str]]] = {
    "html": html_pieces,
    "markdown": lambda report: iter([markdown(report)]),
    "csv": lambda report: iter([csv(report)]),
    "json": json_pieces,
}
"""The same, each with what writes it piece by piece, so that it need not be held."""

FORMATS: Mapping[str, str] = {
    ".htm": "html",
    ".html": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".csv": "csv",
    ".json": "json",
}
"""Which form the ending of a file's name asks for."""


MOST_IN_ONE_FILE = 2_000
"""Apps up to which a page holds everything; details and diagrams of more are in files beside it."""


def files_beside(report: Report, form: str, path: str | Path | None) -> FilesBeside | None:
    """Return where what a page does not hold is written; None where it is all in one file, or in a stream."""
    large = form == "html" and len(report.rows) > MOST_IN_ONE_FILE
    return FilesBeside(Path(path)) if large and path and not is_stream(path) else None


def remove_earlier_files(form: str, path: str | Path | None, beside: FilesBeside | None) -> None:
    """Remove what earlier runs wrote beside a page that is written now, which may have no files itself."""
    if beside is None and form == "html" and path and not is_stream(path):
        beside = FilesBeside(Path(path))
    if beside:
        beside.remove_earlier()


def save(report: Report, path: str | Path) -> None:
    """Write a report in the form that the file's ending asks for, whole or not at all.

    A page of more than 2,000 apps gets a folder beside it, in which their details and diagrams are.

    Raises:
        InputError: the ending names no form.
        OSError: the file cannot be written.
    """
    ending = Path(path).suffix.lower()
    if ending not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        raise InputError(
            f"{path}: a report cannot be written as '{ending}'",
            f"Give the file one of the endings {known}.",
        )
    form = FORMATS[ending]
    beside = files_beside(report, form, path)
    with writing(path) as file:
        for piece in html_pieces(report, beside) if beside else PIECES[form](report):
            file.write(piece.encode())
    remove_earlier_files(form, path, beside)
