"""The catalogue as the API gives it: browsing, discovery, and the models that a workspace may use."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import api as environment
from commandline import lamina
from loopback import Loopback, data, serving

from lamina_graph.store import KnownModel, Store, read_models
from lamina_graph.vocabulary import Vocabulary

TOP = "the API lists the apps of your workspace and the top of the public ones, not the whole catalogue"


@pytest.fixture
def api(samples: Path) -> Iterator[Loopback]:
    with serving(Loopback(samples, limit=10**6)) as api:
        yield api


@pytest.mark.parametrize(
    ("words", "doubt"),
    [
        ((), TOP),
        (("--search", "reel"), ""),
        (("--limit", "2"), "there may be more than --limit shows"),
        (("--limit", "500"), ""),
    ],
)
def test_a_list_says_whether_it_may_be_the_whole(api: Loopback, words: tuple[str, ...], doubt: str):
    result = lamina("apps", *words, env=environment(api))
    assert result.exit_code == 0
    note = result.stderr.strip().splitlines()[-1]
    assert note.partition("; ")[2] == doubt


def test_a_list_shows_what_an_app_takes(api: Loopback):
    result = lamina("apps", "--search", "Multi Language", env=environment(api))
    assert "master_artwork, headline?" in result.stdout
    [row] = json.loads(lamina("apps", "--search", "Multi Language", "--json", env=environment(api)).stdout)
    assert row["inputSummary"]["total"] == 2
    assert row["thumbnail"]["type"] == "image"


def test_apps_are_discovered_by_what_is_wanted_with_the_reason(api: Loopback):
    result = lamina("apps", "--discover", "a reel of my product", "--limit", "2", env=environment(api))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["App", "id", "Name", "Fits", "Credits", "Why"]
    assert len(lines) == 3
    assert "its name says" in lines[1]
    assert json.loads(api.seen[-1].body) == {"intent": "a reel of my product", "limit": 2}


def test_a_discovery_keeps_to_a_price(api: Loopback):
    words = ("apps", "--discover", "virtual try-on", "--max-credits", "10", "--json")
    rows = json.loads(lamina(*words, env=environment(api)).stdout)
    assert json.loads(api.seen[-1].body)["constraints"] == {"maxCredits": 10}
    assert all(row["estimatedCredits"] <= 10 for row in rows)


@pytest.mark.parametrize(
    "words",
    [("--discover", "x", "--search", "y"), ("--max-credits", "3"), ("--discover", " ")],
    ids=["both", "a price alone", "nothing"],
)
def test_a_discovery_that_is_none_is_refused(api: Loopback, words: tuple[str, ...]):
    assert lamina("apps", *words, env=environment(api)).exit_code == 2
    assert api.seen == []


# The models of a workspace

ZEPHYR = {"id": "zephyrine-2-pro", "displayName": "Zephyrine 2 Pro", "modality": "video"}


def clip(folder: Path) -> Path:
    path = folder / "clip.json"
    path.write_text(json.dumps({"nodes": [{"id": "a", "type": "zephyrineNode"}], "edges": []}))
    return path


def test_the_models_of_the_workspace_tell_what_unheard_nodes_make(api: Loopback, tmp_path: Path):
    api.models.append(ZEPHYR)
    store, path = ("--store", tmp_path / "lamina.db"), clip(tmp_path)
    before = json.loads(lamina(*store, "classify", path, "--json").stdout)
    assert [row["category"] for row in before] == ["other"]
    lamina(*store, "snapshot", "--all", env=environment(api))
    after = json.loads(lamina(*store, "classify", path, "--json").stdout)
    assert [row["category"] for row in after] == ["video"]


def test_models_that_cannot_be_had_leave_those_that_are_known(api: Loopback, tmp_path: Path):
    store = ("--store", tmp_path / "lamina.db")
    lamina(*store, "snapshot", "--all", env=environment(api))
    api.fault("403", path="/v1/models/*")
    assert lamina(*store, "snapshot", "--all", env=environment(api)).exit_code == 0
    assert len(read_models(str(tmp_path / "lamina.db"))) == 2


def test_models_move_with_the_store(store_url: str, tmp_path: Path):
    known = KnownModel(base_url="https://x.example", id="zephyrine-2", name="Zephyrine", modality="video")
    with Store(store_url) as store, Store(str(tmp_path / "other.db")) as other:
        store.record_models(known.base_url, [known, known])
        store.export(tmp_path / "out")
        other.import_folder(tmp_path / "out")
        assert store.models() == other.models() == (known,)
        assert read_models(store.url) == [("zephyrine-2", "video")] or "@" in store.url


@pytest.mark.parametrize("content", ["", "not a database"])
def test_a_file_that_is_no_store_has_no_models(tmp_path: Path, content: str):
    (tmp_path / "x.db").write_text(content)
    assert read_models(str(tmp_path / "x.db")) == read_models(str(tmp_path / "none.db")) == []


@pytest.mark.parametrize("models", [[("kling-v9", "image")], [("ab-1", "video")], [("zeph-1", "smell")], []])
def test_what_is_known_or_says_too_little_adds_no_word(models: list[tuple[str, str]]):
    assert Vocabulary.default().with_models(models) is Vocabulary.default()


def test_a_first_word_of_models_of_two_media_adds_no_word():
    models = [("zephyrine-1", "video"), ("zephyrine-2", "image")]
    assert Vocabulary.default().with_models(models) is Vocabulary.default()


def test_an_answer_of_another_form_is_an_error(api: Loopback):
    api.fault(data([1, 2]), path="/v1/apps/discover")
    result = lamina("apps", "--discover", "x", env=environment(api))
    assert result.exit_code == 2
    assert "POST /v1/apps/discover" in result.stderr
