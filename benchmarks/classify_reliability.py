"""Whether confidences mean what they say: how many of the answers at each level are right.

    python benchmarks/classify_reliability.py FOLDER...

Each FOLDER holds workflows and `labels.json`. Graphs are split into five parts by owner and cluster, as
`classify_heldback.py` does. The first table gives
the share of right answers at each level of the confidences that the package states, and of confidences that
are learned for each part on the other four, as the share of right answers of the same rule with the same
caveats: where the two agree, the stated ones mean something. The second gives the share of right answers by
rule and by caveat, from which the package's table was set.
Wanted: of answers at 0.9 and above at least 95% right, at 0.7 to 0.9 at least 80%.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import mean

from classify_heldback import PARTS, Row, rows

LEVELS = ((0.9, 1.01), (0.7, 0.9), (0.5, 0.7), (0.0, 0.5))
PRIOR = 4
"""Answers that count for the stated confidence where few were seen."""


def kind(row: Row) -> tuple[str, ...]:
    """Return the rule that decided, and the caveats."""
    return tuple(evidence.rule for evidence in row.answer.evidence)


def learned(train: Sequence[Row]) -> Callable[[Row], float]:
    """Return what gives a confidence: the share of right answers of a kind, with the stated one as prior."""
    seen: dict[tuple[str, ...], list[bool]] = defaultdict(list)
    for row in train:
        seen[kind(row)].append(row.right)

    def confidence(row: Row) -> float:
        outcomes = seen[kind(row)]
        return (sum(outcomes) + PRIOR * row.answer.confidence) / (len(outcomes) + PRIOR)

    return confidence


def cross_validated(all_rows: Sequence[Row]) -> list[tuple[float, bool]]:
    """Return for each graph the confidence learned without its part, and whether the answer is right."""
    found = []
    for number in range(PARTS):
        confidence = learned([row for row in all_rows if row.part != number])
        found += [(confidence(row), row.right) for row in all_rows if row.part == number]
    return found


def print_levels(title: str, answers: Iterable[tuple[float, bool]]) -> None:
    """Print how many answers there are at each level, and how many of them are right."""
    answers = list(answers)
    for low, high in LEVELS:
        level = [(confidence, right) for confidence, right in answers if low <= confidence < high]
        if level:
            said, right = mean(c for c, _ in level), mean(r for _, r in level)
            print(f"{title:10} {low:.1f} to {min(high, 1):.1f} {len(level):8} {said:8.3f} {right:8.3f}")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="+")
    all_rows = [row for folder in parser.parse_args().folder for row in rows(folder)]
    print(f"{'':10} {'level':10} {'answers':>8} {'said':>8} {'right':>8}")
    print_levels("stated", [(row.answer.confidence, row.right) for row in all_rows])
    print_levels("learned", cross_validated(all_rows))
    print(f"\n{'rule':20} {'caveat':20} {'answers':>8} {'said':>8} {'right':>8} {'worst part':>11}")
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in all_rows:
        rule, *caveats = kind(row)
        for caveat in caveats or ["none"]:
            groups[rule, caveat].append(row)
    for (rule, caveat), group in sorted(groups.items(), key=lambda item: (item[0][0], -len(item[1]))):
        parts = [[row.right for row in group if row.part == number] for number in range(PARTS)]
        said, right = mean(row.answer.confidence for row in group), mean(row.right for row in group)
        worst = min(mean(part) for part in parts if part)
        print(f"{rule:20} {caveat:20} {len(group):8} {said:8.3f} {right:8.3f} {worst:11.3f}")


if __name__ == "__main__":
    main()
