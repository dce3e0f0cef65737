"""Which app of one catalogue is which of another, and in which order changes of many apps are listed."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from lamina_graph.diff import RULES, SEVERITIES
from lamina_graph.history.results import AppChange, CatalogueChange

App = TypeVar("App")

_ORDER = {id_: place for place, id_ in enumerate(RULES)}
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


def weight(change: AppChange) -> tuple[int, str, str, str, str, datetime, int, str]:
    """Return by what changes are sorted: the worst first, then by app and time."""
    severity, rule, at = SEVERITIES.index(change.severity), _ORDER[change.rule], change.at or _UNDATED
    path = (change.path or "") if isinstance(change, CatalogueChange) else ""
    return severity, change.name or "", change.app_id, change.base_url, path, at, rule, change.fingerprint
