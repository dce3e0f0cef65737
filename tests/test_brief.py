"""What a program with little room is given of a workflow and of a diff: short, whole, and true."""

import json
from pathlib import Path

import jsonschema
import pytest
from commandline import lamina

import lamina_graph as lg
from lamina_graph.cli.schemas import schema_of

SAMPLES = Path(__file__).parent.parent / "samples"
VERSIONS = SAMPLES / "history" / "quick-reel-maker"
WORKFLOWS = sorted([*SAMPLES.glob("*.json"), *SAMPLES.glob("history/*/*.json")])
_FRAME = 470
"""Bytes that any answer needs for the category, its reason and findings, whatever the size of the graph."""


def shown(path: Path, *options: str) -> dict:
    return json.loads(lamina("show", path, "--json", *options).stdout)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.relative_to(SAMPLES).as_posix())
def test_show_prints_less_than_the_file(path: Path):
    """Of a graph of a few nodes the category and its reason are longer than the file: they are bounded."""
    printed = len(lamina("show", path, "--json").stdout_bytes) - len(str(path))
    size = path.stat().st_size
    assert printed < (size if size > 1_250 else size + _FRAME)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.relative_to(SAMPLES).as_posix())
def test_a_summary_has_the_facts_of_each_node(path: Path):
    """Numbers lead to the same nodes as ids, and the edges are those of the well-formed graph."""
    workflow = lg.load(path)
    facts, graph = lg.features(workflow), lg.graph(workflow)
    answer = shown(path)
    jsonschema.validate(answer, schema_of("show"))
    nodes = {node["n"]: node for node in answer.get("nodes", [])}
    assert [node["id"] for node in nodes.values()] == [fact.id for fact in facts.facts]
    assert [(node["type"], node["role"], node.get("task")) for node in nodes.values()] == [
        (fact.type, fact.role, fact.task) for fact in facts.facts
    ]
    assert [nodes[n]["id"] for n in answer.get("inputs", [])] == list(facts.inputs)
    leaving = [deliverable.id for deliverable in facts.deliverables]
    assert [nodes[n]["id"] for n in answer.get("deliverables", [])] == leaving
    assert {node["id"] for node in nodes.values() if node.get("deliverable")} == set(leaving)
    edges = {(nodes[n]["id"], node["id"]) for node in nodes.values() for n in node.get("from", [])}
    assert edges == set(graph.edges)
    classification = lg.classify(workflow)
    assert (answer["category"], answer["shape"], answer["stages"]) == (
        classification.category,
        classification.shape,
        classification.stages,
    )


def test_json_is_one_line_unless_asked_for_and_has_ages_on_request():
    path = SAMPLES / "diamond.json"
    assert lamina("show", path, "--json").stdout.count("\n") == 1
    assert lamina("show", path, "--json", "--indent").stdout.count("\n") > 20
    assert "ages" not in shown(path)
    assert shown(path, "--ages")["ages"]["sessions"]


def test_a_brief_diff_has_added_nodes_in_full_removed_ones_by_name_and_values_before_and_after():
    old, new = VERSIONS / "v3.json", VERSIONS / "v4.json"
    printed = lamina("diff", old, new, "-f", "json", "--brief").stdout
    brief, diff = json.loads(printed), lg.diff(lg.load(old), lg.load(new)).presented
    jsonschema.validate(brief, schema_of("diff-brief"))
    assert {node["id"] for node in brief["added"]} == set(diff.nodes.added)
    assert all({"type", "role"} <= node.keys() for node in brief["added"])
    assert {node["id"] for node in brief.get("removed", [])} == set(diff.nodes.removed)
    assert [change["text"] for change in brief["changes"]] == [change.text for change in diff.changes]
    assert len(printed) < len(lamina("diff", old, new, "-f", "json").stdout)
    back = json.loads(lamina("diff", new, old, "-f", "json", "--brief").stdout)
    assert {node["id"] for node in back["removed"]} == set(diff.nodes.added)
    assert all(node.keys() <= {"id", "title", "type"} for node in back["removed"])


def test_long_replaced_values_are_shortened():
    """Both versions of a prompt are there, the middle of a long one left out."""
    node = {"id": "a", "type": "klingVideoNode", "data": {"prompt": "a " * 1_000}}
    old = lg.load({"nodes": [node], "edges": []})
    new = lg.load(
        {"nodes": [{**node, "type": "veoVideoNode", "data": {"prompt": "b " * 1_000}}], "edges": []}
    )
    from lamina_graph.brief import summarize_diff

    brief = summarize_diff(lg.diff(old, new), ("old", "new"))
    replaced = [(change.before, change.after) for change in brief.changes if change.before is not None]
    assert ("klingVideoNode", "veoVideoNode") in replaced
    assert len(brief.model_dump_json()) < 3_000


def test_brief_is_for_json_alone():
    result = lamina("diff", VERSIONS / "v3.json", VERSIONS / "v4.json", "--brief")
    assert (result.exit_code, "add -f json" in result.stderr) == (2, True)
