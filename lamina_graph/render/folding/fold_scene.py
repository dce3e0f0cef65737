"""A scene with cards folded: same-shaped parallel branches, helpers, straight chains, stages."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from lamina_graph.graph import adjacency
from lamina_graph.render.folding.groups import Group, fold, joined, net, parallel
from lamina_graph.render.folding.stages import staged
from lamina_graph.render.font_metrics import shown
from lamina_graph.render.scenes.scene import Card, Link, Scene, dotted
from lamina_graph.text import pluralize
from lamina_graph.vocabulary import Vocabulary

if TYPE_CHECKING:
    from lamina_graph.features import Features, NodeFacts

FOLDED_FROM = 40
"""Cards from which a picture is folded by default."""

_HELPERS = ("control", "unknown")
_DIGITS = 9  # of a number that titles count with
_TITLE = 44  # characters that two lines of a card take


def folded(scene: Scene) -> Scene:
    """Return a scene with parallel branches, helpers and straight chains folded; a folded one as it is.

    What a diff marks and what a marked line joins stays. No chain folds an input, generation or deliverable,
    and helpers on the main path stay in sight.

    >>> from lamina_graph.files import load
    >>> cards = tuple(Card(f"Shot {n}", "Kling", "generate", id=f"{n}") for n in (1, 2, 3))
    >>> scene = Scene("Reel", "", "", cards, (), load({"nodes": [], "edges": []}))
    >>> [(card.title, card.times) for card in folded(scene).cards]
    [('Shot 1–3', 3)]
    """
    if any(card.parts for card in scene.cards):
        return scene
    held = _held(scene)
    looks = [_look(card) if number not in held else number for number, card in enumerate(scene.cards)]
    whole = net(looks, _pairs(scene), [card.title for card in scene.cards])
    free = [(number, card) for number, card in enumerate(scene.cards) if number not in held]
    plain = {number for number, card in free if _passed(card)}
    helpers = {
        number for number, card in free if card.role in _HELPERS and not (card.main or card.deliverable)
    }
    return _merged(scene, fold(whole, plain, helpers), {})


def collapsed(scene: Scene, facts: "Features", vocabulary: Vocabulary) -> Scene:
    """Return a scene of which each stage is one card, and same-shaped parallel stages are one.

    Args:
        scene: of the workflow, unfolded.
        facts: the workflow's features.
        vocabulary: the words of node types, for the names of models.
    """
    stages = staged(adjacency(scene.workflow), facts)
    owner = {member: at for at, group in enumerate(stages) for member in group.members}
    looks = [tuple(sorted(map(_look, (scene.cards[member] for member in group.members)))) for group in stages]
    whole = net(looks, joined(net(scene.cards, _pairs(scene)), owner))
    groups = [
        Group(
            tuple(member for at in each.members for member in stages[at].members),
            each.times,
            stages[each.members[0]].by,
        )
        for each in parallel(whole)
    ]
    named = [
        (stage.members[0], _model([facts.facts[at] for at in stage.members], vocabulary)) for stage in stages
    ]
    return _merged(scene, groups, {facts.facts[lead].id: name for lead, name in named if name})


def told(scene: Scene) -> str:
    """Return what is folded, in words; empty where nothing is.

    >>> from lamina_graph.files import load
    >>> cards = tuple(Card("Shot", "Kling", "generate", id=id_) for id_ in "abc")
    >>> told(folded(Scene("Reel", "", "", cards, (), load({"nodes": [], "edges": []}))))
    '3 nodes folded to 1 card'
    """
    found = [card for card in scene.cards if card.parts]
    nodes = sum(len(card.parts) for card in found)
    return f"{pluralize(nodes, 'node')} folded to {pluralize(len(found), 'card')}" if found else ""


def _pairs(scene: Scene) -> list[tuple[int, int]]:
    return [(link.source, link.target) for link in scene.links]


def _held(scene: Scene) -> set[int]:
    """The cards that a diff marks, or a line that it marks."""
    marked = (end for link in scene.links if link.mark for end in (link.source, link.target))
    return {*marked, *(number for number, card in enumerate(scene.cards) if card.mark)}


def _look(card: Card) -> tuple[str, str, str, bool]:
    return card.type, card.role, ",".join(card.gives), card.deliverable


def _passed(card: Card) -> bool:
    """Whether a chain may fold a card away: it only passes on or prepares."""
    return card.role in ("transform", "control", "unknown") and not card.deliverable


def _merged(scene: Scene, groups: Sequence[Group], models: Mapping[str, str]) -> Scene:
    owner = {member: at for at, group in enumerate(groups) for member in group.members}
    links: dict[tuple[int, int], Link] = {}
    for link in scene.links:
        pair = owner[link.source], owner[link.target]
        if pair[0] != pair[1] or link.source == link.target:
            known = links.get(pair)
            main, mark = (known.main, known.mark) if known else (False, None)
            links[pair] = Link(*pair, main=main or link.main, mark=mark or link.mark)
    cards = (_card(group, scene.cards, models) for group in groups)
    return replace(scene, cards=tuple(cards), links=tuple(links[pair] for pair in sorted(links)))


def _card(group: Group, cards: Sequence[Card], models: Mapping[str, str]) -> Card:
    """The card of a group: that of one branch, and what the branches have in common."""
    parts = tuple(cards[member] for member in group.members)
    if len(parts) == 1:
        return parts[0]
    ones = [_branch(group.by, [cards[member] for member in branch], models) for branch in group.branches]
    card = _stacked(ones, len(parts) > len(ones)) if len(ones) > 1 else ones[0]
    card = replace(card, parts=parts, times=len(ones), main=any(part.main for part in parts))
    return replace(card, tooltip=_tooltip(card))


def _branch(by: str, cards: Sequence[Card], models: Mapping[str, str]) -> Card:
    if len(cards) == 1:
        return cards[0]
    if by == "chain":
        return _row(cards)
    return _listed(cards, "helper") if by == "helpers" else _stage(cards, models)


def _row(cards: Sequence[Card]) -> Card:
    """A run as one card, from its first to its last."""
    first, last = cards[0], cards[-1]
    roles = {card.role for card in cards}
    return replace(
        last,
        title=f"{first.title} → {last.title}",
        kind=f"{pluralize(len(cards), 'node')} in a row",
        role=next(role for role in ("transform", "control", "unknown") if role in roles),
    )


def _listed(cards: Sequence[Card], noun: str) -> Card:
    """Helpers as one card, by the name of the first."""
    first, *more = dict.fromkeys(card.title for card in cards)
    title = f"{first} + {len(more)} more" if more else first
    gives = tuple(dict.fromkeys(medium for card in cards for medium in card.gives))
    return replace(cards[0], title=title, kind=pluralize(len(cards), noun), gives=gives)


def _stage(cards: Sequence[Card], models: Mapping[str, str]) -> Card:
    """A stage as one card, by what the others serve."""
    lead, nodes = cards[0], pluralize(len(cards), "node")
    if lead.role == "generate":
        gives = lead.gives or tuple(dict.fromkeys(medium for card in cards for medium in card.gives))
        title = models.get(lead.id, lead.title)
        kind = dotted([", ".join(gives), nodes])
        deliverable = any(card.deliverable for card in cards)
        return replace(lead, title=title, kind=kind, gives=gives, deliverable=deliverable)
    if lead.role in _HELPERS:
        return _listed(cards, "shared helper")
    return replace(lead, kind=dotted([lead.kind, nodes]))


def _model(facts: "Sequence[NodeFacts]", vocabulary: Vocabulary) -> str:
    """The model that the parts of a generation name most often; empty where a person gave it a name."""
    if facts[0].title != facts[0].type:
        return ""
    brands = Counter(fact.brand for fact in facts if fact.brand and fact.part not in (None, "patch"))
    most = max(brands.values(), default=0)
    return ", ".join(sorted(vocabulary.name(brand) for brand, count in brands.items() if count == most))


def _stacked(cards: Sequence[Card], several: bool) -> Card:
    """Like branches as one card; of `several` nodes each, it says so."""
    kinds = {card.kind for card in cards}
    kind = cards[0].kind if len(kinds) == 1 else cards[0].role
    kind = f"{kind} each" if several and len(kinds) == 1 else kind
    return replace(cards[0], title=common([card.title for card in cards]), kind=kind)


def common(titles: Sequence[str]) -> str:
    """Return titles as one: what they share, and of the rest both, the first and last, or a range of numbers.

    >>> common(["Shot 1", "Shot 2", "Shot 3"]), common(["Into Hindi", "Into Urdu", "Into Tamil"])
    ('Shot 1–3', 'Into Hindi … Tamil')
    >>> common(["Start Frame", "End Frame"])
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
    told = _in_a_row(middles) or (" / " if different == 2 and all(map(str.strip, ends)) else " … ").join(ends)
    whole = " ".join("".join((*rows[0][:head], told, *rows[0][len(rows[0]) - tail :])).split())
    return whole if len(whole) <= _TITLE else f"{min(titles, key=len)} …"


def _shared(rows: Sequence[Sequence[str]]) -> int:
    """With how many like words all rows begin."""
    words = (len(set(column)) == 1 for column in zip(*rows, strict=False))
    return sum(takewhile(bool, words))


def _in_a_row(texts: Sequence[str]) -> str:
    """The first and the last of some numbers, if they follow each other in any order."""
    if not all(text.isascii() and text.isdigit() and len(text) < _DIGITS for text in texts):
        return ""
    numbers = sorted(map(int, texts))
    follow = all(second == first + 1 for first, second in pairwise(numbers))
    return f"{numbers[0]}–{numbers[-1]}" if follow else ""


def _tooltip(card: Card) -> tuple[str, ...]:
    """All that is folded, a line each."""
    each = (dotted([part.title, part.kind, f"id {shown(part.id)}"]) for part in card.parts)
    return f"{card.title}{card.branches}: {pluralize(len(card.parts), 'node')}", *each
