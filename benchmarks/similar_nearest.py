"""How often the nearest workflow is the right one, by the features of the package and by others.

    python benchmarks/similar_nearest.py CORPUS

CORPUS holds `dev/` (workflows and their `labels.json`) and `pairs-dev/` (for some of them another version,
`old.json`). Asked for each such version: is the nearest of all workflows the same one, or a near-duplicate of
it (its cluster)? Asked for each workflow: is the nearest one outside its own cluster of the same category?
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from math import sqrt
from pathlib import Path

from lamina_graph.files import load
from lamina_graph.graph import adjacency, refine_colors
from lamina_graph.model import Workflow
from lamina_graph.similar.similarity import cosine_similarity, profile

Vector = Mapping[object, float]


def types(workflow: Workflow) -> Vector:
    """Counts of node types."""
    return _unit(Counter(adjacency(workflow).types))


def weisfeiler_lehman(workflow: Workflow) -> Vector:
    """Counts of colours after 0, 1 and 2 rounds of refinement (Shervashidze et al. 2011)."""
    plain = adjacency(workflow)
    return _unit(Counter(colour for rounds in range(3) for colour in refine_colors(plain, rounds=rounds)))


def histograms(workflow: Workflow) -> Vector:
    """What the package uses."""
    return profile(workflow).vector


def _unit(counts: Counter) -> Vector:
    length = sqrt(sum(count * count for count in counts.values()))
    return {feature: count / length for feature, count in counts.items()}


def main(corpus: Path) -> None:
    """Print a table: a row for each kind of features."""
    labels = json.loads((corpus / "dev" / "labels.json").read_text())
    known = {name: load(corpus / "dev" / f"{name}.json") for name in sorted(labels)}
    versions = {path.parent.name: load(path) for path in sorted((corpus / "pairs-dev").glob("*/old.json"))}
    print(f"{'features':20}{'right first':>12}{'mean 1/rank':>12}{'same category':>15}")
    for features in (types, weisfeiler_lehman, histograms):
        first, reciprocal = _versions(features, known, versions, labels)
        same = _categories(features, known, labels)
        print(f"{features.__name__:20}{first:12.3f}{reciprocal:12.3f}{same:15.3f}")


def _versions(
    features: Callable[[Workflow], Vector], known: dict, versions: dict, labels: dict
) -> tuple[float, float]:
    vectors = {name: features(workflow) for name, workflow in known.items()}
    ranks = []
    for name, version in versions.items():
        subject = features(version)
        ranked = sorted(vectors, key=lambda other: (-cosine_similarity(subject, vectors[other]), other))
        right = [labels[other]["cluster"] == labels[name]["cluster"] for other in ranked]
        ranks.append(1 + right.index(True))
    return ranks.count(1) / len(ranks), sum(1 / rank for rank in ranks) / len(ranks)


def _categories(features: Callable[[Workflow], Vector], known: dict, labels: dict) -> float:
    vectors = {name: features(workflow) for name, workflow in known.items()}
    right = 0
    for name, vector in vectors.items():
        others = (other for other in vectors if labels[other]["cluster"] != labels[name]["cluster"])
        nearest = max(others, key=lambda other: (cosine_similarity(vector, vectors[other]), other))
        right += labels[nearest]["category"] == labels[name]["category"]
    return right / len(vectors)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
