"""Files, folders and commits at a git revision."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import NamedTuple

from lamina_graph.errors import InputError, RefError
from lamina_graph.git.process import decode, first_line, no_entry, output_lines, reason, run_git
from lamina_graph.validation_errors import suggest

_LINK = "120000"  # the mode of a symbolic link in a tree
_BLOBS = 200  # so many are in memory at once
_MOST_COMPARED = 2_000  # names that a mistyped one is compared with: it takes a while
_LOG = (
    "`git log --oneline -- PATH` lists a file's commits; PATH goes from the top of the repository, or from ./"
)
_REVISION = "A revision is a branch, a tag or a commit."


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
    result = run_git(["cat-file", "blob", f"{rev}:{path}"], cwd)
    if result.returncode:
        raise _refusal(result, rev, path, cwd)
    return result.stdout


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
    return not rev.startswith("-") and output_lines(["cat-file", "-t", f"{rev}:{path}"], cwd) == ["tree"]


def is_path(rev: str, path: str, cwd: Path | None = None) -> bool:
    """Return whether there is a file or a folder at a git revision; the arguments are as for `read`."""
    return not rev.startswith("-") and not run_git(["cat-file", "-e", f"{rev}:{path}"], cwd).returncode


def has_no_commit(cwd: Path | None = None) -> bool:
    """Return whether there is a repository, and no commit in it yet."""
    result = run_git(["rev-list", "--all", "--max-count=1"], cwd)
    return not result.returncode and not result.stdout


def prefix() -> str:
    """Return the working folder from the top of its repository; empty at the top, and outside of any."""
    return first_line(["rev-parse", "--show-prefix"])


def parents(rev: str) -> list[str]:
    """Return the parents of a commit as it names them, in a shallow clone too, where git hides them."""
    lines = output_lines(["cat-file", "-p", f"{rev}^{{commit}}"])
    head = lines[: lines.index("")] if "" in lines else lines
    return [line.removeprefix("parent ") for line in head if line.startswith("parent ")]


def merge_base(left: str, right: str) -> str | None:
    """Return where two lines of commits parted; None where the clone does not tell."""
    return first_line(["merge-base", "--end-of-options", left, right]) or None


def is_commit(rev: str) -> bool:
    """Return whether a text names a commit; False where git cannot tell."""
    try:
        return bool(
            output_lines(["rev-parse", "--quiet", "--verify", "--end-of-options", f"{rev}^{{commit}}"])
        )
    except InputError:
        return False


def fetch_commit(rev: str) -> None:
    """Bring a commit into a shallow clone, and nothing of its past.

    Raises:
        RefError: the remote `origin` does not give it.
    """
    result = run_git(["fetch", "--quiet", "--no-tags", "--depth=1", "origin", "--end-of-options", rev])
    if result.returncode:
        problem = f"this clone does not have {rev[:12]}, and origin does not give it: {reason(result)}"
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
    listing = run_git(["ls-tree", "-r", "-z", "--full-tree", f"{rev}:{path}"], cwd)
    if listing.returncode:
        raise _refusal(listing, rev, path, cwd)
    rows = listing.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
    files = [(*head.split()[:3], name) for head, _, name in (row.partition("\t") for row in rows)]
    wanted = [row for row in files if row[1] == "commit" or row[3].lower().endswith(endings)]
    links = {name: f"{rev}:{path.rstrip('/')}/{name}" for mode, _, _, name in wanted if mode == _LINK}
    link_targets = dict(zip(links, _read_blobs(list(links.values()), cwd, "--follow-symlinks"), strict=True))
    for start in range(0, len(wanted), _BLOBS):
        part = wanted[start : start + _BLOBS]
        plain = [hash_ for mode, kind, hash_, _ in part if kind == "blob" and mode != _LINK]
        blobs = iter(_read_blobs(plain, cwd))
        for mode, kind, _, name in part:
            if kind == "commit":
                yield TreeFile(name, None, "a submodule, whose files are in another repository")
            elif mode == _LINK:
                yield TreeFile(name, link_targets[name], "a link to a file that is not in this repository")
            else:
                yield TreeFile(name, next(blobs), "its content is not in this clone")


def _read_blobs(names: Sequence[str], cwd: Path | None, *options: str) -> list[bytes | None]:
    """Return what objects hold, by whatever git takes for their names; None for each that is no file."""
    asked = [name for name in names if "\n" not in name]
    stdin = "".join(f"{name}\n" for name in asked).encode("utf-8", "surrogateescape")
    output = run_git(["cat-file", "--batch", *options], cwd, stdin).stdout if asked else b""
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
    relative = path.startswith(("./", "../"))
    return Path("" if relative else first_line(["rev-parse", "--show-toplevel"]), path).resolve()


def _refusal(result: CompletedProcess[bytes], rev: str, path: str, cwd: Path | None) -> RefError:
    """Return the error that says why git does not give a file at a revision, and what to do."""
    problem, hint = _explain(result, rev, path, cwd)
    return RefError(f"{rev}:{path}: {problem}", hint)


def _explain(result: CompletedProcess[bytes], rev: str, path: str, cwd: Path | None) -> tuple[str, str]:
    if closed := no_entry(result):
        return closed
    if rev.startswith(":"):
        return (
            f"the index has no stage {rev[1]} of this file",
            "There are stages 1 to 3 while a merge has a conflict: the base, ours and theirs.",
        )
    if rev and run_git(["cat-file", "-e", f"{rev}^{{tree}}"], cwd).returncode:
        return _missing_revision(rev, cwd)
    if output_lines(["cat-file", "-t", f"{rev}:{path}"], cwd) == ["tree"]:
        files = _files_at(f"{rev}:{path}", cwd)
        example = f", such as {rev}:{path.rstrip('/')}/{files[0]}" if files else ""
        return "a folder; expected a file", f"Name a file in it{example}."
    files = [file for file in _files_at(rev, cwd) if Path(file).suffix == Path(path).suffix]
    near = next((file for file in files if Path(file).name == Path(path).name), None)
    near = near or suggest(path, files[:_MOST_COMPARED])
    return reason(result), f"Did you mean {rev}:{near}?" if near else _LOG


def _missing_revision(rev: str, cwd: Path | None) -> tuple[str, str]:
    if has_no_commit(cwd):
        return "this repository has no commit yet", "Commit the file first, or name it without a revision."
    if output_lines(["rev-parse", "--is-shallow-repository"], cwd) == ["true"]:
        return (
            f"this clone is shallow, and does not have {rev}",
            "git fetch --unshallow brings the rest; actions/checkout does so with `fetch-depth: 0`.",
        )
    near = suggest(rev, output_lines(["for-each-ref", "--format=%(refname:short)"], cwd))
    return "there is no such revision", f"Did you mean {near}?" if near else _REVISION


def _files_at(tree: str, cwd: Path | None) -> list[str]:
    """Return the files of a tree, from its top; of the index where none is named."""
    of_tree = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", tree]
    output = run_git(of_tree if tree else ["ls-files", "-z", ":/"], cwd).stdout
    return [file for file in decode(output).split("\0") if file]
