"""The report's page in Chromium: what it shows, what it does, and what it must not do."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import address_of, expect_equal, expect_true, expect_within, watched
from catalogue_entries import HOSTILE, broken, estimate, hostile_entry
from conftest import SAMPLES
from playwright.sync_api import expect

from lamina_graph.files import load
from lamina_graph.model import Entry
from lamina_graph.report.catalogue import report, save
from lamina_graph.text import elide, one_line

REEL = "Quick Reel Maker"


@pytest.fixture(scope="module")
def made():
    entries = [Entry(ref=path.name, workflow=load(path)) for path in sorted(SAMPLES.glob("*.json"))]
    entries += [Entry(ref=f"again/{each.ref}", workflow=each.workflow) for each in entries[:1]]
    prices = [priced(each.workflow) for each in entries[1::2]]
    skipped = [("samples/package.json", "nodes: missing <script>")]
    return report([*entries, broken()], title="Samples", estimates=prices, skipped=skipped)


def priced(workflow):
    """What a run of a workflow costs where every node but its first costs 8 credits."""
    prices = {node.id: 8 for node in workflow.nodes[1:]}
    return estimate(workflow.app_id, sum(prices.values()), prices)


@pytest.fixture(scope="module")
def address(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    save(made, path)
    return path.as_uri()


@pytest.fixture(scope="module")
def hostile_address(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    save(report([hostile_entry(text) for text in HOSTILE.values()], title=HOSTILE["script"]), path)
    return path.as_uri()


@pytest.fixture
def opened(page, address):
    page.goto(address)
    return page


def names(page):
    """The apps that are shown, in order."""
    return page.locator("tbody.app:visible th.name a").all_inner_texts()


def expect_names(page, wanted):
    """Wait until these apps are shown, in this order."""
    expect_equal(lambda: names(page), wanted)


def app(page, name):
    """The link of the app of this name in the table."""
    return page.locator("#apps").get_by_role("link", name=name, exact=True)


def newest(made):
    """The rows that show at first: of each app the newest version."""
    return [row for row in made.rows if row.newer is None]


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


def test_every_app_is_listed_with_its_pipeline(opened, made):
    expect_names(opened, [one_line(row.title) for row in newest(made)])
    strips = opened.locator("tbody.app:visible .strip").all_inner_texts()
    assert len(strips) == made.summary.apps - made.summary.unreadable
    assert all(strips)
    expect(opened.locator("header")).to_contain_text(f"{made.summary.apps} apps")
    expect(opened.locator("header")).to_contain_text("1 could not be read")
    expect(opened.locator("tbody.app", has_text="broken.json")).to_contain_text("nodes[0].id: missing")


def test_deliverables_are_named_and_numbers_stand_right(opened):
    campaign = opened.locator("tbody.app", has=opened.get_by_role("link", name="Fast Fashion Catalog"))
    named = "Flat lay picture, Model picture, Street picture"
    assert campaign.locator("td.gives").inner_text() == f"3 × image\n{named}"
    for column in ("confidence", "stages", "credits"):
        expect(opened.locator(f"td.{column}").first).to_have_css("text-align", "right")
        expect(opened.locator(f"#apps th.{column}").first).to_have_css("text-align", "right")


def test_search_finds_names_node_types_and_reasons(opened):
    opened.get_by_role("searchbox").fill("quick REEL")
    expect_names(opened, [REEL])
    expect(opened.locator("#count")).to_have_text(re.compile(r"^1 of \d+$"))
    opened.get_by_role("searchbox").fill("kling")
    expect_true(lambda: len(names(opened)) > 1)
    opened.get_by_role("searchbox").fill("no app says zzzz")
    expect_names(opened, [])
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
    for (filter, value), belongs in FILTERS.items():
        wanted = [one_line(row.title) for row in newest(made) if row.classification and belongs(row)]
        assert 0 < len(wanted) < len(newest(made))
        choose(opened, filter, value)
        expect_names(opened, wanted)
        choose(opened, filter, "")


def test_a_filter_shows_what_could_not_be_read(opened):
    choose(opened, "category", "unreadable")
    expect_names(opened, ["broken.json"])


def test_filters_and_search_hold_together_and_reset(opened, made):
    choose(opened, "category", "multi-step")
    opened.get_by_role("searchbox").fill("reel")
    expect_true(lambda: 0 < len(names(opened)) < made.summary.categories["multi-step"])
    assert REEL in names(opened)
    opened.get_by_role("button", name="Reset").click()
    expect(opened.locator("tbody.app:visible")).to_have_count(len(newest(made)))


CHARTS = {
    ("Category", "image"): lambda row: row.classification.category == "image",
    ("Shape", "diamond"): lambda row: row.classification.shape == "diamond",
    ("Modalities", " from text to video"): lambda row: (
        "text" in row.classification.modalities.inputs and "video" in row.classification.modalities.outputs
    ),
    ("Credits", "not priced"): lambda row: row.expected is None,
    ("Credits", "20 to 50"): lambda row: row.expected is not None and 20 <= row.expected < 50,
    ("Findings", "isolated node"): lambda row: "isolated-node" in {each.rule for each in row.findings},
    ("Newest node", "without a date"): lambda row: row.newest is None,
    ("Newest node", "2026-03: "): lambda row: f"{row.newest or ''}".startswith("2026-03"),
}


@pytest.mark.parametrize(("card", "name"), CHARTS)
def test_a_part_of_a_chart_filters_the_apps_by_keyboard_and_says_so(opened, made, card, name):
    heading = opened.get_by_role("heading", name=card, exact=True)
    link = opened.locator(".card", has=heading).get_by_role("link", name=name)
    link.focus()
    opened.keyboard.press("Enter")
    wanted = [one_line(row.title) for row in newest(made) if row.classification and CHARTS[card, name](row)]
    assert 0 < len(wanted) < len(newest(made))
    expect(opened.locator("#count")).to_have_text(f"{len(wanted)} of {len(newest(made))}")
    expect_names(opened, wanted)
    expect(opened.get_by_role("heading", name="Apps")).to_be_focused()
    expect(link).to_have_attribute("aria-current", "true")
    expect(opened.locator("#chosen p button")).to_have_count(2 if card == "Modalities" else 1)
    for chip in opened.locator("#chosen p button").all()[::-1]:
        chip.press("Enter")
    expect(opened.locator("#count")).to_have_text(f"{len(newest(made))}")
    expect(opened.locator("#chosen")).to_be_hidden()


def test_the_sentences_of_the_opening_filter_the_table(opened, made):
    assert opened.locator(".opening li").all_inner_texts() == [each.text for each in made.opening]
    opened.locator(".opening").get_by_role("link", name="could not be read").click()
    expect_names(opened, ["broken.json"])
    opened.locator(".opening").get_by_role("link", name="credits", exact=False).first.click()
    expect(opened.locator("tbody.app:visible")).to_have_count(made.summary.credits.priced)


def test_the_rest_of_a_short_list_can_be_reached(opened, made):
    findings = opened.locator(".card", has=opened.get_by_role("heading", name="Findings"))
    hidden = findings.get_by_role("link", name=made.summary.findings[-1].rule.replace("-", " "))
    expect(hidden).to_be_hidden()
    findings.get_by_text("more").click()
    expect(hidden).to_be_visible()


def test_skipped_files_are_named_with_a_reason(opened):
    left = opened.locator(".left-out")
    left.get_by_text("1 input could not be read, 1 file skipped").click()
    expect(left).to_contain_text("broken.json: nodes[0].id: missing")
    expect(left).to_contain_text("skipped: nodes: missing <script>")


def test_a_search_without_a_match_shows_the_query(opened):
    choose(opened, "category", "video")
    opened.get_by_role("searchbox").fill("zzzz")
    expect(opened.locator("#nothing")).to_contain_text("No app matches search “zzzz”, category video.")


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
    chosen = [
        row for row in newest(made) if row.classification and row.classification.category == "multi-step"
    ]
    button = opened.get_by_role("columnheader", name=heading).get_by_role("button")
    for direction, wanted in (
        ("ascending", sorted(chosen, key=value)),
        ("descending", sorted(chosen, key=value, reverse=True)),
        (None, chosen),
    ):
        button.click()
        column = opened.get_by_role("columnheader", name=heading)
        expect_equal(lambda column=column: column.get_attribute("aria-sort"), direction)
        expect_names(opened, [one_line(row.title) for row in wanted])


def test_apps_without_a_price_come_last_in_either_direction(opened, made):
    prices = {one_line(row.title): row.expected for row in newest(made)}
    missing = made.summary.apps - made.summary.credits.priced
    column = opened.get_by_role("columnheader", name="Credits")
    for sign, direction in ((1, "ascending"), (-1, "descending")):
        column.get_by_role("button").click()
        expect(column).to_have_attribute("aria-sort", direction)
        shown = [prices[name] for name in names(opened)]
        assert shown[-missing:] == [None] * missing
        assert shown[:-missing] == sorted(shown[:-missing], key=lambda price: sign * price)


def test_headings_sort_by_keyboard(opened):
    column = opened.get_by_role("columnheader", name="App")
    column.get_by_role("button").focus()
    opened.keyboard.press("Enter")
    expect(column).to_have_attribute("aria-sort", "ascending")
    shown = [name.lower() for name in names(opened)]
    assert shown == sorted(shown)


def test_keys_search_move_open_and_close(opened):
    opened.keyboard.press("/")
    expect(opened.get_by_role("searchbox")).to_be_focused()
    opened.keyboard.type("reel")
    expect(opened.locator("#count")).to_contain_text(" of ")
    first, second = opened.locator("tbody.app:visible th.name a").all()[:2]
    opened.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    opened.keyboard.press("j")
    expect(second).to_be_focused()
    opened.keyboard.press("Enter")
    expect(second).to_have_attribute("aria-expanded", "true")
    expect(opened.locator(".open .diagram > svg")).to_be_visible()
    opened.keyboard.press("Escape")
    expect(second).to_have_attribute("aria-expanded", "false")
    opened.keyboard.press("ArrowUp")
    expect(first).to_be_focused()


@pytest.mark.parametrize("width", [1440, 400])
def test_a_focused_row_is_not_covered(opened, width):
    opened.set_viewport_size({"width": width, "height": 500})
    for key in ["ArrowDown"] * 12 + ["ArrowUp"] * 12:
        opened.keyboard.press(key)
        expect_true(
            lambda: opened.evaluate(
                """() => { const { x, y } = document.activeElement.getBoundingClientRect();
                const top = document.elementFromPoint(x + 5, y + 8);
                return document.activeElement.contains(top); }"""
            )
        )


def test_details_show_the_diagram_the_evidence_and_the_path(opened, made):
    verdict = next(row for row in newest(made) if row.name == REEL).classification
    path = verdict.evidence[0].path
    app(opened, REEL).click()
    details = opened.locator("tbody.open")
    expect(details.locator(".diagram > svg")).to_be_visible()
    assert details.locator(".diagram g[transform] > title").count() >= verdict.features["nodes"]
    assert details.locator(".diagram path.lg-main").count() >= len(path) - 1 > 0
    for each in verdict.evidence:
        expect(details.locator(".evidence")).to_contain_text(one_line(each.claim))
    assert details.locator(".evidence li").first.locator(".path bdi").count() == len(path)
    app(opened, REEL).click()
    expect(opened.locator("tbody.open")).to_have_count(0)


def traced(page):
    """The titles of the cards that a diagram emphasises, and how many lines it does."""
    cards = page.locator(".open .tracing g[transform].on > title")
    titles = [text.split("\n")[0] for text in cards.all_text_contents()]
    return sorted(titles), page.locator(".open .tracing .lg-e.on").count()


def counted(page):
    """How many cards and how many lines a diagram emphasises."""
    titles, lines = traced(page)
    return len(titles), lines


def test_a_piece_of_evidence_is_drawn_when_pointed_at_and_kept_when_pressed(opened, made):
    row = next(row for row in newest(made) if row.name == REEL)
    app(opened, REEL).click()
    expect(opened.locator(".open .diagram > svg")).to_be_visible()
    why = opened.locator(".open .evidence .trace").first
    titles = [text.strip() for text in why.locator("bdi").all_inner_texts()]
    assert traced(opened) == ([], 0)
    why.hover()
    expect_equal(lambda: traced(opened), (sorted(titles), len(row.classification.evidence[0].path) - 1))
    opened.mouse.move(0, 0)
    expect_equal(lambda: traced(opened), ([], 0))
    why.press("Enter")
    expect(why).to_have_attribute("aria-pressed", "true")
    why.blur()
    expect_equal(lambda: traced(opened), (sorted(titles), len(titles) - 1))
    why.press("Enter")
    expect(why).to_have_attribute("aria-pressed", "false")
    why.blur()
    expect_equal(lambda: traced(opened), ([], 0))


def test_the_most_expensive_path_and_an_editing_session_are_drawn_too(opened, made):
    row = next(row for row in newest(made) if row.credits and len(row.ages.sessions) > 1)
    page = opened
    app(page, row.title).click()
    expect(page.locator(".open .diagram > svg")).to_be_visible()
    credits = page.locator(".open section", has=page.get_by_role("heading", name="Credits"))
    expect(credits).to_contain_text(f"The most expensive path takes {row.credits.path_credits:g}")
    credits.get_by_role("button").focus()
    expect_equal(lambda: counted(page), (len(row.credits.path), len(row.credits.path) - 1))
    ages = page.locator(".open .ages")
    expect(ages).to_contain_text(f"Built in {len(row.ages.sessions)} editing sessions")
    expect(ages).to_contain_text("Nodes that were removed since cannot be seen.")
    ages.get_by_role("button").first.focus()
    expect_equal(lambda: counted(page), (row.ages.sessions[-1].nodes, 0))


def test_the_strip_names_models_and_tasks_in_the_order_of_the_pipeline(opened, made):
    reel = opened.locator("tbody.app", has=opened.get_by_role("link", name=REEL, exact=True))
    parts = reel.locator(".strip i").all_inner_texts()
    assert parts == [
        "image",
        "text",
        "remove background",
        "Script Writer",
        "Kling ×4",
        "Veo",
        "Suno",
        "assemble",
        "video ×6",
    ]
    assert reel.locator(".strip .deliverable").count() == 1


def test_older_versions_are_no_apps_and_can_be_shown(opened, made):
    older = [row for row in made.rows if row.newer]
    assert len(older) == made.summary.older > 0
    opened.locator(".opening").get_by_role("link", name="more", exact=False).first.click()
    expect(opened.locator("tbody.app:visible")).to_have_count(len(older))
    expect(opened.locator("tbody.app:visible").first).to_contain_text("an older version of")
    choose(opened, "versions", "all")
    expect(opened.locator("tbody.app:visible")).to_have_count(len(made.rows))


def test_blocks_of_credits_have_an_area_in_proportion_to_their_apps(opened, made):
    card = opened.locator(".card", has=opened.get_by_role("heading", name="Credits"))
    sizes = card.locator(".columns rect").evaluate_all(
        "all => all.map(each => (each.width.baseVal.value + 2) * each.height.baseVal.value)"
    )
    apps = [band.apps for band in made.summary.credits.bands if band.apps]
    assert [size / sizes[0] for size in sizes] == pytest.approx([each / apps[0] for each in apps], rel=0.01)


def test_a_wide_diagram_can_be_seen_in_its_actual_size(opened):
    opened.set_viewport_size({"width": 1010, "height": 800})
    app(opened, REEL).click()
    picture = opened.locator(".open .diagram > svg")
    expect(picture).to_be_visible()
    fitted = picture.bounding_box()["width"]
    opened.get_by_role("button", name="Actual size").click()
    actual = float(picture.get_attribute("width"))
    assert actual > fitted
    expect_equal(lambda: picture.bounding_box()["width"], actual)
    opened.get_by_role("button", name="Fit the width").click()
    expect_equal(lambda: picture.bounding_box()["width"], fitted)


def test_a_link_opens_its_app(page, address, made):
    page.goto(f"{address}#app={key_of(made, REEL)}")
    expect(page.locator("tbody.open th.name a")).to_have_text(REEL)
    expect(page.locator("tbody.open .diagram > svg")).to_be_in_viewport()
    page.evaluate(f"location.hash = 'app={key_of(made, 'Cartoonify')}'")
    expect(page.get_by_role("link", name="Cartoonify", exact=True)).to_have_attribute("aria-expanded", "true")


def test_a_link_by_the_id_of_an_app_that_is_there_twice_opens_the_first(opened, made):
    twice = made.rows[0]
    assert twice.key == twice.ref
    opened.evaluate(f"location.hash = 'app={twice.app_id}'")
    expect(opened.locator("tbody.open")).to_have_id(f"app={twice.key}")


def test_a_link_to_an_app_that_is_not_there_says_so(page, address):
    page.goto(f"{address}#app=long-gone")
    expect(page.get_by_text("This report has no app “long-gone”.")).to_be_visible()
    assert page.locator("tbody.open").count() == 0


def test_a_link_to_a_filter_that_is_not_there_shows_all(opened, made):
    opened.evaluate("location.hash = 'category=gone&shape=diamond'")
    expect(opened.locator("select[name=category]")).to_have_value("")
    expect(opened.locator("tbody.app:visible")).to_have_count(made.summary.shapes["diamond"])


def test_the_address_keeps_what_is_shown(opened, chromium, made):
    choose(opened, "category", "multi-step")
    opened.get_by_role("searchbox").fill("a + b & reel")
    opened.get_by_role("searchbox").fill("reel")
    opened.get_by_role("columnheader", name="Stages").get_by_role("button").click()
    app(opened, REEL).click()
    expect(opened.locator("tbody.open th.name a")).to_have_text(REEL)
    shown = names(opened)
    with watched(chromium) as again:
        again.goto(address_of(opened))
        expect_names(again, shown)
        expect(again.locator("tbody.open th.name a")).to_have_text(REEL)
        expect(again.get_by_role("searchbox")).to_have_value("reel")


def test_a_search_with_every_sign_survives_the_address(opened, chromium):
    opened.get_by_role("searchbox").fill("a+b & 50% #=é")
    with watched(chromium) as again:
        again.goto(address_of(opened))
        expect(again.get_by_role("searchbox")).to_have_value("a+b & 50% #=é")


@pytest.mark.parametrize(("scheme", "bright"), [("light", True), ("dark", False)])
def test_the_page_follows_the_reader_and_the_button(chromium, address, scheme, bright):
    with watched(chromium, color_scheme=scheme) as page:
        page.goto(address)
        button = page.get_by_role("button", name="Theme")
        expect_equal(lambda: ratio(page) > 0, bright)
        for theme, brightened in (("light", True), ("dark", False), ("auto", bright)):
            button.click()
            expect(button).to_have_text(f"Theme: {theme}")
            expect_equal(lambda: ratio(page) > 0, brightened)


@pytest.mark.parametrize(("clicks", "theme"), [(1, "light"), (2, "dark")])
def test_diagrams_follow_the_theme(opened, clicks, theme):
    button = opened.get_by_role("button", name="Theme")
    button.click(click_count=clicks)
    expect(button).to_have_text(f"Theme: {theme}")
    app(opened, REEL).click()
    paper = opened.locator(".open .lg-paper").evaluate("each => getComputedStyle(each).fill")
    assert (sum(map(int, re.findall(r"\d+", paper)[:3])) > 382) is (theme == "light")


def test_print_has_the_summary_and_the_table_and_no_controls(opened, made):
    opened.get_by_role("button", name="Theme").click(click_count=2)
    expect(opened.get_by_role("button", name="Theme")).to_have_text("Theme: dark")
    opened.emulate_media(media="print")
    expect(opened.locator("form")).to_be_hidden()
    expect(opened.get_by_role("button", name="Theme")).to_be_hidden()
    expect(opened.locator(".card").first).to_be_visible()
    expect_true(lambda: ratio(opened) > 0)
    expect_names(opened, [one_line(row.title) for row in newest(made)])
    expect_true(lambda: opened.evaluate("document.documentElement.scrollWidth <= innerWidth"))
    expect(opened.locator("#apps thead")).to_have_css("display", "table-header-group")
    expect(opened.locator(".card").first).to_have_css("break-inside", "avoid")
    expect(opened.locator("#chosen")).to_be_hidden()
    expect(opened.locator(".left-out dl")).to_be_visible()
    assert opened.pdf().startswith(b"%PDF")


def test_without_scripts_summary_table_and_details_can_be_read(chromium, address, made):
    with watched(chromium, java_script_enabled=False) as page:
        page.goto(f"{address}#app={key_of(made, REEL)}")
        assert page.locator("tbody.app:visible").count() == len(made.rows)
        assert page.locator(".strip:visible").count() > 20
        assert page.locator("form").is_hidden()
        reel = page.locator(f"[id='app={key_of(made, REEL)}']")
        reel.locator("summary").click()
        expect(reel.locator(".evidence")).to_be_visible()
        assert reel.locator(".evidence button").count() == 0
        assert page.locator(".card").first.inner_text().startswith("Category")
        page.locator(".left-out summary").click()
        expect(page.locator(".left-out").get_by_text("samples/package.json")).to_be_visible()


def test_nothing_sticks_out_of_the_page(opened):
    app(opened, REEL).click()
    expect(opened.locator(".open .diagram > svg")).to_be_visible()
    for width in (360, 800, 1024, 1200, 1920):
        expect_within(opened, width)


def test_hostile_text_is_shown_as_it_is_and_does_nothing(page, hostile_address):
    page.goto(hostile_address)
    shown = page.locator("th.name a bdi").evaluate_all("all => all.map(each => each.textContent.trim())")
    assert shown == [one_line(elide(text, 120)).strip() for text in HOSTILE.values()]
    for link in page.locator("th.name a").all():
        link.press("Enter")
    expect(page.locator(".open .diagram > svg")).to_have_count(len(HOSTILE))
    assert page.evaluate("window.hurt") is None
    assert page.locator("img, iframe, object, embed").count() == 0
    assert page.title() == one_line(HOSTILE["script"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "filter"), [(1440, ""), (400, ""), (1100, "gives=video&takes=text&")])
def test_the_page_is_accessible(chromium, address, made, scheme, width, filter):
    with watched(chromium, color_scheme=scheme, viewport={"width": width, "height": 900}) as page:
        page.goto(f"{address}#{filter}app={key_of(made, REEL)}")
        expect(page.locator(".open .diagram > svg")).to_be_visible()
        page.locator(".open .evidence .trace").first.click()
        expect(page.locator(".open .evidence .trace").first).to_have_attribute("aria-pressed", "true")
        for closed in page.locator("#summary details:not([open]) > summary, .left-out > summary").all():
            closed.click()
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found] == []
