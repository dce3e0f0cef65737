"""Commands over many files: each is read once and forgotten; processes print the bytes of one process."""

import json
import signal
import subprocess
import sys
import weakref
from pathlib import Path

import pytest
from commandline import heed_interrupts, lamina

import lamina_graph as lg
from lamina_graph.cli.each_workflow import answers
from lamina_graph.cli.output import to_json
from lamina_graph.cli.state import State
from lamina_graph.model import Entry

FILES = 160


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """Return a folder of workflows, one of them damaged and one none; the 130th has a name of its own."""
    folder = tmp_path_factory.mktemp("many")
    content = json.loads((samples / "reel-five-shots.json").read_bytes())
    content["nodes"].append({"id": "alone", "type": "mysteryNode"})
    for number in range(FILES):
        content["name"] = "the 130th" if number == 130 else f"App {number}"
        (folder / f"{number:03}.json").write_text(json.dumps(content))
    (folder / "050.json").write_text('{"nodes": [')
    (folder / "060.json").write_text('{"a": 1}')
    return folder


COMMANDS = [
    ("classify",),
    ("classify", "--json"),
    ("classify", "-f", "csv"),
    ("classify", "--explain", "--why-not", "image"),
    ("lint",),
    ("lint", "--json"),
    ("find", "*video*"),
    ("find", "*video*", "--json"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_processes_print_what_one_process_prints(folder: Path, words: tuple[str, ...]):
    one, two = (lamina(*words, folder, "--jobs", jobs) for jobs in (1, 2))
    assert (two.exit_code, two.stdout, two.stderr) == (one.exit_code, one.stdout, one.stderr)
    assert one.exit_code == 2
    assert len(one.stdout.splitlines()) >= FILES - 2
    assert "skipped" in one.stderr
    assert "Error: " in one.stderr


def test_the_rows_are_the_answers_of_the_library_as_one_array(folder: Path):
    printed = lamina("classify", "--json", folder, "--jobs", 2).stdout
    rows = json.loads(printed)
    assert printed == to_json(rows) + "\n"
    assert len(rows) == FILES - 1
    for row in rows:
        if "error" not in row:
            known = lg.classify(lg.load(row["ref"])).model_dump(mode="json")
            assert row == {"schema": "classify/1", "ref": row["ref"], **known}


def test_an_array_of_nothing_is_empty(folder: Path):
    assert lamina("find", "no-such-thing", folder / "000.json", "--json").stdout == "[]\n"


def test_nothing_is_printed_where_nothing_could_be_searched(folder: Path):
    result = lamina("find", "*video*", folder / "050.json", folder / "none.json", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("Error: ") == 2


def test_each_workflow_is_read_once_and_no_two_are_held(folder: Path):
    held: list[weakref.ref] = []
    most = 0

    def work(entry: Entry) -> str:
        nonlocal most
        held.extend([weakref.ref(entry.workflow)] if entry.workflow else [])
        most = max(most, sum(each() is not None for each in held))
        return entry.ref

    inputs = {"refs": (str(folder),), "everything": False, "strict": False, "offline": True}
    with State() as state, answers(state, work, "working", **inputs, jobs=1, dask=None) as made:
        refs = list(made)
    assert refs == [str(folder / f"{number:03}.json") for number in range(FILES) if number != 60]
    assert (made.read, len(made.errors), len(held)) == (FILES - 2, 1, FILES - 2)
    assert most <= 2


def test_memory_does_not_grow_with_the_number_of_files(folder: Path, tmp_path: Path):
    """Where all were held, these took 40 MB more."""
    for number in range(700):
        (tmp_path / f"{number}.json").hardlink_to(folder / "000.json")
    few, many = (peak("classify", place, "--json", "--jobs", 1) for place in (folder, tmp_path))
    assert many < few + 12e6


MEASURED = r"""
import re, sys
from pathlib import Path
from lamina_graph.cli import cli

try:
    cli(sys.argv[1:])
except SystemExit:
    status = Path("/proc/self/status").read_text()  # `ru_maxrss` begins with what the parent had
    print(re.search(r"VmHWM:\s+(\d+)", status)[1], file=sys.stderr)
"""


def peak(*words: object) -> float:
    """Return the most bytes that a command had at once."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, words)], check=True, capture_output=True, text=True
    )
    return int(done.stderr.split()[-1]) * 1024


DYING = """
import os, signal, sys
import lamina_graph.classify
from lamina_graph.__main__ import main

room = sys.modules["lamina_graph.classify"]

classify = room.classify

def dies(workflow, **terms):
    if workflow.name == "the 130th":
        os.kill(os.getpid(), signal.SIGKILL)
    return classify(workflow, **terms)

room.classify = dies
main()
"""


def test_a_worker_that_is_killed_is_one_error_and_no_answer_looks_whole(folder: Path, tmp_path: Path):
    words = [sys.executable, "-c", DYING, "classify", str(folder), "--json", "--jobs", "2"]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    error = [
        "Error: a process that shared the work ended before it was done",
        "  Memory may have run out: use fewer processes, such as --jobs 1.",
    ]
    said = ["what was printed is incomplete"] if done.stdout else []
    assert done.stderr.splitlines() == said + error
    with pytest.raises(json.JSONDecodeError):
        json.loads(done.stdout)
    target = tmp_path / "answers.json"
    target.write_text("as it was")
    done = subprocess.run(
        [*words, "-o", str(target)], check=False, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr.splitlines()) == (2, "", error)
    assert [each.name for each in tmp_path.iterdir()] == ["answers.json"]
    assert target.read_text() == "as it was"


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_reader_that_leaves_ends_it_quietly(folder: Path, jobs: str, form: str):
    """No worker holds stderr any longer, else `run` would not return."""
    command = f"{sys.executable} -m lamina_graph classify {folder} -f {form} --jobs {jobs} | head -c 9"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], check=False, capture_output=True, timeout=120
    )
    assert done.returncode in (141, 2)  # 2 where all of it went into the pipe
    assert len(done.stdout) == 9
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_between_two_rows_is_one_line(folder: Path, jobs: str):
    """The pipe takes only a part of the rows, so that the command still prints when it is interrupted."""
    words = [
        sys.executable,
        "-m",
        "lamina_graph",
        "classify",
        str(folder),
        str(folder),
        "--json",
        "--jobs",
        jobs,
    ]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, preexec_fn=heed_interrupts, **pipes) as child:
        try:
            assert child.stdout
            assert child.stdout.read(1) == b"["
            child.send_signal(signal.SIGINT)
            _, errors = child.communicate(timeout=120)
        finally:
            child.kill()
    assert (child.returncode, errors) == (130, b"Interrupted.\n")
