"""How soon a command answers about one file, with bytecode on disk."""

import compileall
import json
import sys
from pathlib import Path
from statistics import median

import lamina_graph
from benchmarks.data import app
from benchmarks.harness import Pair, Row, Scene, Turn, benchmark, command, run_program

CLICK = '`python -c "import click"` (CPU)'
COMPLETION = {"_LAMINA_GRAPH_COMPLETE": "bash_complete", "COMP_WORDS": "lamina-graph cl", "COMP_CWORD": "1"}


@benchmark(
    "starts",
    Row("`--help`", CLICK, wanted=1.5, before="4.2"),
    Row("`--version`", CLICK, wanted=1.5, before="4.2"),
    Row("completion", CLICK, wanted=1.5, before="4.2"),
    Row("`classify FILE --json`", CLICK, wanted=5.5, before="9.4"),
    Row("`show`", CLICK, wanted=7, before="9.5"),
    Row("`diff`", CLICK, wanted=7, before="7.4"),
    Row("`lint`", CLICK, wanted=7, before="6.3"),
    rounds=11,
    seconds=40,
)
def starts(scene: Scene) -> Turn:
    """Start each command on a workflow of 30 nodes."""
    for version in (0, 1):
        (scene.data.folder / f"v{version}.json").write_text(json.dumps(app(1, version=version)))
    commands: tuple[tuple[tuple[str, ...], dict[str, str]], ...] = (
        (("--help",), {}),
        (("--version",), {}),
        ((), COMPLETION),
        (("classify", "v0.json", "--json"), {}),
        (("show", "v0.json"), {}),
        (("diff", "v0.json", "v1.json"), {}),
        (("lint", "v0.json"), {}),
    )
    if not scene.quick:
        compileall.compile_dir(Path(lamina_graph.__file__).parent, quiet=2)
        for words, environment in commands:
            command(scene, *words, **environment)

    def turn() -> list[Pair]:
        peers = [
            run_program(scene, sys.executable, "-c", "import click").cpu for _ in range(scene.size(3, 1))
        ]
        return [(command(scene, *words, **environment).cpu, median(peers)) for words, environment in commands]

    return turn
