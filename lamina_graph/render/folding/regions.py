"""A folded scene of which a part is open: which folds open together, and what is then drawn."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from lamina_graph.graph import connected_components
from lamina_graph.render.folding.fold_scene import group_links
from lamina_graph.render.scenes.scene import Card, Scene


def fold_regions(folded: Scene) -> list[frozenset[int]]:
    """Return the folded cards of a scene, by number, in groups that lines join: each opens as a whole.

    One fold of such a group alone would not say which of its nodes goes with which of the next.

    >>> from lamina_graph.files import load
    >>> from lamina_graph.render.folding.fold_scene import fold_scene
    >>> cards = tuple(Card(f"Shot {n}", "Kling", "generate", id=f"{n}") for n in (1, 2, 3))
    >>> fold_regions(fold_scene(Scene("Reel", "", "", cards, (), load({"nodes": [], "edges": []}))))
    [frozenset({0})]
    """
    folds = {number for number, card in enumerate(folded.cards) if card.parts}
    neighbors: list[list[int]] = [[] for _ in folded.cards]
    for source, target in folded.pairs:
        if source in folds and target in folds:
            neighbors[source].append(target)
    return [frozenset(members) for members in connected_components(neighbors) if folds & set(members)]


def regroup(whole: Scene, folded: Scene, opened: Collection[int]) -> Scene:
    """Return a scene with the same folds as another but some.

    Args:
        whole: the scene with a card for each node.
        folded: that scene, or one of the same nodes in other colours, with cards folded.
        opened: the numbers of the folded cards whose nodes are to be drawn.
    """
    place = {card.id: number for number, card in enumerate(whole.cards)}
    groups: dict[tuple[int, ...], Card] = {}
    for number, card in enumerate(folded.cards):
        members = tuple(place[part.id] for part in card.members)
        if number in opened or not card.parts:
            groups.update(((member,), whole.cards[member]) for member in members)
        else:
            groups[members] = _refilled(card, [whole.cards[member] for member in members])
    order = sorted(groups, key=min)
    return replace(
        whole, cards=tuple(groups[members] for members in order), links=group_links(whole.links, order)
    )


def _refilled(fold: Card, parts: Sequence[Card]) -> Card:
    return replace(fold, parts=tuple(parts), main=any(part.main for part in parts))
