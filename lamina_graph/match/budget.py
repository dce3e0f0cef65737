"""How much work a matching may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """How much work a matching may take, counted so that it is the same on every machine.

    Attributes:
        rounds: rounds of dual ascent; with 0 the first matching comes back at once, with a bound from counting.
        work: entries that all rounds together may visit.
        pairs: pairs of nodes that the ids may leave open; with more, the first matching comes back.
        edge_pairs: pairs of edges between them, likewise.
        program: how hard an integer program may be tried for the rest: its variables times the edits in doubt.
        nodes: nodes that its search tree may open, times its variables.
    """

    rounds: int = 200
    work: int = 100_000_000
    pairs: int = 1_500_000
    edge_pairs: int = 3_000_000
    program: int = 5_000
    nodes: int = 20_000
