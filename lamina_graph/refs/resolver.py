"""Which kind of reference each is, and how it is read: through files, git, the store, the API."""

import os
import re
import shlex
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from functools import cached_property
from typing import IO, TYPE_CHECKING, NamedTuple, TypedDict, TypeVar, Unpack
from urllib.parse import unquote

from lamina_graph.errors import (
    CredentialsError,
    InputError,
    LaminaGraphError,
    RefError,
    StoreError,
    WorkflowError,
)
from lamina_graph.files import load, load_all
from lamina_graph.model import AppSummary, Entry
from lamina_graph.refs.unread import PAGE_LINK, FolderEnd, FolderFile, Unread, place_below
from lamina_graph.refs.workflow_files import ENDINGS, missing_file, name_workflow_files, posix_order
from lamina_graph.text import is_start_of_id, match_names
from lamina_graph.validation_errors import suggest

if TYPE_CHECKING:
    from lamina_graph.client import Client
    from lamina_graph.store import App, Store

APP_PREFIX = "app:"
"""What stands before the id or name of an app that could be taken for something else."""

_MOST_SHOWN = 8
"""Apps that are named where several may be meant."""

T = TypeVar("T")
A = TypeVar("A", "AppSummary", "App")


class Sources(TypedDict, total=False):
    """What references come through, as keyword arguments.

    Attributes:
        client: gives the client for ids and names, and keeps it; called only when one is needed. Where it is
            not given, a client with the settings of the environment is made, and closed again.
        store: gives the store, and keeps it; called only when one is needed.
        stdin: what `-` reads; the process's standard input where not given.
        offline: whether the API must not be asked; an app is then what the store knows last.
        base_url: where the store has an app from several addresses, the one that is meant.
    """

    client: "Callable[[], Client]"
    store: "Callable[[], Store]"
    stdin: IO[bytes]
    offline: bool
    base_url: str


class Revision(NamedTuple):
    """A file at a git revision."""

    rev: str
    path: str


def split_revision(ref: str) -> Revision | None:
    """Return the file at a git revision that a reference names; None where it is read as something else.

    >>> split_revision("HEAD~1:workflows/reel.json")
    Revision(rev='HEAD~1', path='workflows/reel.json')
    """
    match = REVISION.fullmatch(ref) if choose_reader(ref) is Resolver.read_revision else None
    return Revision(**match.groupdict()) if match else None


class Resolver:
    """Resolves references one by one; opens a client or standard input when one is first needed."""

    def __init__(self, opened: ExitStack, strict: bool = False, **sources: Unpack[Sources]) -> None:
        self._opened, self._strict, self._sources = opened, strict, sources
        self._store = sources.get("store")
        self._offline = sources.get("offline", False)

    def plan(self, ref: str) -> Iterator[Unread]:
        """Yield what one reference names, files unread, or its error."""
        try:
            for each in choose_reader(ref)(self, ref):
                yield Unread(ref, each) if isinstance(each, Entry) else each
        except LaminaGraphError as error:
            yield Unread(ref, Entry(ref=ref, error=error))

    def read_folder(self, ref: str) -> Iterator[Unread]:
        """Yield each file below a folder that may be a workflow, by name, and what of it cannot be read."""
        names, unreadable = name_workflow_files(ref)
        errors = {path: Entry(ref=path, path=place_below(ref, path), error=e) for path, e in unreadable}
        on_disk = FolderFile(None, ref, self._strict)
        if errors:
            names = sorted([*names, *errors], key=posix_order)
        for name in names:
            yield Unread(name, errors.get(name, on_disk))
        yield Unread(ref, FolderEnd(ref, len(names)))

    def _read_tree(self, ref: str, revision: Revision) -> Iterator[Unread]:
        """Yield what a folder at a git revision holds, as `read_folder` does."""
        from lamina_graph.git import read_tree

        amount = 0
        for file in read_tree(*revision, endings=ENDINGS):
            amount += 1
            name = f"{ref.rstrip('/')}/{file.path}"
            if file.content is None:
                error = WorkflowError(name, "", file.problem, "Name it outright to see what git says of it.")
                yield Unread(name, Entry(ref=name, path=file.path, error=error))
            else:
                yield Unread(name, FolderFile(file.content, ref, self._strict))
        yield Unread(ref, FolderEnd(ref, amount))

    def read_file(self, ref: str) -> Iterator[Unread | Entry]:
        """Yield a file, or what comes through a pipe, which only this process can read."""
        if os.path.isfile(ref):
            yield Unread(ref)
        else:
            yield from (Entry(ref=ref, workflow=workflow) for _, workflow in load_all(ref))

    def read_page(self, ref: str) -> Iterator[Entry]:
        """Yield one of the workflows that the page of a report carries, by the page's own link to it."""
        path, _, key = ref.partition(PAGE_LINK)
        apps = dict(load_all(path))
        workflow = apps.get(key) or apps.get(unquote(key))  # as written, or as a browser shows it
        if workflow is None:
            near = suggest(key, apps)
            usual = f"`lamina-graph classify {path}` lists them."
            hint = f"Did you mean {path}{PAGE_LINK}{near}?" if near else usual
            raise RefError(f"{path} contains no app {key!r}", hint)
        yield Entry(ref=ref, workflow=workflow)

    def read_stdin(self, ref: str) -> Iterator[Entry]:
        """Yield the workflow on standard input, which is read once however often it is named."""
        yield Entry(ref=ref, workflow=load(self._input, "standard input"))

    def read_revision(self, ref: str) -> Iterator[Unread | Entry]:
        """Yield the workflow in a file or those in a folder at a git revision, or that of an app so named."""
        from lamina_graph.git import is_folder, read

        revision = split_revision(ref)
        assert revision
        try:
            content = read(*revision)
        except InputError as error:
            tree = is_folder(*revision)
            yield from self._read_tree(ref, revision) if tree else self._app_or(ref, error)
        else:
            yield Unread(ref, content)

    def read_snapshot(self, ref: str, named: bool = False) -> Iterator[Entry]:
        """Yield the workflow of a snapshot in the store, or of an app whose name has an `@` in it.

        Args:
            ref: the reference.
            named: whether it is said to be an app: then a name may look like a snapshot through and through.
        """
        term, _, when = ref.rpartition("@")
        try:
            yield self._from_store(ref, term, when)
        except (RefError, StoreError):
            if not self._is_name(ref, ask=named or not _CERTAIN.fullmatch(when)):
                raise
            yield from self.read_app(ref)

    def _is_name(self, ref: str, *, ask: bool) -> bool:
        """Tell whether the store has an app of exactly this name, or the API, where it may be asked."""
        if any(app.name == ref for app in self._find_stored(ref)):
            return True
        if self._offline or not ask:
            return False
        try:
            return any(app.name == ref for app in self._client.apps(search=ref))
        except LaminaGraphError:
            return False

    def read_app(self, ref: str) -> Iterator[Entry]:
        """Yield the workflow of an app by its id or name; offline, as the store knows it last."""
        if self._offline and self._store:
            yield self._from_store(ref, ref, "latest")
        else:
            id_ = self.id_of(ref)
            yield Entry(ref=ref, workflow=self._ask(ref, lambda client: client.structure(id_).read()))

    def read_named_app(self, ref: str) -> Iterator[Entry]:
        """Yield the workflow of an app that is named as such, whatever its name looks like."""
        term = ref.removeprefix(APP_PREFIX)
        for entry in (
            self.read_snapshot(term, named=True) if SNAPSHOT.fullmatch(term) else self.read_app(term)
        ):
            yield entry.model_copy(update={"ref": ref})

    def reject_blank(self, ref: str) -> Iterator[Entry]:
        """Refuse what names nothing."""
        raise RefError("an empty REF names nothing", "Name a file, a folder, an app id or an app's name.")

    def reject_url(self, ref: str) -> Iterator[Entry]:
        """Refuse a URL."""
        raise RefError(
            f"{ref} is a URL, which names no workflow here", "Download it, or give the id of the app."
        )

    def reject_missing(self, ref: str) -> Iterator[Entry]:
        """Yield the workflow of the app whose name looks like a path; refuse what is neither."""
        yield from self._app_or(ref, missing_file(ref))

    def _app_or(self, ref: str, error: InputError) -> Iterator[Entry]:
        """Yield the workflow of the app that has a reference as its name after all, else raise the error.

        The API is asked only where there is a blank, and no ending of a file: it knows no mistyped paths.
        """
        snapshot = SNAPSHOT.fullmatch(ref)
        if self._find_stored(snapshot["term"] if snapshot else ref):
            yield from self.read_snapshot(ref) if snapshot else self.read_app(ref)
            return
        if not snapshot and not self._offline and " " in ref and not _FILE.search(ref):
            with suppress(LaminaGraphError):
                yield from list(self.read_app(ref))
                return
        raise self._with_suggestion(ref, error)

    def id_of(self, term: str) -> str:
        """Return the id of the app that an id or a name means: in the store, else in the API."""
        if _ID.fullmatch(term):
            return term
        stored = self._find_stored(term)
        return _require_one(term, stored).app_id if stored else self._find_listed(term).app_id

    def _from_store(self, ref: str, term: str, when: str) -> Entry:
        if not self._store:
            raise RefError(
                f"{term}@{when} names a snapshot, and there is no store to take it from",
                "Name a file, or an app.",
            )
        apps = self._find(term)
        if not apps:
            record = "`lamina-graph snapshot APP` records what the API says."
            raise self._with_suggestion(term, RefError(f"the store knows no app {term!r}", record))
        snapshot = self._store().resolve(_require_one(term, apps), when)
        if snapshot is None:
            raise RefError(
                f"the store has no snapshot {term}@{when}",
                f"`lamina-graph history {shlex.quote(term)}` lists them.",
            )
        return Entry(
            ref=ref,
            workflow=snapshot.workflow,
            detail=snapshot.detail,
            estimate=snapshot.estimate,
            taken_at=snapshot.taken_at,
        )

    def _find(self, term: str) -> "tuple[App, ...]":
        """Return the apps of the store that a term names, those of the address that is meant first."""
        if not self._store:
            return ()
        store, base_url = self._store(), self._sources.get("base_url")
        return (base_url and store.find(term, base_url)) or store.find(term)

    def _find_stored(self, term: str) -> "tuple[App, ...]":
        """Return the apps of the store that a term names; none where it cannot be read, for the API can."""
        try:
            return self._find(term)
        except StoreError:
            return ()

    def _find_listed(self, name: str) -> AppSummary:
        """Return the one app of the API that a name means; all are listed if a search finds none."""
        searched = self._ask(name, lambda client: client.apps(search=unicodedata.normalize("NFC", name)))
        named = _means(searched, name)
        if named:
            return _require_one(name, named)
        apps = self._ask(name, lambda client: client.apps())
        named = _means(apps, name) or _with_id(apps, name)
        if not named:
            usual = _SNAPSHOTS if "@" in name else "`lamina-graph apps --search TEXT` lists apps."
            usual = _hint_of_revision(name) or usual
            error = RefError(f"no file and no app is named {name!r}", usual)
            raise self._with_suggestion(name, error, apps)
        return _require_one(name, named)

    def _with_suggestion(
        self, name: str, error: InputError, listed: "Sequence[AppSummary]" = ()
    ) -> InputError:
        """Return an error with the app of the store, or of a listing, that comes near to what was typed."""
        try:
            stored = self._store().apps() if self._store else ()
        except StoreError:
            stored = ()
        names = [*(app.name for app in stored), *(app.name for app in listed)]
        near = suggest(name, filter(None, names))
        return RefError(str(error), f"Did you mean {near!r}?") if near else error

    @cached_property
    def _input(self) -> bytes:
        return self._sources.get("stdin", sys.stdin.buffer).read()

    @cached_property
    def _client(self) -> "Client":
        from lamina_graph.client import Client

        given = self._sources.get("client")
        return given() if given else self._opened.enter_context(Client())

    def _ask(self, ref: str, ask: "Callable[[Client], T]") -> T:
        """Return what the API says; where it cannot be asked, say that there is no such file either."""
        if self._offline:
            raise RefError(
                f"{ref!r} is not a file, and --offline forbids using the API",
                _hint_of_revision(ref) or "Name a file, or leave out --offline.",
            )
        try:
            return ask(self._client)
        except CredentialsError as error:
            if error.status is not None:
                raise
            problem = f"{ref!r} is not a file, and no app can be looked up: {error.problem}"
            raise CredentialsError(problem, hint=_hint_of_revision(ref) or error.hint) from error


_SNAPSHOTS = "A snapshot is APP@latest, APP@~1, APP@2026-03-09, or APP@ID with an id that `history` lists."
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
REVISION = re.compile(
    r"(?![A-Za-z]:[\\/])(?P<rev>:[0-3](?=:)|(?:[^\s:{}\0\ud800-\udfff]|\{[^{}\0]*\})*)"
    r":(?!\s|//)(?P<path>[^\0\ud800-\udfff]+)"
)
_FILE = re.compile(r"\.(?:json|svg|html|png|webp)$", re.IGNORECASE)
_PATH = re.compile(rf"[\\/]|{_FILE.pattern}", re.IGNORECASE)
SNAPSHOT = re.compile(r"(?P<term>.*\S)@(?:latest|~\d+|\d{4}-\d\d-\d\d(?!:)\S*|[0-9A-Za-z]{6,})", re.DOTALL)
_CERTAIN = re.compile(r"latest|~\d+|\d{4}-\d\d-\d\d\S*|[0-9a-f]{6,}")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _hint_of_revision(ref: str) -> str | None:
    """Return what to do with the name of a commit in place of a workflow; None for any other name."""
    from lamina_graph.git import is_commit

    return f"It is a commit: name a file or a folder in it, as {ref}:PATH." if is_commit(ref) else None


def _names_snapshot(ref: str) -> bool:
    """Whether a reference is a snapshot of an app, and could not be a file at a revision."""
    snapshot = SNAPSHOT.fullmatch(ref)
    return snapshot is not None and not REVISION.fullmatch(snapshot["term"])


Reader = Callable[[Resolver, str], Iterator[Unread | Entry]]

_KINDS: tuple[tuple[Callable[[str], object], Reader], ...] = (
    (lambda ref: not ref.strip(), Resolver.reject_blank),
    (os.path.isdir, Resolver.read_folder),
    (os.path.exists, Resolver.read_file),
    (os.path.islink, Resolver.reject_missing),
    (lambda ref: ref.startswith(APP_PREFIX), Resolver.read_named_app),
    (lambda ref: PAGE_LINK in ref and os.path.exists(ref.partition(PAGE_LINK)[0]), Resolver.read_page),
    ("-".__eq__, Resolver.read_stdin),
    (_URL.match, Resolver.reject_url),
    (_names_snapshot, Resolver.read_snapshot),
    (REVISION.fullmatch, Resolver.read_revision),
    (_PATH.search, Resolver.reject_missing),
    (bool, Resolver.read_app),
)
"""How each kind of reference is recognised, in the order in which they are tried, and how it is read."""


def choose_reader(ref: str) -> Reader:
    """Return how a reference is read."""
    return next(read for is_kind, read in _KINDS if is_kind(ref))


def _means(apps: "Sequence[AppSummary]", name: str) -> "list[AppSummary]":
    """Return the apps of this name as written, else those that it means."""
    exact = [app for app in apps if app.name == name]
    return exact or [apps[place] for place in match_names({n: app.name for n, app in enumerate(apps)}, name)]


def _with_id(apps: "Sequence[AppSummary]", start: str) -> "list[AppSummary]":
    return [app for app in apps if is_start_of_id(start) and app.app_id.lower().startswith(start.lower())]


def _require_one(name: str, apps: Sequence[A]) -> A:
    if len(apps) > 1:
        shown = ", ".join(f"{app.name} ({app.app_id})" for app in apps[:_MOST_SHOWN])
        more = f" and {len(apps) - _MOST_SHOWN} more" if len(apps) > _MOST_SHOWN else ""
        raise RefError(
            f"{name!r} may be {len(apps)} apps: {shown}{more}", "Give the id, or more of the name."
        )
    return apps[0]
