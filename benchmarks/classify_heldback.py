"""How answers on graphs that are kept back compare with answers on those that are looked at.

    python benchmarks/classify_heldback.py FOLDER...

Each FOLDER holds workflows and `labels.json`. All graphs are split into five parts: near-duplicates share a
`cluster` and one person's graphs an `owner`, and these fall into one part as a whole, by the hash of their
name, in whatever folder they are. Who changes rules or words reads the graphs of four parts and only the
figures of the fifth: a rule that helps these and not that one was fitted.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from hashlib import sha1
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

from lamina_graph.classify import Classification, classify
from lamina_graph.files import load

PARTS = 5


class Row(NamedTuple):
    """One labelled graph, and the answer."""

    part: int
    label: Mapping[str, Any]
    answer: Classification

    @property
    def right(self) -> bool:
        """Whether the category is the label's."""
        return self.answer.category == self.label["category"]


def part(label: Mapping[str, Any]) -> int:
    """Return the part that a graph falls into, by its owner, else by its cluster."""
    return sha1(str(label.get("owner", label.get("cluster"))).encode()).digest()[0] % PARTS


def rows(folder: Path) -> list[Row]:
    """Return each labelled graph of a folder with its answer."""
    labels = json.loads((folder / "labels.json").read_text())
    return [Row(part(labels[name]), labels[name], classify(load(folder / f"{name}.json"))) for name in labels]


def macro_f1(group: list[Row]) -> float:
    """Return the mean F1 over the categories that occur."""
    scores = []
    for category in sorted({row.label["category"] for row in group}):
        hits = sum(row.right and row.label["category"] == category for row in group)
        both = sum((row.label["category"] == category) + (row.answer.category == category) for row in group)
        scores.append(2 * hits / both)
    return mean(scores)


def figures(group: list[Row]) -> str:
    """Return the figures of some graphs as columns of text."""
    high = [row.right for row in group if row.label["label_confidence"] == "high"]
    media = [set(row.label["output_modalities"]) == set(row.answer.modalities.outputs) for row in group]
    accuracy = mean(row.right for row in group)
    return f"{len(group):6} {accuracy:9.4f} {mean(high):7.4f} {macro_f1(group):7.4f} {mean(media):10.4f}"


def groups(all_rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Yield each part that is kept back, with the other four beside it, then all graphs."""
    for number in range(PARTS):
        yield f"part {number + 1} kept back", [row for row in all_rows if row.part == number]
        yield "  others looked at", [row for row in all_rows if row.part != number]
    yield "all", all_rows


def main() -> None:
    """Print a table for each folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="+")
    print(
        f"{'folder':16} {'graphs':18} {'number':>6} {'accuracy':>9} {'high':>7} {'F1':>7} {'modalities':>10}"
    )
    for folder in parser.parse_args().folder:
        for name, group in groups(rows(folder)):
            if group:
                print(f"{folder.name:16} {name:18} {figures(group)}")


if __name__ == "__main__":
    main()
