"""The files beside the page of a large report, which hold what is shown of an app once it is opened.

A page that was opened from a disk may not fetch a file, but may run a script of its folder: each file is a
script that hands one text to the page, in the alphabet of base 64. Files are named by what they hold, so that
a page never meets the files of another run, and stand in their folder before the page does.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from lamina_graph.errors import InputError
from lamina_graph.replacing import write_below

_START = 'laminaGraphPacked("'
_NAME = re.compile(r"[0-9a-f]{32}\.js")


class FilesBeside:
    """The files beside one page while it is written.

    Attributes:
        folder: the name of their folder.
        address: the same as a part of a link.
    """

    def __init__(self, page: Path) -> None:
        self.folder = f"{page.stem}_files"
        self.address = quote(os.fsencode(self.folder))
        self._path = page.with_name(self.folder)
        self._names: set[str] = set()

    def write(self, text: str) -> str:
        """Write what is shown of a few apps, and return the name of the file.

        Raises:
            InputError: it cannot be written.
        """
        content = f'{_START}{text}");\n'
        name = f"{sha256(content.encode()).hexdigest()[:32]}.js"
        try:
            write_below(self._path, name, content)
        except OSError as error:
            raise InputError(
                f"{error.filename}: cannot be written: {error.strerror}",
                "A page of so many apps needs a folder beside it; write it where one can be made.",
            ) from error
        self._names.add(name)
        return name

    def check(self) -> None:
        """Raise where a file is gone: another run has written the same page, and took these for earlier ones.

        Raises:
            InputError: one is.
        """
        if not all((self._path / name).is_file() for name in self._names):
            raise InputError(
                f"{self._path}: files that belong to the page have disappeared while it was written",
                "Run the command again, once no other writes the same page.",
            )

    def remove_earlier(self) -> None:
        """Remove what earlier runs wrote for this page, and nothing else; with the last file the folder."""
        earlier = [path for path in self._own_files() if path.name not in self._names]
        with suppress(OSError):  # they do no harm
            for path in earlier:
                path.unlink()
            if earlier and not self._names:
                self._path.rmdir()

    def _own_files(self) -> Iterator[Path]:
        for path in sorted(self._path.glob("*.js")):
            if _NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    if file.read(len(_START)) == _START.encode():
                        yield path
