"""How a catalogue report opens: its date, and at most five sentences, the worst first."""

from datetime import UTC, datetime

import pytest
from catalogue_entries import broken, entry, estimate
from commandline import lamina
from conftest import SAMPLES

from lamina_graph.files import load
from lamina_graph.model import Entry
from lamina_graph.records import FetchResult, FetchScope
from lamina_graph.report.catalogue import WRITERS, AnalysisOptions, News, Timing, report
from lamina_graph.store import Store

UNDRAWN = AnalysisOptions(draw=False)
DAY = datetime(2026, 3, 9, tzinfo=UTC)


def sentences(entries, **options):
    return [each.text for each in report(entries, options=UNDRAWN, **options).opening]


def clip(name, app_id=None, types=("textInputNode", "klingVideoNode")):
    return entry(name, list(types), [(0, 1)], app_id=app_id or name)


def test_the_first_sentence_says_what_there_is():
    made = [clip("Clip"), clip("Still", types=("imageInputNode", "fluxImageNode"))]
    assert sentences(made) == ["2 apps: 1 image, 1 video."]


def test_what_is_broken_comes_second():
    cut = load(
        {
            "name": "Cut",
            "nodes": [{"id": "a", "type": "klingVideoNode"}],
            "edges": [{"source": "a", "target": "gone"}],
        }
    )
    found = sentences([clip("Clip"), broken(), Entry(ref="cut.json", workflow=cut)])
    assert found[0] == "3 apps: 2 video."
    assert found[1] == "1 could not be read and 1 has errors: Cut."


def test_one_pipeline_under_two_names_is_named_once():
    found = report([clip("Clip"), clip("Reel")], options=UNDRAWN)
    assert found.opening[1].text == "1 pipeline stands under more than one name: Clip = Reel."
    assert [phrase.link for phrase in found.opening[1].phrases if phrase.link] == [
        "#alike=twins",
        "#alike=twins-1",
    ]


def test_versions_of_one_app_are_one_app_and_no_two_names():
    found = report([clip("Clip", "a"), clip("Clip", "a"), clip("Other", "b", ("a", "b"))], options=UNDRAWN)
    assert found.opening[0].text.startswith("2 apps: ")
    assert "; 1 more is an older version of one of them." in found.opening[0].text
    assert (found.summary.apps, found.summary.older) == (2, 1)
    assert not any("more than one name" in each.text for each in found.opening)


def test_the_newest_version_is_the_one_whose_newest_node_is_the_youngest():
    reel = SAMPLES / "history" / "quick-reel-maker"
    entries = [Entry(ref=f"v{number}.json", workflow=load(reel / f"v{number}.json")) for number in (4, 1, 3)]
    rows = report(entries, options=UNDRAWN).rows
    assert [row.ref for row in rows if row.newer is None] == ["v4.json"]
    assert {row.newer for row in rows if row.newer} == {rows[0].key}


@pytest.mark.parametrize("folder", ["tests", "samples", "my/Fixtures"])
def test_files_from_folders_of_tests_and_samples_are_said_to_be(folder):
    found = sentences([clip("Clip"), clip("Still").model_copy(update={"ref": f"{folder}/still.json"})])
    assert f"; 1 of the 2 rows comes from a folder called “{folder.split('/')[-1]}”." in found[0]


def test_what_costs_most_and_what_has_no_price():
    apps = [clip("Clip"), clip("Film", types=("a", "veoVideoNode")), clip("Free", types=("b", "c"))]
    prices = [estimate("Clip", 40), estimate("Film", 1200)]
    found = sentences(apps, estimates=prices)
    assert "One run of each priced app costs 1,240 credits, Film alone 1,200; 1 not priced." in found


def test_what_is_unclear_is_named_with_how_sure_it_is():
    found = sentences([clip("Clip"), clip("Mystery", types=("zephyr", "quux"))])
    assert found[-1].startswith("Least certain: Mystery (")


def test_there_are_never_more_than_five_sentences():
    cut = load(
        {
            "name": "Cut",
            "nodes": [{"id": "a", "type": "klingVideoNode"}],
            "edges": [{"source": "a", "target": "gone"}],
        }
    )
    apps = [
        clip("Clip"),
        clip("Reel"),
        clip("Mystery", types=("zephyr", "quux")),
        broken(),
        Entry(ref="cut.json", workflow=cut),
    ]
    timing = Timing(news=News(since=DAY, new=("Clip",), gone=("Old app",)))
    found = sentences(apps, estimates=[estimate("Clip", 3)], timing=timing)
    assert len(found) == 5
    assert "; least certain: Mystery" in found[1]
    assert found[2] == "Since 2026-03-09 1 is gone: Old app; 1 is new: Clip."


@pytest.mark.parametrize(
    ("timing", "line"),
    [
        (Timing(snapshots=(DAY, DAY)), "Snapshot of 2026-03-09"),
        (Timing(snapshots=(DAY.replace(day=1), DAY)), "Snapshots of 2026-03-01 to 2026-03-09"),
        (Timing(snapshots=(DAY, DAY), at=DAY.replace(day=10)), "Snapshot of 2026-03-09, as of 2026-03-10"),
        (Timing(), "Newest node of 2026-03-11"),
    ],
)
def test_a_report_says_its_date(timing, line):
    reel = Entry(ref="reel.json", workflow=load(SAMPLES / "reel-five-shots.json"))
    assert report([reel], options=UNDRAWN, timing=timing).date == line


def test_every_form_opens_with_the_date_and_the_sentences():
    made = report([clip("Clip"), broken()], options=UNDRAWN, timing=Timing(snapshots=(DAY, DAY)))
    text = WRITERS["markdown"](made)
    assert text.startswith(
        "# Lamina catalogue\n\nSnapshot of 2026-03-09.\n\n- 2 apps: 1 video.\n- 1 could not be read.\n"
    )
    page = WRITERS["html"](made)
    assert '<p class="date soft">Snapshot of 2026-03-09</p>' in page
    assert made.model_dump(mode="json")["opening"][1]["phrases"][0]["link"] == "#category=unreadable"


@pytest.fixture
def store(tmp_path):
    """A store of three nights: on the second one app is new, on the third another is gone."""
    url = f"sqlite:///{tmp_path / 'lamina.db'}"
    with Store(url) as store:
        for day, seen, gone in (
            (1, ["Clip", "Old"], []),
            (8, ["Clip", "Old", "Fresh"], []),
            (9, ["Clip", "Fresh"], ["Old"]),
        ):
            at = DAY.replace(day=day)
            run = store.begin("https://api.example", FetchScope(), at)
            store.record(run.id, [FetchResult(app_id=name, at=at, workflow=raw(name)) for name in seen])
            store.record(run.id, [FetchResult(app_id=name, at=at, outcome="gone") for name in gone])
            store.finish(run.id, at)
    return url


def raw(name):
    return clip(name).workflow.model_dump(mode="json")


def test_a_report_of_a_store_says_what_came_and_went_in_the_week_before(store):
    text = lamina("--store", store, "report", "--all", "-f", "markdown").stdout
    assert text.splitlines()[2] == "Snapshots of 2026-03-01 to 2026-03-08."
    assert "- Since 2026-03-02 1 is gone: Old; 1 is new: Fresh." in text


def test_a_report_of_a_day_knows_nothing_of_later_days(store):
    text = lamina("--store", store, "report", "--at", "2026-03-08", "-f", "markdown").stdout
    assert text.splitlines()[2] == "Snapshots of 2026-03-01 to 2026-03-08, as of 2026-03-08."
    assert "1 is new: Fresh." in text
    assert "gone" not in text


def test_the_first_night_of_a_store_makes_no_app_new(store):
    text = lamina("--store", store, "report", "--at", "2026-03-01", "-f", "markdown").stdout
    assert "2 apps: 2 video." in text
    assert "new" not in text.split("## ")[0]
