"""What a person typed, as workflows: paths, folders, standard input, git revisions, apps, snapshots."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Unpack

from lamina_graph.errors import RefError
from lamina_graph.model import Entry, Workflow
from lamina_graph.refs.resolver import (
    APP_PREFIX,
    REVISION,
    SNAPSHOT,
    Resolver,
    Revision,
    Sources,
    choose_reader,
    split_revision,
)
from lamina_graph.refs.unread import PAGE_LINK, Skipped, Unread, work_on
from lamina_graph.refs.workflow_files import list_workflow_files

if TYPE_CHECKING:
    from lamina_graph.settings import Settings
    from lamina_graph.store import Store

__all__ = [
    "APP_PREFIX",
    "PAGE_LINK",
    "Resolved",
    "Revision",
    "Skipped",
    "Sources",
    "Unread",
    "find_path",
    "find_workflow",
    "list_workflow_files",
    "plan",
    "read_lists",
    "resolve",
    "resolve_app_id",
    "resolve_entry",
    "resolve_workflow",
    "split_revision",
    "work_on",
]


class Resolved(NamedTuple):
    """What references name, in their order, and a folder's files that are no workflows, with reasons."""

    entries: Sequence[Entry]
    skipped: Sequence[tuple[str, str]]


@contextmanager
def plan(
    refs: Sequence[str], *, strict: bool = False, **sources: Unpack[Sources]
) -> Iterator[Iterator[Unread]]:
    """Give what references name, in their order, without reading a file: for `work_on`.

    Args:
        refs: as for `resolve`.
        strict: likewise.
        sources: likewise.

    >>> with plan(["no/such.json"]) as unread:
    ...     [str(entry.error) for each in unread for entry in each.read()]
    ['no such file: no/such.json']
    """
    with ExitStack() as opened:
        resolver = Resolver(opened, strict, **sources)
        yield (each for ref in refs for each in resolver.plan(ref))


def resolve(refs: Sequence[str], *, strict: bool = False, **sources: Unpack[Sources]) -> Resolved:
    """Return what references name: an entry for each workflow, in the order given, a folder's by name.

    One that cannot be read does not stop the others: its entry carries the error.

    Args:
        refs: each a path, a folder, `-`, `REV:PATH`, an app id, an app's name or the unique start of one, or
            `app:` with a name that looks like another of these; an id or a name with `@latest`, `@~1`,
            `@DATE` or `@SNAPSHOTID` comes from the store.
        strict: whether a file of a folder that is no workflow is an error, instead of being skipped.
        sources: what they come through, as in `Sources`.

    >>> resolve(["no/such.json"]).entries[0].error.hint
    'Check the path; it is taken from the working folder.'
    """
    skipped: list[Skipped] = []
    with plan(refs, strict=strict, **sources) as unread:
        return Resolved(list(work_on(unread, lambda entry: entry, skipped=skipped.append)), skipped)


def find_workflow(ref: str | Path, *, store: "Store | str | None" = None, offline: bool = False) -> Workflow:
    """Return the workflow that a reference names: whatever the command line takes for one.

    Args:
        ref: a path, `REV:PATH` in git, an app's id or name, or a snapshot such as `APP@~1`.
        store: the store of snapshots, or where it is; by default the one that `LAMINA_GRAPH_STORE` or
            `.lamina-graph.toml` names, else the user's.
        offline: whether the API must not be asked.

    Raises:
        LaminaGraphError: it names none, or several, or cannot be read.

    >>> find_workflow("no/such.json")
    Traceback (most recent call last):
    lamina_graph.errors.RefError: no such file: no/such.json
    """
    from lamina_graph.settings import Settings

    settings = Settings.read()
    with ExitStack() as opened:

        def open_store() -> "Store":
            from lamina_graph.store import Store

            if isinstance(store, Store):
                return store
            return opened.enter_context(Store(store or _find_store(settings), create=False))

        return resolve_workflow(str(ref), store=open_store, offline=offline, base_url=settings.base_url)


def _find_store(settings: "Settings") -> str:
    from lamina_graph.settings import default_url, find_config, load_config

    path = None if settings.store else find_config(Path.cwd())
    return settings.store or (path and load_config(path).store_url) or default_url()


def read_lists(refs: Iterable[str]) -> Iterator[str]:
    """Yield references; in the place of each `@FILE` those in it, one a line; `#` begins a remark.

    Raises:
        RefError: a list cannot be read, or names nothing.

    >>> list(read_lists(["app.json", "HEAD:app.json"]))
    ['app.json', 'HEAD:app.json']
    """
    for ref in refs:
        if len(ref) > 1 and ref[0] == "@" and not os.path.exists(ref) and not REVISION.fullmatch(ref):
            yield from _read_list(ref[1:])
        else:
            yield ref


def _read_list(path: str) -> list[str]:
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or "not UTF-8 text"
        hint = f"@FILE names a list of REFs, one a line; for an app of this name, app:@{path}"
        raise RefError(f"{path}: cannot be read: {problem}", hint) from error
    lines = [line.strip() for line in text.splitlines()]
    named = [line for line in lines if line and not line.startswith("#")]
    if not named:
        raise RefError(f"{path} contains no REF", "Write one on each line.")
    return named


def resolve_workflow(ref: str, **sources: Unpack[Sources]) -> Workflow:
    """Return the one workflow that a reference names, through `Sources`.

    Raises:
        LaminaGraphError: it names none, or several, or cannot be read.
    """
    workflow = resolve_entry(ref, **sources).workflow
    assert workflow is not None
    return workflow


def resolve_entry(ref: str, **sources: Unpack[Sources]) -> Entry:
    """Return the one workflow that a reference names, through `Sources`, with what a snapshot says beside it.

    Raises:
        LaminaGraphError: it names none, or several, or cannot be read.
    """
    entries, _ = resolve([ref], **sources)
    if len(entries) > 1:
        raise RefError(
            f"{ref} holds {len(entries)} workflows; expected one",
            f"Name one, such as {entries[0].ref}",
        )
    if entries[0].error:
        raise entries[0].error
    return entries[0]


def resolve_app_id(ref: str, **sources: Unpack[Sources]) -> str:
    """Return the id of the app that a reference names, through `Sources`.

    Raises:
        LaminaGraphError: it names no app, or a file that contains no app id.

    >>> resolve_app_id("80d4d454-8844-489f-b903-2ad65a414482")
    '80d4d454-8844-489f-b903-2ad65a414482'
    """
    term = ref.removeprefix(APP_PREFIX)
    is_app = choose_reader(ref) in (Resolver.read_app, Resolver.read_named_app)
    if is_app and not SNAPSHOT.fullmatch(term):
        with ExitStack() as opened:
            return Resolver(opened, **sources).id_of(term)
    id_ = resolve_workflow(ref, **sources).app_id
    if not id_:
        raise RefError(f"{ref} contains no app id", "Give the id of the app itself.")
    return id_


def find_path(ref: str) -> Path | None:
    """Return where the file that a reference names stands, or stood at a revision; None where it is no file.

    >>> find_path("no/such/folder/app.json")
    """
    from lamina_graph import git

    if revision := split_revision(ref):
        return git.find_path(revision.path)
    return Path(ref).resolve() if os.path.isfile(ref) else None
