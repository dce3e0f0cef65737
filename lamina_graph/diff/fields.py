"""The fields that this project does not know: which of them have another value."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from lamina_graph.diff.both import Both, Edge, Side
from lamina_graph.diff.words import line
from lamina_graph.model import ApiValue

LAYOUT = frozenset(
    (
        *("position", "positionAbsolute", "sourcePosition", "targetPosition", "viewport", "zIndex"),
        *("width", "height", "initialWidth", "initialHeight", "measured", "resizing"),
        *("style", "className", "animated", "selected", "dragging"),
    )
)
"""Fields of React Flow that say how the canvas looks, not what it does; an edge's `id` is one too."""

_EDGE_LAYOUT = LAYOUT | {"id"}


class Settings(NamedTuple):
    """The fields whose value differs, by path, as they were and as they are; one not there is left out."""

    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def names(self) -> list[str]:
        """The paths of the fields."""
        return sorted(self.before.keys() | self.after.keys())

    @property
    def phrases(self) -> list[str]:
        """Each field with its value before and after, in a phrase."""
        return [
            f"{line(name)}: {_said(self.before, name)} → {_said(self.after, name)}" for name in self.names
        ]


def settings(both: Both) -> dict[int, Settings]:
    """Return for each node that stays, and whose settings or those of an edge to it differ, what differs."""
    found = {}
    edges = _edge_settings(both)
    for number in both.kept:
        before = settings_of(both.old.node(number)) | edges[0].get(number, {})
        after = settings_of(both.new.node(number)) | edges[1].get(number, {})
        if (before or after) and (differing := differences(before, after)).names:
            found[number] = differing
    return found


def moved(both: Both) -> set[int]:
    """Return the nodes that stay, and look different on the canvas: they or an edge to them."""
    looks = ((n, layout_of(both.old.node(n)), layout_of(both.new.node(n))) for n in both.kept)
    nodes = {number for number, before, after in looks if (before or after) and text(before) != text(after)}
    before, after = (_by_edge(side, layout_of) for side in (both.old, both.new))
    return nodes | {
        edge[1] for edge in (before.keys() | after.keys()) & both.stay if before.get(edge) != after.get(edge)
    }


def differences(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> Settings:
    """Return what differs between the fields of two values.

    >>> differences({"data": {"model": "a", "steps": 4}}, {"data": {"model": "b", "steps": 4}})
    Settings(before={'data.model': 'a'}, after={'data.model': 'b'})
    """
    old, new = dict(_flat(before)), dict(_flat(after))
    changed = [path for path in old.keys() | new.keys() if _text(old, path) != _text(new, path)]
    was, now = (
        {".".join(path): fields[path] for path in sorted(changed) if path in fields} for fields in (old, new)
    )
    return Settings(was, now)


def layout_of(value: ApiValue, edge: bool = False) -> dict[str, Any]:
    """Return the unknown fields of a node, an edge or a workflow that say how the canvas looks."""
    looks = _EDGE_LAYOUT if edge else LAYOUT
    return {name: each for name, each in (value.model_extra or {}).items() if name in looks}


def settings_of(value: ApiValue, edge: bool = False) -> dict[str, Any]:
    """Return the unknown fields of a node, an edge or a workflow that may say what it does."""
    looks = _EDGE_LAYOUT if edge else LAYOUT
    return {name: each for name, each in (value.model_extra or {}).items() if name not in looks}


def text(value: Any) -> str:
    """Return the one text of a JSON value: equal texts are equal values, even where one is not a number."""
    return json.dumps(value, sort_keys=True)


def _flat(fields: Mapping[Any, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    waiting: list[tuple[tuple[str, ...], Any]] = [((str(name),), value) for name, value in fields.items()]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, Mapping) and value:
            waiting += [((*path, str(name)), inner) for name, inner in value.items()]
        else:
            yield path, value


def _text(fields: Mapping[Any, Any], path: tuple[str, ...]) -> str:
    return text(fields[path]) if path in fields else ""


def _said(fields: Mapping[str, Any], name: str) -> str:
    return line(text(fields[name])) if name in fields else "not set"


def _by_edge(side: Side, part: Callable[[ApiValue, bool], dict[str, Any]]) -> dict[Edge, list[str]]:
    """Return for each edge that has them its fields as texts; parallel edges have several."""
    found: dict[Edge, list[str]] = {}
    index = side.version.plain.index
    for edge in side.version.workflow.edges:
        if edge.model_extra and edge.source in index and edge.target in index:
            fields = part(edge, True)
            if fields:
                key = (side.numbers[index[edge.source]], side.numbers[index[edge.target]])
                found.setdefault(key, []).append(text(fields))
    return {edge: sorted(texts) for edge, texts in found.items()}


def _edge_settings(both: Both) -> tuple[dict[int, dict[str, Any]], dict[int, dict[str, Any]]]:
    """Return for each side and each target of edges that stay the settings that differ on these edges."""
    before, after = (_by_edge(side, settings_of) for side in (both.old, both.new))
    differing = [
        edge for edge in (before.keys() | after.keys()) & both.stay if before.get(edge) != after.get(edge)
    ]
    return _at_target(both, before, differing), _at_target(both, after, differing)


def _at_target(
    both: Both, texts: Mapping[Edge, list[str]], edges: Iterable[Edge]
) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for edge in edges:
        if edge in texts:
            name = f"edge from {both.name(edge[0])}"
            found.setdefault(edge[1], {})[name] = [json.loads(each) for each in texts[edge]]
    return found
