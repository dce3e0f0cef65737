"""A catalogue report as Markdown and as CSV."""

import csv as csv_
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING, get_args

from lamina_graph.report.catalogue import charts
from lamina_graph.report.catalogue.links import KINDS, groups
from lamina_graph.report.catalogue.rows import Port, Row
from lamina_graph.report.catalogue.summary import Credits, Summary, worst
from lamina_graph.report.escape import csv_cell, github_markdown
from lamina_graph.text import elide, pluralize
from lamina_graph.vocabulary import Modality

if TYPE_CHECKING:
    from lamina_graph.report.catalogue.build import Report


def markdown(report: "Report") -> str:
    """Return a report as Markdown: what it comes to, then a table with a line for each app."""
    names = {row.key: row.title for row in report.rows}
    columns = [each for each in _MARKDOWN if report.summary.credits or each[0] != "credits"]
    parts = [
        f"# {github_markdown(report.title)}",
        headline(report.summary) + ".",
        *_summary(report.summary, names),
        *_section("Could not be read", _PROBLEM, [(row.ref, row.error) for row in report.rows if row.error]),
        *_section("Skipped", _PROBLEM, [(each.path, each.reason) for each in report.skipped]),
        *_section(
            "Apps", [name for name, _ in columns], [[text(row) for _, text in columns] for row in report.rows]
        ),
    ]
    return "\n\n".join(parts) + "\n"


def csv(rows: Sequence[Row]) -> str:
    """Return the rows of a report as CSV (RFC 4180), in which no cell is a formula."""
    target = io.StringIO()
    writer = csv_.writer(target, lineterminator="\r\n")
    writer.writerow([name for name, _ in _CSV])
    writer.writerows([csv_cell(text(row)) for _, text in _CSV] for row in rows)
    return target.getvalue()


def headline(summary: Summary) -> str:
    """Return one sentence about a catalogue, without its full stop.

    >>> from lamina_graph.report import report
    >>> headline(report([]).summary)
    '0 apps'
    """
    said = [pluralize(summary.apps, "app")]
    if summary.unreadable:
        said.append(f"{summary.unreadable} could not be read")
    if summary.twins:
        said.append(f"{pluralize(len(summary.twins), 'pipeline')} under more than one name")
    if summary.credits:
        said.append(spent(summary.credits))
    return ", ".join(said)


def spent(credits: Credits) -> str:
    """Return what runs cost over a catalogue, in one phrase that says what has no price."""
    missing = f" ({credits.unpriced:,} not priced)" if credits.unpriced else ""
    return f"{charts.amount(credits.total)} credits to run every priced app once{missing}"


def flow(ports: Iterable[Port]) -> str:
    """Return what ports carry, as few words as it takes.

    >>> flow([Port(id="a", title="A", modalities=("image",)), Port(id="b", title="B", modalities=("image",))])
    '2 × image'
    """
    kinds = [" + ".join(port.modalities) or "unknown" for port in ports]
    return ", ".join(
        kind if (n := kinds.count(kind)) == 1 else f"{n} × {kind}" for kind in dict.fromkeys(kinds)
    )


def _summary(summary: Summary, names: Mapping[str, str]) -> Iterator[str]:
    shapes = [(shape, apps) for shape, apps in summary.shapes.items() if apps]
    alike = [
        (KINDS[kind], ", ".join(names[key] for key in each.apps), each.why)
        for kind, _, each in groups(summary)
    ]
    yield from _section("Categories", ("category", "apps", ""), _drawn(charts.categories(summary).items()))
    yield from _section("Shapes", ("shape", "apps", ""), _drawn(shapes))
    yield from _section("Modalities", ("takes ↓ gives →", *charts.gives(summary.flows)), _flows(summary))
    if summary.credits:
        yield from _credits(summary.credits, names)
    findings = [(charts.words(each.rule), each.severity, each.apps) for each in summary.findings]
    yield from _section("Findings", ("finding", "severity", "apps"), findings)
    yield from _section("Alike", ("as", "which", "why"), alike)


def _credits(credits: Credits, names: Mapping[str, str]) -> Iterator[str]:
    bands = [(charts.span(each), each.apps) for each in credits.bands]
    missing = [("not priced", credits.unpriced)] if credits.unpriced else []
    yield from _section("Credits", ("a run costs", "apps", ""), _drawn([*bands, *missing]))
    dearest = ", ".join(github_markdown(elide(names[key], _LONGEST)) for key in credits.dearest)
    yield f"The median is {charts.amount(credits.median)} credits. Most expensive: {dearest}."


def _drawn(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int, str]]:
    """Counts, each with a bar."""
    counts = list(counts)
    most = max((apps for _, apps in counts), default=0) or 1
    return [(name, apps, "█" * ceil(_BAR * apps / most)) for name, apps in counts]


def _flows(summary: Summary) -> list[list[object]]:
    gives = charts.gives(summary.flows)
    apps = {(str(each.takes or "nothing"), str(each.gives)): each.apps for each in summary.flows}
    return [[take, *(apps.get((take, give), "") for give in gives)] for take in charts.takes(summary.flows)]


def _section(heading: str, names: Sequence[str], rows: Sequence[Iterable[object]]) -> Iterator[str]:
    """A heading and a table below it; nothing where the table would be empty."""
    if rows:
        yield f"## {heading}"
        yield _table(names, rows)


def _table(names: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [" | ".join(github_markdown(elide(str(value), _LONGEST)) for value in row) for row in rows]
    rules = ("---:" if name in _NUMBERS else "---" for name in names)
    return "\n".join(f"| {each} |" for each in (" | ".join(names), " | ".join(rules), *lines))


def _why(row: Row) -> str:
    if row.classification is None:
        return row.error or ""
    return row.classification.evidence[0].claim if row.classification.evidence else ""


def _fact(name: str) -> Callable[[Row], str]:
    return lambda row: "" if row.classification is None else str(getattr(row.classification, name))


def _confidence(row: Row) -> str:
    return "" if row.classification is None else f"{row.classification.confidence:.2f}"


def _findings(row: Row) -> str:
    return "; ".join(f"{each.severity}: {each.rule}" for each in row.findings)


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""


def _credit(name: str) -> Callable[[Row], str]:
    """A number of credits of a row as a program reads it, empty where the estimate does not say it."""
    return lambda row: "" if (value := getattr(row.credits, name, None)) is None else f"{value:.12g}"


def _price(row: Row) -> str:
    return "not priced" if row.expected is None else charts.amount(row.expected)


def _gives(row: Row) -> str:
    """What an app delivers, and what the first few of its deliverables are called."""
    names = list(dict.fromkeys(elide(port.title, 30) for port in row.deliverables))
    more = f" +{len(names) - _NAMED}" if len(names) > _NAMED else ""
    return f"{flow(row.deliverables)}: {', '.join(names[:_NAMED])}{more}" if names else ""


_LONGEST, _BAR, _NAMED = 160, 20, 3
_PROBLEM = ("input", "why")
_NUMBERS = {"apps", "sure", "stages", "credits", *get_args(Modality)}

_MARKDOWN: Sequence[tuple[str, Callable[[Row], str]]] = (
    ("app", lambda row: row.title),
    ("category", lambda row: row.classification.category if row.classification else "could not be read"),
    ("sure", lambda row: f"{row.classification.confidence:.0%}" if row.classification else ""),
    ("why", _why),
    ("shape", _fact("shape")),
    ("stages", _fact("stages")),
    ("takes", lambda row: flow(row.inputs)),
    ("gives", _gives),
    ("credits", lambda row: _price(row) if row.classification else ""),
    ("newest node", lambda row: _day(row.newest)),
    ("findings", _findings),
)

_CSV: Sequence[tuple[str, Callable[[Row], str]]] = (
    ("ref", lambda row: row.ref),
    ("app_id", lambda row: row.app_id or ""),
    ("name", lambda row: row.name or ""),
    ("error", lambda row: row.error or ""),
    ("category", _fact("category")),
    ("confidence", _confidence),
    ("why", lambda row: "" if row.error else _why(row)),
    ("shape", _fact("shape")),
    ("steps", _fact("steps")),
    ("generations", _fact("generations")),
    ("stages", _fact("stages")),
    ("inputs", lambda row: "; ".join(port.title for port in row.inputs)),
    ("input_modalities", lambda row: flow(row.inputs)),
    ("deliverables", lambda row: "; ".join(port.title for port in row.deliverables)),
    ("deliverable_modalities", lambda row: flow(row.deliverables)),
    ("findings", _findings),
    ("worst_finding", lambda row: worst(row.findings) or ""),
    ("twins", lambda row: "; ".join(row.twins)),
    ("family", lambda row: "; ".join(row.family)),
    ("copies", lambda row: "; ".join(row.copies)),
    ("oldest", lambda row: _day(row.ages.oldest) if row.ages else ""),
    ("newest", lambda row: _day(row.newest)),
    ("sessions", lambda row: str(len(row.ages.sessions)) if row.ages else ""),
    ("credits", _credit("expected")),
    ("credits_low", _credit("low")),
    ("credits_high", _credit("high")),
    ("dearest_path", lambda row: " → ".join(row.credits.path) if row.credits else ""),
    ("dearest_path_credits", _credit("path_credits")),
    ("unpriced_steps", lambda row: str(len(row.credits.unpriced)) if row.credits else ""),
)
