"""Each format, read back by networkx, is the same graph."""

import json
import re
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest
from conftest import SAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina_graph.errors import InputError
from lamina_graph.export import FORMATS, export
from lamina_graph.files import load
from lamina_graph.graph import graph

FILES = sorted(SAMPLES.rglob("*.json"))
CUT = {"id": "cut-1", "type": "backgroundRemoverNode", "label": "Cut out", "data": {"model": "rmbg"}}
CLIP = {"id": "klingVideoNode-1774865000000-abcdefghi", "type": "klingVideoNode", "label": None}
SMALL = {
    "appId": "8c7b0b0e-6a3e-4f0f-9a35-0d3f6a5f1c11",
    "name": "Reels",
    "updatedAt": "2026-03-30",
    "nodes": [CUT, CLIP],
    "edges": [{"source": CUT["id"], "target": CLIP["id"], "sourceHandle": "image"}],
}

READERS = {
    "graphml": nx.parse_graphml,
    "gexf": lambda text: nx.read_gexf(BytesIO(text.encode())),
    "node-link": lambda text: nx.node_link_graph(json.loads(text), edges="links"),
    "cytoscape": lambda text: nx.cytoscape_graph(json.loads(text)),
}
XML = ("graphml", "gexf")


def read(workflow, form):
    return READERS[form](export(workflow, form))


def plainly(text):
    """What an XML format makes of a text: what XML cannot carry is spelled out."""
    return "".join(char if char in "\t\n" or char >= " " else f"\\u{ord(char):04x}" for char in text)


def test_there_is_a_reader_for_every_format():
    assert set(READERS) == set(FORMATS)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SAMPLES)))
def test_a_sample_comes_back_as_the_same_graph(path, form):
    workflow = load(path)
    text = plainly if form in XML else str
    back = read(workflow, form)
    assert isinstance(back, nx.DiGraph)
    assert list(back.edges) == list(graph(workflow).edges)
    assert {id_: (node["type"], node["label"]) for id_, node in back.nodes(data=True)} == {
        id_: (text(node["type"]), text(node["label"])) for id_, node in graph(workflow).nodes(data=True)
    }


@pytest.mark.parametrize("form", FORMATS)
def test_node_facts_are_exported(form):
    nodes = read(load(SMALL), form).nodes
    cut, clip = nodes[CUT["id"]], nodes[CLIP["id"]]
    assert (clip["role"], clip["modality"], clip["stage"]) == ("generate", "video", 1)
    assert clip["made"] == "2026-03-30T10:03:20+00:00"
    assert cut["role"] == "transform"
    assert "made" not in cut


@pytest.mark.parametrize("form", ["graphml", "node-link", "cytoscape"])
def test_the_app_is_exported(form):
    app = read(load(SMALL), form).graph
    assert (app["app_id"], app["name"]) == (SMALL["appId"], "Reels")


def test_gexf_names_the_app_but_no_date_or_version():
    text = export(load(SMALL), "gexf")
    meta = ElementTree.fromstring(text)[0]
    assert meta.attrib == {}
    assert [element.text for element in meta] == ["lamina-graph", SMALL["appId"]]
    assert 'name="Reels"' in text


@pytest.mark.parametrize("form", ["node-link", "cytoscape"])
def test_unknown_fields_are_exported_where_the_format_allows(form):
    back = read(load(SMALL), form)
    assert back.graph["extra"] == {"updatedAt": "2026-03-30"}
    assert back.nodes[CUT["id"]]["extra"] == {"data": {"model": "rmbg"}}
    assert "extra" not in back.nodes[CLIP["id"]]
    assert back.edges[CUT["id"], CLIP["id"]]["extra"] == {"sourceHandle": "image"}


@pytest.mark.parametrize("form", ["node-link", "cytoscape"])
def test_the_first_of_repeated_nodes_or_edges_is_exported(form):
    nodes = [CUT, {**CUT, "data": "second"}, CLIP]
    edges = [{**SMALL["edges"][0], "sourceHandle": handle} for handle in ("first", "second")]
    back = read(load({"nodes": nodes, "edges": [*edges, {"source": "gone", "target": CLIP["id"]}]}), form)
    assert back.nodes[CUT["id"]]["extra"] == {"data": {"model": "rmbg"}}
    assert back.edges[CUT["id"], CLIP["id"]]["extra"] == {"sourceHandle": "first"}


@pytest.mark.parametrize("form", ["node-link", "cytoscape"])
def test_an_edge_that_merges_several_wires_lists_them_all(form):
    edges = [{**SMALL["edges"][0], "sourceHandle": handle} for handle in ("image", "mask")]
    back = read(load({**SMALL, "edges": edges}), form)
    assert back.edges[CUT["id"], CLIP["id"]]["wires"] == [{"sourceHandle": "image"}, {"sourceHandle": "mask"}]


def test_an_unknown_format_is_refused_with_the_known_ones():
    with pytest.raises(InputError) as caught:
        export(load(SMALL), "dot")
    assert all(form in caught.value.hint for form in FORMATS)


CASE = load(Path(__file__).parent / "cases" / "exports-for-others" / "a.json")


def test_a_node_link_export_can_be_read_by_d3():
    """d3's examples and force-graph read `links`; networkx reads them where it is told so."""
    assert set(json.loads(export(CASE, "node-link"))) >= {"nodes", "links"}
    assert "edges" not in json.loads(export(CASE, "node-link"))


def test_a_graphml_export_has_names_and_places_for_yed():
    """yEd shows a node by its `y:NodeLabel`, and all nodes on one spot without a `y:Geometry`."""
    text = export(CASE, "graphml")
    assert 'xmlns:y="http://www.yworks.com/xml/graphml"' in text
    assert text.count("<y:NodeLabel>") == len(CASE.nodes)
    assert len(set(re.findall(r'<y:Geometry x="\d+" y="\d+"', text))) == len(CASE.nodes)


anything = st.text(st.characters(exclude_categories=()), max_size=6)


@settings(max_examples=150)
@given(st.lists(st.tuples(anything, anything, anything), min_size=1, max_size=5), st.sampled_from(FORMATS))
def test_no_text_breaks_a_file_or_makes_two_nodes_one(rows, form):
    nodes = [{"id": id_, "type": type_, "label": label} for id_, type_, label in rows]
    edges = [{"source": nodes[0]["id"], "target": node["id"]} for node in nodes]
    workflow = load({"name": rows[0][1], "nodes": nodes, "edges": edges})
    text = export(workflow, form)
    assert text == export(workflow, form)
    text.encode()
    back = READERS[form](text)
    assert (len(back), back.size()) == (len(graph(workflow)), graph(workflow).size())
