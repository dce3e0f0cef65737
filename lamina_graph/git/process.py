"""The `git` program, which does the work, and what it says where it refuses."""

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess, run

from lamina_graph.errors import InputError, RefError

_IDENTITY = re.compile(r"GIT_(?:AUTHOR|COMMITTER)_.*|EMAIL")


def run_git(
    arguments: Sequence[str], cwd: Path | None = None, stdin: bytes | None = None
) -> CompletedProcess[bytes]:
    """Return what `git` did: it speaks English, and acts as where no variable says who commits.

    Raises:
        InputError: there is no `git` program, or no such folder.
        RefError: an argument has a null character.
    """
    environment = {name: value for name, value in os.environ.items() if not _IDENTITY.fullmatch(name)}
    try:
        return run(
            ["git", *arguments],
            cwd=cwd,
            env=environment | {"LC_ALL": "C"},
            input=stdin,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        if cwd is not None and not cwd.is_dir():
            raise InputError(f"{cwd}: there is no such folder", "Change to one that exists.") from error
        raise InputError("git is not installed", "Install git, or name files without it.") from error
    except ValueError as error:
        raise RefError(f"not a name that git accepts: {error}", "Leave out null characters.") from error


def output_lines(arguments: Sequence[str], cwd: Path | None = None) -> list[str]:
    """Return the lines that `git` prints; none where it refuses."""
    return decode(run_git(arguments, cwd).stdout).splitlines()


def first_line(arguments: Sequence[str], cwd: Path | None = None) -> str:
    """Return the first line that `git` prints; nothing where it refuses."""
    return next(iter(output_lines(arguments, cwd)), "")


def decode(output: bytes) -> str:
    """Return output of `git` as text."""
    return output.decode("utf-8", "replace")


def reason(result: CompletedProcess[bytes]) -> str:
    """Return why `git` refused, in one line."""
    return next(iter(decode(result.stderr).strip().splitlines()), "failed").removeprefix("fatal: ")


def no_entry(
    result: CompletedProcess[bytes], hint: str = "Run it inside the repository, or name a file."
) -> tuple[str, str] | None:
    """Return why git does not enter a repository at all, and what to do; None where it does.

    Where there is no repository, that is the hint.
    """
    if "not a git repository" in reason(result):
        return "not a git repository", hint
    trust = re.search(r"safe\.directory (.+)", decode(result.stderr))
    if trust is None:
        return None
    folder = shlex.quote(trust[1].strip().strip("'\""))
    return (
        "this repository belongs to another user, whom git does not trust",
        f"If you do: git config --global --add safe.directory {folder}",
    )
