"""Roles that words leave unknown, inferred from what flows along the edges.

What takes latents and feeds a file is a decoder, whatever it is called: each rule says what holds around
a node, and what the node then is.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from lamina_graph.features.acyclic import Acyclic
from lamina_graph.graph import Adjacency
from lamina_graph.vocabulary import Modality, Part, Reading, Role, Vocabulary

_CERTAINTY = {"named": 0.7, "turned": 0.6, "placed": 0.4}
"""Of a role that the graph settles: where words name the medium, where media differ, by its place alone.

A role at 0.6 or less decides nothing by itself, here and in `classify`.
"""
INSIDE = frozenset(("conditioning", "latent", "encoder", "patch", "model", "aux"))
"""The parts whose results never leave a spelled-out model."""


def infer_roles(
    adj: Adjacency,
    acyclic: Acyclic,
    readings: list[Reading],
    inferred: list[bool],
    unknown: Sequence[int],
    vocabulary: Vocabulary,
) -> None:
    """Infer unknown roles from the neighbours, and again where a neighbour's was inferred, to a fixpoint.

    What is certain goes first; a guess is admitted only where no certain rule is left, the surest first, and
    from then on. All that can be inferred at a time is inferred at once, so that the order of nodes does not
    matter.
    """
    inference = _Inference(adj, acyclic, readings, vocabulary)
    waiting = {node: inference.find_rule(node) for node in unknown}
    admitted = len(_CERTAIN) - 1
    while waiting:
        admitted = max(admitted, min(waiting.values()))
        if admitted == len(inference.rules):
            return
        near = set(waiting)
        while answers := [
            (node, inference.apply(node, rule)) for node in near if (rule := waiting[node]) <= admitted
        ]:
            for node, answer in answers:
                readings[node], inferred[node] = answer, True
                del waiting[node]
            near = {n for node, _ in answers for n in inference.neighbours(node) if n in waiting}
            for node in near:
                waiting[node] = inference.find_rule(node)


class _Inference:
    """The neighbourhoods of nodes of unknown role, as they are now."""

    def __init__(
        self, adj: Adjacency, acyclic: Acyclic, readings: Sequence[Reading], vocabulary: Vocabulary
    ) -> None:
        self._adj, self._readings, self._vocabulary = adj, readings, vocabulary
        parts = {reading.part for reading in readings}
        self._parts = parts != {None}
        self.rules = _RULES[self._parts]
        self._sampled = _carries_samples(acyclic, readings) if self._parts else [False] * len(readings)
        self._spelled = not parts.isdisjoint(("sampler", "decoder", "conditioning", "latent"))
        self._ends = self._spelled or "output" in {reading.role for reading in readings}

    def neighbours(self, node: int) -> tuple[int, ...]:
        """Return what feeds a node and what it feeds."""
        return self._adj.predecessors[node] + self._adj.successors[node]

    def find_rule(self, node: int) -> int:
        """Return the number of the first rule that holds around a node; one beyond the last if none does."""
        readings, sampled = self._readings, self._sampled
        into = ["sampled" if sampled[p] else _output_kind(readings[p]) for p in self._adj.predecessors[node]]
        onto = [_input_kind(readings[s]) for s in self._adj.successors[node]]
        named = bool(readings[node].gives)
        return _first_rule(
            Neighborhood(frozenset(into), frozenset(onto), self._parts, self._spelled, self._ends, named)
        )

    def apply(self, node: int, rule: int) -> Reading:
        """Return what a node is by a rule."""
        reading, (_, role, part) = self._readings[node], self.rules[rule]
        if part is not None:
            return reading._replace(role=role, part=part, certainty=_CERTAINTY["placed"])
        gives = reading.gives or wanted_medium([self._readings[s] for s in self._adj.successors[node]])
        before = [self._readings[p] for p in self._adj.predecessors[node]]
        if role == "generate" and not gives:
            set_up = (p.brand for p in before if p.brand and _output_kind(p) == "settings")
            gives = next(filter(None, map(self._vocabulary.makes, set_up)), ())
        if role in ("transform", "generate") and _changes_medium(before, gives):
            return reading._replace(role="generate", gives=gives, certainty=_CERTAINTY["turned"])
        certainty = _CERTAINTY["named" if reading.gives else "placed"]
        return reading._replace(role=role, gives=gives, certainty=certainty)


class Neighborhood(NamedTuple):
    """What stands around a node of unknown role.

    Attributes:
        into, onto: the kinds of what comes in, and of what takes what it gives.
        parts: whether the graph has any part of a model.
        spelled: whether the graph spells a model out.
        ends: whether the graph's ends are files.
        named: whether the node's words name a medium.
    """

    into: frozenset[str]
    onto: frozenset[str]
    parts: bool
    spelled: bool
    ends: bool
    named: bool


class InferenceRule(NamedTuple):
    """What a neighbourhood makes of a node."""

    holds: Callable[[Neighborhood], object]
    role: Role
    part: Part | None = None


@lru_cache(4096)  # the same few neighbourhoods come back in all graphs
def _first_rule(around: Neighborhood) -> int:
    """Return the number of the first rule that holds; one beyond the last if none does."""
    rules = _RULES[around.parts]
    return next((i for i, rule in enumerate(rules) if rule.holds(around)), len(rules))


def _changes_medium(before: Sequence[Reading], gives: tuple[Modality, ...]) -> bool:
    """Whether one medium becomes another: out of what was loaded or generated, not out of decoded frames."""
    brought = {m for reading in before for m in reading.gives}
    if not gives or not brought or not brought.isdisjoint(gives):
        return False
    return all(reading.part is None and reading.role in _WHOLE for reading in before)


_WHOLE = ("input", "generate", "control")


def _carries_samples(acyclic: Acyclic, readings: Sequence[Reading]) -> list[bool]:
    """Return which parts of a model hand on what was sampled."""
    carries = [False] * len(readings)
    for node in acyclic.nodes:
        if readings[node].part in INSIDE:
            carries[node] = any(carries[p] or readings[p].part == "sampler" for p in acyclic.before[node])
    return carries


def wanted_medium(after: Sequence[Reading]) -> tuple[Modality, ...]:
    """Return the medium that all who take what a node gives are for, if they agree."""
    wanted = {reading.gives if reading.role == "output" else reading.takes for reading in after} - {()}
    return wanted.pop() if len(wanted) == 1 else ()


def _output_kind(reading: Reading) -> str:
    """Return what comes out of a node: of a part of a model, of one that handles media, or nothing known."""
    if reading.part is not None:
        return _PART_OUTPUTS[reading.part]
    if reading.role == "unknown":
        return "?"
    if reading.gives == ("text",):
        return "text"
    if reading.role == "control" and reading.brand and not reading.gives:
        return "settings"
    return _ROLE_OUTPUTS.get(reading.role, "made")


_ROLE_OUTPUTS = {"control": "data", "input": "loaded"}
_PART_OUTPUTS = {
    "sampler": "sampled", "decoder": "made", "conditioning": "cond", "latent": "latent", "encoder": "latent",
    "patch": "model", "model": "model", "aux": "model",
}  # fmt: skip


def _input_kind(reading: Reading) -> str:
    """Return what a node is to those that feed it."""
    if reading.part is not None:
        return "media" if reading.part == "encoder" else "inside" if reading.part in INSIDE else reading.part
    return _ROLE_INPUTS.get(reading.role, "media")


_ROLE_INPUTS = {"output": "output", "unknown": "?", "control": "control"}

_PARTS = {"inside", "sampler", "decoder"}

_CERTAIN: tuple[InferenceRule, ...] = (
    # takes the settings of a named model or vendor
    InferenceRule(lambda a: "settings" in a.into and not a.parts, "generate"),
    # among services, is called by the medium that it makes
    InferenceRule(lambda a: a.named and a.into and not a.spelled, "generate"),
    # takes what conditions a model and feeds a decoder
    InferenceRule(
        lambda a: "decoder" in a.onto and a.into & {"cond", "latent", "sampled"},
        "generate", "sampler",
    ),
    # takes what was sampled and feeds no part of a model
    InferenceRule(lambda a: "sampled" in a.into and not a.onto & (_PARTS | {"?"}), "transform", "decoder"),
    # feeds parts of a model and takes nothing, or nothing but such
    InferenceRule(lambda a: not a.into and a.onto & _PARTS, "control", "aux"),
    InferenceRule(
        lambda a: a.onto & _PARTS and not a.into & {"made", "loaded", "?"}, "control", "conditioning"
    ),
    # takes parts of a model and gives a medium
    InferenceRule(
        lambda a: (
            a.into & {"cond", "latent"} and not (a.into & {"made", "loaded"} or a.onto & (_PARTS | {"?"}))
        ),
        "generate", "sampler",
    ),
    # stands behind a finished medium, at the end of a graph whose ends are files
    InferenceRule(lambda a: not a.onto and a.ends and "made" in a.into and "?" not in a.into, "output"),
    # stands between text and what shows it
    InferenceRule(lambda a: a.into == {"text"} and a.onto and a.onto <= {"output", "control"}, "control"),
    # the only thing between what was loaded and the end
    InferenceRule(
        lambda a: a.into & {"loaded", "text"} and not a.into & {"made", "?"} and a.onto <= {"output"},
        "generate",
    ),
    # stands between media
    InferenceRule(
        lambda a: a.into & {"loaded", "made", "text"} and a.onto & {"output", "media"} and "?" not in a.into,
        "transform",
    ),
    # comes first
    InferenceRule(lambda a: not a.into and "media" in a.onto, "input"),
    InferenceRule(lambda a: not a.into and a.onto and a.onto <= {"output"}, "generate"),
)  # fmt: skip
"""What holds around a node, and what it then is; the first that holds decides."""

_SERVICE_GUESSES: tuple[InferenceRule, ...] = (
    InferenceRule(lambda a: not a.into and a.onto and not a.spelled, "input"),
    InferenceRule(lambda a: a.into and "output" in a.onto, "transform"),
    InferenceRule(lambda a: not a.onto and a.ends and a.into, "output"),
    InferenceRule(lambda a: a.into and a.onto and not a.spelled, "transform"),
)  # fmt: skip
"""The same where neighbours are open too, in a graph of services: from its start. The surest comes first."""

_GUESSES: tuple[InferenceRule, ...] = (
    InferenceRule(lambda a: a.spelled and not a.onto and a.into, "output"),
    InferenceRule(
        lambda a: a.spelled and {"?", "model"} <= a.into and a.onto and a.onto <= {"output", "media"},
        "transform", "decoder",
    ),
    InferenceRule(lambda a: a.spelled and a.into and a.onto and a.onto <= {"output", "media"}, "transform"),
    InferenceRule(lambda a: a.into and "decoder" in a.onto, "generate", "sampler"),
    InferenceRule(lambda a: "sampled" in a.into and not a.onto & _PARTS, "transform", "decoder"),
    InferenceRule(lambda a: a.onto and a.onto <= {"inside", "sampler"}, "control", "conditioning"),
    InferenceRule(
        lambda a: a.into & {"cond", "latent", "model"} and "?" in a.onto, "control", "conditioning"
    ),
    *_SERVICE_GUESSES,
)  # fmt: skip
"""The same in a graph that spells a model out: from its end backwards."""

_RULES = {False: (*_CERTAIN, *_SERVICE_GUESSES), True: (*_CERTAIN, *_GUESSES)}
"""All rules in their order, by whether the graph has any part of a model."""
