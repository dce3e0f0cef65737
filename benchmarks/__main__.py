"""Run comparisons side by side.

python -m benchmarks [NAME...] [--quick] [--minutes N] [-o FILE]

Prints a line for each row: ratio, limit, what, beside what. Ends with status 1 where a limit is missed, or a
benchmark does not run or its sides do not agree. `--quick` takes one turn on tiny data and holds no limits.
The table is written after each benchmark, and says which are still to come.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.data import Data
from benchmarks.harness import REGISTRY, Measured, Scene, end_with_what_runs, measure
from benchmarks.results import line, markdown


def main() -> int:
    """Measure, print, write, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Compare side by side.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(REGISTRY)}; by default all")
    parser.add_argument("--quick", action="store_true", help="one turn on tiny data, without limits")
    parser.add_argument("--minutes", type=int, default=8, help="then each that is left takes one turn")
    parser.add_argument("-o", "--output", type=Path, help="also write the table as Markdown")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(REGISTRY):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    end_with_what_runs()
    names = asked.names or list(REGISTRY)
    rows: list[Measured] = []
    with tempfile.TemporaryDirectory() as folder:
        until = time.monotonic() + 60 * asked.minutes
        scene = Scene(Data(Path(folder)), asked.quick, until=until)
        for done, name in enumerate(names, 1):
            found = measure(REGISTRY[name], scene)
            rows += found
            if asked.output:
                asked.output.write_text(markdown(rows, names[done:]))
            print(*map(line, found), sep="\n", flush=True)
    return int(any(found.problem or found.missed for found in rows))


if __name__ == "__main__":
    import benchmarks.comparisons  # noqa: F401 - registers them

    sys.exit(main())
