"""A catalogue report as one HTML page that loads nothing and forbids what it does not need."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby, zip_longest
from typing import NamedTuple

from lamina_graph.files import pack_all
from lamina_graph.report.catalogue import charts
from lamina_graph.report.catalogue.build import Report
from lamina_graph.report.catalogue.cells import modalities
from lamina_graph.report.catalogue.filters import Filters
from lamina_graph.report.catalogue.pictures import Pictures
from lamina_graph.report.catalogue.rows import Port, Row
from lamina_graph.report.catalogue.sparkline import Sparkline, sparkline
from lamina_graph.report.catalogue.summary import SEVERITIES
from lamina_graph.report.page import asset, diagram_stylesheet, render_page
from lamina_graph.text import elide


class Heading(NamedTuple):
    """One column of the table."""

    name: str
    title: str
    number: bool = False


class App(NamedTuple):
    """One app as the page shows it: its row, its pictures, and the values by which filters find it."""

    row: Row
    pictures: Pictures | None
    tokens: dict[str, str]

    @property
    def sparkline(self) -> Sparkline | None:
        """When its nodes were made."""
        return sparkline(self.row.ages) if self.row.ages else None

    def cards(self, ids: Iterable[str]) -> str:
        """Return the numbers of the cards of some nodes in its picture, by which a script finds them."""
        places = self.pictures.places if self.pictures else {}
        numbers = (places[id_] for id_ in ids if id_ in places)
        return " ".join(str(number) for number, _ in groupby(numbers))

    def titles(self, ids: Sequence[str]) -> list[str]:
        """Return what some nodes are called."""
        known = self.pictures.titles if self.pictures else {}
        return [elide(known.get(id_, id_), 40) for id_ in ids]

    @property
    def place(self) -> str:
        """Where it comes from, where that says more than its name: a file, not an id."""
        row = self.row
        named = row.title == row.ref or row.ref.partition("@")[0] == row.app_id
        return "" if named else row.ref

    @property
    def named(self) -> list[str]:
        """What its first deliverables are called, those of one name once."""
        return list(dict.fromkeys(elide(port.title, 30) for port in self.row.deliverables))

    @property
    def ports(self) -> dict[str, Counter[tuple[str, str]]]:
        """What it takes and what it gives: how often each title and modality occurs."""
        return {"Takes": _tally(self.row.inputs), "Gives": _tally(self.row.deliverables)}

    @property
    def words(self) -> str:
        """What a search finds beside what the row says."""
        row = self.row
        types = [kind.name for kind in row.types]
        ports = [port.title for port in (*row.inputs, *row.deliverables)]
        findings = [finding.text for finding in row.findings]
        uses = (*row.uses.packs, *row.uses.models, *row.uses.services)
        return elide(" ".join(dict.fromkeys((*types, *uses, *ports, *findings))), _MOST_WORDS)

    @property
    def weight(self) -> int:
        """How much its findings weigh in sorting: an error more than warnings, these more than notes."""
        return sum(1000 ** (2 - SEVERITIES.index(finding.severity)) for finding in self.row.findings)


COLUMNS = (
    Heading("name", "App"),
    Heading("category", "Category"),
    Heading("confidence", "Confidence", number=True),
    Heading("pipeline", "Pipeline"),
    Heading("shape", "Shape"),
    Heading("stages", "Stages", number=True),
    Heading("takes", "Takes"),
    Heading("gives", "Deliverables"),
    Heading("credits", "Credits", number=True),
    Heading("findings", "Findings"),
    Heading("newest", "Newest"),
)

_MOST_WORDS = 4_000  # characters that a search looks through beside those of a row


def html(report: Report) -> str:
    """Return a report as one page."""
    names = {row.key: row.title for row in report.rows}
    filters = Filters(report.summary, names)
    rows = zip_longest(report.rows, report.pictures)
    return render_page(
        "catalogue.html",
        asset("catalogue.css") + diagram_stylesheet(),
        asset("catalogue.js"),
        carried=pack_all((row.key, w) for row, w in zip(report.rows, report.workflows, strict=False) if w),
        title=report.title,
        date=report.date,
        opening=report.opening,
        prices={row.key: row.expected for row in report.rows},
        summary=report.summary,
        skipped=report.skipped,
        charts=charts.charts(report.summary, names),
        columns=[column for column in COLUMNS if report.summary.credits or column.name != "credits"],
        severities=SEVERITIES,
        filters=filters.options,
        apps=[App(row, drawn, filters.tokens(row)) for row, drawn in rows],
        names=names,
        modalities=modalities,
        link=lambda key: charts.link(app=key),
        words=charts.rule_words,
        amount=charts.format_credits,
    )


def _tally(ports: Iterable[Port]) -> Counter[tuple[str, str]]:
    return Counter((port.title, ", ".join(port.modalities) or "unknown") for port in ports)
