"""A catalogue report: a row for each app, a summary, and the four files it can be written as."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from lamina_graph.batch import batch
from lamina_graph.errors import InputError
from lamina_graph.files import canonical, write
from lamina_graph.model import Entry, Estimate, Value, Workflow
from lamina_graph.report.catalogue import markdown as tables
from lamina_graph.report.catalogue.pictures import Pictures
from lamina_graph.report.catalogue.rows import Examined, Row, examine
from lamina_graph.report.catalogue.summary import Summary, summarise
from lamina_graph.similar import Group, Groups
from lamina_graph.similar.grouping import grouped
from lamina_graph.text import one_line
from lamina_graph.vocabulary import Vocabulary

_CHUNK = 25
"""Apps in one task: to draw one takes far longer than to hand it over."""


class Skipped(Value):
    """A file of a folder that holds no workflow, and what it lacks."""

    path: str
    reason: str


class Report(Value):
    """A catalogue report; `html`, `markdown`, `csv` and `json` are what it looks like in a file."""

    schema_name: Literal["report/1"] = Field(default="report/1", alias="schema")
    title: str
    summary: Summary
    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...] = ()
    pictures: tuple[Pictures | None, ...] = Field(default=(), exclude=True, repr=False)
    workflows: tuple[Workflow | None, ...] = Field(default=(), exclude=True, repr=False)

    @property
    def html(self) -> str:
        """One page that needs no network; it can be searched, sorted and printed."""
        from lamina_graph.report.catalogue import html as page

        return page.html(self)

    @property
    def markdown(self) -> str:
        """The summary and a table, for a wiki or a pull request."""
        return tables.markdown(self)

    @property
    def csv(self) -> str:
        """A table for a spreadsheet (RFC 4180), without formulas."""
        return tables.csv(self.rows)

    @property
    def json(self) -> str:  # type: ignore[override]
        """Everything but the pictures, as JSON."""
        return canonical(self.model_dump(mode="json"))

    def save(self, path: str | Path) -> None:
        """Write the report in the format of the file's ending, whole or not at all.

        Raises:
            InputError: the ending names no format.
            OSError: the file cannot be written.
        """
        ending = Path(path).suffix.lower()
        if ending not in FORMATS:
            known = ", ".join(sorted(FORMATS))
            raise InputError(
                f"{path}: a report cannot be written as '{ending}'",
                f"Give the file one of the endings {known}.",
            )
        write(path, getattr(self, FORMATS[ending]))


def report(
    entries: Iterable[Entry],
    *,
    title: str = "Lamina catalogue",
    estimates: Iterable[Estimate] = (),
    skipped: Iterable[tuple[str, str]] = (),
    now: datetime | None = None,
    executor: Executor | None = None,
    vocabulary: Vocabulary | None = None,
    rules: Sequence[Any] | None = None,
    drawn: bool = True,
) -> Report:
    """Return a report over a catalogue: a row for each entry, in order, whether it could be read or not.

    Args:
        entries: what a person named, and the workflow or the error that each gave.
        title: the heading of the report.
        estimates: what runs cost, by app id; they go before what the entries themselves carry.
        skipped: files that were left out, with the reason of each, for the report to name.
        now: when the catalogue was seen: later stamps in node ids count as unknown.
        executor: where the work on single apps is done; in this thread where not given.
        vocabulary: the words of node types; the default ones where not given.
        rules: the rules of classification; the default ones where not given.
        drawn: whether to draw the pictures, and to keep the workflows, both of which only the HTML has.

    >>> from lamina_graph.files import load
    >>> w = load({"name": "Reels", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> made = report([Entry(ref="reels.json", workflow=w)], drawn=False)
    >>> made.summary.categories["video"], made.rows[0].classification.category
    (1, 'video')
    """
    work = partial(examine, vocabulary=vocabulary, rules=rules, now=now, drawn=drawn)
    examined = list(batch(work, _priced(entries, estimates), executor, _CHUNK))
    alike = _alike(examined)
    rows = _related(list(_keyed([each.row for each in examined])), alike)
    return Report(
        title=title,
        summary=summarise(rows, alike),
        rows=rows,
        skipped=tuple(Skipped(path=path, reason=reason) for path, reason in skipped),
        pictures=tuple(each.pictures for each in examined) if drawn else (),
        workflows=tuple(each.profile and each.profile.workflow for each in examined) if drawn else (),
    )


FORMATS: Mapping[str, str] = {
    ".htm": "html",
    ".html": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".csv": "csv",
    ".json": "json",
}
"""Which of a report's forms a file's ending asks for."""


def _priced(entries: Iterable[Entry], estimates: Iterable[Estimate]) -> Iterator[Entry]:
    """The entries, each with the estimate of its app."""
    known = {each.app_id: each for each in estimates}
    for entry in entries:
        found = known.get((entry.workflow and entry.workflow.app_id) or "")
        yield entry.model_copy(update={"estimate": found}) if found else entry


def _keyed(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows with keys of their own: an app's id where one row has it, else the ref, numbered."""
    wanted = Counter(row.key for row in rows)
    taken: set[str] = set()
    for row in rows:
        first = row.key if wanted[row.key] == 1 else one_line(row.ref)
        key = next(each for each in chain([first], (f"{first}~{n}" for n in count(2))) if each not in taken)
        taken.add(key)
        yield row.model_copy(update={"key": key})


def _alike(examined: Sequence[Examined]) -> Groups:
    """What is alike among the entries that could be read, by the places of the entries."""
    known = [(place, each.profile) for place, each in enumerate(examined) if each.profile is not None]
    places = [place for place, _ in known]
    found = grouped([profile for _, profile in known])
    return Groups(**{kind: _placed(each, places) for kind, each in found})


def _placed(found: Iterable[Group], places: Sequence[int]) -> tuple[Group, ...]:
    return tuple(
        Group(members=tuple(places[member] for member in each.members), why=each.why) for each in found
    )


def _related(rows: Sequence[Row], alike: Groups) -> tuple[Row, ...]:
    kinds = {"twins": alike.twins, "family": alike.families, "copies": alike.copies}
    others = {kind: _others(found, rows) for kind, found in kinds.items()}
    return tuple(
        row.model_copy(update={kind: found.get(place, ()) for kind, found in others.items()})
        for place, row in enumerate(rows)
    )


def _others(found: Iterable[Group], rows: Sequence[Row]) -> dict[int, tuple[str, ...]]:
    return {
        place: tuple(rows[other].key for other in each.members if other != place)
        for each in found
        for place in each.members
    }
