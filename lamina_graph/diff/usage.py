"""What one's own code uses of apps, and what a change means to that code alone.

A change is breaking only where it touches a use. What cannot be related to the app, be it the name of the app
itself, of an input, an output or an option, may mean the very thing that changed: then the change counts as
touching it, and says "perhaps".
"""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from pydantic import Field, PrivateAttr, ValidationError

from lamina_graph.diff.fields import text
from lamina_graph.diff.values import Change
from lamina_graph.diff.words import bare, known_as, line
from lamina_graph.errors import InputError
from lamina_graph.features import Features, features
from lamina_graph.model import Output, Parameter, Value, Workflow
from lamina_graph.text import quote
from lamina_graph.validation import error_text, suggest
from lamina_graph.vocabulary import Vocabulary

_FORM = 'Each app stands under [[app]] with `id` or `name`, `inputs = ["..."]`, `outputs = ["..."]`.'


class AppUsage(Value):
    """How one's own code uses one app.

    Attributes:
        id, name: the app: its id, its name, or both.
        inputs: the inputs that every call supplies; None where that is not known.
        sometimes: inputs that some calls supply.
        options: of an input, the values that calls supply; of one that is not named here, any.
        outputs: the labels of the outputs that are used; None where all are.
    """

    id: str | None = None
    name: str | None = None
    inputs: tuple[str, ...] | None = None
    sometimes: tuple[str, ...] = ()
    options: dict[str, tuple[Any, ...]] = Field({})
    outputs: tuple[str, ...] | None = None
    _settled: bool = PrivateAttr(False)

    @property
    def supplied(self) -> tuple[str, ...]:
        """Every input that some call supplies, as far as that is known."""
        return tuple(dict.fromkeys((*(self.inputs or ()), *self.sometimes, *self.options)))

    def relation_to(self, app: "KnownApp") -> Literal["same", "near", "unclear", "other"]:
        """Return whether this app is meant: surely, by a near miss, perhaps for want of names, or not.

        >>> reel = KnownApp(ids=("6f1c2d3e4b5a",), names=("Quick Reel",))
        >>> AppUsage(id="6f1c2d3e4b5a").relation_to(reel), AppUsage(name="quick reel").relation_to(reel)
        ('same', 'same')
        >>> AppUsage(id="6f1c2d3e4b5b").relation_to(reel), AppUsage(name="Long Film").relation_to(reel)
        ('near', 'other')
        """
        ids, names = set(map(_folded, app.ids)), set(map(bare, app.names))
        id_, name = self.id and _folded(self.id), self.name and bare(self.name)
        if id_ in ids or (name in names and not (id_ and ids)):
            return "same"
        if self._settled:
            return "other"
        if name in names or (self.id and bare(self.id) in names) or (self.name and _folded(self.name) in ids):
            return "near"
        if any(id_ and _differ_little(id_, each, 8) for each in ids):
            return "near"
        if any(name and _digits(name) == _digits(each) and _differ_little(name, each, 4) for each in names):
            return "near"
        return "other" if (id_ and ids) or (name and names) else "unclear"


class Usage(Value):
    """What one's own code uses: the apps named, and nothing else."""

    apps: tuple[AppUsage, ...] = Field((), alias="app")

    @classmethod
    def of(cls, tables: Mapping[str, Any], source: str = "the usage") -> "Usage":
        """Return what the tables of a TOML file say.

        Raises:
            InputError: no app, a field that is not known, or an app with neither id nor name.

        >>> Usage.of({"app": [{"name": "Reels", "inputs": ["photo"]}]}).apps[0].inputs
        ('photo',)
        """
        try:
            usage = cls.model_validate(tables)
        except ValidationError as error:
            raise InputError(f"{source}: {error_text(error, tables=cls)}", _FORM) from error
        if not usage.apps:
            raise InputError(f"{source}: names no app, so that nothing could break", _FORM)
        for number, app in enumerate(usage.apps, 1):
            if app.id is None and app.name is None:
                raise InputError(f"{source}: app {number}: neither `id` nor `name`", _FORM)
        return usage

    def among(self, apps: Iterable["KnownApp"]) -> "Usage":
        """Return this usage where all apps are known: what surely means one of them means no other."""
        known = list(apps)
        usage = self.model_copy(deep=True)
        for app in usage.apps:
            app._settled = any(app.relation_to(each) == "same" for each in known)
        return usage

    def names(self, app: "KnownApp") -> bool:
        """Whether an app is used, or may be."""
        return any(each.relation_to(app) != "other" for each in self.apps)


@dataclass(frozen=True)
class KnownApp:
    """By what callers may know an app and its parts, in the versions at hand.

    Attributes:
        ids, names: of the app.
        parameters, outputs: those that the details name.
        complete: whether each version has a detail.
        versions: the workflows, each with its features where these are known.
        vocabulary: words of node types, by default the package's.
    """

    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    outputs: tuple[Output, ...] = ()
    complete: bool = False
    versions: tuple[tuple[Workflow, Features | None], ...] = field(default=(), repr=False)
    vocabulary: Vocabulary | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """What to call the app."""
        return line((*self.names, *self.ids, "the app")[0], 80)

    @cached_property
    def _analyzed(self) -> list[tuple[Workflow, Features]]:
        return [(w, known or features(w, vocabulary=self.vocabulary)) for w, known in self.versions]

    @cached_property
    def nodes(self) -> dict[str, dict[str, str]]:
        """The names of each node by its id, a deliverable's with those of the output nodes after it."""
        names: dict[str, dict[str, str]] = {}
        for workflow, known in self._analyzed:
            outputs = {node.id for node in known.facts if node.role == "output"}
            leaving = {deliverable.id for deliverable in known.deliverables}
            for node in workflow.nodes:
                names.setdefault(node.id, {}).update(known_as(node, self.vocabulary))
            for edge in workflow.edges:
                if edge.source in leaving and edge.target in outputs:
                    names[edge.source] |= names[edge.target]
        return names

    @cached_property
    def input_nodes(self) -> dict[str, str]:
        """The names of the nodes through which media enter."""
        return self._names_of(id_ for _, known in self._analyzed for id_ in known.inputs)

    @cached_property
    def output_nodes(self) -> dict[str, str]:
        """The names of the nodes through which media leave."""
        return self._names_of(
            id_
            for _, known in self._analyzed
            for id_ in (
                *(deliverable.id for deliverable in known.deliverables),
                *(node.id for node in known.facts if node.role == "output"),
            )
        )

    @cached_property
    def input_names(self) -> dict[str, str]:
        """The names of the parameters: key, id, name."""
        return {bare(name): each.input_name for each in self.parameters for name in _names(each)}

    @cached_property
    def output_labels(self) -> dict[str, str]:
        """The labels of the outputs."""
        return {bare(each.label): each.label for each in self.outputs if each.label}

    def _names_of(self, ids: Iterable[str]) -> dict[str, str]:
        return {key: name for id_ in ids for key, name in self.nodes.get(id_, {}).items()}


class Scoped(NamedTuple):
    """Changes as they concern one's own code, and what of its usage could not be related to the app."""

    changes: tuple[Change, ...]
    unknown: tuple[str, ...] = ()


def scope_to_usage(changes: Iterable[Change], usage: Usage, app: KnownApp) -> Scoped:
    """Return changes with the uses that they touch, the worst first; those that touch none are not breaking.

    Args:
        changes: of one app, the worst first.
        usage: what one's own code uses.
        app: by what the app and its parts may be known.
    """
    meant = _meant(usage, app)
    rated = [_rate(change, meant, app) for change in changes]
    doubtful = any(hit.startswith(_PERHAPS) for change in rated for hit in change.uses)
    unknown = [
        *(_nearly(each, app) for each, relation in meant if relation == "near"),
        *(_unclear(each, app) for each, relation in meant if relation == "unclear" and doubtful),
    ]
    if app.complete or doubtful:
        unknown += [sentence for each, _ in meant for sentence in _unknown_parts(each, app)]
    order = {"breaking": 0, "risky": 1, "cosmetic": 2}
    return Scoped(tuple(sorted(rated, key=lambda change: order[change.severity])), tuple(unknown))


def unknown_usage(usage: Usage, apps: Iterable[KnownApp]) -> Iterator[tuple[KnownApp | None, str]]:
    """Yield what of a usage fits none of the apps that there are: the app, if that is known, and a sentence.

    >>> reel = KnownApp(ids=("6f1c2d3e4b5a",), names=("Quick Reel",))
    >>> [sentence for _, sentence in unknown_usage(Usage(apps=(AppUsage(name="Quick Real"),)), [reel])]
    ['usage: there is no app “Quick Real”; did you mean “Quick Reel”?']
    """
    known = list(apps)
    for each in usage.apps:
        same = [app for app in known if each.relation_to(app) == "same"]
        if not same:
            near = suggest(each.name or "", (name for app in known for name in app.names))
            near = near or suggest(each.id or "", (id_ for app in known for id_ in app.ids))
            meant = f"; did you mean {quote(near, 80)}?" if near else ""
            yield None, f"usage: there is no app {quote(each.name or each.id or '', 80)}{meant}"
        for app in same:
            if app.complete:
                yield from ((app, sentence) for sentence in _unknown_parts(each, app))


def _meant(usage: Usage, app: KnownApp) -> list[tuple[AppUsage, str]]:
    """Return the tables that mean an app, each with how; those that only may where no table surely does."""
    related = [(each, each.relation_to(app)) for each in usage.apps]
    same = [pair for pair in related if pair[1] == "same"]
    return list(same or [pair for pair in related if pair[1] != "other"])


def _nearly(usage: AppUsage, app: KnownApp) -> str:
    named = " and ".join(
        f"{what} {quote(value, 80)}" for what, value in (("id", usage.id), ("name", usage.name)) if value
    )
    known = " and ".join(
        f"{what} {quote(values[0], 80)}" for what, values in (("id", app.ids), ("name", app.names)) if values
    )
    return f"usage: an app with the {named} is used, this one has the {known}; is it meant?"


def _unclear(usage: AppUsage, app: KnownApp) -> str:
    return f"usage: {quote(usage.name or usage.id or '', 80)} may be this app: nothing says what it is called"


def _unknown_parts(usage: AppUsage, app: KnownApp) -> Iterator[str]:
    """Say which inputs, outputs and options of a usage the app does not have."""
    inputs, outputs = app.input_names | app.input_nodes, app.output_labels | app.output_nodes
    for what, names, known in (
        ("input", usage.supplied, inputs),
        ("output", usage.outputs or (), outputs),
    ):
        for name in names:
            if bare(name) not in known:
                near = suggest(name, known.values())
                meant = f"; did you mean {quote(near)}?" if near else ""
                yield f"usage: {app.title} has no {what} {quote(name, 80)}{meant}"
    for name, values in usage.options.items():
        options = _options(app, bare(name))
        for value in values if options else ():
            if _sent(value) not in options:
                near = suggest(_shown(value), options.values())
                meant = f"; did you mean {quote(near)}?" if near else ""
                option = quote(_shown(value), 80)
                yield f"usage: input {quote(name, 80)} of {app.title} has no option {option}{meant}"


# What a change touches


_PERHAPS = "perhaps "


def _rate(change: Change, meant: Iterable[tuple[AppUsage, str]], app: KnownApp) -> Change:
    hits: dict[str, None] = {}
    for usage, relation in meant:
        for hit in _hits(change, usage, app):
            sure = relation == "same" or hit.startswith(_PERHAPS)
            hits[hit if sure else _PERHAPS + hit] = None
    severity = "risky" if change.severity == "breaking" and not hits else change.severity
    return change.model_copy(update={"severity": severity, "uses": tuple(hits)})


def _hits(change: Change, usage: AppUsage, app: KnownApp) -> Iterable[str]:
    touches = _TOUCHES.get(change.rule)
    if touches:
        return touches(change, usage, app)
    return ["the app"] if change.severity == "breaking" else []


def _parameter(change: Change, usage: AppUsage, app: KnownApp) -> Iterator[str]:
    """The parameter itself, where calls may supply it."""
    if usage.inputs is None:
        yield f"input {line(change.subject or '')}"
    else:
        known = app.input_names | app.input_nodes
        yield from _named("input", usage.supplied, _aliases(change, app), known)


def _option(change: Change, usage: AppUsage, app: KnownApp) -> Iterator[str]:
    """The values that calls supply and that are taken no more."""
    aliases = _aliases(change, app)
    supplied = [value for name, values in usage.options.items() if bare(name) in aliases for value in values]
    if not supplied:
        yield from _parameter(change, usage, app)
        return
    refused, allowed = ({_sent(each) for each in side or ()} for side in (change.before, change.after))
    known = _options(app, bare(change.subject or ""))
    for value in supplied:
        hit = f"option {line(_shown(value))} of input {line(change.subject or '')}"
        if _sent(value) in refused or (allowed and _sent(value) not in allowed):
            yield hit
        elif known and _sent(value) not in known:
            yield _PERHAPS + hit


def _must_supply(change: Change, usage: AppUsage, app: KnownApp) -> Iterator[str]:
    """A parameter that must be supplied, where some call may not do it."""
    if _aliases(change, app).isdisjoint(map(bare, usage.inputs or ())):
        yield f"calls without input {line(change.subject or '')}"


def _output(change: Change, usage: AppUsage, app: KnownApp) -> Iterator[str]:
    if usage.outputs is None:
        yield f"output {line(change.subject or '')}"
    else:
        known = app.output_labels | app.output_nodes
        yield from _named("output", usage.outputs, _aliases(change, app), known)


def _input_node(change: Change, usage: AppUsage, app: KnownApp) -> Iterator[str]:
    aliases = _node_aliases(change, app)
    known = app.input_nodes | (app.input_names if app.complete else {})
    if usage.inputs is None:
        yield f"input {line(next(iter(aliases.values()), ''))}"
    else:
        yield from _named("input", usage.supplied, aliases.keys(), known)


def _output_node(change: Change, usage: AppUsage, app: KnownApp) -> Iterator[str]:
    aliases = _node_aliases(change, app)
    known = app.output_nodes | (app.output_labels if app.complete else {})
    if usage.outputs is None:
        yield f"output {line(next(iter(aliases.values()), ''))}"
    else:
        yield from _named("output", usage.outputs, aliases.keys(), known)


def _named(
    what: str, names: Iterable[str], aliases: Collection[str], known: Collection[str]
) -> Iterator[str]:
    """Yield the names that mean what changed, and those that mean nothing known and so perhaps this."""
    for name in names:
        if bare(name) in aliases:
            yield f"{what} {line(name)}"
        elif bare(name) not in known:
            yield f"{_PERHAPS}{what} {line(name)}"


def _aliases(change: Change, app: KnownApp) -> set[str]:
    """Every name of the parameter or output that a change is about, and of the node behind it."""
    subject = change.subject or ""
    of_parameter = [name for each in app.parameters if each.input_name == subject for name in _names(each)]
    return {*map(bare, (subject, *of_parameter)), *(_node_aliases(change, app) if change.also else ())}


def _node_aliases(change: Change, app: KnownApp) -> dict[str, str]:
    """What the node that a change is about first was and is called."""
    names = [name for name in (change.before, change.after) if isinstance(name, str)]
    return (app.nodes.get(change.nodes[0], {}) if change.nodes else {}) | {bare(name): name for name in names}


def _names(parameter: Parameter) -> list[str]:
    return [name for name in (parameter.key, parameter.name, parameter.id) if name]


def _options(app: KnownApp, name: str) -> dict[str, str]:
    """The values that a parameter takes, or took: empty where it takes anything."""
    return {
        _sent(option): _shown(option)
        for each in app.parameters
        if name in map(bare, _names(each))
        for option in each.options or ()
    }


def _sent(option: Any) -> str:
    """The text of what a caller sends for an option, without case."""
    return text(option.get("value", option) if isinstance(option, Mapping) else option).casefold()


def _shown(option: Any) -> str:
    value = option.get("value", option) if isinstance(option, Mapping) else option
    return value if isinstance(value, str) else text(value)


_Touches = Callable[[Change, AppUsage, KnownApp], Iterator[str]]

_TOUCHES: dict[str, _Touches] = {
    "parameter-removed": _parameter,
    "required-parameter-removed": _parameter,
    "parameter-renamed": _parameter,
    "parameter-type-changed": _parameter,
    "media-narrowed": _parameter,
    "multiple-refused": _parameter,
    "option-removed": _option,
    "required-parameter-added": _must_supply,
    "parameter-required": _must_supply,
    "output-removed": _output,
    "output-renamed": _output,
    "output-type-changed": _output,
    "input-removed": _input_node,
    "input-modality-changed": _input_node,
    "input-renamed": _input_node,
    "deliverable-removed": _output_node,
    "deliverable-unreached": _output_node,
    "deliverable-modality-changed": _output_node,
    "deliverable-renamed": _output_node,
}
"""Which uses a change touches, by its rule; any other breaking change touches the app as a whole."""


# Near misses


def _folded(id_: str) -> str:
    return unicodedata.normalize("NFKC", id_).strip().casefold()


def _digits(name: str) -> str:
    return "".join(filter(str.isdigit, name))


def _differ_little(one: str, other: str, least: int) -> bool:
    """Whether one text may be the other misspelt: by an edit or, where they are long, by two."""
    length = min(len(one), len(other))
    edits = 0 if length < least else 1 if length < 3 * least // 2 else 2
    return abs(len(one) - len(other)) <= edits and _distance(one, other) <= edits


def _distance(one: str, other: str) -> int:
    """Return how many letters to insert, delete or replace (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]
