"""Options and arguments that several commands share."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_KINDS = (
    "- for standard input, REV:PATH in git (a file or a folder), an app id or name "
    "(app:NAME if it looks like one of these), or a snapshot such as APP@latest."
)
MANY = f"A REF is a file, a folder, {_KINDS}"
ONE = f"REF is a file, {_KINDS}"


def refs(function: F) -> F:
    """Give a command any number of references, and explain them in its help."""
    return click.argument("refs", metavar="REF...", nargs=-1, required=True)(help_paragraph(MANY)(function))


def ref(function: F) -> F:
    """Give a command one reference, and explain it in its help."""
    return click.argument("ref", metavar="REF")(help_paragraph(ONE)(function))


def help_paragraph(paragraph: str) -> Callable[[F], F]:
    """Return a decorator that ends a command's help with a paragraph."""

    def add(function: F) -> F:
        function.__doc__ = f"{function.__doc__}\n\n    {paragraph}"
        return function

    return add


def none_for_dash(_context: click.Context, _option: click.Parameter, path: Path | None) -> Path | None:
    """Return None for `-`, which stands for stdout."""
    return None if path == Path("-") else path


input_file = click.Path(exists=True, dir_okay=False, path_type=Path)


out_file = click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    callback=none_for_dash,
    help="Write to this file; by default, or with `-`, to stdout.",
)
offline = click.option("--offline", is_flag=True, help="Do not use the API.")
strict = click.option("--strict", is_flag=True, help="Refuse files in a folder that are not workflows.")


def workers(function: F) -> F:
    """Give a command the options of who does the work: `--jobs` and `--dask`."""
    dask = click.option("--dask", metavar="ADDRESS", help="Work on the Dask cluster with this scheduler.")
    jobs = click.option(
        "--jobs",
        type=click.IntRange(1, 64),
        metavar="N",
        help="Processes to use; by default one, or all for many inputs.",
    )
    return jobs(dask(function))


def form(choices: Iterable[str], default: str = "from the file name") -> Callable[[F], F]:
    """Return the option for the output format."""
    help_ = f"Output format; by default {default}."
    return click.option("-f", "--format", "form", type=click.Choice(list(choices)), help=help_)


uses = click.option(
    "--uses",
    type=input_file,
    help="What your own code uses: only changes that affect it are breaking.",
)

run = click.option(
    "--run", metavar="RUNID|FILE", help="Show how each node did in this run: its id, or a file with it."
)


def _indent_on_terminal(_context: click.Context, _option: click.Parameter, given: bool) -> bool:
    return given or sys.stdout.isatty()


indent = click.option(
    "--indent",
    is_flag=True,
    callback=_indent_on_terminal,
    help="Indent JSON; without it, it is one line unless on a terminal.",
)


def as_json(schema: str) -> Callable[[F], F]:
    """Return the option for JSON; its help names the schema."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print JSON (lamina-graph schema {schema}).")


def estimate(name: str, help_: str) -> Callable[[F], F]:
    """Return an option that names a file with an estimate."""
    return click.option(name, type=input_file, help=help_)


def example(*lines: str) -> Callable[[F], F]:
    """Return a decorator that ends a command's help with examples, each on a line of its own.

    The decorator stands below `@click.command`.
    """

    def add(function: F) -> F:
        text = "\n".join(f"  {line}" for line in lines)
        function.__doc__ = (
            f"{function.__doc__}\n\n    \b\n    Example{'s' if len(lines) > 1 else ''}:\n"
            + "\n".join(f"    {line}" for line in text.splitlines())
        )
        return function

    return add
