"""A catalogue report as one HTML page that loads nothing and forbids what it does not need."""

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from lamina_graph.files import pack_all
from lamina_graph.report.catalogue import charts
from lamina_graph.report.catalogue.build import Report
from lamina_graph.report.catalogue.cells import modalities, reason
from lamina_graph.report.catalogue.files_beside import FilesBeside
from lamina_graph.report.catalogue.filters import Filters
from lamina_graph.report.catalogue.packed import TOGETHER, Rows, deflate, row_summaries
from lamina_graph.report.catalogue.pictures import Pictures
from lamina_graph.report.catalogue.rows import Port, Row
from lamina_graph.report.catalogue.sparkline import Sparkline, sparkline
from lamina_graph.report.catalogue.summary import SEVERITIES, Alike
from lamina_graph.report.page import asset, diagram_stylesheet, generate_page, macro
from lamina_graph.text import elide


class Heading(NamedTuple):
    """One column of the table."""

    name: str
    title: str
    number: bool = False


class App(NamedTuple):
    """One app as the page shows it.

    Attributes:
        row, pictures: what there is of it.
        tokens: the values by which filters find it.
        groups: the kind of each group of apps that are alike in which it is, and the group.
        details: what is shown once it is opened, as HTML.
    """

    row: Row
    pictures: Pictures | None
    tokens: dict[str, str]
    groups: Sequence[tuple[str, Alike]] = ()
    details: str = ""

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
    def alike(self) -> Iterator[tuple[str, list[str], int]]:
        """Yield which apps are like it: in which way, the keys of the first, and how many more there are."""
        for kind, group in self.groups:
            first = [key for key in group.apps[: _MOST_NAMED + 1] if key != self.row.key][:_MOST_NAMED]
            yield _ALIKE[kind], first, len(group.apps) - 1 - len(first)

    @property
    def words(self) -> str:
        """What a search finds beside what the row shows: each word once, no part of another one."""
        row = self.row
        types = [kind.name for kind in row.types]
        ports = [port.title for port in (*row.inputs, *row.deliverables)]
        findings = [finding.text for finding in row.findings]
        uses = (*row.uses.packs, *row.uses.models, *row.uses.services)
        shown = f"{row.title} {self.place} {reason(row)}"
        words = ""
        for word in sorted(
            set(" ".join((*types, *uses, *ports, *findings)).split()), key=lambda each: (-len(each), each)
        ):
            if word not in words and word not in shown:
                words += f" {word}"
        return elide(words.lstrip(), _MOST_WORDS)

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

MOST_IN_FULL = 500
"""Apps up to which a page has the details of each also as text that can be read without JavaScript."""

_ALIKE = {"twins": "The same graph", "family": "A family with", "copies": "Node ids in common with"}
_MOST_NAMED = 20  # apps that an app is like
_MOST_WORDS = 4_000  # characters that a search looks through beside those of a row


def html_pieces(report: Report, beside: FilesBeside | None = None) -> Iterator[str]:
    """Yield a report as a page, piece by piece.

    Args:
        report: the report.
        beside: where the details and the diagrams of its apps are written; into the page where not given.
    """
    page = _Page(report, beside)
    yield from generate_page(
        "catalogue.html",
        asset("catalogue.css") + diagram_stylesheet(),
        asset("catalogue.js"),
        carried=pack_all(report.rows.workflows()) if isinstance(report.rows, Rows) else (),
        title=report.title,
        date=report.date,
        opening=report.opening,
        skipped=report.skipped,
        unreadable=[row for row in page.rows if row.error],
        charts=charts.charts(report.summary, page.names),
        filters=page.filters.options,
        parts=page.parts(report.rows),
        in_full=len(page.rows) <= MOST_IN_FULL,
        folder=beside.folder if beside else "",
        address=beside.address if beside else "",
        **page.values,
    )
    if beside:
        beside.check()


class Part(NamedTuple):
    """A few apps of a page; their details and diagrams, packed, or the file beside the page that has them."""

    apps: list[App]
    packed: str = ""
    file: str = ""


class _Page:
    """What the page of a report shows of its apps."""

    def __init__(self, report: Report, beside: FilesBeside | None) -> None:
        self._beside = beside
        self.rows = row_summaries(report.rows)
        self.names = {row.key: row.title for row in self.rows}
        self.filters = Filters(report.summary, self.names)
        self.values = {
            "prices": {row.key: row.credits for row in self.rows},
            "summary": report.summary,
            "columns": [column for column in COLUMNS if report.summary.credits or column.name != "credits"],
            "severities": SEVERITIES,
            "names": self.names,
            "modalities": modalities,
            "link": lambda key: charts.link(app=key),
            "words": charts.rule_words,
            "amount": charts.format_credits,
        }
        self._details = macro("details.html", "details", **self.values)

    def parts(self, rows: Sequence[Row]) -> Iterator[Part]:
        """Yield the apps of the page, a few at a time."""
        if isinstance(rows, Rows):
            for apps, diagrams in rows.parts():
                yield self._part(apps, diagrams)
        else:
            for start in range(0, len(rows), TOGETHER):
                yield self._part([(row, None) for row in rows[start : start + TOGETHER]], b"")

    def _part(self, rows: Iterable[tuple[Row, Pictures | None]], diagrams: bytes) -> Part:
        apps = [self._app(row, pictures) for row, pictures in rows]
        packed = (deflate([app.details for app in apps]), diagrams or deflate([""] * len(apps)))
        text = " ".join(b64encode(each).decode() for each in packed)
        return Part(apps, file=self._beside.write(text)) if self._beside else Part(apps, text)

    def _app(self, row: Row, pictures: Pictures | None) -> App:
        app = App(row, pictures, self.filters.tokens(row), self.filters.groups(row.key))
        return app._replace(details=self._details(app)) if row.classification else app


def _tally(ports: Iterable[Port]) -> Counter[tuple[str, str]]:
    return Counter((port.title, ", ".join(port.modalities) or "unknown") for port in ports)
