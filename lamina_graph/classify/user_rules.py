"""Rules of a user's own, from the `[[category]]` tables of a configuration."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, get_args

from lamina_graph.classify.context import Context
from lamina_graph.classify.rule import Rule, Verdict
from lamina_graph.errors import ConfigError
from lamina_graph.features import Shape
from lamina_graph.flaws import unknown
from lamina_graph.vocabulary import MODALITIES

COUNTS = (
    "nodes", "edges", "components", "depth", "width", "steps", "generations", "stages",
    "sources", "sinks", "inputs", "deliverables",
)  # fmt: skip
"""The features that a condition may compare with a number."""

_BOUND = re.compile(r"(>=|<=|>|<|=)?\s*([0-9]+)")
_BETWEEN = re.compile(r"([0-9]+)\s*\.\.\s*([0-9]+)")


@dataclass(frozen=True)
class Condition:
    """Holds where all that it asks for holds.

    Attributes:
        bounds: for each counted feature the least and the most that it may be.
        shapes: the shapes that it may have; any where empty.
        takes, gives: modalities that must go in and come out.
        types: patterns (`*` for anything) of which each must match the type of some node.
        tasks: tasks of which each must be some node's.
    """

    bounds: tuple[tuple[str, float, float], ...] = ()
    shapes: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()

    def __call__(self, context: Context) -> Verdict | None:
        """Return the verdict of a user's rule, or None where something is missing."""
        facts = context.facts
        holds = (
            all(least <= _count(getattr(facts, name)) <= most for name, least, most in self.bounds)
            and (not self.shapes or facts.shape in self.shapes)
            and set(self.takes) <= set(facts.input_modalities)
            and set(self.gives) <= set(facts.output_modalities)
            and all(
                any(fnmatchcase(type_.lower(), p.lower()) for type_ in {node.type for node in facts.facts})
                for p in self.types
            )
            and set(self.tasks) <= {node.task for node in facts.facts}
        )
        if not holds:
            return None
        through = (context.main_deliverable.id,) if context.main_deliverable else context.adj.ids[:1]
        return Verdict("all that this rule of yours asks for holds", "topology", through, 0.9)


def user_rules(section: Sequence[Mapping[str, Any]], source: str = ".lamina-graph.toml") -> tuple[Rule, ...]:
    """Return the rules that `[[category]]` tables give, in the order in which they are tried.

    A table has a `label`, the category that it gives; `when`, what must hold; and a `priority`, by default
    1: rules of the package have 0, so one below 0 is tried after them. `when` may have `outputs` and
    `inputs` (modalities), `shape`, `types` (patterns), `tasks`, and the counts of `COUNTS`, each a number, a
    bound such as ">=3", or a range such as "2..5".

    Args:
        section: the tables.
        source: the file that they stand in, for errors.

    Raises:
        ConfigError: a field that is missing, unknown, or has a value that cannot be used; the error names
        the field.

    >>> [rule.id for rule in user_rules([{"label": "reel", "when": {"outputs": ["video"], "stages": ">=2"}}])]
    ['user-reel']
    """
    try:
        rules = [_rule(row, f"category[{at}]") for at, row in enumerate(section)]
    except _WrongError as wrong:
        raise ConfigError(source, *wrong.args) from None
    return tuple(sorted(rules, key=lambda rule: -rule.priority))


def _rule(row: Mapping[str, Any], field: str) -> Rule:
    _known(row, ("label", "when", "priority", "sentence"), field)
    label, when, priority = row.get("label"), row.get("when"), row.get("priority", 1)
    if not isinstance(label, str) or not label.strip():
        raise _wrong(f"{field}.label", "expected the name of a category", label)
    if not isinstance(when, Mapping) or not when:
        raise _wrong(f"{field}.when", "expected a table of conditions", when)
    if isinstance(priority, bool) or not isinstance(priority, int | float):
        raise _wrong(f"{field}.priority", "expected a number", priority)
    asks = ", ".join(f"{key} {value}" for key, value in when.items())
    sentence = str(row.get("sentence") or f"Your rule: {asks}.")
    condition = _condition(when, f"{field}.when")
    return Rule(f"user-{label}", label, sentence, f"your rule asks for {asks}", condition, float(priority))


def _condition(when: Mapping[str, Any], field: str) -> Condition:
    _known(when, (*COUNTS, "shape", "outputs", "types", "tasks"), field)
    takes = _list(when, "inputs", field, MODALITIES) if not _counted(when.get("inputs")) else ()
    return Condition(
        bounds=tuple(
            (name, *_bound(when[name], f"{field}.{name}"))
            for name in COUNTS
            if name in when and not (name == "inputs" and not _counted(when[name]))
        ),
        shapes=_list(when, "shape", field, get_args(Shape)),
        takes=takes,
        gives=_list(when, "outputs", field, MODALITIES),
        types=_list(when, "types", field),
        tasks=_list(when, "tasks", field),
    )


def _counted(value: Any) -> bool:
    """Whether a value is a number or a bound, not the name of a modality."""
    return isinstance(value, int) or (isinstance(value, str) and value not in MODALITIES)


def _bound(value: Any, field: str) -> tuple[float, float]:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if found := _BETWEEN.fullmatch(text.strip()):
        return int(found[1]), int(found[2])
    found = _BOUND.fullmatch(text.strip())
    if not found:
        raise _wrong(field, 'expected a number, a bound such as ">=3" or a range such as "2..5"', value)
    number = int(found[2])
    return {
        ">=": (number, float("inf")),
        ">": (number + 1, float("inf")),
        "<=": (0, number),
        "<": (0, number - 1),
    }.get(found[1], (number, number))


def _list(when: Mapping[str, Any], name: str, field: str, allowed: Sequence[str] = ()) -> tuple[str, ...]:
    value = when.get(name, ())
    values = (value,) if isinstance(value, str) else value
    if not isinstance(values, list | tuple) or not all(isinstance(each, str) for each in values):
        raise _wrong(f"{field}.{name}", "expected a text or a list of texts", value)
    for each in values:
        if allowed and each not in allowed:
            raise _wrong(f"{field}.{name}", f"expected one of {', '.join(allowed)}", each)
    return tuple(values)


def _known(row: Any, allowed: Sequence[str], field: str) -> None:
    if not isinstance(row, Mapping):
        raise _wrong(field, "expected a table", row)
    for key in row:
        if key not in allowed:
            raise _WrongError(f"{field}.{key}", unknown(key, allowed))


class _WrongError(Exception):
    """A field, and what is wrong with it."""


def _wrong(field: str, expected: str, found: Any) -> _WrongError:
    return _WrongError(field, f"{expected}, found {found!r}" if found is not None else f"missing; {expected}")


def _count(value: Any) -> float:
    return value if isinstance(value, int) else len(value)
