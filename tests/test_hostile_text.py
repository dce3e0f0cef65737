"""Words of others do no harm: every reader of a picture or an export shows each hostile text as it is."""

import html
import json
import re
from io import BytesIO
from xml.etree import ElementTree

import networkx as nx
import pytest
from click.testing import CliRunner
from hostile import HOSTILE, assert_shortened, check_mermaid, misleading

from lamina_graph.cli import cli
from lamina_graph.export import export
from lamina_graph.files import load
from lamina_graph.render import draw
from lamina_graph.render.layout import graphviz
from lamina_graph.text import one_line

ELEMENTS = {
    *("svg", "title", "desc", "style", "metadata"),
    *("rect", "g", "path", "polygon", "circle", "text"),
}
YED_LABEL = "{http://www.yworks.com/xml/graphml}NodeLabel"
MERMAID_DECODES = re.compile(r"\\n|fa[bklrs]?:fa-|\$\$|ﬂ°|¶ß")
"""What Mermaid gives a meaning after it has decoded the entities of a label."""


def hostile_workflow(text):
    """Two nodes, in which the text is the name of the app, and a type, an id and a label."""
    nodes = [{"id": "a", "type": "fluxImageNode", "label": text}, {"id": f"b{text}", "type": f"x{text}"}]
    wires = [{"source": "a", "target": f"b{text}", "targetHandle": handle} for handle in (text, "mask")]
    return load({"name": text, "nodes": nodes, "edges": wires})


def check_svg(picture, svg):
    """Its own elements alone, no handlers, no links; the title is text."""
    root = ElementTree.fromstring(svg)
    assert {node.tag.rpartition("}")[2] for node in root.iter()} <= ELEMENTS
    assert not [
        name for node in root.iter() for name in node.attrib if name.startswith("on") or "href" in name
    ]
    assert root.get("aria-label").startswith(picture.scene.title)
    assert not misleading("".join(root.itertext()))


def check_dot(picture):
    """Graphviz reads the nodes by their made-up names, with the label in full and no link."""
    answer, _ = graphviz.run(picture.dot, "wasm")
    nodes = [item for item in json.loads(answer)["objects"] if "label" in item]
    assert [item["name"] for item in nodes] == ["n0", "n1"]
    assert not [item for item in nodes if "URL" in item or "href" in item]
    shown = html.unescape(
        re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], nodes[0]["label"])
    )
    assert shown.split("\n")[0] == html.unescape(picture.scene.cards[0].title.replace("&", "&amp;"))


def check_flowchart(picture):
    """Two nodes and an edge of the grammar; after entities are decoded the label has no syntax left."""
    check_mermaid(picture.mermaid, 2, 1)
    *lines, _subtitle = re.search(r'n1\("(.*)"\)', picture.mermaid)[1].split("<br/>")
    decoded = [re.sub(r"#(\d+);", lambda found: chr(int(found[1])), line) for line in lines]
    assert not any(map(MERMAID_DECODES.search, decoded))
    title = picture.scene.cards[0].title
    shown = [line.replace("\u200b", "") for line in decoded]
    assert len(shown) <= 2
    gap = " " if " ".join(shown)[: len(shown[0]) + 1] == title[: len(shown[0]) + 1] else ""
    assert_shortened(gap.join(shown), title)


def check_text(picture):
    """Nothing that a terminal obeys, on as many lines as there are."""
    assert not misleading(picture.text)
    assert len(picture.text.splitlines()) == 5


def check_show(workflow, path):
    """What `show` prints obeys nothing, and a name takes one line."""
    path.write_text(json.dumps(workflow.model_dump(mode="json", by_alias=True)))
    printed = CliRunner().invoke(cli, ["show", str(path)]).stdout
    assert not misleading(printed)
    assert "\t" not in printed
    assert printed.splitlines()[0] == (one_line(workflow.name) or path.stem)


def check_export(workflow, form, read, text=str):
    """Other programs read the same two nodes with the same label."""
    content = export(workflow, form)
    back = read(content)
    assert (len(back), back.size()) == (2, 1)
    assert next(iter(back.nodes.values()))["label"] == text(workflow.nodes[0].label or "fluxImageNode")
    return content


def check_graphml(workflow):
    """networkx reads the label, and yEd shows it: neither as a page nor without a name."""
    content = check_export(workflow, "graphml", nx.parse_graphml, spelled_out)
    assert content.count("\n") == export(hostile_workflow(workflow.name.replace("\n", " ")), "graphml").count(
        "\n"
    )
    labels = [label.text for label in ElementTree.fromstring(content).iter(YED_LABEL)]
    assert len(labels) == 2
    assert not [label for label in labels if label.startswith("<")]


def spelled_out(text):
    """What XML makes of a text: what it cannot carry is spelled out."""
    return re.sub("[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", lambda c: f"\\u{ord(c[0]):04x}", text)


READERS = {
    "svg": lambda w: check_svg(draw(w), draw(w).svg),
    "svg in a page": lambda w: check_svg(draw(w), draw(w).inline),
    "thumbnail": lambda w: check_svg(draw(w), draw(w).thumbnail),
    "dot": lambda w: check_dot(draw(w)),
    "mermaid": lambda w: check_flowchart(draw(w)),
    "terminal": lambda w: check_text(draw(w)),
    "graphml": check_graphml,
    "gexf": lambda w: check_export(w, "gexf", lambda text: nx.read_gexf(BytesIO(text.encode())), spelled_out),
    "node-link": lambda w: check_export(
        w, "node-link", lambda text: nx.node_link_graph(json.loads(text), edges="links")
    ),
    "cytoscape": lambda w: check_export(w, "cytoscape", lambda text: nx.cytoscape_graph(json.loads(text))),
}


@pytest.mark.parametrize("text", HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
@pytest.mark.parametrize("reader", READERS)
def test_a_reader_shows_a_hostile_text_as_it_is(reader, text):
    READERS[reader](hostile_workflow(text))


@pytest.mark.parametrize("text", HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
def test_show_keeps_each_name_on_a_line_of_its_own(text, tmp_path):
    check_show(hostile_workflow(text), tmp_path / "app.json")
