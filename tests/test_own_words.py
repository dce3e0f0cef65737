"""A user's words for a node type, in every command."""

import json
from pathlib import Path

import pytest
from builders import content
from click.testing import CliRunner

from lamina_graph.cli import cli

WORDS = """
[vocabulary.plain]
spelled = ["ZORP"]

[vocabulary.types.zorpNode]
role = "generate"
gives = ["video"]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".lamina-graph.toml").write_text(WORDS)
    for name, *types in (
        ("old", "zorpNode"),
        ("new", "klingVideoNode"),
        ("saved", "zorpNode", "outputNode"),
        ("long", *["textInputNode"] * 4, "zorpNode"),
        ("like", *["textInputNode"] * 4, "klingVideoNode"),
    ):
        chain = (f"{name}{place}:{type_}" for place, type_ in enumerate(types))
        (tmp_path / f"{name}.json").write_text(json.dumps(content(" > ".join(chain), name=name)))
    return tmp_path


def output_of(*words: str) -> str:
    found = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


def test_show_knows_a_users_type():
    assert json.loads(output_of("show", "old.json", "--json"))["category"] == "video"
    assert "ZORP  generate" in output_of("show", "old.json")


def test_render_knows_a_users_type():
    assert "ZORP" in output_of("render", "old.json", "-f", "mermaid")


def test_a_run_is_drawn_with_a_users_type(folder: Path):
    output = {"id": "saved0", "label": "zorpNode", "value": "https://x.example/a.mp4"}
    (folder / "run.json").write_text(json.dumps({"runId": "r", "status": "completed", "outputs": [output]}))
    assert "✓ Output" in output_of("render", "saved.json", "--run", "run.json", "-f", "mermaid")


def test_classify_knows_a_users_type():
    [answer] = json.loads(output_of("classify", "old.json", "--json"))
    assert answer["modalities"]["outputs"] == ["video"]


def test_lint_knows_a_users_type():
    [row] = json.loads(output_of("lint", "old.json", "--json"))
    assert "unknown-type" not in [finding["rule"] for finding in row["findings"]]


def test_similar_knows_a_users_type():
    [near] = json.loads(output_of("similar", "old.json", "new.json", "--json"))
    assert near["score"] == 0.5  # what the nodes do is the same, their types are not


def test_families_know_a_users_type():
    found = json.loads(output_of("similar", "--all", "long.json", "like.json", "--json"))
    assert [group["members"] for group in found["families"]] == [[0, 1]]
    rows = json.loads(output_of("report", "long.json", "like.json", "-f", "json"))["rows"]
    assert all(row["family"] for row in rows)


def test_export_knows_a_users_type():
    [node] = json.loads(output_of("export", "old.json", "-f", "node-link"))["nodes"]
    assert (node["role"], node["modality"]) == ("generate", "video")


def test_report_knows_a_users_type():
    [row] = json.loads(output_of("report", "old.json", "-f", "json"))["rows"]
    assert (row["classification"]["category"], row["types"][0]["name"]) == ("video", "ZORP")
    assert "unknown-type" not in [finding["rule"] for finding in row["findings"]]


def test_diff_knows_a_users_type():
    words = ("diff", "old.json", "new.json")
    assert "Model swapped: ZORP → Kling Video" in output_of(*words)
    for form in ("markdown", "html", "svg", "mermaid"):
        assert "was ZORP" in output_of(*words, "-f", form)
