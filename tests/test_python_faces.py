"""How values show themselves in Python and in notebooks, and what wrong arguments get."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from commandline import api, lamina

import lamina_graph as lg

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
REEL = lg.load(SAMPLES / "reel-five-shots.json")
OLD = lg.load(SAMPLES / "history" / "quick-reel-maker" / "v1.json")
MALFORMED = lg.load(SAMPLES / "malformed.json")
HOSTILE = lg.load(SAMPLES / "hostile-labels.json")

VALUES: dict[str, Callable[[lg.Workflow], object]] = {
    "Workflow": lambda w: w,
    "Features": lg.features,
    "Classification": lg.classify,
    "Finding": lambda w: lg.lint(MALFORMED)[0],
    "Findings": lg.lint,
    "Diff": lambda w: lg.diff(OLD, w),
    "Picture": lg.draw,
}


@pytest.mark.parametrize("workflow", [REEL, MALFORMED, HOSTILE], ids=["reel", "malformed", "hostile"])
@pytest.mark.parametrize("name", VALUES)
def test_a_repr_is_one_short_line(name: str, workflow: lg.Workflow):
    shown = repr(VALUES[name](workflow))
    assert len(shown) <= 240
    assert shown.isprintable()


def test_a_repr_says_the_most_important():
    assert repr(REEL) == "<Workflow 'Quick Reel Maker': 17 nodes, 25 edges>"
    assert repr(lg.classify(REEL)) == "<Classification 'Quick Reel Maker': multi-step, 70% sure>"
    assert repr(lg.lint(MALFORMED)) == "<3 errors, 2 warnings>"
    assert repr(lg.diff(OLD, OLD)) == "<Diff Quick Reel Maker: no changes>"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        self.tags.add(tag)


@pytest.mark.parametrize("workflow", [REEL, MALFORMED, HOSTILE], ids=["reel", "malformed", "hostile"])
@pytest.mark.parametrize("name", ["Classification", "Finding", "Findings", "Diff"])
def test_a_notebook_shows_a_table_in_which_foreign_text_is_plain(name: str, workflow: lg.Workflow):
    parser = _Tags()
    parser.feed(VALUES[name](workflow)._repr_html_())
    assert parser.tags <= {"div", "strong", "table", "thead", "tbody", "tr", "th", "td"}


def test_the_table_of_a_diff_names_its_changes_and_what_is_unknown():
    shown = lg.diff(OLD, REEL)._repr_html_()
    assert "<td style='text-align:left'>breaking</td>" in shown
    assert "Deliverable renamed" in shown


WRONG = {
    "load a list": lambda: lg.load([1]),
    "load nothing": lambda: lg.load(None),
    "a theme": lambda: lg.draw(REEL, theme="neon"),
    "a direction": lambda: lg.draw(REEL, direction="UP"),
    "a view": lambda: lg.draw(REEL, view="x"),
    "a colour": lambda: lg.draw(REEL, color=5),
    "draw a string": lambda: lg.draw("app.json"),
    "classify a string": lambda: lg.classify("app.json"),
    "features of a dict": lambda: lg.features({"nodes": []}),
    "graph of nothing": lambda: lg.graph(None),
    "lint a number": lambda: lg.lint(5),
    "diff of strings": lambda: lg.diff("a.json", "b.json"),
    "diff with a string": lambda: lg.diff(REEL, "b.json"),
    "similar to a string": lambda: lg.similar("app.json", [REEL]),
    "similar among strings": lambda: lg.similar(REEL, ["app.json"]),
    "a store of a number": lambda: lg.Store(5),
    "a reference to nothing": lambda: lg.find_workflow(""),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_argument_gets_an_error_of_the_library_with_a_remedy(name: str):
    with pytest.raises(lg.LaminaGraphError) as caught:
        WRONG[name]()
    assert caught.value.hint


def test_dir_shows_the_public_names_alone():
    """In a new process, and after rooms were imported."""
    script = "import lamina_graph as lg; print(*dir(lg)); lg.draw; lg.diff; print(*dir(lg))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    before, after = map(str.split, done.stdout.splitlines())
    assert before == after == sorted(lg.__all__)


def test_one_call_turns_any_reference_into_a_workflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loopback
):
    for name, value in api(loopback).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LAMINA_GRAPH_STORE", str(tmp_path / "lamina.db"))
    lamina("--store", tmp_path / "lamina.db", "snapshot", "Cartoonify")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
    monkeypatch.chdir(tmp_path)
    Path("app.json").write_bytes((SAMPLES / "reel-five-shots.json").read_bytes())
    for words in (["init", "-q"], ["add", "app.json"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *words], check=True, env=dict(os.environ))
    assert lg.find_workflow("app.json") == lg.find_workflow(Path("app.json")) == REEL
    assert lg.find_workflow("HEAD:app.json") == REEL
    assert lg.find_workflow("Quick Reel Maker").name == "Quick Reel Maker"
    assert lg.find_workflow("cartoonify@latest").name == "Cartoonify"
    assert lg.find_workflow("Cartoonify", offline=True).name == "Cartoonify"
    with lg.Store("lamina.db") as store:
        assert lg.find_workflow("Cartoonify@latest", store=store).name == "Cartoonify"


def test_the_call_is_documented():
    readme = (SAMPLES.parent / "README.md").read_text()
    assert re.search(r"lg\.find_workflow\(", readme)
