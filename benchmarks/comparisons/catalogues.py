"""Commands over folders of many workflows."""

import sys
from hashlib import sha256
from pathlib import Path

from benchmarks.data import app_id
from benchmarks.harness import Pair, Row, Scene, Turn, agree, benchmark, command, cpu, run_program

COLLECTOR = Path(__file__).parents[1] / "collector_share.py"


@benchmark(
    "classify-many",
    Row("`classify`, 10,000 files, two processes", "one process", "s elapsed", 0.6, "2.3"),
    Row("its peak memory, 10,000 files", "1,000", "B", 1.2, "6.1"),
    rounds=3,
    seconds=60,
)
def classify_many(scene: Scene) -> Turn:
    """Classify two folders; two processes must print what one prints."""
    few, many = (scene.data.files(n) for n in (scene.size(1_000, 20), scene.size(10_000, 60)))

    def turn() -> list[Pair]:
        small = command(scene, "classify", few, "--json", "--jobs", 1)
        one, two = (command(scene, "classify", many, "--json", "--jobs", n) for n in (1, 2))
        agree(
            sha256(one.output).digest(), sha256(two.output).digest(), "the answers of one process and of two"
        )
        return [(two.elapsed, one.elapsed), (one.peak, small.peak)]

    return turn


@benchmark(
    "similar-groups",
    Row("`similar --groups`: CPU an app, 10,000", "1,000", wanted=1.5, before="9.2"),
    rounds=3,
    seconds=40,
)
def similar_groups(scene: Scene) -> Turn:
    """Group two folders."""
    few, many = scene.size(1_000, 20), scene.size(10_000, 60)

    def turn() -> list[Pair]:
        runs = [
            command(scene, "similar", "--groups", scene.data.files(n), "--json").cpu / n for n in (many, few)
        ]
        return [(runs[0], runs[1])]

    return turn


@benchmark(
    "report-json",
    Row("`report -f json`: CPU an app, 10,000", "1,000", wanted=1.5, before="9.2"),
    rounds=3,
    seconds=50,
)
def report_json(scene: Scene) -> Turn:
    """Report on two folders as data."""
    few, many = scene.size(1_000, 20), scene.size(10_000, 60)

    def turn() -> list[Pair]:
        runs = [command(scene, "report", scene.data.files(n), "-f", "json").cpu / n for n in (many, few)]
        return [(runs[0], runs[1])]

    return turn


@benchmark(
    "report-html",
    Row("`report -o x.html`: CPU an app, 10,000", "1,000", wanted=1.2, before="3.9"),
    Row("its peak memory, 10,000", "400 MB", "B", 1.0, "4.0"),
    Row("its page, bytes an app, 10,000", "6 KB", "B", 1.0, "2.1"),
    rounds=3,
    seconds=60,
)
def report_html(scene: Scene) -> Turn:
    """Report on two folders as a page."""
    few, many = scene.size(1_000, 5), scene.size(10_000, 20)
    page = scene.data.folder / "x.html"

    def turn() -> list[Pair]:
        small, large = (command(scene, "report", scene.data.files(n), "-o", page) for n in (few, many))
        return [
            (large.cpu / many, small.cpu / few),
            (large.peak, 400e6),
            (page.stat().st_size / many, 6_000),
        ]

    return turn


@benchmark(
    "collector",
    Row("collector, `classify`", "the command's CPU"),
    Row("collector, `report -f json`", "the command's CPU", before="a third"),
    rounds=3,
)
def collector(scene: Scene) -> Turn:
    """Count the collector's time in two commands over a folder."""
    folder = scene.data.files(scene.size(1_000, 20))

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
