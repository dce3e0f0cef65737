"""A diff as people read it: text, Markdown, HTML, and in git."""

import json
import re
from base64 import b64encode
from collections.abc import Callable
from copy import deepcopy
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from diffs import HOSTILE, hostile, line_of

from lamina_graph.diff import Acceptance, ComparisonPolicy, Diff, Version, diff
from lamina_graph.files import load
from lamina_graph.model import Credits, Estimate, Workflow
from lamina_graph.render import MAX_CHARACTERS, MAX_EDGES
from lamina_graph.report import run_driver
from lamina_graph.report.diff import html, markdown, text
from lamina_graph.report.diff.drawings import draw_diff
from lamina_graph.report.diff.html import MOST_CHANGES
from lamina_graph.report.diff.subgraph import changed_subgraph
from lamina_graph.report.diff.value_changes import ChangeRow, change_rows

SAMPLES = Path(__file__).parent.parent / "samples"
HISTORIES = sorted(path.name for path in (SAMPLES / "history").iterdir())


def step(name: str, number: int) -> Workflow:
    return load(SAMPLES / "history" / name / f"v{number}.json")


REEL = diff(step("quick-reel-maker", 3), step("quick-reel-maker", 4))
SAME = diff(step("quick-reel-maker", 3), step("quick-reel-maker", 3))


# text


def test_text_starts_with_the_counts_then_the_worst_changes():
    lines = text(REEL).splitlines()
    assert lines[0] == "Quick Reel Maker: 1 breaking, 6 risky, 1 cosmetic"
    assert lines[1].startswith("nodes 12 → 17 (+5 ~1), edges 20 → 25 (+5)")
    assert [line for line in lines if line in ("breaking", "risky", "cosmetic")] == [
        "breaking",
        "risky",
        "cosmetic",
    ]
    assert "  ✗ Deliverable renamed: Reel → Reel 9:16  [deliverable-renamed " in text(REEL)


def test_text_of_an_empty_diff_is_two_lines():
    assert text(SAME).splitlines() == ["Quick Reel Maker: no changes", "nodes 12, edges 20"]


def test_colour_is_only_there_where_asked_for():
    assert "\x1b[" not in text(REEL)
    assert "\x1b[1;31m" in text(REEL, colour=True)
    assert re.sub("\x1b\\[[0-9;]*m", "", text(REEL, colour=True)) == text(REEL)


def test_text_counts_what_it_leaves_out():
    old = load(
        {"nodes": [{"id": f"n{n}", "type": "noteNode", "label": f"a{n}"} for n in range(50)], "edges": []}
    )
    new = load(
        {"nodes": [{"id": f"n{n}", "type": "noteNode", "label": f"b{n}"} for n in range(50)], "edges": []}
    )
    shown = text(diff(old, new))
    assert shown.count("Label changed") == 20
    assert "… and 30 more, not listed here" in shown


def test_text_never_leaves_out_what_breaks_callers():
    old = load({"nodes": [{"id": f"n{n}", "type": "klingVideoNode"} for n in range(300)], "edges": []})
    new = load({"nodes": [], "edges": []})
    assert text(diff(old, new)).count("Deliverable removed") == 300


def test_accepted_and_unknown_changes_have_a_place_of_their_own():
    known = [Acceptance(app="Quick Reel Maker", rule="deliverable-renamed", reason="told the team")]
    one = Estimate(app_id="a", estimated_credits=Credits(expected=3))
    old, new = Version(REEL.old_workflow, estimate=one), Version(REEL.new_workflow)
    found = diff(old, new, policy=ComparisonPolicy(acceptances=known))
    for shown in (text(found), markdown(found), html(found)):
        assert "accepted" in shown
        assert "told the team" in shown
        assert "no estimate of the new version" in shown


def test_text_says_whether_the_diff_is_proved_minimal():
    assert "edit cost 11, proved minimal" in text(REEL)
    assert "edit cost 11, at most 2 above the minimum" in text(
        REEL.model_copy(update={"lower_bound": 9, "minimal": False})
    )


# Markdown


def rows(shown: str) -> list[str]:
    return [line for line in shown.splitlines() if line.startswith("| ")]


def test_markdown_has_a_row_for_each_change_and_a_picture():
    shown = markdown(REEL)
    assert len(rows(shown)) == 2 + len(REEL.changes)
    assert shown.count("```mermaid\nflowchart LR\n") == 1


def test_many_cosmetic_changes_of_one_rule_are_one_row_of_markdown():
    """Each change that counts for callers keeps a row and a fingerprint of its own."""
    ids = [f"n{i}" for i in range(9)]
    edges = [{"source": a, "target": b} for a, b in pairwise(ids)]
    old, new = (
        load(
            {
                "nodes": [{"id": id_, "type": "klingVideoNode", "label": f"{word} {id_}"} for id_ in ids],
                "edges": edges,
            }
        )
        for word in ("Shot", "Clip")
    )
    shown = markdown(diff(old, new))
    assert [change.rule for change in diff(old, new).changes] == [
        "deliverable-renamed",
        *["node-relabelled"] * 8,
    ]
    assert len(rows(shown)) == 2 + 2
    assert "| 8 × The label of an inner node changed. " in shown


def test_of_a_large_graph_a_comment_shows_what_changed_and_what_is_next_to_it():
    ids = [f"n{i}" for i in range(40)]
    edges = [{"source": a, "target": b} for a, b in pairwise(ids)]
    old, new = (
        load(
            {
                "nodes": [
                    {"id": id_, "type": "veoVideoNode" if id_ == swapped else "fluxImageNode"} for id_ in ids
                ],
                "edges": edges,
            }
        )
        for swapped in ("", "n20")
    )
    shown = markdown(diff(old, new))
    assert "19 unchanged nodes" in shown
    assert shown.count("-->") + shown.count("==>") == 4


def test_a_pipe_in_a_label_does_not_split_a_markdown_cell():
    for row in rows(markdown(hostile("a | b `c` \\| d"))):
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 4


def test_markdown_of_an_empty_diff_has_no_table_or_picture():
    assert markdown(SAME) == "### Quick Reel Maker: no changes\n\nnodes 12, edges 20\n"


@pytest.mark.parametrize("size", [MAX_EDGES + 2, 5_000])
def test_a_graph_too_large_to_draw_is_drawn_in_part_with_a_note(size: int):
    shown = markdown(diff(line_of(size), line_of(size, swapped=size // 2)))
    assert "is past GitHub's limits for Mermaid" in shown
    assert "only the changed part and its neighbours are drawn" in shown
    assert len(re.findall(r"^  n\d+[(\[{]", shown, re.MULTILINE)) == 3


def test_a_change_too_large_to_draw_is_listed_with_a_note():
    shown = markdown(diff(line_of(900), load({"name": "Long", "nodes": [], "edges": []})))
    assert "no picture is drawn here" in shown
    assert "```" not in shown


def test_markdown_fits_a_comment():
    old = line_of(600)
    types = {"veoVideoNode": "klingVideoNode", "klingVideoNode": "veoVideoNode"}
    nodes = tuple(node.model_copy(update={"type": types[node.type]}) for node in old.nodes)
    shown = markdown(diff(old, old.model_copy(update={"nodes": nodes})))
    assert len(shown) < 65_536
    assert "more, not listed here" in shown


def test_the_part_of_a_diff_is_what_changed_and_what_is_next_to_it():
    near = changed_subgraph(diff(line_of(40), line_of(40, swapped=20)))
    assert [node.id for node in near.new_workflow.nodes] == ["n19", "n20", "n21"]
    assert [node.id for node in near.old_workflow.nodes] == ["n19", "n20", "n21"]


# HTML


class Page(HTMLParser):
    """Gathers the tags, attributes and text of a page."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("name", HISTORIES)
def test_a_page_has_every_change_and_its_picture(name: str):
    for number in range(1, 5):
        found = diff(step(name, number), step(name, number + 1))
        page = Page(html(found))
        note = "\n".join(page.text)
        assert all(change.text in note and change.fingerprint in note for change in found.changes)
        assert "svg" in page.tags


def test_a_page_of_an_empty_diff_says_so():
    assert "no changes" in "".join(Page(html(SAME)).text)


def test_a_page_shows_both_versions_in_one_picture():
    page = html(REEL)
    assert page.count('class="lg-node"') == 17
    assert page.count('class="lg-line"') == 25
    assert "of 17 nodes" not in page


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        (line_of(900), line_of(900, swapped=450), "What changed and what is next to it: 3 of 900 nodes"),
        (line_of(900), line_of(900, swapped=450, every=2), "What changed: 450 of 900 nodes"),
        (line_of(900), line_of(900, swapped=450, every=1), "The first changes: 600 of 900 nodes"),
        (line_of(900), line_of(900, name="Short"), "No picture: the graph is large (900 nodes), and no node"),
        (line_of(0), line_of(0, name="None"), "No picture: there are no nodes in either version"),
    ],
)
def test_a_page_says_which_part_of_a_large_graph_it_shows(old: Workflow, new: Workflow, note: str):
    page = html(diff(old, new))
    assert note in page
    assert page.count('class="lg-node"') == int("".join(re.findall(r": ([\d,]+) of", note)) or 0)


def test_a_page_counts_the_changes_that_it_does_not_list():
    nodes = [{"id": f"n{n}", "type": "klingVideoNode"} for n in range(MOST_CHANGES + 7)]
    page = html(diff(*(load({"nodes": each, "edges": []}) for each in (nodes, []))))
    assert page.count('data-nodes="') == MOST_CHANGES + 3
    assert "… and 7 more, not listed here" in page


def row_of(found: Diff, rule: str) -> ChangeRow:
    """The first row of a rule on the page."""
    return next(row for row in change_rows(found.changes, draw_diff(found).svg) if row.change.rule == rule)


def test_a_change_knows_its_nodes_and_lines_in_the_picture():
    found = diff(step("quick-reel-maker", 1), step("quick-reel-maker", 4))
    drawn = draw_diff(found).svg
    titles = {node.id: node.title for node in found.new_workflow.nodes}
    names = [titles[new or ""] for _, new in drawn.nodes]
    row = row_of(found, "edge-removed")
    pairs = [tuple(names[end] for end in drawn.lines[line]) for line in row.lines]
    assert sorted(pairs) == [("Product photo", name) for name in ("Shot 1 (hero)", "Shot 2", "Shot 3")]
    row = row_of(found, "node-added")
    assert [names[node] for node in row.nodes] == ["Music"]
    assert sorted(names[node] for node in row.near) == ["Cut the reel", "Shot list"]


def test_equal_cards_of_all_versions_are_drawn_once():
    drawn = draw_diff(diff(step("quick-reel-maker", 1), step("quick-reel-maker", 4))).svg
    faces = {
        line.split("\n")[0]: [set(each.split()) for each in re.findall('class="lg-in ([a-z ]+)"', inside)]
        for line, inside in re.findall(
            "<title>(.*?)</title>(.*?)(?=<g class=.lg-node|$)", drawn.svg, re.DOTALL
        )
    }
    assert faces["Shot list"] == []
    assert faces["Music"] == [{"both", "new"}]
    assert faces["Reel 9:16"] == [{"old"}, {"both"}, {"new"}]
    assert not drawn.alike


def test_without_a_mark_a_picture_has_the_colours_of_roles():
    assert draw_diff(SAME).svg.alike
    assert 'class="lg-generate"' in draw_diff(SAME).svg.svg


def test_a_replaced_node_is_drawn_as_one_removed_and_one_added():
    old = load({"nodes": [{"id": "a", "type": "noteNode"}], "edges": []})
    found = diff(old, load({"nodes": [{"id": "b", "type": "klingVideoNode"}], "edges": []}))
    assert (len(found.matches), found.presented.matches) == (1, ())
    drawing = draw_diff(found)
    assert len(drawing.svg.nodes) == 2
    assert all(row.nodes for row in change_rows(found.changes, drawing.svg) if row.change.nodes)


def set_to(**settings: object) -> Workflow:
    return load({"nodes": [{"id": "a", "type": "klingVideoNode", "data": settings}], "edges": []})


def test_settings_are_shown_field_by_field_and_word_by_word():
    found = diff(
        set_to(prompt="a red hat on wet sand", seed=7), set_to(prompt="a blue hat on wet sand", steps=4)
    )
    turns = row_of(found, "prompt-changed").values + row_of(found, "seed-changed").values
    assert [turn.name for turn in turns] == ["data.prompt", "data.seed"]
    assert [piece.text for piece in turns[0].before if piece.changed] == ["red "]
    assert [piece.text for piece in turns[0].after if piece.changed] == ["blue "]
    assert [turns[1].before[0].text, turns[1].after[0].text] == ["7", "not set"]


def test_words_that_changed_keep_the_blanks_around_them_on_a_page():
    page = html(diff(set_to(prompt="a red hat on sand"), set_to(prompt="a blue hat on sand")))
    assert "<bdi>a <mark>red </mark>hat on sand</bdi>" in page
    assert "<bdi>a <mark>blue </mark>hat on sand</bdi>" in page


def test_long_texts_are_cut_and_not_compared_word_by_word():
    turn = row_of(diff(set_to(a="x " * 5_000), set_to(a="y " * 5_000)), "prompt-changed").values[0]
    assert [len(piece.text) for piece in turn.before] == [2_000]


def test_a_page_names_the_versions_as_the_user_did():
    page = "".join(Page(html(REEL, refs=("main:reel.json", "reel.json"))).text)
    assert re.search(r"main:reel\.json\s+→\s+reel\.json", page)


def test_a_page_says_what_is_ignored():
    policy = ComparisonPolicy(severities={"deliverable-renamed": "ignore"})
    found = diff(REEL.old_workflow, REEL.new_workflow, policy=policy)
    assert "1 change is not listed here: the configuration sets its rule to" in html(found)


def test_a_page_allows_its_own_style_and_script_and_nothing_else():
    page = html(REEL)
    digests = {
        tag: b64encode(sha256(found.encode()).digest()).decode()
        for tag in ("style", "script")
        for found in re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    }
    policy = (
        f"default-src 'none'; style-src 'sha256-{digests['style']}'; "
        f"script-src 'sha256-{digests['script']}'; base-uri 'none'; form-action 'none'"
    )
    assert ("content", policy) in Page(page).attributes
    assert page.count("<style") == page.count("<script") == 1


@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_words_come_out_as_text(word: str):
    found = hostile(word)
    page = Page(html(found))
    assert not {"img", "iframe", "object", "link", "base", "b"} & set(page.tags)
    assert page.tags.count("script") == 1
    assert not any(name.startswith("on") or name == "style" for name, _ in page.attributes)
    assert not {"src", "action", "data"} & {name for name, _ in page.attributes}
    assert all(
        re.fullmatch("#change=[0-9a-f]{12}", value) for name, value in page.attributes if name == "href"
    )
    for shown in (text(found), markdown(found), html(found)):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    headings = [line for line in text(found).splitlines() if line and not line.startswith(" ")]
    assert set(headings[2:]) <= {"breaking", "risky", "cosmetic"}
    assert markdown(found).count("```") in (0, 2)
    assert len(markdown(found)) < MAX_CHARACTERS


@pytest.mark.parametrize("word", HOSTILE)
def test_a_page_carries_the_new_version(word: str):
    found = hostile(word)
    assert load(html(found).encode()) == found.new_workflow


def test_the_same_diff_gives_the_same_bytes():
    again = diff(step("quick-reel-maker", 3), step("quick-reel-maker", 4))
    for form in (text, markdown, html):
        assert form(REEL) == form(again)


# git


def saved(folder: Path, name: str, content: object) -> str:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def called(old: str, new: str, *more: str) -> list[str]:
    """What git gives its driver."""
    return ["diff", "flows/app.json", old, "0" * 40, "100644", new, "1" * 40, "100644", *more]


CLIP = {"name": "Clip", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []}
SWAPPED = CLIP | {"nodes": [{"id": "a", "type": "veoVideoNode"}]}


def test_git_sees_the_changes(tmp_path: Path):
    shown = run_driver(called(saved(tmp_path, "old", CLIP), saved(tmp_path, "new", SWAPPED)))
    assert shown.splitlines()[:2] == ["diff --lamina-graph flows/app.json", "Clip: 1 risky"]
    assert "Model swapped: Kling Video → Veo Video" in shown


def test_git_sees_a_renamed_file(tmp_path: Path):
    shown = run_driver(
        called(saved(tmp_path, "old", CLIP), saved(tmp_path, "new", CLIP), "flows/clip.json", "note")
    )
    assert shown.splitlines()[:2] == [
        "diff --lamina-graph flows/app.json → flows/clip.json",
        "Clip: no changes",
    ]


def test_git_sees_new_and_deleted_files(tmp_path: Path):
    path = saved(tmp_path, "a", CLIP)
    assert "\nnew file\nClip: 4 risky\nnodes 0 → 1 (+1)" in run_driver(called("/dev/null", path))
    assert "\ndeleted file\nClip: 1 breaking, 3 risky\nnodes 1 → 0 (−1)" in run_driver(
        called(path, "/dev/null")
    )


def test_git_compares_other_files_line_by_line(tmp_path: Path):
    shown = run_driver(called(saved(tmp_path, "old", "[1]\n[2]\n"), saved(tmp_path, "new", "[1]\n[3]\n")))
    assert "not a workflow on both sides" in shown
    assert "\n-[2]\n+[3]" in shown


@pytest.mark.parametrize("words", [[], ["diff"], ["diff", "a", "b"], ["textconv"], ["x", "y"]])
def test_unknown_arguments_do_not_stop_the_driver(words: list[str]):
    assert run_driver(words)


def test_a_missing_file_does_not_stop_the_driver(tmp_path: Path):
    gone = str(tmp_path / "gone")
    assert "not compared" in run_driver(called(gone, gone))
    assert "not compared" in run_driver(["textconv", gone])


def test_a_workflow_as_lines_does_not_depend_on_its_order(tmp_path: Path):
    flow = json.loads((SAMPLES / "extra-fields.json").read_text())
    data = flow.get("data", flow)
    turned = data | {"nodes": data["nodes"][::-1], "edges": data["edges"][::-1]}
    shown = run_driver(["textconv", saved(tmp_path, "a", data)])
    assert shown == run_driver(["textconv", saved(tmp_path, "b", turned)])
    assert len([line for line in shown.splitlines() if line.startswith("node ")]) == len(data["nodes"])
    assert len([line for line in shown.splitlines() if line.startswith("edge ")]) == len(data["edges"])
    assert '"position"' not in shown


def test_what_a_file_does_not_tell_stands_in_its_lines(tmp_path: Path):
    """Else `git log -p` would show no change where a link came from nowhere."""
    known: dict[str, Any] = {"2": {"class_type": "SaveImage", "inputs": {}}}
    loose = {"2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}}}
    lines = [run_driver(["textconv", saved(tmp_path, "a", each)]).splitlines() for each in (known, loose)]
    assert set(lines[1]) - set(lines[0]) == {"unknown: 1 link from nodes that the file does not have."}


def test_git_sees_that_a_file_became_executable(tmp_path: Path):
    path = saved(tmp_path, "a", CLIP)
    shown = run_driver([*called(path, path)[:-1], "100755"])
    assert "\nmode 100644 → 100755\nClip: no changes" in shown


def test_any_other_file_is_its_own_lines(tmp_path: Path):
    assert run_driver(["textconv", saved(tmp_path, "a", "{\n 1}\n")]) == "{\n 1}"


FLOW = {
    "appId": "reels",
    "name": "Reels",
    "nodes": [
        {"id": "prompt", "type": "textInputNode", "label": "Prompt"},
        {"id": "clip", "type": "klingVideoNode", "data": {"steps": 4, "size": {"wide": 16, "high": 9}}},
        {"id": "twin", "type": "fluxNode", "label": "Still"},
        {"id": "twin", "type": "sdxlNode", "label": "Still"},
        {"id": "loose", "type": "noteNode"},
    ],
    "edges": [
        {"source": "prompt", "target": "clip", "targetHandle": "text"},
        {"source": "prompt", "target": "twin"},
        {"source": "prompt", "target": "nowhere"},
    ],
}


def node_edit(index: int, **fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda flow: flow["nodes"][index].update(fields)


def edge_edit(index: int, **fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda flow: flow["edges"][index].update(fields)


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "app id": lambda flow: flow.update(appId="reels-2"),
    "app id gone": lambda flow: flow.pop("appId"),
    "name": lambda flow: flow.update(name="Clips"),
    "name with a blank more": lambda flow: flow.update(name="Reels "),
    "name empty": lambda flow: flow.update(name=""),
    "name gone": lambda flow: flow.pop("name"),
    "unknown field of the app": lambda flow: flow.update(schedule="daily"),
    "view of the canvas": lambda flow: flow.update(viewport={"zoom": 2}),
    "node added": lambda flow: flow["nodes"].append({"id": "new", "type": "veoVideoNode"}),
    "node removed": lambda flow: flow["nodes"].pop(),
    "id": node_edit(4, id="looser"),
    "id with a blank more": node_edit(4, id="loose "),
    "type": node_edit(1, type="veoVideoNode"),
    "type that reads the same": node_edit(1, type="kling_video_node"),
    "type in capitals": node_edit(1, type="KlingVideoNode"),
    "label": node_edit(0, label="Text"),
    "label with a blank at its end": node_edit(0, label="Prompt "),
    "label with two blanks inside": node_edit(0, label="Pro  mpt"),
    "label with a character that hides": node_edit(0, label="Pro\u200bmpt"),
    "label with an escape written out": node_edit(0, label="Pro\\u200bmpt"),
    "label that closes its quotes": node_edit(0, label="Prompt” (prompt"),
    "label gone": lambda flow: flow["nodes"][0].pop("label"),
    "label empty": node_edit(4, label=""),
    "label as the type": node_edit(4, label="noteNode"),
    "label added": node_edit(1, label="Hero"),
    "setting": node_edit(1, data={"steps": 5, "size": {"wide": 16, "high": 9}}),
    "setting within a setting": node_edit(1, data={"steps": 4, "size": {"wide": 9, "high": 9}}),
    "setting that is a number as text": node_edit(1, data={"steps": "4", "size": {"wide": 16, "high": 9}}),
    "setting gone": node_edit(1, data={"steps": 4}),
    "unknown field of a node": node_edit(0, hidden=True),
    "unknown field of a node that is null": node_edit(0, hidden=None),
    "place on the canvas": node_edit(0, position={"x": 1, "y": 2}),
    "which node of an id is the first": lambda flow: flow["nodes"].insert(2, flow["nodes"].pop(3)),
    "edge added": lambda flow: flow["edges"].append({"source": "clip", "target": "twin"}),
    "edge removed": lambda flow: flow["edges"].pop(0),
    "edge turned round": edge_edit(0, source="clip", target="prompt"),
    "edge twice": lambda flow: flow["edges"].append(dict(flow["edges"][0])),
    "edge to another missing node": edge_edit(2, target="elsewhere"),
    "handle of an edge": edge_edit(0, targetHandle="image"),
    "handle of an edge gone": lambda flow: flow["edges"][0].pop("targetHandle"),
    "unknown field of an edge": edge_edit(1, weight=2),
    "id of an edge": edge_edit(1, id="e1"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_git_shows_every_change_that_a_diff_knows(tmp_path: Path, edit: str):
    """What `git show` and `git log -p` compare are these lines: equal lines are an empty diff."""
    changed = deepcopy(FLOW)
    EDITS[edit](changed)
    shown = [run_driver(["textconv", saved(tmp_path, "flow", flow)]) for flow in (FLOW, changed)]
    assert diff(load(FLOW), load(changed)).changes
    assert shown[0] != shown[1]


@pytest.mark.parametrize("own", [{}, {"label": ""}, {"label": "imageOutputNode"}])
def test_a_label_in_data_is_one_beside_a_label_that_only_repeats_the_type(own: dict[str, str]):
    """The API gives the type as the label of a node that nobody named."""

    def flow(label: str) -> Workflow:
        output = {"id": "out", "type": "imageOutputNode", "data": {"label": label}, **own}
        nodes = [{"id": "make", "type": "fluxNode"}, output]
        return load({"nodes": nodes, "edges": [{"source": "make", "target": "out"}]})

    found = diff(flow("Poster"), flow("Banner"))
    assert [change.rule for change in found.changes] == ["deliverable-renamed"]


def test_git_distinguishes_invalid_bytes(tmp_path: Path):
    paths = [tmp_path / "a", tmp_path / "b"]
    for path, content in zip(paths, (b"\xff\xfe\x00", b"\xfe\xff\x00"), strict=True):
        path.write_bytes(content)
    assert run_driver(["textconv", str(paths[0])]) != run_driver(["textconv", str(paths[1])])
