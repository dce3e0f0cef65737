"""What colours can stand for besides roles: how old nodes are, what they cost in credits.

A folded card stands for several nodes: its age is a span, coloured by the newest; its credits are a sum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from lamina_graph.errors import InputError
from lamina_graph.model import Estimate
from lamina_graph.render.font_metrics import shown
from lamina_graph.render.scenes.scene import Card, Scene, dotted
from lamina_graph.text import pluralize

if TYPE_CHECKING:
    from lamina_graph.features import Features

STEPS = 5
_NAMED = 12  # nodes without a value that the legend names


def aged(scene: Scene, facts: "Features") -> Scene:
    """Return a scene coloured by how old the nodes are, by the stamps in their ids, in five equal spans."""
    made = {fact.id: fact.created_at.timestamp() for fact in facts.facts if fact.created_at}
    low, high = min(made.values(), default=0), max(made.values(), default=0)
    edges = [low + (high - low) * step / STEPS for step in range(STEPS)]
    return replace(
        scene,
        cards=tuple(_dated(card, made, low, high) for card in scene.cards),
        colours="steps",
        scale=tuple(f"from {_day(edge)}" for edge in edges) if made else (),
        remarks=_missing("no date", scene, made),
    )


def priced(scene: Scene, prices: Mapping[str, float], elsewhere: int = 0) -> Scene:
    """Return a scene coloured by what the nodes cost, in five equal spans from nothing to the dearest.

    What has no price is named, and never taken for free.

    Args:
        scene: whose main path is the most expensive one.
        prices: the credits of each node that has a price, by id.
        elsewhere: how many nodes the estimate prices that are not here.
    """
    sums = [_sum(card, prices) for card in scene.cards]
    high = max((total for total in sums if total is not None), default=0)
    edges = [high * step / STEPS for step in range(STEPS + 1)]
    others = f"{elsewhere} priced elsewhere: no such node here" if elsewhere else ""
    return replace(
        scene,
        cards=tuple(_costing(*each, prices, high) for each in zip(scene.cards, sums, strict=True)),
        colours="steps",
        scale=tuple(f"{low:.3g}–{top:.3g} cr" for low, top in pairwise(edges)) if prices else (),
        remarks=tuple(filter(None, (*_missing("not priced", scene, prices), others))),
        path="most expensive path" if prices else scene.path,
    )


def prices(facts: "Features", estimate: Estimate) -> dict[str, float]:
    """Return the credits of each node that an estimate prices, by id.

    Raises:
        InputError: it prices nodes, but none of these: it is of another app, or of another version.
    """
    told = all_prices(estimate)
    found = {fact.id: told[fact.id] for fact in facts.facts if fact.id in told}
    if told and not found:
        of = f" of {shown(estimate.app_id)}" if estimate.app_id else ""
        raise InputError(
            f"the estimate{of} prices {pluralize(len(told), 'node')}, none of which is in this workflow",
            "It is of another app or version: `lamina-graph app REF --json > app.json` asks anew.",
        )
    return found


def all_prices(estimate: Estimate) -> dict[str, float]:
    """Return what an estimate says of each node that it prices, by id."""
    return {item.node_id: item.credits for item in estimate.breakdown if item.credits is not None}


def _dated(card: Card, made: Mapping[str, float], low: float, high: float) -> Card:
    moments = [made[part.id] for part in card.members if part.id in made]
    if not moments:
        return card
    span = " – ".join(dict.fromkeys((_day(min(moments)), _day(max(moments)))))
    return replace(
        card, step=_step(max(moments) - low, high - low), note=dotted([span, _without(card, made, "a date")])
    )


def _costing(card: Card, total: float | None, known: Mapping[str, float], high: float) -> Card:
    if total is None:
        return card
    note = dotted([f"{total:g} cr", _without(card, known, "a price")])
    return replace(card, step=_step(total, high), note=note)


def _sum(card: Card, prices: Mapping[str, float]) -> float | None:
    known = [prices[part.id] for part in card.members if part.id in prices]
    return sum(known) if known else None


def _without(card: Card, known: Mapping[str, float], what: str) -> str:
    missing = sum(part.id not in known for part in card.members)
    return f"{missing} without {what}" if missing else ""


def _step(value: float, span: float) -> int:
    return min(int(value / span * STEPS), STEPS - 1) if span > 0 else 0


def _day(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


def _missing(what: str, scene: Scene, known: Mapping[str, float]) -> tuple[str, ...]:
    titles = [part.title for card in scene.cards for part in card.members if part.id not in known]
    return (f"{what}: {named(titles, _NAMED)}",) if titles else ()


def named(titles: Sequence[str], most: int) -> str:
    """Return titles as a list of so many, and how many more there are; equal ones once.

    >>> named(["Steps", "Steps", "Seed", "Size"], 2)
    'Steps × 2, Seed and 1 more'
    """
    counts: dict[str, int] = {}
    for title in titles:
        counts[title] = counts.get(title, 0) + 1
    first = list(counts.items())[:most]
    told = ", ".join(f"{shown(title)[:40]}{f' × {count}' if count > 1 else ''}" for title, count in first)
    more = len(titles) - sum(count for _, count in first)
    return f"{told} and {more} more" if more else told
