"""What stands in the cells of a table of apps, as text."""

from collections.abc import Callable, Iterable
from datetime import datetime

from lamina_graph.report.catalogue.rows import Port, Row


def modalities(ports: Iterable[Port]) -> str:
    """Return what ports carry, in as few words as it takes.

    >>> modalities([Port(id="a", title="A", modalities=("image",))] * 2)
    '2 × image'
    """
    kinds = [" + ".join(port.modalities) or "unknown" for port in ports]
    return ", ".join(
        kind if (n := kinds.count(kind)) == 1 else f"{n} × {kind}" for kind in dict.fromkeys(kinds)
    )


def reason(row: Row) -> str:
    """Return why an app has its category, or why it could not be read."""
    if row.classification is None:
        return row.error or ""
    return row.classification.evidence[0].claim if row.classification.evidence else ""


def verdict(name: str) -> Callable[[Row], str]:
    """Return a function to one field of an app's classification."""

    def field(row: Row) -> str:
        value = getattr(row.classification, name, None)
        return "" if value is None else str(value)

    return field


def findings(row: Row) -> str:
    """Return what looks wrong in an app."""
    return "; ".join(f"{finding.severity}: {finding.rule}" for finding in row.findings)


def day(moment: datetime | None) -> str:
    """Return the day of a moment."""
    return f"{moment:%Y-%m-%d}" if moment else ""
