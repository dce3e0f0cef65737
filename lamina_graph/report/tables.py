"""A catalogue report as Markdown and as CSV."""

import csv as csv_
import io
from collections.abc import Callable, Iterable, Sequence

from lamina_graph.model import counted
from lamina_graph.report.plain import cell, cut
from lamina_graph.report.plain import markdown as escaped
from lamina_graph.report.rows import Port, Row
from lamina_graph.report.summary import Summary, worst


def markdown(title: str, summary: Summary, rows: Sequence[Row]) -> str:
    """Return a report as Markdown: what it comes to, then a table with a line for each app."""
    parts = [
        f"# {escaped(title)}",
        headline(summary) + ".",
        _table(("category", "apps"), summary.categories.items()),
        _table(("shape", "apps"), ((shape, apps) for shape, apps in summary.shapes.items() if apps)),
        _table(
            ("finding", "severity", "apps"),
            ((each.rule, each.severity, each.apps) for each in summary.findings),
        ),
        _table([name for name, _ in _MARKDOWN], ([text(row) for _, text in _MARKDOWN] for row in rows)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def csv(rows: Sequence[Row]) -> str:
    """Return the rows of a report as CSV (RFC 4180), in which no cell is a formula."""
    target = io.StringIO()
    writer = csv_.writer(target, lineterminator="\r\n")
    writer.writerow([name for name, _ in _CSV])
    writer.writerows([cell(text(row)) for _, text in _CSV] for row in rows)
    return target.getvalue()


def headline(summary: Summary) -> str:
    """Return one sentence about a catalogue, without its full stop.

    >>> from lamina_graph.report import report
    >>> headline(report([]).summary)
    '0 apps'
    """
    said = [counted(summary.apps, "app")]
    if summary.unreadable:
        said.append(f"{summary.unreadable} could not be read")
    if summary.twins:
        said.append(f"{counted(len(summary.twins), 'pipeline')} under more than one name")
    return ", ".join(said)


def flow(ports: Iterable[Port]) -> str:
    """Return what ports carry, as few words as it takes.

    >>> flow([Port(id="a", title="A", modalities=("image",)), Port(id="b", title="B", modalities=("image",))])
    '2 × image'
    """
    kinds = [" + ".join(port.modalities) or "unknown" for port in ports]
    return ", ".join(
        kind if (n := kinds.count(kind)) == 1 else f"{n} × {kind}" for kind in dict.fromkeys(kinds)
    )


def _table(names: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [" | ".join(escaped(cut(str(value), _LONGEST)) for value in row) for row in rows]
    if not lines:
        return ""
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


def _last(row: Row) -> str:
    return f"{row.made.last:%Y-%m-%d}" if row.made else ""


_LONGEST = 160
_NUMBERS = {"apps", "confidence", "stages"}

_MARKDOWN: Sequence[tuple[str, Callable[[Row], str]]] = (
    ("app", lambda row: row.title),
    ("category", lambda row: row.classification.category if row.classification else "could not be read"),
    ("confidence", _confidence),
    ("why", _why),
    ("shape", _fact("shape")),
    ("stages", _fact("stages")),
    ("takes", lambda row: flow(row.inputs)),
    ("gives", lambda row: flow(row.deliverables)),
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
    ("first_node", lambda row: f"{row.made.first:%Y-%m-%d}" if row.made else ""),
    ("last_node", _last),
)
