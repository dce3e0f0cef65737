"""The filters of a catalogue's page: what each offers, and by which values it finds an app."""

from collections.abc import Iterable, Iterator, Mapping

from lamina_graph.report.catalogue import charts
from lamina_graph.report.catalogue.rows import Row
from lamina_graph.report.catalogue.summary import Alike, Summary
from lamina_graph.text import elide, one_line

_MOST_USED = 200
"""Packs, models or services that a filter offers; the search finds the others too."""

Options = list[tuple[str, str]]
"""The values of a filter, each with what it is called."""


class Filters:
    """The filters over one catalogue, in which each app has a name by its key."""

    def __init__(self, summary: Summary, names: Mapping[str, str]) -> None:
        self._summary, self._names = summary, names
        self._period = charts.period(summary.months)
        self._groups = _memberships(summary)

    @property
    def options(self) -> dict[str, Options]:
        """For each filter its values and what they are called; a filter with one value is none."""
        summary = self._summary
        severities = dict.fromkeys(count.severity for count in summary.findings)
        rules = [(count.rule, charts.rule_words(count.rule)) for count in summary.findings]
        filters = {
            "category": _same(name for name, apps in charts.categories(summary).items() if apps),
            "shape": _same(name for name, apps in summary.shapes.items() if apps),
            "takes": _same(charts.takes(summary.flows)),
            "gives": _same(charts.gives(summary.flows)),
            **{kind: _used(counts) for kind, counts in summary.uses.items()},
            "credits": list(self._credits()),
            "findings": [
                *_same(("any", "none")),
                *((severity, f"{severity}s") for severity in severities),
                *rules,
            ],
            "alike": [*self._alike(), ("none", "none")],
            "versions": [("older", "older"), ("all", "all")] if self._summary.older else [],
            "newest": [
                *_same(column.period for column in charts.columns(summary.months) if column.apps),
                *([("undated", "no date")] if summary.undated else []),
            ],
        }
        return {name: options for name, options in filters.items() if len(options) > 1}

    def tokens(self, row: Row) -> dict[str, str]:
        """Return for each filter the values, with blanks between, by which it shows an app."""
        verdict = row.classification
        versions = "older all" if row.newer else "newest all"
        if verdict is None:
            return {"category": "unreadable", "versions": versions}
        findings = {value for finding in row.findings for value in ("any", finding.severity, finding.rule)}
        return {
            "category": verdict.category,
            "shape": verdict.shape,
            "takes": " ".join(verdict.modalities.inputs) or "nothing",
            "gives": " ".join(verdict.modalities.outputs) or "nothing",
            "pack": " ".join(map(_token, row.uses.packs)),
            "model": " ".join(map(_token, row.uses.models)),
            "service": " ".join(map(_token, row.uses.services)),
            "credits": self._price(row.expected),
            "findings": " ".join(sorted(findings)) or "none",
            "alike": " ".join(f"{kind} {token}" for kind, token, _ in self._groups.get(row.key, ()))
            or "none",
            "versions": versions,
            "newest": self._period(f"{row.newest:%Y-%m}") if row.newest else "undated",
        }

    def groups(self, key: str) -> list[tuple[str, Alike]]:
        """Return the groups of apps that are alike in which an app is, each with its kind."""
        return [(kind, group) for kind, _, group in self._groups.get(key, ())]

    def _credits(self) -> Iterator[tuple[str, str]]:
        if credits := self._summary.credits:
            yield "priced", "priced"
            yield from (
                (charts.band_token(band), charts.band_text(band)) for band in credits.bands if band.apps
            )
            yield from [("unpriced", "not priced")] if credits.unpriced else []

    def _price(self, expected: float | None) -> str:
        credits = self._summary.credits
        if not credits or expected is None:
            return "unpriced"
        return f"priced {charts.band_token(credits.band(expected))}"

    def _alike(self) -> Iterator[tuple[str, str]]:
        groups = list(charts.groups(self._summary))
        yield from ((kind, charts.KINDS[kind]) for kind in dict.fromkeys(kind for kind, _, _ in groups))
        for kind, token, group in groups:
            yield token, f"{charts.KINDS[kind]}: {elide(self._names[group.apps[0]], 40)}"


def _same(names: Iterable[str]) -> Options:
    return [(name, name) for name in names]


def _used(counts: Mapping[str, int]) -> Options:
    """Return what apps use as options, the most used first, each with the number of its apps."""
    used = list(counts.items())[:_MOST_USED]
    return [(_token(name), f"{elide(one_line(name), 60)} ({apps})") for name, apps in used]


def _token(name: str) -> str:
    """Return a name as one value of a filter: without blanks."""
    return "_".join(name.split())


def _memberships(summary: Summary) -> dict[str, list[tuple[str, str, Alike]]]:
    """For each app that is like another the groups it is in, by key: kind, name as a value, group."""
    groups: dict[str, list[tuple[str, str, Alike]]] = {}
    for each in charts.groups(summary):
        for key in each[2].apps:
            groups.setdefault(key, []).append(each)
    return groups
