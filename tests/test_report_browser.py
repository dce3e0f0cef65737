"""The report's page in Chromium: what it shows, what it does, and what it must not do."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import watched
from conftest import SAMPLES
from playwright.sync_api import expect
from test_report import HOSTILE, broken, hostile_entry

from lamina_graph.model import Entry, load
from lamina_graph.report import report
from lamina_graph.report.plain import cut, line

REEL = "Quick Reel Maker"


@pytest.fixture(scope="module")
def made():
    entries = [Entry(ref=path.name, workflow=load(path)) for path in sorted(SAMPLES.glob("*.json"))]
    return report([*entries, broken()], title="Samples")


@pytest.fixture(scope="module")
def address(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    made.save(path)
    return path.as_uri()


@pytest.fixture(scope="module")
def hostile_address(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    report([hostile_entry(text) for text in HOSTILE.values()], title=HOSTILE["script"]).save(path)
    return path.as_uri()


@pytest.fixture
def opened(page, address):
    page.goto(address)
    return page


def names(page):
    """The apps that are shown, in order."""
    return page.locator("tbody.app:visible th.name a").all_inner_texts()


def choose(page, filter, value):
    page.locator(f"select[name={filter}]").select_option(value)


def key_of(made, name):
    return next(row.key for row in made.rows if row.name == name)


def ratio(page):
    """How much brighter the page's paper is than its ink."""
    return page.evaluate(
        """() => { const style = getComputedStyle(document.body);
        const light = text => text.match(/[\\d.]+/g).slice(0, 3).reduce((sum, each) => sum + Number(each), 0);
        return light(style.backgroundColor) - light(style.color); }"""
    )


def test_every_app_is_listed_with_its_picture(opened, made):
    assert names(opened) == [line(row.title) for row in made.rows]
    assert opened.locator("td.picture svg").count() == made.summary.apps - made.summary.unreadable
    expect(opened.locator("header")).to_contain_text(f"{made.summary.apps} apps")
    expect(opened.locator("header")).to_contain_text("1 could not be read")
    expect(opened.locator("tbody.app", has_text="broken.json")).to_contain_text("nodes[0].id: missing")


def test_search_finds_names_node_types_and_reasons(opened):
    opened.get_by_role("searchbox").fill("quick REEL")
    assert names(opened) == [REEL]
    expect(opened.locator("#count")).to_have_text(re.compile(r"^1 of \d+$"))
    opened.get_by_role("searchbox").fill("kling")
    assert len(names(opened)) > 1
    opened.get_by_role("searchbox").fill("no app says zzzz")
    assert names(opened) == []
    expect(opened.locator("#nothing")).to_be_visible()
    opened.get_by_role("link", name="Show all").click()
    expect(opened.locator("#count")).to_have_text(re.compile(r"^\d+$"))


FILTERS = {
    ("category", "video"): lambda row: row.classification.category == "video",
    ("shape", "diamond"): lambda row: row.classification.shape == "diamond",
    ("takes", "text"): lambda row: "text" in row.classification.modalities.inputs,
    ("gives", "video"): lambda row: "video" in row.classification.modalities.outputs,
    ("findings", "error"): lambda row: any(each.severity == "error" for each in row.findings),
    ("findings", "none"): lambda row: not row.findings,
    ("alike", "none"): lambda row: not (row.twins or row.family or row.copies),
}


def test_a_filter_shows_what_belongs_to_it(opened, made):
    shown, wanted = {}, {}
    for (filter, value), belongs in FILTERS.items():
        choose(opened, filter, value)
        shown[filter, value] = names(opened)
        wanted[filter, value] = [line(row.title) for row in made.rows if row.classification and belongs(row)]
        choose(opened, filter, "")
    assert shown == wanted
    assert all(0 < len(each) < len(made.rows) for each in wanted.values())


def test_a_filter_shows_what_could_not_be_read(opened):
    choose(opened, "category", "unreadable")
    assert names(opened) == ["broken.json"]


def test_filters_and_search_hold_together_and_reset(opened, made):
    choose(opened, "category", "multi-step")
    opened.get_by_role("searchbox").fill("reel")
    assert REEL in names(opened)
    assert len(names(opened)) < made.summary.categories["multi-step"]
    opened.get_by_role("button", name="Reset").click()
    expect(opened.locator("tbody.app:visible")).to_have_count(len(made.rows))


def test_a_bar_of_a_chart_filters_the_apps(opened, made):
    opened.locator(".card", has_text="Category").get_by_role("link", name="image").click()
    expect(opened.locator("tbody.app:visible")).to_have_count(made.summary.categories["image"])
    expect(opened.locator("select[name=category]")).to_have_value("image")


@pytest.mark.parametrize(
    ("heading", "value"),
    [
        ("App", lambda row: row.title.lower()),
        ("Stages", lambda row: row.classification.stages),
        ("Deliverables", lambda row: len(row.deliverables)),
    ],
)
def test_a_heading_sorts_up_then_down_then_not(opened, made, heading, value):
    choose(opened, "category", "multi-step")
    chosen = [row for row in made.rows if row.classification and row.classification.category == "multi-step"]
    button = opened.get_by_role("columnheader", name=heading).get_by_role("button")
    for direction, wanted in (
        ("ascending", sorted(chosen, key=value)),
        ("descending", sorted(chosen, key=value, reverse=True)),
        (None, chosen),
    ):
        button.click()
        assert opened.get_by_role("columnheader", name=heading).get_attribute("aria-sort") == direction
        assert names(opened) == [line(row.title) for row in wanted]


def test_headings_sort_by_keyboard(opened):
    opened.get_by_role("columnheader", name="App").get_by_role("button").focus()
    opened.keyboard.press("Enter")
    shown = [name.lower() for name in names(opened)]
    assert shown == sorted(shown)


def test_keys_search_move_open_and_close(opened):
    opened.keyboard.press("/")
    expect(opened.get_by_role("searchbox")).to_be_focused()
    opened.keyboard.type("reel")
    first, second = opened.locator("tbody.app:visible th.name a").all()[:2]
    opened.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    opened.keyboard.press("j")
    expect(second).to_be_focused()
    opened.keyboard.press("Enter")
    expect(second).to_have_attribute("aria-expanded", "true")
    expect(opened.locator(".open .diagram svg")).to_be_visible()
    opened.keyboard.press("Escape")
    expect(second).to_have_attribute("aria-expanded", "false")
    opened.keyboard.press("ArrowUp")
    expect(first).to_be_focused()


def test_details_show_the_diagram_the_evidence_and_the_path(opened, made):
    verdict = next(row for row in made.rows if row.name == REEL).classification
    path = verdict.evidence[0].path
    opened.get_by_role("link", name=REEL, exact=True).click()
    details = opened.locator("tbody.open")
    expect(details.locator(".diagram svg")).to_be_visible()
    assert details.locator(".diagram g[transform] > title").count() >= verdict.features["nodes"]
    assert details.locator(".diagram path.lg-main").count() >= len(path) - 1 > 0
    for each in verdict.evidence:
        expect(details.locator(".evidence")).to_contain_text(line(each.claim))
    assert details.locator(".evidence li").first.locator(".path bdi").count() == len(path)
    opened.get_by_role("link", name=REEL, exact=True).click()
    expect(opened.locator("tbody.open")).to_have_count(0)


def test_a_wide_diagram_can_be_seen_in_its_actual_size(opened):
    opened.set_viewport_size({"width": 1010, "height": 800})
    opened.get_by_role("link", name=REEL, exact=True).click()
    picture = opened.locator(".open .diagram svg")
    expect(picture).to_be_visible()
    fitted = picture.bounding_box()["width"]
    opened.get_by_role("button", name="Actual size").click()
    assert picture.bounding_box()["width"] == float(picture.get_attribute("width")) > fitted
    opened.get_by_role("button", name="Fit the width").click()
    assert picture.bounding_box()["width"] == fitted


def test_a_link_opens_its_app(page, address, made):
    page.goto(f"{address}#app={key_of(made, REEL)}")
    expect(page.locator("tbody.open th.name a")).to_have_text(REEL)
    expect(page.locator("tbody.open .diagram svg")).to_be_in_viewport()
    page.evaluate(f"location.hash = 'app={key_of(made, 'Cartoonify')}'")
    expect(page.get_by_role("link", name="Cartoonify", exact=True)).to_have_attribute("aria-expanded", "true")


def test_the_address_keeps_what_is_shown(opened, chromium, made):
    choose(opened, "category", "multi-step")
    opened.get_by_role("searchbox").fill("a + b & reel")
    opened.get_by_role("searchbox").fill("reel")
    opened.get_by_role("columnheader", name="Stages").get_by_role("button").click()
    opened.get_by_role("link", name=REEL, exact=True).click()
    shown = names(opened)
    with watched(chromium) as again:
        again.goto(opened.url)
        assert names(again) == shown
        expect(again.locator("tbody.open th.name a")).to_have_text(REEL)
        expect(again.get_by_role("searchbox")).to_have_value("reel")


def test_a_search_with_every_sign_survives_the_address(opened, chromium):
    opened.get_by_role("searchbox").fill("a+b & 50% #=é")
    with watched(chromium) as again:
        again.goto(opened.url)
        expect(again.get_by_role("searchbox")).to_have_value("a+b & 50% #=é")


@pytest.mark.parametrize(("scheme", "bright"), [("light", True), ("dark", False)])
def test_the_page_follows_the_reader_and_the_button(chromium, address, scheme, bright):
    with watched(chromium, color_scheme=scheme) as page:
        page.goto(address)
        button = page.get_by_role("button", name="Theme")
        assert (ratio(page) > 0) is bright
        button.click()
        expect(button).to_have_text("Theme: light")
        assert ratio(page) > 0
        button.click()
        expect(button).to_have_text("Theme: dark")
        assert ratio(page) < 0
        button.click()
        assert (ratio(page) > 0) is bright


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_diagrams_follow_the_theme(opened, theme):
    while opened.get_by_role("button", name="Theme").inner_text() != f"Theme: {theme}":
        opened.get_by_role("button", name="Theme").click()
    opened.get_by_role("link", name=REEL, exact=True).click()
    paper = opened.locator(".open .lg-paper").evaluate("each => getComputedStyle(each).fill")
    assert (sum(map(int, re.findall(r"\d+", paper)[:3])) > 382) is (theme == "light")


def test_print_has_the_summary_and_the_table_and_no_controls(opened, made):
    opened.get_by_role("button", name="Theme").click()
    opened.get_by_role("button", name="Theme").click()
    opened.emulate_media(media="print")
    expect(opened.locator("form")).to_be_hidden()
    expect(opened.get_by_role("button", name="Theme")).to_be_hidden()
    expect(opened.locator(".card").first).to_be_visible()
    assert ratio(opened) > 0
    assert len(names(opened)) == len(made.rows)
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert opened.pdf().startswith(b"%PDF")


def test_without_scripts_summary_table_and_details_can_be_read(chromium, address, made):
    with watched(chromium, java_script_enabled=False) as page:
        page.goto(f"{address}#app={key_of(made, REEL)}")
        assert page.locator("tbody.app:visible").count() == len(made.rows)
        assert page.locator("td.picture svg:visible").count() > 20
        assert page.locator("form").is_hidden()
        reel = page.locator(f"[id='app={key_of(made, REEL)}']")
        reel.locator("summary").click()
        assert reel.locator(".evidence").is_visible()
        assert page.locator(".card").first.inner_text().startswith("Category")


def test_nothing_sticks_out_of_the_page(opened):
    opened.get_by_role("link", name=REEL, exact=True).click()
    expect(opened.locator(".open .diagram svg")).to_be_visible()
    widths = (360, 800, 1024, 1200, 1920)
    for width in widths:
        opened.set_viewport_size({"width": width, "height": 900})
        assert opened.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_text_is_shown_as_it_is_and_does_nothing(page, hostile_address):
    page.goto(hostile_address)
    shown = page.locator("th.name a bdi").evaluate_all("all => all.map(each => each.textContent.trim())")
    assert shown == [line(cut(text, 120)).strip() for text in HOSTILE.values()]
    for link in page.locator("th.name a").all():
        link.press("Enter")
    expect(page.locator(".open .diagram svg")).to_have_count(len(HOSTILE))
    assert page.evaluate("window.hurt") is None
    assert page.locator("img, iframe, object, embed").count() == 0
    assert page.title() == line(HOSTILE["script"])


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 400)])
def test_the_page_is_accessible(chromium, address, made, scheme, width):
    with watched(chromium, color_scheme=scheme, viewport={"width": width, "height": 900}) as page:
        page.goto(f"{address}#app={key_of(made, REEL)}")
        expect(page.locator(".open .diagram svg")).to_be_visible()
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found] == []
