"""Completion in bash, zsh and fish: files, the store's app names, and the values of options."""

import os
import shlex
from pathlib import Path
from typing import ClassVar, NamedTuple

import click
from click.shell_completion import (
    BashComplete,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

from lamina_graph.cli import options, output
from lamina_graph.errors import InputError

VARIABLE = "_LAMINA_GRAPH_COMPLETE"
_PROGRAM = "lamina-graph"

_BASH = """\
%(complete_func)s() {
    local line file begin
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ $line == plain,* ]]; then COMPREPLY+=("${line#plain,}"); fi
        if [[ $line == file,* ]]; then begin=${line#*,}; fi
    done < <(COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1" 2> /dev/null)
    # Where no name fits, readline completes files as it always does.
    if [[ ${#COMPREPLY[@]} -gt 0 ]]; then
        if [[ -v begin ]]; then
            while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$begin")
        fi
        compopt -o filenames
    fi
}
complete -o bashdefault -o default -F %(complete_func)s %(prog_name)s
"""


class _Word(NamedTuple):
    """A word of a command line as the program gets it, and the quote that it is still in."""

    text: str
    quote: str = ""


class _Bash(BashComplete):
    """Completes the word that is typed, in quotes or not; names stand beside files, not in their place."""

    source_template: ClassVar[str] = _BASH
    _last = _Word("")

    @staticmethod
    def _check_version() -> None:
        """Every bash that has `compopt` will do."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is completed, and that one, without their quotes."""
        words, self._last = split_words(os.environ.get("COMP_LINE", ""))
        return words[1:], self._last.text

    def complete(self) -> str:
        """Return a line for each completion, as readline puts it in the place of the word that it knows.

        One of the type `file` says how files begin that may stand beside names.
        """
        args, incomplete = self.get_completion_args()
        items = self.get_completions(args, incomplete)
        _, _, value = incomplete.partition("=") if incomplete.startswith("--") else ("", "", incomplete)
        before = "" if self._last.quote else _before_last_break(value)
        kinds = ("plain",) if before else ("plain", "file")
        return "\n".join(f"{item.type},{item.value[len(before) :]}" for item in items if item.type in kinds)


def _before_last_break(word: str) -> str:
    """Return what of an unquoted word readline counts to the words before it: up to its last `:`, `=` or `@`.

    >>> _before_last_break("plain")
    ''
    """
    breaks = set(os.environ.get("COMP_WORDBREAKS", "")) & set(":=@")
    return word[: max((word.rfind(each) + 1 for each in breaks), default=0)]


def split_words(line: str) -> tuple[list[str], _Word]:
    """Return the words of a command line before its end, and the one that its end is in.

    >>> split_words('lamina-graph show "Quick R')
    (['lamina-graph', 'show'], _Word(text='Quick R', quote='"'))
    >>> split_words("lamina-graph show 'A b' ")
    (['lamina-graph', 'show', 'A b'], _Word(text='', quote=''))
    """
    words: list[str] = []
    text, quote, begun, escaped = "", "", False, False
    for character in line:
        if escaped:
            text, escaped = text + character, False
        elif character == "\\" and quote != "'":
            escaped = begun = True
        elif quote:
            quote, text = ("", text) if character == quote else (quote, text + character)
        elif character in "\"'":
            quote, begun = character, True
        elif character.isspace():
            words += [text] if begun or text else []
            text, begun = "", False
        else:
            text += character
    return words, _Word(text, quote)


SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": ZshComplete, "fish": FishComplete}
_START_FILES = {"bash": ".bashrc", "zsh": ".zshrc"}


def register() -> None:
    """Let click complete for bash in the way of this module."""
    add_completion_class(_Bash, "bash")


def script(shell: str) -> str:
    """Return the script that makes a shell complete this program's words."""
    program = click.get_current_context().find_root().command
    return SHELLS[shell](program, {}, _PROGRAM, VARIABLE).source()


@click.group("completion")
def completion_group() -> None:
    """Let your shell complete options, files and app names."""


@completion_group.command("install")
@click.argument("shell", type=click.Choice(list(SHELLS)), required=False)
@options.example("lamina-graph completion install")
def install_command(shell: str | None) -> None:
    """Install completion for bash, zsh or fish.

    By default for the shell that you use. Writes one file and, for bash and zsh, one line into ~/.bashrc or
    ~/.zshrc; doing it again changes nothing. It works in shells that are opened afterwards.
    """
    name = shell or _current_shell()
    path = _script_path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    output.write_output(script(name), path, "text")
    if name in _START_FILES:
        _add_line(Path.home() / _START_FILES[name], f"source {shlex.quote(str(path))}")
    output.print_note(f"open a new {name} to use it")


@completion_group.command("show")
@click.argument("shell", type=click.Choice(list(SHELLS)), required=False)
@options.example("lamina-graph completion show bash")
def show_command(shell: str | None) -> None:
    """Print the script that `completion install` writes."""
    click.echo(script(shell or _current_shell()))


def _current_shell() -> str:
    name = Path(os.environ.get("SHELL", "")).name
    if name not in SHELLS:
        known = ", ".join(SHELLS)
        raise InputError(f"there is no completion for the shell {name or 'in use'}", f"Name one of {known}.")
    return name


def _script_path(shell: str) -> Path:
    if shell == "fish":
        config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
        return Path(config, "fish", "completions", f"{_PROGRAM}.fish")
    import platformdirs

    return platformdirs.user_data_path(_PROGRAM, appauthor=False) / f"completion.{shell}"


def _add_line(path: Path, line: str) -> None:
    """Add a line to the end of a file that does not have it."""
    text = path.read_text("utf-8", "surrogateescape") if path.exists() else ""
    if line in text.splitlines():
        output.print_note(f"{path} has its line already")
        return
    begin = "" if not text or text.endswith("\n") else "\n"
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{begin}{line}\n")
    output.print_note(f"added a line to {path}")
