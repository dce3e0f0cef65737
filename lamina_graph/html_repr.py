"""Small tables of HTML in which a notebook shows a value; what others wrote in it comes out as plain text."""

from collections.abc import Iterable, Sequence

from lamina_graph.text import one_line

MOST_ROWS = 50
"""Rows that a notebook shows; the rest is counted."""

_LONGEST = 1_000


def html_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[object]], note: str = "") -> str:
    """Return a title above a table, and a note below it.

    >>> html_table("<b>", ["Rule"], [("cycle",)]).startswith("<div><strong>&lt;b&gt;</strong><table>")
    True
    """
    known = list(rows)
    head = "".join(f"<th style='text-align:left'>{_plain(heading)}</th>" for heading in headings)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in known[:MOST_ROWS])
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if known else ""
    more = [f"and {len(known) - MOST_ROWS} more"] if len(known) > MOST_ROWS else []
    notes = "".join(f"<div>{_plain(each)}</div>" for each in [*more, note] if each)
    return f"<div><strong>{_plain(title)}</strong>{table}{notes}</div>"


def _cell(value: object) -> str:
    return f"<td style='text-align:left'>{_plain(value)}</td>"


def _plain(value: object) -> str:
    from html import escape

    return escape(one_line(str(value), _LONGEST))
