"""Profile every command that takes workflows, on many and on large and extreme ones.

python -m benchmarks.commands [INPUT...] [--only WORD] [--quick] [-o FILE]

INPUT is one of `many` (10,000 workflows of 30 nodes), `layered`, `isolated`, `path` (one of 100,000 nodes
each) and `complete` (2,000 nodes, all joined); by default all. Each command is run on the input and on a
tenth of it. Ends with status 1 where a command takes more than 250 times what `json` takes to read 100,000
layered nodes (30 s where that takes 0.12; not counted for many), more than 1 GB, or for an app, a node or an
edge 1.5 times as much as on a tenth. What is refused, with a reason, counts as answered.
"""

import argparse
import json
import random
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from benchmarks.data import TYPES, Data, app, app_id
from benchmarks.harness import Run, Scene, command, cpu, end_with_what_runs
from benchmarks.results import figure, machine

Command = Callable[[Path, Path], tuple[object, ...]]
HEAD = (
    "| command | beside `json` | beside a tenth | CPU | peak memory | |",
    "| --- | --- | --- | --- | --- | --- |",
)
LONGEST, LARGEST, STEEPEST = 250, 1e9, 1.5
"""The most processor time beside the reading of JSON, the most bytes, the most growth."""

ONE: dict[str, Command] = {
    "`show`": lambda a, _: ("show", a),
    **{
        f"`render -f {form}`": lambda a, _, form=form: ("render", a, "-f", form, "-o", f"picture.{form}")
        for form in ("svg", "png", "html", "dot", "mermaid", "text")
    },
    "`render --collapse`": lambda a, _: ("render", a, "--collapse", "-o", "stages.svg"),
    "`render --strip`": lambda a, _: ("render", a, "--strip", "-o", "strip.svg"),
    **{
        f"`export -f {form}`": lambda a, _, form=form: ("export", a, "-f", form, "-o", "exported")
        for form in ("graphml", "gexf", "node-link", "cytoscape")
    },
    **{
        f"`diff -f {form}`": lambda a, b, form=form: ("diff", a, b, "-f", form, "-o", f"diff.{form}")
        for form in ("text", "json", "markdown", "html", "svg", "mermaid")
    },
}
"""Commands for a workflow, or for one and its next version."""

MANY: dict[str, Command] = {
    "`classify`": lambda a, _: ("classify", a, "--jobs", 1),
    "`classify --json`": lambda a, _: ("classify", a, "--json", "--jobs", 1),
    "`lint`": lambda a, _: ("lint", a, "--json"),
    "`find`": lambda a, _: ("find", "kling*", a, "--json"),
    "`similar --groups`": lambda a, _: ("similar", "--groups", a, "--json"),
    "`fetch`": lambda a, _: ("fetch", a, "-o", "fetched"),
    **{
        f"`report -f {form}`": lambda a, _, form=form: ("report", a, "-f", form, "-o", f"report.{form}")
        for form in ("json", "csv", "markdown", "html")
    },
}
"""Commands for as many as there are."""

FOLDER: dict[str, Command] = {
    "`similar`": lambda a, _: ("similar", a / "00000.json", a, "--json"),
    "`diff` of folders": lambda a, b: ("diff", a, b, "-f", "json", "-o", "diff.json"),
    "`render -f mermaid`": lambda a, _: ("render", a, "-f", "mermaid", "-o", "pictures/"),
    "`render -f svg`": lambda a, _: ("render", a, "-o", "pictures/"),
}


@dataclass(frozen=True)
class Input:
    """A kind of input: title, size, commands, and its edges if it is neither a folder nor layered."""

    title: str
    size: int
    commands: dict[str, Command]
    edges: Callable[[int], Iterable[tuple[int, int]]] | None = None

    @property
    def is_folder(self) -> bool:
        """Whether this is many workflows."""
        return self.commands is OVER_A_FOLDER

    def make(self, data: Data, size: int) -> tuple[Path, Path, int]:
        """Return the input and its next version, of some size, and how much there is in it."""
        if self.is_folder:
            return data.files(size), data.files(size, 1), size
        content = self._workflow(size)
        old, new = (data.folder / f"{size}-{version}.json" for version in ("old", "new"))
        old.write_text(json.dumps(content))
        for node in random.Random(size).sample(content["nodes"], max(1, size // 20)):
            node["type"] = "veoVideoNode"
        new.write_text(json.dumps(content))
        return old, new, len(content["nodes"]) + len(content["edges"])

    def _workflow(self, size: int) -> dict[str, Any]:
        if self.edges is None:
            return app(0, size)
        nodes = [
            {"id": f"n{at}", "type": TYPES[at % len(TYPES)], "label": f"Step {at}"} for at in range(size)
        ]
        edges = [{"source": f"n{source}", "target": f"n{target}"} for source, target in self.edges(size)]
        return {"appId": app_id(1), "name": self.title, "nodes": nodes, "edges": edges}


ONE_OR_MANY = ONE | MANY
OVER_A_FOLDER = MANY | FOLDER
INPUTS = {
    "many": Input("10,000 workflows of 30 nodes", 10_000, OVER_A_FOLDER),
    "layered": Input("100,000 nodes, each fed by one or two", 100_000, ONE_OR_MANY),
    "isolated": Input("100,000 isolated nodes", 100_000, ONE_OR_MANY, lambda size: ()),
    "path": Input("A path of 100,000 nodes", 100_000, ONE_OR_MANY, lambda size: pairwise(range(size))),
    "complete": Input(
        "2,000 nodes, all joined", 2_000, ONE_OR_MANY, lambda size: combinations(range(size), 2)
    ),
}


@dataclass(frozen=True)
class Profile:
    """What a command used on an input and on a tenth of it, and what `json` takes to read 100,000 nodes."""

    name: str
    large: Run
    small: Run
    tenth: float
    unit: float | None

    @property
    def growth(self) -> float:
        """How much more processor time an app, a node or an edge takes than on a tenth."""
        return self.large.cpu / self.small.cpu * self.tenth

    @property
    def problems(self) -> list[str]:
        """Which limits are missed; what is refused is answered."""
        return [
            *([f"ended by {signal.Signals(-self.large.status).name}"] if self.large.status < 0 else []),
            *(["slow"] if self.unit and self.large.cpu / self.unit > LONGEST else []),
            *(["large"] if self.large.peak > LARGEST else []),
            *(["grows"] if self.growth > STEEPEST and not self.large.status else []),
        ]

    def row(self) -> str:
        """Return the row of the table."""
        beside = f"{self.large.cpu / self.unit:.0f}" if self.unit else ""
        remark = self.large.remark.replace("|", " ")[:100] if self.large.status else ""
        used = f"{figure(self.large.cpu, 's')} | {figure(self.large.peak, 'B')}"
        outcome = "; ".join([*(f"**{problem}**" for problem in self.problems), *([remark] if remark else [])])
        return f"| {self.name} | {beside} | {self.growth:.2g} | {used} | {outcome} |"


def profiles(scene: Scene, given: Input, unit: float, only: str) -> Iterator[Profile]:
    """Run each command on an input and on a tenth of it; where it only has to run, once."""
    size = scene.size(given.size, 20)
    *large, much = given.make(scene.data, size)
    *small, little = given.make(scene.data, size // 10)
    for name, words in given.commands.items():
        if only not in name:
            continue
        first = command(scene, *words(*large), statuses=range(-64, 3))
        second = first if scene.quick else command(scene, *words(*small), statuses=range(-64, 3))
        yield Profile(name, first, second, little / much, None if given.is_folder else unit)


def main() -> int:
    """Profile, print, write, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.commands",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("inputs", nargs="*", metavar="INPUT")
    parser.add_argument("--only", default="", metavar="WORD", help="commands with this in their name")
    parser.add_argument(
        "--quick", action="store_true", help="each command once on tiny input, without limits"
    )
    parser.add_argument("-o", "--output", type=Path, help="also write the tables as Markdown")
    asked = parser.parse_args()
    if unknown := set(asked.inputs) - set(INPUTS):
        parser.error(f"no input is called {', '.join(sorted(unknown))}; there are {', '.join(INPUTS)}")
    end_with_what_runs()
    content = json.dumps(app(0, 1_000 if asked.quick else 100_000))
    unit = min(cpu(json.loads, [content]) for _ in range(5))
    lines = ["# Profile of every command", "", *(f"- {each}" for each in machine()), ""]
    lines += [f"`json` reads 100,000 layered nodes in {figure(unit, 's')}.", ""]
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(Data(Path(folder)), asked.quick, longest=max(20, int(2 * LONGEST * unit)))
        for name in asked.inputs or INPUTS:
            lines += [f"## {INPUTS[name].title}", "", *HEAD]
            print(lines[-4], flush=True)
            for found in profiles(scene, INPUTS[name], unit, asked.only):
                missed |= bool(found.problems)
                lines.append(found.row())
                print(lines[-1], flush=True)
                if asked.output:
                    asked.output.write_text("\n".join([*lines, ""]))
            lines.append("")
    return int(missed and not asked.quick)


if __name__ == "__main__":
    sys.exit(main())
