"""Tables and lists of fields, fitted to the width of a terminal: what is cut, what goes, and in which order.

On a terminal, numbers and words (ids, categories, dates) are never cut; names and paths are shortened in the
middle; reasons stand below their row where there is no room beside it; columns without room go, the least
important first, and are named. Without a width nothing is cut and nothing goes.
"""

import os
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from lamina_graph.text import ELLIPSIS, escape_controls, one_line, truncate

Kind = Literal["word", "number", "name", "path", "reason"]
"""Words and numbers are never cut; names and paths are, in the middle; a reason may stand below its row."""

MAX_CELL = 400
"""Characters of a cell: one long name must not widen every row."""

NARROWEST = 30
"""Columns of the narrowest terminal that a table is fitted to."""

_GAP, _INDENT = "  ", "  "
_COMFORTABLE = {"name": 20, "path": 24}
"""Columns that a name and a path keep while there are columns that can go."""
_SHORTEST = {"name": 10, "path": 12}


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        heading: what stands above it.
        kind: how its cells may be fitted.
        rank: 0 where it stays at any width; of the others the highest goes first. By default its place.
    """

    heading: str
    kind: Kind = "name"
    rank: int | None = None


class Layout(NamedTuple):
    """A table as it is shown.

    Attributes:
        head: its lines above the rows: the folder that all paths are in, and the headings.
        rows: the lines of each row, the first of them with its columns.
        hidden: the headings of the columns that have no room.
    """

    head: list[str]
    rows: list[list[str]]
    hidden: list[str]


def to_column(column: Column | str, place: int) -> Column:
    """Return a column with its rank; of a plain heading, one of names, or with `#` at its end of numbers.

    >>> to_column("Stages#", 3)
    Column(heading='Stages', kind='number', rank=3)
    """
    if isinstance(column, str):
        return Column(column.rstrip("#"), "number" if column.endswith("#") else "name", place)
    return column if column.rank is not None else column._replace(rank=place)


def layout_table(
    columns: Sequence[Column | str], rows: Iterable[Sequence[object]], width: int | None
) -> Layout:
    """Return a table fitted to a terminal of a width, or whole where there is none.

    >>> table = layout_table([Column("Id", "word", 0), Column("Why", "reason")], [["a1", "so it goes"]], None)
    >>> table.head, table.rows
    (['Id  Why'], [['a1  so it goes']])
    """
    known = [to_column(column, place) for place, column in enumerate(columns)]
    cells = [["" if cell is None else clean_cell(cell) for cell in row] for row in rows]
    head: list[str] = []
    if width is not None:
        width = max(width, NARROWEST)
        head = _drop_common_folders(known, cells)
    natural = [
        max(_width(column.heading), *(_width(row[place]) for row in cells), 0)
        for place, column in enumerate(known)
    ]
    shown, below = _choose(known, natural, width)
    sizes = _share(known, natural, shown, width)
    headings = _line([column.heading for column in known], known, shown, sizes)
    body = [
        [
            _line(row, known, shown, sizes),
            *(line for place in below for line in indent_lines(row[place], width)),
        ]
        for row in cells
    ]
    hidden = [
        column.heading for place, column in enumerate(known) if place not in shown and place not in below
    ]
    return Layout([*head, headings], body, hidden)


def layout_fields(fields: Iterable[tuple[str, object]], width: int | None) -> list[str]:
    """Return names and values, a line each, a long value on more lines below its first.

    >>> layout_fields([("graph", "3 nodes"), ("why", "")], None)
    ['graph  3 nodes', 'why']
    """
    pairs = [(one_line(name), escape_controls(str(value))) for name, value in fields]
    indent = max((_width(name) for name, _ in pairs), default=0) + len(_GAP)
    lines = []
    for name, value in pairs:
        room = None if width is None else max(width, NARROWEST) - indent
        parts = [line for part in value.split("\n") for line in _wrap(truncate(part, MAX_CELL), room)]
        begin = name + " " * (indent - _width(name))
        lines += [
            (begin if number == 0 else " " * indent) + part for number, part in enumerate(parts or [""])
        ]
    return [line.rstrip() for line in lines]


def clean_cell(value: object) -> str:
    """Return a value as text on one line that is not too long.

    >>> clean_cell(" two" + chr(10) + "lines"), len(clean_cell("x" * 500))
    ('two lines', 400)
    """
    return one_line(str(value), MAX_CELL)


def shorten_middle(text: str, width: int) -> str:
    """Return text of at most so many columns of a terminal: its middle gives way to an ellipsis.

    >>> shorten_middle("samples/history/v1.json", 12), shorten_middle("短いワークフロー", 8)
    ('sample….json', '短い…ー')
    """
    if _width(text) <= width:
        return text
    tail = (width - 1) // 2
    begin = _begin_of(text, width - 1 - tail)
    end = _begin_of(text[::-1], tail)[::-1]
    return f"{begin}{ELLIPSIS}{end}"


def _begin_of(text: str, width: int) -> str:
    used = 0
    for place, character in enumerate(text):
        used += _width(character)
        if used > width:
            return text[:place]
    return text


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _choose(
    columns: Sequence[Column], natural: Sequence[int], width: int | None
) -> tuple[list[int], list[int]]:
    """Return the places of the columns that are shown, and of those that stand below their row."""
    places = list(range(len(columns)))
    if width is None or _total(natural) <= width:
        return places, []
    below = [place for place in places if columns[place].kind == "reason"]
    shown = [place for place in places if place not in below]

    def excess(smallest: dict[str, int]) -> bool:
        return _total([_least(columns[place], natural[place], smallest) for place in shown]) > width

    while excess(_COMFORTABLE) and any(columns[place].rank for place in shown):
        shown.remove(max(shown, key=lambda place: columns[place].rank or 0))
    while excess(_SHORTEST) and len(shown) > 1:
        widest = max(shown, key=lambda place: _least(columns[place], natural[place], _SHORTEST))
        shown.remove(widest)
        below.insert(0, widest)
    return shown, below


def _least(column: Column, natural: int, smallest: dict[str, int]) -> int:
    return max(min(natural, smallest.get(column.kind, natural)), _width(column.heading))


def _share(
    columns: Sequence[Column], natural: Sequence[int], shown: Sequence[int], width: int | None
) -> dict[int, int]:
    """Return the width of each column that is shown: what is left goes to those that are cut, evenly."""
    if width is None:
        return {place: natural[place] for place in shown}
    for smallest in (_COMFORTABLE, _SHORTEST):
        sizes = {place: _least(columns[place], natural[place], smallest) for place in shown}
        if _total(list(sizes.values())) <= width:
            break
    spare = width - _total(list(sizes.values()))
    while spare > 0 and (cut := [place for place in shown if sizes[place] < natural[place]]):
        for place in cut[:spare]:
            sizes[place] += 1
        spare -= len(cut[:spare])
    return sizes


def _total(sizes: Sequence[int]) -> int:
    return sum(sizes) + len(_GAP) * max(len(sizes) - 1, 0)


def _line(
    cells: Sequence[str], columns: Sequence[Column], shown: Sequence[int], sizes: dict[int, int]
) -> str:
    parts = []
    for place in shown:
        can_be_cut = columns[place].kind in _SHORTEST
        text = shorten_middle(cells[place], sizes[place]) if can_be_cut else cells[place]
        padding = " " * (sizes[place] - _width(text))
        parts.append(padding + text if columns[place].kind == "number" else text + padding)
    return _GAP.join(parts).rstrip()


def indent_lines(text: str, width: int | None) -> list[str]:
    """Return text as lines below a row or a heading, fitted to a width.

    >>> indent_lines("one two three", 30)
    ['  one two three']
    """
    room = None if width is None else width - len(_INDENT)
    return [_INDENT + line for line in _wrap(text, room)] if text else []


def _wrap(text: str, width: int | None) -> list[str]:
    """Return text as lines of at most so many columns, broken between words; a long id stays whole."""
    if width is None or _width(text) <= width:
        return [text]
    from rich.cells import chop_cells

    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if _width(joined) <= width:
            lines[-1] = joined
        else:
            pieces = [word] if word.strip("“”;:,.…").isascii() else chop_cells(word, width)
            lines = [*lines, *pieces] if lines[-1] else pieces
    return lines


def _drop_common_folders(columns: Sequence[Column], cells: list[list[str]]) -> list[str]:
    """Take the folder that all paths of a column are in away from them; return lines that name it."""
    lines = []
    for place, column in enumerate(columns):
        paths = [row[place] for row in cells]
        folder = _common_folder(paths) if column.kind == "path" else ""
        if folder:
            for row in cells:
                row[place] = row[place].removeprefix(folder)
            lines.append(f"In {folder}")
    return lines


def _common_folder(paths: Sequence[str]) -> str:
    """Return the folder that all paths are in, with a slash at its end; nothing where there is none."""
    folders = {path.rpartition("/")[0] for path in paths}
    if not folders or "" in folders:
        return ""
    try:
        common = os.path.commonpath(folders)
    except ValueError:  # some from the root, some from here
        return ""
    is_folder = os.path.isdir(common) and all(path.startswith(f"{common}/") for path in paths)
    return f"{common}/" if is_folder else ""
