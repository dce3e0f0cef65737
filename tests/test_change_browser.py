"""The page of a diff in Chromium: what it shows, what it does, and what it must not do."""

import re
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import address_of, expect_equal, expect_true, expect_within, watched
from conftest import SAMPLES
from diffs import HOSTILE, hostile, line_of
from playwright.sync_api import expect

from lamina_graph.diff import diff
from lamina_graph.files import load
from lamina_graph.report.diff import html

REEL = SAMPLES / "history" / "quick-reel-maker"


@pytest.fixture(scope="module")
def found():
    return diff(load(REEL / "v1.json"), load(REEL / "v4.json"))


@pytest.fixture(scope="module")
def address(found, tmp_path_factory):
    return saved(tmp_path_factory.mktemp("diff"), found)


@pytest.fixture
def opened(page, address):
    page.goto(address)
    return page


def saved(folder, found):
    path = folder / "diff.html"
    path.write_text(html(found, refs=("main:reel.json", "reel.json")), encoding="utf-8")
    return path.as_uri()


def change(page, text):
    """The row of a change."""
    return page.locator("li.change", has_text=text)


def node(page, title):
    """The group of a node in the picture."""
    return page.locator(".lg-node", has_text=re.compile(f"^{re.escape(title)}\n"))


def box_of(page, title="Shot list"):
    """Where a node stands in the window."""
    return node(page, title).bounding_box()


def titles(page, selector):
    """What the nodes are called that a selector finds."""
    found = page.locator(f".lg-node{selector} > title").all_text_contents()
    return sorted(title.split("\n")[0] for title in found)


def expect_titles(page, selector, wanted):
    """Wait until the nodes that a selector finds are called so."""
    expect_equal(lambda: titles(page, selector), sorted(wanted))


def seen(page):
    """What is written on the cards that can be seen."""
    return page.locator(".lg-node text:visible").all_text_contents()


def test_many_changes_of_one_rule_are_one_row_that_opens(page, tmp_path):
    """Stepping, searching and links open it, too."""
    nodes = [{"id": f"n{i}", "type": "klingVideoNode", "label": f"Shot {i}"} for i in range(8)]
    edges = [{"source": "n0", "target": f"n{i}"} for i in range(1, 8)]
    renamed = [{**node, "label": f"Clip {i}"} for i, node in enumerate(nodes)]
    old, new = (load({"name": "Reel", "nodes": rows, "edges": edges}) for rows in (nodes, renamed))
    page.goto(saved(tmp_path, diff(old, new)))
    group = page.locator("li.alike > details")
    expect(group).to_have_count(1)
    expect(group.locator("summary").first).to_contain_text("7 × A deliverable was renamed.")
    expect(change(page, "Clip 3")).not_to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(group).to_have_attribute("open", "")
    expect(page.locator("#position")).to_have_text("1 of 8")
    group.locator("> summary").click()
    page.get_by_role("searchbox").fill("clip 3")
    expect(change(page, "Clip 3")).to_be_visible()
    page.get_by_role("searchbox").fill("nothing like this")
    expect(page.locator("li.alike")).not_to_be_visible()


def test_of_a_large_graph_the_picture_begins_at_what_changed(page, tmp_path):
    """It says so, and one button shows the whole."""
    ids = [f"n{i}" for i in range(80)]
    edges = [{"source": a, "target": b} for a, b in pairwise(ids)]
    old, new = (
        load(
            {
                "name": "Long",
                "nodes": [
                    {"id": id_, "type": "veoVideoNode" if id_ == swapped else "fluxImageNode", "label": id_}
                    for id_ in ids
                ],
                "edges": edges,
            }
        )
        for swapped in ("", "n40")
    )
    page.goto(saved(tmp_path, diff(old, new)))
    width = "node => node.getBoundingClientRect().width"
    expect(page.locator(".tools .said")).to_have_text("Opened at what changed; Fit shows the whole.")
    expect(node(page, "n40")).to_be_in_viewport()
    expect_true(lambda: node(page, "n40").evaluate(width) > 60)
    near = node(page, "n40").evaluate(width)
    page.get_by_role("button", name="Fit").click()
    expect(node(page, "n0")).to_be_in_viewport()
    expect_true(lambda: node(page, "n40").evaluate(width) <= near)


def test_every_change_is_listed_under_its_severity(opened, found):
    for heading in ("breaking", "risky", "cosmetic"):
        texts = opened.locator(f"section.{heading} .change .text > bdi").all_text_contents()
        assert texts == [each.text for each in found.changes if each.severity == heading]
        expect(opened.locator(f"section.{heading} h2 small")).to_have_text(str(len(texts)))
    expect(opened.locator("header")).to_contain_text("main:reel.json → reel.json")
    expect(opened.locator("header")).to_contain_text("edit cost 29, proved minimal")


def test_arrow_keys_step_through_the_changes_and_stop_at_the_ends(opened, found):
    position = opened.locator("#position")
    expect(position).to_have_text("10 changes")
    for place, each in enumerate(found.changes, 1):
        opened.keyboard.press("ArrowRight" if place % 2 else "j")
        expect(position).to_have_text(f"{place} of 10")
        expect(opened.locator(".change.current .text > bdi")).to_have_text(each.text)
        expect(opened.get_by_role("status")).to_have_text(f"{place} of 10: {each.text}")
        expect(opened.locator(".change details[open]")).to_have_count(1)
    opened.keyboard.press("ArrowRight")
    expect(position).to_have_text("10 of 10")
    expect(opened.get_by_role("button", name="Next change")).to_be_disabled()
    opened.keyboard.press("ArrowLeft")
    opened.keyboard.press("k")
    expect(position).to_have_text("8 of 10")
    opened.keyboard.press("Escape")
    expect(position).to_have_text("10 changes")
    expect(opened.locator(".change.current")).to_have_count(0)
    opened.keyboard.press("ArrowLeft")
    expect(position).to_have_text("10 of 10")


def test_the_current_change_is_lit_in_the_picture(opened):
    change(opened, "Music added").locator("summary").click()
    expect_titles(opened, ".on", ["Music"])
    expect_titles(opened, ".near", ["Cut the reel", "Shot list"])
    expect(opened.locator(".lg-line.on")).to_have_count(2)
    expect(node(opened, "Shot 5")).to_have_css("opacity", "0.42")
    expect(node(opened, "Music")).to_have_css("opacity", "1")
    change(opened, "Music added").locator("summary").click()
    expect_titles(opened, ".on", [])


def test_a_click_on_a_node_goes_through_the_changes_that_touch_it(opened):
    node(opened, "Shot 1 (hero)").click()
    expect(opened.locator(".change.current")).to_contain_text("Shot 1 (hero)")
    first = opened.locator(".change.current").get_attribute("id")
    node(opened, "Shot 1 (hero)").click()
    expect_true(lambda: opened.locator(".change.current").get_attribute("id") != first)
    node(opened, "What is the reel about?").click()
    expect(opened.locator(".change.current")).to_have_count(0)


def test_a_row_and_its_nodes_light_up_together(opened):
    change(opened, "Music added").hover()
    expect_titles(opened, ".glow", ["Music"])
    node(opened, "Music").hover()
    expect(opened.locator(".change.glow")).to_have_count(1)
    expect_titles(opened, ".glow", [])


def test_old_both_and_new_share_their_places(opened):
    def places():
        return opened.locator(".lg-node").evaluate_all(
            "all => Object.fromEntries(all.map(each => [each.textContent, each.getBBox()])"
            ".filter(([text, box]) => box.width).map(([text, box]) => [text, `${box.x} ${box.y}`]))"
        )

    both = places()
    assert {"Reel 9:16", "was Reel", "Music"} <= set(seen(opened))
    opened.keyboard.press("o")
    expect(opened.get_by_role("button", name="old", exact=True)).to_have_attribute("aria-pressed", "true")
    old = places()
    assert "Reel" in seen(opened)
    assert not {"Reel 9:16", "was Reel", "Music"} & set(seen(opened))
    opened.keyboard.press("3")
    expect(opened.get_by_role("button", name="new", exact=True)).to_have_attribute("aria-pressed", "true")
    new = places()
    assert {"Reel 9:16", "Music"} <= set(seen(opened))
    assert "was Reel" not in seen(opened)
    assert [len(each) for each in (old, both, new)] == [8, 17, 17]
    assert all(both[title] == place for each in (old, new) for title, place in each.items())
    assert opened.locator(".lg-line").count() == 28


def test_edges_are_shown_with_their_version(opened):
    def shown(kind):
        lines = opened.locator(f".lg-line path.lg-{kind}")
        return lines.evaluate_all("all => all.filter(each => each.getClientRects().length).length")

    for view, added, removed in (("old", 0, 3), ("both", 17, 3), ("new", 17, 0)):
        opened.get_by_role("button", name=view, exact=True).click()
        expect_equal(lambda: (shown("added"), shown("removed")), (added, removed))


def test_a_change_that_a_version_does_not_have_is_shown_in_both(opened):
    opened.keyboard.press("o")
    expect(opened.get_by_role("button", name="both", exact=True)).to_have_attribute("aria-pressed", "false")
    change(opened, "Music added").locator("summary").click()
    expect(opened.get_by_role("button", name="both", exact=True)).to_have_attribute("aria-pressed", "true")


def test_the_current_change_comes_into_sight_large_enough_to_read(page, tmp_path):
    page.goto(saved(tmp_path, diff(line_of(300), line_of(300, swapped=290))))
    change(page, "Model swapped").locator("summary").click()
    card = page.locator(".lg-node.on .lg-b:visible")
    expect(card).to_be_in_viewport(ratio=1)
    expect_true(lambda: card.bounding_box()["width"] > 80)
    page.keyboard.press("0")
    expect_true(lambda: card.bounding_box()["width"] < 40)


def test_a_visible_change_does_not_move_the_picture(opened):
    before = node(opened, "Shot list").bounding_box()
    for _ in range(10):
        opened.keyboard.press("ArrowRight")
    expect(opened.locator("#position")).to_have_text("10 of 10")
    assert node(opened, "Shot list").bounding_box() == before


def test_wheel_drag_keys_and_buttons_move_the_picture(opened):
    start = box_of(opened)

    def width():
        return box_of(opened)["width"] / start["width"]

    for grow, shrink in (("+", "-"), ("=", "0")):
        opened.keyboard.press(grow)
        expect_true(lambda: width() > 1.2)
        opened.keyboard.press(shrink)
        expect_equal(width, pytest.approx(1))
    opened.get_by_role("button", name="Zoom in").click()
    expect_true(lambda: width() > 1.2)
    opened.get_by_role("button", name="Fit").click()
    expect_equal(width, pytest.approx(1))
    opened.mouse.move(start["x"] + 5, start["y"] + 5)
    opened.mouse.wheel(0, -300)
    expect_true(lambda: width() > 1.2)
    before = box_of(opened)
    assert before["x"] == pytest.approx(start["x"], abs=8)
    opened.mouse.down()
    opened.mouse.move(start["x"] + 65, start["y"] + 45, steps=4)
    opened.mouse.up()
    expect_equal(lambda: box_of(opened)["x"], pytest.approx(before["x"] + 60, abs=2))
    after = box_of(opened)
    assert after["y"] - before["y"] == pytest.approx(40, abs=2)
    expect(opened.locator(".change.current")).to_have_count(0)
    opened.keyboard.press("Shift+ArrowRight")
    expect_equal(lambda: box_of(opened)["x"], pytest.approx(after["x"] - 80, abs=2))


def test_search_finds_words_labels_types_and_ids(opened, found):
    opened.keyboard.press("/")
    expect(opened.get_by_role("searchbox")).to_be_focused()
    for asked, wanted in (
        ("music", ["Music"]),
        ("suno", ["Music"]),
        ("scriptWriterNode", ["Shot list"]),
        (found.new_workflow.nodes[0].id, [found.new_workflow.nodes[0].title]),
    ):
        opened.get_by_role("searchbox").fill(asked)
        expect_true(lambda wanted=wanted: set(wanted) <= set(titles(opened, ".on")) < set(titles(opened, "")))
    opened.get_by_role("searchbox").fill("music")
    expect(opened.locator(".change:visible")).to_have_count(1)
    expect(opened.locator("section.risky h2 small")).to_have_text("1 of 8")
    expect(opened.locator("section.breaking")).to_be_hidden()
    opened.keyboard.press("Enter")
    expect(opened.locator("#position")).to_have_text("1 of 1")
    opened.get_by_role("searchbox").fill("nothing says this")
    expect(opened.locator("#nothing")).to_be_visible()
    opened.keyboard.press("Escape")
    expect(opened.locator(".change:visible")).to_have_count(10)
    expect(opened.get_by_role("searchbox")).not_to_be_focused()


def test_arrows_in_the_search_move_its_cursor_only(opened):
    opened.get_by_role("searchbox").fill("shot")
    opened.keyboard.press("ArrowLeft")
    opened.keyboard.type("x")
    expect(opened.get_by_role("searchbox")).to_have_value("shoxt")
    expect(opened.locator(".change.current")).to_have_count(0)


def test_a_severity_filters_the_list_and_the_steps(opened):
    opened.get_by_role("button", name="1 cosmetic").click()
    expect(opened.locator(".change:visible")).to_have_count(1)
    expect_titles(opened, ".on", ["Shot 1 (hero)"])
    opened.get_by_role("button", name="1 breaking").click()
    expect(opened.locator("#position")).to_have_text("2 changes")
    opened.keyboard.press("ArrowRight")
    opened.keyboard.press("ArrowRight")
    expect(opened.locator(".change.current")).to_contain_text("Label changed")
    opened.get_by_role("button", name="1 cosmetic").click()
    expect(opened.locator(".change.current")).to_have_count(0)
    opened.get_by_role("button", name="1 breaking").click()
    expect(opened.locator(".change:visible")).to_have_count(10)


def test_the_address_keeps_the_change_and_the_version(opened, chromium, found):
    change(opened, "Music added").locator("summary").click()
    opened.keyboard.press("n")
    expect_true(lambda: "view=new" in address_of(opened))
    with watched(chromium) as again:
        again.goto(address_of(opened))
        expect(again.locator(".change.current")).to_contain_text("Music added")
        expect(again.get_by_role("button", name="new", exact=True)).to_have_attribute("aria-pressed", "true")
        again.evaluate(f"location.hash = 'change={found.changes[0].fingerprint}'")
        expect(again.locator(".change.current")).to_contain_text(found.changes[0].text)
        again.evaluate("location.hash = 'change=000000000000'")
        expect(again.locator(".change.current")).to_have_count(0)


def test_a_link_shows_a_change_that_a_filter_hides(opened, found):
    opened.get_by_role("button", name="1 cosmetic").click()
    opened.evaluate(f"location.hash = 'change={found.changes[0].fingerprint}'")
    expect(opened.locator(".change.current")).to_contain_text(found.changes[0].text)


def test_details_say_what_became_what_and_of_which_edits(opened):
    row = change(opened, "Deliverable renamed")
    expect(row.locator(".was")).to_be_hidden()
    row.locator("summary").press("Enter")
    expect(row.locator(".was")).to_contain_text("Reel")
    expect(row.locator(".is")).to_contain_text("Reel 9:16")
    expect(row.locator("summary")).to_be_focused()
    opened.keyboard.press("ArrowRight")
    expect(change(opened, "Deliverable added: Shot 4").locator("summary")).to_be_focused()
    expect(opened.locator(".current .edits li")).to_have_count(12)


def brightness(page, place):
    """How bright the page is at a place, black being 0 and white 765."""
    paper = page.locator(place).evaluate(
        "each => { const style = getComputedStyle(each);"
        " return each.tagName === 'BODY' ? style.backgroundColor : style.fill; }"
    )
    return sum(map(int, re.findall(r"\d+", paper)[:3]))


@pytest.mark.parametrize(("scheme", "bright"), [("light", True), ("dark", False)])
def test_the_page_and_the_picture_follow_the_reader_and_the_button(chromium, address, scheme, bright):
    with watched(chromium, color_scheme=scheme) as page:
        page.goto(address)
        for wanted in (bright, True, False, bright):
            for place in ("body", ".lg-same .lg-b >> nth=0"):
                expect_equal(lambda place=place: brightness(page, place) > 382, wanted)
            page.get_by_role("button", name="Theme").click()


def test_print_has_the_list_and_the_picture_in_both_and_no_controls(opened):
    opened.keyboard.press("ArrowRight")
    opened.keyboard.press("o")
    opened.keyboard.press("+")
    opened.emulate_media(media="print")
    for control in ("form", "#position", ".switch", ".zoom", "#theme", ".link"):
        expect(opened.locator(control).first).to_be_hidden()
    assert opened.locator(".change:visible").count() == 10
    assert {"Reel 9:16", "was Reel", "Music"} <= set(seen(opened))
    expect(opened.locator(".lg-graph")).to_have_css("transform", "none")
    expect(node(opened, "Music")).to_have_css("opacity", "1")
    assert opened.locator(".stage").bounding_box()["y"] > opened.locator(".change").last.bounding_box()["y"]
    assert opened.pdf().startswith(b"%PDF")


def test_without_scripts_the_list_and_the_picture_in_both_can_be_read(chromium, address, found):
    with watched(chromium, java_script_enabled=False) as page:
        page.goto(f"{address}#change={found.changes[-1].fingerprint}")
        assert page.locator(".change:visible").count() == 10
        assert {"Reel 9:16", "was Reel", "Music"} <= set(seen(page))
        assert page.locator("form, .switch, .zoom, #theme").evaluate_all(
            "all => all.every(e => !e.offsetWidth)"
        )
        change(page, "Deliverable renamed").locator("summary").click()
        expect(change(page, "Deliverable renamed").locator(".was")).to_be_visible()


def test_two_versions_that_are_the_same_need_neither_list_nor_switch(page, tmp_path):
    same = load(REEL / "v4.json")
    page.goto(saved(tmp_path, diff(same, same)))
    expect(page.locator("main")).to_contain_text("The two versions are the same.")
    assert page.locator(".lg-node").count() == 17
    assert page.locator(".switch, form, #position").count() == 0
    for key in ("ArrowRight", "o", "/", "Escape", "+"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Theme").click()


def test_two_fingers_zoom_and_one_moves(chromium, address):
    with watched(chromium, has_touch=True) as page:
        page.goto(address)
        touch = page.context.new_cdp_session(page)
        before = node(page, "Shot list").bounding_box()

        def touched(kind, *points):
            fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

        touched("touchStart", (800, 500), (900, 500))
        for far in (920, 960, 1000):
            touched("touchMove", (800, 500), (far, 500))
        touched("touchEnd")
        expect_equal(lambda: box_of(page)["width"], pytest.approx(2 * before["width"], rel=0.05))
        after = box_of(page)
        touched("touchStart", (800, 500))
        for down in (520, 560):
            touched("touchMove", (800, down))
        touched("touchEnd")
        expect_equal(lambda: box_of(page)["y"], pytest.approx(after["y"] + 60, abs=5))


@pytest.mark.parametrize("size", [0, 700])
def test_changes_can_be_stepped_through_without_a_picture(page, tmp_path, size):
    page.goto(saved(tmp_path, diff(line_of(size), line_of(size, name="Other"))))
    expect(page.locator("#picture")).to_contain_text("No picture")
    for key in ("ArrowRight", "o", "+"):
        page.keyboard.press(key)
    expect(page.locator(".change.current")).to_contain_text("App renamed")


def test_hostile_text_is_shown_as_it_is_and_does_nothing(page, tmp_path):
    for word in HOSTILE:
        page.goto(saved(tmp_path, hostile(word)))
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        page.get_by_role("searchbox").fill(word[:200])
        assert page.evaluate("window.hurt") is None
        assert page.locator("img, iframe, object, embed, body b").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [360, 700, 1000, 1400, 1920])
def test_nothing_sticks_out_of_the_page(opened, width):
    expect_within(opened, width)
    opened.keyboard.press("ArrowRight")
    expect(opened.locator(".change.current")).to_have_count(1)
    expect_within(opened, width)
    expect(opened.locator(".change.current summary")).to_be_in_viewport()
    expect(node(opened, "Reel 9:16").locator(".lg-b:visible")).to_be_in_viewport()


@pytest.mark.parametrize(
    ("scheme", "width", "state"),
    [
        ("light", 1400, "current"),
        ("dark", 1400, "filtered"),
        ("light", 400, "start"),
        ("dark", 400, "current"),
    ],
)
def test_the_page_is_accessible(chromium, address, scheme, width, state):
    with watched(chromium, color_scheme=scheme, viewport={"width": width, "height": 800}) as page:
        page.goto(address)
        if state == "current":
            page.keyboard.press("ArrowRight")
            page.keyboard.press("n")
            expect(page.get_by_role("button", name="new", exact=True)).to_have_attribute(
                "aria-pressed", "true"
            )
        if state == "filtered":
            page.get_by_role("button", name="1 breaking").click()
            expect(page.locator("section.cosmetic")).to_be_hidden()
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found] == []
