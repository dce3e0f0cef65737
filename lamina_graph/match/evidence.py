"""What speaks for a pair of nodes beside types, edges and titles: names that go on, moments that agree."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from lamina_graph.graph import Adjacency
from lamina_graph.model import parse_node_id

SAME_MOMENT, CONTINUED_NAME = 2, 1
MOST_LIKENESS = SAME_MOMENT + CONTINUED_NAME

_MOST_NAMESAKES = 64
"""A name that more nodes have tells none of them, and would make pairs without number."""


def evidence(
    old: Adjacency, new: Adjacency, some: Sequence[int], others: Sequence[int]
) -> dict[tuple[int, int], int]:
    """Return what speaks for pairs of an old and a new node, where anything does.

    A name goes on where all words of one are in the other: "Shot 1" and "Shot 1 (hero)". A moment counts
    where it is that of one node on either side: an import gives many nodes the same.

    Args:
        old: the graph before.
        new: the graph after.
        some: the old nodes that may pair up.
        others: the new nodes that may.
    """
    result: dict[tuple[int, int], int] = defaultdict(int)
    for u, v in _same_moment(old, new, some, others):
        result[u, v] += SAME_MOMENT
    for u, v in _continued(old, new, some, others):
        result[u, v] += CONTINUED_NAME
    return dict(result)


def _same_moment(
    old: Adjacency, new: Adjacency, some: Iterable[int], others: Iterable[int]
) -> Iterator[tuple[int, int]]:
    before, after = _by_moment(old, some), _by_moment(new, others)
    for moment, nodes in before.items():
        if len(nodes) == len(after.get(moment, ())) == 1:
            yield nodes[0], after[moment][0]


def _by_moment(adj: Adjacency, nodes: Iterable[int]) -> dict[int, list[int]]:
    result: dict[int, list[int]] = defaultdict(list)
    for node in nodes:
        if stamp := parse_node_id(adj.ids[node]):
            result[stamp[1]].append(node)
    return result


def _continued(
    old: Adjacency, new: Adjacency, some: Iterable[int], others: Iterable[int]
) -> Iterator[tuple[int, int]]:
    before, after = _by_words(old, some), _by_words(new, others)
    for shorter, longer in _contained(before, after):
        yield from ((u, v) for u in before[shorter] for v in after[longer])
    for shorter, longer in _contained(after, before):
        yield from ((u, v) for u in before[longer] for v in after[shorter])


def _by_words(adj: Adjacency, nodes: Iterable[int]) -> dict[frozenset[str], list[int]]:
    """The nodes that somebody gave a name, by the words of it."""
    result: dict[frozenset[str], list[int]] = defaultdict(list)
    for node in nodes:
        if (label := adj.labels[node]) and label != adj.types[node]:
            result[name_words(label)].append(node)
    return {words: nodes for words, nodes in result.items() if words and len(nodes) <= _MOST_NAMESAKES}


def name_words(name: str) -> frozenset[str]:
    """Return the words of a name, whatever their case.

    >>> sorted(name_words("Shot 1 (hero)"))
    ['1', 'hero', 'shot']
    """
    return frozenset(re.findall(r"\w+", name.casefold()))


def _contained(
    some: Iterable[frozenset[str]], others: Iterable[frozenset[str]]
) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Yield sets of words with sets that have all of them and more: only those that have the rarest."""
    by_word: dict[str, list[frozenset[str]]] = defaultdict(list)
    for words in others:
        for word in words:
            by_word[word].append(words)
    for words in some:
        rarest = min(words, key=lambda word: (len(by_word.get(word, ())), word))
        yield from ((words, more) for more in by_word.get(rarest, ()) if words < more)
