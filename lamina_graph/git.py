"""Files at a git revision, and this program as git's diff driver; the `git` program itself does the work."""

import os
import re
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from lamina_graph.errors import InputError, RefError
from lamina_graph.files import write
from lamina_graph.validation_errors import suggest

PATTERNS = ("*.workflow.json", "*.workflow.png", "**/workflows/**/*.json", "**/workflows/**/*.png")
"""Which files are workflows, where nobody says otherwise; as in `.gitattributes`."""

_NAME = "lamina-graph"
_LINK = "120000"  # the mode of a symbolic link in a tree
_BLOBS = 200  # so many are in memory at once
_MOST_COMPARED = 2_000  # names that a mistyped one is compared with: it takes a while
_LOG = (
    "`git log --oneline -- PATH` lists a file's commits; PATH goes from the top of the repository, or from ./"
)
_REVISION = "A revision is a branch, a tag or a commit."
_UNSAFE = re.compile(r"(?<! -P)(?<! -I) -m lamina_graph git-driver")
_IDENTITY = re.compile(r"GIT_(?:AUTHOR|COMMITTER)_.*|EMAIL")
_SCOPES = {False: "--local", True: "--global"}
_BEGIN, _END = f"# {_NAME}: begin", f"# {_NAME}: end"


def read(rev: str, path: str, cwd: Path | None = None) -> bytes:
    """Return the content of a file at a git revision.

    Args:
        rev: whatever git takes for a commit or tree; empty for the index, `:1` to `:3` for what the base and
            the two sides of a conflict have there.
        path: from the top of the repository, or from `cwd` where it starts with `./`, as in git itself.
        cwd: a folder in the repository; the working folder by default.

    Raises:
        RefError: there is no such revision, or no such file in it.
        InputError: there is no `git` program.
    """
    if rev.startswith("-"):
        raise RefError(f"{rev} is not a git revision", _REVISION)
    done = _run(["cat-file", "blob", f"{rev}:{path}"], cwd)
    if done.returncode:
        problem, hint = _refusal(done, rev, path, cwd)
        raise RefError(f"{rev}:{path}: {problem}", hint)
    return done.stdout


class TreeFile(NamedTuple):
    """A file below a folder at a git revision.

    Attributes:
        path: its place below the folder.
        content: what is in it; None where git has no content for it.
        problem: why it has none.
    """

    path: str
    content: bytes | None
    problem: str = ""


def is_folder(rev: str, path: str, cwd: Path | None = None) -> bool:
    """Return whether there is a folder at a git revision; the arguments are as for `read`."""
    return not rev.startswith("-") and _output(["cat-file", "-t", f"{rev}:{path}"], cwd) == ["tree"]


def is_path(rev: str, path: str, cwd: Path | None = None) -> bool:
    """Return whether there is a file or a folder at a git revision; the arguments are as for `read`."""
    return not rev.startswith("-") and not _run(["cat-file", "-e", f"{rev}:{path}"], cwd).returncode


def has_no_commit(cwd: Path | None = None) -> bool:
    """Return whether there is a repository, and no commit in it yet."""
    done = _run(["rev-list", "--all", "--max-count=1"], cwd)
    return not done.returncode and not done.stdout


def prefix() -> str:
    """Return the working folder from the top of its repository; empty at the top, and outside of any."""
    return next(iter(_output(["rev-parse", "--show-prefix"])), "")


def parents(rev: str) -> list[str]:
    """Return the parents of a commit as it names them, in a shallow clone too, where git hides them."""
    lines = _output(["cat-file", "-p", f"{rev}^{{commit}}"])
    head = lines[: lines.index("")] if "" in lines else lines
    return [line.removeprefix("parent ") for line in head if line.startswith("parent ")]


def merge_base(left: str, right: str) -> str | None:
    """Return where two lines of commits parted; None where the clone does not tell."""
    return next(iter(_output(["merge-base", "--end-of-options", left, right])), None)


def is_commit(rev: str) -> bool:
    """Return whether a text names a commit; False where git cannot tell."""
    try:
        return bool(_output(["rev-parse", "--quiet", "--verify", "--end-of-options", f"{rev}^{{commit}}"]))
    except InputError:
        return False


def fetch_commit(rev: str) -> None:
    """Bring a commit into a shallow clone, and nothing of its past.

    Raises:
        RefError: the remote `origin` does not give it.
    """
    done = _run(["fetch", "--quiet", "--no-tags", "--depth=1", "origin", "--end-of-options", rev])
    if done.returncode:
        problem = f"this clone does not have {rev[:12]}, and origin does not give it: {_reason(done)}"
        raise RefError(problem, "Check out with `fetch-depth: 0`, which fetches the whole history.")


def read_tree(
    rev: str, path: str, endings: str | tuple[str, ...] = "", cwd: Path | None = None
) -> Iterator[TreeFile]:
    """Yield the files below a folder at a git revision, by name; one process of git reads some hundred.

    Args:
        rev: whatever git takes for a commit or tree.
        path: of the folder, as for `read`.
        endings: of the files' names, in lower case; only these are read.
        cwd: a folder in the repository; the working folder by default.

    Raises:
        RefError: there is no such revision, or no such folder in it.
    """
    listing = _run(["ls-tree", "-r", "-z", "--full-tree", f"{rev}:{path}"], cwd)
    if listing.returncode:
        problem, hint = _refusal(listing, rev, path, cwd)
        raise RefError(f"{rev}:{path}: {problem}", hint)
    rows = listing.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
    files = [(*head.split()[:3], name) for head, _, name in (row.partition("\t") for row in rows)]
    wanted = [row for row in files if row[1] == "commit" or row[3].lower().endswith(endings)]
    links = {name: f"{rev}:{path.rstrip('/')}/{name}" for mode, _, _, name in wanted if mode == _LINK}
    led_to = dict(zip(links, _read_blobs(list(links.values()), cwd, "--follow-symlinks"), strict=True))
    for start in range(0, len(wanted), _BLOBS):
        part = wanted[start : start + _BLOBS]
        plain = [hash_ for mode, kind, hash_, _ in part if kind == "blob" and mode != _LINK]
        blobs = iter(_read_blobs(plain, cwd))
        for mode, kind, _, name in part:
            if kind == "commit":
                yield TreeFile(name, None, "a submodule, whose files are in another repository")
            elif mode == _LINK:
                yield TreeFile(name, led_to[name], "a link to a file that is not in this repository")
            else:
                yield TreeFile(name, next(blobs), "its content is not in this clone")


def _read_blobs(names: Sequence[str], cwd: Path | None, *options: str) -> list[bytes | None]:
    """Return what objects hold, by whatever git takes for their names; None for each that is no file."""
    asked = [name for name in names if "\n" not in name]
    typed = "".join(f"{name}\n" for name in asked).encode("utf-8", "surrogateescape")
    output = _run(["cat-file", "--batch", *options], cwd, typed).stdout if asked else b""
    contents: dict[str, bytes | None] = {}
    place = 0
    for name in asked:
        end = output.find(b"\n", place)
        *_, kind, size = (b"", *output[place:end].split())
        place = end + 1
        if size.isdigit():  # else the object is missing, and has no content
            contents[name] = output[place : place + int(size)] if kind == b"blob" else None
            place += int(size) + 1
    return [contents.get(name) for name in names]


def find_path(path: str) -> Path:
    """Return where a file of a revision stands, or stood, in the working tree.

    Args:
        path: from the top of the repository, or from the working folder where it starts with `./` or `../`,
            as in git.
    """
    folder = Path()
    if not path.startswith(("./", "../")):
        folder = Path(next(iter(_output(["rev-parse", "--show-toplevel"])), folder))
    return (folder / path).resolve()


def _refusal(
    done: subprocess.CompletedProcess[bytes], rev: str, path: str, cwd: Path | None
) -> tuple[str, str]:
    """Return why git does not give a file at a revision, and what to do."""
    if closed := _no_entry(done):
        return closed
    if rev.startswith(":"):
        return (
            f"the index has no stage {rev[1]} of this file",
            "There are stages 1 to 3 while a merge has a conflict: the base, ours and theirs.",
        )
    if rev and _run(["cat-file", "-e", f"{rev}^{{tree}}"], cwd).returncode:
        return _missing_revision(rev, cwd)
    if _output(["cat-file", "-t", f"{rev}:{path}"], cwd) == ["tree"]:
        first = next(iter(_files_at(f"{rev}:{path}", cwd)), None)
        example = f", such as {rev}:{path.rstrip('/')}/{first}" if first else ""
        return "a folder; expected a file", f"Name a file in it{example}."
    files = [file for file in _files_at(rev, cwd) if Path(file).suffix == Path(path).suffix]
    near = next((file for file in files if Path(file).name == Path(path).name), None)
    near = near or suggest(path, files[:_MOST_COMPARED])
    return _reason(done), f"Did you mean {rev}:{near}?" if near else _LOG


def _no_entry(done: subprocess.CompletedProcess[bytes]) -> tuple[str, str] | None:
    """Return why git does not enter a repository at all, and what to do, where that is so."""
    if "not a git repository" in _reason(done):
        return "not a git repository", "Run it inside the repository, or name a file."
    trust = re.search(r"safe\.directory (.+)", _text(done.stderr))
    if trust is None:
        return None
    folder = shlex.quote(trust[1].strip().strip("'\""))
    return (
        "this repository belongs to another user, whom git does not trust",
        f"If you do: git config --global --add safe.directory {folder}",
    )


def _missing_revision(rev: str, cwd: Path | None) -> tuple[str, str]:
    if has_no_commit(cwd):
        return "this repository has no commit yet", "Commit the file first, or name it without a revision."
    if _output(["rev-parse", "--is-shallow-repository"], cwd) == ["true"]:
        return (
            f"this clone is shallow, and does not have {rev}",
            "git fetch --unshallow brings the rest; actions/checkout does so with `fetch-depth: 0`.",
        )
    near = suggest(rev, _output(["for-each-ref", "--format=%(refname:short)"], cwd))
    return "there is no such revision", f"Did you mean {near}?" if near else _REVISION


def _files_at(tree: str, cwd: Path | None) -> list[str]:
    """Return the files of a tree, from its top; of the index where none is named."""
    words = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", tree] if tree else ["ls-files", "-z", ":/"]
    return [file for file in _text(_run(words, cwd).stdout).split("\0") if file]


def _output(words: Sequence[str], cwd: Path | None = None) -> list[str]:
    return _text(_run(words, cwd).stdout).splitlines()


def enable_driver(cwd: Path, *, for_user: bool = False, patterns: Sequence[str] = ()) -> str:
    """Make git compare workflow files with this program; return what was done, in a sentence.

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
    fields = _text(_run(query, cwd).stdout).split("\0")
    entries = zip(fields[::2], (entry.partition("\n")[2] for entry in fields[1::2]), strict=False)
    stale = {f"--{scope}" for scope, command in entries if _is_stale(command)}
    return tuple(scope for scope in sorted(stale) if _configure(scope, cwd))


def disable_driver(cwd: Path, *, for_user: bool = False) -> str:
    """Take back what `enable_driver` did, and no more; return what was done, in a sentence.

    Args:
        cwd: a folder in the repository.
        for_user: what was done for all repositories of this user, instead of this one.

    Raises:
        InputError: there is no repository, no `git` program, or a file that cannot be written.
    """
    attributes = _attributes(cwd, for_user)
    for key in _commands():
        _run(["config", _SCOPES[for_user], "--unset-all", f"diff.{_NAME}.{key}"], cwd)
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
        _run(["config", scope, "--unset-all", f"diff.{_NAME}.cachetextconv"], cwd)
    return not any(
        _run(["config", scope, "--replace-all", f"diff.{_NAME}.{key}", value], cwd).returncode
        for key, value in commands.items()
    )


def _has_identity(folder: Path) -> bool:
    """Return whether git knows who commits: it keeps conversions as commits, and stops where it does not."""
    return not any(_run(["var", f"GIT_{role}_IDENT"], folder).returncode for role in ("AUTHOR", "COMMITTER"))


def _forget_conversions(cwd: Path) -> None:
    """Drop what git kept of converted files: while the program was away, it kept them as they are."""
    _run(["update-ref", "-d", f"refs/notes/textconv/{_NAME}"], cwd)


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
        return Path(cwd) / _git(["rev-parse", "--git-path", "info/attributes"], cwd)
    for words in (["config", "--global", "--type=path", "core.attributesFile"], ["var", "GIT_ATTR_GLOBAL"]):
        done = _run(words, cwd)
        if not done.returncode and done.stdout.strip():
            return Path(_text(done.stdout).strip())
    return Path.home() / ".config" / "git" / "attributes"


def _quote(pattern: str) -> str:
    """Return a pattern for a file of attributes: quoted where it has a blank, a quote or a leading `#`."""
    if any(mark in pattern for mark in ' \t"') or pattern.startswith(("#", "!")):
        escaped = pattern.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return pattern


def _git(words: Sequence[str], cwd: Path) -> str:
    done = _run(words, cwd)
    if done.returncode:
        problem, hint = _no_entry(done) or (_reason(done), "")
        raise InputError(
            f"git {words[0]}: {problem}", hint or "Run it inside a git repository, or with --global."
        )
    return _text(done.stdout).strip()


def _run(
    words: Sequence[str], cwd: Path | None = None, typed: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    try:
        # In English, since what git says is read; and as when no variable says who commits.
        environment = {name: os.environ[name] for name in os.environ if not _IDENTITY.fullmatch(name)}
        environment["LC_ALL"] = "C"
        return subprocess.run(
            ["git", *words], cwd=cwd, env=environment, input=typed, capture_output=True, check=False
        )
    except OSError as error:
        if cwd is not None and not cwd.is_dir():
            raise InputError(f"{cwd}: there is no such folder", "Change to one that exists.") from error
        raise InputError("git is not installed", "Install git, or name files without it.") from error
    except ValueError as error:
        raise RefError(f"not a name that git accepts: {error}", "Leave out null characters.") from error


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    return next(iter(_text(done.stderr).strip().splitlines()), "failed").removeprefix("fatal: ")


def _text(output: bytes) -> str:
    return output.decode("utf-8", "replace")
