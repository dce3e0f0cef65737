"""Files that take the place of others once they are complete, or never; what killed writers left goes."""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from pathlib import Path
from secrets import token_hex
from typing import IO, BinaryIO

_PREFIX = ".lamina-graph-"
_LEFT = f"{_PREFIX}{'[0-9a-f]' * 16}"


@contextmanager
def replacing(target: Path, mode: int | None = None) -> Iterator[IO[bytes]]:
    """Give a file to write to, which takes the place of another once the block has ended well.

    Args:
        target: the other; it need not be there.
        mode: of the file; by default that of the other, else the usual.

    Raises:
        OSError: it cannot be written.
    """
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, f"there is no folder {target.parent}")
    _remove_abandoned(target.parent)
    keeps = mode is None and target.exists() and not target.is_symlink()  # a link's is that of another file
    present = target.stat() if keeps else None
    file, temporary = _create(target, 0o600 if present else 0o666 if mode is None else mode)
    lock = os.dup(file.fileno())  # holds what `_create` locked until the file is in its place
    try:
        with file:
            yield file
        if present:
            with suppress(OSError):  # who may not give a file away keeps it
                shutil.chown(temporary, present.st_uid, present.st_gid)
            temporary.chmod(stat.S_IMODE(present.st_mode))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(lock)


@contextmanager
def replacing_below(folder: Path, name: str) -> Iterator[IO[bytes]]:
    """Give a file to write to, whose name comes from elsewhere, in a folder, which is made if need be.

    No link that somebody placed in the folder leads out of it: one in the file's place is replaced.

    Args:
        folder: where a person wants it.
        name: of the file, with slashes where it is in folders below that one.

    Raises:
        OSError: it cannot be written, or a folder below the first is a link.
    """
    target = folder / name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.parent.resolve() != (folder.resolve() / name).parent:
            raise OSError(errno.ELOOP, f"{target.parent.name} is a link that leads elsewhere")
        with replacing(target) as file:
            yield file
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(target)) from error


def write_below(folder: Path, name: str, content: str | bytes) -> None:
    """Write a file as `replacing_below` does.

    Raises:
        OSError: it cannot be written, or a folder below the first is a link.
    """
    with replacing_below(folder, name) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def _create(target: Path, mode: int) -> tuple[BinaryIO, Path]:
    """Make a file beside another that stays locked while it is open."""
    while True:
        temporary = target.with_name(f"{_PREFIX}{token_hex(8)}")  # not longer than a name may be
        file = open(temporary, "xb", opener=partial(os.open, mode=mode))  # noqa: SIM115
        if not _lock(file.fileno()) or temporary.exists():
            return file, temporary
        file.close()  # taken for one that was left, before it was locked


@lru_cache(maxsize=1024)  # once a folder: thousands of files may be written into one
def _remove_abandoned(folder: Path) -> None:
    """Remove what writers that were killed left in a folder; whoever still writes holds a lock."""
    for path in folder.glob(_LEFT):
        with suppress(OSError):
            _remove_if_abandoned(path)


def _remove_if_abandoned(path: Path) -> None:
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, flags)
    try:
        if stat.S_ISREG(os.fstat(handle).st_mode) and _lock(handle):
            path.unlink()
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    """Lock a file where nobody else has; return whether it is locked now."""
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):  # another system, or a file system without locks
        return False
    return True
