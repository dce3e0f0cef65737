"""How accuracy and confidence fall when node types lose their meaning.

    python benchmarks/classify_robustness.py FOLDER... [--seeds N]

FOLDER holds workflows and `labels.json`, which gives the category of each by name. Of all types in the
folder, 0, 10, 30 and 50% are replaced by random letters, and so are labels that only repeat the type; what
people wrote in labels stays.
"""

import argparse
import json
import random
from collections.abc import Mapping
from pathlib import Path
from statistics import mean

from lamina_graph.classify import classify
from lamina_graph.files import load
from lamina_graph.model import Workflow

SHARES = (0.0, 0.1, 0.3, 0.5)


def meaningless(types: list[str], share: float, seed: int) -> dict[str, str]:
    """Return new names for a share of the types."""
    rng = random.Random(seed)
    chosen = rng.sample(types, round(share * len(types)))
    return {type_: "".join(rng.choices("bcdfghjklmnpqrstvwxz", k=9)) for type_ in chosen}


def renamed(w: Workflow, names: Mapping[str, str]) -> Workflow:
    """Return a workflow with types renamed, and the labels that repeat them."""
    nodes = [
        node.model_copy(
            update={
                "type": names.get(node.type, node.type),
                "own_label": names.get(node.type, node.label) if node.label == node.type else node.label,
            }
        )
        for node in w.nodes
    ]
    return w.model_copy(update={"nodes": tuple(nodes)})


def figures(folder: Path, share: float, seed: int) -> tuple[float, float]:
    """Return the accuracy and the mean confidence with a share of the types renamed."""
    labels = json.loads((folder / "labels.json").read_text())
    workflows = {name: load(folder / f"{name}.json") for name in sorted(labels)}
    names = meaningless(sorted({node.type for w in workflows.values() for node in w.nodes}), share, seed)
    answers = {name: classify(renamed(w, names)) for name, w in workflows.items()}
    right = [answers[name].category == label["category"] for name, label in labels.items()]
    return mean(right), mean(answer.confidence for answer in answers.values())


def main() -> None:
    """Print a table for each folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    print(f"{'folder':16} {'renamed':>8} {'accuracy':>9} {'least':>7} {'confidence':>11}")
    for folder in args.folder:
        for share in SHARES:
            found = [figures(folder, share, seed) for seed in range(args.seeds if share else 1)]
            accuracy, confidence = mean(a for a, _ in found), mean(c for _, c in found)
            print(f"{folder.name:16} {share:8.0%} {accuracy:9.4f} {min(found)[0]:7.4f} {confidence:11.4f}")


if __name__ == "__main__":
    main()
