"""A catalogue report as JSON, row by row."""

from collections.abc import Iterator

from lamina_graph.files import canonical
from lamina_graph.report.catalogue.build import Report
from lamina_graph.report.catalogue.packed import Rows

_NO_ROWS = '\n  "rows": []'


def json_pieces(report: Report) -> Iterator[str]:
    """Yield a report as JSON, in pieces that hold whole rows: everything but the pictures."""
    rows = report.rows
    without = canonical(report.model_copy(update={"rows": ()}).model_dump(mode="json"))
    before, _, after = without.partition(_NO_ROWS)
    yield before
    if not rows:
        yield _NO_ROWS + after
        return
    yield _NO_ROWS[:-1]
    data = rows.data() if isinstance(rows, Rows) else (row.model_dump(mode="json") for row in rows)
    for number, row in enumerate(data):
        text = canonical(row)[:-1].replace("\n", "\n    ")
        yield f"{',' * bool(number)}\n    {text}"
    yield f"\n  ]{after}"
