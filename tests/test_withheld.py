"""What remains where the API gives no workflow of an app: its nodes, and no claim about edges."""

import copy
import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commandline import api as environment
from commandline import lamina
from loopback import Loopback, serving

import lamina_graph as lg
from lamina_graph.diff import Version
from lamina_graph.errors import NotFoundError
from lamina_graph.model import Estimate, Workflow
from lamina_graph.settings import Settings

REEL = "c6f040b1-d0b3-4cef-be05-fd3f7f694d62"
CARTOON = "9af12f66-08ae-4465-96ff-96337842b33a"
EDGE_WORDS = ("shape", "stage", "deliverable", "input", "feeds", "edge", "isolated", "leads to", "component")


@pytest.fixture
def api(samples: Path) -> Iterator[Loopback]:
    """The API with two apps."""
    with serving(Loopback(samples, limit=10**6)) as api:
        api.apps = {id_: api.apps[id_] for id_ in (REEL, CARTOON)}
        yield api


@pytest.fixture
def store(tmp_path: Path) -> tuple[object, ...]:
    return ("--store", tmp_path / "lamina.db")


def known_json(api: Loopback, app_id: str = REEL) -> dict[str, Any]:
    return json.loads(lamina("fetch", app_id, env=environment(api)).stdout)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_withheld_workflow_is_shown_by_its_nodes_with_edges_unknown(api: Loopback, status: int):
    api.withheld["*"] = status
    result = lamina("show", REEL, "--json", env=environment(api))
    assert result.exit_code == 0
    assert "edges unknown" in result.stderr
    answer = json.loads(result.stdout)
    assert answer["features"] == dict.fromkeys(answer["features"], None) | {"nodes": 9}
    assert (answer["shape"], answer["stages"]) == ("unknown", None)
    assert not any("from" in node or "deliverable" in node or "stage" in node for node in answer["nodes"])


def test_an_app_that_is_gone_is_not_one_whose_workflow_is_withheld(api: Loopback):
    del api.apps[REEL]
    result = lamina("show", REEL, env=environment(api))
    assert result.exit_code == 2
    assert "404 NOT_FOUND" in result.stderr
    with lg.Client(Settings(key="lma_x", base_url=api.url)) as client, pytest.raises(NotFoundError):
        client.structure(REEL)


def test_an_app_of_which_no_node_is_known_is_an_error(api: Loopback):
    api.withheld["*"] = 410
    api.fault("404", path="*/estimate")
    result = lamina("show", REEL, env=environment(api))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "410" in result.stderr


def test_the_answer_is_less_sure_and_needs_no_edge(api: Loopback):
    whole = json.loads(lamina("classify", REEL, "--json", env=environment(api)).stdout)[0]
    api.withheld["*"] = 410
    answer = json.loads(lamina("classify", REEL, "--json", env=environment(api)).stdout)[0]
    assert (whole["category"], answer["category"]) == ("multi-step", "video")
    assert answer["confidence"] < min(0.6, whole["confidence"])
    assert answer["evidence"][0]["claim"] == "the API says that video comes out"
    assert all(each["path"] == [] for each in answer["evidence"])
    claims = {each["rule"]: each["claim"] for each in answer["evidence"]}
    assert "the API does not say which nodes feed which" in claims["edges-unknown"]
    assert (
        claims["listed-types"]
        == "the API also lists nodes of type productPhotoInputNode, textInputNode, videoOutputNode"
    )
    assert claims["listed-steps"] == "the API counts 9 generation steps"
    assert {name for name, count in answer["features"].items() if count is not None} == {"nodes"}


def test_lint_finds_nothing_that_needs_an_edge(api: Loopback):
    api.withheld["*"] = 410
    rows = json.loads(lamina("lint", REEL, CARTOON, "--json", env=environment(api)).stdout)
    texts = [finding["text"] for row in rows for finding in row["findings"]]
    assert [text for text in texts if any(word in text for word in EDGE_WORDS)] == []


def test_the_file_says_that_the_edges_are_unknown_and_is_read_again(api: Loopback, tmp_path: Path):
    api.withheld["*"] = 410
    result = lamina("fetch", REEL, env=environment(api))
    assert result.exit_code == 2  # not the whole of it
    path = tmp_path / "reel.json"
    path.write_text(result.stdout)
    w = lg.load(path)
    assert (w.edges_known, len(w.edges), len(w.nodes)) == (False, 0, 9)
    assert json.loads(result.stdout)["edges"] == "unknown"
    assert json.loads(lamina("classify", path, "--json").stdout)[0]["shape"] == "unknown"
    assert lg.load(lg.draw(w).svg.encode()) == w
    copies = (pickle.loads(pickle.dumps(w)), copy.deepcopy(w), w.within({node.id for node in w.nodes[:2]}))
    assert [each.edges_known for each in copies] == [False, False, False]
    assert w != w.model_copy(update={"edges": ()})


def test_a_run_says_which_nodes_make_the_outputs(api: Loopback):
    api.withheld["*"] = 410
    assert "id" not in known_json(api, CARTOON)["outputs"][0]
    started = ("run", CARTOON, "-i", "your_photo=https://example.com/me.png", "--yes")
    lamina(*started, env=environment(api))
    known = known_json(api, CARTOON)
    assert known["outputs"][0]["id"] == known["nodes"][0]["id"]


def test_other_commands_say_that_the_edges_are_unknown(api: Loopback, tmp_path: Path):
    api.withheld["*"] = 410
    page = tmp_path / "report.md"
    result = lamina("report", REEL, "-o", page, env=environment(api))
    assert result.exit_code == 0
    row = next(line for line in page.read_text().splitlines() if line.startswith("| Quick Reel Maker"))
    assert "edges unknown | the API says that video comes out | unknown |  |" in row
    shown = lamina("show", REEL, env=environment(api)).stdout
    assert "9 nodes, edges unknown" in shown
    assert "edges unknown" in lg.draw(Workflow.model_validate(known_json(api))).svg
    alike = lamina("similar", REEL, CARTOON, env=environment(api))
    assert "edges unknown" in alike.stdout


FORMS = [
    ("show", "part.json"),
    ("classify", "part.json", "--explain"),
    ("classify", "part.json", "--why-not", "multi-step"),
    ("lint", "part.json"),
    ("render", "part.json", "-o", "out.svg"),
    ("render", "part.json", "-o", "out.html"),
    ("render", "part.json", "--collapse", "-f", "text"),
    ("render", "part.json", "--focus", "{node}", "-f", "text"),
    ("render", "part.json", "--strip", "-f", "text"),
    ("report", "part.json", "-o", "out.html"),
    ("report", "part.json", "-o", "out.md"),
    ("report", "part.json", "-o", "out.csv"),
    ("similar", "part.json", "part.json", "part.json"),
    ("export", "part.json", "-f", "graphml"),
    ("diff", "part.json", "part.json", "-o", "out.html"),
    ("diff", "part.json", "part.json", "-o", "out.svg"),
    ("diff", "part.json", "part.json", "-f", "markdown"),
]
CLAIMS = re.compile(r"\b0 edges|\b0 stages|disconnected|isolated|No edge|single|no two generations|Traceback")


@pytest.mark.parametrize("words", FORMS, ids=" ".join)
def test_no_form_claims_anything_about_edges(
    api: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
):
    api.withheld["*"] = 410
    known = known_json(api)
    monkeypatch.chdir(tmp_path)
    Path("part.json").write_text(json.dumps(known))
    result = lamina(*(word.format(node=known["nodes"][0]["id"]) for word in words))
    assert result.exit_code == (2 if words[0] == "diff" else 0)
    files = (path.read_text() for path in tmp_path.iterdir() if path.name != "part.json")
    pages = re.sub(r"(?s)<style.*?</style>|<script.*?</script>|<metadata.*?</metadata>", "", "".join(files))
    assert CLAIMS.findall(result.output + pages) == []


# What a comparison can say


def two(api: Loopback) -> tuple[Workflow, Workflow, Estimate]:
    """The whole workflow of an app, what remains of it, and its estimate."""
    whole = lg.load(api.apps[REEL])
    with lg.Client(Settings(key="lma_x", base_url=api.url)) as client:
        api.withheld["*"] = 410
        part = client.structure(REEL).read()
        return whole, part, client.estimate(REEL)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_workflow_that_goes_or_comes_back_is_no_change_but_unknown(api: Loopback, backwards: bool):
    whole, part, _ = two(api)
    diff = lg.diff(part, whole) if backwards else lg.diff(whole, part)
    assert (diff.changes, diff.identical) == ((), False)
    assert [text.partition(":")[0] for text in diff.unknown] == ["edges", "nodes"]
    assert {diff.old.edges, diff.new.edges} == {None, len(whole.edges)}


def test_what_both_sides_have_is_compared(api: Loopback):
    whole, part, estimate = two(api)
    first, second, *rest = part.nodes
    swapped = first.model_copy(update={"type": "gptTextNode"})
    new = part.model_copy(update={"nodes": (swapped, *rest)})
    diff = lg.diff(Version(whole, estimate=estimate), new)
    assert {(change.rule, change.severity) for change in diff.changes} == {
        ("node-retyped", "risky"),
        ("node-removed", "risky"),
    }
    removed = next(change for change in diff.changes if change.rule == "node-removed")
    assert removed.nodes == (second.id,)


def test_a_node_that_no_estimate_lists_is_unknown_and_not_removed(api: Loopback):
    whole, part, _ = two(api)
    diff = lg.diff(whole, part.model_copy(update={"nodes": part.nodes[1:]}))
    assert diff.changes == ()
    assert any("of the old version may still be in the new one" in text for text in diff.unknown)


def changes(store: tuple[object, ...], api: Loopback) -> dict[str, Any]:
    return json.loads(lamina(*store, "changes", "--since", "last", "-f", "json", env=environment(api)).stdout)


def test_over_the_nights_a_workflow_that_comes_back_is_compared_with_what_it_was(
    api: Loopback, store: tuple[object, ...]
):
    snapshot = (*store, "snapshot", "--all", "--detail", "--estimate")
    assert lamina(*snapshot, env=environment(api)).exit_code == 0
    changes(store, api)
    api.withheld["*"] = 410
    result = lamina(*snapshot, env=environment(api))
    assert result.exit_code == 2
    assert (
        "partial: Cartoonify: workflow: the API does not give it (410 GONE): edges unknown" in result.stderr
    )
    for _ in range(2):  # each night says again what it cannot know
        found = changes(store, api)
        assert found["changes"] == []
        assert {each["name"] for each in found["unknown"]} == {"Cartoonify", "Quick Reel Maker"}
        lamina(*snapshot, env=environment(api))
    changes(store, api)
    api.withheld.clear()
    lamina(*snapshot, env=environment(api))
    back = changes(store, api)
    assert (back["changes"], back["unknown"]) == ([], [])
    runs = json.loads(lamina(*snapshot, "--json", env=environment(api)).stdout)
    assert (runs["run"]["changed"], runs["run"]["seen"]) == (0, 2)


def test_a_change_behind_the_gap_is_told_once_the_workflow_is_back(api: Loopback, store: tuple[object, ...]):
    snapshot = (*store, "snapshot", "--all", "--detail", "--estimate")
    lamina(*snapshot, env=environment(api))
    changes(store, api)
    api.withheld["*"] = 410
    lamina(*snapshot, env=environment(api))
    changes(store, api)
    reel = api.apps[REEL]
    reel["edges"] = reel["edges"][:-1]
    api.withheld.clear()
    lamina(*snapshot, env=environment(api))
    back = changes(store, api)
    assert back["unknown"] == []
    assert {change["appId"] for change in back["changes"]} == {REEL}
    steps = json.loads(lamina(*store, "history", REEL, "-f", "json", env=environment(api)).stdout)["steps"]
    assert [step["kind"] for step in steps if step["snapshot"]] == ["appeared", "same", "changed"]
    assert [step["state"]["edges"] for step in steps if step["snapshot"]] == [25, None, 24]
    shown = lamina(*store, "history", REEL, env=environment(api)).stdout
    assert "the API does not give the workflow  9 nodes known, edges unknown\n" in shown
    assert "→ video" not in shown
