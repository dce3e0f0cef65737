"""Commands over folders of many workflows."""

import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from benchmarks.data import app_id
from benchmarks.harness import Pair, Row, Scene, Turn, agree, benchmark, beside, cpu, run_program

COLLECTOR = Path(__file__).parents[1] / "collector_share.py"
Words = Callable[[Scene, int], tuple[object, ...]]


@benchmark(
    "classify",
    Row("`classify`, 10,000 files, two processes", "one process", "s elapsed", 0.6, "2.3"),
    Row("`classify`, two processes: peak memory, 10,000", "1,000", "B", 1.2, "6.1"),
    Row("`classify`, one process: peak memory, 10,000", "1,000", "B", 1.2, "6.1"),
    Row("`classify`, one process: CPU an app, 10,000", "1,000", wanted=1.2),
    rounds=3,
    seconds=60,
)
def classify(scene: Scene) -> Turn:
    """Classify by one process and by two, which must print the same."""
    few, many = scene.size(1_000, 10), scene.size(10_000, 20)

    def turn() -> list[Pair]:
        one, two = (
            beside(
                scene,
                many,
                few,
                lambda n, jobs=jobs: ("classify", scene.data.files(n), "--json", "--jobs", jobs),
            )
            for jobs in (1, 2)
        )
        for of_one, of_two in zip(one, two, strict=True):
            agree(
                *(sha256(run.output).digest() for run in (of_one, of_two)),
                "the answers of one process and of two",
            )
        return [
            (two[0].elapsed, one[0].elapsed),
            (two[0].peak, two[1].peak),
            (one[0].peak, one[1].peak),
            (one[0].cpu / many, one[1].cpu / few),
        ]

    return turn


def folders(name: str, shown: str, words: Words) -> None:
    """Register a command over 10,000 files beside 1,000: its processor time an app, its peak memory."""

    def prepare(scene: Scene) -> Turn:
        few, many = scene.size(1_000, 10), scene.size(10_000, 10)

        def turn() -> list[Pair]:
            large, small = beside(scene, many, few, lambda count: words(scene, count))
            return [(large.cpu / many, small.cpu / few), (large.peak, small.peak)]

        return turn

    benchmark(
        name,
        Row(f"{shown}: CPU an app, 10,000", "1,000", wanted=1.2),
        Row(f"{shown}: peak memory, 10,000", "1,000", "B", 1.2),
        rounds=3,
        seconds=40,
    )(prepare)


folders("lint", "`lint`", lambda scene, n: ("lint", scene.data.files(n), "--json"))
folders("find", "`find`", lambda scene, n: ("find", "kling*", scene.data.files(n), "--json"))


@benchmark(
    "similar-groups",
    Row("`similar --groups --all`: CPU an app, a store of 10,000", "1,000", wanted=1.5, before="9.2"),
    rounds=3,
    seconds=60,
)
def similar_groups(scene: Scene) -> Turn:
    """Group the apps of two stores."""
    few, many = scene.size(1_000, 10), scene.size(10_000, 10)
    urls = {count: scene.data.store(count, 1) for count in (few, many)}

    def turn() -> list[Pair]:
        large, small = beside(
            scene,
            many,
            few,
            lambda n: ("--store", urls[n], "similar", "--groups", "--all", "--offline", "--json"),
        )
        return [(large.cpu / many, small.cpu / few)]

    return turn


@benchmark(
    "collector",
    Row("garbage collector, `classify`", "the command's CPU", wanted=0.1),
    Row("garbage collector, `report -f json`", "the command's CPU", wanted=0.1, before="a third"),
    rounds=3,
)
def collector(scene: Scene) -> Turn:
    """Count the collector's time in two commands over a folder."""
    folder = scene.data.files(scene.size(1_000, 10))

    def share(*words: object) -> Pair:
        errors = run_program(
            scene, "/bin/sh", "-c", 'exec "$0" "$@" 2>&1 >/dev/null', sys.executable, COLLECTOR, *words
        ).output
        spent, whole = map(float, errors.split()[-2:])
        return spent, whole

    return lambda: [
        share("classify", folder, "--json", "--jobs", 1),
        share("report", folder, "-f", "json", "--jobs", 1),
    ]


@benchmark(
    "diff-folders",
    Row("read and compare two folders of 1,000, a tenth changed", "read them", wanted=3),
    rounds=3,
)
def diff_folders(scene: Scene) -> Turn:
    """Compare two folders in this process."""
    from lamina_graph.history import Catalogue, catalogue_diff
    from lamina_graph.refs import resolve

    count = scene.size(1_000, 20)
    folders = [str(scene.data.files(count, version)) for version in (0, 1)]

    def read(_: object = None) -> list[Catalogue]:
        return [Catalogue(folder, resolve([folder]).entries) for folder in folders]

    def compare(_: object = None) -> object:
        return catalogue_diff(*read())

    totals = catalogue_diff(*read()).totals
    agree(totals.changed, count // 10, f"the number of changed apps and those written from {app_id(0)} on")
    return lambda: [(cpu(compare, [None]), cpu(read, [None]))]


@benchmark(
    "report-json",
    Row("`report -f json`: CPU an app, 10,000", "1,000", wanted=1.5, before="9.2"),
    Row("`report -f json`: peak memory, 10,000", "1,000", "B"),
    rounds=3,
    seconds=60,
)
def report_json(scene: Scene) -> Turn:
    """Report on two folders as data."""
    few, many = scene.size(1_000, 10), scene.size(10_000, 10)

    def turn() -> list[Pair]:
        large, small = beside(scene, many, few, lambda n: ("report", scene.data.files(n), "-f", "json"))
        return [(large.cpu / many, small.cpu / few), (large.peak, small.peak)]

    return turn


@benchmark(
    "report-html",
    Row("`report -o x.html`: CPU an app, 10,000", "1,000", wanted=1.2, before="3.9"),
    Row("`report -o x.html`: peak memory, 10,000", "400 MB", "B", 1.0, "4.0"),
    Row("`report -o x.html`: bytes of the page an app, 10,000", "6 kB", "B", 1.0, "2.1"),
    rounds=3,
    seconds=60,
)
def report_html(scene: Scene) -> Turn:
    """Report on two folders as a page."""
    few, many = scene.size(1_000, 5), scene.size(10_000, 5)
    page = scene.data.folder / "x.html"

    def turn() -> list[Pair]:
        large, small = beside(scene, many, few, lambda n: ("report", scene.data.files(n), "-o", page))
        return [
            (large.cpu / many, small.cpu / few),
            (large.peak, 400e6),
            (page.stat().st_size / many, 6_000),
        ]

    return turn
