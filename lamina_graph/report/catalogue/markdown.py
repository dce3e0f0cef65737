"""A catalogue report as Markdown, for a wiki or a pull request."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import get_args

from lamina_graph.report.catalogue import charts
from lamina_graph.report.catalogue.build import Report
from lamina_graph.report.catalogue.cells import day, findings, modalities, reason, verdict
from lamina_graph.report.catalogue.packed import row_summaries
from lamina_graph.report.catalogue.rows import Row
from lamina_graph.report.catalogue.summary import Credits, Summary
from lamina_graph.report.escape import github_markdown
from lamina_graph.text import elide
from lamina_graph.vocabulary import Modality


def markdown(report: Report) -> str:
    """Return a report as Markdown: what it comes to, then a table with a line for each app."""
    rows = row_summaries(report.rows)
    names = {row.key: row.title for row in rows}
    columns = [column for column in _COLUMNS if report.summary.credits or column[0] != "credits"]
    parts = [
        f"# {github_markdown(report.title)}",
        f"{github_markdown(report.date)}.",
        "\n".join(f"- {github_markdown(sentence.text)}" for sentence in report.opening),
        *_format_summary(report.summary, names),
        *_format_section("Could not be read", _PROBLEM, [(row.ref, row.error) for row in rows if row.error]),
        *_format_section("Skipped", _PROBLEM, [(file.path, file.reason) for file in report.skipped]),
        *_format_section(
            "Apps", [name for name, _ in columns], [[text(row) for _, text in columns] for row in report.rows]
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _format_summary(summary: Summary, names: Mapping[str, str]) -> Iterator[str]:
    shapes = [(shape, apps) for shape, apps in summary.shapes.items() if apps]
    alike = [
        (charts.KINDS[kind], ", ".join(names[key] for key in group.apps), group.why)
        for kind, _, group in charts.groups(summary)
    ]
    yield from _format_section(
        "Categories", ("category", "apps", ""), _add_bars(charts.categories(summary).items())
    )
    yield from _format_section("Shapes", ("shape", "apps", ""), _add_bars(shapes))
    yield from _format_section(
        "Modalities", ("takes ↓ gives →", *charts.gives(summary.flows)), _format_flows(summary)
    )
    if summary.credits:
        yield from _format_credits(summary.credits, names)
    used = [
        (kind, name, apps)
        for kind, counts in summary.uses.items()
        for name, apps in list(counts.items())[:_MOST_USED]
    ]
    yield from _format_section("Used most", ("kind", "name", "apps"), used)
    by_rule = [(charts.rule_words(count.rule), count.severity, count.apps) for count in summary.findings]
    yield from _format_section("Findings", ("finding", "severity", "apps"), by_rule)
    yield from _format_section("Alike", ("as", "which", "why"), alike)


def _format_credits(credits: Credits, names: Mapping[str, str]) -> Iterator[str]:
    bands = [(charts.band_text(band), band.apps) for band in credits.bands]
    missing = [("not priced", credits.unpriced)] if credits.unpriced else []
    yield from _format_section("Credits", ("a run costs", "apps", ""), _add_bars([*bands, *missing]))
    dearest = ", ".join(github_markdown(elide(names[key], _LONGEST)) for key in credits.dearest)
    yield f"The median is {charts.format_credits(credits.median)} credits. Most expensive: {dearest}."


def _add_bars(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int, str]]:
    """Return counts, each with a bar."""
    counts = list(counts)
    most = max((apps for _, apps in counts), default=0) or 1
    return [(name, apps, "█" * ceil(_BAR * apps / most)) for name, apps in counts]


def _format_flows(summary: Summary) -> list[list[object]]:
    gives = charts.gives(summary.flows)
    apps = {(str(flow.takes or "nothing"), str(flow.gives)): flow.apps for flow in summary.flows}
    return [[take, *(apps.get((take, give), "") for give in gives)] for take in charts.takes(summary.flows)]


def _format_section(heading: str, names: Sequence[str], rows: Sequence[Iterable[object]]) -> Iterator[str]:
    """Yield a heading and a table below it; nothing where the table would be empty."""
    if rows:
        lines = [" | ".join(github_markdown(elide(str(value), _LONGEST)) for value in row) for row in rows]
        rules = ("---:" if name in _NUMBERS else "---" for name in names)
        yield f"## {heading}"
        yield "\n".join(f"| {line} |" for line in (" | ".join(names), " | ".join(rules), *lines))


def _format_price(row: Row) -> str:
    if row.classification is None:
        return ""
    return "not priced" if row.expected is None else charts.format_credits(row.expected)


def _format_outputs(row: Row) -> str:
    """Return what an app delivers, and what the first few of its deliverables are called."""
    names = list(dict.fromkeys(elide(port.title, 30) for port in row.deliverables))
    more = f" +{len(names) - _NAMED}" if len(names) > _NAMED else ""
    return f"{modalities(row.deliverables)}: {', '.join(names[:_NAMED])}{more}" if names else ""


_LONGEST, _BAR, _NAMED, _MOST_USED = 160, 20, 3, 10
_PROBLEM = ("input", "why")
_NUMBERS = {"apps", "confidence", "stages", "credits", *get_args(Modality)}

_COLUMNS: Sequence[tuple[str, Callable[[Row], str]]] = (
    ("app", lambda row: row.title),
    ("category", lambda row: row.classification.category if row.classification else "could not be read"),
    ("confidence", lambda row: f"{row.classification.confidence:.0%}" if row.classification else ""),
    ("pipeline", lambda row: row.strip),
    ("why", reason),
    ("shape", verdict("shape")),
    ("stages", verdict("stages")),
    ("takes", lambda row: modalities(row.inputs)),
    ("gives", _format_outputs),
    ("credits", _format_price),
    ("newest node", lambda row: day(row.newest)),
    ("findings", findings),
)
