"""This program as git's diff driver: installed in git's configuration, repaired, and removed again."""

import re
import shlex
import sys
import sysconfig
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from lamina_graph.errors import InputError
from lamina_graph.files import write
from lamina_graph.git.process import decode, no_entry, reason, run_git

PATTERNS = ("*.workflow.json", "*.workflow.png", "**/workflows/**/*.json", "**/workflows/**/*.png")
"""Which files are workflows, where nobody says otherwise; as in `.gitattributes`."""

_NAME = "lamina-graph"
_UNSAFE = re.compile(r"(?<! -P)(?<! -I) -m lamina_graph git-driver")
_SCOPES = {False: "--local", True: "--global"}
_BEGIN, _END = f"# {_NAME}: begin", f"# {_NAME}: end"


def enable_driver(cwd: Path, *, for_user: bool = False, patterns: Sequence[str] = ()) -> str:
    """Make git compare workflow files with this program; return what was result, in a sentence.

    `git diff` shows the changes as `lamina-graph diff` does (git's `diff.NAME.command`). `git log -p`
    and `git show` run no such command unless given `--ext-diff`; they compare the files line by line,
    each written as plain lines of nodes and edges first (`diff.NAME.textconv`). Git calls both in the top
    folder of the working tree, so that they read the configuration there. No tracked file is touched, and
    doing it twice is doing it once.

    The commands name this program by its whole path, so that no file of a repository runs in its place, and
    fall back to git's own diff where the program is gone. Git keeps what it wrote of a file
    (`diff.NAME.cachetextconv`) until the command changes, which carries the version for that reason; it does
    so only where it knows who commits.

    Args:
        cwd: a folder in the repository.
        for_user: for all repositories of this user, instead of this one.
        patterns: which files are workflows, as in `.gitattributes`; `PATTERNS` by default.

    Raises:
        InputError: there is no repository, no `git` program, or a file that cannot be written.
    """
    patterns = tuple(patterns) or PATTERNS
    if any(not pattern.strip() or "\n" in pattern for pattern in patterns):
        raise InputError("a pattern is empty or has a line break", "A pattern looks like 'workflows/*.json'.")
    attributes = _attributes(cwd, for_user)
    if not _configure(_SCOPES[for_user], cwd):
        raise InputError(
            "git config: cannot be written", "Check the permissions of git's configuration files."
        )
    _rewrite(attributes, [_BEGIN, *(f"{_quote(pattern)} diff={_NAME}" for pattern in patterns), _END])
    named = ", ".join(patterns)
    return f"git diff, git log -p and git show now use lamina-graph for {named} (set in {attributes})"


def repair_driver(cwd: Path) -> tuple[str, ...]:
    """Rewrite git's configuration where an earlier version of this program installed its driver.

    Earlier versions installed `python -m lamina_graph`, which runs code of whatever repository it is called
    in: Python looks for modules in the top folder first. A later version of the program at the same place
    writes other lines, which git must not mix with those that it keeps.

    Returns:
        The scopes that were rewritten, such as `--local`; none where there is nothing to do, or no right to.
    """
    query = ["config", "-z", "--show-scope", "--get-regexp", rf"^diff\.{_NAME}\.(command|textconv)$"]
    fields = decode(run_git(query, cwd).stdout).split("\0")
    entries = zip(fields[::2], (entry.partition("\n")[2] for entry in fields[1::2]), strict=False)
    stale = {f"--{scope}" for scope, command in entries if _is_stale(command)}
    return tuple(scope for scope in sorted(stale) if _configure(scope, cwd))


def disable_driver(cwd: Path, *, for_user: bool = False) -> str:
    """Take back what `enable_driver` did, and no more; return what was result, in a sentence.

    Args:
        cwd: a folder in the repository.
        for_user: what was result for all repositories of this user, instead of this one.

    Raises:
        InputError: there is no repository, no `git` program, or a file that cannot be written.
    """
    attributes = _attributes(cwd, for_user)
    for key in _commands():
        run_git(["config", _SCOPES[for_user], "--unset-all", f"diff.{_NAME}.{key}"], cwd)
    _forget_conversions(cwd)
    _rewrite(attributes, [])
    return f"git compares workflow files like any other file again (set in {attributes})"


def _commands() -> dict[str, str]:
    """Return the keys of git's `diff.NAME` and their values, for the shell that git gives them to."""
    program = f"{_program()} git-driver --installed {version(_NAME)}"
    by_git = "git --no-pager diff --no-index --no-ext-diff --no-textconv"
    plain = '{ grep -qI . "$1" && cat "$1" || git hash-object "$1"; }'
    return {
        "command": f'f() {{ {program} diff "$@" 2>/dev/null || {by_git} -- "$2" "$5" || :; }}; f',
        "textconv": f'f() {{ {program} textconv "$1" 2>/dev/null || {plain}; }}; f',
        "cachetextconv": "true",
    }


def _program() -> str:
    """Return how a shell runs this program from any folder, and imports nothing from there."""
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        for script in (folder / _NAME, folder / f"{_NAME}.exe"):
            if script.is_file():
                return shlex.quote(script.as_posix())
    return f"{shlex.quote(Path(sys.executable).as_posix())} -P -m lamina_graph"


def _is_stale(command: str) -> bool:
    """Whether an earlier version installed a command: an unsafe one, or one of the program at this place."""
    other = f"{_program()} git-driver" in command and command not in _commands().values()
    return other or _UNSAFE.search(command) is not None


def _configure(scope: str, cwd: Path) -> bool:
    """Install the commands; return whether git took them."""
    _forget_conversions(cwd)
    commands = _commands()
    if not _has_identity(Path.home() if scope == "--global" else cwd):
        del commands["cachetextconv"]
        run_git(["config", scope, "--unset-all", f"diff.{_NAME}.cachetextconv"], cwd)
    return not any(
        run_git(["config", scope, "--replace-all", f"diff.{_NAME}.{key}", value], cwd).returncode
        for key, value in commands.items()
    )


def _has_identity(folder: Path) -> bool:
    """Return whether git knows who commits: it keeps conversions as commits, and stops where it does not."""
    return not any(
        run_git(["var", f"GIT_{role}_IDENT"], folder).returncode for role in ("AUTHOR", "COMMITTER")
    )


def _forget_conversions(cwd: Path) -> None:
    """Drop what git kept of converted files: while the program was away, it kept them as they are."""
    run_git(["update-ref", "-d", f"refs/notes/textconv/{_NAME}"], cwd)


def _rewrite(path: Path, lines: Sequence[str]) -> None:
    """Replace the lines between the marks of this program, which come last where there are none yet."""
    try:
        present = path.read_text(encoding="utf-8", errors="surrogateescape") if path.exists() else ""
        before, _, rest = present.partition(_BEGIN + "\n")
        between, _, after = rest.partition(_END + "\n")
        block = "".join(f"{line}\n" for line in lines)
        gap = "\n" if block and before and not before.endswith("\n") else ""
        content = f"{before}{gap}{block}{_foreign(between)}{after}"
        if content:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, content.encode("utf-8", "surrogateescape"))
        elif path.exists():
            path.unlink()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}", "Check its permissions.") from error


def _foreign(lines: str) -> str:
    """Return the lines that this program did not write: a person may have lost the mark at the end."""
    ours = (f" diff={_NAME}", _END)
    return "".join(line for line in lines.splitlines(keepends=True) if not line.rstrip("\r\n").endswith(ours))


def _attributes(cwd: Path, for_user: bool) -> Path:
    """Return the file of attributes that no repository tracks: this repository's, or the user's."""
    if not for_user:
        result = run_git(["rev-parse", "--git-path", "info/attributes"], cwd)
        if result.returncode:
            hint = "Run it inside a git repository, or with --global."
            raise InputError(*(no_entry(result, hint) or (reason(result), hint)))
        return Path(cwd) / decode(result.stdout).strip()
    for words in (["config", "--global", "--type=path", "core.attributesFile"], ["var", "GIT_ATTR_GLOBAL"]):
        result = run_git(words, cwd)
        if not result.returncode and result.stdout.strip():
            return Path(decode(result.stdout).strip())
    return Path.home() / ".config" / "git" / "attributes"


def _quote(pattern: str) -> str:
    """Return a pattern for a file of attributes: quoted where it has a blank, a quote or a leading `#`."""
    if any(mark in pattern for mark in ' \t"') or pattern.startswith(("#", "!")):
        escaped = pattern.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return pattern
