"""A whole diff beside the matching alone, ids kept; processor time in one run, turn by turn.

    python benchmarks/diff_speed.py [--sizes 30 100 1000 10000] [--changed 0.05] [--rounds 5] [--most RATIO]

A pair is a layered graph of nodes with positions and settings, and the same after a share of its nodes was
retyped or set otherwise. Ends with status 1 where `diff` takes more than `--most` times as long as `match`.
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from match_synthetic import KINDS, identities, layered

from lamina_graph.diff import diff
from lamina_graph.files import load
from lamina_graph.match import match
from lamina_graph.model import Workflow


def edited_pair(size: int, changed: float, seed: int = 1) -> tuple[Workflow, Workflow]:
    """Return a graph and its edited copy, a share of its nodes changed, all ids kept."""
    rng = random.Random(f"{size} {changed} {seed}")
    kinds, edges = layered(size, rng)
    names = identities(kinds, rng)

    def written(types: dict[int, str], steps: dict[int, int]) -> Workflow:
        nodes = [
            {
                "id": names[n],
                "type": type_,
                "label": f"Step {n}",
                "position": {"x": n, "y": n},
                "data": {"prompt": f"prompt {n}", "steps": steps.get(n, 20)},
            }
            for n, type_ in types.items()
        ]
        wires = [{"id": f"{a}-{b}", "source": names[a], "target": names[b]} for a, b in sorted(edges)]
        return load({"nodes": nodes, "edges": wires})

    touched = rng.sample(sorted(kinds), round(changed * size))
    retyped = {n: rng.choice(KINDS) for n in touched[::3]}
    return written(kinds, {}), written(kinds | retyped, dict.fromkeys(touched, 30))


def compare_times(pair: tuple[Workflow, Workflow], rounds: int) -> tuple[float, float]:
    """Return the median processor time of `match` and of `diff`, in seconds."""
    times: dict[Callable[..., object], list[float]] = {match: [], diff: []}
    for _ in range(rounds):
        for call, spent in times.items():
            start = time.process_time()
            call(*pair)
            spent.append(time.process_time() - start)
    return statistics.median(times[match]), statistics.median(times[diff])


def main(argv: Sequence[str] | None = None) -> int:
    """Print a row for each size; return 1 where a ratio is above the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[30, 100, 1000, 10000])
    parser.add_argument("--changed", type=float, default=0.05)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most", type=float)
    asked = parser.parse_args(argv)
    diff(*edited_pair(30, 0.1))  # loads what is loaded once
    ratios = []
    print("| nodes | diff / match | match, ms | diff, ms |\n| ---: | ---: | ---: | ---: |")
    for size in asked.sizes:
        alone, whole = compare_times(edited_pair(size, asked.changed), asked.rounds)
        ratios.append(whole / alone)
        print(f"| {size:,} | {ratios[-1]:.1f} | {alone * 1e3:.1f} | {whole * 1e3:.1f} |", flush=True)
    return int(asked.most is not None and max(ratios) > asked.most)


if __name__ == "__main__":
    sys.exit(main())
