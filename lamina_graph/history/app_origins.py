"""Which app a new one was copied from, as far as the graphs of the two tell.

A node id is given only once, so one that two apps have is proof of copying; but Lamina gives the nodes of a
duplicate ids of its own. Then the same graph with the same labels of people's own is held to be a copy, and
the same graph alone is called just that.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from lamina_graph.features import features
from lamina_graph.graph import adjacency
from lamina_graph.history.results import By, Origin
from lamina_graph.model import Edge, Node, Workflow
from lamina_graph.records import Snapshot, Version
from lamina_graph.similar import are_isomorphic

K = TypeVar("K")

LEAST = 3
"""How many nodes a graph has at least that is not the same as another's by chance."""

MOST = 100
"""Versions of the same types, the oldest first, that are held against one new app."""


class Arrival(NamedTuple):
    """A new app, and when the run that met it first began and ended."""

    app: Snapshot
    began: datetime
    ended: datetime


def origins(arrivals: Iterable[Arrival], versions: Iterable[Version]) -> dict[str, Origin]:
    """Return where new apps come from, by the ids of their snapshots; without those of unknown origin.

    Only apps of the same address that an earlier run met come into question. Each version is looked at once,
    and only one that has a node id, or all types of nodes, in common with a new app is read.

    Args:
        arrivals: the new apps.
        versions: of all apps, those of an app the oldest first.

    >>> origins([], [])
    {}
    """
    news = [_New(arrival) for arrival in arrivals]
    by_id = _group_by_key((id_, new) for new in news for id_ in new.ids)
    by_types = _group_by_key((new.types, new) for new in news if len(new.types) >= LEAST)
    sizes = set(map(len, by_types))
    for version in versions:
        nodes = _list_nodes(version)
        for new in {new for id_, _ in nodes for new in by_id.get(id_, ())}:
            new.consider(version, new.sharing)
        if len(nodes) in sizes:
            for new in by_types.get(tuple(sorted(type_ for _, type_ in nodes)), ()):
                if len(new.alike) < MOST:
                    new.consider(version, new.alike)
    return {new.app.id: origin for new in news if (origin := new.by_ids() or new.by_graph())}


class _New:
    """A new app, with the versions of others that it may come from.

    Attributes:
        ids: its node ids that tell when they were made, and so are given only once.
        types: of its nodes, sorted.
        sharing: versions that have some of its node ids.
        alike: versions whose nodes are of the same types.
    """

    def __init__(self, arrival: Arrival) -> None:
        self.app, self._began, self._ended = arrival
        self.ids = frozenset(fact.id for fact in features(self.app.workflow).facts if fact.created_at)
        self.types = tuple(sorted(node.type for node in self.app.workflow.nodes))
        self.sharing: list[Version] = []
        self.alike: list[Version] = []

    def consider(self, version: Version, candidates: list[Version]) -> None:
        """Keep a version of an app that existed before; once, where only its detail changed."""
        another = version.base_url == self.app.base_url and version.app_id != self.app.app_id
        before = version.appeared_at < self._began and version.taken_at <= self._ended
        known = any(each.app_id == version.app_id and each.graph == version.graph for each in candidates[-1:])
        if another and before and not known:
            candidates.append(version)

    def by_ids(self) -> Origin | None:
        """Return the app that has most of its node ids."""
        shared = {each.id: self.ids & _list_ids(each) for each in self.sharing}
        versions = _select_first_app(self.sharing, lambda each: -len(shared[each.id]))
        every = self.ids & frozenset().union(*(shared[each.id] for each in versions))
        whole = [each for each in versions if shared[each.id] == every]
        added = {each.id: len(_list_ids(each) - self.ids) for each in whole}
        nearest = [each for each in whole if added[each.id] == min(added.values())]
        if len(nearest) > 1:
            nearest = [
                each for each in nearest if _sort_content(each.workflow) == _sort_content(self.app.workflow)
            ]
        return _build_origin("ids", versions, nearest, len(every))

    def by_graph(self) -> Origin | None:
        """Return the app with the same graph, one with the same labels where there is such."""
        mine = adjacency(self.app.workflow)
        twins = [each for each in self.alike if are_isomorphic(mine, adjacency(each.workflow))]
        named = any(node.label and node.label != node.type for node in self.app.workflow.nodes)
        labelled = [
            each
            for each in twins
            if named and _count_labels(each.workflow) == _count_labels(self.app.workflow)
        ]
        versions = _select_first_app(labelled or twins, lambda each: 0)
        return _build_origin("labels" if labelled else "graph", versions, versions)


def _select_first_app(versions: Sequence[Version], weight: Callable[[Version], int]) -> list[Version]:
    """Return the versions of one app: of the one that weighs least, of several the one that is oldest."""
    first = min(versions, key=lambda each: (weight(each), each.appeared_at, each.app_id), default=None)
    return [each for each in versions if first and each.app_id == first.app_id]


def _build_origin(
    by: By, versions: Sequence[Version], meant: Sequence[Version], shared: int = 0
) -> Origin | None:
    """Return the app of some versions, with the version that is meant where it is one."""
    if not versions:
        return None
    app, version = versions[-1], meant[0] if len(meant) == 1 else None
    return Origin(
        app_id=app.app_id,
        name=app.name,
        by=by,
        shared_ids=shared,
        snapshot=version and version.id,
        taken_at=version and version.taken_at,
    )


def _group_by_key(pairs: Iterable[tuple[K, _New]]) -> dict[K, list[_New]]:
    index: dict[K, list[_New]] = {}
    for key, new in pairs:
        index.setdefault(key, []).append(new)
    return index


def _list_nodes(version: Version) -> list[tuple[str, str]]:
    """Return the ids and types of a graph that is not read yet, whatever it is."""
    nodes = version.graph.get("nodes") if isinstance(version.graph, Mapping) else None
    listed = nodes if isinstance(nodes, list) else ()
    return [(str(node.get("id")), str(node.get("type"))) for node in listed if isinstance(node, Mapping)]


def _list_ids(version: Version) -> frozenset[str]:
    return frozenset(id_ for id_, _ in _list_nodes(version))


def _sort_content(workflow: Workflow) -> tuple[list[Node], list[Edge]]:
    """All that a graph says, whatever the order."""
    edges = sorted(workflow.edges, key=lambda edge: (edge.source, edge.target))
    return sorted(workflow.nodes, key=lambda node: node.id), edges


def _count_labels(workflow: Workflow) -> Counter[tuple[str, str | None]]:
    return Counter((node.type, node.label) for node in workflow.nodes)
