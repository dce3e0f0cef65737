"""Two catalogues: folders, commits and stores are compared app by app, and a moved file is no removal."""

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import comfyui
import jsonschema
import pytest
from click.testing import Result
from commandline import lamina
from hypothesis import given
from hypothesis import strategies as st

from lamina_graph.cli.schemas import schema_of
from lamina_graph.history import Catalogue, catalogue_diff
from lamina_graph.json_lines import find_node_lines
from lamina_graph.model import Entry, Workflow
from lamina_graph.refs import resolve
from lamina_graph.report.changes.markdown import COMMENT, markdown
from lamina_graph.store import FetchResult, FetchScope, Store

SAMPLES = Path(__file__).parent.parent / "samples"
REEL = json.loads((SAMPLES / "history" / "quick-reel-maker" / "v1.json").read_text())
REEL_LATER = json.loads((SAMPLES / "history" / "quick-reel-maker" / "v4.json").read_text())


def app(
    id_: str | None = "a", name: str | None = "App", type_: str = "fluxNode", **more: Any
) -> dict[str, Any]:
    nodes = [{"id": "n1", "type": type_, "label": "Picture"}, {"id": "n2", "type": "imageOutputNode"}]
    edges = [{"source": "n1", "target": "n2"}]
    known = {"appId": id_, "name": name}
    return {**{key: value for key, value in known.items() if value}, "nodes": nodes, "edges": edges, **more}


def canvas(id_: str, width: int = 512) -> dict[str, Any]:
    scaler = comfyui.scaler(2, widgets_values=["lanczos", width, 512, "center"])
    nodes = [comfyui.image_loader(1), scaler, comfyui.saver(3)]
    return comfyui.editor(nodes, [(1, 0, 2, 0), (2, 0, 3, 0)], id=id_)


def fill(folder: Path, files: dict[str, Any]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
    folder.mkdir(exist_ok=True)
    return folder


def compare(*words: object) -> tuple[Result, dict[str, Any]]:
    result = lamina("diff", *words[:2], "-f", "json", *words[2:])
    found = json.loads(result.stdout)
    jsonschema.validate(found, schema_of("catalogue-diff"))
    return result, found


SWAPPED = app(type_="seedreamNode")
SITUATIONS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, int], str | None, int]] = {
    "nothing changed": ({"a.json": app()}, {"a.json": app()}, {"unchanged": 1}, None, 0),
    "a file moved": ({"old/a.json": app()}, {"new/a.json": app()}, {"unchanged": 1, "moved": 1}, None, 0),
    "a file renamed and edited": (
        {"a.json": app()},
        {"b.json": SWAPPED},
        {"changed": 1, "moved": 1},
        "risky",
        0,
    ),
    "an app renamed in a file that moved": (
        {"a.json": app()},
        {"b.json": app(name="Other")},
        {"changed": 1, "moved": 1},
        "cosmetic",
        0,
    ),
    "a file without ids moved": (
        {"a.json": app(None)},
        {"b.json": app(None)},
        {"unchanged": 1, "moved": 1},
        None,
        0,
    ),
    "a file without id and name edited": (
        {"a.json": app(None, None)},
        {"a.json": app(None, None, "seedreamNode")},
        {"changed": 1},
        "risky",
        0,
    ),
    "a nameless file moved": (
        {"a.json": app(None, None)},
        {"b.json": app(None, None)},
        {"unchanged": 1, "moved": 1},
        None,
        0,
    ),
    "a nameless file moved and edited": (
        {"a.json": app(None, None)},
        {"b.json": app(None, None, "seedreamNode")},
        {"added": 1, "removed": 1},
        "breaking",
        1,
    ),
    "a workflow of ComfyUI moved and edited": (
        {"a.json": canvas("3f0c"), "b.json": canvas("77aa")},
        {"b.json": canvas("77aa"), "c.json": canvas("3f0c", width=1024)},
        {"unchanged": 1, "changed": 1, "moved": 1},
        "risky",
        0,
    ),
    "an app under another id": (
        {"a.json": app("a")},
        {"a.json": app("b")},
        {"changed": 1},
        "breaking",
        1,
    ),
    "an app added": (
        {"a.json": app()},
        {"a.json": app(), "b.json": app("b", "B")},
        {"added": 1, "unchanged": 1},
        "cosmetic",
        0,
    ),
    "an app removed": (
        {"a.json": app(), "b.json": app("b", "B")},
        {"a.json": app()},
        {"removed": 1, "unchanged": 1},
        "breaking",
        1,
    ),
    "a file that broke": (
        {"a.json": app(), "b.json": app("b", "B")},
        {"a.json": app(), "b.json": '{"nodes": ['},
        {"unreadable": 1, "unchanged": 1},
        None,
        2,
    ),
    "a file mended": ({"a.json": "{"}, {"a.json": app()}, {"unreadable": 1}, None, 2),
    "a copy beside the file": (
        {"a.json": app()},
        {"a.json": app(), "b.json": app()},
        {"added": 1, "unchanged": 1},
        "cosmetic",
        0,
    ),
    "two copies in another folder": (
        {"x/a.json": app(), "y/b.json": app()},
        {"z/a.json": app(), "z/c.json": app()},
        {"unchanged": 2, "moved": 2},
        None,
        0,
    ),
    "two apps of one name": (
        {"a.json": app(None), "b.json": app(None, type_="seedreamNode")},
        {"a.json": app(None), "b.json": app(None, type_="seedreamNode")},
        {"unchanged": 2},
        None,
        0,
    ),
    "other JSON in both": (
        {"a.json": app(), "notes.json": "[1]"},
        {"a.json": app(), "notes.json": "[2]"},
        {"unchanged": 1},
        None,
        0,
    ),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_apps_of_two_folders_are_paired_by_id_then_name_then_path(name: str, tmp_path: Path):
    """What became of each app, the worst severity, and the status of a gate on what breaks calls."""
    before, after, totals, severity, status = SITUATIONS[name]
    old, new = fill(tmp_path / "old", before), fill(tmp_path / "new", after)
    result, found = compare(old, new, "--fail-on", "breaking")
    assert {key: value for key, value in found["totals"].items() if value} == totals
    assert (found["severity"], result.exit_code) == (severity, status), result.stderr
    assert found["identical"] == (not totals.keys() - {"unchanged", "moved"})
    assert len(found["compared"]) == sum(count for key, count in totals.items() if key != "moved")


@pytest.mark.parametrize(("later", "rules"), [("a.json", {"node-rewired"}), ("b.json", set())])
def test_ids_of_another_program_mean_the_same_where_the_path_is(later: str, rules: set[str], tmp_path: Path):
    """A file that was moved says nothing of its ids: structure decides, in which nothing changed."""

    def chain(*ids: int) -> dict[str, Any]:
        kinds = ("LoadImage", "ImageBlur", "ImageBlur", "SaveImage")
        nodes = [
            comfyui.node(id_, kind, [("image", "IMAGE")] * (kind != "LoadImage"), ["IMAGE"])
            for id_, kind in zip(ids, kinds, strict=True)
        ]
        return comfyui.editor(nodes, [(a, 0, b, 0) for a, b in pairwise(ids)], extra={"info": {"name": "A"}})

    old, new = fill(tmp_path / "old", {"a.json": chain(1, 2, 3, 4)}), tmp_path / "new"
    fill(new, {later: chain(1, 3, 2, 4)})
    _, found = compare(old, new)
    assert {change["rule"] for change in found["changes"]} - {"layout-changed"} == rules


@pytest.mark.parametrize("name", SITUATIONS)
def test_two_commits_are_compared_as_two_folders_are(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The same files give the same answer, whether from a folder, a commit, or a path after --."""
    before, after, *_ = SITUATIONS[name]
    fill(tmp_path / "old", before)
    commit(tmp_path, {f"flows/{path}": content for path, content in before.items()})
    shutil.rmtree(tmp_path / "flows")
    fill(tmp_path / "flows", after)
    monkeypatch.chdir(tmp_path)
    _, folders = compare("old", "flows")
    _, revision = compare("HEAD:flows", "flows")
    with_path = json.loads(lamina("diff", "HEAD", "-f", "json", "--", "flows").stdout)
    for found in (revision, with_path):
        assert found["totals"] == folders["totals"]
        assert [change["text"] for change in found["changes"]] == [
            each["text"] for each in folders["changes"]
        ]


def commit(folder: Path, files: dict[str, Any]) -> None:
    fill(folder, files)
    who = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "init.defaultBranch=main"]
    for words in (["init", "-q"], ["add", "flows"], ["commit", "-qm", "before", "--allow-empty"]):
        subprocess.run(["git", *who, *words], cwd=folder, check=True)


def test_a_path_that_one_side_lacks_is_an_empty_catalogue_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A folder that is new, or gone, has no apps on the other side; one that neither has is misspelt."""
    commit(tmp_path, {"flows/a.json": app()})
    monkeypatch.chdir(tmp_path)
    fill(tmp_path, {"more/b.json": app("b")})
    assert json.loads(lamina("diff", "HEAD", "-f", "json", "--", "more").stdout)["totals"]["added"] == 1
    shutil.rmtree("flows")
    assert json.loads(lamina("diff", "HEAD", "-f", "json", "--", "flows").stdout)["totals"]["removed"] == 1
    missing = lamina("diff", "HEAD", "--", "flaws")
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert "flaws" in missing.stderr


def test_a_folder_that_cannot_be_read_hides_no_removal(tmp_path: Path):
    """Apps below a closed folder are unknown, not removed."""
    entry = Entry(ref="old/in/a.json", path="in/a.json", workflow=Workflow.model_validate(app()))
    closed = Entry(ref="new/in", path="in", error=resolve(["no/such.json"]).entries[0].error)
    found = catalogue_diff(Catalogue("old", [entry]), Catalogue("new", [closed]))
    assert (found.totals.unreadable, found.totals.removed) == (1, 0)
    assert found.unknown[0].app_id == "a"


def test_uses_decide_what_breaks_in_a_catalogue(tmp_path: Path):
    """Only the removal of an app that one's own code uses breaks it; a misspelt app is unknown."""
    old = fill(tmp_path / "old", {"a.json": app(), "b.json": app("b", "B")})
    new = fill(tmp_path / "new", {"a.json": app()})
    uses = tmp_path / "uses.toml"
    for used, severity, status in (("a", "risky", 0), ("b", "breaking", 1), ("zzz", "risky", 2)):
        uses.write_text(f'[[app]]\nid = "{used}"\ninputs = []\noutputs = []\n')
        result, found = compare(old, new, "--uses", uses, "--fail-on", "breaking")
        assert (found["severity"], result.exit_code) == (severity, status), result.stderr


@pytest.mark.parametrize("form", ["text", "markdown", "html", "github", "slack"])
def test_every_form_names_each_app_that_changed(form: str, tmp_path: Path):
    """Names of other people's apps stand in it as plain text, and what could not be compared is there."""
    name = "<b>@someone</b> #12"
    old = fill(tmp_path / "old", {"r.json": REEL, "gone.json": app("g", name), "bad.json": app("x", "Bad")})
    new = fill(tmp_path / "new", {"r.json": REEL_LATER, "bad.json": "{"})
    result = lamina("diff", old, new, "-f", form)
    assert result.exit_code == 2
    for part in ("Quick Reel Maker", "bad.json", "someone"):
        assert part in result.stdout
    if form in ("markdown", "html"):
        assert "<b>" not in result.stdout
    if form == "markdown":
        outside = result.stdout.split("<details>")[0]
        assert "@someone" not in outside
        assert "#12" not in outside
        assert "```mermaid" in result.stdout
    if form == "html":
        assert result.stdout.count("<svg") >= 1
    if form == "slack":
        json.loads(result.stdout)


@pytest.mark.parametrize("form", ["text", "markdown", "html", "github", "slack"])
def test_where_nothing_changed_messages_are_empty_and_pages_say_so(form: str, tmp_path: Path):
    """Nobody is sent a message that says nothing; who reads a page is told how many apps are the same."""
    old, new = (fill(tmp_path / side, {"a.json": app()}) for side in ("old", "new"))
    result = lamina("diff", old, new, "-f", form)
    assert result.exit_code == 0
    assert (result.stdout == "") == (form in ("github", "slack"))
    assert form in ("github", "slack") or "1 unchanged" in result.stdout


def test_annotations_stand_at_the_line_of_the_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """GitHub shows a remark beside the node in the file, whatever folder the program runs in."""
    monkeypatch.chdir(tmp_path)
    commit(tmp_path, {"flows/deep/a.json": app()})
    fill(tmp_path, {"flows/deep/a.json": SWAPPED})
    line = (tmp_path / "flows/deep/a.json").read_text().splitlines().index("  {") + 1
    shown = lamina("diff", "HEAD", "-f", "github", "--", "flows").stdout
    assert f"::warning file=flows/deep/a.json,line={line},title=App%3A risky::Model swapped" in shown
    monkeypatch.chdir(tmp_path / "flows")
    assert lamina("diff", "HEAD", "-f", "github", "--", "deep").stdout == shown
    assert lamina("diff", "HEAD", "-f", "github", "--", "deep/a.json").stdout == shown


@given(
    st.lists(st.text(min_size=1, max_size=5), unique=True, max_size=6),
    st.sampled_from([None, 0, 1, 2]),
    st.booleans(),
)
def test_the_line_of_each_node_is_where_its_object_begins(ids: list[str], indent: int | None, envelope: bool):
    nodes = [{"type": "x", "data": {"id": "inner", "nodes": []}, "id": id_} for id_ in ids]
    content: dict[str, Any] = {"edges": [{"id": "e"}], "nodes": nodes, "x": {"id": 1}}
    text = json.dumps({"data": content} if envelope else content, indent=indent)
    lines = find_node_lines(text)
    assert lines.keys() == set(ids)
    for id_, line in lines.items():
        rest = "\n".join(text.split("\n")[line - 1 :])
        assert json.dumps(id_) in rest
        assert line == 1 or "{" in rest.split("\n")[0]
    assert list(lines.values()) == sorted(lines.values())


@pytest.mark.parametrize(
    "broken", ["", "{", "[}", '{"nodes": [{"id": ', "]]]]", '{"nodes": {"id": "a"}}', '"\\ud800']
)
def test_lines_of_what_is_no_workflow_are_none(broken: str):
    assert find_node_lines(broken) == {}


def test_two_stores_are_compared_with_their_contracts_and_credits(tmp_path: Path):
    """Apps of a store have no file; a gate on credits holds for each app, and fails where none is known."""
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    detail = {"appId": "a", "name": "App", "parameters": [{"name": "Photo", "type": "image"}], "outputs": []}
    other = {**detail, "parameters": [], "outputs": []}
    for place, shown, credits_ in (("old.db", detail, 10), ("new.db", other, 20)):
        with Store(str(tmp_path / place)) as store:
            run = store.begin("https://api.example", FetchScope(detail=True, estimate=True), moment)
            estimate = {"appId": "a", "name": "App", "estimatedCredits": {"expected": credits_}}
            seen = FetchResult(app_id="a", at=moment, workflow=app(), detail=shown, estimate=estimate)
            store.record(run.id, [seen])
            store.finish(run.id, moment + timedelta(minutes=1), complete=True)
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    result, found = compare(old, new, "--fail-on", "credits>+50%")
    assert {change["rule"] for change in found["changes"]} >= {"required-parameter-removed", "credits-up"}
    assert found["compared"][0]["credits"] == {"before": 10, "after": 20}
    assert result.exit_code == 1
    folder = fill(tmp_path / "flows", {"a.json": app()})
    assert lamina("diff", folder, folder, "--fail-on", "credits>+50%").exit_code == 2
    assert lamina("diff", old, folder, "-f", "json").exit_code == 0


REFUSED: dict[str, tuple[str, ...]] = {
    "a picture shows one app": ("-f", "svg"),
    "JSON for agents is of one app": ("-f", "json", "--brief"),
    "an estimate is of one app": ("--old-estimate", str(SAMPLES / "chain.json")),
    "no such gate": ("--fail-on", "credit>10"),
}


@pytest.mark.parametrize("words", REFUSED.values(), ids=REFUSED)
def test_what_only_one_app_can_give_is_refused(words: tuple[str, ...], tmp_path: Path):
    folder = fill(tmp_path / "a", {"a.json": app()})
    result = lamina("diff", folder, folder, *words)
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_comment_keeps_its_limit_by_leaving_out_pictures_first(tmp_path: Path):
    """Every change stays as long as it fits; how many apps are not drawn is said."""
    old = fill(
        tmp_path / "old", {f"{n}.json": {**REEL, "appId": f"a{n}", "name": f"App {n}"} for n in range(60)}
    )
    new = fill(
        tmp_path / "new",
        {f"{n}.json": {**REEL_LATER, "appId": f"a{n}", "name": f"App {n}"} for n in range(60)},
    )
    found = catalogue_diff(*(Catalogue(str(side), resolve([str(side)]).entries) for side in (old, new)))
    for room in (COMMENT, 120_000):
        text = markdown(found, room)
        assert len(text.encode()) <= room
        assert "more, not listed here" in text or "apps not drawn here" in text
    assert text.count("Deliverable renamed") == 60
    assert "```mermaid" in text


def test_the_same_catalogues_give_the_same_bytes_in_any_order(tmp_path: Path):
    old = fill(tmp_path / "old", {f"{n}.json": app(f"a{n}", f"App {n}") for n in range(8)})
    new = fill(tmp_path / "new", {f"{n}.json": app(f"a{n}", f"App {n}", "seedreamNode") for n in range(8)})
    sides = [resolve([str(side)]).entries for side in (old, new)]
    one = catalogue_diff(*(Catalogue("x", side) for side in sides))
    other = catalogue_diff(*(Catalogue("x", side[::-1]) for side in sides))
    assert one.model_dump_json() == other.model_dump_json()


@pytest.fixture(autouse=True)
def _no_repository_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", os.fspath(tmp_path.parent))


def test_of_many_apps_the_diffs_of_the_worst_are_kept_and_the_rest_is_told_alike() -> None:
    """Drawing needs both workflows; JSON is the same whether they are held or not."""
    sides = [
        [
            Entry(ref=f"{n}.json", path=f"{n}.json", workflow=Workflow.model_validate(each))
            for n, each in named
        ]
        for named in (
            [(n, app(str(n), f"App {n}")) for n in range(6)],
            [(n, app(str(n), f"App {n}", "klingVideoNode" if n % 2 else "veoVideoNode")) for n in range(6)],
        )
    ]
    whole, thin = (
        catalogue_diff(*(Catalogue("x", side) for side in sides), drawn=drawn) for drawn in (None, 2)
    )
    assert thin.model_dump(mode="json") == whole.model_dump(mode="json")
    assert [bool(each.compared) for each in whole.drawable] == [True] * 6
    assert [bool(each.compared) for each in thin.drawable] == [True] * 2 + [False] * 4
    assert [each.name for each in thin.drawable] == [each.name for each in whole.drawable]


def test_a_summary_for_github_draws_the_apps_that_changed(tmp_path: Path) -> None:
    for place, type_ in (("old", "fluxNode"), ("new", "klingVideoNode")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "a.json").write_text(json.dumps(app(type_=type_)))
    summary = tmp_path / "summary.md"
    lamina("diff", str(tmp_path / "old"), str(tmp_path / "new"), "-f", "github", "-o", str(summary))
    assert "```mermaid" in summary.read_text()
