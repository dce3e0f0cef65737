"""`fetch` loses nothing on its way: one file for each workflow, ids that are ids, bad rows named."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import content
from click.testing import CliRunner, Result
from loopback import Answer, Loopback, data, serving

from lamina_graph.cli import cli

ROWS_THAT_LOOK_LIKE_REFS = ["sub/x.json", "-", "x.json", "a@latest", "HEAD:x.json", "https://x.example"]


def workflow(app_id: str, label: str = "Picture") -> dict[str, Any]:
    return content(f'fluxImageNode-1773051900002-c="{label}"', appId=app_id, name="Sample")


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.chdir(tmp_path)
    with serving(Loopback(limit=10**9)) as served:
        yield served


def fetch(api: Loopback, *words: object, stdin: str = "") -> Result:
    env = {"LAMINA_BASE_URL": api.url, "LAMINA_API_KEY": api.key}
    words = ("--store", "none.db", "fetch", *words)
    return CliRunner().invoke(cli, list(map(str, words)), prog_name="lamina-graph", env=env, input=stdin)


def fetched(folder: Path) -> dict[str, str]:
    """The label of each workflow in a folder, by file name."""
    files = {file.name: json.loads(file.read_text()) for file in folder.glob("*.json")}
    return {name: found["nodes"][0]["label"] for name, found in sorted(files.items())}


def test_two_workflows_of_one_app_id_are_two_files(api: Loopback, tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.json").write_text(json.dumps(workflow("same", name)))
    result = fetch(api, "one.json", "two.json", "three.json", "-o", "out")
    assert fetched(tmp_path / "out") == {"same.json": "one", "same-2.json": "two", "same-3.json": "three"}
    assert "3 of 3 workflows written" in result.stderr
    assert "two.json has the app id of one.json" in result.stderr


def test_files_of_one_name_without_an_app_id_are_two_files(api: Loopback, tmp_path: Path) -> None:
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        nameless = {key: value for key, value in workflow("x", place).items() if key != "appId"}
        (tmp_path / place / "c.json").write_text(json.dumps(nameless))
    result = fetch(api, "a/c.json", "b/c.json", "-o", "out")
    assert fetched(tmp_path / "out") == {"c.json": "a", "c-2.json": "b"}
    assert "b/c.json has the file name of a/c.json" in result.stderr


def test_a_repeated_workflow_is_one_file_with_a_note(api: Loopback, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.json").write_text(json.dumps(workflow("same")))
    result = fetch(api, "one.json", "two.json", "-o", "out")
    assert list(fetched(tmp_path / "out")) == ["same.json"]
    assert "two.json is the same workflow as one.json" in result.stderr
    assert "1 of 2 workflows written" in result.stderr


def test_ids_that_differ_in_case_alone_are_two_files_on_any_disk(api: Loopback, tmp_path: Path) -> None:
    api.apps = {id_: workflow(id_, label=id_) for id_ in ("abc", "ABC")}
    assert fetch(api, "--all", "-o", "out").exit_code == 0
    assert fetched(tmp_path / "out") == {"ABC-2.json": "ABC", "abc.json": "abc"}


def test_a_file_of_an_app_that_is_gone_is_named(api: Loopback, tmp_path: Path) -> None:
    """Its file stays, and would look like an app that did not change."""
    api.apps = {id_: workflow(id_) for id_ in "ab"}
    assert "no app that is listed" not in fetch(api, "--all", "-o", "out").stderr
    del api.apps["b"]
    result = fetch(api, "--all", "-o", "out")
    assert "out/b.json belongs to no listed app; it is left as it is" in result.stderr
    assert result.exit_code == 0


def test_an_answer_about_another_app_is_an_error_and_no_file(api: Loopback, tmp_path: Path) -> None:
    api.apps = {"a": workflow("a", "first"), "b": workflow("a", "second")}
    rows = [{"appId": id_, "name": id_} for id_ in "ab"]
    api.list_apps = lambda query: data(rows)
    result = fetch(api, "--all", "-o", "out")
    assert result.exit_code == 2
    assert "expected the app b, found a" in result.stderr
    assert fetched(tmp_path / "out") == {"a.json": "first"}


@pytest.mark.parametrize("app_id", ROWS_THAT_LOOK_LIKE_REFS)
def test_an_id_of_a_listing_is_used_whatever_it_looks_like(
    api: Loopback, tmp_path: Path, app_id: str
) -> None:
    local = json.dumps(workflow("local", "local"))
    (tmp_path / "sub").mkdir()
    for name in ("x.json", "sub/x.json"):
        (tmp_path / name).write_text(local)
    api.apps = {app_id: workflow(app_id, "of the API")}
    result = fetch(api, "--all", "-o", "out", stdin=local)
    assert result.exit_code == 0, result.output
    assert list(fetched(tmp_path / "out").values()) == ["of the API"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"appId": "b", "name": None}, "name"),
        ({"name": "nameless"}, "appId: missing"),
        ({"appId": "..", "name": "up"}, "'..' is not an app id"),
        ({"appId": "", "name": "none"}, "'' is not an app id"),
        ("no row", "expected an object"),
    ],
)
def test_a_bad_row_of_a_listing_is_named_and_the_others_are_fetched(
    api: Loopback, tmp_path: Path, row: Any, reason: str
) -> None:
    api.apps = {id_: workflow(id_, id_) for id_ in "ab"}

    def listed(query: dict[str, str]) -> Answer:
        return data([{"appId": "a", "name": "a"}, row])

    api.list_apps = listed
    result = fetch(api, "--all", "-o", "out")
    assert result.exit_code == 2
    assert "row 2 of the list of apps" in result.stderr
    assert reason in result.stderr
    has_id = isinstance(row, dict) and row.get("appId") == "b"
    assert list(fetched(tmp_path / "out").values()) == (["a", "b"] if has_id else ["a"])
