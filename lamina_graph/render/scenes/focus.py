"""A part of a scene: one node and what is around it, with all that the whole says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import NamedTuple

from lamina_graph.errors import InputError
from lamina_graph.graph import adjacency, reachable
from lamina_graph.model import Workflow
from lamina_graph.render.font_metrics import sanitize
from lamina_graph.render.scenes.color_scales import join_titles
from lamina_graph.render.scenes.scene import Card, Link, Scene, View, join_parts, neighbor_lists
from lamina_graph.text import join_words, pluralize, quote
from lamina_graph.vocabulary import Vocabulary, readable

_MOST_NAMES = 12
_MOST_IDS = 6


class Focus(NamedTuple):
    """One node of a workflow and what is around it.

    Attributes:
        node: its id or its label.
        up: how many steps against the edges are shown.
        down: how many steps along them.
        view: how far that part is folded; of `stages` each is one step.
    """

    node: str
    up: int = 2
    down: int = 2
    view: View = "auto"


def find_node(workflow: Workflow, words: str, vocabulary: Vocabulary | None = None) -> str:
    """Return the id of the node that a person means: by its id, its label, else its type.

    Labels and types are compared without regard to case; the start of one is enough.

    Raises:
        InputError: no node is called so, or several are.

    >>> from lamina_graph.files import load
    >>> nodes = [{"id": "n1", "type": "klingVideoNode", "label": "Shot 1"}, {"id": "n2", "type": "veoNode"}]
    >>> w = load({"nodes": nodes, "edges": []})
    >>> find_node(w, "shot 1"), find_node(w, "Veo")
    ('n1', 'n2')
    """
    adj = adjacency(workflow)
    if words in adj.index:
        return words
    names = [
        (label.casefold().strip() if label else "", type_.casefold(), readable(type_, vocabulary).casefold())
        for label, type_ in zip(adj.labels, adj.types, strict=True)
    ]
    wanted = words.casefold().strip()
    rows = list(zip(adj.ids, names, strict=True)) if wanted else []
    matches_by_verb = {
        "are called": [id_ for id_, (label, *_) in rows if label == wanted],
        "are of type": [id_ for id_, (_, *types) in rows if wanted in types],
        "begin with": [id_ for id_, row in rows if any(name.startswith(wanted) for name in row)],
    }
    for verb, matches in matches_by_verb.items():
        if len(matches) == 1:
            return matches[0]
        if matches:
            ids = join_words(map(sanitize, matches), _MOST_IDS)
            raise InputError(
                f"{len(matches):,} nodes {verb} {quote(words, 80)}", f"Name one of them by its id: {ids}."
            )
    titles = {
        name: label or type_
        for row, label, type_ in zip(names, adj.labels, adj.types, strict=True)
        for name in row
        if name
    }
    raise InputError(
        f"the workflow has no node {quote(words, 80)}, neither by id nor by label",
        f"{_suggest_titles(wanted, titles)}`lamina-graph show REF --json` lists its nodes.",
    )


def _suggest_titles(wanted: str, titles: Mapping[str, str]) -> str:
    """Return the titles whose names come near to what was typed, as a question; empty where none does."""
    near = dict.fromkeys(titles[name] for name in sorted(get_close_matches(wanted, titles, 3)))
    return f"Did you mean {join_words(quote(name, 80) for name in near)}? " if near else ""


def focus_scene(scene: Scene, id: str, up: int, down: int) -> Scene:
    """Return the cards around that of a node, which is highlighted; what the scene says of each stays.

    Args:
        scene: the whole.
        id: the node in the middle.
        up: how many steps against the lines are shown.
        down: how many steps along them.
    """
    start = [i for i, card in enumerate(scene.cards) if any(part.id == id for part in card.members)]
    after, before = neighbor_lists(len(scene.cards), scene.pairs)
    near = sorted(reachable(before, start, steps=up) | reachable(after, start, steps=down))
    part = scene.only(near)
    nodes, total = (sum(len(card.members) for card in each.cards) for each in (part, scene))
    around = f"{nodes:,} of {pluralize(total, 'node')} around {scene.cards[start[0]].title}"
    return replace(
        part,
        subtitle=join_parts([scene.subtitle, around]),
        description=f"{scene.description} Shown are {around}.",
        cards=tuple(replace(card, highlighted=i in start) for i, card in zip(near, part.cards, strict=True)),
    )


def add_stubs(scene: Scene, whole: Scene) -> Scene:
    """Return a part of a scene with a stub where lines of the whole lead to what is not shown."""
    owner = {part.id: i for i, card in enumerate(whole.cards) for part in card.members}
    after, before = neighbor_lists(len(whole.cards), whole.pairs)
    own = [{owner[part.id] for part in card.members} for card in scene.cards]
    shown = set().union(*own)
    cards, links = list(scene.cards), list(scene.links)
    for i, nodes in enumerate(own):
        for outward, neighbors in ((False, before), (True, after)):
            if outside := sorted({other for node in nodes for other in neighbors[node]} - shown):
                parts = [part for other in outside for part in whole.cards[other].members]
                cards.append(_stub(parts, outward))
                ends = (i, len(cards) - 1) if outward else (len(cards) - 1, i)
                links.append(Link(*ends))
    return replace(scene, cards=tuple(cards), links=tuple(links))


def _stub(parts: Sequence[Card], outward: bool) -> Card:
    names = join_titles([part.title for part in parts], _MOST_NAMES)
    which = "leads on to" if outward else "comes from"
    return Card(
        title=f"{len(parts):,} more",
        kind="not shown",
        role="unknown",
        tooltip=(f"{which} {names}",),
        stub=True,
    )
