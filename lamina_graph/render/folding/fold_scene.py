"""A scene with cards folded: same-shaped parallel branches, helpers, straight chains, stages."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from lamina_graph.graph import adjacency
from lamina_graph.render.folding.cycles import split_cycles
from lamina_graph.render.folding.groups import (
    Group,
    fold,
    fold_branches,
    labeled_graph,
    quotient_graph,
)
from lamina_graph.render.folding.stages import group_stages
from lamina_graph.render.font_metrics import sanitize
from lamina_graph.render.scenes.scene import Card, Link, Scene, join_parts
from lamina_graph.text import pluralize
from lamina_graph.vocabulary import Modality, Vocabulary

if TYPE_CHECKING:
    from lamina_graph.features import Features, NodeFacts

FOLDED_FROM = 40
"""Cards from which a picture is folded by default."""

_HELPERS = ("control", "unknown")
_CHAINABLE = ("transform", "control", "unknown")
"""Roles of what only passes on or prepares, in the order in which a chain takes one of them."""
_MOST_DIGITS = 9  # of a number that titles count with
_MOST_CHARACTERS = 44  # that two lines of a card take


def fold_scene(scene: Scene) -> Scene:
    """Return a scene with parallel branches, helpers and straight chains folded; a folded one as it is.

    What a diff marks and what a marked line joins stays. No chain folds an input, generation or deliverable,
    and helpers on the main path stay in sight.

    >>> from lamina_graph.files import load
    >>> cards = tuple(Card(f"Shot {n}", "Kling", "generate", id=f"{n}") for n in (1, 2, 3))
    >>> scene = Scene("Reel", "", "", cards, (), load({"nodes": [], "edges": []}))
    >>> [(card.title, card.times) for card in fold_scene(scene).cards]
    [('Shot 1–3', 3)]
    """
    if any(card.parts or card.chips or card.previews for card in scene.cards):
        return scene
    fixed = {end for link in scene.links if link.mark for end in (link.source, link.target)}
    fixed.update(i for i, card in enumerate(scene.cards) if _is_fixed(card))
    labels = [i if i in fixed else _label(card) for i, card in enumerate(scene.cards)]
    graph = labeled_graph(labels, scene.pairs, [card.title for card in scene.cards])
    free = [(i, card) for i, card in enumerate(scene.cards) if i not in fixed and not card.deliverable]
    chainable = {i for i, card in free if card.role in _CHAINABLE}
    helpers = {i for i, card in free if card.role in _HELPERS and not card.main}
    return _merged(scene, fold(graph, chainable, helpers), {})


def collapse_stages(scene: Scene, facts: "Features", vocabulary: Vocabulary) -> Scene:
    """Return the scene of a workflow with each stage as one card, and same-shaped parallel stages as one."""
    plain = labeled_graph(scene.cards, scene.pairs)
    stages = split_cycles(plain, group_stages(adjacency(scene.workflow), facts))
    labels = [tuple(sorted(_label(scene.cards[member]) for member in stage.members)) for stage in stages]
    graph = quotient_graph(plain, stages)._replace(labels=labels)
    groups = [
        Group(
            tuple(member for i in group.members for member in stages[i].members),
            group.times,
            stages[group.members[0]].by,
        )
        for group in fold_branches(graph)
    ]
    models = {
        facts.facts[stage.members[0]].id: _model([facts.facts[i] for i in stage.members], vocabulary)
        for stage in stages
    }
    return _merged(scene, groups, models)


def describe_folds(scene: Scene) -> str:
    """Return what is folded, in words; empty where nothing is.

    >>> from lamina_graph.files import load
    >>> cards = tuple(Card("Shot", "Kling", "generate", id=id_) for id_ in "abc")
    >>> describe_folds(fold_scene(Scene("Reel", "", "", cards, (), load({"nodes": [], "edges": []}))))
    '3 nodes folded to 1 card'
    """
    folds = [card for card in scene.cards if card.parts]
    nodes = sum(len(card.parts) for card in folds)
    own = {part.id for card in scene.cards for part in card.members}
    signs = (sign for card in scene.cards for sign in (*card.chips, *card.previews))
    beside = {part.id for sign in signs for part in sign.members} - own
    folded = f"{pluralize(nodes, 'node')} folded to {pluralize(len(folds), 'card')}" if folds else ""
    return join_parts([folded, f"{pluralize(len(beside), 'node')} shown on others" if beside else ""], ", ")


def _is_fixed(card: Card) -> bool:
    """Whether a card is shown by itself: highlighted, or with a mark that says more than another id."""
    return card.highlighted or card.mark not in (None, "reidentified")


def _label(card: Card) -> tuple[str, str, str, bool, str]:
    """What cards must share to fold to one."""
    return card.type, card.role, ",".join(card.modalities), card.deliverable, card.mark or ""


def _merged(scene: Scene, groups: Sequence[Group], models: Mapping[str, str]) -> Scene:
    cards = tuple(_card(group, scene.cards, models) for group in groups)
    return replace(scene, cards=cards, links=group_links(scene.links, [group.members for group in groups]))


def group_links(links: Iterable[Link], groups: Sequence[Sequence[int]]) -> tuple[Link, ...]:
    """Return the links between groups of cards: one for all that join the members of two groups.

    >>> group_links([Link(0, 2), Link(1, 2, main=True)], [(0, 1), (2,)])
    (Link(source=0, target=1, main=True, mark=None, tooltip=''),)
    """
    owner = {member: i for i, members in enumerate(groups) for member in members}
    joined: dict[tuple[int, int], Link] = {}
    for link in links:
        pair = owner[link.source], owner[link.target]
        if pair[0] != pair[1] or link.source == link.target:
            known = joined.get(pair, Link(*pair))
            tooltip = link.tooltip if all(len(groups[end]) == 1 for end in pair) else ""
            joined[pair] = Link(*pair, known.main or link.main, known.mark or link.mark, tooltip)
    return tuple(joined[pair] for pair in sorted(joined))


def _card(group: Group, cards: Sequence[Card], models: Mapping[str, str]) -> Card:
    """The card of a group: that of one branch, and what the branches have in common."""
    parts = tuple(cards[member] for member in group.members)
    if len(parts) == 1:
        return parts[0]
    ones = [_branch(group.by, [cards[member] for member in branch], models) for branch in group.branches]
    card = _stacked(ones, several=len(parts) > len(ones)) if len(ones) > 1 else ones[0]
    card = replace(card, parts=parts, times=len(ones), main=any(part.main for part in parts))
    each = (join_parts([part.title, part.kind, f"id {sanitize(part.id)}"]) for part in parts)
    return replace(card, tooltip=(f"{card.title}{card.count}: {pluralize(len(parts), 'node')}", *each))


def _branch(by: str, cards: Sequence[Card], models: Mapping[str, str]) -> Card:
    if len(cards) == 1:
        return cards[0]
    if by == "chain":
        return _chain(cards)
    return _helpers(cards, "helper") if by == "helpers" else _stage(cards, models)


def _chain(cards: Sequence[Card]) -> Card:
    """A chain as one card, from its first to its last."""
    first, last = cards[0], cards[-1]
    roles = {card.role for card in cards}
    return replace(
        last,
        title=f"{first.title} → {last.title}",
        kind=f"{pluralize(len(cards), 'node')} in a row",
        role=next(role for role in _CHAINABLE if role in roles),
    )


def _helpers(cards: Sequence[Card], noun: str) -> Card:
    """Helpers as one card, by the name of the first."""
    first, *more = dict.fromkeys(card.title for card in cards)
    title = f"{first} + {len(more)} more" if more else first
    return replace(cards[0], title=title, kind=pluralize(len(cards), noun), modalities=_modalities(cards))


def _modalities(cards: Sequence[Card]) -> tuple[Modality, ...]:
    return tuple(dict.fromkeys(modality for card in cards for modality in card.modalities))


def _stage(cards: Sequence[Card], models: Mapping[str, str]) -> Card:
    """A stage as one card, by what the others serve."""
    lead, nodes = cards[0], pluralize(len(cards), "node")
    if lead.role == "generate":
        modalities = lead.modalities or _modalities(cards)
        return replace(
            lead,
            title=models.get(lead.id) or lead.title,
            kind=join_parts([", ".join(modalities), nodes]),
            modalities=modalities,
            deliverable=any(card.deliverable for card in cards),
        )
    if lead.role in _HELPERS:
        return _helpers(cards, "shared helper")
    return replace(lead, kind=join_parts([lead.kind, nodes]))


def _model(facts: "Sequence[NodeFacts]", vocabulary: Vocabulary) -> str:
    """The model that the parts of a generation name most often; empty where a person gave it a name."""
    if facts[0].title != facts[0].type:
        return ""
    brands = Counter(fact.brand for fact in facts if fact.brand and fact.part not in (None, "patch"))
    most = max(brands.values(), default=0)
    return ", ".join(sorted(vocabulary.name(brand) for brand, count in brands.items() if count == most))


def _stacked(cards: Sequence[Card], several: bool) -> Card:
    """Like branches as one card; of `several` nodes each, it says so."""
    kind, *others = {card.kind for card in cards}
    kind = cards[0].role if others else f"{kind} each" if several else kind
    return replace(cards[0], title=common_title([card.title for card in cards]), kind=kind)


def common_title(titles: Sequence[str]) -> str:
    """Return titles as one: what they share, and of the rest both, the first and last, or a range of numbers.

    >>> common_title(["Shot 1", "Shot 2", "Shot 3"]), common_title(["Into Hindi", "Into Urdu", "Into Tamil"])
    ('Shot 1–3', 'Into Hindi … Tamil')
    >>> common_title(["Start Frame", "End Frame"])
    'Start / End Frame'
    """
    different = len(set(titles))
    if different == 1:
        return titles[0]
    rows = [re.findall(r"\w+|\W+", title) for title in titles]
    head = _shared(rows)
    tail = _shared([row[head:][::-1] for row in rows])
    middles = ["".join(row[head : len(row) - tail]) for row in rows]
    ends = list(dict.fromkeys(middles)) if different == 2 else [middles[0], middles[-1]]
    middle = _number_range(middles) or (
        " / " if different == 2 and all(map(str.strip, ends)) else " … "
    ).join(ends)
    whole = " ".join("".join((*rows[0][:head], middle, *rows[0][len(rows[0]) - tail :])).split())
    return whole if len(whole) <= _MOST_CHARACTERS else f"{min(titles, key=len)} …"


def _shared(rows: Sequence[Sequence[str]]) -> int:
    """With how many like words all rows begin."""
    words = (len(set(column)) == 1 for column in zip(*rows, strict=False))
    return sum(takewhile(bool, words))


def _number_range(texts: Sequence[str]) -> str:
    """The first and the last of some numbers, if they follow each other in any order."""
    if not all(text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS for text in texts):
        return ""
    numbers = sorted(map(int, texts))
    follow = all(second == first + 1 for first, second in pairwise(numbers))
    return f"{numbers[0]}–{numbers[-1]}" if follow else ""
