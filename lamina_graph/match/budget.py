"""How much work a matching may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """How much work a matching may take, counted in what is the same on every machine.

    Attributes:
        rounds: rounds in which the bound may improve; with 0 the first matching comes back, plainly bounded.
        work: entries that all rounds together may visit.
        pairs: pairs of nodes that the ids may leave open; with more, the first matching comes back.
        edge_pairs: pairs of edges between them, likewise.
        program: how hard an integer program may be tried for the rest: its variables times the edits in
            doubt.
        nodes: nodes that its search tree may open, times its variables.

    >>> Budget(rounds=0).allows(4, 1)
    False
    """

    rounds: int = 200
    work: int = 75_000_000
    pairs: int = 1_100_000
    edge_pairs: int = 2_000_000
    program: int = 5_000
    nodes: int = 20_000

    def allows(self, pairs: int, edge_pairs: int) -> bool:
        """Whether a problem of this size may be worked on after its first matching."""
        return self.rounds > 0 and pairs <= self.pairs and edge_pairs <= self.edge_pairs
