"""The wires of a version by their fields: an `Edge` is made of one only where somebody looks at it."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import repeat
from typing import Any

from lamina_graph.diff.alignment import AlignedVersion, Edge
from lamina_graph.graph_columns import Columns
from lamina_graph.model import Edge as Wire


def group_by_ends(version: AlignedVersion) -> dict[Edge, list[Mapping[str, Any]]]:
    """Return the fields of each wire beside its ends, by the numbers of these."""
    columns, numbers, position = version.graph.adj.columns, version.numbers, version.graph.adj.index.get
    groups: dict[Edge, list[Mapping[str, Any]]] = {}
    ends = zip(map(position, columns.sources), map(position, columns.targets), strict=True)
    for (source, target), fields in zip(ends, columns.edge_fields or repeat({}), strict=False):
        if source is not None and target is not None:
            more = {name: each for name, each in fields.items() if name not in _ENDS}
            groups.setdefault((numbers[source], numbers[target]), []).append(more)
    return groups


_ENDS = ("source", "target")


def make_wires(version: AlignedVersion, ends: Edge, fields: Iterable[Mapping[str, Any]]) -> list[Wire]:
    """Return the wires between two nodes, from what `group_by_ends` gives of them."""
    source, target = (version.graph.adj.ids[version.positions[end]] for end in ends)
    return [_make_wire(source, target, each) for each in fields]


def list_wires(columns: Columns) -> Iterator[Wire]:
    """Yield all edges, each made when it is its turn."""
    return map(_make_wire, columns.sources, columns.targets, columns.edge_fields or repeat({}))


def _make_wire(source: str, target: str, fields: Mapping[str, Any]) -> Wire:
    return Wire.model_validate({**fields, "source": source, "target": target}, by_alias=True, by_name=False)
