"""Many outputs into one folder: a file for each, none over another."""

import os
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from lamina_graph.cli import output

if TYPE_CHECKING:
    from lamina_graph.model import Entry

_LONGEST_NAME = 200
"""Characters of a file's name without its ending: file systems take 255 bytes."""


class _Written(NamedTuple):
    """A file that was written, and the hash of what it holds."""

    ref: str
    hash: bytes


class OutputFolder:
    """A folder that outputs are written to; it is made when the first is."""

    def __init__(self, path: Path, ending: str) -> None:
        self.path, self._ending = path, ending
        self._files: dict[str, _Written] = {}

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, file: str) -> bool:
        return file.casefold() in self._files  # a disk may not tell upper from lower case

    def write(self, name: str, ref: str, content: str | bytes) -> None:
        """Write an output to a file of its own, even where another one has its name."""
        from lamina_graph.replacing import write_below

        stem = quote(name, safe=" ")[:_LONGEST_NAME]
        hash_ = sha256(content if isinstance(content, bytes) else content.encode()).digest()
        names = (f"{stem}{f'-{number}' if number > 1 else ''}{self._ending}" for number in count(1))
        others: list[_Written] = []
        for file in names:
            other = self._files.get(file.casefold())
            if other is None:
                break
            others.append(other)
        if same := next((other for other in others if other.hash == hash_), None):
            output.print_note(f"{ref} is the same workflow as {same.ref}, and is written once")
            return
        if others:
            same_part = "file name" if name == Path(ref).stem else "app id"
            output.print_note(f"{ref} has the {same_part} of {others[0].ref}; written to {self.path / file}")
        write_below(self.path, file, content)
        self._files[file.casefold()] = _Written(ref, hash_)


def is_folder(target: str | None) -> bool:
    """Tell whether what `-o` names is a folder: one that exists, or a name that ends as one."""
    return target is not None and (target.endswith(("/", os.sep)) or os.path.isdir(target))


def name_file(entry: "Entry") -> str:
    """Return what to call the file of a workflow: as the file it was read from, else by the app's id."""
    if os.path.exists(entry.ref) or not (entry.workflow and entry.workflow.app_id):
        return Path(entry.ref).stem
    return entry.workflow.app_id
