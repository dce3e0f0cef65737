"""A workflow as a file for other graph programs: Gephi, yEd, Cytoscape, d3."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lamina_graph.errors import InputError
from lamina_graph.features import Features, NodeFacts, features
from lamina_graph.files import canonical
from lamina_graph.graph import adjacency, depths, graph, topological_order, wires
from lamina_graph.model import ApiValue, Workflow
from lamina_graph.vocabulary import Vocabulary

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    import networkx as nx


def export(workflow: Workflow, format: str, *, vocabulary: Vocabulary | None = None) -> str:
    """Return the well-formed part of a workflow in a format that other graph programs read.

    Nodes carry `type`, `label`, `role` and, where known, `task`, `modality`, `stage` and `made`; the graph
    carries `app_id` and `name`. The JSON formats also carry, as `extra`, the fields that this package does
    not know, and as `wires` those of each wire where several join two nodes.

    Args:
        workflow: what to write.
        format: one of `FORMATS`: `graphml` (yEd, Gephi), `gexf` (Gephi), `node-link` (d3, force-graph; in
            networkx `node_link_graph(data, edges="links")`) or `cytoscape`.
        vocabulary: words of node types, by default the package's.

    Raises:
        InputError: there is no such format.

    >>> from lamina_graph.files import load
    >>> w = load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> import networkx as nx
    >>> nx.parse_graphml(export(w, "graphml")).nodes["a"]["type"]
    'klingVideoNode'
    """
    if format not in _WRITERS:
        raise InputError(f"no such format: {format}", f"The formats are {', '.join(FORMATS)}.")
    return _WRITERS[format](workflow, features(workflow, vocabulary=vocabulary))


def _graphml(workflow: Workflow, facts: Features) -> str:
    from networkx.readwrite.graphml import GraphMLWriter

    annotated = _xml_safe(_annotate(workflow, facts))
    writer = GraphMLWriter(annotated)
    _draw_boxes(writer.xml, annotated, _grid(adjacency(workflow).successors))
    return _xml_text(writer)


_YED = "http://www.yworks.com/xml/graphml"
_BOX_WIDTH, _BOX_HEIGHT, _BOX_GAP = 200, 30, 30


def _draw_boxes(xml: "Element", annotated: "nx.DiGraph[str]", grid: Iterable[tuple[int, int]]) -> None:
    """Give each node its name, and its place in a grid of columns and rows, as yEd looks for them.

    They come before the attributes, of which networkx keeps the last that it reads.
    """
    from xml.etree.ElementTree import Element, SubElement

    xml.set("xmlns:y", _YED)
    xml.insert(0, Element("key", {"id": "box", "for": "node", "yfiles.type": "nodegraphics"}))
    for node, (column, row) in zip(xml.iter("node"), grid, strict=True):
        data = Element("data", {"key": "box"})
        box = SubElement(data, "y:ShapeNode")
        x, y = column * (_BOX_WIDTH + 2 * _BOX_GAP), row * (_BOX_HEIGHT + _BOX_GAP)
        place = {"x": x, "y": y, "width": _BOX_WIDTH, "height": _BOX_HEIGHT}
        SubElement(box, "y:Geometry", {name: str(value) for name, value in place.items()})
        label = annotated.nodes[node.get("id", "")]["label"]
        # What begins with a tag yEd would take for a page.
        SubElement(box, "y:NodeLabel").text = f" {label}" if label.startswith("<") else label
        node.insert(0, data)


def _grid(successors: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """Yield the column of each node, one after the last of what feeds it, and its row there."""
    rows: Counter[int] = Counter()
    for column in depths(topological_order(successors, break_cycles=True), successors):
        yield column, rows[column]
        rows[column] += 1


def _gexf(workflow: Workflow, facts: Features) -> str:
    from networkx.readwrite.gexf import GEXFWriter

    annotated = _xml_safe(_annotate(workflow, facts))
    writer = GEXFWriter(annotated)
    _set_meta(writer.xml[0], annotated.graph)
    writer.xml[1].attrib.pop("name", None)  # which GEXF does not know
    return _xml_text(writer)


def _node_link(workflow: Workflow, facts: Features) -> str:
    import networkx as nx

    return canonical(nx.node_link_data(_with_extra(workflow, facts), edges="links"))


def _cytoscape(workflow: Workflow, facts: Features) -> str:
    import networkx as nx

    data = nx.cytoscape_data(_with_extra(workflow, facts), name="label")
    return canonical({**data, "data": dict(data["data"])})


_WRITERS: dict[str, Callable[[Workflow, Features], str]] = {
    "graphml": _graphml,
    "gexf": _gexf,
    "node-link": _node_link,
    "cytoscape": _cytoscape,
}

FORMATS = tuple(_WRITERS)


def _annotate(workflow: Workflow, facts: Features) -> "nx.DiGraph[str]":
    """The graph of a workflow with what is known of its nodes; an attribute that is not known is left out."""
    result = graph(workflow)
    for node in facts.facts:
        result.nodes[node.id].update(_annotations(node))
    return result


def _annotations(node: NodeFacts) -> dict[str, str | int]:
    attributes = {
        "role": node.role,
        "task": node.task,
        "modality": ", ".join(node.modalities) or None,
        "stage": node.stage,
        "made": node.created_at.isoformat() if node.created_at else None,
    }
    return {name: value for name, value in attributes.items() if value is not None}


def _with_extra(workflow: Workflow, facts: Features) -> "nx.DiGraph[str]":
    """The annotated graph with the fields that the API gave beyond those that this package knows.

    An edge that stands for several wires has them all.
    """
    result, adj = _annotate(workflow, facts), adjacency(workflow)
    result.graph.update(_extra(workflow))
    if not workflow.edges_known:
        result.graph["edges"] = "unknown"
    for node in adj.nodes:
        result.nodes[node.id].update(_extra(node))
    for (source, target), edges in () if adj.has_plain_edges else wires(workflow, adj).items():
        several = {"wires": [edge.model_extra or {} for edge in edges]} if len(edges) > 1 else {}
        result.edges[adj.ids[source], adj.ids[target]].update({**_extra(edges[0]), **several})
    return result


def _extra(value: ApiValue) -> dict[str, Any]:
    return {"extra": value.model_extra} if value.model_extra else {}


_NOT_XML = re.compile("[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry, and the carriage return, which readers turn into a line break."""

_LINE_BREAK = "\x01"
"""Stands for a line break until it is written as a reference: no line of a file begins with others' words."""


def _xml_safe(annotated: "nx.DiGraph[str]") -> "nx.DiGraph[str]":
    """Return the graph, where a character that XML has no way to carry is spelled out as JSON would."""
    import networkx as nx

    for attributes in (annotated.graph, *annotated.nodes.values()):
        attributes.update(_escape_values(attributes))
    ids = {id_: spelled for id_ in annotated if (spelled := _escape_id(id_)) != id_}
    return nx.relabel_nodes(annotated, ids) if ids else annotated


def _escape_values(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: _escape(value) if isinstance(value, str) else value for name, value in attributes.items()}


def _escape_id(id_: str) -> str:
    return _escape(id_.replace("\\", "\\u005c"))  # so that two ids stay two


def _escape(text: str) -> str:
    return _NOT_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", text).replace("\n", _LINE_BREAK)


def _set_meta(meta: "Element", app: dict[str, Any]) -> None:
    """Name this package and the app in GEXF's `meta`, where networkx puts its version and today's date."""
    meta.attrib.clear()
    meta[0].text = "lamina-graph"
    known = [app.get("name", ""), f"app {app['app_id']}" if app.get("app_id") else ""]
    if any(known):
        meta.append(meta.makeelement("description", {}))
        meta[-1].text = ", ".join(filter(None, known))


def _xml_text(writer: object) -> str:
    """What a writer of networkx holds, which is ASCII: it spells other characters as references."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n{writer}\n'.replace(_LINE_BREAK, "&#10;")
