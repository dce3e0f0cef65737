"""A pause says why and how long it is, and Ctrl-C what is kept and how to go on."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commandline import api as environment
from commandline import heed_interrupts, lamina
from loopback import Loopback, serving, text

from lamina_graph.cli.output import pause_printer
from lamina_graph.sync import HeaderRateLimiter

CARTOON = "9af12f66-08ae-4465-96ff-96337842b33a"
PROGRAM = [sys.executable, "-m", "lamina_graph"]


@pytest.fixture
def api(samples: Path) -> Iterator[Loopback]:
    with serving(Loopback(samples, limit=10**6)) as api:
        yield api


def interrupted(
    api: Loopback, words: list[str], when: Callable[[], bool]
) -> subprocess.CompletedProcess[str]:
    """Run a command and interrupt it at a moment; return what it printed."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    variables = {**os.environ, **environment(api)}
    with subprocess.Popen([*PROGRAM, *words], env=variables, preexec_fn=heed_interrupts, **pipes) as child:
        while not when():
            assert child.poll() is None
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        out, errors = child.communicate(timeout=120)
    assert child.returncode == 130
    assert "Traceback" not in errors
    return subprocess.CompletedProcess(words, 130, out, errors)


def test_an_interrupted_snapshot_says_what_is_recorded_and_how_to_go_on(api: Loopback, tmp_path: Path):
    """The command that is named does go on: it fetches the rest, and nothing twice."""
    api.fault("slow", path=f"*/{CARTOON}/workflow")
    store = str(tmp_path / "a store.db")

    def late() -> bool:
        return sum(seen.path.endswith("/workflow") for seen in api.seen) >= 20

    words = ["--store", store, "snapshot", "--all"]
    errors = interrupted(api, words, late).stderr
    line = re.search(r"kept: (\d+) apps?; to go on: (.+)", errors)
    assert line, errors
    assert shlex.split(line[2]) == ["lamina-graph", *words, "--resume"]
    assert errors.strip().endswith("Interrupted.")
    api.forget()
    api.seen.clear()
    result = lamina(*shlex.split(line[2])[1:], env=environment(api))
    assert result.exit_code == 0
    fetched = [seen.path for seen in api.seen if seen.path.endswith("/workflow")]
    assert len(fetched) == len(api.apps) - int(line[1])
    assert f"{len(api.apps)} seen" in result.stdout


def test_an_interrupted_wait_says_that_the_run_goes_on(api: Loopback):
    api.runs.script = type(api.runs.script)(queued=60)
    words = ("run", CARTOON, "-i", "your_photo=https://example.com/me.png", "--yes", "--wait")
    errors = interrupted(api, list(words), lambda: any(s.path.endswith("/stream") for s in api.seen)).stderr
    [run] = api.runs.started
    assert f"the run goes on: `lamina-graph runs wait {run}`\nInterrupted.\n" in errors


def test_an_interrupted_start_says_that_the_run_may_have_begun(api: Loopback):
    api.fault("slow", path="*/runs")
    words = ["run", CARTOON, "-i", "your_photo=https://example.com/me.png", "--yes"]
    errors = interrupted(api, words, lambda: any(seen.path.endswith("/runs") for seen in api.seen)).stderr
    command = f"lamina-graph runs list --app {CARTOON} --since 1h"
    assert f"the run may have started: `{command}` lists it if it has\nInterrupted.\n" in errors


def test_an_interrupted_fetch_says_which_files_stay(api: Loopback, tmp_path: Path):
    api.fault("slow", path=f"*/{list(api.apps)[3]}/workflow")
    folder = tmp_path / "out"

    def late() -> bool:
        return any(seen.path.endswith(f"{list(api.apps)[3]}/workflow") for seen in api.seen)

    errors = interrupted(api, ["fetch", "--all", "-o", str(folder)], late).stderr
    assert f"kept: 3 workflows in {folder}" in errors
    assert len(list(folder.glob("*.json"))) == 3


# Pauses


def test_a_pause_for_the_rate_limit_is_named_once_with_its_length(samples: Path, tmp_path: Path):
    with serving(Loopback(samples, limit=6, window=3)) as api:
        api.apps = dict(list(api.apps.items())[:2])
        result = lamina("--store", tmp_path / "x.db", "snapshot", "--all", env=environment(api))
    assert result.exit_code == 0
    lines = [line for line in result.stderr.splitlines() if line.startswith("waiting")]
    assert lines
    assert all(re.fullmatch(r"waiting [2-4] s: the API's rate limit is used up", line) for line in lines)
    assert len(lines) <= 3


def test_a_pause_that_the_api_asks_for_is_named(api: Loopback):
    api.fault(text(429, "Too many requests", Retry_After="2"), times=1)
    result = lamina("apps", "--search", "reel", env=environment(api))
    assert result.exit_code == 0
    assert re.search(r"^waiting [23] s: GET /v1/apps: 429 \(attempt 1 of 6\)$", result.stderr, re.MULTILINE)


def test_threads_that_wait_for_the_same_name_the_pause_once(capsys: pytest.CaptureFixture[str]):
    print_pause = pause_printer()
    for seconds in (43.2, 43.1, 42.0):
        print_pause(seconds, "the API's rate limit is used up")
    assert capsys.readouterr().err == "waiting 43 s: the API's rate limit is used up\n"


def test_a_short_pause_is_not_worth_a_word():
    pauses: list[float] = []
    limiter = HeaderRateLimiter(jitter=0, on_pause=lambda seconds, why: pauses.append(seconds))
    limiter.start()
    limiter.finish(429, {"retry-after": "0.1"})
    limiter.start()
    assert pauses == []
