"""Options and arguments that several commands share."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lamina_graph.cli.switches import DEBUG, QUIET, switch_on

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from lamina_graph.cli.state import State

F = TypeVar("F", bound=Callable[..., Any])

_KINDS = "an app id or name (app:NAME if the name looks like one of these), or a snapshot such as APP@latest."
MANY = (
    "A REF is a file, a folder, - for standard input, REV:PATH in git (a file or a folder), "
    f"{_KINDS} @FILE names a REF on each line."
)
ONE = f"REF is a file, - for standard input, REV:FILE in git, {_KINDS}"


ANYWHERE = "--config, --store, --quiet, --verbose and --debug may stand before or after the command."


def accept_program_options(command: click.Command) -> None:
    """Let a command, and those below it, take the options of the program too, unlisted."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            accept_program_options(each)
        return
    known = {name for param in command.params for name in param.opts}
    for option in program_options():
        if known.isdisjoint(option.opts):
            option.hidden = True
            command.params.append(option)


def state_of(context: click.Context) -> "State":
    """Return the state of this run, which is made when it is first asked for."""
    from lamina_graph.cli.state import State

    root = context.find_root()
    if root.obj is None:
        root.obj = State()
    state: State = root.obj
    return state


def program_options() -> list[click.Option]:
    """Return the options of the program itself."""
    return [
        click.Option(
            ["--config"],
            type=click.Path(dir_okay=False, path_type=Path),
            expose_value=False,
            callback=_set_config,
            help="Configuration file; by default the nearest .lamina-graph.toml in this folder or above.",
        ),
        click.Option(
            ["--store"],
            metavar="FILE|URL",
            shell_complete=complete_files,
            expose_value=False,
            callback=_set_store,
            help="Store of snapshots: a file (by default one of this user), or postgresql://USER@HOST/DATABASE.",
        ),
        click.Option(
            ["-q", "--quiet"],
            is_flag=True,
            expose_value=False,
            callback=_switch(QUIET),
            help="Print no notes and no progress bars.",
        ),
        click.Option(
            ["-v", "--verbose"],
            is_flag=True,
            expose_value=False,
            callback=_set_verbose,
            help="Print requests, the use of the cache, and times.",
        ),
        click.Option(
            ["--debug"],
            is_flag=True,
            expose_value=False,
            callback=_switch(DEBUG),
            help="Show the traceback of an error.",
        ),
    ]


def _set_config(context: click.Context, _option: click.Parameter, path: Path | None) -> None:
    if path is not None:
        state_of(context).config_option = path


def _set_store(context: click.Context, _option: click.Parameter, url: str | None) -> None:
    if url is None:
        return
    if not url.strip():
        raise click.UsageError("--store names no store; leave it out for the one of this user")
    state_of(context).store_option = url


def _switch(name: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    """Return what an option does that switches something on for this run."""
    return lambda context, _option, given: switch_on(context, name) if given else None


def _set_verbose(context: click.Context, _option: click.Parameter, given: bool) -> None:
    if given and not context.resilient_parsing:
        from lamina_graph.cli.log import log_to_stderr

        log_to_stderr(context.find_root())


def expand(_context: click.Context, _argument: click.Parameter, refs: tuple[str, ...]) -> tuple[str, ...]:
    """Return references, those of a list (`@list.txt`) in its place."""
    if not any(ref.startswith("@") for ref in refs):
        return refs
    from lamina_graph.refs import read_lists

    return tuple(read_lists(refs))


def refs(function: F) -> F:
    """Give a command any number of references, or `--all`, and explain them in its help."""
    everything = click.option(
        "--all", "everything", is_flag=True, help="All apps of the store; if there is none, of the API."
    )
    return refs_argument("[REF...]")(everything(help_paragraph(MANY)(function)))


def refs_argument(metavar: str) -> Callable[[F], F]:
    """Return the argument that takes any number of references, and lists of them."""
    return click.argument("refs", metavar=metavar, nargs=-1, callback=expand, shell_complete=complete_refs)


def ref(function: F) -> F:
    """Give a command one reference, and explain it in its help."""
    return click.argument("ref", metavar="REF", shell_complete=complete_refs)(help_paragraph(ONE)(function))


def complete_refs(context: click.Context, _param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Return what a reference may go on with: files, and the names of the store's apps."""
    return [*complete_files(context, _param, incomplete), *complete_apps(context, _param, incomplete)]


def complete_apps(context: click.Context, _param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Return the names of the store's apps that begin so."""
    from lamina_graph.cli.app_names import complete_names

    return complete_names(state_of(context), incomplete)


def complete_files(_: click.Context, _param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Let the shell complete a file."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


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
out_place = click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE|FOLDER/",
    shell_complete=complete_files,
    help="Write to this file, or into this folder; by default, or with `-`, to stdout.",
)


def _remember_to_open(context: click.Context, _option: click.Parameter, given: bool) -> None:
    context.meta["opens_page"] = given


open_page = click.option(
    "--open",
    is_flag=True,
    expose_value=False,
    callback=_remember_to_open,
    help="Open what is written in the browser; without a file, an HTML page.",
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


def form(choices: Iterable[str], default: str = "from the file name", schema: str = "") -> Callable[[F], F]:
    """Return the options for the output format: `-f`, and where it may be JSON `--json`.

    Args:
        choices: the formats.
        default: which one is taken where none is named, in words.
        schema: the name of the JSON's schema, for the help.
    """
    formats = list(choices)
    option = click.option(
        "-f",
        "--format",
        "form",
        type=click.Choice(formats),
        callback=_note_form,
        help=f"Output format; by default {default}.",
    )
    more = f" (lamina-graph schema {schema})" if schema else ""
    json = _json_flag(f"The same as -f json{more}.")
    return (lambda function: option(json(function))) if "json" in formats else option


def as_json(schema: str) -> Callable[[F], F]:
    """Return the options for JSON, `--json` and `-f json`; the help names the schema."""
    option = click.option(
        "-f",
        "--format",
        "as_json",
        type=click.Choice(["text", "json"]),
        hidden=True,
        callback=lambda context, option, form: _note_form(context, option, form) == "json",
    )
    json = _json_flag(f"Print JSON (lamina-graph schema {schema}); the same as -f json.")
    return lambda function: json(option(function))


def _json_flag(help_: str) -> Callable[[F], F]:
    return click.option("--json", is_flag=True, expose_value=False, callback=_note_json, help=help_)


def _note_form(context: click.Context, _option: click.Parameter, form: str | None) -> str | None:
    """Return the format that is asked for; click hands over what was typed before what was left out."""
    context.meta[_FORM] = form
    return _form_asked_for(context)


def _note_json(context: click.Context, _option: click.Parameter, given: bool) -> None:
    context.meta[_JSON] = given
    _form_asked_for(context)


def _form_asked_for(context: click.Context) -> str | None:
    form, json = context.meta.get(_FORM), context.meta.get(_JSON)
    if json and form not in (None, "json"):
        raise click.UsageError(f"--json and -f {form} name two formats; leave one out")
    return "json" if json else form


_FORM, _JSON = f"{__name__}.form", f"{__name__}.json"


def proof(function: F) -> F:
    """Give a command the options of how far to go for a proof: `--proof`, and `--quick` for short."""
    option = click.option(
        "--proof",
        type=click.Choice(["quick", "bounded", "full"]),
        default="bounded",
        show_default=True,
        help="How far to go to prove the edit cost minimal: not at all, for a few seconds, or as far "
        "as memory allows.",
    )
    return option(
        click.option("--quick", "proof", flag_value="quick", help="Short for --proof quick.")(function)
    )


uses = click.option(
    "--uses",
    type=input_file,
    help="What your own code uses: only changes that affect it are breaking.",
)

run = click.option(
    "--run",
    metavar="RUNID|FILE",
    shell_complete=complete_files,
    help="Show how each node did in this run: its id, or a file with it.",
)


def _indent_on_terminal(_context: click.Context, _option: click.Parameter, given: bool) -> bool:
    return given or sys.stdout.isatty()


indent = click.option(
    "--indent",
    is_flag=True,
    callback=_indent_on_terminal,
    help="Indent JSON; without it, it is one line unless on a terminal.",
)


def estimate(name: str, help_: str) -> Callable[[F], F]:
    """Return an option that names a file with an estimate."""
    return click.option(name, type=input_file, help=help_)


def example(*lines: str) -> Callable[[F], F]:
    """Return a decorator that ends a command's help with examples, each on a line of its own.

    The decorator stands below `@click.command`.
    """

    def add(function: F) -> F:
        heading = "Examples:" if len(lines) > 1 else "Example:"
        listed = "\n".join(f"      {line}" for line in lines)
        function.__doc__ = f"{function.__doc__}\n\n    \b\n    {heading}\n{listed}"
        return function

    return add
