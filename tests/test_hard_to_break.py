"""Kinds of damage that once did harm: each is tried here, bounded in time and memory by the test itself."""

import os
import re
import resource
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from commandline import lamina

from lamina_graph import replacing
from lamina_graph.errors import StoreError, WorkflowError
from lamina_graph.files import MOST_VALUES, load, parse, write
from lamina_graph.render import draw
from lamina_graph.store import FetchScope, Store, connections

PROGRAM = [sys.executable, "-m", "lamina_graph"]


def heed_interrupts() -> None:
    """Undo what a shell does to a job in the background: it starts deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


# Memory


def limited_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))


@pytest.mark.parametrize("value", ["[]", "{}", "0", '""', '{"a":0}'])
def test_json_of_too_many_values_is_refused(tmp_path: Path, value: str):
    """A few bytes make a value that takes a hundred: 20 MB of them would take gigabytes."""
    file = tmp_path / "many.json"
    file.write_text(f'{{"nodes": [{",".join([value] * (MOST_VALUES + 1))}], "edges": []}}')
    done = subprocess.run(
        [*PROGRAM, "show", str(file)],
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=limited_memory,
        check=False,
    )
    assert done.returncode == 2
    assert f"more than {MOST_VALUES:,} values" in done.stderr


def test_a_picture_without_room_for_its_engine_is_an_error_that_says_so(samples: Path):
    done = subprocess.run(
        [*PROGRAM, "render", str(samples / "diamond.json")],
        capture_output=True,
        text=True,
        timeout=300,
        preexec_fn=limited_memory,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: the layout engine could not be started: the system gives it no memory" in done.stderr


def test_a_file_beyond_the_largest_is_not_read(tmp_path: Path):
    file = tmp_path / "large.json"
    file.touch()
    os.truncate(file, 2**28 + 1)
    with pytest.raises(WorkflowError, match="larger than 256 MiB"):
        load(file)


def test_signs_within_a_text_are_no_values():
    text = "[{," * (MOST_VALUES // 3) + '\\",'
    assert len(parse(f'["{text}", "{text}"]')) == 2


def test_a_picture_of_too_many_nodes_says_how_many_it_leaves_out():
    nodes = [{"id": f"n{number}", "type": "klingVideoNode"} for number in range(30_005)]
    picture = draw(load({"nodes": nodes, "edges": []}), view="all")
    assert picture.scene.subtitle.endswith("5 nodes not drawn")


# Time


def limited_time() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (30, 30))


@pytest.mark.parametrize(
    "content",
    [
        "<svg>" + '<metadata class="lamina-graph-workflow">' * 25_000,
        "<html>" + '<metadata id="lamina-graph-catalogue">' * 25_000,
        "<svg" + " " * 1_000_000 + ">",
        "\r\n" * 1_000_000,
        '{"a":' * 200_000,
    ],
    ids=["pictures", "pages", "blanks", "line breaks", "levels"],
)
def test_a_megabyte_of_what_a_reader_looks_for_is_refused_at_once(tmp_path: Path, content: str):
    """To look for the end of each beginning anew would take minutes."""
    file = tmp_path / "long.html"
    file.write_text(content)
    words = [*PROGRAM, "show", str(file)]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=300, preexec_fn=limited_time, check=False
    )
    assert done.returncode == 2
    assert "Error: " in done.stderr
    assert "fault of lamina-graph" not in done.stderr


# Interrupts


@pytest.mark.parametrize("milliseconds", [40, 80, 120, 160, 200, 300, 400])
def test_an_interrupt_at_the_start_is_one_line(milliseconds: int):
    """It ends the program while it is loaded; before Python has begun to run it, Python itself answers."""
    with subprocess.Popen(
        [*PROGRAM, "show", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
        env={**os.environ, "PYTHONPROFILEIMPORTTIME": "1"},
    ) as child:
        assert child.stderr
        line = ""
        while "lamina_graph.interruption" not in line:  # now it can be told
            line = child.stderr.readline()
        time.sleep(milliseconds / 1000)
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=120)
    said = [line for line in errors.splitlines() if not line.startswith("import time:")]
    assert (child.returncode, said) == (130, ["Interrupted."])


# Files


def leave_a_temporary_file(folder: Path) -> Path:
    """Kill a program while it writes a file; return what it leaves."""
    script = (
        "import sys, time; from lamina_graph.files import writing\n"
        "with writing(sys.argv[1]) as file:\n"
        "    file.write(b'half'); print(flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder / "x.json")], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout
        child.stdout.readline()
        [left] = folder.iterdir()
        write(folder / "other.json", "{}")
        assert left.exists()  # it is being written
        child.kill()
    return left


def test_what_a_killed_writer_left_is_removed(tmp_path: Path):
    """A file that is still written stays; who writes into the folder next removes what nobody writes."""
    left = leave_a_temporary_file(tmp_path)
    assert left.exists()
    replacing._remove_abandoned.cache_clear()  # as in a program that starts
    write(tmp_path / "x.json", "{}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.json", "x.json"]


def test_only_files_of_its_own_are_removed(tmp_path: Path):
    """Neither what has another name, nor a link, nor what a link leads to."""
    kept = tmp_path / "kept"
    kept.mkdir()
    names = [".lamina-graph.toml", ".lamina-graph-notes", ".lamina-graph-0123456789abcdeg"]
    for name in names:
        (kept / name).write_text("mine")
    target = tmp_path / "target"
    target.write_text("mine")
    (kept / f".lamina-graph-{'0' * 16}").symlink_to(target)
    os.mkfifo(kept / f".lamina-graph-{'1' * 16}")
    write(kept / "x.json", "{}")
    assert target.read_text() == "mine"
    assert len(list(kept.iterdir())) == len(names) + 3


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_a_file_that_is_written_again_keeps_its_mode(tmp_path: Path, mode: int):
    path = tmp_path / "x.json"
    path.touch(mode)
    path.chmod(mode)
    write(path, "{}")
    assert path.stat().st_mode & 0o777 == mode


# Words


def test_debug_prints_no_raw_escapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    path = tmp_path / "a\x1b[31m\n::error::b.json"
    path.write_text("x")
    result = lamina("--debug", "show", path)
    assert result.exit_code == 2
    assert "Traceback" in result.stderr
    assert "\x1b" not in result.stderr
    assert not any(line.lstrip().startswith("::") for line in result.stderr.splitlines())


def test_a_workflow_of_too_many_values_names_its_file():
    with pytest.raises(WorkflowError, match=rf"many\.json: .*more than {MOST_VALUES:,} values"):
        load(b"[" + b"0," * MOST_VALUES + b"0]", "many.json")


def test_a_planted_link_leads_no_file_out_of_the_folder_that_was_named(tmp_path: Path):
    """A link in the place of a file is replaced, one in the place of a folder below is refused."""
    folder, outside = tmp_path / "out", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "x.json").write_text("mine")
    (folder / "x.json").symlink_to(outside / "x.json")
    (folder / "apps").symlink_to(outside)
    replacing.write_below(folder, "x.json", "{}")
    with pytest.raises(OSError, match="apps is a link that leads elsewhere"):
        replacing.write_below(folder, "apps/y.json", "{}")
    assert (folder / "x.json").read_text() == "{}"
    assert [each.name for each in outside.iterdir()] == ["x.json"]
    assert (outside / "x.json").read_text() == "mine"


def test_a_folder_that_is_named_may_itself_be_a_link(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    replacing.write_below(tmp_path / "out", "apps/y.json", "{}")
    assert (tmp_path / "real/apps/y.json").read_text() == "{}"


def test_an_export_follows_no_planted_link(tmp_path: Path):
    """One line says which folder leads elsewhere, and nothing is written there."""
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    for name in ("apps", "runs", "content"):
        (tmp_path / "out" / name).symlink_to(tmp_path / "elsewhere")
    with Store(str(tmp_path / "store.db")) as store:
        run = store.begin("https://app.uselamina.ai", FetchScope(), datetime(2026, 3, 1, tzinfo=UTC))
        store.finish(run.id, datetime(2026, 3, 1, 1, tzinfo=UTC))
        with pytest.raises(StoreError, match="runs is a link that leads elsewhere"):
            store.export(tmp_path / "out")
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize(
    "url", ["postgresql://me@/db?password=s3cret", "postgresql://me:s3cret@h/db?sslpassword=s3cret"]
)
def test_no_password_of_a_store_is_shown_wherever_it_stands(url: str):
    shown = connections.display_url(connections.parse_url(url))
    assert "s3cret" not in shown
    assert "***" in shown


def test_each_promise_of_the_page_on_security_names_tests_that_there_are():
    root = Path(__file__).resolve().parent.parent
    page = (root / "docs/security.md").read_text("utf-8")
    limits = page[page.index("## What is limited") : page.index("## Try it yourself")]
    rows = [
        row
        for row in limits.splitlines()
        if row.startswith("| ") and not row.startswith(("| ---", "| what |"))
    ]
    rows.remove("| never | tests |")
    for row in rows:
        named = re.findall(r"\[(test_\w+)\]\(\.\./(tests/test_\w+\.py)\)", row)
        assert named, row
        for name, file in named:
            assert f"def {name}(" in (root / file).read_text("utf-8"), (name, file)
