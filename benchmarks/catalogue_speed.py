"""Compare two folders of 1,000 workflows, and print how much longer that takes than reading them.

    python benchmarks/catalogue_speed.py [--apps N] [--changed N] [--rounds N]

Reading both folders and comparing them stands beside reading them alone, the best of the rounds.
Ends with 1 where that is more than 3 times.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from catalogues import workflow

from lamina_graph.history import Catalogue, CatalogueDiff, catalogue_diff
from lamina_graph.refs import resolve

WANTED = 3.0


def write_folders(top: Path, apps: int, changed: int) -> tuple[str, str]:
    """Write two folders of so many workflows, of which so many are of another model in the second one."""
    folders = (top / "old", top / "new")
    for side, folder in enumerate(folders):
        folder.mkdir()
        for number in range(apps):
            content = workflow(number)
            if side and number < changed:
                step = content["nodes"][len(content["nodes"]) // 2]
                step["type"] = "anotherImageNode"
            (folder / f"{number}.json").write_text(json.dumps(content, indent=2))
    return str(folders[0]), str(folders[1])


def read(old: str, new: str) -> tuple[Catalogue, Catalogue]:
    """Read both folders."""
    return Catalogue(old, resolve([old]).entries), Catalogue(new, resolve([new]).entries)


def compare(old: str, new: str) -> CatalogueDiff:
    """Read both folders and compare them."""
    return catalogue_diff(*read(old, new))


def measure(work: Callable[[], object]) -> float:
    """Return how long some work takes, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--apps", type=int, default=1_000)
    parser.add_argument("--changed", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with TemporaryDirectory() as top:
        folders = write_folders(Path(top), asked.apps, asked.changed)
        totals = compare(*folders).totals
        reading, comparing = (
            min(measure(work) for _ in range(asked.rounds))
            for work in (lambda: read(*folders), lambda: compare(*folders))
        )
    print(f"{totals.changed} of {asked.apps} apps changed")
    print(f"reading both folders {reading:.2f} s")
    print(f"and comparing them   {comparing:.2f} s, {comparing / reading:.2f} times")
    return int(comparing > WANTED * reading or totals.changed != asked.changed)


if __name__ == "__main__":
    sys.exit(main())
