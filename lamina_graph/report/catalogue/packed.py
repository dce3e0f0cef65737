"""The apps of a catalogue kept in few bytes: rows are made anew when asked for, diagrams stay packed."""

import pickle
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from json import dumps
from typing import Any, NamedTuple, overload

from lamina_graph.files import workflow_text
from lamina_graph.report.catalogue.pictures import Pictures
from lamina_graph.report.catalogue.rows import MOST_ALIKE, AppAnalysis, Row, RowSummary

TOGETHER = 24
"""Apps that are packed together: what they have in common takes room once, and to read one unpacks all."""


class PackedApps(NamedTuple):
    """A few apps, deflated.

    Attributes:
        rows: of each app the row as plain data, and its pictures without the diagram.
        diagrams: the SVG of each, empty where there is none; nothing where nothing is drawn.
        workflows: each as JSON, None where there is none; nothing where nothing is drawn.
    """

    rows: bytes
    diagrams: bytes = b""
    workflows: bytes = b""


def pack_apps(apps: Sequence[AppAnalysis], *, drawn: bool) -> PackedApps:
    """Return a few apps in few bytes, with diagrams and workflows where they are drawn."""
    rows = [
        (app.row.model_dump(mode="json"), app.pictures and app.pictures._replace(diagram="")) for app in apps
    ]
    if not drawn:
        return PackedApps(_packed(rows))
    diagrams = [app.pictures.diagram if app.pictures else "" for app in apps]
    workflows = [app.workflow and workflow_text(app.workflow) for app in apps]
    return PackedApps(_packed(rows), deflate(diagrams), _packed(workflows))


def deflate(texts: Sequence[str]) -> bytes:
    """Return texts as JSON, as a browser's `DecompressionStream("deflate-raw")` reads it.

    >>> deflate(["a"]).hex()
    '8b564a548a0500'
    """
    press = zlib.compressobj(9, wbits=-15)
    return press.compress(dumps(texts, ensure_ascii=False).encode()) + press.flush()


class RowContext(NamedTuple):
    """What the whole catalogue tells of its rows.

    Attributes:
        summaries: what is kept of each, its key and that of a newer version settled.
        alike: by the place of a row, of each kind of group that it is in, the keys of all in the group.
    """

    summaries: Sequence[RowSummary]
    alike: "dict[int, dict[str, tuple[str, ...]]]"

    def of(self, place: int) -> dict[str, Any]:
        """Return the fields of a row that only the catalogue tells."""
        row = self.summaries[place]
        groups = self.alike.get(place, {})
        others = {
            kind: islice((key for key in keys if key != row.key), MOST_ALIKE) for kind, keys in groups.items()
        }
        return {"key": row.key, "newer": row.newer, **{kind: list(keys) for kind, keys in others.items()}}


class Rows(Sequence[Row]):
    """The rows of a report, packed: each is made anew whenever it is asked for."""

    def __init__(self, packed: Sequence[PackedApps], context: RowContext) -> None:
        self._packed, self._context = packed, context

    @property
    def summaries(self) -> Sequence[RowSummary]:
        """What is at hand of each row."""
        return self._context.summaries

    def __len__(self) -> int:
        return len(self.summaries)

    def __iter__(self) -> Iterator[Row]:
        return (Row.model_validate(data) for data in self.data())

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, place: int | slice) -> Row | tuple[Row, ...]:
        if isinstance(place, slice):
            return tuple(self)[place]
        part, within = divmod(range(len(self))[place], TOGETHER)
        return Row.model_validate(self._read(part)[within][0])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(Row.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]

    def data(self) -> Iterator[dict[str, Any]]:
        """Yield each row as plain data."""
        return (data for number in range(len(self._packed)) for data, _ in self._read(number))

    def parts(self) -> Iterator[tuple[list[tuple[Row, Pictures | None]], bytes]]:
        """Yield a few apps at a time: rows with their pictures, and their diagrams, which stay packed."""
        for number, part in enumerate(self._packed):
            read = [(Row.model_validate(data), drawn) for data, drawn in self._read(number)]
            yield read, part.diagrams

    def workflows(self) -> Iterator[tuple[str, str]]:
        """Yield the key and the JSON of each workflow that is there."""
        texts = (
            text for part in self._packed for text in (_unpacked(part.workflows) if part.workflows else ())
        )
        return ((row.key, text) for row, text in zip(self.summaries, texts, strict=False) if text)

    def _read(self, number: int) -> list[tuple[dict[str, Any], Pictures | None]]:
        apps = _unpacked(self._packed[number].rows)
        first = number * TOGETHER
        return [(data | self._context.of(place), drawn) for place, (data, drawn) in enumerate(apps, first)]


def row_summaries(rows: Sequence[Row]) -> Sequence[RowSummary]:
    """Return what is at hand of the rows of a report."""
    return rows.summaries if isinstance(rows, Rows) else [RowSummary.of(row) for row in rows]


def _packed(value: object) -> bytes:
    return zlib.compress(pickle.dumps(value), 1)


def _unpacked(packed: bytes) -> Any:
    return pickle.loads(zlib.decompress(packed))
