"""The outcome of a run for each node of its workflow: what worked, what failed, where the cause may lie.

A run reports its outputs alone. What it says of the other nodes follows from the graph: whatever a finished
output depends on has worked. What a failed output depends on, and no finished one does, is suspect: the
smallest part of the pipeline in which the failure must lie, as far as the run shows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lamina_graph.features import Features, features
from lamina_graph.graph import Adjacency, adjacency, reachable
from lamina_graph.model import Run, RunOutput, Value, Workflow

State = Literal["done", "failed", "suspect", "pending", "skipped"]
"""The state of a node in a run; `suspect`: a failure depends on it, and nothing shows that it worked."""


@dataclass(frozen=True, slots=True)
class NodeOutcome:
    """The outcome of a run for one node.

    Attributes:
        id: of the node.
        state: None where the run does not show it.
        outputs: the labels of the outputs that it produced.
        problem: what went wrong with one of them.
        seconds: how long it took, where that is given.
    """

    id: str
    state: State | None
    outputs: tuple[str, ...] = ()
    problem: str = ""
    seconds: float | None = None


class Outcome(Value):
    """The outcome of a run for each node of a workflow.

    Attributes:
        problem: what went wrong with the run as a whole.
        nodes: one entry for each node of the workflow, in its order.
        cause: the smallest part in which the failure can lie: of what failed and what is suspect, that which
            every failed output depends on; all of it, where they have nothing in common.
        unmatched: the outputs that no node of this workflow produced: it has changed since the run.
        moved: for how many outputs the node was found through another version of the workflow.
    """

    run_id: str
    status: str
    problem: str
    seconds: float | None
    nodes: tuple[NodeOutcome, ...]
    cause: tuple[str, ...]
    unmatched: tuple[str, ...]
    moved: int = 0

    def ids(self, *states: State) -> tuple[str, ...]:
        """Return the ids of the nodes that are in one of these states."""
        return tuple(node.id for node in self.nodes if node.state in states)


def outcome(
    workflow: Workflow,
    run: Run,
    *,
    facts: Features | None = None,
    matches: Mapping[str, str] | None = None,
) -> Outcome:
    """Return the outcome of a run for each node of a workflow.

    Args:
        workflow: the graph that the run is laid over.
        run: the run, as the API or a webhook gave it.
        facts: the workflow's features, where they are known already.
        matches: where the workflow has changed since the run, the ids of today's nodes by the ids of then.

    >>> from lamina_graph.files import load
    >>> w = load({"nodes": [{"id": "a", "type": "fluxNode"}, {"id": "b", "type": "klingVideoNode"}],
    ...           "edges": [{"source": "a", "target": "b"}]})
    >>> failed = {"id": "b", "label": "Clip", "type": "pending", "status": "error", "error": "too dark"}
    >>> result = outcome(w, Run.model_validate({"runId": "r", "status": "failed", "outputs": [failed]}))
    >>> [(node.id, node.state) for node in result.nodes], result.cause
    ([('a', 'suspect'), ('b', 'failed')], ('a', 'b'))
    """
    return _Overlay(workflow, run, facts or features(workflow), matches or {}).outcome()


class _Overlay:
    """One run over one graph, its nodes by number."""

    def __init__(self, workflow: Workflow, run: Run, facts: Features, matches: Mapping[str, str]) -> None:
        self.graph: Adjacency = adjacency(workflow)
        self.run, self.facts = run, facts
        self.produced: dict[int, list[RunOutput]] = {}
        self.unmatched: list[str] = []
        self.moved = 0
        for output in run.outputs:
            self._place_output(output, matches)

    def outcome(self) -> Outcome:
        own = {number: _combine(outputs, self.run.finished) for number, outputs in self.produced.items()}
        blamed = [number for number, state in own.items() if state == "failed"]
        if not blamed and self.run.status.lower() == "failed":
            blamed = [number for number, state in own.items() if state == "skipped"]
        states = self._derive_states(own, blamed)
        return Outcome(
            run_id=self.run.run_id,
            status=self.run.status,
            problem=self.run.problem,
            seconds=self.run.seconds,
            nodes=tuple(self._node(number, states.get(number)) for number in range(len(self.graph))),
            cause=tuple(self.graph.ids[number] for number in sorted(self._find_cause(states, blamed))),
            unmatched=tuple(self.unmatched),
            moved=self.moved,
        )

    def _place_output(self, output: RunOutput, matches: Mapping[str, str]) -> None:
        id_ = output.id or ""
        if id_ not in self.graph.index and matches.get(id_) in self.graph.index:
            id_ = matches[id_]
            self.moved += 1
        if id_ in self.graph.index:
            self.produced.setdefault(self.graph.index[id_], []).append(output)
        else:
            self.unmatched.append(output.title)

    def _derive_states(self, own: Mapping[int, State], blamed: Sequence[int]) -> dict[int, State]:
        """The state of each node of which the run says something: stronger claims go over weaker ones."""
        ends = {state: [number for number, mine in own.items() if mine == state] for state in _WEAKEST_FIRST}
        ends["suspect"] = list(blamed)
        ends["done"] = [n for n, made in self.produced.items() if any(each.state == "done" for each in made)]
        states: dict[int, State] = {}
        for state, numbers in ends.items():
            states.update(dict.fromkeys(reachable(self.graph.predecessors, numbers), state))
        states.update(own)
        return {**self._derive_end_states(states), **states}

    def _derive_end_states(self, states: Mapping[int, State]) -> dict[int, State]:
        """The states of output nodes of which the run says nothing: as what they hand out."""
        index = self.graph.index
        pairs = ((index[end.id], index[end.end]) for end in self.facts.deliverables)
        return {end: _HANDED_OUT.get(states[made], states[made]) for made, end in pairs if made in states}

    def _find_cause(self, states: Mapping[int, State], blamed: Sequence[int]) -> set[int]:
        """What every failed output depends on, of what is suspect or failed; all of that where nothing is."""
        among = {number for number, state in states.items() if state == "suspect"} | set(blamed)
        shared = set(among)
        for end in blamed[:_NARROWED]:
            shared &= reachable(self.graph.predecessors, [end], among)
            if not shared:
                break
        return shared or among

    def _node(self, number: int, state: State | None) -> NodeOutcome:
        outputs = self.produced.get(number, ())
        return NodeOutcome(
            self.graph.ids[number],
            state,
            tuple(output.title for output in outputs),
            next((output.problem for output in outputs if output.problem), ""),
            max((output.seconds for output in outputs if output.seconds is not None), default=None),
        )


_WEAKEST_FIRST: tuple[State, ...] = ("skipped", "pending", "suspect", "done")
"""States of the nodes that an output depends on; what a finished output needs has worked."""

_HANDED_OUT: dict[State, State] = {"failed": "skipped", "suspect": "skipped"}
_NARROWED = 200
"""Failed outputs up to which the cause is narrowed to what all of them depend on."""


def _combine(outputs: Iterable[RunOutput], finished: bool) -> State:
    """The state of a node by its own outputs; one that never came was skipped."""
    states = {output.state for output in outputs}
    if "failed" in states:
        return "failed"
    if "pending" in states:
        return "skipped" if finished else "pending"
    return "done"
