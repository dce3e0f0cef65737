"""What a catalogue comes to: counts, flows, groups."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import fsum
from statistics import median
from typing import get_args

from pydantic import Field

from lamina_graph.classify import Category
from lamina_graph.features import Shape
from lamina_graph.lint import Finding
from lamina_graph.model import Value
from lamina_graph.report.catalogue.rows import RowSummary
from lamina_graph.similar import Group, Groups
from lamina_graph.vocabulary import Modality


class Flow(Value):
    """How many apps take one modality and give another; without an input they take none."""

    takes: Modality | None
    gives: Modality
    apps: int


class FindingCount(Value):
    """How many apps one rule found something in."""

    rule: str
    severity: str
    apps: int


class Month(Value):
    """How many apps had their last node put on the canvas in one month (`2026-03`)."""

    month: str
    apps: int


class Alike(Value):
    """Apps that belong together, by their keys, and a sentence on why."""

    apps: tuple[str, ...]
    why: str


class Band(Value):
    """How many apps a run of which costs from `low` credits up to, not including, `high`."""

    low: float
    high: float
    apps: int


class Credits(Value):
    """What runs cost over a catalogue, in credits.

    Attributes:
        priced, unpriced: how many apps have a price, and how many were read and have none.
        total: what one run of each priced app costs together.
        median: what half of the priced apps stay below or at.
        dearest: the keys of the most expensive apps, at most five.
        bands: the distribution, the cheapest first.
    """

    priced: int
    unpriced: int
    total: float
    median: float
    dearest: tuple[str, ...]
    bands: tuple[Band, ...]

    def band(self, amount: float) -> Band:
        """Return the band that an amount belongs to."""
        return next((band for band in self.bands if amount < band.high), self.bands[-1])


class Summary(Value):
    """Counts over a catalogue, and what is alike in it.

    An app of which there are several versions counts once, by the newest; `older` rows hold the others.
    """

    apps: int
    older: int = 0
    unreadable: int
    undated: int
    categories: dict[str, int]
    shapes: dict[str, int]
    flows: tuple[Flow, ...]
    uses: dict[str, dict[str, int]] = Field(
        default={}, description="how many apps use each node pack, model and service, the most used first"
    )
    findings: tuple[FindingCount, ...]
    months: tuple[Month, ...]
    credits: Credits | None
    twins: tuple[Alike, ...]
    families: tuple[Alike, ...]
    copies: tuple[Alike, ...]


def summarize(rows: Sequence[RowSummary], groups: Groups) -> Summary:
    """Return what a catalogue comes to; `groups` says what is alike in it, by the places of its rows."""
    newest = [row for row in rows if row.newer is None]
    read = [row for row in newest if row.category]
    months = Counter(f"{row.newest:%Y-%m}" for row in read if row.newest)
    return Summary(
        apps=len(newest),
        older=len(rows) - len(newest),
        unreadable=len(newest) - len(read),
        undated=sum(row.newest is None for row in read),
        categories=_tally((row.category for row in read), get_args(Category)),
        shapes=_tally((row.shape for row in read), get_args(Shape)),
        flows=_count_flows(read),
        uses={
            "pack": _count_uses(row.packs for row in read),
            "model": _count_uses(row.models for row in read),
            "service": _count_uses(row.services for row in read),
        },
        findings=_count_findings(read),
        months=tuple(Month(month=month, apps=apps) for month, apps in sorted(months.items())),
        credits=_summarize_credits(read),
        twins=_summarize_alike(rows, groups.twins),
        families=_summarize_alike(rows, groups.families),
        copies=_summarize_alike(rows, groups.copies),
    )


def _tally(values: Iterable[str], order: Sequence[str]) -> dict[str, int]:
    """How often each value occurs: those of an order first, then what else there is."""
    counts = Counter(values)
    return {value: counts[value] for value in (*order, *sorted(counts.keys() - set(order)))}


def _count_flows(rows: Sequence[RowSummary]) -> tuple[Flow, ...]:
    counts = Counter((takes, gives) for row in rows for takes in row.takes or (None,) for gives in row.gives)
    order = {modality: place for place, modality in enumerate((*get_args(Modality), None))}
    flows = sorted(counts, key=lambda flow: (order[flow[0]], order[flow[1]]))
    return tuple(Flow(takes=takes, gives=gives, apps=counts[takes, gives]) for takes, gives in flows)


def _count_uses(names: Iterable[tuple[str, ...]]) -> dict[str, int]:
    counts = Counter(name for each in names for name in each)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _count_findings(rows: Sequence[RowSummary]) -> tuple[FindingCount, ...]:
    counts = Counter(kind for row in rows for kind in row.findings)
    order = sorted(counts, key=lambda kind: (SEVERITIES.index(kind[1]), -counts[kind], kind[0]))
    return tuple(
        FindingCount(rule=rule, severity=severity, apps=counts[rule, severity]) for rule, severity in order
    )


def _summarize_credits(rows: Sequence[RowSummary]) -> Credits | None:
    priced = sorted(
        ((row.credits, row.key) for row in rows if row.credits is not None), key=lambda price: -price[0]
    )
    if not priced:
        return None
    amounts = [amount for amount, _ in priced]
    return Credits(
        priced=len(priced),
        unpriced=len(rows) - len(priced),
        total=fsum(amounts),
        median=median(amounts),
        dearest=tuple(key for _, key in priced[:_DEAREST]),
        bands=tuple(
            Band(low=low, high=high, apps=sum(low <= amount < high for amount in amounts))
            for low, high in pairwise(_choose_bounds(amounts))
        ),
    )


def _choose_bounds(amounts: Sequence[float]) -> list[float]:
    """Round bounds of not too many bands around amounts; what is free, or nearly, is in a band from 0."""
    some = [amount for amount in amounts if amount >= _LEAST]
    nothing = [0.0] if len(some) < len(amounts) else []
    if not some:
        return [0.0, 1.0]
    for steps, by in _SERIES:
        marks = [step * 10.0 ** (by * power) for power in range(-3 // by, 18 // by + 1) for step in steps]
        first, last = bisect_right(marks, min(some)) - 1, bisect_right(marks, max(some))
        edges = [*nothing, *marks[first : last + 1]]
        if len(edges) <= _BANDS + 1:
            break
    return edges


def _summarize_alike(rows: Sequence[RowSummary], groups: Iterable[Group]) -> tuple[Alike, ...]:
    alike = (Alike(apps=tuple(rows[place].key for place in group.members), why=group.why) for group in groups)
    return tuple(sorted(alike, key=lambda group: (-len(group.apps), group.apps)))


def worst(findings: Iterable[Finding]) -> str | None:
    """Return the worst severity among findings, None where there is none."""
    severities = {finding.severity for finding in findings}
    return next((severity for severity in SEVERITIES if severity in severities), None)


SEVERITIES = ("error", "warning", "note")

_DEAREST, _BANDS, _LEAST = 5, 8, 0.001
_SERIES = (((1, 2, 5), 1), ((1,), 1), ((1,), 3))
"""What bounds of bands are multiples of, and every how many powers of ten; the finest that fits is taken."""
