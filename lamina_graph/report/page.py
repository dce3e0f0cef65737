"""A catalogue report as one HTML page that loads nothing and forbids what it does not need."""

from collections import Counter
from collections.abc import Iterable
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from lamina_graph.report import charts
from lamina_graph.report.links import KINDS, groups, link, memberships, tokens
from lamina_graph.report.pictures import Pictures, stylesheet
from lamina_graph.report.plain import cut
from lamina_graph.report.rows import Port, Row
from lamina_graph.report.sheet import asset, markup, sheet
from lamina_graph.report.summary import SEVERITIES, Summary
from lamina_graph.report.tables import flow, headline

if TYPE_CHECKING:
    from lamina_graph.report.catalogue import Report


class Heading(NamedTuple):
    """One column of the table, after the pictures."""

    name: str
    title: str
    number: bool = False


class App(NamedTuple):
    """One app as the page shows it: its row, its pictures, and the values by which filters find it."""

    row: Row
    pictures: Pictures | None
    tokens: dict[str, str]

    @property
    def thumbnail(self) -> str:
        """The small picture, as SVG."""
        return markup(self.pictures.thumbnail) if self.pictures else ""

    @property
    def diagram(self) -> str:
        """The picture of its details, packed."""
        return markup(self.pictures.diagram) if self.pictures else ""

    @property
    def ports(self) -> dict[str, Counter[tuple[str, str]]]:
        """What it takes and what it gives: how often each title and modality occurs."""
        return {"Takes": _tally(self.row.inputs), "Gives": _tally(self.row.deliverables)}

    @property
    def words(self) -> str:
        """What a search finds beside what the row says."""
        row = self.row
        types = [each.name for each in row.types]
        ports = [each.title for each in (*row.inputs, *row.deliverables)]
        said = [each.text for each in row.findings]
        return cut(" ".join(dict.fromkeys((*types, *ports, *said))), _MOST_WORDS)

    @property
    def weight(self) -> int:
        """How much its findings weigh in sorting: an error more than warnings, these more than notes."""
        return sum(1000 ** (2 - SEVERITIES.index(each.severity)) for each in self.row.findings)


COLUMNS = (
    Heading("name", "App"),
    Heading("category", "Category"),
    Heading("confidence", "Confidence", number=True),
    Heading("why", "Why"),
    Heading("shape", "Shape"),
    Heading("stages", "Stages", number=True),
    Heading("takes", "Takes"),
    Heading("gives", "Gives"),
    Heading("findings", "Findings"),
    Heading("newest", "Newest node"),
)

_MOST_WORDS = 4_000  # characters that a search looks through beside those of a row


def html(report: "Report") -> str:
    """Return a report as one page."""
    names = {row.key: row.title for row in report.rows}
    alike = memberships(report.summary)
    rows = zip_longest(report.rows, report.pictures)
    return sheet(
        "catalogue.html",
        asset("catalogue.css") + stylesheet(),
        asset("catalogue.js"),
        title=report.title,
        headline=headline(report.summary),
        summary=report.summary,
        charts=charts.charts(report.summary, names),
        columns=COLUMNS,
        severities=SEVERITIES,
        filters=_filters(report.summary, names),
        apps=[App(row, drawn, tokens(row, alike.get(row.key, []))) for row, drawn in rows],
        names=names,
        flow=flow,
        link=lambda key: link(app=key),
        words=charts.words,
    )


def _filters(summary: Summary, names: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    """For each filter its values and what they are called."""
    severities = dict.fromkeys(each.severity for each in summary.findings)
    rules = [(each.rule, charts.words(each.rule)) for each in summary.findings]
    alike = list(groups(summary))
    kinds = dict.fromkeys(kind for kind, _, _ in alike)
    named = [(token, f"{KINDS[kind]}: {cut(names[each.apps[0]], 40)}") for kind, token, each in alike]
    return {
        "category": _same(name for name, apps in charts.categories(summary).items() if apps),
        "shape": _same(name for name, apps in summary.shapes.items() if apps),
        "takes": _same(charts.takes(summary.flows)),
        "gives": _same(charts.gives(summary.flows)),
        "findings": [*_same(("any", "none")), *((each, f"{each}s") for each in severities), *rules],
        "alike": [*((kind, KINDS[kind]) for kind in kinds), ("none", "none"), *named],
    }


def _same(names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, name) for name in names]


def _tally(ports: Iterable[Port]) -> Counter[tuple[str, str]]:
    return Counter((port.title, ", ".join(port.modalities) or "unknown") for port in ports)
