"""How sure answers are, in one table.

The figures are shares of right answers, rounded down, on labelled graphs that were kept back, by author and
by likeness, while the rules were made; `benchmarks/classify_reliability.py` measures them again. A rule that
too few of these graphs reach has the figure of the nearest kind that they do reach.
"""

RULE_CONFIDENCE = {
    "try-on by type": 0.95,
    "try-on by label": 0.85,
    "garment and person": 0.8,
    "app name": 0.8,
    "garment alone": 0.5,
    "picture to video": 0.85,
    "other change of medium": 0.7,
    "two models": 0.7,
    "two calls": 0.7,
    "set": 0.75,
    "joined clips": 0.65,
    "comparison": 0.6,
    "set by words": 0.7,
    "passes": 0.7,
    "numbered": 0.7,
    "refined": 0.7,
    "medium": 0.95,
    "medium by its end": 0.8,
    "medium by its end alone": 0.6,
    "user's rule": 0.9,
    "nothing": 0.2,
}
"""Of what a rule of a category finds."""

CAVEAT_FACTOR = {
    "open-types": 0.8,
    "settled-by-graph": 0.88,
    "mostly-open": 0.6,
    "end-settled": 0.75,
    "default-medium": 0.93,
    "frames": 0.65,
    "one-of-a-batch": 0.75,
    "nothing-generated": 0.95,
    "nothing-put-in": 0.67,
    "text-for-it": 0.85,
    "one-model-in-a-row": 0.75,
    "side-by-side": 0.7,
    "several-kinds": 0.75,
    "refined-once": 0.8,
    "again": 0.7,
    "several-pictures": 0.85,
    "possible-try-on": 0.6,
    "solid": 0.8,
}
"""What is left of that confidence where a caveat holds."""
