"""How the time of grouping a catalogue grows with it, beside that of taking the same workflows' features.

    python benchmarks/similar_groups.py FOLDER [SIZE...]

The catalogue is made of the workflows in FOLDER, each under new ids and with up to three nodes more.
"""

import random
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import TypeVar

from lamina_graph.errors import WorkflowError
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.model import Workflow
from lamina_graph.similar import groups

Result = TypeVar("Result")


def main(folder: Path, sizes: list[int]) -> None:
    """Print a row for each size."""
    originals = list(filter(None, map(_read, sorted(folder.rglob("*.json")))))
    print(f"{'apps':>8}{'twins':>8}{'families':>10}{'ms an app':>11}{'of features':>13}")
    for size in sizes:
        chance = random.Random(size)
        apps = [_edited(chance.choice(originals), number, chance) for number in range(size)]
        found, grouping = _timed(lambda apps=apps: groups(apps))
        _, taking = _timed(lambda apps=apps: [features(app) for app in apps])
        row = f"{size:8}{len(found.twins):8}{len(found.families):10}"
        print(f"{row}{1000 * grouping / size:11.2f}{grouping / taking:12.1f}x")


def _read(path: Path) -> Workflow | None:
    try:
        return load(path)
    except WorkflowError:
        return None


def _edited(original: Workflow, number: int, chance: random.Random) -> Workflow:
    new = {node.id: f"app{number}-{place}" for place, node in enumerate(original.nodes)}
    nodes = [{"id": new[node.id], "type": node.type} for node in original.nodes]
    edges = [
        {"source": new.get(e.source, e.source), "target": new.get(e.target, e.target)} for e in original.edges
    ]
    for extra in range(chance.randint(0, 3)):
        nodes.append({"id": f"app{number}-more{extra}", "type": f"extra{chance.randint(0, 50)}Node"})
        edges.append({"source": chance.choice(nodes)["id"], "target": nodes[-1]["id"]})
    return load({"appId": f"app {number}", "nodes": nodes, "edges": edges})


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    start = process_time()
    result = work()
    return result, process_time() - start


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(size) for size in sys.argv[2:]] or [500, 1000, 2000, 4000])
