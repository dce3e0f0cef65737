"""Helpers that many cards share as chips on each of these, and previews as a sign on what they show."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from lamina_graph.render.scenes.scene import Card, Scene, join_parts, neighbor_lists
from lamina_graph.text import pluralize

NAMED_FROM = 21
"""Cards from which helpers are named on others by default."""

_HELPERS = ("control", "unknown")
_SHARED = 3
"""Cards that a helper feeds from which it is named on them."""


def name_helpers(scene: Scene) -> Scene:
    """Return a scene in which a helper that feeds three cards or more is a chip on each; previews are signs.

    A helper that nothing feeds has no card of its own then; another one says how many cards it feeds. Chips
    of one title are numbered. What is marked, highlighted or on the main path, or leads to a stub, stays.

    >>> from lamina_graph.files import load
    >>> from lamina_graph.render.scenes.scene import Link
    >>> cards = Card("VAE", "", "control", id="v"), *(Card(f"Decode {n}", "", "transform") for n in (1, 2, 3))
    >>> links = tuple(Link(0, n) for n in (1, 2, 3))
    >>> scene = Scene("", "", "", cards, links, load({"nodes": [], "edges": []}))
    >>> [(card.title, [chip.title for chip in card.chips]) for card in name_helpers(scene).cards]
    [('Decode 1', ['VAE']), ('Decode 2', ['VAE']), ('Decode 3', ['VAE'])]
    """
    cards, (after, before) = scene.cards, neighbor_lists(len(scene.cards), scene.pairs)
    tied = {end for link in scene.links if link.mark for end in (link.source, link.target)}
    tied.update(i for i, card in enumerate(cards) if card.main or card.mark or card.highlighted or card.stub)
    tied.update(i for i, others in enumerate(after) if any(cards[other].stub for other in others))
    free = [i for i, card in enumerate(cards) if i not in tied and not card.deliverable]
    helpers = [
        i for i in free if cards[i].role in _HELPERS and len(after[i]) >= _SHARED and i not in after[i]
    ]
    previews = [i for i in free if cards[i].role == "output" and before[i] and not after[i]]
    names = dict(zip(helpers, _numbered([cards[i] for i in helpers]), strict=True))
    previews = [i for i in previews if not set(names) & set(before[i])]
    chips: dict[int, list[Card]] = {}
    signs: dict[int, list[Card]] = {}
    for i in helpers:
        for other in after[i]:
            chips.setdefault(other, []).append(replace(cards[i], title=names[i]))
    for i in previews:
        for other in before[i]:
            signs.setdefault(other, []).append(cards[i])
    gone = {*previews, *(i for i in helpers if not before[i])}
    changed = [
        replace(
            card,
            title=names.get(i, card.title),
            kind=join_parts([card.kind, f"feeds {pluralize(len(after[i]), 'card')}"])
            if i in names
            else card.kind,
            chips=tuple(chips.get(i, ())),
            previews=tuple(signs.get(i, ())),
        )
        for i, card in enumerate(cards)
    ]
    return _without(replace(scene, cards=tuple(changed)), gone, set(names))


def _numbered(cards: list[Card]) -> Iterable[str]:
    """Yield the title of each card, with a number where several have it."""
    counts, seen = Counter(card.title for card in cards), Counter[str]()
    for card in cards:
        seen[card.title] += 1
        yield f"{card.title} {seen[card.title]}" if counts[card.title] > 1 else card.title


def _without(scene: Scene, gone: set[int], silent: set[int]) -> Scene:
    """The scene without some cards, and without the lines that leave some."""
    links = tuple(link for link in scene.links if link.source not in silent)
    return replace(scene, links=links).only([i for i in range(len(scene.cards)) if i not in gone])
