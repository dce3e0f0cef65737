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
from strategies import WORKFLOWS

from lamina_graph.brief import summarize
from lamina_graph.classify import classify
from lamina_graph.errors import InputError
from lamina_graph.export import FORMATS, export
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.graph import graph
from lamina_graph.render import draw

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
    assert [element.text for element in meta] == ["lamina-graph", f"Reels, app {SMALL['appId']}"]


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


@settings(max_examples=150)
@given(WORKFLOWS.map(load), st.sampled_from(FORMATS))
def test_no_text_breaks_a_file_or_makes_two_nodes_one(workflow, form):
    text = export(workflow, form)
    assert text == export(workflow, form)
    text.encode()
    back = READERS[form](text)
    assert (len(back), back.size()) == (len(graph(workflow)), graph(workflow).size())


# What the formats' own rules ask for, of every sample

GEXF = "{http://www.gexf.net/1.2draft}"
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"
YED = "{http://www.yworks.com/xml/graphml}"


def samples(test):
    return pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SAMPLES)))(test)


@samples
def test_links_for_d3_lead_from_and_to_nodes_by_their_ids(path: Path):
    """As `forceLink().id(d => d.id)` resolves them; a link that names no node is an error of d3."""
    data = json.loads(export(load(path), "node-link"))
    ids = [node["id"] for node in data["nodes"]]
    assert len(ids) == len(set(ids))
    assert data["directed"] is True
    assert all({link["source"], link["target"]} <= set(ids) for link in data["links"])


@samples
def test_every_node_of_graphml_has_one_label_and_one_place_that_yed_reads(path: Path):
    tree = ElementTree.fromstring(export(load(path), "graphml"))
    [graphics] = [key for key in tree.iter(f"{GRAPHML}key") if key.get("yfiles.type") == "nodegraphics"]
    assert graphics.get("for") == "node"
    declared = {key.get("id") for key in tree.iter(f"{GRAPHML}key")}
    assert {data.get("key") for data in tree.iter(f"{GRAPHML}data")} <= declared
    ids = [node.get("id") for node in tree.iter(f"{GRAPHML}node")]
    for node in tree.iter(f"{GRAPHML}node"):
        [shape] = node.iter(f"{YED}ShapeNode")
        assert shape.find(f"{YED}NodeLabel").text
        assert float(shape.find(f"{YED}Geometry").get("width")) > 0
    ends = [edge.get(end) for edge in tree.iter(f"{GRAPHML}edge") for end in ("source", "target")]
    assert set(ends) <= set(ids)


@samples
def test_every_value_of_gexf_is_of_a_declared_attribute(path: Path):
    tree = ElementTree.fromstring(export(load(path), "gexf"))
    graph_ = tree.find(f"{GEXF}graph")
    assert (tree.get("version"), graph_.get("defaultedgetype")) == ("1.2", "directed")
    declared = {each.get("id") for each in tree.iter(f"{GEXF}attribute")}
    assert {each.get("for") for each in tree.iter(f"{GEXF}attvalue")} <= declared
    types = {each.get("type") for each in tree.iter(f"{GEXF}attribute")}
    assert types <= {"string", "integer", "long", "float", "double", "boolean"}
    assert set(graph_.attrib) <= {"defaultedgetype", "mode", "idtype", "timeformat", "start", "end"}
    ids = [node.get("id") for node in tree.iter(f"{GEXF}node")]
    assert len(ids) == len(set(ids))
    edges = list(tree.iter(f"{GEXF}edge"))
    assert len({edge.get("id") for edge in edges}) == len(edges)
    assert {edge.get(end) for edge in edges for end in ("source", "target")} <= set(ids)


@samples
def test_elements_for_cytoscape_have_ids_and_edges_between_them(path: Path):
    data = json.loads(export(load(path), "cytoscape"))
    ids = [node["data"]["id"] for node in data["elements"]["nodes"]]
    assert len(ids) == len(set(ids))
    edges = [edge["data"] for edge in data["elements"]["edges"]]
    assert all({edge["source"], edge["target"]} <= set(ids) for edge in edges)
    edge_ids = [edge["id"] for edge in edges if "id" in edge]
    assert set(edge_ids).isdisjoint(ids)


def test_nodes_have_one_number_in_mermaid_and_in_what_show_prints():
    workflow = load(SAMPLES / "reel-five-shots.json")
    drawn = dict(re.findall(r'^  n(\d+)[(\[{]+"(?:★ )?(.*?)<br/>', draw(workflow).mermaid, re.MULTILINE))
    facts = features(workflow)
    summary = summarize(workflow, facts, classify(workflow, facts=facts), ())
    assert {str(node.n) for node in summary.nodes} == set(drawn)
    assert [
        node for node in summary.nodes if node.title and not drawn[str(node.n)].startswith(node.title[:4])
    ] == []
