"""Run comparisons side by side.

python -m benchmarks [NAME...] [--quick] [-o FILE]

Prints a line for each row: ratio, limit, what, beside what. Ends with status 1 where a limit is missed, or a
benchmark does not run or its sides do not agree. `--quick` takes one turn on tiny data and holds no limits.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import benchmarks.comparisons  # noqa: F401 - registers them
from benchmarks.data import Data
from benchmarks.harness import REGISTRY, Measured, Scene, measure
from benchmarks.results import line, markdown


def main() -> int:
    """Measure, print, write, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Compare side by side.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(REGISTRY)}; by default all")
    parser.add_argument("--quick", action="store_true", help="one turn on tiny data, without limits")
    parser.add_argument("-o", "--output", type=Path, help="also write the table as Markdown")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(REGISTRY):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    rows: list[Measured] = []
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(Data(Path(folder)), asked.quick)
        for name in asked.names or REGISTRY:
            for found in measure(REGISTRY[name], scene):
                rows.append(found)
                print(line(found), flush=True)
    if asked.output:
        asked.output.write_text(markdown(rows))
    return int(any(found.problem or found.missed for found in rows))


if __name__ == "__main__":
    sys.exit(main())
