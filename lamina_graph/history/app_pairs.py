"""Which app of one catalogue is which of another, and in which order changes of many apps are listed."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from lamina_graph.diff import RULES, SEVERITIES
from lamina_graph.history.results import AppChange, CatalogueChange, ComparedApp

App = TypeVar("App")

_ORDER = {id_: place for place, id_ in enumerate(RULES)}
_AT_ONCE = 25
_UNDATED = datetime.min.replace(tzinfo=UTC)


def pair_apps(
    left: Sequence[App], right: Sequence[App], keys: Sequence[tuple[str, Callable[[App], Hashable]]]
) -> Iterator[tuple[str, App, App]]:
    """Yield the apps of two sides that are the same, with what told so.

    Args:
        left: the apps of the one side.
        right: those of the other.
        keys: in the order in which they are tried, each with its name. Two apps are the same where no other
            app of either side, of those that are left, has their key; None is no key.

    >>> list(pair_apps(["a1", "b"], ["b", "a2"], [("word", str), ("letter", lambda word: word[0])]))
    [('word', 'b', 'b'), ('letter', 'a1', 'a2')]
    """
    for name, key in keys:
        groups: dict[Hashable, tuple[list[App], list[App]]] = {}
        for side, apps in enumerate((left, right)):
            for app in apps:
                groups.setdefault(key(app), ([], []))[side].append(app)
        groups.pop(None, None)
        pairs = [(old[0], new[0]) for old, new in groups.values() if len(old) == len(new) == 1]
        yield from ((name, old, new) for old, new in pairs)
        paired = {id(app) for pair in pairs for app in pair}
        left, right = ([app for app in side if id(app) not in paired] for side in (left, right))


def read_pairs(
    left: Sequence[App], right: Sequence[App], pairs: Iterable[tuple[int | None, int | None]]
) -> Iterator[tuple[App | None, App | None]]:
    """Yield the apps of pairs of numbers; None stands for a side that has no such app.

    Few are held at a time where a side reads its apps when it is asked for them, many at once by `take`.

    >>> list(read_pairs(["a", "b"], ["c"], [(1, 0), (0, None)]))
    [('b', 'c'), ('a', None)]
    """
    rest = iter(pairs)
    while part := list(islice(rest, _AT_ONCE)):
        olds, news = zip(*part, strict=True)
        yield from zip(_take(left, olds), _take(right, news), strict=True)


def _take(side: Sequence[App], numbers: Sequence[int | None]) -> Iterator[App | None]:
    wanted = [number for number in numbers if number is not None]
    apps = iter(side.take(wanted)) if hasattr(side, "take") else (side[number] for number in wanted)
    return (None if number is None else next(apps) for number in numbers)


def weight(change: AppChange) -> tuple[int, str, str, str, str, datetime, int, str]:
    """Return by what changes are sorted: the worst first, then by app and time."""
    severity, rule, at = SEVERITIES.index(change.severity), _ORDER[change.rule], change.at or _UNDATED
    path = (change.path or "") if isinstance(change, CatalogueChange) else ""
    return severity, change.name or "", change.app_id, change.base_url, path, at, rule, change.fingerprint


def place_app(app: ComparedApp) -> tuple[str, str]:
    """Return by what the apps of two catalogues are sorted: by their place in the new one."""
    return app.new or app.old or "", app.old or ""


def rank_app(app: ComparedApp) -> tuple[bool, int, tuple[str, str]]:
    """Return by what apps are drawn: those with changes, the worst first."""
    severity = SEVERITIES.index(app.severity) if app.severity else len(SEVERITIES)
    return not app.changes, severity, place_app(app)
