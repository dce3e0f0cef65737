"""The files of a folder that may hold workflows, and why a path names none."""

import os
import stat
from pathlib import Path

from lamina_graph.errors import InputError, RefError, WorkflowError
from lamina_graph.files import parse
from lamina_graph.formats import PICTURE_ENDINGS, find_format
from lamina_graph.validation_errors import suggest

ENDINGS = (".json", *PICTURE_ENDINGS)
"""Of the files of a folder that are read."""


def list_workflow_files(folder: str) -> tuple[list[Path], list[tuple[str, InputError]]]:
    """Return the files below a folder that may be workflows, through links too, and what cannot be read."""
    names, errors = name_workflow_files(folder)
    return [Path(name) for name in names], errors


def name_workflow_files(folder: str) -> tuple[list[str], list[tuple[str, InputError]]]:
    """Return the same, of the files their names alone, which take less memory."""
    files: list[str] = []
    errors: list[tuple[str, InputError]] = []
    entered: set[tuple[int, int]] = set()

    def note(error: OSError) -> None:
        path, hint = str(error.filename), "Change its permissions, or name the folders that can be read."
        errors.append((path, WorkflowError(path, "", f"cannot be read: {error.strerror}", hint)))

    for above, folders, names in os.walk(folder, onerror=note, followlinks=True):
        place = os.stat(above)
        if (place.st_dev, place.st_ino) in entered:
            folders.clear()  # a link that leads back
            continue
        entered.add((place.st_dev, place.st_ino))
        folders.sort()
        for file in (Path(above, name) for name in names if name.lower().endswith(ENDINGS)):
            if file.is_file():
                files.append(str(file))
            else:
                errors.append((str(file), missing_file(str(file))))
    return sorted(files, key=posix_order), errors


def posix_order(name: str) -> str:
    """Return what the files of a folder are sorted by: the same on every system."""
    return name.replace(os.sep, "/")


def missing_file(ref: str) -> InputError:
    """Return why there is no file at a path: a link that leads nowhere, no permission, or a wrong name."""
    try:
        mode = os.lstat(ref).st_mode
    except PermissionError as error:
        hint = "Change the permissions of its folder, or name another one."
        return WorkflowError(ref, "", f"cannot be read: {error.strerror}", hint)
    except (OSError, ValueError):
        near = _find_nearest_file(Path(ref))
        usual = "Check the path; it is taken from the working folder."
        return RefError(f"no such file: {ref}", f"Did you mean {near}?" if near else usual)
    if not stat.S_ISLNK(mode):
        return WorkflowError(ref, "", "a pipe or a device; expected a file", "Name it outright to read it.")
    hint = "Fetch what it leads to, such as with git annex get, or remove the link."
    return WorkflowError(ref, "", "a link to a file that is not there", hint)


def _find_nearest_file(path: Path) -> Path | None:
    """Return the workflow file of the same folder whose name comes nearest to a path's."""
    try:
        names = sorted(file.name for file in path.parent.iterdir() if file.suffix in (".svg", *ENDINGS))
    except (OSError, ValueError):
        return None
    near = suggest(path.name, names)
    return path.with_name(near) if near else None


def is_something_else(file: Path | bytes) -> bool:
    """Tell whether a file is whole JSON without a trace of a workflow; a damaged workflow is not that."""
    try:
        data = parse(file if isinstance(file, bytes) else file.read_bytes())
    except (OSError, ValueError):
        return False
    inner = data.get("data", data) if isinstance(data, dict) else None
    return not find_format(inner) and not (isinstance(inner, dict) and {"nodes", "edges"} & inner.keys())
