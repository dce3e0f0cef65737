"""The console examples of the documentation: how they are found, run, compared, and rewritten.

An example is a fenced block marked `console`. A line that begins with `$ ` is a command, what follows is what
it prints, on stdout and stderr. A line `...` stands for any number of lines. `python tests/readme.py` writes
the outputs of all examples again, save those with `...`, and the page with every command's help (alone with
`--commands`).
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from loopback import Loopback

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """One command of a page and the output that the page shows."""

    page: Path
    command: str
    shown: str


def examples_of(page: Path) -> Iterator[Example]:
    """Yield the examples of a page in order."""
    for block in BLOCK.finditer(page.read_text()):
        yield from _examples_in(page, block[1])


def _examples_in(page: Path, block: str) -> Iterator[Example]:
    for part in re.split(r"^(?=\$ )", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        length = 1
        while lines[length - 1].endswith("\\"):
            length += 1
        command = "\n".join(lines[:length]).removeprefix("$ ")
        yield Example(page, command, "\n".join(lines[length:]).rstrip())


def run(command: str, folder: Path, environment: dict[str, str]) -> str:
    """Return what a command prints when it is run in a folder."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return _steady("\n".join(line.rstrip() for line in done.stdout.splitlines()).rstrip())


def _steady(printed: str) -> str:
    """Return what was printed with one night in the place of today's and yesterday's dates and times."""
    now = datetime.now(UTC)
    for day, shown in ((now, "2026-03-10"), (now - timedelta(days=1), "2026-03-09")):
        printed = re.sub(rf"{day:%Y-%m-%d} \d\d:\d\d", f"{shown} 03:17", printed)
        printed = printed.replace(f"{day:%Y-%m-%d}", shown)
    return printed


def agrees(shown: str, printed: str) -> bool:
    """Tell whether a printed text is what the page shows; `...` on a line of its own stands for any lines."""
    parts = re.split(r"^\.\.\.\n", shown + "\n", flags=re.MULTILINE)
    pattern = r"(?:.*\n)*?".join(map(re.escape, parts))
    return re.fullmatch(pattern, printed + "\n") is not None


def workplace(folder: Path) -> Path:
    """Fill an empty folder with what the examples use, and return it."""
    shutil.copytree(ROOT / "samples", folder / "samples")
    return folder


def api_of(folder: Path) -> "Loopback":
    """Return the API whose apps are the samples in a folder, as they are when they are listed."""
    from loopback import Loopback

    return Loopback(workplace(folder) / "samples", limit=10_000, follow=True)


def commands_page() -> str:
    """Return the page with every command's help, as on a terminal of 90 columns."""
    from lamina_graph.cli import cli

    parts = [_COMMANDS_HEAD]
    top = click.Context(cli, info_name="lamina-graph", terminal_width=90, **cli.context_settings)
    for context in _contexts(top):
        help_ = context.command.get_help(context)
        text = "\n".join(line.rstrip() for line in help_.splitlines())
        parts.append(f"## {context.command_path}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def _contexts(context: click.Context) -> Iterator[click.Context]:
    """Yield a context for a command and each of those below it, in the order of the help."""
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command and not command.hidden:
                yield from _contexts(click.Context(command, context, name, terminal_width=90))


COMMANDS_PAGE = ROOT / "docs" / "commands.md"
_COMMANDS_HEAD = """\
# Every command's help

As `lamina-graph COMMAND --help` prints it. [The tour](tour.md) shows the commands at work.
"""


def environment(base_url: str) -> dict[str, str]:
    """Return the variables under which the examples run: this Python's commands first, the given API."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LAMINA_BASE_URL": base_url,
        "LAMINA_API_KEY": "lma_x",
        "COLUMNS": "100",
    }


def rewrite(page: Path, folder: Path, variables: dict[str, str]) -> None:
    """Write the outputs of a page's examples again."""

    def again(block: re.Match[str]) -> str:
        parts = []
        for example in _examples_in(page, block[1]):
            printed = run(example.command, folder, variables)
            kept = example.shown if "\n...\n" in f"\n{example.shown}\n" else printed
            parts.append(f"$ {example.command}\n{kept}\n" if kept else f"$ {example.command}\n")
        return f"```console\n{''.join(parts)}```"

    page.write_text(BLOCK.sub(again, page.read_text()))


if __name__ == "__main__":
    COMMANDS_PAGE.write_text(commands_page())
    if "--commands" in sys.argv:
        sys.exit()
    from loopback import serving

    with tempfile.TemporaryDirectory() as empty, serving(api_of(Path(empty))) as api:
        for each in PAGES:
            rewrite(each, Path(empty), environment(api.url))
