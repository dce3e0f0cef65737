"""How a catalogue report opens: its date, and at most five sentences, the worst first, with links."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import PurePath

from lamina_graph.model import Value
from lamina_graph.report.catalogue import charts
from lamina_graph.report.catalogue.rows import RowSummary
from lamina_graph.report.catalogue.summary import Summary
from lamina_graph.text import elide, join_words, one_line, pluralize

MOST = 5
"""Sentences: what can be read in ten seconds."""

UNCLEAR = 0.6
"""The confidence below which an app is named as unclear."""

_MOST_NAMES, _LONGEST = 3, 40
_SAMPLES = re.compile(r"(?:tests?|samples?|examples?|fixtures?|templates?|demos?)", re.IGNORECASE)
"""Names of folders whose files are seldom apps of a catalogue."""


class Phrase(Value):
    """A part of a sentence: its text, and the link within the page that it is, if any."""

    text: str
    link: str = ""
    strong: bool = False


class Sentence(Value):
    """A sentence in phrases."""

    phrases: tuple[Phrase, ...]

    @property
    def text(self) -> str:
        """The sentence as plain text."""
        return "".join(phrase.text for phrase in self.phrases)


class News(Value):
    """Which apps a store first met, and which went, in a span of time; by app id or name."""

    since: datetime
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


class Timing(Value):
    """Of what time a report speaks.

    Attributes:
        at: the moment that was asked for, where one was.
        snapshots: when the first and the last of the snapshots were taken, where there are some.
        news: what came and went shortly before, where a store tells.
    """

    at: datetime | None = None
    snapshots: tuple[datetime, datetime] | None = None
    news: News | None = None


UNDATED = Timing()


def date_line(timing: Timing, rows: Iterable[RowSummary]) -> str:
    """Return the date of a report: that of the snapshots, else of the newest node.

    >>> from datetime import UTC
    >>> date_line(Timing(snapshots=(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC))), ())
    'Snapshots of 2026-03-01 to 2026-03-09'
    """
    parts = []
    if timing.snapshots:
        days = dict.fromkeys(f"{moment:%Y-%m-%d}" for moment in timing.snapshots)
        parts.append(f"{'Snapshots' if len(days) > 1 else 'Snapshot'} of {' to '.join(days)}")
    if timing.at:
        asked = f"{timing.at:%Y-%m-%d %H:%M}".removesuffix(" 23:59").removesuffix(" 00:00")
        parts.append(f"as of {asked}")
    if not parts:
        newest = max((row.newest for row in rows if row.newest), default=None)
        parts.append(f"Newest node of {newest:%Y-%m-%d}" if newest else "No date is known")
    line = ", ".join(parts)
    return line[0].upper() + line[1:]


def opening(rows: Sequence[RowSummary], summary: Summary, timing: Timing) -> tuple[Sentence, ...]:
    """Return what to know of a catalogue first, in at most five sentences.

    >>> from lamina_graph.report.catalogue.summary import summarize
    >>> from lamina_graph.similar import Groups
    >>> nothing = summarize((), Groups(twins=(), families=(), copies=()))
    >>> [sentence.text for sentence in opening((), nothing, UNDATED)]
    ['0 apps.']
    """
    titles = {row.key: row.title for row in rows}
    wrong = list(_what_is_wrong(rows, summary))
    unclear = list(_what_is_unclear(rows))
    others = [
        list(part)
        for part in (
            _what_came_and_went(rows, timing.news),
            _what_is_twice(rows, summary, titles),
            _what_costs_most(rows, summary),
        )
    ]
    known = [part for part in others if part]
    if wrong and unclear and len(known) + 3 > MOST:
        wrong, unclear = [*wrong, Phrase(text="; least certain: "), *unclear[1:]], []
    parts = [list(_what_it_holds(rows, summary)), wrong, *known, unclear]
    return tuple(Sentence(phrases=(*part, Phrase(text="."))) for part in parts if part)


def _what_it_holds(rows: Sequence[RowSummary], summary: Summary) -> Iterator[Phrase]:
    yield Phrase(text=pluralize(summary.apps, "app"), link="#q=", strong=True)
    counts = [(category, apps) for category, apps in summary.categories.items() if apps]
    for place, (category, apps) in enumerate(sorted(counts, key=lambda item: (-item[1], item[0]))):
        yield Phrase(text=", " if place else ": ")
        yield Phrase(text=f"{apps:,} {category}", link=charts.link(category=category))
    if summary.older:
        yield Phrase(text="; ")
        held = len({row.newer for row in rows if row.newer})
        yield Phrase(text=f"{summary.older:,} more", link=charts.link(versions="older"))
        noun = "is an older version" if summary.older == 1 else "are older versions"
        yield Phrase(text=f" {noun} of {'one' if held == 1 else f'{held:,}'} of them")
    yield from _samples(rows)


def _samples(rows: Sequence[RowSummary]) -> Iterator[Phrase]:
    """Yield that some files lie where tests and samples do: they are counted, but may be no apps."""
    folders = Counter(folder for row in rows if (folder := _sample_folder(row)))
    number = sum(folders.values())
    if number:
        names = join_words((f"“{elide(name, _LONGEST)}”" for name, _ in folders.most_common()), _MOST_NAMES)
        count = "all" if number == len(rows) else f"{number:,} of the {len(rows):,} rows"
        verb = "comes" if number == 1 < len(rows) else "come"
        noun = "a folder" if len(folders) == 1 else "folders"
        yield Phrase(text=f"; {count} {verb} from {noun} called {names}")


def _sample_folder(row: RowSummary) -> str:
    folders = PurePath(one_line(row.ref)).parts[:-1]
    return next((folder for folder in folders if _SAMPLES.fullmatch(folder)), "")


def _what_is_wrong(rows: Sequence[RowSummary], summary: Summary) -> Iterator[Phrase]:
    wrong = [row for row in rows if not row.newer and any(kind == "error" for _, kind in row.findings)]
    if summary.unreadable:
        text = f"{summary.unreadable:,} could not be read"
        yield Phrase(text=text, link=charts.link(category="unreadable"), strong=True)
    if wrong:
        verb = "has" if len(wrong) == 1 else "have"
        yield Phrase(text=" and " if summary.unreadable else "")
        text = f"{len(wrong):,} {verb} errors"
        yield Phrase(text=text, link=charts.link(findings="error"), strong=True)
        yield Phrase(text=": ")
        yield from _named((row.title, charts.link(app=row.key)) for row in wrong)


def _what_is_unclear(rows: Iterable[RowSummary]) -> Iterator[Phrase]:
    sure = [(row.confidence, row) for row in rows if row.category and not row.newer]
    unclear = sorted((each for each in sure if each[0] < UNCLEAR), key=lambda each: each[0])
    if unclear:
        yield Phrase(text="Least certain: ")
        yield from _named((f"{row.title} ({sure:.0%})", charts.link(app=row.key)) for sure, row in unclear)


def _what_came_and_went(rows: Iterable[RowSummary], news: News | None) -> Iterator[Phrase]:
    if not news or not (news.new or news.gone):
        return
    known = {row.app_id: row for row in rows if row.app_id}
    yield Phrase(text=f"Since {news.since:%Y-%m-%d} ")
    if news.gone:
        yield Phrase(text=f"{len(news.gone):,} {'is' if len(news.gone) == 1 else 'are'} gone", strong=True)
        yield Phrase(text=": ")
        yield from _named((name, "") for name in news.gone)
    if news.new:
        yield Phrase(text="; " if news.gone else "")
        yield Phrase(text=f"{len(news.new):,} {'is' if len(news.new) == 1 else 'are'} new", strong=True)
        yield Phrase(text=": ")
        shown = ((known[id_].title, charts.link(app=known[id_].key)) for id_ in news.new if id_ in known)
        yield from _named(shown)


def _what_is_twice(rows: Sequence[RowSummary], summary: Summary, titles: dict[str, str]) -> Iterator[Phrase]:
    apps = {row.key: row.app_id or row.key for row in rows}
    groups = [
        (number, group)
        for number, group in enumerate(summary.twins, 1)
        if len({apps[key] for key in group.apps}) > 1
    ]
    if groups:
        verb = "pipeline stands" if len(groups) == 1 else "pipelines stand"
        text = f"{len(groups):,} {verb} under more than one name"
        yield Phrase(text=text, link=charts.link(alike="twins"), strong=True)
        yield Phrase(text=": ")
        yield from _named(
            (
                " = ".join(one_line(titles[key], 36) for key in group.apps[:3]),
                charts.link(alike=f"twins-{number}"),
            )
            for number, group in groups
        )


def _what_costs_most(rows: Iterable[RowSummary], summary: Summary) -> Iterator[Phrase]:
    credits = summary.credits
    if not credits:
        return
    prices = {row.key: (row.title, row.credits) for row in rows}
    yield Phrase(text="One run of each priced app costs ")
    total = f"{charts.format_credits(credits.total)} credits"
    yield Phrase(text=total, link=charts.link(credits="priced"), strong=True)
    title, most = prices[credits.dearest[0]]
    if credits.priced > 1 and most is not None:
        yield Phrase(text=", ")
        yield Phrase(text=one_line(title, _LONGEST), link=charts.link(app=credits.dearest[0]))
        yield Phrase(text=f" alone {charts.format_credits(most)}")
    if credits.unpriced:
        yield Phrase(text="; ")
        yield Phrase(text=f"{credits.unpriced:,} not priced", link=charts.link(credits="unpriced"))


def _named(items: Iterable[tuple[str, str]]) -> Iterator[Phrase]:
    """Yield names with their links, and how many more there are."""
    all_ = list(items)
    for place, (name, link) in enumerate(all_[:_MOST_NAMES]):
        yield Phrase(text=", " if place else "")
        yield Phrase(text=one_line(name, 3 * _LONGEST), link=link)
    if len(all_) > _MOST_NAMES:
        yield Phrase(text=f" and {len(all_) - _MOST_NAMES:,} more")
