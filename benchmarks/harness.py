"""How a comparison is declared, measured and judged.

A benchmark is a function that prepares its data and returns a turn; a turn measures every subject and its
peer, one after the other, and gives a pair of figures for each row. Turns are repeated, and a row's ratio is
the median of those of its pairs: what else the machine does hits subject and peer alike.
"""

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.data import Data

CHILD = Path(__file__).with_name("measured_child.py")

ENDING = (signal.SIGINT, signal.SIGTERM)

Pair = tuple[float, float]
Turn = Callable[[], Sequence[Pair]]


class NotMeasured(Exception):  # noqa: N818 - nothing failed
    """A peer is missing: the message says how to install it."""


class Failure(Exception):  # noqa: N818
    """A benchmark does not run, or subject and peer do not agree."""


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes:
        what: the subject.
        beside: the peer, which is 1.
        unit: of both figures: `s` processor time, `s elapsed`, or `B`.
        wanted: the largest ratio that is held; None where the row only informs.
        before: the ratio before the work of autumn 2026, as other programs measured it then.
    """

    what: str
    beside: str
    unit: str = "s"
    wanted: float | None = None
    before: str = ""


@dataclass
class Scene:
    """What a benchmark is given.

    Attributes:
        data: workflows in files and stores.
        quick: whether it only shows that it runs.
        longest: the seconds of processor time after which a command is stopped.
        until: the moment from which on each benchmark takes one turn.
    """

    data: Data
    quick: bool
    longest: int = 300
    until: float = float("inf")

    def size(self, whole: int, quick: int) -> int:
        """Return the size that is asked for."""
        return quick if self.quick else whole


@dataclass(frozen=True)
class Benchmark:
    """A named function with its rows: how many turns it takes at most, and in how many seconds."""

    name: str
    section: str
    rows: tuple[Row, ...]
    prepare: Callable[[Scene], Turn]
    rounds: int
    seconds: float


@dataclass
class Measured:
    """A row with its pairs, or why there are none."""

    name: str
    row: Row
    pairs: list[Pair] = field(default_factory=list)
    quick: bool = False
    missing: str = ""
    problem: str = ""

    @property
    def section(self) -> str:
        """The heading that it stands under."""
        return REGISTRY[self.name].section

    @property
    def ratios(self) -> list[float]:
        """The ratio of each turn."""
        return [subject / peer for subject, peer in self.pairs]

    @property
    def ratio(self) -> float:
        """The median ratio."""
        return median(self.ratios)

    @property
    def missed(self) -> bool:
        """Whether the ratio is above its limit; on tiny data there is none."""
        return (
            bool(self.pairs)
            and not self.quick
            and self.row.wanted is not None
            and self.ratio > self.row.wanted
        )


REGISTRY: dict[str, Benchmark] = {}


def benchmark(
    name: str, *rows: Row, rounds: int = 7, seconds: float = 25
) -> Callable[[Callable[[Scene], Turn]], Callable[[Scene], Turn]]:
    """Register a function as a benchmark, in the section that its module's docstring names.

    No turn begins that would end after so many seconds; the first one always does.
    """

    def register(prepare: Callable[[Scene], Turn]) -> Callable[[Scene], Turn]:
        assert name not in REGISTRY, f"two benchmarks are called {name}"
        section = (sys.modules[prepare.__module__].__doc__ or "").partition("\n")[0].rstrip(".")
        REGISTRY[name] = Benchmark(name, section, rows, prepare, rounds, seconds)
        return prepare

    return register


def measure(chosen: Benchmark, scene: Scene) -> list[Measured]:
    """Return the rows of a benchmark: with one turn where the scene is quick."""
    found = [Measured(chosen.name, row, quick=scene.quick) for row in chosen.rows]
    try:
        turn = chosen.prepare(scene)
        start = time.monotonic()
        for number in range(1, 2 if scene.quick else 1 + chosen.rounds):
            for each, pair in zip(found, turn(), strict=True):
                each.pairs.append(pair)
            one_more = (time.monotonic() - start) * (number + 1) / number
            if start + one_more > min(start + chosen.seconds, scene.until):
                break
    except NotMeasured as error:
        for each in found:
            each.missing = str(error)
    except Exception as error:
        for each in found:
            each.problem = f"{type(error).__name__}: {error}".splitlines()[0]
    return found


# ---- ways to measure


def cpu(function: Callable[..., object], inputs: Iterable[Any]) -> float:
    """Return the seconds of processor time that a function takes for one of some inputs.

    The collector runs, over what the function makes: what the benchmarks hold themselves, libraries of all
    peers among it, is frozen.
    """
    values = list(inputs)
    gc.collect()
    gc.freeze()
    try:
        start = time.process_time()
        for value in values:
            function(value)
        return (time.process_time() - start) / len(values)
    finally:
        gc.unfreeze()


@dataclass(frozen=True)
class Run:
    """What a command used: processor time with its children's, time, and the largest process's memory.

    With its status, output, and the first line that it wrote on stderr.
    """

    cpu: float
    elapsed: float
    peak: float
    status: int
    output: bytes
    remark: str


def command(scene: Scene, *words: object, statuses: Sequence[int] = (0,), **environment: str) -> Run:
    """Run `lamina-graph` with some words, away from the settings of the person who measures."""
    program = Path(sys.executable).with_name("lamina-graph")
    start = [str(program)] if program.exists() else [sys.executable, "-m", "lamina_graph"]
    return run_program(scene, *start, *words, statuses=statuses, **environment)


def run_program(scene: Scene, *words: object, statuses: Sequence[int] = (0,), **environment: str) -> Run:
    """Run any program and return what it used.

    Raises:
        Failure: it ends with another status.
    """
    report, home = scene.data.folder / "used.json", scene.data.folder / "home"
    home.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LAMINA", "XDG"))}
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # until there is a process to end
    with subprocess.Popen(
        [sys.executable, "-I", "-S", CHILD, report, str(scene.longest), *map(str, words)],
        env={**kept, "HOME": str(home), "NO_COLOR": "1", **environment},
        cwd=scene.data.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
    ) as process:
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
            output, errors = process.communicate()
        except BaseException:  # whoever ends the measurement ends what is measured
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    used = json.loads(report.read_text())
    remark = errors.decode(errors="replace").strip().partition("\n")[0]
    if used["status"] not in statuses:
        shown = " ".join(Path(str(word)).name for word in words)
        raise Failure(f"`{shown}` ended with {used['status']} after {used['elapsed']:.0f} s: {remark}")
    return Run(**used, output=output, remark=remark)


def end_with_what_runs() -> None:
    """Let a signal that ends this process end the command that it measures, too."""
    for number in ENDING:
        signal.signal(number, lambda received, _: sys.exit(128 + received))


def beside(scene: Scene, many: int, few: int, words: Callable[[int], Iterable[object]]) -> tuple[Run, Run]:
    """Run a command over much and over little; where it only has to run, the little will do."""
    little = command(scene, *words(few))
    return (little if scene.quick else command(scene, *words(many))), little


def agree(subject: object, peer: object, what: str) -> None:
    """Check that both say the same.

    Raises:
        Failure: they do not.
    """
    if subject != peer:
        raise Failure(f"{what} differ")


def peer(name: str) -> Any:
    """Return a peer's module.

    Raises:
        NotMeasured: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        raise NotMeasured(f"install {name} (pip install -r benchmarks/requirements.txt)") from None
