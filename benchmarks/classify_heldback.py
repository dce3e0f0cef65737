"""How an answer on graphs that were looked at while building compares with one on graphs that were kept back.

    python benchmarks/classify_heldback.py FOLDER...

FOLDER holds workflows and `labels.json`. Near-duplicates share a `cluster` and one person's graphs an
`owner`; these go to one side or the other as a whole, by the hash of their name. The side that is kept back
was not read node by node while the rules were made, only its figures were looked at, until the rules stood;
the last pass looked at both.
"""

import argparse
import json
from collections.abc import Mapping
from hashlib import sha1
from pathlib import Path
from statistics import mean
from typing import Any

from lamina_graph.classify import Classification, classify
from lamina_graph.files import load

Row = tuple[Mapping[str, Any], Classification]


def kept_back(label: Mapping[str, Any]) -> bool:
    """Return on which side a graph is, by its owner, else by its cluster."""
    return sha1(str(label.get("owner", label.get("cluster"))).encode()).digest()[0] % 2 == 0


def right(row: Row) -> bool:
    """Whether the category is the label's."""
    return row[1].category == row[0]["category"]


def macro_f1(rows: list[Row]) -> float:
    """Return the mean F1 over the categories that occur."""
    scores = []
    for category in sorted({label["category"] for label, _ in rows}):
        hit = sum(label["category"] == answer.category == category for label, answer in rows)
        all_ = sum((label["category"] == category) + (answer.category == category) for label, answer in rows)
        scores.append(2 * hit / all_)
    return mean(scores)


def main() -> None:
    """Print a table: for each folder the side that was looked at, the one kept back, and both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="+")
    print(f"{'folder':16} {'side':10} {'graphs':>6} {'accuracy':>9} {'high':>7} {'F1':>7} {'modalities':>10}")
    for folder in parser.parse_args().folder:
        labels = json.loads((folder / "labels.json").read_text())
        rows = [(label, classify(load(folder / f"{name}.json"))) for name, label in sorted(labels.items())]
        sides = {
            "looked at": [row for row in rows if not kept_back(row[0])],
            "kept back": [row for row in rows if kept_back(row[0])],
            "both": rows,
        }
        for side, found in sides.items():
            high = [row for row in found if row[0]["label_confidence"] == "high"]
            media = mean(set(label["output_modalities"]) == set(a.modalities.outputs) for label, a in found)
            print(
                f"{folder.name:16} {side:10} {len(found):6} {mean(map(right, found)):9.4f} "
                f"{mean(map(right, high)):7.4f} {macro_f1(found):7.4f} {media:10.4f}"
            )


if __name__ == "__main__":
    main()
