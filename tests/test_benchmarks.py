"""Every comparison of `make bench` still runs, on tiny data: what it measures is not looked at."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPARISONS = "".join(path.read_text() for path in sorted((ROOT / "benchmarks" / "comparisons").glob("*.py")))


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *words], cwd=ROOT, capture_output=True, text=True, timeout=300
    )


def test_every_benchmark_runs_and_agrees_with_its_peers(tmp_path):
    """All that are declared are in the table; a peer that is not installed is named, never made up."""
    names = set(re.findall(r'^@benchmark\(\s*"([a-z-]+)"', COMPARISONS, re.MULTILINE))
    done = run("--quick", "-o", str(tmp_path / "results.md"))
    assert done.returncode == 0, done.stdout + done.stderr
    table = (tmp_path / "results.md").read_text()
    assert names == set(re.findall(r"`python -m benchmarks ([a-z-]+)`", table))
    assert "failed" not in table
    assert not re.search(r"not measured: (?!install msgspec|install deepdiff)", table)


def test_a_name_that_is_no_benchmark_is_refused():
    """Wrong usage is status 2, not a missed limit."""
    done = run("no-such-benchmark")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no benchmark is called no-such-benchmark" in done.stderr
