"""One way to ask: JSON, standard output, endings, `--all`, lists of references, many pictures."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import api, command, commands, lamina

from lamina_graph.refs import read_lists

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
DIAMOND, CHAIN = SAMPLES / "diamond.json", SAMPLES / "chain.json"
NOWHERE = {"LAMINA_BASE_URL": "http://127.0.0.1:9", "LAMINA_API_KEY": "", "HOME": "/nowhere"}


def options(path: tuple[str, ...]) -> set[str]:
    return {name for param in command(path).params for name in param.opts}


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_json_can_be_asked_for_in_both_ways_or_in_none(path: tuple[str, ...]):
    form = next((p for p in command(path).params if "-f" in p.opts), None)
    by_format = form is not None and "json" in form.type.choices
    assert ("--json" in options(path)) == by_format


TWO_WAYS = [
    ("classify", DIAMOND),
    ("show", DIAMOND),
    ("lint", DIAMOND),
    ("similar", DIAMOND, CHAIN),
    ("diff", DIAMOND, CHAIN),
    ("rules",),
    ("report", DIAMOND, CHAIN),
]


@pytest.mark.parametrize("words", TWO_WAYS, ids=lambda words: words[0])
def test_both_ways_to_ask_for_json_print_the_same(words: tuple[object, ...]):
    one, other = lamina(*words, "--json"), lamina(*words, "-f", "json")
    assert one.stdout == other.stdout
    assert json.loads(one.stdout)


@pytest.mark.parametrize("words", TWO_WAYS, ids=lambda words: words[0])
@pytest.mark.parametrize("order", [("--json", "-f", "text"), ("-f", "text", "--json")], ids=" ".join)
def test_two_formats_at_once_are_refused(words: tuple[object, ...], order: tuple[str, ...]):
    other = "csv" if words[0] == "report" else "text"
    result = lamina(*words, *[other if word == "text" else word for word in order])
    assert (result.exit_code, "two formats" in result.stderr) == (2, True)


CONTRADICTIONS = [
    ("render", DIAMOND, "-f", "png", "-o", "x.svg"),
    ("export", DIAMOND, "-f", "gexf", "-o", "x.graphml"),
    ("diff", DIAMOND, CHAIN, "-f", "markdown", "-o", "x.html"),
    ("report", DIAMOND, "-f", "csv", "-o", "x.json"),
    ("classify", DIAMOND, "--json", "-o", "x.csv"),
]


@pytest.mark.parametrize("words", CONTRADICTIONS, ids=lambda words: words[0])
def test_an_ending_that_contradicts_the_format_is_refused(
    words: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    result = lamina(*words)
    assert (result.exit_code, "stands for" in result.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_format_may_have_an_ending_that_stands_for_none(tmp_path: Path):
    assert lamina("render", DIAMOND, "-f", "mermaid", "-o", tmp_path / "x.md").exit_code == 0
    assert (tmp_path / "x.md").read_text().startswith("flowchart")


SCRIPT = """
lamina-graph diff "$OLD" "$NEW" -f markdown -o /dev/stdout >> log.md
lamina-graph render "$OLD" -f svg -o >(gzip > a.svg.gz)
lamina-graph render "$OLD" -f mermaid -o - > dash.mmd
lamina-graph classify "$OLD" -o >(cat > a.txt)
lamina-graph classify @<(echo "$OLD") --json > list.json
for _ in $(seq 50); do gzip -t a.svg.gz 2> /dev/null && test -s a.txt && break; sleep 0.1; done
"""


def test_streams_and_process_substitutions_are_written_and_not_replaced(tmp_path: Path):
    (tmp_path / "log.md").write_text("first line\n")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "OLD": str(DIAMOND), "NEW": str(CHAIN), "PATH": path}
    subprocess.run(["bash", "-c", SCRIPT], cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "log.md").read_text().startswith("first line\n")
    assert len((tmp_path / "log.md").read_text().splitlines()) > 3
    unpacked = subprocess.run(["gunzip", "-c", tmp_path / "a.svg.gz"], capture_output=True, check=True)
    assert unpacked.stdout.startswith(b"<svg")
    assert (tmp_path / "dash.mmd").read_text().startswith("flowchart")
    assert "UGC Maker" in (tmp_path / "a.txt").read_text()
    assert json.loads((tmp_path / "list.json").read_text())[0]["name"] == "UGC Maker"
    assert not (tmp_path / "-").exists()


def test_a_list_names_a_reference_on_each_line(tmp_path: Path):
    (tmp_path / "list.txt").write_text(f"\ufeff# ours\n{DIAMOND}\n\n  {CHAIN}\r\n")
    result = lamina("classify", f"@{tmp_path / 'list.txt'}", SAMPLES / "audio-only.json", "--json")
    assert [row["name"] for row in json.loads(result.stdout)] == [
        "UGC Maker",
        "Product Reels",
        "Jingle Maker",
    ]


@pytest.mark.parametrize(
    ("content", "names"), [(None, "No such file"), (b"", "contains no REF"), (b"\xff", "UTF-8")]
)
def test_a_list_that_cannot_be_read_is_an_error_of_two_lines(tmp_path: Path, content, names: str):
    if content is not None:
        (tmp_path / "list.txt").write_bytes(content)
    result = lamina("lint", f"@{tmp_path / 'list.txt'}")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 2)
    assert names in result.stderr


def test_a_file_or_a_revision_that_begins_with_an_at_sign_is_no_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    Path("@app.json").write_text(DIAMOND.read_text())
    assert list(read_lists(["@app.json", "@:app.json", "@~1:app.json", "@"])) == [
        "@app.json",
        "@:app.json",
        "@~1:app.json",
        "@",
    ]


def test_many_workflows_are_drawn_into_a_folder(tmp_path: Path):
    result = lamina(
        "render", DIAMOND, SAMPLES / "history" / "quick-reel-maker", "-o", f"{tmp_path}/pictures/"
    )
    assert result.exit_code == 0
    drawn = sorted(path.name for path in (tmp_path / "pictures").iterdir())
    assert drawn == ["diamond.svg", "v1.svg", "v2.svg", "v3.svg", "v4.svg", "v5.svg"]
    assert lamina("classify", tmp_path / "pictures" / "v1.svg").exit_code == 0


def test_one_that_cannot_be_drawn_does_not_stop_the_others(tmp_path: Path):
    result = lamina("render", DIAMOND, tmp_path / "gone.json", "-f", "mermaid", "-o", tmp_path)
    assert (result.exit_code, "gone.json" in result.stderr) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["diamond.mmd"]


def test_many_workflows_go_to_no_single_file(tmp_path: Path):
    result = lamina("render", DIAMOND, CHAIN, "-o", tmp_path / "x.svg")
    assert (result.exit_code, "need a folder" in result.stderr) == (2, True)


def test_answers_go_to_a_spreadsheet(tmp_path: Path):
    gone = tmp_path / "gone.json"
    assert lamina("classify", DIAMOND, gone, "-o", tmp_path / "x.csv").exit_code == 2
    with (tmp_path / "x.csv").open(newline="") as file:
        diamond, other = csv.DictReader(file)
    assert (diamond["name"], diamond["category"], diamond["confidence"]) == (
        "UGC Maker",
        "multi-step",
        "0.70",
    )
    assert (other["ref"], "no such file" in other["error"]) == (str(gone), True)


@pytest.fixture
def catalogue(tmp_path: Path, loopback) -> Path:
    """A store with every app of the API."""
    store = tmp_path / "lamina.db"
    assert lamina("--store", store, "snapshot", "--all", env=api(loopback)).exit_code == 0
    return store


def test_all_is_every_app_of_the_store(catalogue: Path, tmp_path: Path):
    store = ("--store", catalogue)
    rows = json.loads(lamina(*store, "classify", "--all", "--json", env=NOWHERE).stdout)
    assert len(rows) > 30
    assert len(json.loads(lamina(*store, "lint", "--all", "--json", env=NOWHERE).stdout)) == len(rows)
    groups = json.loads(lamina(*store, "similar", "--groups", "--all", "--json", env=NOWHERE).stdout)
    assert len(groups["refs"]) == len(rows)
    report = lamina(*store, "report", "--all", "-f", "csv", env=NOWHERE)
    assert len(list(csv.DictReader(report.stdout.splitlines()))) == len(rows)
    nearest = lamina(*store, "similar", "UGC Maker", "--all", "--json", "--offline", env=NOWHERE)
    assert {row["name"] for row in json.loads(nearest.stdout)}.isdisjoint({"UGC Maker"})
    pictures = tmp_path / "pictures"
    drawn = lamina(*store, "render", "--all", "-f", "mermaid", "-o", f"{pictures}/", env=NOWHERE)
    assert (drawn.exit_code, len(list(pictures.iterdir()))) == (0, len(rows))


def test_all_is_every_app_of_the_api_where_there_is_no_store(tmp_path: Path, loopback):
    result = lamina("classify", "--all", "--json", env=api(loopback, XDG_DATA_HOME=str(tmp_path)))
    assert len(json.loads(result.stdout)) > 30


def test_all_without_a_store_and_without_credentials_is_an_error(tmp_path: Path):
    result = lamina("classify", "--all", env={**NOWHERE, "XDG_DATA_HOME": str(tmp_path)})
    assert (result.exit_code, "there is no store" in result.stderr) == (2, True)


@pytest.mark.parametrize("name", ["classify", "lint", "report"])
def test_all_and_references_exclude_each_other(name: str):
    result = lamina(name, "--all", DIAMOND)
    assert (result.exit_code, "leave out the REFs" in result.stderr) == (2, True)
    assert lamina(name).exit_code == 2


def test_what_all_meant_before_works_with_a_note(tmp_path: Path):
    shutil.copy(DIAMOND, tmp_path)
    shutil.copy(CHAIN, tmp_path)
    groups = lamina("similar", "--all", tmp_path)
    assert (groups.stdout, "--groups" in groups.stderr) == (
        lamina("similar", "--groups", tmp_path).stdout,
        True,
    )
    drawn = lamina("render", DIAMOND, "--all", "-f", "mermaid")
    assert drawn.stdout == lamina("render", DIAMOND, "--no-fold", "-f", "mermaid").stdout
    assert "--no-fold" in drawn.stderr
