"""A catalogue report as one HTML page that loads nothing and forbids what it does not need."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from lamina_graph.report.pictures import SHARED, STYLE, Pictures
from lamina_graph.report.plain import cut, line
from lamina_graph.report.rows import Row
from lamina_graph.report.summary import SEVERITIES, Month, Summary, worst
from lamina_graph.report.tables import counted, flow, headline

if TYPE_CHECKING:
    import jinja2

    from lamina_graph.report.catalogue import Report


class Heading(NamedTuple):
    """One column of the table."""

    name: str
    title: str
    number: bool = False


COLUMNS = (
    Heading("name", "App"),
    Heading("category", "Category"),
    Heading("confidence", "Confidence", number=True),
    Heading("why", "Why"),
    Heading("shape", "Shape"),
    Heading("stages", "Stages", number=True),
    Heading("steps", "Steps", number=True),
    Heading("takes", "Takes"),
    Heading("gives", "Gives"),
    Heading("findings", "Findings"),
    Heading("edited", "Last edited"),
)


class Bar(NamedTuple):
    """One bar of a chart: what it is called, how many apps it stands for, and the filter that shows these."""

    name: str
    apps: int
    link: str
    mark: str = ""


class Bubble(NamedTuple):
    """One cell of the modality flow; its circle's area is in proportion to the apps."""

    takes: str
    gives: str
    apps: int
    radius: float

    @property
    def link(self) -> str:
        """The filter that shows these apps."""
        return _link(takes=self.takes, gives=self.gives)


class Column(NamedTuple):
    """One column of the time line; `height` is its part of the highest."""

    period: str
    apps: int
    height: float


def html(report: "Report") -> str:
    """Return a report as one page."""
    style, script = _asset("catalogue.css") + STYLE, _asset("catalogue.js")
    numbers = {key: str(number) for number, group in enumerate(report.summary.twins, 1) for key in group}
    names = {row.key: row.title for row in report.rows}
    page = _environment().get_template("catalogue.html")
    return page.render(
        title=report.title,
        headline=headline(report.summary),
        policy=_policy(style, script),
        style=_markup(style),
        script=_markup(script),
        shared=_markup(SHARED),
        summary=report.summary,
        charted=_charts(report.summary, names),
        columns=COLUMNS,
        filters=_filters(report.summary, names),
        apps=[_App(row, shown, numbers) for row, shown in zip(report.rows, report.pictures, strict=True)],
        names=names,
    )


class _App(NamedTuple):
    row: Row
    pictures: Pictures | None
    numbers: dict[str, str]

    @property
    def tokens(self) -> dict[str, str]:
        """For each filter, the values that show this app."""
        row, verdict = self.row, self.row.classification
        if verdict is None:
            return {"category": "unreadable"}
        return {
            "category": verdict.category,
            "shape": verdict.shape,
            "takes": " ".join(verdict.modalities.inputs) or "nothing",
            "gives": " ".join(verdict.modalities.outputs) or "nothing",
            "findings": " ".join(sorted({"any", *(f.severity for f in row.findings), *(f.rule for f in row.findings)}))
            if row.findings
            else "none",
            "twins": f"any {self.numbers[row.key]}" if row.twins else "none",
        }

    @property
    def weight(self) -> int:
        """How much its findings weigh, for sorting: errors before warnings before notes."""
        return sum(1000 ** (2 - SEVERITIES.index(each.severity)) for each in self.row.findings)


def _charts(summary: Summary, names: dict[str, str]) -> dict[str, Any]:
    return {
        "category": [Bar(name, apps, _link(category=name), name) for name, apps in summary.categories.items()],
        "shape": [Bar(name, apps, _link(shape=name)) for name, apps in summary.shapes.items() if apps],
        "findings": [Bar(_words(f.rule), f.apps, _link(findings=f.rule), f.severity) for f in summary.findings],
        "twins": [
            Bar(names[group[0]], len(group), _link(twins=str(number))) for number, group in enumerate(summary.twins, 1)
        ],
        "flow": _bubbles(summary),
        "time": _columns(summary.months),
    }


def _filters(summary: Summary, names: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    groups = [(str(number), cut(names[group[0]], 40)) for number, group in enumerate(summary.twins, 1)]
    takes = list(dict.fromkeys(each.takes or "nothing" for each in summary.flows))
    gives = list(dict.fromkeys(each.gives for each in summary.flows))
    rules = [(each.rule, _words(each.rule)) for each in summary.findings]
    severities = dict.fromkeys(each.severity for each in summary.findings)
    unreadable = [("unreadable", "could not be read")] if summary.unreadable else []
    return {
        "category": [(name, name) for name, apps in summary.categories.items() if apps] + unreadable,
        "shape": [(name, name) for name, apps in summary.shapes.items() if apps],
        "takes": [(name, name) for name in takes],
        "gives": [(name, name) for name in gives],
        "findings": [("any", "any"), ("none", "none"), *((each, f"{each}s") for each in severities), *rules],
        "twins": [("any", "any"), ("none", "none"), *groups],
    }


def _bubbles(summary: Summary) -> dict[str, list[Any]]:
    apps = {(each.takes or "nothing", each.gives): each.apps for each in summary.flows}
    takes = list(dict.fromkeys(each.takes or "nothing" for each in summary.flows))
    gives = sorted({each.gives for each in summary.flows}, key=[each.gives for each in summary.flows].index)
    most = max(apps.values(), default=1)
    rows = [
        [Bubble(take, give, n := apps.get((take, give), 0), round(sqrt(n / most) * 15, 1)) for give in gives]
        for take in takes
    ]
    return {"gives": gives, "rows": rows}


def _columns(months: Sequence[Month]) -> list[Column]:
    counts = {each.month: each.apps for each in months}
    if not counts:
        return []
    whole = list(_calendar(min(counts), max(counts)))
    for period in (_month, _quarter, _year):
        columns: dict[str, int] = {}
        for month in whole:
            columns[period(month)] = columns.get(period(month), 0) + counts.get(month, 0)
        if len(columns) <= _MOST_COLUMNS:
            break
    most = max(columns.values())
    return [Column(name, apps, round(apps / most, 4)) for name, apps in columns.items()]


def _calendar(first: str, last: str) -> Iterator[str]:
    year, month = map(int, first.split("-"))
    while (now := f"{year:04}-{month:02}") <= last:
        yield now
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _month(month: str) -> str:
    return month


def _quarter(month: str) -> str:
    return f"{month[:4]} Q{(int(month[5:]) + 2) // 3}"


def _year(month: str) -> str:
    return month[:4]


def _link(**filters: str) -> str:
    return "#" + "&".join(f"{name}={quote(line(value), safe='')}" for name, value in filters.items())


def _words(rule: str) -> str:
    return rule.replace("-", " ")


def _policy(style: str, script: str) -> str:
    allowed = {"style-src": style, "script-src": script}
    hashes = "; ".join(f"{what} 'sha256-{_digest(text)}'" for what, text in allowed.items())
    return f"default-src 'none'; {hashes}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()


def _asset(name: str) -> str:
    return files("lamina_graph.report").joinpath("templates", name).read_text(encoding="utf-8")


def _markup(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)


@cache
def _environment() -> "jinja2.Environment":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("lamina_graph.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        counted=counted, cut=cut, flow=flow, link=lambda key: _link(app=key), words=_words, worst=worst, markup=_markup
    )
    return environment


def _finalize(value: Any) -> Any:
    return line(value) if type(value) is str else value


_MOST_COLUMNS = 24
