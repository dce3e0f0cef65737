"""One app over time: its steps, ages, text and page."""

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import expect_equal, watched
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Locator, Page, expect
from years import FIRST, WEEKS, Year, night

from lamina_graph.classify import RULES, user_rules
from lamina_graph.cli import cli
from lamina_graph.cli.schemas import schema_of
from lamina_graph.diff import ComparisonPolicy, Version, diff
from lamina_graph.errors import InputError
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.history import History, ages, history
from lamina_graph.model import Workflow
from lamina_graph.render import draw_versions
from lamina_graph.report.history import html, text
from lamina_graph.store import Event, FetchResult, FetchScope, Snapshot, Store

SAMPLES = Path(__file__).parent.parent / "samples"
REEL = [load(SAMPLES / "history" / "quick-reel-maker" / f"v{n}.json") for n in range(1, 6)]
BASE = "https://app.uselamina.ai"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31m\u202e"


def snapshots(*workflows: Workflow, **parts: list[Any]) -> list[Snapshot]:
    return [
        Snapshot(
            id=f"{place:016x}",
            app_id="reel",
            base_url=BASE,
            name=workflow.name,
            taken_at=night(place),
            recorded_at=night(place),
            workflow=workflow,
            **{name: values[place] for name, values in parts.items()},
        )
        for place, workflow in enumerate(workflows)
    ]


def event(week: float, kind: str, why: str = "") -> Event:
    at = FIRST + timedelta(weeks=week)
    return Event(run="r", app_id="reel", name="Reel", at=at, recorded_at=at, kind=kind, why=why)


def kinds(found: History) -> list[str]:
    return [step.kind for step in found.steps]


# The steps


def test_the_steps_of_a_history_agree_with_the_diffs(tmp_path: Path):
    with Store(str(tmp_path / "store.db")) as store:
        year = Year(store)
        year.record(range(WEEKS))
        for app in store.apps():
            versions = list(store.history(app))
            steps = history(versions, store.events(app=app)).versions
            assert len(steps) == len(versions)
            for old, new, step in zip(versions, versions[1:], steps[1:], strict=False):
                found = diff(
                    Version(old.workflow, old.detail, old.estimate),
                    Version(new.workflow, new.detail, new.estimate),
                )
                assert (step.changes, step.severity, step.snapshot) == (found.changes, found.severity, new.id)
        lost = next(app for app in store.apps() if app.app_id == year.lost)
        found = history(store.history(lost), store.events(app=lost))
        assert kinds(found) == ["appeared", "gone", "back", "changed", "changed"]
        assert found.gone is None


def test_an_app_that_is_gone_stays_in_its_history():
    found = history(snapshots(*REEL[:2]), [event(3, "gone", "404")])
    assert kinds(found) == ["appeared", "changed", "gone"]
    assert found.gone == FIRST + timedelta(weeks=3)
    assert "gone since 2025-01-27" in text(found)


def test_unknown_nights_in_a_row_are_one_step():
    failing = [event(n / 7, "unknown", "503") for n in range(1, 5)] + [event(6 / 7, "partial", "detail: 500")]
    found = history(snapshots(REEL[0], REEL[1]), failing)
    assert [(step.kind, step.times, step.unknown) for step in found.steps[1:-1]] == [
        ("unknown", 4, ("503",)),
        ("unknown", 1, ("detail: 500",)),
    ]
    assert "(4 times, until" in text(found)


def test_a_part_that_a_run_did_not_ask_for_is_not_forgotten():
    detail = {"appId": "reel", "name": "Reel"}
    details = [{**detail, "description": "one"}, None, {**detail, "description": "two"}]
    found = history(snapshots(*[REEL[0]] * 3, detail=details))
    assert kinds(found) == ["appeared", "same", "changed"]
    assert [change.rule for change in found.steps[-1].changes] == ["detail-changed"]


def test_credits_are_those_last_known():
    estimates = [
        {"appId": "reel", "estimatedCredits": {"expected": credits}} if credits else None
        for credits in (10, None, 14)
    ]
    found = history(snapshots(*REEL[:3], estimate=estimates))
    assert [step.state.credits for step in found.versions] == [10, 10, 14]
    assert "credits-up" in {change.rule for change in found.steps[-1].changes}


def test_a_history_of_an_unknown_app_is_an_error():
    with pytest.raises(InputError, match="no snapshot"):
        history([])


# Ages

STAMPS = [1_773_051_929_782, 1_773_051_939_782, 1_773_149_496_212]


def stamped(*stamps: object) -> Workflow:
    nodes = [{"id": f"fluxNode-{stamp}-{place:x}", "type": "fluxNode"} for place, stamp in enumerate(stamps)]
    return load({"nodes": nodes, "edges": []})


def test_pauses_separate_editing_sessions():
    found = ages(features(stamped(*STAMPS)))
    assert [(each.nodes, each.survivors) for each in found.sessions] == [(2, 2), (1, 3)]
    assert found.oldest == datetime(2026, 3, 9, 10, 25, 29, 782_000, UTC)
    assert [made.id for made in found.order] == [f"fluxNode-{s}-{n}" for n, s in enumerate(STAMPS)]


def test_stamps_before_2020_or_in_the_future_are_unknown():
    now = datetime(2026, 3, 10, tzinfo=UTC)
    found = ages(features(stamped(STAMPS[0], 1_262_304_000_000, STAMPS[2], "plain")), now)
    assert [made.at.year for made in found.order] == [2026]
    assert len(found.unknown) == 3


def test_survivors_at_a_date_are_the_nodes_made_by_then():
    found = ages(features(stamped(*STAMPS)))
    assert len(found.survivors(datetime(2026, 3, 9, 12, tzinfo=UTC))) == 2
    assert found.survivors(datetime(2026, 3, 1, tzinfo=UTC)) == ()
    assert found.remark == "Nodes that were removed since cannot be seen."


@settings(deadline=None)
@given(st.lists(st.integers(1_577_836_800_000, 1_800_000_000_000), max_size=20), st.integers(1, 10**6))
def test_sessions_hold_each_node_once(stamps: list[int], gap: int):
    found = ages(features(stamped(*stamps)), gap=timedelta(seconds=gap))
    assert sum(session.nodes for session in found.sessions) == len(found.order) == len(stamps)
    assert [session.survivors for session in found.sessions][-1:] == [len(stamps)] * bool(stamps)
    assert tuple(made for each in found.sessions for made in found.made_in(each)) == found.order
    for one, two in pairwise(found.sessions):
        assert two.start - one.end > timedelta(seconds=gap)


def test_show_and_history_agree_on_ages():
    found = history(snapshots(*REEL), now=datetime(2026, 4, 1, tzinfo=UTC))
    words = ["show", str(SAMPLES / "history" / "quick-reel-maker" / "v5.json")]
    for output in (text(found), CliRunner().invoke(cli, words).stdout):
        assert "5 editing sessions" in output
        assert "2026-01-12 10:02    6 nodes   6 of 17 present  Product photo, What is the reel" in output
        assert "2026-03-11 11:06     1 node  17 of 17 present  Cut the reel" in output
        assert re.search("removed (since )?cannot be seen|removed nodes cannot be seen", output)
    in_json = json.loads(CliRunner().invoke(cli, [*words, "--json", "--ages"]).stdout)["ages"]
    assert in_json == found.ages.model_dump(mode="json")
    assert [in_json["oldest"], in_json["newest"]] == [in_json["order"][place]["at"] for place in (0, -1)]
    assert len(in_json["order"]) == 17


def test_a_long_list_of_sessions_is_shortened_in_show(tmp_path: Path):
    day = 86_400_000
    path = tmp_path / "long.json"
    path.write_text(
        json.dumps(stamped(*(1_600_000_000_000 + day * n for n in range(40))).model_dump(mode="json"))
    )
    found = CliRunner().invoke(cli, ["show", str(path)]).stdout
    assert "… 30 more before; --json --ages has them all" in found
    assert found.count(" of 40 present") == 10


# One layout


def placed(svg: str) -> dict[str, set[str]]:
    """Where the cards of each id stand, in all frames."""
    found: dict[str, set[str]] = {}
    for corner, tip in re.findall(r'transform="translate\(([^)]+)\)"><title>([^<]+)</title>', svg):
        id_ = re.search(r"^id (.+)$", tip, re.MULTILINE)[1]
        found.setdefault(id_, set()).add(corner)
    return found


def test_nodes_stay_where_they_are_in_all_versions():
    changes = [diff(old, new) for old, new in pairwise(REEL)]
    found = draw_versions(REEL[0], changes)
    places = placed(found.svg)
    assert {node.id for workflow in REEL for node in workflow.nodes} == set(places)
    assert {len(corners) for corners in places.values()} == {1}
    for workflow, frame in zip(REEL, found.frames, strict=True):
        assert len(frame) == len(workflow.nodes) + len(workflow.edges) + 1  # and a legend


def test_a_node_that_comes_back_has_its_old_place():
    without = REEL[0].model_copy(update={"nodes": REEL[0].nodes[1:], "edges": REEL[0].edges[2:]})
    versions = [REEL[0], without, REEL[0]]
    found = draw_versions(versions[0], [diff(old, new) for old, new in pairwise(versions)])
    assert found.frames[0] == found.frames[2]


@pytest.mark.parametrize("workflow", [load({"nodes": [], "edges": []}), stamped(1, 1, 1)])
def test_a_history_of_one_version_can_be_drawn(workflow: Workflow):
    assert len(draw_versions(workflow, []).frames) == 1


def test_a_version_of_which_all_is_ignored_lies_between_two_others():
    first = load({"nodes": [{"id": "a", "type": "textInputNode"}], "edges": []})
    second, third = (
        load({"nodes": [{"id": id_, "type": "textInputNode"} for id_ in ids], "edges": []})
        for ids in ("abc", "bc")
    )
    severities = dict.fromkeys((change.rule for change in diff(first, second).changes), "ignore")
    found = history(snapshots(first, second, second, third), policy=ComparisonPolicy(severities=severities))
    assert [step.kind for step in found.versions] == ["appeared", "same", "same", "changed"]
    assert found.versions[1].ignored == len(diff(first, second).changes)
    page = html(found)
    assert "ignored" in page
    assert load(page.encode()) == third
    frames = json.loads(re.search(r'id="frames">(.*?)</script>', page)[1])
    assert len(frames["plain"]) == 3


def test_a_users_category_is_shown():
    rules = user_rules([{"label": "reel", "when": {"nodes": 1}}])
    old = load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    new = old.model_copy(update={"nodes": ()})
    found = history(snapshots(old, new), policy=ComparisonPolicy(category_rules=(*rules, *RULES)))
    assert [step.state.category for step in found.versions] == ["reel", "other"]


# The command


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("history") / "store.db"
    with Store(str(place)) as store:
        for week, workflow in enumerate(REEL):
            run = store.begin(BASE, FetchScope(), night(week))
            given = workflow.model_dump(mode="json", exclude_unset=True)
            hostile = {**given, "name": HOSTILE, "nodes": [n | {"label": HOSTILE} for n in given["nodes"]]}
            answers = [
                FetchResult(app_id=id_, at=night(week), name=raw["name"], workflow=raw)
                for id_, raw in (("reel", given), ("hostile", hostile))
            ]
            store.record(run.id, answers)
            store.finish(run.id, night(week) + timedelta(minutes=1), complete=True)
    return place


def shown(place: Path, *words: object) -> Result:
    words = ("--store", place, "history", *words)
    return CliRunner().invoke(cli, list(map(str, words)), prog_name="lamina-graph")


def test_the_json_of_a_history_satisfies_its_schema(place: Path):
    found = json.loads(shown(place, "reel", "-f", "json").stdout)
    jsonschema.validate(found, schema_of("history"))
    assert [step["kind"] for step in found["steps"]] == ["appeared", *["changed"] * 4]


def test_an_app_is_found_by_the_start_of_its_name(place: Path):
    assert shown(place, "quick reel").stdout == shown(place, "reel").stdout


def test_an_app_that_the_store_does_not_know_is_refused(place: Path):
    result = shown(place, "nobody")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nobody" in result.stderr


def test_the_default_address_is_meant_where_an_app_has_several(tmp_path: Path):
    place, there = tmp_path / "store.db", "https://staging.example"
    raw = REEL[0].model_dump(mode="json", exclude_unset=True)
    with Store(str(place)) as store:
        for base_url in (BASE, there):
            run = store.begin(base_url, FetchScope(), night(0))
            store.record(run.id, [FetchResult(app_id="reel", at=night(0), name="Reel", workflow=raw)])
    words = ["--store", str(place), "history", "reel", "-f", "json"]
    for usual in (BASE, there):
        found = CliRunner().invoke(cli, words, env={"LAMINA_BASE_URL": usual}).stdout
        assert json.loads(found)["baseUrl"] == usual
    refused = CliRunner().invoke(cli, words, env={"LAMINA_BASE_URL": "https://other.example"})
    assert "may be 2 apps" in refused.stderr


@pytest.mark.parametrize(("form", "signs"), [("text", ()), ("html", ("<script>alert", "<img"))])
def test_hostile_names_stay_text(place: Path, form: str, signs: tuple[str, ...]):
    output = shown(place, "hostile", "-f", form).stdout
    assert [sign for sign in ("\x1b", "\u202e", *signs) if sign in output] == []


def test_the_same_history_gives_the_same_bytes(place: Path):
    assert shown(place, "reel", "-f", "html").stdout == shown(place, "reel", "-f", "html").stdout


# The page


@pytest.fixture(scope="module")
def file(place: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    target = tmp_path_factory.mktemp("page") / "reel.html"
    shown(place, "reel", "-o", target)
    return target.as_uri()


def heading(page: Page) -> Locator:
    """What stands above the version that is shown."""
    return page.locator("article:visible h2")


def visible(page: Page) -> list[str]:
    """The titles of the cards that are shown."""
    script = """[...document.querySelectorAll(".lg-part:not(.off) > g > title")]
        .map(title => title.textContent.split("\\n")[0])"""
    return sorted(page.evaluate(script))


def test_the_slider_goes_through_the_versions(page: Page, file: str):
    page.goto(file)
    page.uncheck("#marks")
    for number, workflow in enumerate(REEL, 1):
        page.fill("#at", str(number))
        expect(heading(page)).to_contain_text(f"Version {number}")
        expect_equal(lambda: page.evaluate("location.hash"), f"#v{number}")
        assert len(visible(page)) == len(workflow.nodes)


def test_removed_nodes_are_shown_where_changes_are_marked(page: Page, file: str):
    page.goto(f"{file}#v4")
    changed = diff(REEL[2], REEL[3])
    assert len(visible(page)) == len(REEL[3].nodes) + len(changed.nodes.removed)
    expect(page.locator("article:visible h3").first).to_have_text("✗ 1 breaking")


def test_keys_and_links_move_the_slider(page: Page, file: str):
    page.goto(file)
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#at")).to_have_value("4")
    page.locator(".steps a").last.click()
    expect(page.locator("#at")).to_have_value("1")
    expect(page.locator("#back")).to_be_disabled()


def test_without_a_script_the_last_version_and_the_list_of_all_are_shown(chromium: Browser, file: str):
    with watched(chromium, java_script_enabled=False) as page:
        page.goto(file)
        expect(heading(page)).to_contain_text("Version 5")
        assert page.locator(".steps tbody tr:visible").count() == 5
        assert not page.locator("#at").is_visible()


def test_a_hostile_app_runs_nothing(chromium: Browser, place: Path, tmp_path: Path):
    target = tmp_path / "hostile.html"
    shown(place, "hostile", "-o", target)
    with watched(chromium) as page:
        page.goto(target.as_uri())
        for number in range(1, 6):
            page.fill("#at", str(number))
            expect(heading(page)).to_contain_text(f"Version {number}")
        assert page.locator("script").count() == 2
        assert page.locator("img").count() == 0


def test_a_page_of_one_version_has_no_slider(page: Page, tmp_path: Path):
    page.goto(written(tmp_path, history(snapshots(REEL[0]))))
    expect(heading(page)).to_contain_text("Version 1")
    assert not page.locator(".strip, .controls, .legend").locator("visible=true").count()


def test_a_version_with_only_ignored_changes_is_marked(page: Page, tmp_path: Path):
    levels = dict.fromkeys(("fields-gained", "layout-changed", "app-renamed"), "ignore")
    found = history(
        snapshots(REEL[0], moved(REEL[0]), moved(REEL[1], 2)), policy=ComparisonPolicy(severities=levels)
    )
    page.goto(f"{written(tmp_path, found)}#v2")
    expect(page.locator("article:visible")).to_contain_text("Only ignored changes: 1.")
    page.keyboard.press("ArrowRight")
    expect(page.locator("article:visible")).to_contain_text("And ignored changes: 1.")


def test_the_slider_goes_through_forty_versions(page: Page, tmp_path: Path):
    versions = [moved(REEL[number // 8], number) for number in range(40)]
    page.goto(written(tmp_path, history(snapshots(*versions))))
    page.focus("#at")
    for key, number in (("Home", 1), ("ArrowRight", 2), ("PageUp", 6), ("End", 40), ("ArrowLeft", 39)):
        page.keyboard.press(key)
        expect(heading(page)).to_contain_text(f"Version {number} ")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("at", ["#v1", "#v4", "#v5"])
def test_the_page_is_accessible_at_each_place_of_the_slider(
    chromium: Browser, file: str, scheme: str, at: str
):
    with watched(chromium, color_scheme=scheme) as page:
        page.goto(f"{file}{at}")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_a_printed_page_shows_the_whole_picture(page: Page, file: str):
    page.set_viewport_size({"width": 720, "height": 1000})
    page.goto(f"{file}#v4")
    page.emulate_media(media="print")
    expect(page.locator("#at, #marks").locator("visible=true")).to_have_count(0)
    picture = page.locator(".picture svg").bounding_box()
    assert picture
    assert picture["x"] + picture["width"] <= 720
    assert page.locator(".steps tbody tr").count() == 5


def written(folder: Path, found: History) -> str:
    target = folder / "history.html"
    target.write_text(html(found), encoding="utf-8")
    return target.as_uri()


def moved(workflow: Workflow, x: int = 1) -> Workflow:
    """The same workflow with every node elsewhere on the canvas."""
    raw = workflow.model_dump(mode="json", exclude_unset=True)
    return load({**raw, "nodes": [node | {"position": {"x": x, "y": 0}} for node in raw["nodes"]]})
