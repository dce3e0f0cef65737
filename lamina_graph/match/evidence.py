"""What speaks for a pair of nodes beside types, edges and titles: names that go on, moments that agree.

Between graphs whose ids mean nothing to each other, equal settings speak as a moment does, and an equal id
as a name that goes on.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from lamina_graph.graph import Adjacency
from lamina_graph.match.anchors import Anchors, any_id
from lamina_graph.model import parse_node_id

SAME_MOMENT, CONTINUED_NAME = 2, 1
"""A moment outweighs a name that goes on: ids are stamped to the millisecond, words recur."""

MOST_EVIDENCE = SAME_MOMENT + CONTINUED_NAME

_MOST_NAMESAKES = 64
"""A name that more nodes have tells none of them, and would make pairs without number."""

Words = frozenset[str]


def evidence(
    old: Adjacency,
    new: Adjacency,
    some: Sequence[int],
    others: Sequence[int],
    anchors: Anchors = any_id,
) -> dict[tuple[int, int], int]:
    """Return what speaks for pairs of an old and a new node, where anything does.

    A name goes on where all words of one are in the other: "Shot 1" and "SHOT 1 (hero)". A moment counts
    where it is that of one node on either side: an import gives many nodes the same.

    Args:
        old: the graph before.
        new: the graph after.
        some: the old nodes that may pair up.
        others: the new nodes that may.
        anchors: which ids mean the same node in both.
    """
    result: dict[tuple[int, int], int] = defaultdict(int)
    for u, v in _lone_pairs(_by_moment(old, some), _by_moment(new, others)):
        result[u, v] += SAME_MOMENT
    if anchors is not any_id:
        for u, v in _lone_pairs(_by_settings(old, some), _by_settings(new, others)):
            result[u, v] += SAME_MOMENT
        for u, v in _lone_pairs({old.ids[u]: [u] for u in some}, {new.ids[v]: [v] for v in others}):
            if old.types[u] == new.types[v]:
                result[u, v] += CONTINUED_NAME
    old_names, new_names = _by_words(old, some), _by_words(new, others)
    contained = [*_contained(old_names, new_names), *((b, a) for a, b in _contained(new_names, old_names))]
    for before, after in dict.fromkeys(contained):
        for u in old_names[before]:
            for v in new_names[after]:
                result[u, v] += CONTINUED_NAME
    return {pair: min(value, MOST_EVIDENCE) for pair, value in result.items()}


K = TypeVar("K")


def _lone_pairs(old: Mapping[K, list[int]], new: Mapping[K, list[int]]) -> Iterator[tuple[int, int]]:
    """Yield the old and the new node of each key that one node has on either side."""
    for key, nodes in old.items():
        if len(nodes) == len(new.get(key, ())) == 1:
            yield nodes[0], new[key][0]


def _by_settings(adj: Adjacency, nodes: Iterable[int]) -> dict[tuple[str, str], list[int]]:
    """The nodes that have settings, by these and their type."""
    result: dict[tuple[str, str], list[int]] = defaultdict(list)
    for node in nodes:
        if settings := (adj.nodes[node].model_extra or {}).get("settings"):
            result[adj.types[node], json.dumps(settings, sort_keys=True)].append(node)
    return result


def _by_moment(adj: Adjacency, nodes: Iterable[int]) -> dict[int, list[int]]:
    result: dict[int, list[int]] = defaultdict(list)
    for node in nodes:
        if stamp := parse_node_id(adj.ids[node]):
            result[stamp[1]].append(node)
    return result


def _by_words(adj: Adjacency, nodes: Iterable[int]) -> dict[Words, list[int]]:
    """The nodes that somebody gave a name, by the words of it."""
    result: dict[Words, list[int]] = defaultdict(list)
    for node in nodes:
        if (label := adj.labels[node]) and label != adj.types[node]:
            result[frozenset(re.findall(r"\w+", label.casefold()))].append(node)
    return {words: nodes for words, nodes in result.items() if words and len(nodes) <= _MOST_NAMESAKES}


def _contained(some: Iterable[Words], others: Iterable[Words]) -> Iterator[tuple[Words, Words]]:
    """Yield sets of words with sets that have all of them, sought among those that have the rarest."""
    by_word: dict[str, list[Words]] = defaultdict(list)
    for words in others:
        for word in words:
            by_word[word].append(words)
    for words in some:
        rarest = min(words, key=lambda word: (len(by_word.get(word, ())), word))
        yield from ((words, more) for more in by_word.get(rarest, ()) if words <= more)
