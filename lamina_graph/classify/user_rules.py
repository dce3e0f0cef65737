"""Rules of a user's own, from the `[[category]]` tables of a configuration."""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from math import inf
from typing import Annotated, Any, NamedTuple, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    model_validator,
)

from lamina_graph.classify.confidence import RULE_CONFIDENCE
from lamina_graph.classify.context import Context, count_feature
from lamina_graph.classify.rule import Rule, Verdict
from lamina_graph.errors import ConfigError
from lamina_graph.features import Shape
from lamina_graph.validation_errors import first_error
from lamina_graph.vocabulary import MODALITIES, Modality


class Range(NamedTuple):
    """The least and the most that a count may be."""

    least: float
    most: float


def _read_range(value: Any) -> Range:
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if between := re.fullmatch(r"([0-9]+)\s*\.\.\s*([0-9]+)", text):
        return Range(int(between[1]), int(between[2]))
    bound = re.fullmatch(r"(>=|<=|>|<|=)?\s*([0-9]+)", text)
    if not bound:
        raise ValueError(
            f'expected a number, a bound such as ">=3" or a range such as "2..5", found {value!r}'
        )
    number = int(bound[2])
    least, most = {">=": (0, inf), ">": (1, inf), "<=": (-inf, 0), "<": (-inf, -1)}.get(bound[1], (0, 0))
    return Range(number + least, number + most)


def _read_words(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _read_inputs(value: Any) -> Range | tuple[Modality, ...]:
    """Return the modalities that must go in, or how many inputs there may be."""
    names = _read_words(value)
    if isinstance(value, int) or (isinstance(value, str) and value not in MODALITIES):
        return _read_range(value)
    if not isinstance(names, list | tuple) or not all(name in MODALITIES for name in names):
        raise ValueError(f"expected a number, or some of {', '.join(MODALITIES)}, found {value!r}")
    return tuple(names)


Count = Annotated[Range, BeforeValidator(_read_range)]
_ANY = Range(0, inf)


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Condition(_Table):
    """The `when` of a table: what must hold, all of it. It is the test of its rule.

    Attributes:
        nodes, edges, ... deliverables: how large each count of the features may be.
        inputs: how many there may be, or the modalities that must go in.
        outputs: the modalities that must come out.
        shape: the shapes that the graph may have; any where empty.
        types: patterns (`*` for anything) of which each must match the type of some node.
        tasks: tasks of which each must be some node's.
    """

    nodes: Count = _ANY
    edges: Count = _ANY
    components: Count = _ANY
    depth: Count = _ANY
    width: Count = _ANY
    steps: Count = _ANY
    generations: Count = _ANY
    stages: Count = _ANY
    sources: Count = _ANY
    sinks: Count = _ANY
    deliverables: Count = _ANY
    inputs: Annotated[Range | tuple[Modality, ...], PlainValidator(_read_inputs)] = ()
    outputs: Annotated[tuple[Modality, ...], BeforeValidator(_read_words)] = ()
    shape: Annotated[tuple[Shape, ...], BeforeValidator(_read_words)] = ()
    types: Annotated[tuple[str, ...], BeforeValidator(_read_words)] = ()
    tasks: Annotated[tuple[str, ...], BeforeValidator(_read_words)] = ()

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expected a table of conditions")
        return self

    def __call__(self, context: Context) -> Verdict | None:
        """Return the verdict of a user's rule, or None where a condition does not hold."""
        facts, nodes = context.facts, context.nodes
        ranges = [(name, value) for name, value in self if isinstance(value, Range)]
        media = () if isinstance(self.inputs, Range) else self.inputs
        types = [node.type.lower() for node in nodes]
        holds = (
            all(least <= count_feature(facts, name) <= most for name, (least, most) in ranges)
            and (not self.shape or facts.shape in self.shape)
            and set(media) <= set(facts.input_modalities)
            and set(self.outputs) <= set(facts.output_modalities)
            and all(any(fnmatchcase(type_, pattern.lower()) for type_ in types) for pattern in self.types)
            and set(self.tasks) <= {node.task for node in nodes}
        )
        if not holds:
            return None
        path_nodes = (context.main_deliverable.id,) if context.main_deliverable else context.adj.ids[:1]
        return Verdict(
            "all that your rule asks for holds", "topology", path_nodes, RULE_CONFIDENCE["user's rule"]
        )


class _UserRule(_Table):
    label: Annotated[str, Field(pattern=r"\S")]
    when: Condition
    priority: Annotated[float, Field(strict=True)] = 1
    sentence: str = ""


class _Section(_Table):
    category: tuple[_UserRule, ...]


def user_rules(section: Sequence[Mapping[str, Any]], source: str = ".lamina-graph.toml") -> tuple[Rule, ...]:
    """Return the rules that `[[category]]` tables give, in the order in which they are tried.

    A table has a `label`, the category that it gives; `when`, what must hold; and a `priority`, by default
    1: rules of the package have 0, so one below 0 is tried after them. `when` may have `outputs` and
    `inputs` (modalities), `shape`, `types` (patterns), `tasks`, and counts such as `nodes` or `stages`, each
    a number, a bound such as ">=3", or a range such as "2..5".

    Args:
        section: the tables.
        source: the file that they stand in, for errors.

    Raises:
        ConfigError: a field that is missing, unknown, or has a value that cannot be used; the error names
        the field.

    >>> [rule.id for rule in user_rules([{"label": "reel", "when": {"outputs": ["video"], "stages": ">=2"}}])]
    ['user-reel']
    """
    if not section:
        return ()
    try:
        tables = _Section.model_validate({"category": section}).category
    except ValidationError as error:
        field, problem = first_error(error, tables=_Section)
        raise ConfigError(source, re.sub(r"(\.\w+)\[\d+\]$", r"\1", field), problem) from None
    rules = [_build_rule(table, row["when"]) for table, row in zip(tables, section, strict=True)]
    return tuple(sorted(rules, key=lambda rule: -rule.priority))


def _build_rule(table: _UserRule, when: Mapping[str, Any]) -> Rule:
    asks = ", ".join(f"{name} {value}" for name, value in when.items())
    return Rule(
        f"user-{table.label}",
        table.label,
        table.sentence or f"Your rule: {asks}.",
        f"your rule asks for {asks}",
        table.when,
        table.priority,
    )
