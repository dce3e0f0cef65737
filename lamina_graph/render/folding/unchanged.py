"""A diff's picture without the parts that have nothing to do with what changed."""

from collections import Counter
from dataclasses import replace

from lamina_graph.graph import connected_components, induced_subgraph, reachable
from lamina_graph.render.folding.cycles import split_cycles
from lamina_graph.render.folding.fold_scene import group_links
from lamina_graph.render.folding.groups import Group, labeled_graph
from lamina_graph.render.font_metrics import sanitize
from lamina_graph.render.scenes.scene import Card, Scene, join_parts, neighbor_lists
from lamina_graph.text import pluralize

_NEAR = 1  # steps from what changed, up to which every card is shown
_LEAST = 3  # cards that one takes the place of


def fold_unchanged(scene: Scene) -> Scene:
    """Return the scene of a diff in which unchanged cards that hang together far from any change are one.

    What only has another id is no change here, unless nothing else is.

    >>> from lamina_graph.files import load
    >>> from lamina_graph.render.scenes.scene import Link
    >>> cards = tuple(
    ...     Card(f"{n}", "Kling", "generate", mark=None if n else "added") for n in range(6)
    ... )
    >>> links = tuple(Link(n, n + 1) for n in range(5))
    >>> scene = Scene("Reel", "", "", cards, links, load({"nodes": [], "edges": []}), colors="marks")
    >>> [card.title for card in fold_unchanged(scene).cards]
    ['0', '1', '2 + 3 more']
    """
    changed = {i for i, card in enumerate(scene.cards) if card.mark not in (None, "reidentified")}
    changed.update(end for link in scene.links if link.mark for end in (link.source, link.target))
    if not changed:
        changed.update(i for i, card in enumerate(scene.cards) if card.mark)
    after, before = neighbor_lists(len(scene.cards), scene.pairs)
    both = [[*after[i], *before[i]] for i in range(len(scene.cards))]
    far = sorted(set(range(len(scene.cards))) - reachable(both, changed, steps=_NEAR))
    if not changed or len(far) < _LEAST:
        return scene
    parts = [[far[i] for i in part] for part in connected_components(induced_subgraph(after, far))]
    groups = [Group(tuple(part)) for part in parts if len(part) >= _LEAST]
    folded = {member for group in groups for member in group.members}
    groups += [Group((i,)) for i in range(len(scene.cards)) if i not in folded]
    groups = split_cycles(labeled_graph(scene.cards, scene.pairs), groups)
    return replace(
        scene,
        cards=tuple(_card([scene.cards[member] for member in group.members]) for group in groups),
        links=group_links(scene.links, [group.members for group in groups]),
    )


def _card(cards: list[Card]) -> Card:
    if len(cards) == 1:
        return cards[0]
    first = next((card for card in cards if card.role == "generate"), cards[0])
    (role, _), *_ = Counter(card.role for card in cards).most_common(1)
    each = (join_parts([card.title, card.kind, f"id {sanitize(card.id)}"]) for card in cards)
    other_ids = sum(card.mark == "reidentified" for card in cards)
    words = pluralize(len(cards), "node" if other_ids else "unchanged node")
    words += f", {other_ids:,} re-identified" if other_ids else ""
    return replace(
        first,
        title=f"{first.title} + {len(cards) - 1:,} more",
        kind=words,
        role=role,
        tooltip=(words, *each),
        modalities=tuple(dict.fromkeys(medium for card in cards for medium in card.modalities)),
        deliverable=any(card.deliverable for card in cards),
        mark="reidentified" if other_ids else None,
        parts=tuple(cards),
    )
