"""Tables in real pseudo-terminals of 40 to 200 columns: ids and numbers whole, nothing beyond the edge."""

import json
import sys
from pathlib import Path

import pytest
from commandline import api, lamina
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import Loopback, serving
from rich.cells import cell_len
from terminals import on_terminal, screens

from lamina_graph.cli.table import Column, clean_cell, layout_fields, layout_table

ROOT = Path(__file__).parent.parent
WIDTHS = (40, 60, 80, 120, 200)
KINDS = ("word", "number", "name", "path", "reason")

COMMANDS = {
    "classify": ["classify", "samples/try-on-single.json", "samples/reel-five-shots.json"],
    "classify namesakes": ["classify", "samples/history/quick-reel-maker"],
    "lint": ["lint", "samples/malformed.json"],
    "similar": ["similar", "samples/diamond.json", "samples", "-n", "3"],
    "show": ["show", "samples/audio-only.json"],
    "apps": ["apps"],
    "app": ["app", "Cartoonify"],
    "runs list": ["runs", "list"],
    "rules": ["rules"],
    "auth status": ["auth", "status"],
}


@pytest.fixture(scope="module")
def server():
    with serving(Loopback(ROOT / "samples")) as loopback:
        words = ["run", "Cartoonify", "-i", "your_photo=https://example.com/me.png", "--yes", "--wait"]
        assert lamina(*words, env=api(loopback)).exit_code == 0
        yield loopback


@pytest.fixture(scope="module", params=WIDTHS)
def shown(request, server):
    """What each command shows on a terminal of one width."""
    texts = screens(list(COMMANDS.values()), request.param, ROOT, **api(server))
    return request.param, dict(zip(COMMANDS, texts, strict=True))


NOTES = (
    "apps: ",
    "not shown in",
    "1 workflow read",
    "Jingle Maker  ",
    "Cartoonify  ",
    "lamina-graph run ",
    "a run costs",
    "apps: ",
)
"""What is no table: remarks, a title, a command."""


def test_no_line_of_a_table_is_wider_than_the_terminal(shown):
    """But a word that is longer than a line, such as an id in a sentence: it stays whole."""
    width, texts = shown
    tables = {**texts, "show": texts["show"].partition("\n\n")[0]}  # a drawing follows
    lines = (line for text in tables.values() for line in text.splitlines())
    wide = [line for line in lines if cell_len(line) > width and not line.startswith(NOTES)]
    assert [line for line in wide if max(map(len, line.split())) < width - 2] == []


def test_rows_go_to_a_file_while_the_terminal_shows_how_far_it_is(tmp_path: Path):
    words = "classify --explain samples/try-on-single.json samples/reel-five-shots.json samples/diamond.json"
    script = f"{sys.executable} -m lamina_graph {words} > {tmp_path / 'rows.txt'}"
    shown = on_terminal(["sh", "-c", script], 80, ROOT)
    assert "classifying" in shown
    assert (tmp_path / "rows.txt").read_text() == lamina(*words.split()).stdout


def test_a_bar_ends_before_the_first_row_is_printed():
    words = "classify --explain samples/try-on-single.json samples/reel-five-shots.json samples/diamond.json"
    [screen] = screens([words.split()], 80, ROOT)
    assert "samples/try-on-single.json" in screen.splitlines()


def test_ids_and_numbers_are_whole_at_any_width(shown, server):
    _, texts = shown
    listed = json.loads(lamina("runs", "list", "--json", env=api(server)).stdout)
    apps = json.loads(lamina("apps", "--json", env=api(server)).stdout)
    for run in listed:
        assert run["runId"] in texts["runs list"]
    for app in apps:
        assert app["appId"] in texts["apps"]
    assert "backgroundRemoverNode-1774865061498-lh0c49dm6" in texts["lint"]
    assert [score for score in ("0.50", "0.48", "0.46") if score not in texts["similar"]] == []


def test_the_category_is_shown_at_any_width(shown):
    _, texts = shown
    assert "try-on" in texts["classify"]
    assert "multi-step" in texts["classify"]


def test_a_reason_stands_below_its_row_where_it_has_no_room_beside_it(shown):
    width, texts = shown
    lines = texts["classify"].splitlines()
    row = next(number for number, line in enumerate(lines) if line.startswith("Single"))
    reason = "“Dress the model” dresses a person"
    assert (lines[row + 1].strip() == reason) if width < 200 else lines[row].endswith(reason)


def test_columns_without_room_are_named_and_the_least_important_go_first(shown):
    width, texts = shown
    hidden = {40: "Confidence, Shape, Stages, Gives", 60: "Shape"}.get(width)
    note = f"not shown in {width} columns: {hidden}; a wider terminal or --json shows more"
    assert (note in texts["classify"]) == (hidden is not None)


def test_paths_lose_the_folder_that_they_share_which_is_named(shown):
    _, texts = shown
    assert "In samples/history/quick-reel-maker/" in texts["classify namesakes"]
    assert "\nv1.json" in texts["classify namesakes"]


def test_names_are_shortened_in_the_middle():
    name = "The very long name of an app that goes on and on, version 2"
    [[first, *_]] = layout_table(
        [Column("Id", "word", 0), Column("Name", "name", 0)], [("a1", name)], 40
    ).rows
    assert first == "a1  The very long name…and on, version 2"


def test_a_table_in_a_pipe_is_whole():
    [[line]] = layout_table(["Name", Column("Why", "reason")], [("x" * 100, "y " * 100)], None).rows
    assert line == "x" * 100 + "  " + ("y " * 100).strip()


def test_a_long_value_of_a_field_goes_on_below_itself():
    assert layout_fields([("why", "one two three four five six seven eight")], 30) == [
        "why  one two three four five",
        "     six seven eight",
    ]


cells = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30)


@settings(max_examples=50)
@given(
    st.lists(st.sampled_from(KINDS), min_size=1, max_size=6).flatmap(
        lambda kinds: st.tuples(
            st.just(kinds), st.lists(st.tuples(*(cells for _ in kinds)), min_size=1, max_size=4)
        )
    ),
    st.integers(30, 200),
)
def test_no_column_is_lost_and_no_word_is_cut(table, width):
    """Every column is shown, stands below, or is named; words and numbers that are shown are shown whole."""
    kinds, rows = table
    columns = [Column(f"{kind}{place}", kind) for place, kind in enumerate(kinds)]
    made = layout_table(columns, rows, width)
    for row, lines in zip(rows, made.rows, strict=True):
        text = "".join("".join(lines).split())
        for column, cell in zip(columns, row, strict=True):
            if column.heading not in made.hidden and column.kind not in ("name", "path"):
                assert "".join(clean_cell(cell).split()) in text


def test_a_diff_says_once_on_a_terminal_what_could_not_be_compared(tmp_path: Path):
    estimate = tmp_path / "estimate.json"
    estimate.write_text(json.dumps({"appId": "another", "estimatedCredits": {"expected": 1}}))
    try_on = ROOT / "samples" / "try-on-single.json"
    [shown] = screens([["diff", try_on, try_on, "--old-estimate", estimate]], 200, tmp_path)
    assert shown.count("is the estimate of another") == 1
