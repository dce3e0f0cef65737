"""What the API itself gives otherwise, told once over all apps and not once for each.

A field that comes, or goes, on every node of many apps at a time says nothing of any of them.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TypeVar

from lamina_graph.diff import EDITOR_RULES, SETTING_RULES, SEVERITIES
from lamina_graph.history.results import AppChange
from lamina_graph.text import join_words, one_line, pluralize

_SENTENCES = {"fields-gained": "The API now gives {} ({})", "fields-lost": "The API no longer gives {} ({})"}
_SIDES = {"fields-gained": ("before", "after"), "fields-lost": ("after", "before")}
C = TypeVar("C", bound=AppChange)

_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
_APART = timedelta(hours=12)
"""What is further apart was not found by the same run."""

API = "the API"
"""In place of an app's name."""


def merge_api_changes(changes: Iterable[C]) -> list[C]:
    """Return changes with those in one that several apps of an address show at a time since the API changed.

    A workflow of one node cannot tell whether the node or the API gained a field: where the others of its
    address tell it, it is the API.
    """
    merged: list[C] = []
    rest = list(changes)
    for rule in _SENTENCES:
        for group in list(_group_by_time(change for change in rest if change.rule == rule)):
            apps_of = Counter(name for change in group for name in _list_fields(change, rule))
            names = {name for name, apps in apps_of.items() if apps > 1}
            start, end = _time(group[0]) - _APART, _time(group[-1]) + _APART
            same = [
                change
                for change in rest
                if change.base_url == group[0].base_url
                and start <= _time(change) <= end
                and _is_explained(change, rule, names)
            ]
            if same:
                explained = set(map(id, same))
                rest = [change for change in rest if id(change) not in explained]
                merged.append(_merge_changes(same, rule, sorted(names)))
    return [*merged, *rest]


def _time(change: AppChange) -> datetime:
    """Return when a change was found; those without a date, of two catalogues, were found at one time."""
    return change.at or _UNDATED


def _group_by_time(changes: Iterable[C]) -> Iterator[list[C]]:
    """Yield the changes of one address of which none came long after the one before."""
    group: list[C] = []
    for change in sorted(changes, key=lambda change: (change.base_url, _time(change))):
        if group and (change.base_url != group[-1].base_url or _time(change) - _time(group[-1]) > _APART):
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _list_fields(change: AppChange, rule: str) -> Iterator[str]:
    fields = getattr(change, _SIDES[rule][1]) or {}
    yield from (name for names in fields.values() for name in names)


def _is_explained(change: AppChange, rule: str, names: set[str]) -> bool:
    """Whether these fields of the API are all that a change shows, of an app or of the settings of a node."""
    if change.accepted or not names:
        return False
    if change.rule == rule:
        return names.issuperset(_list_fields(change, rule))
    without, having = (getattr(change, side) for side in _SIDES[rule])
    settings = change.lone_node and change.rule in SETTING_RULES | EDITOR_RULES and not without
    return settings and isinstance(having, dict) and bool(having) and having.keys() <= names


def _merge_changes(changes: Sequence[C], rule: str, names: list[str]) -> C:
    last = max(changes, key=_time)
    key = json.dumps([last.base_url, rule, names])
    apps = pluralize(len({change.app_id for change in changes}), "app")
    fields = {_SIDES[rule][1]: names}
    return type(last)(
        rule=rule,
        severity=min((each.severity for each in changes if each.rule == rule), key=SEVERITIES.index),
        text=_SENTENCES[rule].format(join_words(map(one_line, names)), apps),
        fingerprint=sha256(key.encode()).hexdigest()[:12],
        at=last.at,
        app_id="",
        name=API,
        base_url=last.base_url,
        **fields,
    )
