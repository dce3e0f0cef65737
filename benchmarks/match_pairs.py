"""How long matching real pairs of versions takes, and how many are proved.

    python benchmarks/match_pairs.py FOLDER

FOLDER holds a folder for each pair, with `old.json`, `new.json` and, with every id new, `new_regen.json`.
Wanted: 95% of the pairs with new ids proved within a second. Times are of this process, with scipy loaded.
"""

import argparse
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from lamina_graph.files import load
from lamina_graph.match import Matching, match


@dataclass(frozen=True)
class Row:
    """One pair: its name, how long it took, and what came out."""

    name: str
    seconds: float
    found: Matching


def measured(folder: Path, new: str) -> Row:
    """Match one pair, twice, and take the shorter time."""
    pair = load(folder / "old.json"), load(folder / new)
    times = []
    for _ in range(2):
        started = time.perf_counter()
        found = match(*pair)
        times.append(time.perf_counter() - started)
    return Row(folder.name, min(times), found)


def main() -> None:
    """Print a line for ids kept and one for new ids, and the slowest pairs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folders = sorted(each for each in parser.parse_args().folder.iterdir() if (each / "old.json").exists())
    print("| ids | pairs | proved | proved within 1 s | median s | 95% within s | slowest |")
    print("|---|---|---|---|---|---|---|")
    for ids, new in (("kept", "new.json"), ("new", "new_regen.json")):
        rows = [measured(each, new) for each in folders]
        seconds = [row.seconds for row in rows]
        slowest = max(rows, key=lambda row: row.seconds)
        print(
            f"| {ids} | {len(rows)} | {share(row.found.minimal for row in rows)}"
            f" | {share(row.found.minimal and row.seconds <= 1 for row in rows)} | {median(seconds):.4f}"
            f" | {quantiles(seconds, n=20)[-1]:.4f} | {slowest.name} {slowest.seconds:.2f} s |"
        )


def share(which: Iterable[bool]) -> str:
    """Return a share in percent."""
    flags = list(which)
    return f"{100 * sum(flags) / len(flags):.1f}%"


if __name__ == "__main__":
    main()
