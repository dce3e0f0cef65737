"""Machine code in the user's cache folder, read where it is whole and the user alone can write it."""

import hashlib
import os
import stat
from pathlib import Path

from lamina_graph.replacing import replacing

_DIGEST = 32  # bytes of the checksum at the head of a file


def cache_path(source: bytes) -> Path:
    """Return where the machine code of this source belongs."""
    import platformdirs

    name = f"graphviz-{hashlib.blake2b(source, digest_size=16).hexdigest()}.cwasm"
    return platformdirs.user_cache_path("lamina-graph", appauthor=False) / name


def read_code(path: Path) -> bytes | None:
    """Return the machine code in a file, to be run.

    None where there is none, where another user can have written it, or where a byte of it has changed: code
    with a flipped bit can crash the process, or draw another picture.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        if not (_is_private(os.fstat(handle)) and _is_private(os.lstat(path.parent))):
            return None
        checksum, code = file.read(_DIGEST), file.read()
    return code if checksum == _checksum(code) else None


def write_code(path: Path, code: bytes) -> None:
    """Keep machine code for `read_code`; do nothing where the folder is not the user's alone.

    Raises:
        OSError: the folder or the file cannot be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_private(os.lstat(path.parent)):
        return
    with replacing(path, mode=0o600) as file:
        file.write(_checksum(code) + code)


def _checksum(code: bytes) -> bytes:
    return hashlib.blake2b(code, digest_size=_DIGEST).digest()


def _is_private(status: os.stat_result) -> bool:
    if os.name == "nt":
        return True  # a user's folder there is private by its access list
    whole = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    return whole and status.st_uid == os.geteuid() and not status.st_mode & 0o077
