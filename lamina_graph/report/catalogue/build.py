"""A catalogue report: a row for each app, what is alike among them, and a summary."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from itertools import chain, count, islice
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, PlainSerializer

from lamina_graph.batch import batch
from lamina_graph.model import Entry, Estimate, Value
from lamina_graph.report.catalogue.opening import UNDATED, Sentence, Timing, date_line, opening
from lamina_graph.report.catalogue.packed import TOGETHER, PackedApps, RowContext, Rows, pack_apps
from lamina_graph.report.catalogue.rows import DEFAULTS, AnalysisOptions, Row, RowSummary, analyze_app
from lamina_graph.report.catalogue.summary import Summary, summarize
from lamina_graph.similar import Fingerprint, Group, Groups, grouped, share_parts
from lamina_graph.text import one_line


class Skipped(Value):
    """A file of a folder that holds no workflow, and what it lacks."""

    path: str
    reason: str


class Report(Value):
    """A catalogue report, to be written as HTML, Markdown, CSV or JSON; its rows are made when asked for."""

    schema_name: Literal["report/1"] = Field(default="report/1", alias="schema")
    title: str
    date: str
    opening: tuple[Sentence, ...]
    summary: Summary
    rows: Annotated[Sequence[Row], PlainSerializer(list, list[Row])]
    skipped: tuple[Skipped, ...] = ()


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
    work = partial(analyze_apps, options=options)
    analyses = list(
        _with_shared_parts(batch(work, _together(_with_estimates(entries, estimates)), executor, 1))
    )
    summaries = [row for apps in analyses for row in apps.summaries]
    alike = _alike([one for apps in analyses for one in apps.fingerprints])
    summaries = list(_with_versions(list(_with_unique_keys(summaries))))
    summary = summarize(summaries, alike)
    return Report.model_construct(
        title=title,
        date=date_line(timing, summaries),
        opening=opening(summaries, summary, timing),
        summary=summary,
        rows=Rows([apps.packed for apps in analyses], RowContext(summaries, _related(summaries, alike))),
        skipped=tuple(Skipped(path=path, reason=reason) for path, reason in skipped),
    )


class AppsAnalysis(NamedTuple):
    """What a few apps give before the whole catalogue is known."""

    summaries: list[RowSummary]
    fingerprints: list[Fingerprint | None]
    packed: PackedApps


def analyze_apps(entries: Sequence[Entry], options: AnalysisOptions = DEFAULTS) -> AppsAnalysis:
    """Return what a few entries give: so little that it can be held of very many."""
    apps = [analyze_app(entry, options) for entry in entries]
    return AppsAnalysis(
        [RowSummary.of(app.row) for app in apps],
        [app.fingerprint for app in apps],
        pack_apps(apps, drawn=options.draw),
    )


def _together(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while part := list(islice(rest, TOGETHER)):
        yield part


def _with_estimates(entries: Iterable[Entry], estimates: Iterable[Estimate]) -> Iterator[Entry]:
    by_app = {estimate.app_id: estimate for estimate in estimates}
    for entry in entries:
        estimate = by_app.get((entry.workflow and entry.workflow.app_id) or "")
        yield entry.model_copy(update={"estimate": estimate}) if estimate else entry


def _with_shared_parts(analyses: Iterable[AppsAnalysis]) -> Iterator[AppsAnalysis]:
    """Yield analyses as they come, with what many of them say held once."""
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    values: dict[object, Any] = {}

    def share(row: RowSummary) -> RowSummary:
        several = {name: values.setdefault(value, value) for name in _SHARED if (value := getattr(row, name))}
        return row._replace(**several)

    for each in analyses:
        prints = [one and share_parts(one, known) for one in each.fingerprints]
        yield each._replace(summaries=list(map(share, each.summaries)), fingerprints=prints)


_SHARED = ("category", "shape", "takes", "gives", "packs", "models", "services", "findings")
"""What rows have in common with others."""


def _with_unique_keys(rows: Sequence[RowSummary]) -> Iterator[RowSummary]:
    """Yield the rows, each with an app's id as its key where one row has it, else the ref, numbered."""
    wanted = Counter(row.key for row in rows)
    taken: set[str] = set()
    for row in rows:
        first = row.key if wanted[row.key] == 1 else one_line(row.ref)
        keys = chain([first], (f"{first}~{n}" for n in count(2)))
        key = next(key for key in keys if key not in taken)
        taken.add(key)
        yield row._replace(key=key)


def _with_versions(rows: Sequence[RowSummary]) -> Iterator[RowSummary]:
    """Yield the rows, each that holds an older version of an app with the key of the newest one."""
    newest: dict[str, RowSummary] = {}
    for row in rows:
        known = newest.get(row.app_id or "")
        if row.app_id and (known is None or _moment(row) > _moment(known)):
            newest[row.app_id] = row
    for row in rows:
        last = newest.get(row.app_id or "", row)
        yield row if last is row else row._replace(newer=last.key)


def _moment(row: RowSummary) -> float:
    return row.newest.timestamp() if row.newest else 0.0


def _alike(fingerprints: Sequence[Fingerprint | None]) -> Groups:
    """Return what is alike among the entries that could be read, by their numbers among all entries."""
    numbers = [number for number, one in enumerate(fingerprints) if one]
    groups = grouped(one for one in fingerprints if one)
    return Groups(
        **{
            kind: tuple(
                Group(members=tuple(numbers[member] for member in group.members), why=group.why)
                for group in members
            )
            for kind, members in groups
        }
    )


def _related(rows: Sequence[RowSummary], alike: Groups) -> dict[int, dict[str, tuple[str, ...]]]:
    """Return for each row that is like others, and for each kind of likeness, the keys of all these."""
    related: dict[int, dict[str, tuple[str, ...]]] = {}
    for kind, groups in (("twins", alike.twins), ("family", alike.families), ("copies", alike.copies)):
        for group in groups:
            keys = tuple(rows[member].key for member in group.members)
            for member in group.members:
                related.setdefault(member, {})[kind] = keys
    return related
