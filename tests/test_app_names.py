"""An app goes by its name in any case, its words, the start of its id; near misses are suggested."""

from pathlib import Path

import pytest
from commandline import api, lamina
from loopback import Loopback, serving

NAMES = {
    "0a1b2c3d-0000-4000-8000-000000000001": "Quick Reel Maker",
    "0a1b2c3d-0000-4000-8000-000000000002": "Café: Catalog/2",
    "5e6f7a8b-0000-4000-8000-000000000003": "Jingle",
    "0cafe000-0000-4000-8000-000000000004": "Banner",
    "77777777-0000-4000-8000-000000000005": "Team@Office",
}


@pytest.fixture(scope="module")
def server():
    with serving(Loopback(limit=10_000)) as loopback:
        for id_, name in NAMES.items():
            loopback.apps[id_] = {"appId": id_, "name": name, "nodes": [], "edges": []}
        yield loopback


@pytest.fixture(scope="module", params=["api", "store"])
def show(request, server, tmp_path_factory: pytest.TempPathFactory):
    """Show an app that the API has, or that only a store knows."""
    store = ("--store", tmp_path_factory.mktemp("names") / "lamina.db")
    if request.param == "store":
        assert lamina(*store, "snapshot", "--all", env=api(server)).exit_code == 0
        return lambda ref: lamina(*store, "show", ref, "--offline", env=api(server))
    return lambda ref: lamina(*store, "show", ref, env=api(server))


SAID = {
    "Quick Reel Maker": [
        "quick reel maker",
        "QUICK REEL MAKER",
        "quick-reel-maker",
        "quick_reel_maker",
        "quick-reel",
        "Quick",
        "app:quick-reel-maker",
    ],
    "Café: Catalog/2": ["cafe-catalog-2", "app:Café: Catalog/2", "app:Cafe\u0301: Catalog/2", "café-catalog"],
    "Team@Office": ["Team@Office", "app:Team@Office"],
    "Jingle": ["5e6f7a8b", "5E6F", "5e6f7a8b-0000", "jing"],
}


@pytest.mark.parametrize(("name", "ref"), [(name, ref) for name, refs in SAID.items() for ref in refs])
def test_an_app_is_found_by_what_people_say(show, name: str, ref: str):
    result = show(ref)
    assert (result.exit_code, result.stdout.startswith(name)) == (0, True)


@pytest.mark.parametrize("ref", ["0a1b", "0a1b2c3d-0000-4000"])
def test_the_start_of_several_ids_is_ambiguous(show, ref: str):
    result = show(ref)
    assert (result.exit_code, "may be 2 apps" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("ref", "near"),
    [("Quick Real Maker", "Quick Reel Maker"), ("jinggle", "Jingle"), ("Baner", "Banner")],
)
def test_a_near_miss_is_suggested(show, ref: str, near: str):
    result = show(ref)
    assert (result.exit_code, f"Did you mean '{near}'?" in result.stderr) == (2, True)


def test_a_near_miss_is_suggested_by_history_too(server, tmp_path: Path):
    store = ("--store", tmp_path / "lamina.db")
    lamina(*store, "snapshot", "--all", env=api(server))
    assert "Did you mean 'Jingle'?" in lamina(*store, "history", "Jinggle").stderr
    assert lamina(*store, "history", "5e6f", "--json").exit_code == 0
