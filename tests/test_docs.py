"""The documentation is true: its examples run, this version draws its pictures, its links lead somewhere."""

import re
from pathlib import Path

import pytest
from commandline import members
from loopback import serving
from playwright.sync_api import Browser
from readme import (
    COMMANDS_PAGE,
    PAGES,
    ROOT,
    Example,
    agrees,
    api_of,
    commands_page,
    environment,
    examples_of,
    run,
)
from screenshots import take

import lamina_graph as lg
from lamina_graph.cli.state import State
from lamina_graph.diff import read_acceptances, read_severities

README, TOUR = ROOT / "README.md", ROOT / "docs" / "tour.md"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("docs")


@pytest.fixture(scope="module")
def variables(place: Path):
    with serving(api_of(place)) as api:
        yield environment(api.url)


@pytest.mark.parametrize(
    "example",
    [example for page in PAGES for example in examples_of(page)],
    ids=lambda example: f"{example.page.name}: {example.command[:60]}",
)
def test_an_example_prints_what_the_page_shows(example: Example, place: Path, variables: dict[str, str]):
    assert agrees(example.shown, run(example.command, place, variables))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_project_lead_somewhere(page: Path):
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_page_of_commands_is_the_help_of_this_version():
    """`python tests/readme.py --commands` writes it again."""
    assert COMMANDS_PAGE.read_text() == commands_page()


def test_the_readme_is_short_and_begins_with_how_to_install():
    lines = README.read_text().splitlines()
    assert len(lines) <= 250
    assert [line for line in lines if line.startswith("## ")][:2] == ["## Install", "## What it is"]


def test_the_python_example_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    [block] = re.findall(
        r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )
    exec(compile(block, "README.md", "exec"), {})


def test_the_picture_of_the_readme_is_what_this_version_draws():
    drawn = lg.draw(lg.load(ROOT / "samples" / "reel-five-shots.json")).svg
    assert (ROOT / "docs" / "reel.svg").read_text() == drawn


def test_the_screenshots_of_the_tour_can_be_taken(chromium: Browser, tmp_path: Path):
    """Another machine has other fonts, so what they show is not compared."""
    taken = take(chromium, tmp_path)
    assert {path.name for path in taken} == set(re.findall(r"\((\w+\.png)\)", TOUR.read_text()))
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in taken)


def test_the_readme_or_its_pages_name_every_command():
    text = "".join(page.read_text() for page in PAGES)
    assert [name for name in members() if f"lamina-graph {name}" not in text] == []


def test_the_tables_of_the_configuration_page_are_a_configuration(tmp_path: Path):
    blocks = re.findall(
        r"^```toml\n(.*?)^```$", (ROOT / "docs" / "configuration.md").read_text(), re.M | re.DOTALL
    )
    check_configuration(tmp_path, "\n".join(blocks))


def test_every_commented_line_of_the_configuration_that_init_writes_is_good(tmp_path: Path):
    template = (ROOT / "lamina_graph" / "cli" / "templates" / "lamina-graph.toml").read_text()
    check_configuration(tmp_path, re.sub(r"^# (?=\[|[\w-]+ = )", "", template, flags=re.MULTILINE))


def check_configuration(folder: Path, text: str) -> None:
    (folder / ".lamina-graph.toml").write_text(text)
    state = State(folder / ".lamina-graph.toml")
    assert state.vocabulary.read("acmeStitchNode").gives == ("video",)
    assert state.rules[0].category == "reel"
    assert read_severities(state.config.diff)["node-retyped"] == "breaking"
    assert read_acceptances(state.config.accept)[0].rule == "node-retyped"
    assert state.report_title == "Our Lamina catalogue"
