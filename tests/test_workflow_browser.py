"""The page of one workflow in Chromium: what it shows, what it does, and what it must not do."""

import re
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import address_of, expect_equal, expect_true, expect_within, watched
from builders import numbered
from conftest import SAMPLES
from hostile import HOSTILE, HOSTILE_WORKFLOW
from playwright.sync_api import expect

from lamina_graph.classify import classify
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.model import Credits, Estimate, NodeCredits, Run
from lamina_graph.report.workflow import Overlays, Start, html
from lamina_graph.run_outcome import outcome

REEL = load(SAMPLES / "reel-five-shots.json")
KEYFRAMES = load(SAMPLES / "templates" / "6-key-frames.json")
SETTINGS = load(SAMPLES / "extra-fields.json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("workflow")


def saved(folder, name, workflow, **options):
    facts = features(workflow)
    path = folder / f"{name}.html"
    path.write_text(html(workflow, (facts, classify(workflow, facts=facts)), **options), encoding="utf-8")
    return path.as_uri()


def estimate():
    """What a run of the reel costs: each node of Kling 40 credits, nothing said of the others."""
    prices = [NodeCredits(node_id=node.id, credits=40) for node in REEL.nodes if "kling" in node.type]
    return Estimate(app_id="reel", estimated_credits=Credits(expected=160), breakdown=tuple(prices))


def failed_run():
    """A run of the reel in which one shot failed."""
    broken = next(node for node in REEL.nodes if node.label == "Shot 2")
    output = {"id": broken.id, "label": "Shot 2", "status": "error", "error": "too dark"}
    return Run.model_validate({"runId": "r", "status": "failed", "outputs": [output]})


@pytest.fixture(scope="module")
def reel_address(folder):
    overlays = Overlays(estimate(), outcome(REEL, failed_run()))
    return saved(folder, "reel", REEL, overlays=overlays)


@pytest.fixture(scope="module")
def keyframes_address(folder):
    return saved(folder, "keyframes", KEYFRAMES)


@pytest.fixture
def reel(page, reel_address):
    page.goto(reel_address)
    return page


@pytest.fixture
def keyframes(page, keyframes_address):
    page.goto(keyframes_address)
    return page


def card(page, title, number=0):
    """The card of this title, as it is seen, or one further of several."""
    named = page.locator("title", has_text=re.compile(f"^{title}\n"))
    return page.locator(".lg-node:not(.away)", has=named).nth(number)


def titles(page, selector):
    """What the cards are called that a selector finds."""
    found = page.locator(f".lg-node{selector}:not(.away) > title").all_text_contents()
    return sorted(title.split("\n")[0] for title in found)


def shown(page):
    """The heading of what the panel says."""
    return page.locator("article.shown h2")


def drawn(page):
    """The cards that are drawn."""
    return page.locator(".lg-node:not(.away)")


def expect_titles(page, selector, wanted):
    """Wait until the cards that a selector finds are called so."""
    expect_equal(lambda: titles(page, selector), sorted(wanted))


def expect_lines(page, number):
    """Wait until so many lines are lit."""
    expect(page.locator(".lg-line.on")).to_have_count(number)


# What it shows


def test_every_node_has_a_card_and_a_place_in_the_list(reel):
    assert reel.locator(".lg-node:not(.away)").count() == len(REEL.nodes) == 17
    assert reel.locator("#nodes li a").all_inner_texts() == [node.title for node in REEL.nodes]
    expect(reel.locator("header")).to_contain_text("17 nodes · 25 edges · 2 stages · diamond")


def test_the_head_says_the_pipeline_in_one_line(reel):
    expect(reel.locator("header .strip svg")).to_be_visible()
    assert "Script Writer" in reel.locator("header .strip").text_content()


def test_the_overview_says_what_enters_what_leaves_and_why(reel):
    overview = reel.locator("#overview")
    expect(overview).to_contain_text("Why multi-step")
    expect(overview).to_contain_text("two stages that differ in modality")
    assert overview.locator("section", has_text="Gives").locator("li a").all_inner_texts()[0] == "Reel 9:16"
    expect(overview).to_contain_text("A run costs 160 credits.")


def test_details_say_type_id_role_and_why_age_credits_and_run(reel):
    card(reel, "Shot 2").click()
    article = reel.locator("article.shown")
    node = next(node for node in REEL.nodes if node.label == "Shot 2")
    for words in ("klingVideoNode", node.id, "generate", "its words “kling” and “video” say so, 90% sure"):
        expect(article).to_contain_text(words)
    for words in ("2026-01-12 10:10 UTC", "40 credits a run", "failed: too dark", "stage 2 of 2"):
        expect(article).to_contain_text(words)


def test_details_show_settings_by_name_and_not_where_a_node_stands(folder, page):
    page.goto(saved(folder, "settings", SETTINGS))
    card(page, "Apply the make-up").click()
    article = page.locator("article.shown")
    assert article.locator(".settings dt").all_inner_texts() == ["model", "seed", "strength"]
    assert article.locator(".settings dd").all_inner_texts() == ["make-up-2", "20251208", "0.85"]
    expect(article).to_contain_text("Face photo image → person")


def test_a_node_without_a_price_is_not_free(reel):
    card(reel, "Music").click()
    expect(reel.locator("article.shown")).to_contain_text("not priced by the estimate")
    reel.keyboard.press("Escape")
    card(reel, "Product photo").click()
    expect(reel.locator("article.shown")).not_to_contain_text("Credits")


# Lighting


def test_a_click_lights_what_leads_to_a_card_and_what_it_leads_to(reel):
    card(reel, "Shot 2").click()
    expect(shown(reel)).to_have_text("Shot 2")
    upstream = ["Cut out the product", "Product photo", "Shot list", "What is the reel about?"]
    expect_titles(reel, ".on", [*upstream, "Cut the reel", "Reel 9:16", "Shot 2", "Shot 2 clip"])
    expect_titles(reel, ".chosen", ["Shot 2"])
    expect_lines(reel, 7)
    expect(reel.locator("#spoken")).to_have_text("Shot 2: 4 lead to it, it leads to 3")


def test_what_is_not_lit_is_dim_until_the_click_beside_it(reel):
    card(reel, "Shot 2").click()
    dim = card(reel, "Music")
    expect(dim).to_have_css("opacity", "0.22")
    box = reel.locator(".stage").bounding_box()
    reel.mouse.click(box["x"] + 20, box["y"] + 20)
    expect(dim).to_have_css("opacity", "1")
    expect(shown(reel)).to_have_count(0)
    expect(reel.locator("#overview")).to_be_visible()


def test_a_second_click_on_a_card_lets_it_go(reel):
    card(reel, "Shot 2").click()
    expect(shown(reel)).to_have_text("Shot 2")
    card(reel, "Shot 2").click()
    expect_titles(reel, ".on", [])


def test_a_drag_moves_the_picture_and_chooses_nothing(reel):
    box = card(reel, "Shot 2").bounding_box()
    reel.mouse.move(box["x"] + 9, box["y"] + 9)
    reel.mouse.down()
    reel.mouse.move(box["x"] + 69, box["y"] + 49, steps=4)
    reel.mouse.up()
    moved = pytest.approx(box["x"] + 60, abs=3)
    expect_equal(lambda: card(reel, "Shot 2").bounding_box()["x"], moved)
    expect(shown(reel)).to_have_count(0)


def test_links_from_and_to_lead_to_the_neighbours(reel):
    card(reel, "Shot 2").click()
    reel.locator("article.shown").get_by_role("link", name="Shot list").click()
    expect(shown(reel)).to_have_text("Shot list")
    expect_titles(reel, ".chosen", ["Shot list"])
    expect(reel.locator("article.shown")).to_be_focused()


def test_back_leads_to_the_overview(reel):
    reel.locator("#nodes").get_by_role("link", name="Music").click()
    expect(shown(reel)).to_have_text("Music")
    reel.get_by_role("button", name="← Overview").click()
    expect(reel.locator("#overview")).to_be_visible()
    expect(reel.locator(".stage")).to_be_focused()


def test_evidence_is_drawn_when_pressed_and_gone_when_pressed_again(reel):
    why = reel.locator(".proofs button").first
    expect_lines(reel, 0)
    why.click()
    expect(why).to_have_attribute("aria-pressed", "true")
    path = classify(REEL).evidence[0].path
    names = {node.id: node.title for node in REEL.nodes}
    expect_titles(reel, ".on", [names[id_] for id_ in path])
    expect_lines(reel, len(path) - 1)
    why.click()
    expect(why).to_have_attribute("aria-pressed", "false")
    expect_titles(reel, ".on", [])
    expect_lines(reel, 0)


def test_a_chosen_node_and_evidence_take_turns(reel):
    why = reel.locator(".proofs button").first
    why.click()
    expect(why).to_have_attribute("aria-pressed", "true")
    card(reel, "Shot 2").click()
    expect(why).to_have_attribute("aria-pressed", "false")
    expect_titles(reel, ".chosen", ["Shot 2"])


# Colours


def look(page, title):
    """What is seen of a card."""
    return card(page, title).locator(".lg-in:visible > g").first


def test_colours_switch_between_role_age_credits_and_run(reel):
    for key, name, wanted in (
        ("2", "Age", "lg-step"),
        ("3", "Credits", "lg-step"),
        ("4", "Run", "lg-failed"),
        ("1", "Role", "lg-generate"),
    ):
        reel.keyboard.press(key)
        expect(reel.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")
        expect(look(reel, "Shot 2")).to_have_class(re.compile(wanted))
    reel.get_by_role("button", name="Credits").click()
    expect(reel.locator(".legend:visible")).to_contain_text("not priced")
    expect(reel.locator(".legend:visible")).to_have_count(1)


def test_lines_follow_the_colours(reel):
    strong = reel.locator(".lg-line:not(.away) path.lg-main")
    assert strong.count() > 0
    reel.keyboard.press("4")
    expect(strong).to_have_count(0)
    expect(reel.locator(".lg-line:not(.away) path.lg-suspect")).not_to_have_count(0)


def test_colours_are_offered_only_where_there_are_data(keyframes, folder):
    expect(keyframes.get_by_role("group", name="Colours")).to_have_count(0)
    keyframes.goto(saved(folder, "dated", REEL))
    group = keyframes.get_by_role("group", name="Colours")
    assert group.get_by_role("button").all_inner_texts() == ["Role", "Age"]


# Folds


def test_a_fold_opens_in_place_and_closes_again(keyframes):
    sign = card(keyframes, "VAE Loader × 5: 5 nodes").locator(".lg-plus")
    before = drawn(keyframes).count()
    sign.click()
    expect_true(lambda: before < drawn(keyframes).count() <= len(KEYFRAMES.nodes))
    card(keyframes, "VAE Loader", 2).click()
    keyframes.get_by_role("button", name="Fold it again").click()
    expect(drawn(keyframes)).to_have_count(before)


def test_what_is_opened_stays_where_it_is_and_as_large(keyframes):
    fold = keyframes.locator(".lg-node:not(.away)", has=keyframes.locator(".lg-plus")).last
    was = fold.bounding_box()
    before = drawn(keyframes).count()
    fold.dblclick()
    expect_true(lambda: drawn(keyframes).count() > before)
    boxes = [each.bounding_box() for each in keyframes.locator(".lg-node:not(.away)").all()]
    assert any(abs(box["width"] - was["width"]) < 6 for box in boxes)
    near = [b for b in boxes if abs(b["x"] - was["x"]) < 250 and abs(b["y"] - was["y"]) < 250]
    assert near


def test_lines_join_the_cards_that_are_drawn(keyframes):
    keyframes.get_by_role("button", name="Unfold").click()
    expect(drawn(keyframes)).to_have_count(len(KEYFRAMES.nodes))
    pairs = {(edge.source, edge.target) for edge in KEYFRAMES.edges}
    expect(keyframes.locator(".lg-line:not(.away)")).to_have_count(len(pairs))
    expect(keyframes.locator(".legend .folded")).to_be_hidden()
    keyframes.keyboard.press("f")
    expect(keyframes.get_by_role("button", name="Unfold")).to_be_visible()
    expect(keyframes.locator(".legend .folded")).to_be_visible()


def test_every_line_ends_at_its_cards(keyframes):
    off = """() => {
      const data = JSON.parse(document.getElementById("graph").textContent), far = [];
      for (const state of data.states) for (const [line, [path]] of Object.entries(state.routes)) {
        const [from, to] = data.lines[line], [x, y] = state.places[from], [wide, high] = data.sizes[from];
        const start = path.match(/^M(-?[\\d.]+) (-?[\\d.]+)/).slice(1).map(Number);
        const beside = Math.max(x - start[0], start[0] - x - wide, y - start[1], start[1] - y - high, 0);
        if (!state.places[to] || beside > 14) far.push([line, beside]);
      }
      return far;
    }"""
    assert keyframes.evaluate(off) == []


def test_a_folded_card_lists_its_nodes_and_opens_from_the_panel_or_by_enter(keyframes):
    card(keyframes, "VAE Loader × 5: 5 nodes").click()
    expect(shown(keyframes)).to_have_text("VAE Loader × 5")
    expect(keyframes.locator("article.shown li")).to_have_count(5)
    keyframes.keyboard.press("Enter")
    expect(shown(keyframes)).to_have_text("VAE Loader")
    keyframes.get_by_role("button", name="Fold it again").click()
    keyframes.get_by_role("button", name="Open it in the picture").click()
    expect(shown(keyframes)).to_have_text("VAE Loader")


def test_a_node_within_a_fold_is_shown_when_it_is_chosen(keyframes):
    hidden = next(node for node in KEYFRAMES.nodes if node.type == "UNETLoader")
    keyframes.locator(f"#nodes a[data-node='{KEYFRAMES.nodes.index(hidden)}']").click()
    expect(keyframes.locator(".lg-node.chosen:not(.away)")).to_be_in_viewport(ratio=1)
    expect_titles(keyframes, ".chosen", ["UNET Loader"])


def test_a_small_workflow_can_be_folded_too_and_its_lines_come_back_when_the_cards_stand(
    chromium, reel_address
):
    with watched(chromium, reduced_motion="no-preference") as page:
        page.goto(reel_address)
        page.get_by_role("button", name="Fold").click()
        expect_true(lambda: drawn(page).count() < 17)
        expect(page.locator(".lg-line:not(.away)").first).to_have_css("opacity", "1")


# Search


def test_search_lights_what_it_finds_and_lists_it(reel):
    reel.keyboard.press("/")
    expect(reel.get_by_role("searchbox")).to_be_focused()
    reel.get_by_role("searchbox").fill("kling")
    expect_titles(reel, ".on", ["Shot 2", "Shot 3", "Shot 4", "Shot 5"])
    expect(reel.locator("#nodes li:visible")).to_have_count(4)
    expect(reel.locator("form output")).to_have_text("4 of 17")
    reel.keyboard.press("Enter")
    expect(shown(reel)).to_have_text("Shot 2")
    reel.keyboard.press("Enter")
    expect(shown(reel)).to_have_text("Shot 3")


def test_search_finds_labels_types_ids_and_settings(folder, page):
    page.goto(saved(folder, "settings", SETTINGS))
    node = SETTINGS.nodes[2]
    for asked in ("MAKE-UP apply", "makeupTryOnNode", node.id, "20251208"):
        page.get_by_role("searchbox").fill(asked)
        expect_titles(page, ".on", ["Apply the make-up"])


def test_search_that_finds_nothing_says_so_and_escape_ends_it(reel):
    reel.get_by_role("searchbox").fill("no node says zzzz")
    expect(reel.locator("#nothing")).to_be_visible()
    reel.keyboard.press("Escape")
    expect(reel.locator("#nodes li:visible")).to_have_count(17)
    expect(reel.get_by_role("searchbox")).not_to_be_focused()


def test_letters_and_arrows_in_the_search_do_nothing_else(reel):
    reel.get_by_role("searchbox").fill("shot")
    reel.keyboard.press("ArrowLeft")
    reel.keyboard.type("f1")
    expect(reel.get_by_role("searchbox")).to_have_value("shof1t")
    expect(drawn(reel)).to_have_count(17)


# Keys


def test_arrows_walk_from_card_to_card(reel):
    reel.keyboard.press("ArrowRight")
    expect_titles(reel, ".chosen", ["Product photo"])
    for key, title in (
        ("ArrowRight", "Cut out the product"),
        ("ArrowDown", "Shot list"),
        ("ArrowLeft", "What is the reel about?"),
        ("ArrowUp", "Product photo"),
        ("ArrowLeft", "Product photo"),
    ):
        reel.keyboard.press(key)
        expect_titles(reel, ".chosen", [title])
    reel.keyboard.press("Escape")
    expect_titles(reel, ".chosen", [])


def test_plus_minus_zero_wheel_and_buttons_zoom(reel):
    start = card(reel, "Shot 2").bounding_box()["width"]

    def size():
        return card(reel, "Shot 2").bounding_box()["width"] / start

    box = reel.locator(".stage").bounding_box()
    reel.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for closer, back in (
        (lambda: reel.keyboard.press("+"), lambda: reel.keyboard.press("-")),
        (lambda: reel.mouse.wheel(0, -300), lambda: reel.keyboard.press("0")),
        (reel.get_by_role("button", name="Zoom in").click, reel.get_by_role("button", name="Fit").click),
    ):
        closer()
        expect_true(lambda: size() > 1.2)
        back()
        expect_equal(size, pytest.approx(1, abs=0.01))


def test_everything_can_be_reached_by_tab(reel):
    reached = set()
    for _ in range(30):
        reel.keyboard.press("Tab")
        reached.add(reel.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"stage", "strip", "fit", "folds", "theme"} <= reached


# Links


def test_the_address_names_the_node_and_the_colours(reel, chromium):
    card(reel, "Shot 2").click()
    reel.keyboard.press("2")
    expect_true(lambda: "by=age" in address_of(reel))
    with watched(chromium) as again:
        again.goto(address_of(reel))
        expect(shown(again)).to_have_text("Shot 2")
        expect(again.get_by_role("button", name="Age")).to_have_attribute("aria-pressed", "true")
        expect_titles(again, ".chosen", ["Shot 2"])


def test_a_link_to_a_node_that_is_not_there_says_so(reel):
    reel.evaluate("location.hash = 'node=long-gone'")
    expect(reel.get_by_text("This workflow has no node “long-gone”.")).to_be_visible()
    expect_titles(reel, ".chosen", [])
    reel.evaluate(f"location.hash = 'node={REEL.nodes[0].id}'")
    expect(shown(reel)).to_have_text(REEL.nodes[0].title)
    expect(reel.get_by_role("alert")).to_be_hidden()


def test_a_page_can_begin_at_a_node_in_other_colours(folder, page):
    start = Start(palette="age", node=REEL.nodes[3].id, theme="dark")
    page.goto(saved(folder, "start", REEL, start=start))
    expect(shown(page)).to_have_text(REEL.nodes[3].title)
    expect(page.get_by_role("button", name="Age")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Theme")).to_have_text("Theme: dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 22)"


# The map


def test_a_map_stands_in_the_corner_past_sixty_nodes(keyframes, folder):
    expect(keyframes.locator("#map")).to_be_visible()
    keyframes.goto(saved(folder, "sixty", chain_of(60)))
    expect(keyframes.locator("#map")).to_have_count(0)


def test_the_map_shows_what_is_in_sight_and_moves_it(keyframes):
    def frame():
        return [float(keyframes.locator("#map rect").get_attribute(name)) for name in ("x", "y", "width")]

    whole = frame()
    for _ in range(5):
        keyframes.keyboard.press("+")
    expect_true(lambda: frame()[2] == pytest.approx(whole[2] / 1.4**5))
    near = frame()
    box = keyframes.locator("#map").bounding_box()
    keyframes.mouse.click(box["x"] + 25, box["y"] + box["height"] / 2)
    expect_true(lambda: frame()[0] < near[0])
    assert frame()[2] == pytest.approx(near[2])


# All readers


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "keys"), [(1440, []), (1440, ["ArrowRight", "2"]), (390, ["ArrowRight"])])
def test_the_page_is_accessible(chromium, reel_address, scheme, width, keys):
    size = {"width": width, "height": 844}
    with watched(chromium, color_scheme=scheme, viewport=size) as page:
        page.goto(reel_address)
        for key in keys:
            page.keyboard.press(key)
        if keys:
            expect(shown(page)).to_have_text("Product photo")
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found] == []


def test_without_scripts_picture_evidence_and_details_can_be_read(chromium, keyframes_address):
    with watched(chromium, java_script_enabled=False) as page:
        page.goto(keyframes_address)
        expect(page.locator(".stage > svg")).to_be_visible()
        assert page.locator(".lg-node:visible").count() == page.locator(".lg-node:not(.away)").count() > 10
        assert page.locator("article:visible").count() == len(KEYFRAMES.nodes)
        expect(page.locator("#overview")).to_contain_text("parallel generations give")
        expect(page.locator(".tools")).to_be_hidden()
        expect(page.locator("#map")).to_be_hidden()


def test_it_prints_as_the_picture(reel):
    card(reel, "Shot 2").click()
    reel.keyboard.press("+")
    reel.emulate_media(media="print")
    expect(reel.locator(".stage > svg")).to_be_visible()
    expect(reel.locator(".legend:visible")).to_have_count(1)
    for hidden in ("#panel", ".tools", "#theme"):
        expect(reel.locator(hidden)).to_be_hidden()
    expect(card(reel, "Music")).to_have_css("opacity", "1")
    expect_true(lambda: reel.evaluate("document.documentElement.scrollWidth <= innerWidth"))
    assert reel.pdf().startswith(b"%PDF")


def test_it_prints_on_white_paper_whatever_its_theme(folder, chromium):
    address = saved(folder, "dark", REEL, start=Start(theme="dark"))
    with watched(chromium, color_scheme="dark") as page:
        page.goto(address)
        face = page.locator(".lg-node .lg-b:visible").first
        paint = (
            "each => getComputedStyle(each).fill.match(/\\d+/g).reduce((sum, part) => sum + Number(part), 0)"
        )
        assert face.evaluate(paint) < 300
        page.emulate_media(media="print")
        expect_true(lambda: face.evaluate(paint) > 600)


def test_nothing_sticks_out_of_the_page(reel):
    for width in (360, 700, 960, 1280, 1920):
        expect_within(reel, width)


def test_hostile_text_is_shown_and_does_nothing(folder, page):
    page.goto(saved(folder, "hostile", HOSTILE_WORKFLOW))
    assert page.locator("img, iframe, object, embed").count() == 0
    assert page.evaluate("document.scripts.length") == 2
    assert page.locator("#nodes li").count() == len(HOSTILE)
    for link in page.locator("#nodes a").all()[:12]:
        link.press("Enter")
        page.keyboard.press("Escape")


def chain_of(size):
    """A chain that nothing can fold: the types take turns."""
    kinds = ("imageInputNode", "klingVideoNode", "veoVideoNode", "fluxNode")
    types = [kinds[number % 4] for number in range(size)]
    ids = [f"n{number}" for number in range(size)]
    return numbered(types, pairwise(range(size)), ids, name="Long")


def test_three_hundred_nodes_respond_within_two_frames(folder, page):
    """Counted in what the script does, not by the clock: each card and line is touched once for an act."""
    page.goto(saved(folder, "large", chain_of(300), start=Start(fold="all")))
    touched = page.evaluate(
        """() => {
          let count = 0;
          const counting = new MutationObserver(all => { count += all.length; });
          counting.observe(document.querySelector(".stage"), { attributes: true, subtree: true });
          const card = document.querySelectorAll(".lg-node")[150];
          card.dispatchEvent(new MouseEvent("click", { bubbles: true }));
          count += counting.takeRecords().length;
          counting.disconnect();
          return count;
        }"""
    )
    expect_titles(page, ".chosen", ["Veo Video"])
    assert page.locator(".lg-node.on").count() == 300
    assert 300 <= touched <= 2 * (300 + 299) + 10
