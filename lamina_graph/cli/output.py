"""How text, tables, JSON and files leave the command line."""

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from lamina_graph.cli.switches import QUIET, is_on
from lamina_graph.errors import LaminaGraphError
from lamina_graph.text import escape_controls, escape_json, escape_toml, one_line

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

    from lamina_graph.cli.table import Column
    from lamina_graph.model import Estimate

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


def print_text(text: str) -> None:
    """Print text to stdout, safe for a terminal."""
    _erase_progress()
    click.echo(escape_workflow_commands(escape_controls(text)))


def print_note(text: str) -> None:
    """Print a remark to stderr, unless it is to be quiet."""
    if is_quiet():
        return
    click.echo(escape_workflow_commands(escape_controls(text)), err=True)


def pause_printer() -> Callable[[float, str], None]:
    """Return a function that prints how long a pause is and why, each pause once; any thread may call it."""
    from threading import Lock
    from time import monotonic

    if is_quiet():
        return lambda seconds, why: None
    lock, until = Lock(), 0.0

    def print_pause(seconds: float, why: str) -> None:
        nonlocal until
        with lock:
            ends = monotonic() + seconds
            if ends > until + 1:  # else another thread waits for the same
                until = ends
                line = escape_controls(f"waiting {seconds:.0f} s: {why}")
                click.echo(escape_workflow_commands(line), err=True)

    return print_pause


@contextmanager
def explain_interrupt(explain: Callable[[], str]) -> Iterator[None]:
    """Say, where Ctrl-C ends what the block does, what of it is kept and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(escape_workflow_commands(escape_controls(explain())), err=True)
        raise


def is_quiet() -> bool:
    """Tell whether only errors are to be printed to stderr."""
    return is_on(QUIET)


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
    return escape_json(json.dumps(value, ensure_ascii=False, **style))


def print_json(value: Any, *, indent: bool = True) -> None:
    """Print a value as JSON to stdout."""
    _erase_progress()
    click.echo(to_json(value, indent=indent).encode())


_COMMAND = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)
_SCRIPT = re.compile(r"(<script\b|</script>)")
_MARKUP = {"html", "svg", "atom", "graphml", "gexf", "dot"}
_JSON = {"json", "slack", "node-link", "cytoscape"}


def escape_workflow_commands(text: str) -> str:
    r"""Return text in which nothing is a command to GitHub Actions, in its form of today or in its first.

    >>> print(escape_workflow_commands("::error::a name"), escape_workflow_commands("a ##[error] b"))
    \x3a:error::a name a #\x23[error] b
    """
    return _COMMAND.sub(r"\1\\x3a", text).replace("##[", r"#\x23[")


def escape_for_log(content: str, form: str) -> str:
    r"""Return content that says the same to what reads it, in which nothing is a command to GitHub Actions.

    >>> escape_for_log("<text>\n::error::a ##[b]</text>", "svg")
    '<text>\n&#58;:error::a ##&#91;b]</text>'
    """
    if form in _JSON:
        return escape_json(content)
    if form == "toml":
        return escape_toml(content)
    if form in _MARKUP:
        return _COMMAND.sub(r"\1&#58;", content).replace("##[", "##&#91;")
    return escape_workflow_commands(content) if form == "text" else content


def _escape_pieces(pieces: Iterable[str | bytes], form: str) -> Iterator[str | bytes]:
    """Yield the pieces of an output likewise; what stands in the scripts of a page is escaped as JSON is."""
    language = form
    for piece in pieces:
        if isinstance(piece, bytes) or form != "html":
            yield piece if isinstance(piece, bytes) else escape_for_log(piece, form)
            continue
        for part in filter(None, _SCRIPT.split(piece)):
            if _SCRIPT.fullmatch(part):
                language = "script" if part.startswith("<s") else form
            yield part.replace("##[", r"##\u005b") if language == "script" else escape_for_log(part, form)


def json_array(rows: Iterable[str]) -> Iterator[str]:
    r"""Yield the JSON array of rows that are JSON, part by part.

    >>> "".join(json_array(['{\n  "a": 1\n}'])) == to_json([{"a": 1}])
    True
    """
    begin = "[\n  "
    for row in rows:
        yield begin + row.replace("\n", "\n  ")
        begin = ",\n  "
    yield "\n]" if begin.startswith(",") else "[]"


def opens_page() -> bool:
    """Whether what this command writes is to be opened in the browser."""
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get("opens_page"))


def write_output(content: str | bytes | Iterator[str], path: Path | None, form: str) -> None:
    """Write content of a form to a file, whole or not at all, and name it on stderr; without one, to stdout.

    Where not all pieces can be made, stdout has a part of them, which is said on stderr. With `--open` the
    browser then shows the file, a temporary one where none is named.
    """
    from lamina_graph.files import is_stream

    if opens_page() and not path:
        content = content if isinstance(content, str | bytes) else "".join(content)
        path = _temporary_page(content)
    pieces: Iterable[str | bytes] = [content] if isinstance(content, str | bytes) else content
    if form in {"text", *_JSON} or path is None or is_stream(path):
        pieces = _escape_pieces(pieces, form)
    if path:
        _refuse_input(path)
        from lamina_graph.files import writing

        with writing(path) as file:
            for piece in pieces:
                file.write(piece.encode() if isinstance(piece, str) else piece)
        print_note(f"wrote {path}")
        if opens_page():
            _open_in_browser(path)
    elif isinstance(content, bytes) and sys.stdout.isatty():
        raise click.UsageError("binary output cannot go to a terminal; name a file with -o FILE")
    else:
        _erase_progress()
        last: str | bytes = ""
        plain = not is_terminal()
        try:
            for last in pieces:
                click.echo(last.encode() if isinstance(last, str) and plain else last, nl=False)
        except LaminaGraphError:
            if last:
                print_note("what was printed is incomplete")
            raise
        if isinstance(last, str) and last and not last.endswith("\n"):
            click.echo()


def choose_form(form: str | None, target: Path | None, endings: Mapping[str, str], default: str) -> str:
    """Return the format that is asked for, else the one of the file's ending; of a stream, the default.

    Where nothing names one, what is to be opened in the browser is a page.

    Args:
        form: what `-f` names.
        target: the file that is written; None is stdout.
        endings: the format of each ending.
        default: the format where nothing names one.

    Raises:
        click.UsageError: the ending stands for none, or for another format than the one that is asked for.
    """
    from lamina_graph.files import is_stream

    if target is None and form is None and opens_page():
        return "html"
    if target is None or is_stream(target):
        return form or default
    ending = target.suffix.lower()
    stands_for = endings.get(ending)
    if form is None and stands_for is None:
        raise click.UsageError(
            f"{target}: unknown file extension; use {', '.join(endings)}, or name one with -f"
        )
    if form and stands_for and stands_for != form and form in endings.values():
        raise click.UsageError(f"{target}: {ending} stands for {stands_for}, and -f says {form}; change one")
    return form or str(stands_for)


def _temporary_page(content: str | bytes) -> Path:
    if isinstance(content, bytes) or not content.startswith("<!doctype html>"):
        raise click.UsageError(
            "--open without a file opens an HTML page; name a file with -o for other formats"
        )
    from tempfile import mkdtemp

    return Path(mkdtemp(prefix="lamina-graph-"), "page.html")


def _open_in_browser(path: Path) -> None:
    import webbrowser

    if not webbrowser.open(path.resolve().as_uri()):
        print_note(f"no browser could be started; open {path} yourself")


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


def coloured_writer(write_text: "Callable[..., str]", target: Path | None) -> "Callable[[Any], str]":
    """Return a function that writes a value as text, coloured on a terminal.

    Args:
        write_text: takes the value, and `colour`, whether to colour it.
        target: the file that the text goes to, which gets no colours; None is stdout.
    """
    colour = target is None and is_terminal()
    return lambda value: write_text(value, colour=colour)


def close_pipe() -> None:
    """Write nothing more to stdout, since nobody reads it any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def terminal_width() -> int | None:
    """Return how many columns the terminal on stdout has; None where stdout is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def print_table(columns: "Sequence[Column | str]", rows: Iterable[Sequence[object]]) -> None:
    """Print rows below headings, as wide as the terminal; elsewhere whole. Name the columns without room."""
    from lamina_graph.cli.table import layout_table

    rows = list(rows)
    if not rows:
        return
    width = terminal_width()
    table = layout_table(columns, rows, width)
    plain = not is_terminal()
    for line in table.head:
        _print_line(line if plain else click.style(line, bold=True))
    for first, *below in table.rows:
        _print_line(first)
        for line in below:
            _print_line(line if plain else click.style(line, dim=True))
    if table.hidden:
        names = ", ".join(table.hidden)
        print_note(f"not shown in {width} columns: {names}; a wider terminal or --json shows more")


def table_text(columns: "Sequence[Column | str]", rows: Iterable[Sequence[object]]) -> str:
    """Return rows below headings as text for a file, whole."""
    from lamina_graph.cli.table import layout_table

    table = layout_table(columns, rows, None)
    lines = [*table.head, *(line for row in table.rows for line in row)]
    return "".join(f"{line}\n" for line in lines)


def print_fields(fields: Iterable[tuple[str, object]]) -> None:
    """Print names and values, a line each; a long value goes on below itself."""
    from lamina_graph.cli.table import layout_fields

    for line in layout_fields(fields, terminal_width()):
        _print_line(line)


def print_indented(text: str) -> None:
    """Print text on one line below a heading; on a terminal what has no room stands deeper below it."""
    from lamina_graph.cli.table import indent_lines

    width = terminal_width()
    first, *more = indent_lines(one_line(text), width and width - 2) or [""]
    for line in (first, *(f"  {line}" for line in more)):
        _print_line(line)


def _print_line(line: str) -> None:
    _erase_progress()
    click.echo(escape_workflow_commands(line))


def _shows_progress() -> bool:
    return sys.stderr.isatty() and not is_quiet()


class SizedIterable(Protocol[T_co]):
    """What can be gone through and has a length, which may be a guess."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[T_co]: ...


@contextmanager
def progress_bar(values: SizedIterable[T], doing: str) -> Iterator[Iterator[T]]:
    """Give the values one by one below a progress bar on stderr, if that is a terminal."""
    if len(values) < 2 or not _shows_progress():
        yield iter(values)
        return
    with _progress(doing) as bar:
        click.get_current_context().meta[_PROGRESS] = bar
        yield iter(bar.track(iter(values), total=len(values)))


_PROGRESS = "lamina_graph.progress"


def _erase_progress() -> None:
    """End the progress bar where what is printed comes to the same terminal: from here on that shows it."""
    context = click.get_current_context(silent=True)
    if context and _PROGRESS in context.meta and sys.stdout.isatty():
        context.meta.pop(_PROGRESS).stop()


@contextmanager
def progress_counter(doing: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows how many are done of how many: a bar with rate and time left on a terminal.

    Where stderr is no terminal, a plain line stands for every hundred.
    """
    from rich.progress import TaskProgressColumn

    if not _shows_progress():
        yield lambda done, total: print_note(f"{doing}: {done} of {total}") if done % 100 == 0 else None
        return
    with _progress(doing, TaskProgressColumn(show_speed=True)) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _progress(doing: str, *extra: "ProgressColumn") -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), *extra, TimeRemainingColumn())
    console = Console(stderr=True)  # where stdout is a file, rows must not go to the terminal in its place
    return Progress(*columns, console=console, transient=True, redirect_stdout=False)
