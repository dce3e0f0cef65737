"""What flows along the edges settles what words leave open.

What takes latents and feeds a file is a decoder, whatever it is called: each inference says what holds around
a node, and what the node then is.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from lamina_graph.features.order import Order
from lamina_graph.graph import Adjacency
from lamina_graph.vocabulary import Modality, Part, Reading, Role

INSIDE = frozenset(("conditioning", "latent", "encoder", "patch", "model", "aux"))
"""The parts whose results never leave a spelled-out model."""


def settle(
    plain: Adjacency, order: Order, readings: list[Reading], settled: list[bool], open_: Sequence[int]
) -> None:
    """Settle open nodes by their neighbours, and again where a neighbour was settled, to a fixpoint.

    What is certain goes first; a guess is admitted only where no inference is left, the surest first, and
    from then on. All that can be settled at a time is settled at once, so that the order of nodes does not
    matter.
    """
    look = _Look(plain, order, readings)
    waiting = {node: look.rule(node) for node in open_}
    admitted = len(_CERTAIN) - 1
    while waiting:
        admitted = max(admitted, min(waiting.values()))
        if admitted == len(look.rules):
            return
        near = set(waiting)
        while answers := [
            (node, look.answer(node, rule)) for node in near if (rule := waiting[node]) <= admitted
        ]:
            for node, answer in answers:
                readings[node], settled[node] = answer, True
                del waiting[node]
            near = {n for node, _ in answers for n in look.beside(node) if n in waiting}
            for node in near:
                waiting[node] = look.rule(node)


class _Look:
    """The surroundings of open nodes, as they are now."""

    def __init__(self, plain: Adjacency, order: Order, readings: Sequence[Reading]) -> None:
        self._plain, self._readings = plain, readings
        parts = {reading.part for reading in readings}
        self._parts = parts != {None}
        self.rules = _RULES[self._parts]
        self._wet = _wet(order, readings) if self._parts else [False] * len(readings)
        self._spelled = not parts.isdisjoint(("sampler", "decoder", "conditioning", "latent"))
        self._ends = self._spelled or "output" in {reading.role for reading in readings}

    def beside(self, node: int) -> tuple[int, ...]:
        """Return what feeds a node and what it feeds."""
        return self._plain.predecessors[node] + self._plain.successors[node]

    def rule(self, node: int) -> int:
        """Return the number of the first rule that holds around a node; one beyond the last if none does."""
        readings, wet = self._readings, self._wet
        into = ["sampled" if wet[p] else _flow(readings[p]) for p in self._plain.predecessors[node]]
        onto = [_need(readings[s]) for s in self._plain.successors[node]]
        named = bool(readings[node].gives)
        return _first(
            _Around(frozenset(into), frozenset(onto), self._parts, self._spelled, self._ends, named)
        )

    def answer(self, node: int, rule: int) -> Reading:
        """Return what a node is by a rule."""
        reading, (_, role, part) = self._readings[node], self.rules[rule]
        if part is not None:
            return reading._replace(role=role, part=part, certainty=0.4)
        gives = reading.gives or wanted_medium([self._readings[s] for s in self._plain.successors[node]])
        before = [self._readings[p] for p in self._plain.predecessors[node]]
        if role in ("transform", "generate") and _turns(before, gives):
            return reading._replace(role="generate", gives=gives, certainty=0.6)
        return reading._replace(role=role, gives=gives, certainty=0.7 if reading.gives else 0.4)


class _Around(NamedTuple):
    """The surroundings of an open node.

    Attributes:
        into, onto: what comes in, and what takes what it gives.
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


class _Inference(NamedTuple):
    """What surroundings make of a node."""

    holds: Callable[[_Around], object]
    role: Role
    part: Part | None = None


@lru_cache(4096)  # the same few surroundings come back in all graphs
def _first(around: _Around) -> int:
    """Return the number of the first rule that holds; one beyond the last if none does."""
    rules = _RULES[around.parts]
    return next((number for number, rule in enumerate(rules) if rule.holds(around)), len(rules))


def _turns(before: Sequence[Reading], gives: tuple[Modality, ...]) -> bool:
    """Whether one medium becomes another: out of what was loaded or generated, not out of decoded frames."""
    brought = {m for reading in before for m in reading.gives}
    if not gives or not brought or not brought.isdisjoint(gives):
        return False
    return all(reading.part is None and reading.role in _WHOLE for reading in before)


_WHOLE = ("input", "generate", "control")


def _wet(order: Order, readings: Sequence[Reading]) -> list[bool]:
    """Return which parts of a model hand on what was sampled."""
    wet = [False] * len(readings)
    for node in order.nodes:
        if readings[node].part in INSIDE:
            wet[node] = any(wet[p] or readings[p].part == "sampler" for p in order.before[node])
    return wet


def wanted_medium(after: Sequence[Reading]) -> tuple[Modality, ...]:
    """Return the medium that all who take what a node gives are for, if they agree."""
    wanted = {reading.gives if reading.role == "output" else reading.takes for reading in after} - {()}
    return wanted.pop() if len(wanted) == 1 else ()


def _flow(reading: Reading) -> str:
    """Return what comes out of a node: of a part of a model, of one that handles media, or nothing known."""
    if reading.part is not None:
        return _FLOWS[reading.part]
    if reading.role == "unknown":
        return "?"
    if reading.gives == ("text",):
        return "text"
    return _BRINGS.get(reading.role, "made")


_BRINGS = {"control": "data", "input": "loaded"}
_FLOWS = {
    "sampler": "sampled", "decoder": "made", "conditioning": "cond", "latent": "latent", "encoder": "latent",
    "patch": "model", "model": "model", "aux": "model",
}  # fmt: skip


def _need(reading: Reading) -> str:
    """Return what a node is to those that feed it."""
    if reading.part is not None:
        return "media" if reading.part == "encoder" else "inside" if reading.part in INSIDE else reading.part
    return _NEEDS.get(reading.role, "media")


_NEEDS = {"output": "output", "unknown": "?", "control": "control"}

_PARTS = {"inside", "sampler", "decoder"}

_CERTAIN: tuple[_Inference, ...] = (
    # among services, is called by the medium that it makes
    _Inference(lambda a: a.named and a.into and not a.spelled, "generate"),
    # takes what conditions a model and feeds a decoder
    _Inference(
        lambda a: "decoder" in a.onto and a.into & {"cond", "latent", "sampled"},
        "generate", "sampler",
    ),
    # takes what was sampled and feeds no part of a model
    _Inference(lambda a: "sampled" in a.into and not a.onto & (_PARTS | {"?"}), "transform", "decoder"),
    # feeds parts of a model and takes nothing, or nothing but such
    _Inference(lambda a: not a.into and a.onto & _PARTS, "control", "aux"),
    _Inference(lambda a: a.onto & _PARTS and not a.into & {"made", "loaded", "?"}, "control", "conditioning"),
    _Inference(
        lambda a: a.onto and a.onto <= {"inside", "sampler"} and "?" not in a.into,
        "control", "conditioning",
    ),
    # takes parts of a model and gives a medium
    _Inference(
        lambda a: (
            a.into & {"cond", "latent"} and not (a.into & {"made", "loaded"} or a.onto & (_PARTS | {"?"}))
        ),
        "generate",
    ),
    # stands behind a finished medium, at the end of a graph whose ends are files
    _Inference(lambda a: not a.onto and a.ends and "made" in a.into and "?" not in a.into, "output"),
    # stands between text and what shows it
    _Inference(lambda a: a.into == {"text"} and a.onto and a.onto <= {"output", "control"}, "control"),
    # the only thing between what was loaded and the end
    _Inference(
        lambda a: a.into & {"loaded", "text"} and not a.into & {"made", "?"} and a.onto <= {"output"},
        "generate",
    ),
    # stands between media
    _Inference(
        lambda a: a.into & {"loaded", "made", "text"} and a.onto & {"output", "media"} and "?" not in a.into,
        "transform",
    ),
    # comes first
    _Inference(lambda a: not a.into and "media" in a.onto, "input"),
    _Inference(lambda a: not a.into and a.onto and a.onto <= {"output"}, "generate"),
)  # fmt: skip
"""What holds around a node, and what it then is; the first that holds decides."""

_SERVICE_GUESSES: tuple[_Inference, ...] = (
    _Inference(lambda a: not a.into and a.onto and not a.spelled, "input"),
    _Inference(lambda a: a.into and "output" in a.onto, "transform"),
    _Inference(lambda a: not a.onto and a.ends and a.into, "output"),
    _Inference(lambda a: a.into and a.onto and not a.spelled, "transform"),
)  # fmt: skip
"""The same where neighbours are open too, in a graph of services: from its start. The surest comes first."""

_GUESSES: tuple[_Inference, ...] = (
    _Inference(lambda a: a.spelled and not a.onto and a.into, "output"),
    _Inference(
        lambda a: a.spelled and {"?", "model"} <= a.into and a.onto and a.onto <= {"output", "media"},
        "transform", "decoder",
    ),
    _Inference(lambda a: a.spelled and a.into and a.onto and a.onto <= {"output", "media"}, "transform"),
    _Inference(lambda a: a.into and "decoder" in a.onto, "generate", "sampler"),
    _Inference(lambda a: "sampled" in a.into and not a.onto & _PARTS, "transform", "decoder"),
    _Inference(lambda a: a.onto and a.onto <= {"inside", "sampler"}, "control", "conditioning"),
    _Inference(lambda a: a.into & {"cond", "latent", "model"} and "?" in a.onto, "control", "conditioning"),
    *_SERVICE_GUESSES,
)  # fmt: skip
"""The same in a graph that spells a model out: from its end backwards."""

_RULES = {False: (*_CERTAIN, *_SERVICE_GUESSES), True: (*_CERTAIN, *_GUESSES)}
"""All rules in their order, by whether the graph has any part of a model."""
