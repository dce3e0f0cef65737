"""Where a new app comes from: ids that only copying brings about, the same graph, the version it was."""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import content
from click.testing import CliRunner
from hostile import HOSTILE

from lamina_graph.cli import cli
from lamina_graph.files import load
from lamina_graph.history import Arrival, Origin, origins
from lamina_graph.history.app_origins import MOST
from lamina_graph.store import FetchResult, FetchScope, Snapshot, Store, Version

HERE, THERE = "https://app.uselamina.ai", "https://staging.example"
DAY = timedelta(days=1)
FIRST = datetime(2026, 3, 1, 2, tzinfo=UTC)


def night(number: int) -> datetime:
    return FIRST + number * DAY


def graph(*chains: str, copied: str = "x") -> dict[str, Any]:
    """Return a graph of letters, whose ids bear a stamp each and one ending."""

    def stamp(letter: re.Match[str]) -> str:
        return f"{letter[0]}Node-177300000{ord(letter[0]):04d}-{copied}"

    return content(*(re.sub(r"\b[a-z]\b", stamp, chain) for chain in chains))


REEL = graph('a > b > c="Reel"')
LONGER = graph('a > b > c="Reel" > d')
RELABELLED = graph('a > b > c="Reel 9:16"')
DUPLICATED = graph('a > b > c="Reel"', copied="y")
NAMELESS = graph("a > b > c")


def version(app: str, taken: int, content: Any, appeared: int = 0, base_url: str = HERE) -> Version:
    return Version(f"{app}{taken}", app, base_url, app.title(), night(appeared), night(taken), content)


def arrival(content: dict[str, Any], at: int = 9) -> Arrival:
    app = Snapshot(
        id="new",
        app_id="new",
        base_url=HERE,
        name="New",
        taken_at=night(at),
        recorded_at=night(at),
        workflow=load(content),
    )
    return Arrival(app, night(at) - timedelta(minutes=1), night(at) + timedelta(minutes=1))


def origin(content: dict[str, Any], *versions: Version) -> tuple[str, str, int, str | None] | None:
    found: Origin | None = origins([arrival(content)], versions).get("new")
    return (found.app_id, found.by, found.shared_ids, found.snapshot) if found else None


CASES = {
    "ids of nodes": (REEL, [version("reel", 1, REEL)], ("reel", "ids", 3, "reel1")),
    "the version that it was": (
        REEL,
        [version("reel", 1, REEL), version("reel", 5, LONGER)],
        ("reel", "ids", 3, "reel1"),
    ),
    "edited since": (
        graph('a > b > c="Reel" > e'),
        [version("reel", 1, REEL), version("reel", 5, LONGER)],
        ("reel", "ids", 3, "reel1"),
    ),
    "two versions of the same nodes": (
        RELABELLED,
        [version("reel", 1, REEL), version("reel", 5, RELABELLED)],
        ("reel", "ids", 3, "reel5"),
    ),
    "either of two versions": (
        graph('a > b > c="Other"'),
        [version("reel", 1, REEL), version("reel", 5, RELABELLED)],
        ("reel", "ids", 3, None),
    ),
    "a version of which only the detail changed": (
        REEL,
        [version("reel", 1, REEL), version("reel", 5, REEL)],
        ("reel", "ids", 3, "reel1"),
    ),
    "what the same run met": (
        REEL,
        [version("reel", 1, LONGER), version("reel", 9, REEL)],
        ("reel", "ids", 3, "reel9"),
    ),
    "what came later": (
        REEL,
        [version("reel", 1, LONGER), version("reel", 10, REEL)],
        ("reel", "ids", 3, "reel1"),
    ),
    "most of several": (
        LONGER,
        [version("part", 1, graph("a > b")), version("reel", 2, REEL)],
        ("reel", "ids", 3, "reel2"),
    ),
    "the oldest of several": (
        REEL,
        [version("b", 1, REEL, appeared=1), version("a", 2, REEL, appeared=2)],
        ("b", "ids", 3, "b1"),
    ),
    "the same labels": (DUPLICATED, [version("reel", 1, REEL)], ("reel", "labels", 0, "reel1")),
    "the same labels before the same graph": (
        DUPLICATED,
        [version("other", 1, RELABELLED), version("reel", 2, REEL)],
        ("reel", "labels", 0, "reel2"),
    ),
    "the same graph": (DUPLICATED, [version("reel", 1, RELABELLED)], ("reel", "graph", 0, "reel1")),
    "labels that nobody gave": (
        graph("a > b > c", copied="y"),
        [version("reel", 1, NAMELESS)],
        ("reel", "graph", 0, "reel1"),
    ),
    "another graph of the same types": (DUPLICATED, [version("reel", 1, graph("a > b", "a > c"))], None),
    "a graph too small": (graph("a > b", copied="y"), [version("reel", 1, graph("a > b"))], None),
    "ids without a stamp": (
        {"nodes": [{"id": "a", "type": "t"}], "edges": []},
        [version("reel", 1, {"nodes": [{"id": "a", "type": "t"}], "edges": []})],
        None,
    ),
    "an app of the same night": (REEL, [version("reel", 9, REEL, appeared=9)], None),
    "another address": (REEL, [version("reel", 1, REEL, base_url=THERE)], None),
    "itself": (REEL, [version("new", 1, REEL)], None),
    "nothing": (REEL, [], None),
    "no graph at all": (
        REEL,
        [
            version(str(at), at, each)
            for at, each in enumerate([None, [], {"nodes": 3}, {"nodes": [1, "a", {}]}])
        ],
        None,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_origin_of_a_new_app_is_found_where_it_can_be_known(name: str):
    content, versions, found = CASES[name]
    assert origin(content, *versions) == found


def test_only_the_first_of_very_many_twins_are_compared():
    twins = [version(f"a{number:04}", 1, RELABELLED) for number in range(MOST)]
    assert origin(DUPLICATED, *twins, version("reel", 2, REEL)) == ("a0000", "graph", 0, "a00001")
    assert origin(DUPLICATED, *twins[1:], version("reel", 2, REEL)) == ("reel", "labels", 0, "reel2")


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            Origin(app_id="a", name="Reel", by="ids", shared_ids=3, snapshot="s", taken_at=FIRST),
            "copied from Reel, version of 2026-03-01 02:00: 3 node ids in both",
        ),
        (Origin(app_id="a", name="Reel", by="ids", shared_ids=1), "copied from Reel: 1 node id in both"),
        (Origin(app_id="a", name=None, by="labels"), "copied from a: the same graph with the same labels"),
        (Origin(app_id="a", name="Reel", by="graph"), "the same graph as Reel"),
    ],
)
def test_an_origin_says_how_it_is_known(found: Origin, sentence: str):
    assert found.sentence == sentence


# The command


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("origins") / "store.db"
    apps = {
        "reel": (0, "Reel", LONGER | {"name": "Reel"}),
        "hostile": (0, HOSTILE[0], graph("p > q > r")),
        "fork": (2, "Fork", REEL | {"name": "Fork"}),
        "twin": (2, "Twin", graph('a > b > c="Reel" > d', copied="y")),
        "fresh": (2, "Fresh", graph("e > f > g")),
        "bad": (2, "Bad", graph("p > q > r")),
    }
    with Store(str(place)) as store:
        for number in range(3):
            run = store.begin(HERE, FetchScope(), night(number))
            answers = [
                FetchResult(app_id=id_, at=night(number), name=name, workflow=content)
                for id_, (since, name, content) in apps.items()
                if number >= since
            ]
            store.record(run.id, answers)
            store.finish(run.id, night(number) + timedelta(minutes=1), complete=True)
    return place


def shown(place: Path, form: str) -> str:
    words = ["--store", str(place), "changes", "--since", "2026-03-02", "--until", "2026-03-04", "-f", form]
    return CliRunner().invoke(cli, words, prog_name="lamina-graph").stdout


def test_a_copied_app_is_shown_with_its_origin(place: Path):
    found = {each["appId"]: each for each in json.loads(shown(place, "json"))["changes"]}
    assert found["fork"]["text"] == (
        "New app: Fork (3 nodes), copied from Reel, version of 2026-03-01 02:00: 3 node ids in both"
    )
    assert found["fork"]["origin"] | {"snapshot": None} == {
        "appId": "reel",
        "name": "Reel",
        "by": "ids",
        "shared_ids": 3,
        "snapshot": None,
        "taken_at": "2026-03-01T02:00:00Z",
    }
    assert found["twin"]["origin"]["by"] == "labels"
    assert found["fresh"]["origin"] is None
    assert found["fresh"]["text"] == "New app: Fresh (3 nodes)"


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("text", HOSTILE[0]),
        ("markdown", r"\<script\>alert\(1\)\</script\>"),
        ("html", html.escape(HOSTILE[0])),
        ("github", HOSTILE[0]),
        ("slack", HOSTILE[0]),
    ],
)
def test_every_format_names_the_app_that_was_copied(place: Path, form: str, name: str):
    output = shown(place, form).replace("&nbsp;", " ").replace("&#x200B;", "")
    assert "copied from Reel, version of 2026-03-01 02:00" in output
    assert name in output
