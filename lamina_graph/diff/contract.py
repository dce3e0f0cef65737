"""Tellers of the input contract: the parameters and outputs that an app's detail names.

What callers send and get goes by names here, not by nodes: a parameter by the name that a run's `inputs` use,
an output by its label. What no teller knows is told as a changed field, so that nothing is lost.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from lamina_graph.diff.draft import Draft
from lamina_graph.diff.fields import differences, text
from lamina_graph.diff.words import line, listed
from lamina_graph.model import ApiValue, App, Output, Parameter

P = TypeVar("P", Parameter, Output)
Fields = set[str]


class Pair(NamedTuple):
    """A parameter before and after."""

    old: Parameter
    new: Parameter

    @property
    def name(self) -> str:
        """What callers who know the old version call it."""
        return self.old.input_name


def contract(old: App | None, new: App | None, *, renamed: bool = False) -> Iterator[Draft]:
    """Tell how the input contract changed; nothing where a side is not known.

    Args:
        old: the app's detail before.
        new: the detail after.
        renamed: whether it is told already that the app has another name.

    >>> old = App(app_id="a", name="Reel", parameters=[{"name": "Style", "key": "style", "type": "text"}])
    >>> [draft.text for draft in contract(old, old.model_copy(update={"parameters": ()}))]
    ['Parameter removed: style (text)']
    """
    if old is None or new is None:
        return
    yield from _parameters(old.parameters, new.parameters)
    yield from _outputs(old.outputs, new.outputs)
    yield from _detail(old, new, {"appId", "parameters", "outputs", *(["name"] if renamed else [])})


def unknown_contract(old: App | None, new: App | None) -> Iterator[str]:
    """Say where the input contract could not be compared, and why."""
    if (old is None) != (new is None):
        yield f"input contract: no app detail of the {'old' if old is None else 'new'} version"


# Pairs


def _paired(old: Sequence[P], new: Sequence[P], *keys: Callable[[P], Hashable]) -> list[tuple[P, P]]:
    """Pair what has the same key, for one key after the other; the first two may be those of several."""
    pairs: list[tuple[P, P]] = []
    for number, key in enumerate(keys):
        left, right = ([each for each in side if not _among(each, pairs)] for side in (old, new))
        pairs += _alike(left, right, key, several=number < 2)
    return pairs


def _among(value: P, pairs: Iterable[tuple[P, P]]) -> bool:
    return any(value is each for pair in pairs for each in pair)


def _alike(
    old: Sequence[P], new: Sequence[P], key: Callable[[P], Hashable], several: bool
) -> Iterator[tuple[P, P]]:
    """Yield those with the same key; where `several` may have it, in their order, else only where one has."""
    left, right = _by_key(old, key), _by_key(new, key)
    for found in left:
        if found is not None and (several or len(left[found]) == len(right.get(found, ())) == 1):
            yield from zip(left[found], right.get(found, ()), strict=False)


def _by_key(values: Iterable[P], key: Callable[[P], Hashable]) -> dict[Hashable, list[P]]:
    found: dict[Hashable, list[P]] = {}
    for value in values:
        found.setdefault(key(value), []).append(value)
    return found


def _whole(value: Parameter | Output) -> str:
    return text(_fields(value))


def _substance(parameter: Parameter) -> str | None:
    """All but a parameter's names, as one text; None where that is too little to know it by."""
    if not parameter.description and len(parameter.options or ()) < 2:
        return None
    return text(_fields(parameter, {"key", "name", "id"}))


def _place(output: Output) -> Hashable:
    return None if output.index is None else (output.index, output.type)


# Parameters


def _parameters(old: Sequence[Parameter], new: Sequence[Parameter]) -> Iterator[Draft]:
    found = _paired(old, new, _whole, lambda p: p.input_name, lambda p: p.id, lambda p: p.name, _substance)
    for before, after in found:
        yield from _pair(Pair(before, after))
    for here, word in ((old, "removed"), (new, "added")):
        for each in here:
            if not _among(each, found):
                yield _whole_parameter(each, word)


def _whole_parameter(parameter: Parameter, word: str) -> Draft:
    must = parameter.must_be_supplied
    rule = f"{'required-' if must else ''}parameter-{word}"
    more = ", which callers must supply" if must and word == "added" else ""
    said = f"Parameter {word}: {line(parameter.input_name)} ({line(parameter.type)}){more}"
    return _one_sided(rule, said, parameter.input_name, _fields(parameter), word)


def _pair(pair: Pair) -> Iterator[Draft]:
    told: Fields = set()
    for tell in (_parameter_renamed, _type, _default, _choices, _multiple):
        yield from tell(pair, told)
    yield from _rest(pair, told)


def _parameter_renamed(pair: Pair, told: Fields) -> Iterator[Draft]:
    before, after = pair.old.input_name, pair.new.input_name
    if before != after:
        told |= {"key", "name"}
        said = f"Parameter renamed: {line(before)} → {line(after)}"
        yield Draft("parameter-renamed", said, (), before, after, subject=before)


def _type(pair: Pair, told: Fields) -> Iterator[Draft]:
    before, after = pair.old.type, pair.new.type
    if before != after:
        parts = _phrases(pair, {"options", "accept"})
        told |= {"type", "options", "accept"}
        said = f"Parameter {line(pair.name)} is {line(after)}, was {line(before)}"
        yield Draft("parameter-type-changed", said, (), before, after, parts, subject=pair.name)


def _default(pair: Pair, told: Fields) -> Iterator[Draft]:
    before, after = pair.old.default, pair.new.default
    if text(before) == text(after):
        return
    told.add("default")
    name, was, now = line(pair.name), line(text(before)), line(text(after))
    if after is None:
        rule, said = "parameter-required", f"Parameter {name} must be supplied now: its default {was} is gone"
    elif before is None:
        rule, said = "parameter-optional", f"Parameter {name} may be left out now: {now} is its default"
    else:
        rule, said = "default-changed", f"Default of parameter {name} changed: {was} → {now}"
    yield Draft(rule, said, (), before, after, subject=pair.name)


class _Choice(NamedTuple):
    """A field that names what may be given: the rules of its becoming smaller or larger, and their words."""

    field: str
    less: str
    more: str
    refuses: str
    takes: str


_CHOICES = (
    _Choice("options", "option-removed", "option-added", "no longer takes", "also takes"),
    _Choice("accept", "media-narrowed", "media-widened", "no longer accepts", "also accepts"),
)


def _choices(pair: Pair, told: Fields) -> Iterator[Draft]:
    for choice in _CHOICES:
        if choice.field not in told:
            old, new = (_values(getattr(side, choice.field)) for side in pair)
            tell = _bounds if bool(old) != bool(new) else _members
            for draft in tell(choice, f"Parameter {line(pair.name)}", old, new):
                told.add(choice.field)
                yield replace(draft, subject=pair.name)


def _bounds(choice: _Choice, who: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Draft]:
    """Tell that anything could be given and only some may be now, or the other way round."""
    before, after = _sorted(old) or None, _sorted(new) or None
    if after:
        yield Draft(choice.less, f"{who} takes only {_listed(after)} now", (), before, after)
    elif before:
        yield Draft(choice.more, f"{who} takes anything now, not only {_listed(before)}", (), before, after)


def _members(choice: _Choice, who: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Draft]:
    """Tell what may no longer be given, and what may be."""
    lost, won = (
        _sorted({key: here[key] for key in here.keys() - there.keys()})
        for here, there in ((old, new), (new, old))
    )
    if lost:
        yield Draft(choice.less, f"{who} {choice.refuses} {_listed(lost)}", (), lost, None)
    if won:
        yield Draft(choice.more, f"{who} {choice.takes} {_listed(won)}", (), None, won)


def _multiple(pair: Pair, told: Fields) -> Iterator[Draft]:
    before, after = bool(pair.old.multiple), bool(pair.new.multiple)
    if before != after:
        told.add("multiple")
        rule = "multiple-allowed" if after else "multiple-refused"
        said = f"Parameter {line(pair.name)} takes {'several values' if after else 'only one value'} now"
        yield Draft(rule, said, (), before, after, subject=pair.name)


def _rest(pair: Pair, told: Fields) -> Iterator[Draft]:
    """Tell the fields that no teller of their own knows, the shown name and the description among them."""
    changed = differences(_fields(pair.old, told), _fields(pair.new, told))
    if changed.names:
        said = f"Parameter {line(pair.name)}: {listed(map(line, changed.names))} changed"
        parts = changed.phrases
        yield Draft("parameter-changed", said, (), changed.before, changed.after, parts, subject=pair.name)


# Outputs


def _outputs(old: Sequence[Output], new: Sequence[Output]) -> Iterator[Draft]:
    found = _paired(old, new, _whole, lambda output: output.label, _place)
    for before, after in found:
        yield from _output(before, after)
    for here, there, word in ((old, found, "removed"), (new, found, "added")):
        for each in here:
            if not _among(each, there):
                medium = f" ({line(each.type)})" if each.type else ""
                said = f"Output {word}: {_label(each)}{medium}"
                yield _one_sided(f"output-{word}", said, each.label or "", _fields(each, {"index"}), word)
    if len(found) == len(old) == len(new):
        yield from _order_of_outputs(found)


def _output(old: Output, new: Output) -> Iterator[Draft]:
    name = old.label or ""
    if old.label != new.label:
        said = f"Output renamed: {_label(old)} → {_label(new)}"
        yield Draft("output-renamed", said, (), old.label, new.label, subject=name)
    if old.type != new.type:
        said = (
            f"Output {_label(old)} is {line(new.type or 'of no type')}, was {line(old.type or 'of no type')}"
        )
        yield Draft("output-type-changed", said, (), old.type, new.type, subject=name)
    known = {"index", "label", "type"}
    changed = differences(_fields(old, known), _fields(new, known))
    if changed.names:
        said = f"Output {_label(old)}: {listed(map(line, changed.names))} changed"
        yield Draft("output-changed", said, (), changed.before, changed.after, changed.phrases, subject=name)


def _order_of_outputs(found: Sequence[tuple[Output, Output]]) -> Iterator[Draft]:
    before, after = ([pair[side].index for pair in found] for side in (0, 1))
    if before != after:
        yield Draft("outputs-reordered", "The outputs come in another order", (), before, after)


def _label(output: Output) -> str:
    return line(output.label or "") or "an output without a label"


# The detail itself


def _detail(old: App, new: App, told: Fields) -> Iterator[Draft]:
    changed = differences(_fields(old, told), _fields(new, told))
    if changed.names:
        said = f"Detail of the app changed: {listed(map(line, changed.names))}"
        yield Draft("detail-changed", said, (), changed.before, changed.after, changed.phrases)


def _one_sided(rule: str, said: str, subject: str, fields: Any, word: str) -> Draft:
    before, after = (None, fields) if word == "added" else (fields, None)
    return Draft(rule, said, (), before, after, subject=subject)


def _fields(value: ApiValue, but: Iterable[str] = ()) -> dict[str, Any]:
    given = value.model_dump(mode="json", exclude_none=True)
    return {name: each for name, each in given.items() if name not in but}


def _phrases(pair: Pair, names: Iterable[str]) -> list[str]:
    before, after = ({n: v for n, v in _fields(side).items() if n in names} for side in pair)
    return differences(before, after).phrases


def _values(given: Sequence[Any] | None) -> dict[str, Any]:
    """Return what may be given by what a caller would send: of an object its `value`."""
    return {text(_sent(each)): _sent(each) for each in given or ()}


def _sent(option: Any) -> Any:
    return option.get("value", option) if isinstance(option, Mapping) else option


def _sorted(values: Mapping[str, Any]) -> list[Any]:
    return [values[key] for key in sorted(values)]


def _listed(values: Iterable[Any]) -> str:
    return listed(map(_said, values))


def _said(value: Any) -> str:
    return line(value if isinstance(value, str) else text(value))
