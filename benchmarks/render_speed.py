"""How long pictures take beside the `dot` program on the same DOT source.

    python benchmarks/render_speed.py

Needs Graphviz on PATH for the comparison. One picture counts from the workflow to the finished SVG: features,
classification, layout, drawing. Wanted: a warm picture in at most 1/3 of a `dot` process, and 200 pictures in
at most 1/4 of 200 processes when drawn as a report draws them, on every processor. Then what bounds hold on
large and dense graphs, and what a kept module saves at a cold start. Times are of this process and machine;
only the ratios travel.
"""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from statistics import median
from time import perf_counter

from lamina_graph.batch import batch
from lamina_graph.files import load
from lamina_graph.model import Workflow
from lamina_graph.render import draw

TYPES = (
    "imageUploadNode", "textInputNode", "fluxImageNode", "backgroundRemoverNode", "upscaleNode",
    "klingVideoNode", "voiceoverNode", "videoMergeNode", "bannerMakerNode", "saveVideoNode",
)  # fmt: skip
ROUNDS = 5
Work = Callable[[], object]
COLD = "from lamina_graph.render.layout import graphviz; graphviz.run('digraph { a -> b }', 'wasm')"


def layered(size: int, edges: int, seed: int = 0) -> Workflow:
    """Return a graph in layers, its edges from one layer to the next, now and then to the one after."""
    rng = random.Random(seed)
    wide = max(4, round(size**0.5) // 2)
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < edges:
        source = rng.randrange(size - wide)
        step = rng.choice((1, 1, 1, 1, 2)) * wide - source % wide
        pairs.add((source, min(size - 1, source + step + rng.randrange(wide))))
    nodes = [{"id": f"n{at}", "type": rng.choice(TYPES), "label": f"Step {at}"} for at in range(size)]
    return load({"nodes": nodes, "edges": [{"source": f"n{a}", "target": f"n{b}"} for a, b in sorted(pairs)]})


def seconds(work: Work) -> float:
    """Return how long some work takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def dot_process(source: str) -> None:
    """Draw DOT source with a process of its own."""
    subprocess.run(["dot", "-Tsvg"], input=source.encode(), capture_output=True, check=True)


def beside_dot() -> None:
    """Compare with `dot`, one picture and 200, in turns: what else the machine does hits both alike."""
    many = [layered(30, 39, seed) for seed in range(200)]
    sources = [draw(w).dot for w in many]
    _ = draw(many[0]).svg
    compared(
        "a warm picture beside a dot process (≤ 0.33)",
        [(lambda w=w: draw(w).svg, lambda s=s: dot_process(s)) for w, s in zip(many, sources, strict=True)],
    )
    compared(
        "200 pictures as a report draws them beside 200 dot processes (≤ 0.25)",
        [(lambda: drawn_in_a_report(many), lambda: [dot_process(s) for s in sources])] * ROUNDS,
    )


def compared(what: str, turns: Sequence[tuple[Work, Work]]) -> None:
    """Print the medians of two kinds of work done in turns, and the median of their ratios."""
    times = [(seconds(ours), seconds(theirs)) for ours, theirs in turns]
    ours, theirs = (1000 * median(each) for each in zip(*times, strict=True))
    print(f"{what}: {ours:.1f} ms, {theirs:.1f} ms: {median(a / b for a, b in times):.2f}")


def drawn_in_a_report(workflows: Sequence[Workflow]) -> None:
    """Draw pictures as a report of so many apps does: on every processor, started for it."""
    with ProcessPoolExecutor() as pool:
        list(batch(svg, workflows, pool, chunk=25))


def svg(workflow: Workflow) -> str:
    """Return a picture."""
    return draw(workflow).svg


def large() -> None:
    """Print how long large and dense graphs take."""
    for size, edges in ((300, 390), (1000, 1300), (3000, 3900), (300, 3000), (3000, 9000), (30_000, 39_000)):
        picture = draw(layered(size, edges))
        print(f"{size:>6} nodes, {edges:>6} edges: {seconds(lambda p=picture: p.svg):6.2f} s")


def cold() -> None:
    """Print what a kept module saves."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "XDG_CACHE_HOME": folder}
        command = [sys.executable, "-c", COLD]
        first, second = (
            seconds(lambda: subprocess.run(command, env=environment, check=True)) for _ in range(2)
        )
    print(f"first layout of a process: {first:.2f} s, with the module kept {second:.2f} s")


if __name__ == "__main__":
    beside_dot()
    cold()
    large()
