"""Settings of the command line: which is in force, where it may be named, and how much is printed."""

import json
from pathlib import Path

import pytest
from commandline import api, lamina
from terminals import screens

from lamina_graph.store import Store

ROOT = Path(__file__).parent.parent
DIAMOND = ROOT / "samples" / "diamond.json"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LAMINA_GRAPH_STORE", "LAMINA_API_KEY", "LAMINA_BASE_URL", "LAMINA_WORKSPACE_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def in_force(*words: object, **variables: str) -> dict[str, tuple[str, str]]:
    rows = json.loads(lamina("config", "show", "--json", *words, env=variables).stdout)
    return {row["setting"]: (row["value"], row["from"]) for row in rows}


def test_an_option_comes_before_a_variable_and_that_before_the_configuration(folder: Path):
    assert in_force()["store"] == (f"sqlite:///{folder}/data/lamina-graph/store.db", "the default")
    (folder / ".lamina-graph.toml").write_text('[store]\nurl = "toml.db"\n')
    path = str(folder / ".lamina-graph.toml")
    assert in_force()["store"] == (str(folder / "toml.db"), path)
    assert in_force(LAMINA_GRAPH_STORE="env.db")["store"] == ("env.db", "LAMINA_GRAPH_STORE")
    assert in_force("--store", "x.db", LAMINA_GRAPH_STORE="env.db")["store"] == ("x.db", "--store")


def test_the_path_of_a_store_in_the_configuration_starts_from_its_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    (folder / ".lamina-graph.toml").write_text('[store]\nurl = "lamina.db"\n')
    Store("lamina.db").close()
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    assert json.loads(lamina("store", "info", "--json").stdout)["apps"] == 0


@pytest.mark.parametrize(
    "content", ["[store]\nurl = 5", "[store]\nurl = ''", "[store]\npath = 'x.db'", "store = 1"]
)
def test_a_wrong_store_in_the_configuration_names_the_field(folder: Path, content: str):
    (folder / ".lamina-graph.toml").write_text(content)
    result = lamina("store", "info")
    assert (result.exit_code, ".lamina-graph.toml: store" in result.stderr) == (2, True)


WAYS = [
    ("--store", "x.db", "store", "info", "--json"),
    ("store", "info", "--json", "--store", "x.db"),
    ("store", "info", "--store=x.db", "--json"),
]


@pytest.mark.parametrize("words", WAYS, ids=" ".join)
def test_the_store_may_be_named_before_or_after_the_command(words: tuple[str, ...]):
    Store("x.db").close()
    assert json.loads(lamina(*words).stdout)["url"] == "sqlite:///x.db"


def test_the_other_options_of_the_program_may_stand_after_the_command_too(folder: Path):
    (folder / "mine.toml").write_text("[report]\ntitle = 'Ours'\n")
    report = lamina("report", DIAMOND, "--config", "mine.toml")
    assert report.stdout.startswith("# Ours")
    assert "Traceback" in lamina("show", "no/such.json", "--debug").stderr


def test_settings_are_shown_with_where_they_come_from_and_no_key(folder: Path):
    (folder / ".lamina-graph.toml").write_text(
        "[report]\ntitle = 'Ours'\n[diff.severity]\nnode-added = 'breaking'\n"
    )
    shown = in_force(
        LAMINA_API_KEY="lma_secret",
        LAMINA_BASE_URL="https://example.com",
        LAMINA_GRAPH_STORE="postgresql://me:secret@host/db",
        NO_COLOR="1",
    )
    assert shown["configuration"] == (str(folder / ".lamina-graph.toml"), "the nearest one")
    assert shown["API"] == ("https://example.com", "LAMINA_BASE_URL")
    assert shown["credentials"] == ("apikey", "LAMINA_API_KEY")
    assert shown["store"] == ("postgresql://me:***@host/db", "LAMINA_GRAPH_STORE")
    assert shown["colours"] == ("off", "NO_COLOR")
    assert shown["title of reports"] == ("Ours", str(folder / ".lamina-graph.toml"))
    assert shown["changes rated or ignored"][0] == "node-added"
    assert "secret" not in str(shown)


def test_a_wrong_configuration_is_an_error_of_config_show_as_well(folder: Path):
    (folder / ".lamina-graph.toml").write_text("[diff.severity]\nno-such-rule = 'breaking'\n")
    result = lamina("config", "show")
    assert (result.exit_code, "no-such-rule" in result.stderr) == (2, True)


def test_a_quiet_command_prints_no_remark_and_no_progress_but_errors(folder: Path):
    assert lamina("render", DIAMOND, "-o", "x.svg", "--quiet").stderr == ""
    assert "no such file" in lamina("--quiet", "show", "no/such.json").stderr
    words = ["classify", str(DIAMOND), str(ROOT / "samples" / "chain.json"), "--quiet"]
    [shown] = screens([words], 80, folder)
    assert "classifying" not in shown
    assert "not shown" not in shown


def test_a_verbose_command_prints_requests_and_times_and_never_a_key(loopback):
    result = lamina("-v", "apps", "--json", env=api(loopback, LAMINA_API_KEY="lma_x"))
    assert "GET /v1/apps: 200 in " in result.stderr
    assert result.stderr.splitlines()[-1].startswith("1 request, ")
    assert "lma_x" not in result.output
    json.loads(result.stdout)


def test_a_verbose_command_says_whether_the_layout_engine_came_from_the_cache(folder: Path):
    result = lamina("render", DIAMOND, "-o", "x.svg", "--verbose")
    assert result.stderr.splitlines()[-1].startswith("0 requests, ")
    assert lamina("render", DIAMOND, "-o", "x.svg").stderr == "wrote x.svg\n"


def test_a_configuration_may_begin_with_a_byte_order_mark(folder: Path):
    (folder / ".lamina-graph.toml").write_bytes(b"\xef\xbb\xbf[report]\ntitle = 'Ours'\n")
    assert in_force()["title of reports"][0] == "Ours"


@pytest.mark.parametrize("name", ["q?x.db", "a#b.db", "100%.db", "my store.db", "a:b.db"])
def test_a_path_is_a_path_whatever_is_in_it(folder: Path, name: str, loopback):
    result = lamina("--store", name, "snapshot", "Cartoonify", env=api(loopback))
    assert result.exit_code == 0
    assert (folder / name).exists()
    assert json.loads(lamina("store", "info", "--json", "--store", name).stdout)["apps"] == 1
