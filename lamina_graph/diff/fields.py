"""The fields that this project does not know: which of them have another value."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from itertools import chain
from typing import Any, NamedTuple, TypeVar, cast

from lamina_graph.diff.alignment import AlignedVersion, Alignment, Edge
from lamina_graph.diff.canvas_fields import EDGE_LAYOUT, NODE_LAYOUT, PORTS, is_layout
from lamina_graph.diff.lookalikes import explain_likeness
from lamina_graph.diff.node_names import shorten
from lamina_graph.diff.origins import origin_of
from lamina_graph.diff.wire_fields import group_by_ends, list_wires, make_wires
from lamina_graph.model import ApiValue, Node, Workflow
from lamina_graph.model import Edge as Wire


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
        return [f"{shorten(name)}: {describe_change(self.before, self.after, name)}" for name in self.names]


class Everywhere(NamedTuple):
    """Fields, also of objects, that one version has on every node, or every edge, and the other on none."""

    nodes: frozenset[str] = frozenset()
    edges: frozenset[str] = frozenset()

    @property
    def names(self) -> dict[str, list[str]]:
        """The names of the fields, as JSON."""
        return {"nodes": sorted(self.nodes), "edges": sorted(self.edges)}


class Wires(NamedTuple):
    """The wires of an edge that both versions have: those that stay, and those that only one version has."""

    kept: list[tuple[Wire, Wire]]
    removed: list[Wire]
    added: list[Wire]


@dataclass(frozen=True, slots=True)
class FieldEdits:
    """How the fields that this project does not know differ between two versions.

    Attributes:
        lost, gained: those that only the old version has, and those that only the new one has, everywhere.
        settings: for each node that stays, what differs in it and in the edges to it.
        moved: the nodes that stay and look different on the canvas.
        redrawn: the edges that stay and look different.
        wires: the edges that stay and have more wires than before, or fewer.
        unlike: the nodes that stay and whose fields are not plainly the same.
    """

    lost: Everywhere
    gained: Everywhere
    settings: dict[int, Settings]
    moved: set[int]
    redrawn: set[Edge]
    wires: dict[Edge, Wires]
    unlike: list[int]


def field_edits(alignment: Alignment) -> FieldEdits:
    """Return how unknown fields differ; those that came or went everywhere are reported there alone."""
    lost, gained = (
        _find_everywhere(alignment.new, alignment.old),
        _find_everywhere(alignment.old, alignment.new),
    )
    if not _are_renamed(alignment, lost, gained):
        lost = gained = Everywhere()
    of_nodes, of_edges = lost.nodes | gained.nodes, lost.edges | gained.edges
    by_edge = _compare_wires(alignment, of_edges)
    at_edges = _compare_edge_settings(alignment, by_edge, of_edges)
    settings, moved, unlike = {}, set(), []
    for number in alignment.matched:
        old, new = alignment.old.node(number), alignment.new.node(number)
        same = _say_the_same(old, new)
        if not same:
            unlike.append(number)
        if number in at_edges or not same:
            before, after = at_edges.get(number, ({}, {}))
            differing = compare_fields(
                {**settings_of(old, of_nodes), **before}, {**settings_of(new, of_nodes), **after}
            )
            if differing.names:
                settings[number] = differing
            if dump_json(layout_of(old, of_nodes)) != dump_json(layout_of(new, of_nodes)):
                moved.add(number)
    return FieldEdits(
        lost=lost,
        gained=gained,
        settings=settings,
        moved=moved,
        redrawn={
            ends
            for ends, each in by_edge.items()
            if any(
                dump_json(layout_of(a, of_edges)) != dump_json(layout_of(b, of_edges)) for a, b in each.kept
            )
        },
        wires={ends: each for ends, each in by_edge.items() if each.removed or each.added},
        unlike=unlike,
    )


def _say_the_same(old: Node, new: Node) -> bool:
    """Whether two nodes plainly have the same unknown fields: a cheap look, before fields are taken apart."""
    before, after = old.model_extra, new.model_extra
    if not (before or after):
        return True
    return old.own_label == new.own_label and old.type == new.type and repr(before) == repr(after)


def compare_fields(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> Settings:
    """Return what differs between the fields of two values.

    >>> compare_fields({"data": {"model": "a", "steps": 4}}, {"data": {"model": "b", "steps": 4}})
    Settings(before={'data.model': 'a'}, after={'data.model': 'b'})
    """
    old, new = dict(_flatten(before)), dict(_flatten(after))
    changed = sorted(
        path
        for path in old.keys() | new.keys()
        if path not in old or path not in new or dump_json(old[path]) != dump_json(new[path])
    )
    was, now = ({".".join(path): side[path] for path in changed if path in side} for side in (old, new))
    return Settings(was, now)


def layout_of(value: ApiValue, exclude: Collection[str] = ()) -> dict[str, Any]:
    """Return the unknown fields of a node, an edge or a workflow that say how the canvas looks."""
    return {name: each for name, each in _read_fields(value, exclude).items() if is_layout(value, name, each)}


def settings_of(value: ApiValue, exclude: Collection[str] = ()) -> dict[str, Any]:
    """Return the unknown fields of a node, an edge or a workflow that may say what it does.

    What stands in `data.label` is none where it is the node's label.
    """
    fields = {n: each for n, each in _read_fields(value, exclude).items() if not is_layout(value, n, each)}
    if "data" in fields and _label_in_data(value):
        data = {name: each for name, each in fields.pop("data").items() if name != "label"}
        fields |= {"data": data} if data else {}
    return fields


def leave_out_fields(workflow: Workflow, patterns: Sequence[str]) -> Workflow:
    """Return a workflow without the unknown fields, of it, its nodes and edges, whose path a pattern fits.

    What a node's label is stays, since another rule is about that.

    >>> from lamina_graph.files import load
    >>> one = load({"nodes": [{"id": "a", "type": "t", "data": {"at": 1, "mode": "x"}}], "edges": []})
    >>> leave_out_fields(one, ["data.a*"]).nodes[0].model_extra
    {'data': {'mode': 'x'}}
    """
    if not patterns:
        return workflow
    ignored = re.compile("|".join(map(translate, patterns)))
    nodes = tuple(_without_fields(node, ignored) for node in workflow.nodes)
    edges = tuple(_without_fields(edge, ignored) for edge in workflow.edges)
    return _without_fields(workflow, ignored).model_copy(update={"nodes": nodes, "edges": edges})


V = TypeVar("V", bound=ApiValue)


def _without_fields(value: V, ignored: re.Pattern[str]) -> V:
    extra = value.model_extra
    if not extra:
        return value

    def strip(path: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        kept = {}
        for name, field in fields.items():
            inner = f"{path}{name}"
            if inner == "data.label" and _label_in_data(value):
                kept[name] = field
            elif not ignored.fullmatch(inner):
                kept[name] = strip(f"{inner}.", field) if isinstance(field, Mapping) and field else field
                if kept[name] == {} != field:
                    del kept[name]
        return kept

    fields = strip("", extra)
    known = {name: getattr(value, name) for name in type(value).model_fields}
    return cast(V, type(value).model_construct(**known, **fields)) if fields != extra else value


def _read_fields(value: ApiValue, exclude: Collection[str]) -> dict[str, Any]:
    """Return the unknown fields but for some, which are named by their path, and for where a file is from."""
    extra = value.model_extra or {}
    if "origin" in extra and isinstance(value, Workflow) and origin_of(value):
        exclude = {"origin", *exclude}
    return {name: _prune(name, each, exclude) for name, each in extra.items() if name not in exclude}


def _prune(name: str, field: Any, exclude: Collection[str]) -> Any:
    if not exclude or not isinstance(field, Mapping):
        return field
    inner = {key: (f"{name}.{key}", each) for key, each in field.items()}
    return {key: _prune(path, each, exclude) for key, (path, each) in inner.items() if path not in exclude}


def label_places(node: Node) -> str:
    """Return where the label of a node stands in the file; empty where it has none.

    >>> label_places(Node(id="a", type="fluxNode", label="Hero", data={"label": "Hero"}))
    '`label` and `data.label`'
    """
    places = ["`label`"] * bool(node.own_label) + ["`data.label`"] * _label_in_data(node)
    return " and ".join(places)


def dump_json(value: Any) -> str:
    """Return the one text of a JSON value: equal texts are equal values, even where one is not a number.

    >>> dump_json({"b": 1.0, "a": 1}) == dump_json({"a": 1.0, "b": 1})
    True
    """
    text = json.dumps(value, sort_keys=True)
    return json.dumps(_without_fractions(value), sort_keys=True) if _MAYBE_WHOLE.search(text) else text


_MAYBE_WHOLE = re.compile(r"\d(?:\.0|e\+)")


def _without_fractions(value: Any) -> Any:
    """Return a JSON value with 1 in place of 1.0: who writes it decides which, and means the same."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _without_fractions(each) for name, each in value.items()}
    return [_without_fractions(each) for each in value] if isinstance(value, list) else value


def show_value(value: Any) -> str:
    """Return a JSON value as a part of a sentence."""
    return shorten(json.dumps(value, sort_keys=True, ensure_ascii=False))


def describe_change(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> str:
    """Return what a field was and is, and what differs where the two look alike."""
    was, now = (show_value(side[name]) if name in side else "not set" for side in (before, after))
    if name not in before or name not in after:
        return f"{was} → {now}"
    texts = (each if isinstance(each, str) else dump_json(each) for each in (before[name], after[name]))
    return f"{was} → {now}{explain_likeness(*texts)}"


def _label_in_data(value: ApiValue) -> bool:
    """Whether a node's label stands in `data`, be it there alone or beside its type too."""
    return isinstance(value, Node) and value.data_label is not None and value.data_label == value.label


def _flatten(fields: Mapping[Any, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    waiting: list[tuple[tuple[str, ...], Any]] = [((str(name),), value) for name, value in fields.items()]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, Mapping) and value:
            waiting += [((*path, str(name)), inner) for name, inner in value.items()]
        else:
            yield path, value


# Fields that came everywhere


def _find_everywhere(without: AlignedVersion, having: AlignedVersion) -> Everywhere:
    """Return the fields that one version has on every node or edge, and the other on none.

    Of one node, or one edge, alone nobody can say whether it is the only one that has it, or all that there
    are: then other fields must show that what the API gives has changed. Looks alone are reported as looks.
    """
    columns = without.graph.adj.columns, having.graph.adj.columns
    fields = Everywhere(
        _fields_on_all(*(each.nodes.get() for each in columns)), _fields_on_all(*map(list_wires, columns))
    )
    many = (fields.nodes and min(len(each.ids) for each in columns) > 1) or (
        fields.edges and min(len(each.sources) for each in columns) > 1
    )
    substance = fields.nodes - NODE_LAYOUT.keys() or fields.edges - (EDGE_LAYOUT.keys() - set(PORTS))
    return fields if many and substance else Everywhere()


def _are_renamed(alignment: Alignment, lost: Everywhere, gained: Everywhere) -> bool:
    """Whether fields that went and came have the same values under other names, where both did."""
    if lost.edges and gained.edges:
        return False
    names = [sorted(fields.nodes - NODE_LAYOUT.keys()) for fields in (lost, gained)]
    return not all(names) or all(
        _values(alignment.old.node(number), names[0]) == _values(alignment.new.node(number), names[1])
        for number in alignment.matched
    )


def _values(node: Node, names: Iterable[str]) -> list[str]:
    paths = _paths(node)
    return sorted(dump_json(paths.get(name)) for name in names)


def _fields_on_all(without: Iterable[ApiValue], having: Iterable[ApiValue]) -> frozenset[str]:
    values, others = iter(having), iter(without)
    names = frozenset(_paths(first)) if (first := next(values, None)) else frozenset()
    other = next(others, None)
    if other is None:
        return frozenset()
    for each in chain([other], others):
        names = names.difference(_paths(each))
        if not names:  # as with nearly all versions: no more is looked at, or made
            return names
    for each in values:
        names = names.intersection(_paths(each)) if names else names
    return frozenset(name for name in names if names.isdisjoint(_objects_around(name)))


def _objects_around(path: str) -> Iterator[str]:
    while "." in path:
        path = path.rpartition(".")[0]
        yield path


_DEEPEST = 6
"""Objects within objects in which a field that came everywhere is looked for."""


def _paths(value: ApiValue) -> dict[str, Any]:
    """Return the unknown fields, and those of objects in them, however deep; a label is none."""
    fields = dict(value.model_extra or {})
    waiting = [(n, each) for n, each in fields.items() if not is_layout(value, n, each)]
    while waiting:
        name, field = waiting.pop()
        if isinstance(field, Mapping) and name.count(".") < _DEEPEST:
            inner = {f"{name}.{key}": each for key, each in field.items()}
            inner.pop("data.label", None)
            fields |= inner
            waiting += inner.items()
    return fields


# Wires


def _compare_wires(alignment: Alignment, exclude: Collection[str]) -> dict[Edge, Wires]:
    """Return the wires of the edges that stay, where these are more or fewer, or have other fields."""
    versions = alignment.old, alignment.new
    if all(version.graph.adj.has_plain_edges for version in versions):
        return {}
    before, after = map(group_by_ends, versions)
    differing = {}
    for ends, fields in before.items():
        if ends in after and repr(fields) != repr(after[ends]):
            old, new = (
                make_wires(version, ends, side[ends])
                for version, side in zip(versions, (before, after), strict=True)
            )
            if sorted(map(_wire_key, old)) != sorted(map(_wire_key, new)):
                differing[ends] = _pair_wires(old, new, exclude)
    return differing


def _pair_wires(old: Iterable[Wire], new: Iterable[Wire], exclude: Collection[str]) -> Wires:
    """Pair wires by all that they say, by what they do, by their ports; the rest in order."""
    kept: list[tuple[Wire, Wire]] = []
    left, right = sorted(old, key=_wire_key), sorted(new, key=_wire_key)
    for key in (
        lambda wire: dump_json(settings_of(wire, exclude) | layout_of(wire, exclude)),
        lambda wire: dump_json(settings_of(wire, exclude)),
        _port_key,
        lambda wire: "",
    ):
        waiting: dict[str, list[Wire]] = {}
        for wire in reversed(right):
            waiting.setdefault(key(wire), []).append(wire)
        rest = []
        for wire in left:
            if waiting.get(key(wire)):
                kept.append((wire, waiting[key(wire)].pop()))
            else:
                rest.append(wire)
        left, right = (
            rest,
            sorted((wire for left_over in waiting.values() for wire in left_over), key=_wire_key),
        )
    return Wires(kept, left, right)


def _wire_key(wire: Wire) -> str:
    return dump_json(wire.model_extra)


def _port_key(wire: Wire) -> str:
    return dump_json([(wire.model_extra or {}).get(name) for name in PORTS])


def _compare_edge_settings(
    alignment: Alignment, by_edge: Mapping[Edge, Wires], exclude: Collection[str]
) -> dict[int, tuple[dict[str, Any], dict[str, Any]]]:
    """Return for each target of edges that stay the settings that differ on these, before and after."""
    settings: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}
    for ends, each in by_edge.items():
        pairs = [(settings_of(a, exclude), settings_of(b, exclude)) for a, b in each.kept]
        differing = [pair for pair in pairs if dump_json(pair[0]) != dump_json(pair[1])]
        if differing:
            name = f"edge from {alignment.name(ends[0])}"
            for place, fields in enumerate(settings.setdefault(ends[1], ({}, {}))):
                fields[name] = [pair[place] for pair in differing if pair[place]]
                if not fields[name]:
                    del fields[name]
    return settings
