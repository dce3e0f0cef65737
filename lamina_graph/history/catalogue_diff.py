"""What changed from one catalogue to another: two folders, two commits, two stores."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import chain
from pathlib import PurePath, PurePosixPath
from typing import Any, NamedTuple

from lamina_graph.diff import (
    Change,
    ComparisonPolicy,
    KnownApp,
    Level,
    UnratedChange,
    Version,
    diff,
    origin_of,
    worst,
)
from lamina_graph.files import canonical
from lamina_graph.history.api_changes import merge_api_changes
from lamina_graph.history.app_pairs import pair_apps, place_app, rank_app, read_pairs, weight
from lamina_graph.history.comparison import rate_app_changes
from lamina_graph.history.results import (
    AppStatus,
    CatalogueChange,
    CatalogueDiff,
    CatalogueTotals,
    ComparedApp,
    PairedBy,
    Unknown,
)
from lamina_graph.model import Entry
from lamina_graph.text import one_line, pluralize

_ANOTHER_ID: dict[str, Level] = {"app-reidentified": "breaking"}
"""Who calls an app by its id does not find it under another one, whatever the two have in common."""


class Catalogue(NamedTuple):
    """The apps of one place, by what a person called the place; one that cannot be read carries its error.

    The entries are gone through twice, the second time in pairs, so that a sequence need not hold them.
    """

    ref: str
    entries: Sequence[Entry]


def catalogue_diff(
    old: Catalogue,
    new: Catalogue,
    *,
    policy: ComparisonPolicy | None = None,
    drawn: int | None = None,
) -> CatalogueDiff:
    """Return what changed from one catalogue to another, each app compared with what it was.

    Apps are paired by app id, then by name, then by path, then by the id that another program gave a workflow
    or by all that it holds, so that a file that was moved is no removal. What
    cannot be read on either side is unknown, and so is what the other side has in its place.

    Args:
        old: the catalogue before, whose apps callers know.
        new: the catalogue after.
        policy: the settings of the comparison.
        drawn: of how many apps the diff itself is kept for drawing, the worst first; of all where not given.

    >>> from lamina_graph.files import load
    >>> reel = Entry(ref="a.json", path="a.json", workflow=load({"appId": "1", "nodes": [], "edges": []}))
    >>> moved = reel.model_copy(update={"ref": "b.json", "path": "b.json"})
    >>> catalogue_diff(Catalogue("then", [reel]), Catalogue("now", [moved])).totals.unchanged
    1
    """
    policy = policy or ComparisonPolicy()
    titles = [[_Title.of(*each) for each in enumerate(side.entries)] for side in (old, new)]
    known = frozenset.intersection(*(frozenset().union(*(each.parts for each in side)) for side in titles))
    pairs = list(_pair_titles(old, new, *titles))
    numbers = [(pair.old and pair.old.number, pair.new and pair.new.number) for pair in pairs]
    read = zip(pairs, read_pairs(old.entries, new.entries, numbers), strict=True)
    compared = (_compare(_Pair(*both, pair.by), policy, known) for pair, both in read)
    parts = _keep_worst(compared, drawn)
    apps = sorted((part.app for part in parts), key=place_app)
    changes = merge_api_changes([change for part in parts for change in part.changes])
    status: Counter[str] = Counter(app.status for app in apps)
    return CatalogueDiff(
        between=(old.ref, new.ref),
        identical=not (status.keys() - {"unchanged"}),
        totals=CatalogueTotals(**status, moved=sum(app.moved is not None for app in apps)),
        severity=worst(changes),
        apps=sum(status[name] for name in ("added", "removed", "changed")),
        compared=tuple(apps),
        changes=tuple(sorted(changes, key=weight)),
        unknown=tuple(each for part in parts for each in part.unknown),
        ignored=sum(part.ignored for part in parts),
    )


class _Pair(NamedTuple):
    """One app on both sides, or on one; `by` is what paired it."""

    old: Entry | None
    new: Entry | None
    by: PairedBy | None = None


class _Part(NamedTuple):
    """What one pair gives."""

    app: ComparedApp
    changes: tuple[CatalogueChange, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    ignored: int = 0


class _Title(NamedTuple):
    """By what an app is paired, and which one of its side it is.

    Attributes:
        parts: what is known beside its workflow.
        broken: whether it cannot be read.
    """

    number: int
    path: str | None
    app_id: str | None
    name: str | None
    workflow_id: str | None
    parts: frozenset[str]
    broken: bool

    @classmethod
    def of(cls, number: int, entry: Entry) -> "_Title":
        """Return by what an entry is paired."""
        parts = frozenset(part for part in ("detail", "estimate") if getattr(entry, part))
        lost = getattr(entry.error, "app_id", None)
        texts = entry.path, app_id_of(entry) or lost, name_of(entry), _workflow_id(entry)
        return cls(number, *texts, parts, entry.workflow is None)


class _TitlePair(NamedTuple):
    """The titles of one app on both sides, or on one; `by` is what paired it."""

    old: _Title | None
    new: _Title | None
    by: PairedBy | None = None


def _pair_titles(
    old: Catalogue, new: Catalogue, olds: Sequence[_Title], news: Sequence[_Title]
) -> Iterator[_TitlePair]:
    """Yield each app with what it was; what stands in the place of something unreadable goes with that."""
    left, right = ([each for each in side if not each.broken] for side in (olds, news))
    entries = {id(each): side.entries for side, titles in ((old, left), (new, right)) for each in titles}
    ranks = {id(each): rank for side in (left, right) for each, rank in _rank_namesakes(side)}
    pairs = list(pair_apps(left, right, _list_keys(ranks, entries)))
    yield from (_TitlePair(before, after, by) for by, before, after in pairs)  # type: ignore[arg-type]
    paired = {id(each) for _, *pair in pairs for each in pair}
    rest = [[each for each in side if id(each) not in paired] for side in (olds, news)]
    reported: set[int] = set()
    for broken, others, is_new in ((rest[1], rest[0], True), (rest[0], rest[1], False)):
        for each in (each for each in broken if each.broken and id(each) not in reported):
            inside = [other for other in others if id(other) not in reported and _stands_for(each, other)]
            reported |= {id(each), *map(id, inside)}
            others_or_none: list[_Title | None] = [*inside] or [None]
            for other in others_or_none:
                by: PairedBy | None = "path" if other else None
                yield _TitlePair(other, each, by) if is_new else _TitlePair(each, other, by)
    yield from (_TitlePair(each, None) for each in rest[0] if id(each) not in reported)
    yield from (_TitlePair(None, each) for each in rest[1] if id(each) not in reported)


def _stands_for(broken: _Title, other: _Title) -> bool:
    """Whether what cannot be read is in the place of another: of its app, on its path or a folder above."""
    if broken.app_id is not None and broken.app_id == other.app_id:
        return True
    if broken.path is None or other.path is None:
        return False
    return broken.path == "." or PurePosixPath(other.path).is_relative_to(broken.path)


def _keep_worst(parts: Iterable[_Part], most: int | None) -> list[_Part]:
    """Return parts with the diffs of so many of the worst apps: each holds two workflows."""
    kept: list[_Part] = []
    with_diff: list[int] = []
    for part in chain(parts, (None,)):
        if part:
            kept.append(part)
            with_diff += [len(kept) - 1] if part.app.compared else []
        if most is not None and (part is None or len(with_diff) > 2 * most):
            with_diff.sort(key=lambda number: rank_app(kept[number].app))
            for number in with_diff[most:]:
                app = kept[number].app.model_copy(update={"compared": None})
                kept[number] = kept[number]._replace(app=app)
            del with_diff[most:]
    return kept


def _list_keys(
    ranks: Mapping[int, int], entries: Mapping[int, Sequence[Entry]]
) -> list[tuple[str, Callable[[_Title], Hashable]]]:
    """Return by what apps are the same, the surest first; copies of one app go by place, then by order."""

    def of_app(app: _Title, second: object = "") -> Hashable:
        return app.app_id and (app.app_id, second)

    def of_name(app: _Title, second: object = "") -> Hashable:
        return app.name and (app.name, second)

    def of_content(app: _Title) -> Hashable:
        workflow = entries[id(app)][app.number].workflow
        return workflow and sha256(canonical(workflow).encode()).digest()

    return [
        ("id", lambda app: of_app(app, app.path)),
        ("id", of_app),
        ("id", lambda app: of_app(app, PurePosixPath(app.path or "").name)),
        ("id", lambda app: of_app(app, ranks[id(app)])),
        ("name", lambda app: of_name(app, app.path)),
        ("name", of_name),
        ("path", lambda app: app.path),
        ("id", lambda app: app.workflow_id),
        ("content", of_content),
    ]


def _workflow_id(entry: Entry) -> str | None:
    """Return the id that another program gave a workflow, which a copy of its file has as well."""
    id_ = origin_of(entry.workflow).get("workflowId") if entry.workflow else None
    return id_ if isinstance(id_, str) and id_.strip("0-") else None


def _rank_namesakes(titles: Iterable[_Title]) -> Iterator[tuple[_Title, int]]:
    """Yield each title with how many of the same app id are before it."""
    met: Counter[str | None] = Counter()
    for each in titles:
        yield each, met[each.app_id]
        met[each.app_id] += 1


def app_id_of(entry: Entry) -> str | None:
    """Return the id of the app of an entry, where it has one."""
    return next((each.app_id for each in (entry.workflow, entry.detail) if each and each.app_id), None)


def name_of(entry: Entry) -> str | None:
    """Return the name of the app of an entry, where it has one."""
    return next((each.name for each in (entry.workflow, entry.detail) if each and each.name), None)


def version_of(entry: Entry) -> Version:
    """Return the workflow of an entry with what is known beside it.

    Raises:
        ValueError: the entry holds none.
    """
    if entry.workflow is None:
        raise ValueError(f"{entry.ref} holds no workflow")
    return Version(entry.workflow, entry.detail, entry.estimate, app_id=app_id_of(entry), name=name_of(entry))


def _compare(pair: _Pair, policy: ComparisonPolicy, parts: frozenset[str]) -> _Part:
    old, new, _ = pair
    for entry in (new, old):
        if entry and entry.error:
            return _report_unreadable(pair, entry)
    if old is None or new is None:
        return _report_lone(pair, policy)
    if _is_same(old, new, policy):
        return _Part(_describe(pair, "unchanged"))
    return _compare_versions(pair, policy, parts)


def _is_same(old: Entry, new: Entry, policy: ComparisonPolicy) -> bool:
    """Whether both sides hold the same, so that comparing them cannot show anything."""
    alone = not (old.detail or new.detail or old.estimate or new.estimate)
    used = policy.usage is not None and policy.usage.names(KnownApp.of(version_of(new)))
    return alone and not used and old.workflow == new.workflow


def _compare_versions(pair: _Pair, policy: ComparisonPolicy, parts: frozenset[str]) -> _Part:
    assert pair.old
    assert pair.new
    before, after = (
        replace(_keep_parts(version_of(entry), parts), path=PurePath(entry.path) if entry.path else None)
        for entry in (pair.old, pair.new)
    )
    if before.app_id and after.app_id and before.app_id != after.app_id:
        policy = replace(policy, severities={**_ANOTHER_ID, **policy.severities})
    result = diff(before, after, policy=policy)
    lone = len(before.workflow.nodes) == len(after.workflow.nodes) == 1
    changes = tuple(_to_change(change, pair, lone_node=lone) for change in result.changes)
    app = _describe(
        pair,
        "unchanged" if result.identical else "changed",
        severity=result.severity,
        changes=len(changes),
        credits=result.credits,
        compared=None if result.identical else result,
    )
    unknown = tuple(_unknown(pair.new, why) for why in result.unknown)
    return _Part(app, changes, unknown, result.ignored)


def _keep_parts(version: Version, parts: frozenset[str]) -> Version:
    """Return a version with what both catalogues know: of the rest nothing can be compared."""
    return replace(
        version,
        detail=version.detail if "detail" in parts else None,
        estimate=version.estimate if "estimate" in parts else None,
    )


def _report_unreadable(pair: _Pair, entry: Entry) -> _Part:
    known = next((each for each in (pair.old, pair.new) if each and each.workflow), None)
    why = str(entry.error).removeprefix(f"{entry.ref}: ")
    return _Part(_describe(pair, "unreadable"), unknown=(_unknown(entry, why, known),))


def _report_lone(pair: _Pair, policy: ComparisonPolicy) -> _Part:
    """Return what an app gives that only one side has."""
    app = pair.new or pair.old
    assert app
    assert app.workflow
    title = one_line(name_of(app) or app_id_of(app) or app.path or app.ref, 80)
    rule, words = ("app-added", "New app") if pair.new else ("app-gone", "App removed")
    text = f"{words}: {title} ({pluralize(len(app.workflow.nodes), 'node')})"
    before, after = (None, name_of(app)) if pair.new else (name_of(app), None)
    unrated = UnratedChange(rule, text, (), before, after, subject=app_id_of(app) or app.path)
    rated = rate_app_changes([unrated], KnownApp.of(version_of(app)), policy)
    changes = tuple(_to_change(change, pair) for change in rated)
    status: AppStatus = "added" if pair.new else "removed"
    described = _describe(pair, status, severity=worst(changes), changes=len(changes))
    return _Part(described, changes, ignored=1 - len(changes))


def _describe(pair: _Pair, status: AppStatus, **more: Any) -> ComparedApp:
    named = next((each for each in (pair.new, pair.old) if each and each.workflow), pair.new or pair.old)
    assert named
    return ComparedApp(
        status=status,
        app_id=app_id_of(named),
        name=name_of(named),
        old=pair.old.ref if pair.old else None,
        new=pair.new.ref if pair.new else None,
        by=pair.by,
        moved=_find_move(pair) if status != "unreadable" else None,
        **more,
    )


def _find_move(pair: _Pair) -> tuple[str, str] | None:
    """Return the places of a file on both sides, where they differ."""
    before, after = (side.path if side else None for side in (pair.old, pair.new))
    return (before, after) if before and after and before != after else None


def _to_change(change: Change, pair: _Pair, **more: Any) -> CatalogueChange:
    app = pair.new or pair.old
    assert app
    return CatalogueChange.model_validate(
        {
            **dict(change),
            "at": None,
            "app_id": app_id_of(app) or "",
            "name": name_of(app) or app.path or app.ref,
            "base_url": "",
            "old": pair.old.ref if pair.old else None,
            "new": pair.new.ref if pair.new else None,
            "path": app.path,
            **more,
        }
    )


def _unknown(entry: Entry, why: str, known: Entry | None = None) -> Unknown:
    app = known or entry
    name = name_of(app)
    title = f"{name} ({entry.path})" if name and entry.path else name or entry.path or entry.ref
    return Unknown(at=None, app_id=app_id_of(app), name=title, why=why, path=entry.path)
