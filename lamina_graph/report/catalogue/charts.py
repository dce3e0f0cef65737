"""The charts of a catalogue report, as numbers that the template draws, and the links to what they count."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import ceil, fsum, log10
from typing import NamedTuple, get_args
from urllib.parse import quote

from lamina_graph.report.catalogue.summary import Alike, Band, Flow, Month, Summary
from lamina_graph.text import one_line
from lamina_graph.vocabulary import Modality

KINDS = {"twins": "twins", "family": "a family", "copies": "copies"}
"""The kinds of groups of apps that are alike, as filters name them, and how they are called."""


def link(**values: str) -> str:
    """Return a link to what filters show, or to one app.

    >>> link(takes="text", gives="image")
    '#takes=text&gives=image'
    """
    return "#" + "&".join(f"{name}={quote(one_line(value), safe='')}" for name, value in values.items())


def groups(summary: Summary) -> Iterator[tuple[str, str, Alike]]:
    """Yield each group of apps that are alike: its kind, the value that names it, and itself."""
    kinds = {"twins": summary.twins, "family": summary.families, "copies": summary.copies}
    for kind, alike in kinds.items():
        for number, group in enumerate(alike, 1):
            yield kind, f"{kind}-{number}", group


class Bar(NamedTuple):
    """One bar: its name, its apps, the filter that shows them, its colour, a remark beside the name."""

    name: str
    apps: int
    link: str
    mark: str = ""
    remark: str = ""


class Cell(NamedTuple):
    """The apps that take one modality and give another; the heat, 0 to 5, is in proportion to them."""

    takes: str
    gives: str
    apps: int
    heat: int
    link: str


class Column(NamedTuple):
    """The apps of one period; the height is a part of the highest column's."""

    period: str
    apps: int
    height: float
    link: str


class Block(NamedTuple):
    """The apps of a band of credits, drawn as wide as the band: its area is in proportion to them.

    Attributes:
        name, apps, link: what it is, how many apps it has, the filter that shows them.
        left, wide, high: parts of the whole width, and of the highest block.
        edges: what stands at its left and its right edge.
    """

    name: str
    apps: int
    link: str
    left: float
    wide: float
    high: float
    edges: tuple[str, str]


class Charts(NamedTuple):
    """Everything that the summary of a report draws."""

    category: list[Bar]
    shape: list[Bar]
    flow: list[list[Cell]]
    credits: list[Block]
    findings: list[Bar]
    alike: list[Bar]
    newest: list[Column]


def charts(summary: Summary, names: Mapping[str, str]) -> Charts:
    """Return the charts of a catalogue, in which each app has a name by its key."""
    shapes = ((name, apps) for name, apps in summary.shapes.items() if apps)
    return Charts(
        category=[Bar(name, apps, link(category=name), name) for name, apps in categories(summary).items()],
        shape=[Bar(name, apps, link(shape=name)) for name, apps in shapes],
        flow=_cells(summary.flows),
        credits=list(_blocks(summary.credits.bands)) if summary.credits else [],
        findings=[
            Bar(rule_words(count.rule), count.apps, link(findings=count.rule), count.severity, count.severity)
            for count in summary.findings
        ],
        alike=sorted(
            (
                Bar(names[group.apps[0]], len(group.apps), link(alike=token), remark=KINDS[kind])
                for kind, token, group in groups(summary)
            ),
            key=lambda bar: -bar.apps,
        ),
        newest=columns(summary.months),
    )


def categories(summary: Summary) -> dict[str, int]:
    """Return the number of apps by category, those that could not be read last."""
    unreadable = {"unreadable": summary.unreadable} if summary.unreadable else {}
    return {**summary.categories, **unreadable}


def takes(flows: Iterable[Flow]) -> list[str]:
    """Return what apps take, `nothing` last."""
    return _present((*get_args(Modality), "nothing"), (flow.takes or "nothing" for flow in flows))


def gives(flows: Iterable[Flow]) -> list[str]:
    """Return what apps give."""
    return _present(get_args(Modality), (flow.gives for flow in flows))


def rule_words(rule: str) -> str:
    """Return the id of a rule as words.

    >>> rule_words("dangling-edge")
    'dangling edge'
    """
    return rule.replace("-", " ")


def band_token(band: Band) -> str:
    """Return the value by which a filter names a band of credits.

    >>> band_token(Band(low=10, high=20, apps=1))
    '10-20'
    """
    return f"{band.low:g}-{band.high:g}"


def band_text(band: Band) -> str:
    """Return a band of credits in words.

    >>> band_text(Band(low=1000, high=2000, apps=1))
    '1,000 to 2,000'
    """
    return f"{format_credits(band.low)} to {format_credits(band.high)}"


def format_credits(credits: float) -> str:
    """Return a number of credits as people read it.

    >>> format_credits(12345.0), format_credits(0.25)
    ('12,345', '0.25')
    """
    return f"{credits:,.2f}".rstrip("0").rstrip(".") if credits >= 0.01 or not credits else f"{credits:g}"


def period(months: Sequence[Month]) -> Callable[[str], str]:
    """Return what makes a month (`2026-03`) a period, as long as it takes for a chart of few columns."""
    whole = list(_calendar(months)) if months else []
    return next((unit for unit in _PERIODS if len(set(map(unit, whole))) <= _MOST), _PERIODS[-1])


def columns(months: Sequence[Month]) -> list[Column]:
    """Return the apps by when their newest node was made: a column for every period, the oldest first."""
    if not months:
        return []
    named = period(months)
    counts = dict.fromkeys(map(named, _calendar(months)), 0)
    for month in months:
        counts[named(month.month)] += month.apps
    most = max(counts.values())
    return [Column(name, apps, round(apps / most, 4), link(newest=name)) for name, apps in counts.items()]


def _present(order: Iterable[str], values: Iterable[str]) -> list[str]:
    present = set(values)
    return [value for value in order if value in present]


def _cells(flows: Sequence[Flow]) -> list[list[Cell]]:
    apps = {(str(flow.takes or "nothing"), str(flow.gives)): flow.apps for flow in flows}
    most = max(apps.values(), default=1)

    def cell(take: str, give: str) -> Cell:
        number = apps.get((take, give), 0)
        return Cell(take, give, number, ceil(_HOTTEST * number / most), link(takes=take, gives=give))

    return [[cell(take, give) for give in gives(flows)] for take in takes(flows)]


def _blocks(bands: Sequence[Band]) -> Iterator[Block]:
    """Yield bands as blocks over a logarithmic axis; what is free, or nearly, has the first place."""
    widths = [log10(band.high / band.low) if band.low > 0 else _FREE for band in bands]
    whole = fsum(widths)
    density = [band.apps / width for band, width in zip(bands, widths, strict=True)]
    most = max(density) or 1.0
    left = 0.0
    for band, width, dense in zip(bands, widths, density, strict=True):
        yield Block(
            band_text(band),
            band.apps,
            link(credits=band_token(band)),
            round(left / whole, 4),
            round(width / whole, 4),
            round(dense / most, 4),
            (format_credits(band.low), format_credits(band.high)),
        )
        left += width


def _calendar(months: Sequence[Month]) -> Iterator[str]:
    """Yield every month from the first to the last."""
    first, last = months[0].month, months[-1].month
    year, month = map(int, first.split("-"))
    while (now := f"{year:04}-{month:02}") <= last:
        yield now
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


_HOTTEST = 5
_FREE = 0.3  # the width of a band from nothing on, in powers of ten
_MOST = 24  # columns of a time line
_PERIODS: Sequence[Callable[[str], str]] = (
    str,
    lambda month: f"{month[:4]} Q{(int(month[5:]) + 2) // 3}",
    lambda month: month[:4],
)
"""A month as itself, its quarter, its year."""
