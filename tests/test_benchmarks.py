"""Every comparison of `make bench` still runs, on tiny data: what it measures is not looked at."""

import re
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MADE_UP = """
import sys
from benchmarks.__main__ import main
from benchmarks.harness import Row, agree, benchmark, run_program

def made_up(name, wanted, turn):
    row = Row(f"the {name}", "its peer", wanted=wanted)
    benchmark(name, row, rounds=1)(lambda scene: lambda: turn(scene))

made_up("kept limit", 2, lambda scene: [(3, 2)])
made_up("missed limit", 1, lambda scene: [(3, 2)])
made_up("disagreement", 2, lambda scene: agree(1, 2, "the answers"))
made_up("crash", None, lambda scene: [][1])
HOLD = "import fcntl, sys, time; lock = open(sys.argv[1], 'w'); fcntl.flock(lock, 2); time.sleep(1000)"
held = (sys.executable, "-c", HOLD, sys.argv[-1] + ".lock")
made_up("endless work", None, lambda scene: run_program(scene, *held))
"""
"""Benchmarks that are no comparisons, to see what becomes of each kind of outcome."""


def run(*words: str, program: tuple[str, ...] = ("-m", "benchmarks")) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *program, *words], cwd=ROOT, capture_output=True, text=True, timeout=900
    )


def all_names() -> set[str]:
    listed = run(program=("-c", "import benchmarks.comparisons as all; print(*all.REGISTRY)"))
    return set(listed.stdout.split())


def test_every_benchmark_runs_and_agrees_with_its_peers(tmp_path):
    """All that are declared are in the table; a peer that is not installed is named, never made up."""
    done = run("--quick", "-o", str(tmp_path / "results.md"))
    assert done.returncode == 0, done.stdout + done.stderr
    table = (tmp_path / "results.md").read_text()
    assert all_names() == set(re.findall(r"`([a-z-]+)` \|$", table, re.MULTILINE))
    assert "failed" not in table
    assert "Not finished" not in table
    assert not re.search(r"not measured: (?!install)", table)


def test_the_pages_name_the_benchmarks_and_programs_that_there_are():
    """The page of the benchmarks names each, that of scale some; a program that is named is there."""
    names = all_names()
    page, scale = (ROOT / each for each in ("benchmarks/README.md", "docs/scale.md"))
    rows = re.findall(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|", page.read_text(), re.MULTILINE)
    assert set(re.findall(r"[a-z-]+", " ".join(rows))) == names
    cells = re.findall(r"\| `([a-z -]+)` \|$", scale.read_text(), re.MULTILINE)
    assert cells
    assert {name for cell in cells for name in cell.split()} <= names
    named = page.read_text() + scale.read_text()
    programs = re.findall(r"\b([a-z_]+)\.py", named) + re.findall(r"-m benchmarks\.([a-z_]+)", named)
    assert {each for each in programs if not (ROOT / "benchmarks" / f"{each}.py").exists()} == set()


def test_the_profile_of_every_command_runs_and_finds_an_answer_everywhere(tmp_path):
    """On a folder; what stands behind the last column would be a problem or a refusal."""
    table = tmp_path / "commands.md"
    done = run("many", "--quick", "-o", str(table), program=("-m", "benchmarks.commands"))
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^\| `.*", table.read_text(), re.MULTILINE)
    assert [row for row in rows if not row.endswith("|  |")] == []
    assert {"`classify`", "`report -f html`", "`diff` of folders"} <= {
        row.split(" | ")[0][2:] for row in rows
    }


def test_a_missed_limit_or_a_failure_is_status_1_and_costs_no_other_row(tmp_path):
    """Each outcome stands in its row, and the benchmark after it is measured."""
    statuses, table = tmp_path / "statuses", tmp_path / "results.md"
    rows = {
        "kept limit": (0, "| 1.5 | 1 turn | ≤ 2 |  | the kept limit |"),
        "missed limit": (1, "| 1.5 (missed) | 1 turn | ≤ 1 |  | the missed limit |"),
        "disagreement": (1, "| failed: Failure: the answers differ |"),
        "crash": (1, "| failed: IndexError: list index out of range |"),
    }
    program = f"""{MADE_UP}
for names in (*[[name] for name in {list(rows)}], {[*rows][::-1]}):
    sys.argv[1:] = [*names, "-o", {str(table)!r}]
    print(main(), file=open({str(statuses)!r}, "a"))
"""
    done = run(program=("-c", program))
    assert statuses.read_text().split() == [*(str(status) for status, _ in rows.values()), "1"], done.stderr
    assert [row for _, row in rows.values() if row not in table.read_text()] == []


def test_a_run_that_is_ended_leaves_what_it_measured_and_says_what_is_left(tmp_path):
    """The table is written after each benchmark; the command that held a lock ends, too."""
    table = tmp_path / "results.md"
    words = ["kept limit", "endless work", "-o", str(table)]
    with subprocess.Popen(
        [sys.executable, "-c", f"{MADE_UP}\nmain()", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as bench:
        assert bench.stdout
        assert bench.stdout.readline().startswith("kept limit")
        bench.send_signal(signal.SIGTERM)
        assert bench.wait(60) == 128 + signal.SIGTERM
    lock = "import fcntl, sys; lock = open(sys.argv[1], 'w'); fcntl.flock(lock, 2)"
    subprocess.run([sys.executable, "-c", lock, f"{table}.lock"], check=True, timeout=60)
    assert "**Not finished: endless work not measured yet.** No limit is missed." in table.read_text()
    assert "the kept limit" in table.read_text()


def test_a_name_that_is_no_benchmark_is_refused():
    """Wrong usage is status 2, not a missed limit."""
    done = run("no-such-benchmark")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no benchmark is called no-such-benchmark" in done.stderr
