"""The page of a report of more apps than one file holds well, and the files beside it."""

import re
import shutil
from functools import partial
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote, unquote, urlsplit

import pytest
from browser import watched
from builders import numbered
from commandline import lamina
from playwright.sync_api import expect

import lamina_graph.report.catalogue as catalogue
from lamina_graph.errors import InputError
from lamina_graph.files import canonical
from lamina_graph.model import Entry
from lamina_graph.report.catalogue import AnalysisOptions, report, save

UNDRAWN = AnalysisOptions(draw=False)


def apps(amount, types=("klingVideoNode",)):
    """Apps of a few nodes, each of a name of its own."""
    for number in range(amount):
        workflow = numbered(types, [], [f"{number}-{at}" for at in range(len(types))], name=f"App {number}")
        yield Entry(ref=f"{number}.json", workflow=workflow)


@pytest.fixture
def few(monkeypatch):
    """A limit of so few apps in one file that tests of what lies beyond are quick."""
    monkeypatch.setattr(catalogue, "MOST_IN_ONE_FILE", 32)


@pytest.fixture(scope="module")
def large():
    """A report of more apps than these."""
    return report(apps(40), title="Many")


@pytest.fixture
def saved(large, few, tmp_path):
    """Its page, in a folder with a blank in its name."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    save(large, folder / "many & more.html")
    return folder / "many & more.html"


def beside(page: Path):
    return page.with_name(f"{page.stem}_files")


def test_a_page_of_up_to_2000_apps_is_one_file_and_so_is_what_goes_into_a_stream(tmp_path):
    made = report(apps(2_001), options=UNDRAWN)
    most = made.model_copy(update={"rows": made.rows[:2_000]})
    assert catalogue.files_beside(made, "html", tmp_path / "r.html")
    assert catalogue.files_beside(most, "html", tmp_path / "r.html") is None
    assert catalogue.files_beside(made, "html", "/dev/stdout") is None
    assert catalogue.files_beside(made, "csv", tmp_path / "r.csv") is None


def test_a_page_of_few_apps_has_nothing_beside_it(few, tmp_path):
    save(report(apps(32)), tmp_path / "r.html")
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]
    assert "strict-dynamic" not in (tmp_path / "r.html").read_text()


def test_the_command_says_that_there_is_a_folder_beside_the_page(few, tmp_path):
    (tmp_path / "apps").mkdir()
    for entry in apps(33):
        (tmp_path / "apps" / entry.ref).write_text(canonical(entry.workflow))
    said = lamina("report", tmp_path / "apps", "-o", tmp_path / "r.html").stderr
    assert "the details of the apps are in the folder r_files: keep it beside the page" in said
    assert len(list((tmp_path / "r_files").iterdir())) == 2
    printed = lamina("report", tmp_path / "apps", "-f", "html").stdout
    assert "data-file" not in printed
    assert printed.startswith("<!doctype html>")


def test_a_larger_page_names_each_file_beside_it_by_what_it_holds_and_runs_only_what_its_script_loads(saved):
    page = unescape(saved.read_text())
    named = re.findall(
        r'<script type="text/plain" class="packed" data-file="([0-9a-f]{32}\.js)"></script>', page
    )
    assert len(named) == 2
    assert sorted(named) == sorted(path.name for path in beside(saved).iterdir())
    assert re.search(r"script-src 'sha256-[^']+' 'strict-dynamic'; base-uri 'none'", page)
    for path in beside(saved).iterdir():
        assert re.fullmatch(r'laminaGraphPacked\("[A-Za-z0-9+/= ]+"\);\n', path.read_text())


def test_the_same_report_gives_the_same_files(large, saved):
    before = {path.name: path.read_bytes() for path in (saved, *beside(saved).iterdir())}
    save(large, saved)
    assert {path.name: path.read_bytes() for path in (saved, *beside(saved).iterdir())} == before


def test_files_of_earlier_runs_go_and_those_of_others_stay(saved):
    other, link = beside(saved) / ("0" * 32 + ".js"), beside(saved) / ("1" * 32 + ".js")
    other.write_text("alert(1)")
    link.symlink_to(other)
    earlier = {path.name for path in beside(saved).iterdir()} - {other.name, link.name}
    save(report(apps(40, ["fluxImageNode"]), options=UNDRAWN), saved)
    now = {path.name for path in beside(saved).iterdir()}
    assert {other.name, link.name} < now
    assert not earlier & now


def test_files_of_an_earlier_run_go_with_a_page_that_needs_none(saved):
    save(report(apps(3)), saved)
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_folder_of_somebody_else_stays_though_it_is_empty_but_for_other_files(few, tmp_path):
    other = tmp_path / "r_files" / ("0" * 32 + ".js")
    other.parent.mkdir()
    other.write_text("alert(1)")
    save(report(apps(3)), tmp_path / "r.html")
    assert other.read_text() == "alert(1)"


def test_a_page_whose_files_another_run_took_away_is_not_written(large, few, tmp_path):
    pieces = catalogue.html_pieces(large, catalogue.files_beside(large, "html", tmp_path / "r.html"))
    last = list(pieces)[-1]
    assert last.endswith("</html>")
    pieces = catalogue.html_pieces(large, catalogue.files_beside(large, "html", tmp_path / "r.html"))
    while next(pieces) != last:
        pass
    shutil.rmtree(tmp_path / "r_files")
    with pytest.raises(InputError, match="r_files: files that belong to the page have disappeared"):
        next(pieces)


def test_where_no_folder_can_be_made_the_page_before_stays_whole(large, saved):
    before = saved.read_bytes()
    shutil.rmtree(beside(saved))
    beside(saved).write_text("a file in the way")
    with pytest.raises(InputError, match=r"many & more_files/.* cannot be written"):
        save(large, saved)
    assert saved.read_bytes() == before


def test_an_app_shows_what_is_in_a_file_beside_the_page_and_says_where_that_is(saved, chromium):
    with watched(chromium) as page:
        page.goto(f"{saved.as_uri()}#app=30.json")
        expect(page.locator("tbody.open .diagram > svg")).to_be_visible()
        expect(page.locator("tbody.open .facts")).to_contain_text("Why video")
        expect(page.get_by_text("are in the folder many & more_files")).to_be_visible()
        page.locator("th.name").get_by_role("link", name="App 3", exact=True).click()
        expect(page.locator("tbody.open .diagram > svg")).to_have_count(2)


def test_served_by_http_the_page_asks_its_own_server_for_what_is_opened_and_nobody_else(saved, chromium):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(saved.parent))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        context = chromium.new_context()
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        origin = f"http://127.0.0.1:{server.server_port}"
        page.goto(f"{origin}/{quote(saved.name)}#app=30.json")
        expect(page.locator("tbody.open .diagram > svg")).to_be_visible()
        context.close()
        server.shutdown()
    of_page, of_file = (urlsplit(address) for address in asked)
    assert f"{of_page.scheme}://{of_page.netloc}" == f"{of_file.scheme}://{of_file.netloc}" == origin
    assert unquote(of_file.path) in {f"/{beside(saved).name}/{path.name}" for path in beside(saved).iterdir()}


def test_what_is_missing_beside_the_page_is_said_and_found_once_it_is_back(saved, chromium):
    moved = beside(saved).rename(saved.with_name("elsewhere"))
    # The browser itself writes of a missing file to its console.
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{saved.as_uri()}#app=30.json")
    words = page.get_by_role("alert").filter(has_text="keep the folder many & more_files beside this page")
    expect(words).to_be_visible()
    moved.rename(beside(saved))
    link = page.locator("th.name").get_by_role("link", name="App 30", exact=True)
    link.click()
    expect(link).to_have_attribute("aria-expanded", "false")
    link.click()
    expect(page.locator("tbody.open .diagram > svg")).to_be_visible()
    expect(words).to_have_count(0)
    context.close()
