"""The command `report`: what it takes from files and from a store, and what it says beside the report."""

import json
from pathlib import Path

import jsonschema
import pytest
from commandline import api, lamina
from conftest import SAMPLES

from lamina_graph.cli.schemas import schema_of
from lamina_graph.files import load

REEL = SAMPLES / "reel-five-shots.json"
CARTOONIFY = SAMPLES / "cartoonify.json"


def price(path: Path, app: Path, credits: float) -> Path:
    """Write what a run of an app costs, as the API gives it."""
    answer = {"appId": load(app).app_id, "estimatedCredits": {"expected": credits}, "breakdown": []}
    path.write_text(json.dumps({"data": answer}))
    return path


def report_of(*words: object) -> dict:
    """Return the report as JSON, which its schema describes."""
    result = lamina("report", "-f", "json", *words)
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    jsonschema.validate(report, schema_of("report"))
    return report


def test_estimates_come_from_files_and_folders(tmp_path: Path):
    (tmp_path / "more").mkdir()
    one = price(tmp_path / "one.json", REEL, 254)
    price(tmp_path / "more" / "two.json", CARTOONIFY, 8)
    report = report_of(REEL, CARTOONIFY, "--estimate", one, "--estimate", tmp_path / "more")
    assert [row["credits"]["expected"] for row in report["rows"]] == [254, 8]
    assert report["summary"]["credits"]["total"] == 262


def test_other_files_are_named_in_a_folder_and_refused_alone(tmp_path: Path):
    price(tmp_path / "one.json", REEL, 254)
    (tmp_path / "other.json").write_text('{"a": 1}')
    result = lamina("report", REEL, "--estimate", tmp_path)
    assert result.exit_code == 0
    assert f"skipped {tmp_path / 'other.json'}" in result.stderr
    assert lamina("report", REEL, "--estimate", tmp_path / "other.json").exit_code == 2


def test_an_estimate_of_an_app_that_is_not_in_the_report_is_named(tmp_path: Path):
    result = lamina("report", REEL, "--estimate", price(tmp_path / "one.json", CARTOONIFY, 8))
    assert f"there is an estimate for it: {load(CARTOONIFY).app_id}" in result.stderr
    assert "Credits" not in result.stdout


def test_skipped_files_are_in_the_report(tmp_path: Path):
    (tmp_path / "app.json").write_bytes(REEL.read_bytes())
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (skipped,) = report_of(tmp_path)["skipped"]
    assert skipped["path"] == str(tmp_path / "package.json")
    assert skipped["reason"]


@pytest.fixture
def store(tmp_path: Path, loopback) -> tuple[object, ...]:
    """A store with a snapshot of all apps with estimates."""
    store = ("--store", tmp_path / "lamina.db")
    assert lamina(*store, "snapshot", "--all", "--estimate", env=api(loopback)).exit_code == 0
    return store


def test_a_store_brings_its_estimates(store):
    everything = json.loads(lamina(*store, "report", "--all", "-f", "json").stdout)
    assert len(everything["rows"]) > 10
    assert everything["summary"]["credits"]["unpriced"] == 0
    one = json.loads(lamina(*store, "report", "Quick Reel Maker@latest", "-f", "json").stdout)
    (again,) = [row for row in everything["rows"] if row["name"] == "Quick Reel Maker"]
    assert one["rows"][0]["credits"] == again["credits"]
    assert again["credits"]["path"]


@pytest.mark.parametrize(
    ("words", "message"),
    [((), "name some REFs"), (("--all", REEL), "leave out the REFs")],
)
def test_a_report_has_one_source_only(words, message):
    result = lamina("report", *words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_report_of_a_store_that_does_not_exist_is_an_error(tmp_path: Path):
    result = lamina("--store", tmp_path / "none.db", "report", "--all")
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


def test_a_folder_of_estimates_that_cannot_be_read_whole_is_an_error(tmp_path: Path):
    (tmp_path / "gone.json").symlink_to("nowhere.json")
    result = lamina("report", SAMPLES / "chain.json", "--estimate", tmp_path)
    assert (result.exit_code, "a link to a file that is not there" in result.stderr) == (2, True)
