"""A change before it has a severity and a fingerprint, and the way in which a version is read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lamina_graph.diff.both import Both, Edge, Side
from lamina_graph.diff.ledger import Ledger
from lamina_graph.diff.values import EdgeEdits


@dataclass(frozen=True, slots=True)
class Draft:
    """A change as a teller hands it over.

    Attributes:
        rule: the id of its rule.
        text: one sentence.
        nodes: the ids of its subjects.
        before, after: what stood and stands there.
        parts: the single edits that it tells, a phrase each.
        live: whether a deliverable depends on what it hits.
        subject: the parameter or output that it is about, as callers name it.
        edges: the edits on edges that it tells.
        behind: of a change of the input contract, the change of the graph that is the same thing.
    """

    rule: str
    text: str
    nodes: tuple[str, ...] = ()
    before: Any = None
    after: Any = None
    parts: Sequence[str] = ()
    live: bool = True
    subject: str | None = None
    edges: EdgeEdits = field(default_factory=EdgeEdits)
    behind: "Draft | None" = None

    @property
    def tellings(self) -> "tuple[Draft, ...]":
        """Itself, and what is behind it."""
        return (self, self.behind) if self.behind else (self,)

    @property
    def sentence(self) -> str:
        """The text, with that of what is behind it."""
        return _joined(self.text, self.behind.text) if self.behind else self.text


def _joined(text: str, more: str) -> str:
    """Return two sentences as one: what both say of the same name stands there once.

    >>> _joined("Output removed: Poster (image)", "Deliverable removed: Poster (image), with 2 nodes before")
    'Output and deliverable removed: Poster (image), with 2 nodes before'
    >>> _joined("Parameter removed: photo (url)", "Input removed: Photo (image)")
    'Parameter removed: photo (url); input removed: Photo (image)'
    """
    (what, _, name), (inner, _, said) = text.partition(": "), more.partition(": ")
    verb = what.rpartition(" ")[2]
    if name and said.startswith(name) and inner.endswith(f" {verb}"):
        return f"{what.removesuffix(verb)}and {_small(more)}"
    return f"{text}; {_small(more)}"


def _small(text: str) -> str:
    return text[0].lower() + text[1:] if text.startswith(("Deliverable ", "Input ")) else text


@dataclass(frozen=True, slots=True)
class Way:
    """One way of reading two versions: what is `here` and not `there` was lost or, read as a gain, was won.

    Every teller of losses is also the teller of gains, so that a diff read backwards is the mirror of itself.

    Attributes:
        both: the pair.
        ledger: the edits not told yet.
        gain: whether `here` is the new version.
    """

    both: Both
    ledger: Ledger
    gain: bool

    @property
    def here(self) -> Side:
        """The version that has what is told."""
        return self.both.new if self.gain else self.both.old

    @property
    def there(self) -> Side:
        """The version that has it not."""
        return self.both.old if self.gain else self.both.new

    @property
    def nodes(self) -> set[int]:
        """The nodes that only `here` has, not told yet."""
        return self.ledger.nodes[self.gain]

    @property
    def edges(self) -> set[Edge]:
        """The edges that only `here` has, not told yet."""
        return self.ledger.edges[self.gain]

    @property
    def other_edges(self) -> set[Edge]:
        """The edges that only `there` has, not told yet."""
        return self.ledger.edges[not self.gain]

    def word(self, loss: str, gain: str) -> str:
        """Return the word that fits."""
        return gain if self.gain else loss

    def draft(
        self,
        rule: str,
        text: str,
        numbers: Iterable[int],
        here: Any,
        parts: Sequence[str] = (),
        live: bool = True,
    ) -> Draft:
        """Return a change with what is `here` as its state before (of a loss) or after (of a gain)."""
        before, after = (None, here) if self.gain else (here, None)
        return Draft(rule, text, tuple(map(self.both.id, numbers)), before, after, parts, live)

    def flow(self, numbers: Iterable[int]) -> list[int]:
        """Return nodes in the order in which things flow through them, else by name."""
        rest = set(numbers)
        waiting = {n: sum(p in rest for p in self.here.links.predecessors[n]) for n in rest}
        front = self.both.order(n for n in rest if not waiting[n])
        found = []
        while front:
            found += front
            ready = []
            for number in front:
                for after in self.here.links.successors[number]:
                    if after in rest:
                        waiting[after] -= 1
                        if not waiting[after]:
                            ready.append(after)
            front = self.both.order(ready)
        return found + self.both.order(rest.difference(found))


def ways(both: Both, ledger: Ledger) -> tuple[Way, Way]:
    """Return the way that reads losses and the way that reads gains."""
    return Way(both, ledger, False), Way(both, ledger, True)
