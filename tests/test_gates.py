"""Gates that must not pass wrongly, and those that must not close for nothing: through the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lamina_graph.cli import cli

CASES = Path(__file__).parent / "cases"

DIFFS = [
    ("parallel-wires", "two-wires.json", "one-wire.json", "risky", 1, ["edge-removed"]),
    ("parallel-wires", "one-wire.json", "two-wires.json", "risky", 1, ["edge-added"]),
    ("parallel-wires", "one-handle.json", "two-handles.json", "risky", 1, ["edge-added"]),
    ("parallel-wires", "two-handles.json", "one-handle.json", "risky", 1, ["edge-removed"]),
    ("react-flow-label", "old.json", "new.json", "breaking", 1, ["deliverable-renamed"]),
    ("api-gains-fields", "before.json", "after.json", "risky", 0, ["fields-gained"]),
    ("api-gains-fields", "after.json", "before.json", "risky", 0, ["fields-lost"]),
    ("canvas-fields", "before.json", "after.json", "risky", 0, ["layout-changed"]),
]


@pytest.mark.parametrize(("case", "old", "new", "gate", "status", "rules"), DIFFS)
def test_the_gate_fails_only_on_changes_that_matter(
    case: str, old: str, new: str, gate: str, status: int, rules: list[str]
):
    """A changed wire or label is told as such; what only the API or the canvas shows closes no gate."""
    files = [str(CASES / case / name) for name in (old, new)]
    result = CliRunner().invoke(cli, ["diff", *files, "--fail-on", gate, "-f", "json"])
    assert result.exit_code == status, result.output
    assert [change["rule"] for change in json.loads(result.stdout)["changes"]] == rules


LINTS = [
    ("parallel-wires", "two-handles.json", []),
    ("parallel-wires", "two-wires.json", ["repeated-edge"]),
    ("sticky-notes", "app.json", []),
]


@pytest.mark.parametrize(("case", "file", "rules"), LINTS)
def test_lint_warns_only_of_real_repetitions_and_loose_nodes(case: str, file: str, rules: list[str]):
    """Wires to two ports are no repetition, and notes on the canvas are no forgotten steps."""
    result = CliRunner().invoke(cli, ["lint", str(CASES / case / file), "--fail-on", "warning", "--json"])
    assert result.exit_code == bool(rules), result.output
    [row] = json.loads(result.stdout)
    assert [finding["rule"] for finding in row["findings"]] == rules


@pytest.mark.parametrize(("app", "credits", "status"), [("theirs", 1, 2), ("theirs", 9, 1), ("ours", 1, 0)])
def test_an_estimate_of_another_app_lets_no_gate_on_credits_pass(
    tmp_path: Path, app: str, credits: int, status: int
):
    """Where the files were mixed up, the gate may fail, but what passes is unknown."""
    version, before, after = (tmp_path / name for name in ("app.json", "before.json", "after.json"))
    version.write_text('{"appId": "ours", "nodes": [], "edges": []}')
    for file, id_, expected in ((before, "ours", 1), (after, app, credits)):
        file.write_text(json.dumps({"appId": id_, "estimatedCredits": {"expected": expected}}))
    words = ["diff", version, version, "--old-estimate", before, "--new-estimate", after]
    result = CliRunner().invoke(cli, [*map(str, words), "--fail-on", "credits>+10%"])
    assert result.exit_code == status, result.output
    assert ("is the estimate of theirs, not of ours" in result.stderr) == (app == "theirs")


def test_an_output_of_another_modality_beside_one_that_stays_is_breaking(tmp_path: Path):
    """Callers get a video under the label of a picture, though what makes both is one deliverable."""
    nodes = [{"id": "model", "type": "fluxNode"}, {"id": "a", "type": "imageOutputNode", "label": "Still"}]
    edges = [{"source": "model", "target": "a"}, {"source": "model", "target": "b"}]
    files = []
    for medium in ("image", "video"):
        files.append(str(tmp_path / f"{medium}.json"))
        end = {"id": "b", "type": f"{medium}OutputNode", "label": "Film"}
        Path(files[-1]).write_text(json.dumps({"nodes": [*nodes, end], "edges": edges}))
    for old, new in (files, files[::-1]):
        result = CliRunner().invoke(cli, ["diff", old, new, "--fail-on", "breaking", "-f", "json"])
        assert result.exit_code == 1, result.output
        assert [change["rule"] for change in json.loads(result.stdout)["changes"]] == [
            "deliverable-modality-changed"
        ]


GAINED = [
    ({"version": 2}, {}, 0, ["fields-gained"]),
    ({"version": 2}, {"model": "veo-3"}, 1, ["model-swapped", "fields-gained"]),
    ({}, {"version": 2}, 1, ["node-settings-changed"]),
]


@pytest.mark.parametrize(("everywhere", "at_one", "status", "rules"), GAINED)
def test_a_field_within_data_that_every_node_gains_is_the_api_s(
    tmp_path: Path, everywhere: dict[str, Any], at_one: dict[str, Any], status: int, rules: list[str]
):
    """What one node alone gains, or changes beside it, is the node's."""
    files, edges = [], [{"source": "brief", "target": "film"}]
    for name, more, own in (("old", {}, {}), ("new", everywhere, at_one)):
        files.append(str(tmp_path / f"{name}.json"))
        film = {"id": "film", "type": "veoNode", "data": {"model": "veo-2", **more, **own}}
        nodes = [{"id": "brief", "type": "textInputNode", "data": {"rows": 3, **more}}, film]
        Path(files[-1]).write_text(json.dumps({"nodes": nodes, "edges": edges}))
    result = CliRunner().invoke(cli, ["diff", *files, "--fail-on", "risky", "-f", "json"])
    assert result.exit_code == status, result.output
    assert [change["rule"] for change in json.loads(result.stdout)["changes"]] == rules
