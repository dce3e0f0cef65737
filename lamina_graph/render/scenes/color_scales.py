"""What colours can stand for besides roles: how old nodes are, what they cost in credits.

A folded card stands for several nodes: its age is a span, coloured by the newest; its credits are a sum.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from lamina_graph.errors import InputError
from lamina_graph.model import Estimate
from lamina_graph.render.font_metrics import sanitize
from lamina_graph.render.scenes.scene import Card, Scene, join_parts
from lamina_graph.text import pluralize

if TYPE_CHECKING:
    from lamina_graph.features import Features

STEPS = 5
_MOST_NAMES = 12  # nodes without a value that the legend names


def color_by_age(scene: Scene, facts: "Features") -> Scene:
    """Return a scene coloured by how old the nodes are, by the stamps in their ids, in five equal spans."""
    created = {fact.id: fact.created_at.timestamp() for fact in facts.facts if fact.created_at}
    low, high = min(created.values(), default=0), max(created.values(), default=0)
    edges = [low + (high - low) * step / STEPS for step in range(STEPS)]

    def colored(card: Card) -> Card:
        times = [created[part.id] for part in card.members if part.id in created]
        if not times:
            return card
        span = " – ".join(dict.fromkeys((_day(min(times)), _day(max(times)))))
        note = join_parts([span, _unknown_parts(card, created, "a date")])
        return replace(card, step=_step(max(times) - low, high - low), note=note)

    return replace(
        scene,
        cards=tuple(map(colored, scene.cards)),
        colors="steps",
        scale=tuple(f"from {_day(edge)}" for edge in edges) if created else (),
        remarks=tuple(_unknown_nodes("no date", scene, created)),
    )


def color_by_credits(scene: Scene, credits: Mapping[str, float], elsewhere: int = 0) -> Scene:
    """Return a scene coloured by what the nodes cost, in five equal spans from nothing to the dearest.

    What has no price is named, and never taken for free.

    Args:
        scene: whose main path is the most expensive one.
        credits: what each node that has a price costs, by id.
        elsewhere: how many nodes the estimate prices that are not in the workflow.
    """
    sums = [[credits[part.id] for part in card.members if part.id in credits] or None for card in scene.cards]
    totals = [None if prices is None else sum(prices) for prices in sums]
    high = max((total for total in totals if total is not None), default=0)
    edges = [high * step / STEPS for step in range(STEPS + 1)]

    def colored(card: Card, total: float | None) -> Card:
        if total is None:
            return card
        note = join_parts([f"{total:g} cr", _unknown_parts(card, credits, "a price")])
        return replace(card, step=_step(total, high), note=note)

    remarks = [*_unknown_nodes("not priced", scene, credits)]
    if elsewhere:
        remarks.append(f"{elsewhere} priced elsewhere: no such node here")
    return replace(
        scene,
        cards=tuple(map(colored, scene.cards, totals)),
        colors="steps",
        scale=tuple(f"{low:.3g}–{top:.3g} cr" for low, top in pairwise(edges)) if credits else (),
        remarks=tuple(remarks),
        path="most expensive path" if credits else scene.path,
    )


def node_credits(facts: "Features", estimate: Estimate) -> tuple[dict[str, float], int]:
    """Return the credits of each node that an estimate prices, by id, and how many nodes it prices elsewhere.

    Raises:
        InputError: it prices nodes, but none of these: it is of another app, or of another version.
    """
    all_ = {item.node_id: item.credits for item in estimate.breakdown if item.credits is not None}
    credits = {fact.id: all_[fact.id] for fact in facts.facts if fact.id in all_}
    if all_ and not credits:
        of = f" of {sanitize(estimate.app_id)}" if estimate.app_id else ""
        raise InputError(
            f"the estimate{of} prices {pluralize(len(all_), 'node')}, none of which is in this workflow",
            "It is of another app or version; `lamina-graph app REF --json > app.json` fetches a new one.",
        )
    return credits, len(all_) - len(credits)


def join_titles(titles: Sequence[str], most: int) -> str:
    """Return titles as a list of so many, and how many more there are; equal ones once.

    >>> join_titles(["Steps", "Steps", "Seed", "Size"], 2)
    'Steps × 2, Seed and 1 more'
    """
    counts = list(Counter(titles).items())
    names = (f"{sanitize(title)[:40]}{f' × {count}' if count > 1 else ''}" for title, count in counts[:most])
    more = sum(count for _, count in counts[most:])
    return ", ".join(names) + (f" and {more} more" if more else "")


def _unknown_parts(card: Card, known: Mapping[str, float], what: str) -> str:
    unknown = sum(part.id not in known for part in card.members)
    return f"{unknown} without {what}" if unknown else ""


def _unknown_nodes(what: str, scene: Scene, known: Mapping[str, float]) -> Iterable[str]:
    titles = [part.title for card in scene.cards for part in card.members if part.id not in known]
    if titles:
        yield f"{what}: {join_titles(titles, _MOST_NAMES)}"


def _step(value: float, span: float) -> int:
    return min(int(value / span * STEPS), STEPS - 1) if span > 0 else 0


def _day(timestamp: float) -> str:
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d}"
