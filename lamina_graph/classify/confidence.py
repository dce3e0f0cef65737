"""How sure answers are, in one table.

The figures are set by hand: round numbers, most of them below the share of right answers that the same rule
and caveats have on labelled graphs. Rules that too few graphs reach have the figure of the nearest kind. Most
of these graphs were looked at while the rules were made, so their shares flatter. On 70 graphs by authors
that were kept apart while most rules were made, 31 of 32 answers at 0.9 and above are right, 15 of 18 at 0.7
to 0.9, 12 of 14 at 0.5 to 0.7, and 1 of 6 below; `solid` was set on these, too. Take an answer under 0.7 as a
guess: where confidences are learned on four fifths of the labelled graphs and tried on the rest, 0.63 of
those from 0.5 to 0.7 are right. `benchmarks/classify_reliability.py` prints both tables.
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
    "media by the API": 0.8,
    "media of nodes": 0.6,
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
    "solid": 0.5,
    "edges-unknown": 0.6,
}
"""What is left of that confidence where a caveat holds."""
