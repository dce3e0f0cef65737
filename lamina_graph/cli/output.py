"""How text, tables, JSON and files leave the command line."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lamina_graph.text import escape_controls, one_line, truncate

if TYPE_CHECKING:
    from rich.console import JustifyMethod
    from rich.progress import Progress, ProgressColumn

    from lamina_graph.model import Estimate

T = TypeVar("T")

UNBOUNDED_WIDTH = 100_000
"""Columns of a table that goes to a file or a pipe: nothing is cut or wrapped there."""


MAX_CELL = 400
"""Characters of a cell of a table: one long name must not widen every row."""


def print_text(text: str) -> None:
    """Print text to stdout, safe for a terminal."""
    click.echo(escape_workflow_commands(escape_controls(text)))


def print_note(text: str) -> None:
    """Print a remark to stderr."""
    click.echo(escape_workflow_commands(escape_controls(text)), err=True)


def print_error(problem: str, hint: str = "") -> None:
    """Print what happened and what to do, a line each, to stderr."""
    click.echo(
        f"{click.style('Error:', fg='red', bold=True)} {escape_workflow_commands(one_line(problem))}",
        err=True,
    )
    if hint:
        click.echo(f"  {escape_workflow_commands(one_line(hint))}", err=True)


def to_json(value: Any, *, indent: bool = True) -> str:
    r"""Return a value as JSON in which nothing hides and no log obeys anything: what might is escaped.

    Without indentation it is one line.

    >>> print(to_json("gpj\u202eexe, ##[error]"))
    "gpj\u202eexe, ##\u005berror]"
    """
    style: dict[str, Any] = {"indent": 2} if indent else {"separators": (",", ":")}
    text = json.dumps(value, ensure_ascii=False, **style).replace("##[", r"##\u005b")
    return re.sub(r"[^\n -~\u200c\u200d]", _json_escape, text)


def _json_escape(character: re.Match[str]) -> str:
    hidden = escape_controls(character[0]) != character[0]
    return json.dumps(character[0])[1:-1] if hidden else character[0]


def print_json(value: Any, *, indent: bool = True) -> None:
    """Print a value as JSON to stdout."""
    click.echo(to_json(value, indent=indent).encode())


def escape_workflow_commands(text: str) -> str:
    r"""Return text in which nothing is a command to GitHub Actions, in its form of today or in its first.

    >>> print(escape_workflow_commands("::error::a name"), escape_workflow_commands("a ##[error] b"))
    \x3a:error::a name a #\x23[error] b
    """
    text = re.sub(r"^(\s*):(?=:)", r"\1\\x3a", text, flags=re.MULTILINE)
    return text.replace("##[", r"#\x23[")


def write_output(content: str | bytes, path: Path | None) -> None:
    """Write content to a file, whole or not at all, and name it on stderr; without a file, to stdout."""
    if path:
        _refuse_input(path)
        from lamina_graph.files import write

        write(path, content)
        print_note(f"wrote {path}")
    elif isinstance(content, bytes) and sys.stdout.isatty():
        raise click.UsageError("binary output cannot go to a terminal; name a file with -o FILE")
    else:
        click.echo(content.encode() if isinstance(content, str) and not is_terminal() else content, nl=False)
        if isinstance(content, str) and content and not content.endswith("\n"):
            click.echo()


def _refuse_input(path: Path) -> None:
    """Refuse to write over an input; an SVG may be drawn again in its place, since it keeps its data."""
    context = click.get_current_context(silent=True)
    if context is None or path.suffix.lower() == ".svg" or not path.exists():
        return
    for name, value in context.params.items():
        words = [
            word for word in (value if isinstance(value, tuple) else (value,)) if isinstance(word, str | Path)
        ]
        if name != "target" and any(os.path.exists(word) and os.path.samefile(word, path) for word in words):
            raise click.UsageError(f"{path} is an input; name another file with -o")


def describe_cost(estimate: "Estimate") -> str:
    """Return what a run costs, as a sentence."""
    credits_ = estimate.estimated_credits
    if credits_ is None or credits_.expected is None:
        return "the cost of a run is unknown"
    span = "" if credits_.min is None or credits_.max is None else f" ({credits_.min:g} to {credits_.max:g})"
    have = "" if estimate.current_balance is None else f"; the balance is {estimate.current_balance:g}"
    short = ", which is not enough" if estimate.affordable is False else ""
    return f"a run costs {credits_.expected:g} credits{span}{have}{short}"


def is_terminal() -> bool:
    """Tell whether stdout is a terminal that may be coloured."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def close_pipe() -> None:
    """Write nothing more to stdout, since nobody reads it any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows below headings; a heading that ends in `#` marks a column of numbers."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    cells = [["" if cell is None else _cell(str(cell)) for cell in row] for row in rows]
    if not cells:
        return
    grid = Table(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=any(headings)
    )
    for heading in headings:
        side: JustifyMethod = "right" if heading.endswith("#") else "left"
        grid.add_column(
            heading.rstrip("#"), justify=side, overflow="fold", no_wrap=heading not in headings[-2:]
        )
    for row in cells:
        grid.add_row(*map(Text, row))
    console = Console() if sys.stdout.isatty() else Console(width=UNBOUNDED_WIDTH, no_color=True)
    with console.capture() as shown:
        console.print(grid)
    click.echo("\n".join(row.rstrip() for row in shown.get().splitlines()))


def _cell(text: str) -> str:
    return escape_workflow_commands(escape_controls(truncate(text, MAX_CELL)))


@contextmanager
def progress_bar(values: Sequence[T], doing: str) -> Iterator[Iterator[T]]:
    """Give the values one by one below a progress bar on stderr, if that is a terminal."""
    with _progress(doing, show=sys.stderr.isatty() and len(values) > 1) as bar:
        yield iter(bar.track(values))


@contextmanager
def progress_counter(doing: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows how many are done of how many: a bar with rate and time left on a terminal.

    Where stderr is no terminal, a plain line stands for every hundred.
    """
    from rich.progress import TaskProgressColumn

    if not sys.stderr.isatty():
        yield lambda done, total: print_note(f"{doing}: {done} of {total}") if done % 100 == 0 else None
        return
    with _progress(doing, TaskProgressColumn(show_speed=True)) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _progress(doing: str, *extra: "ProgressColumn", show: bool = True) -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), *extra, TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not show)
