"""A catalogue report as CSV, for a spreadsheet."""

from collections.abc import Callable, Sequence

from lamina_graph.report.catalogue.build import Report
from lamina_graph.report.catalogue.cells import day, findings, modalities, reason, verdict
from lamina_graph.report.catalogue.rows import Row
from lamina_graph.report.catalogue.summary import worst
from lamina_graph.report.escape import csv_text


def csv(report: Report) -> str:
    """Return a report as CSV (RFC 4180), a line for each app, in which no cell is a formula."""
    return csv_text(
        [name for name, _ in _COLUMNS], ([text(row) for _, text in _COLUMNS] for row in report.rows)
    )


def _credits(name: str) -> Callable[[Row], str]:
    """Return a function to a number of credits as a program reads it, empty where no estimate says it."""
    return lambda row: "" if (value := getattr(row.credits, name, None)) is None else f"{value:.12g}"


_COLUMNS: Sequence[tuple[str, Callable[[Row], str]]] = (
    ("ref", lambda row: row.ref),
    ("app_id", lambda row: row.app_id or ""),
    ("name", lambda row: row.name or ""),
    ("error", lambda row: row.error or ""),
    ("category", verdict("category")),
    ("confidence", lambda row: f"{row.classification.confidence:.2f}" if row.classification else ""),
    ("pipeline", lambda row: row.strip),
    ("why", lambda row: "" if row.error else reason(row)),
    ("shape", verdict("shape")),
    ("steps", verdict("steps")),
    ("generations", verdict("generations")),
    ("stages", verdict("stages")),
    ("inputs", lambda row: "; ".join(port.title for port in row.inputs)),
    ("input_modalities", lambda row: modalities(row.inputs)),
    ("deliverables", lambda row: "; ".join(port.title for port in row.deliverables)),
    ("deliverable_modalities", lambda row: modalities(row.deliverables)),
    ("node_packs", lambda row: "; ".join(row.uses.packs)),
    ("models", lambda row: "; ".join(row.uses.models)),
    ("services", lambda row: "; ".join(row.uses.services)),
    ("findings", findings),
    ("worst_finding", lambda row: worst(row.findings) or ""),
    ("twins", lambda row: "; ".join(row.twins)),
    ("family", lambda row: "; ".join(row.family)),
    ("copies", lambda row: "; ".join(row.copies)),
    ("oldest", lambda row: day(row.ages.oldest) if row.ages else ""),
    ("newest", lambda row: day(row.newest)),
    ("sessions", lambda row: str(len(row.ages.sessions)) if row.ages else ""),
    ("credits", _credits("expected")),
    ("credits_low", _credits("low")),
    ("credits_high", _credits("high")),
    ("dearest_path", lambda row: " → ".join(row.credits.path) if row.credits else ""),
    ("dearest_path_credits", _credits("path_credits")),
    ("unpriced_steps", lambda row: str(len(row.credits.unpriced)) if row.credits else ""),
)
