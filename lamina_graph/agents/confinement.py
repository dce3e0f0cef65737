"""References of somebody who may see the files below one folder alone."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Literal, NamedTuple

from lamina_graph.errors import RefError
from lamina_graph.refs import APP_PREFIX, PAGE_LINK, split_revision
from lamina_graph.text import one_line

_MOST_FILES = 100_000
"""Files that a search looks at, and that a folder is checked for links among."""

_LONGEST_REF = 1_000
_ENDINGS = (".json", ".svg", ".html", ".png", ".webp")


class Location(NamedTuple):
    """What a reference means.

    Attributes:
        kind: `file`, at a path or below a folder; `revision`, in git; or `app`, of the store or the API.
        ref: as `refs` takes it.
    """

    kind: Literal["file", "revision", "app"]
    ref: str


class Confinement:
    """A folder, and what may be named from it: files below it, its repository, apps."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def locate(self, ref: str) -> Location:
        """Return what a reference means; a path is one from the folder.

        Raises:
            RefError: it leads out of the folder, or names nothing that may be read.

        >>> Confinement(Path()).locate("../secret.json")
        Traceback (most recent call last):
        lamina_graph.errors.RefError: ../secret.json leads out of the folder that may be read
        """
        if not ref.strip() or ref == "-" or "\0" in ref or len(ref) > _LONGEST_REF:
            raise RefError(
                f"{one_line(ref, 40)!r} names nothing that may be read", "Name a file, a folder or an app."
            )
        path, link, key = ref.partition(PAGE_LINK)
        for name, rest in ((ref, ""), (path, link + key)) if link else ((ref, ""),):
            if (place := self._place(name)) is not None:
                return Location("file", f"{place}{rest}")
        if revision := split_revision(ref):
            self._refuse_escape(revision.path, ref)
            return Location("revision", ref)
        if ref.startswith(APP_PREFIX):
            return self._app(ref)
        if "://" in ref:
            raise RefError(
                f"{one_line(ref, 80)} is a URL, which names no workflow", "Give the id of the app."
            )
        if "/" in ref or "\\" in ref or ref.lower().endswith(_ENDINGS):
            hint = f"search_apps lists files and apps; an app of such a name is {APP_PREFIX}NAME."
            raise RefError(f"no such file: {one_line(ref, 80)}", hint)
        return self._app(f"{APP_PREFIX}{ref}" if os.path.lexists(ref) else ref)

    def shorten(self, text: str) -> str:
        """Return text in which paths start at the folder."""
        return text.replace(f"{self.root}{os.sep}", "").replace(str(self.root), ".")

    def files(self, term: str) -> Iterator[str]:
        """Yield the files below the folder that may be workflows and have a term in their path, by name."""
        folded = term.casefold()
        for place in self._walk(self.root):
            name = place.relative_to(self.root).as_posix()
            if name.lower().endswith(_ENDINGS) and folded in name.casefold() and self._is_inside(place):
                yield name

    def _app(self, ref: str) -> Location:
        """Return an app, unless a file of that very name stands where the server was started."""
        if os.path.lexists(ref):
            raise RefError(f"{one_line(ref, 80)} names nothing that may be read", "Name the app by its id.")
        return Location("app", ref)

    def _place(self, name: str) -> Path | None:
        """Return where a path below the folder leads; None where there is nothing."""
        self._refuse_escape(name, name)
        try:
            place = self.root / name
            if not os.path.lexists(place):
                return None
            real = place.resolve()
        except (OSError, ValueError, RuntimeError):  # a name that no disk takes, a loop of links
            return None
        if not real.is_relative_to(self.root):
            raise _outside(name)
        if real.is_dir():
            self._refuse_links(real, name)
        return real

    def _refuse_escape(self, path: str, ref: str) -> None:
        parts = PurePath(path.replace("\\", "/")).parts
        absolute = PurePath(path).is_absolute() and not PurePath(path).is_relative_to(self.root)
        if ".." in parts or absolute:
            raise _outside(ref)

    def _refuse_links(self, folder: Path, name: str) -> None:
        for place in self._walk(folder, hidden=True):
            if place.is_symlink() and not self._is_inside(place):
                link = place.relative_to(self.root)
                hint = "Name the files in it that are meant."
                raise RefError(f"{name} holds a link that leads out of the folder: {link}", hint)

    def _walk(self, folder: Path, *, hidden: bool = False) -> Iterator[Path]:
        """Yield the files and links in a folder and those below it; in hidden ones only where asked for."""
        count = 0
        for above, folders, names in os.walk(folder):
            yield from (Path(above, each) for each in folders if os.path.islink(Path(above, each)))
            folders[:] = sorted(each for each in folders if hidden or not each.startswith("."))
            for each in sorted(names):
                count += 1
                if count > _MOST_FILES:
                    raise RefError(
                        f"{self.shorten(str(folder))} has over {_MOST_FILES:,} files",
                        "Name a folder below it.",
                    )
                yield Path(above, each)

    def _is_inside(self, place: Path) -> bool:
        try:
            return place.resolve().is_relative_to(self.root)
        except (OSError, RuntimeError):
            return False


def _outside(ref: str) -> RefError:
    return RefError(
        f"{one_line(ref, 80)} leads out of the folder that may be read", "Name a path below it, without `..`."
    )
