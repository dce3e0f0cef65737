"""The charts of a catalogue report, as numbers that the template draws."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import sqrt
from typing import NamedTuple, get_args

from lamina_graph.report.links import KINDS, groups, link
from lamina_graph.report.summary import Flow, Month, Summary
from lamina_graph.vocabulary import Modality


class Bar(NamedTuple):
    """One bar: its name, its apps, the filter that shows them, its colour, a word beside the name."""

    name: str
    apps: int
    link: str
    mark: str = ""
    said: str = ""


class Bubble(NamedTuple):
    """The apps that take one modality and give another; the circle's area is in proportion to them."""

    takes: str
    gives: str
    apps: int
    radius: float
    link: str


class Column(NamedTuple):
    """The apps of one period; the height is a part of the highest column's."""

    period: str
    apps: int
    height: float


class Charts(NamedTuple):
    """Everything that the summary of a report draws."""

    category: list[Bar]
    shape: list[Bar]
    flow: list[list[Bubble]]
    findings: list[Bar]
    alike: list[Bar]
    newest: list[Column]


def charts(summary: Summary, names: Mapping[str, str]) -> Charts:
    """Return the charts of a catalogue.

    Args:
        summary: its counts.
        names: what the app of each key is called.
    """
    shapes = ((name, apps) for name, apps in summary.shapes.items() if apps)
    found = summary.findings
    return Charts(
        category=[Bar(name, apps, link(category=name), name) for name, apps in categories(summary).items()],
        shape=[Bar(name, apps, link(shape=name)) for name, apps in shapes],
        flow=_bubbles(summary.flows),
        findings=[Bar(words(f.rule), f.apps, link(findings=f.rule), f.severity, f.severity) for f in found],
        alike=sorted(_alike(summary, names), key=lambda bar: -bar.apps),
        newest=_columns(summary.months),
    )


def categories(summary: Summary) -> dict[str, int]:
    """Return the number of apps by category, those that could not be read last."""
    unreadable = {"unreadable": summary.unreadable} if summary.unreadable else {}
    return {**summary.categories, **unreadable}


def takes(flows: Iterable[Flow]) -> list[str]:
    """Return what apps take, `nothing` last."""
    return _present((*get_args(Modality), "nothing"), (each.takes or "nothing" for each in flows))


def gives(flows: Iterable[Flow]) -> list[str]:
    """Return what apps give."""
    return _present(get_args(Modality), (each.gives for each in flows))


def words(rule: str) -> str:
    """Return the id of a rule as words.

    >>> words("dangling-edge")
    'dangling edge'
    """
    return rule.replace("-", " ")


def _alike(summary: Summary, names: Mapping[str, str]) -> Iterator[Bar]:
    for kind, token, each in groups(summary):
        yield Bar(names[each.apps[0]], len(each.apps), link(alike=token), said=KINDS[kind])


def _present(order: Iterable[str], values: Iterable[str]) -> list[str]:
    present = set(values)
    return [value for value in order if value in present]


def _bubbles(flows: Sequence[Flow]) -> list[list[Bubble]]:
    apps = {(str(each.takes or "nothing"), str(each.gives)): each.apps for each in flows}
    most = max(apps.values(), default=1)

    def bubble(take: str, give: str) -> Bubble:
        number = apps.get((take, give), 0)
        radius = round(_LARGEST * sqrt(number / most), 1)
        return Bubble(take, give, number, radius, link(takes=take, gives=give))

    return [[bubble(take, give) for give in gives(flows)] for take in takes(flows)]


def _columns(months: Sequence[Month]) -> list[Column]:
    if not months:
        return []
    counts = {each.month: each.apps for each in months}
    whole = list(_calendar(min(counts), max(counts)))
    period = next((each for each in _PERIODS if len(set(map(each, whole))) <= _MOST), _PERIODS[-1])
    columns = dict.fromkeys(map(period, whole), 0)
    for month, apps in counts.items():
        columns[period(month)] += apps
    most = max(columns.values())
    return [Column(name, apps, round(apps / most, 4)) for name, apps in columns.items()]


def _calendar(first: str, last: str) -> Iterator[str]:
    """Every month from the first to the last."""
    year, month = map(int, first.split("-"))
    while (now := f"{year:04}-{month:02}") <= last:
        yield now
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _quarter(month: str) -> str:
    return f"{month[:4]} Q{(int(month[5:]) + 2) // 3}"


_LARGEST = 15  # the radius of the largest circle
_MOST = 24  # columns of a time line
_PERIODS: Sequence[Callable[[str], str]] = (str, _quarter, lambda month: month[:4])
