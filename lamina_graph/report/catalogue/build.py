"""A catalogue report: a row for each app, what is alike among them, and a summary."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from itertools import chain, count
from typing import Literal

from pydantic import Field

from lamina_graph.batch import batch
from lamina_graph.model import Entry, Estimate, Value, Workflow
from lamina_graph.report.catalogue.opening import UNDATED, Sentence, Timing, date_line, opening
from lamina_graph.report.catalogue.pictures import Pictures
from lamina_graph.report.catalogue.rows import DEFAULTS, AnalysisOptions, AppAnalysis, Row, analyze_app
from lamina_graph.report.catalogue.summary import Summary, summarize
from lamina_graph.similar import Group, Groups, grouped, share_parts
from lamina_graph.text import one_line

_CHUNK = 25
"""Apps in one task: to draw one takes far longer than to hand it over."""


class Skipped(Value):
    """A file of a folder that holds no workflow, and what it lacks."""

    path: str
    reason: str


class Report(Value):
    """A catalogue report, to be written as HTML, Markdown, CSV or JSON."""

    schema_name: Literal["report/1"] = Field(default="report/1", alias="schema")
    title: str
    date: str
    opening: tuple[Sentence, ...]
    summary: Summary
    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...] = ()
    pictures: tuple[Pictures | None, ...] = Field(default=(), exclude=True, repr=False)
    workflows: tuple[Workflow | None, ...] = Field(default=(), exclude=True, repr=False)


def report(
    entries: Iterable[Entry],
    *,
    title: str = "Lamina catalogue",
    estimates: Iterable[Estimate] = (),
    skipped: Iterable[tuple[str, str]] = (),
    timing: Timing = UNDATED,
    options: AnalysisOptions = DEFAULTS,
    executor: Executor | None = None,
) -> Report:
    """Return a report over a catalogue: a row for each entry, in order, whether it could be read or not.

    Args:
        entries: what a person named, and the workflow or the error that each gave.
        title: the heading of the report.
        estimates: what runs cost, by app id; they go before what the entries themselves carry.
        skipped: files that were left out, with the reason of each, for the report to name.
        timing: of what time the report speaks; the entries' own dates count where it does not say.
        options: how each app is analyzed, and whether it is drawn.
        executor: where the work on single apps is done; in this thread where not given.

    >>> from lamina_graph.files import load
    >>> w = load({"name": "Reels", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> made = report([Entry(ref="reels.json", workflow=w)], options=AnalysisOptions(draw=False))
    >>> made.summary.categories["video"], made.rows[0].classification.category
    (1, 'video')
    """
    work = partial(analyze_app, options=options)
    analyses = list(_with_shared_parts(batch(work, _with_estimates(entries, estimates), executor, _CHUNK)))
    alike = _alike(analyses)
    rows = _related(list(_with_versions(list(_with_unique_keys([each.row for each in analyses])))), alike)
    summary = summarize(rows, alike)
    return Report(
        title=title,
        date=date_line(timing, rows),
        opening=opening(rows, summary, timing),
        summary=summary,
        rows=rows,
        skipped=tuple(Skipped(path=path, reason=reason) for path, reason in skipped),
        pictures=tuple(analysis.pictures for analysis in analyses) if options.draw else (),
        workflows=tuple(analysis.workflow for analysis in analyses) if options.draw else (),
    )


def _with_estimates(entries: Iterable[Entry], estimates: Iterable[Estimate]) -> Iterator[Entry]:
    by_app = {estimate.app_id: estimate for estimate in estimates}
    for entry in entries:
        estimate = by_app.get((entry.workflow and entry.workflow.app_id) or "")
        yield entry.model_copy(update={"estimate": estimate}) if estimate else entry


def _with_shared_parts(analyses: Iterable[AppAnalysis]) -> Iterator[AppAnalysis]:
    """Yield analyses as they come, so small that those of many apps can be held."""
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    for each in analyses:
        yield each._replace(fingerprint=each.fingerprint and share_parts(each.fingerprint, known))


def _with_unique_keys(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows, each with an app's id as its key where one row has it, else the ref, numbered."""
    wanted = Counter(row.key for row in rows)
    taken: set[str] = set()
    for row in rows:
        first = row.key if wanted[row.key] == 1 else one_line(row.ref)
        keys = chain([first], (f"{first}~{n}" for n in count(2)))
        key = next(key for key in keys if key not in taken)
        taken.add(key)
        yield row.model_copy(update={"key": key})


def _with_versions(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows, each that holds an older version of an app with the key of the newest one."""
    newest: dict[str, Row] = {}
    for row in rows:
        known = newest.get(row.app_id or "")
        if row.app_id and (known is None or _moment(row) > _moment(known)):
            newest[row.app_id] = row
    for row in rows:
        last = newest.get(row.app_id or "", row)
        yield row if last is row else row.model_copy(update={"newer": last.key})


def _moment(row: Row) -> float:
    return row.newest.timestamp() if row.newest else 0.0


def _alike(analyses: Sequence[AppAnalysis]) -> Groups:
    """Return what is alike among the entries that could be read, by their numbers among all entries."""
    numbers = [number for number, analysis in enumerate(analyses) if analysis.fingerprint]
    groups = grouped(analysis.fingerprint for analysis in analyses if analysis.fingerprint)
    return Groups(
        **{
            kind: tuple(
                Group(members=tuple(numbers[member] for member in group.members), why=group.why)
                for group in members
            )
            for kind, members in groups
        }
    )


def _related(rows: Sequence[Row], alike: Groups) -> tuple[Row, ...]:
    """Return the rows, each with the keys of the others that it is like."""
    related: list[dict[str, tuple[str, ...]]] = [{} for _ in rows]
    for kind, groups in (("twins", alike.twins), ("family", alike.families), ("copies", alike.copies)):
        for group in groups:
            for member in group.members:
                others = tuple(rows[other].key for other in group.members if other != member)
                related[member][kind] = others
    return tuple(row.model_copy(update=others) for row, others in zip(rows, related, strict=True))
