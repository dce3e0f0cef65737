"""Detects changes of the input contract: the parameters and outputs that the API declares in an app's detail.

What callers send and get goes by names here, not by nodes: a parameter by the name that a run's `inputs` use,
an output by its label. What no rule knows is reported as a changed field, so that nothing is lost.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from lamina_graph.diff.detection import UnratedChange
from lamina_graph.diff.fields import compare_fields, dump_json, show_value
from lamina_graph.diff.lookalikes import explain_likeness
from lamina_graph.diff.node_names import list_some, shorten
from lamina_graph.model import ApiValue, App, Output, Parameter

P = TypeVar("P", Parameter, Output)


def detect_contract(old: App | None, new: App | None, *, renamed: bool = False) -> Iterator[UnratedChange]:
    """Yield how the input contract changed; nothing where a side is not known.

    Args:
        old: the app's detail before.
        new: the detail after.
        renamed: whether it is reported already that the app has another name.

    >>> old = App(app_id="a", name="Reel", parameters=[{"name": "Style", "key": "style", "type": "text"}])
    >>> [change.text for change in detect_contract(old, old.model_copy(update={"parameters": ()}))]
    ['Parameter removed: style (text)']
    """
    if old is None or new is None:
        return
    yield from _compare_parameters(old.parameters, new.parameters)
    yield from _compare_outputs(old.outputs, new.outputs)
    yield from _compare_detail(old, new, {"appId", "parameters", "outputs", *(["name"] if renamed else [])})


def unknown_contract(old: App | None, new: App | None) -> Iterator[str]:
    """Say where the input contract could not be compared, and why."""
    if (old is None) != (new is None):
        yield f"input contract: no app detail of the {'old' if old is None else 'new'} version"


# Pairs


def _pair_by_keys(old: Sequence[P], new: Sequence[P], *keys: Callable[[P], Hashable]) -> list[tuple[P, P]]:
    """Pair what has the same key, for one key after the other; the first two may be those of several."""
    pairs: list[tuple[P, P]] = []
    for number, key in enumerate(keys):
        left, right = ([each for each in side if not _is_paired(each, pairs)] for side in (old, new))
        pairs += _pair_by_key(left, right, key, several=number < 2)
    return pairs


def _is_paired(value: P, pairs: Iterable[tuple[P, P]]) -> bool:
    return any(value is each for pair in pairs for each in pair)


def _pair_by_key(
    old: Sequence[P], new: Sequence[P], key: Callable[[P], Hashable], several: bool
) -> Iterator[tuple[P, P]]:
    """Yield those with the same key; where `several` may have it, in their order, else only where one has."""
    left, right = _group_by_key(old, key), _group_by_key(new, key)
    for value in left:
        if value is not None and (several or len(left[value]) == len(right.get(value, ())) == 1):
            yield from zip(left[value], right.get(value, ()), strict=False)


def _group_by_key(values: Iterable[P], key: Callable[[P], Hashable]) -> dict[Hashable, list[P]]:
    by_key: dict[Hashable, list[P]] = {}
    for value in values:
        by_key.setdefault(key(value), []).append(value)
    return by_key


def _full_key(value: Parameter | Output) -> str:
    return dump_json(_dump_fields(value))


def _content_key(parameter: Parameter) -> str | None:
    """All but a parameter's names, as one text; None where that is too little to know it by."""
    if not parameter.description and len(parameter.options or ()) < 2:
        return None
    return dump_json(_dump_fields(parameter, {"key", "name", "id"}))


def _position_key(output: Output) -> Hashable:
    return None if output.index is None else (output.index, output.type)


# Parameters


def _compare_parameters(old: Sequence[Parameter], new: Sequence[Parameter]) -> Iterator[UnratedChange]:
    pairs = _pair_by_keys(
        old, new, _full_key, lambda p: p.input_name, lambda p: p.id, lambda p: p.name, _content_key
    )
    for before, after in pairs:
        yield from _compare_parameter(before, after)
    for side, word in ((old, "removed"), (new, "added")):
        for parameter in side:
            if not _is_paired(parameter, pairs):
                must = parameter.must_be_supplied
                more = ", which callers must supply" if must and word == "added" else ""
                text = f"Parameter {word}: {shorten(parameter.input_name)} ({shorten(parameter.type)}){more}"
                rule = f"{'required-' if must else ''}parameter-{word}"
                yield _added_or_removed(rule, text, parameter.input_name, _dump_fields(parameter), word)


def _compare_parameter(old: Parameter, new: Parameter) -> Iterator[UnratedChange]:
    """Yield what changed in a parameter; it goes by its old name, which its callers know."""
    change = partial(UnratedChange, nodes=(), subject=old.input_name)
    name = shorten(old.input_name)
    reported: set[str] = set()
    if old.input_name != new.input_name:
        reported |= {"key", "name"}
        text = f"Parameter renamed: {name} → {shorten(new.input_name)}"
        text += explain_likeness(old.input_name, new.input_name)
        yield change("parameter-renamed", text, before=old.input_name, after=new.input_name)
    if old.type != new.type:  # what may be given is another thing then, and part of this change
        reported |= {"type", "options", "accept"}
        fields = [
            {n: v for n, v in _dump_fields(side).items() if n in ("options", "accept")} for side in (old, new)
        ]
        text = f"Parameter {name} is {shorten(new.type)}, was {shorten(old.type)}"
        parts = compare_fields(*fields).phrases
        yield change("parameter-type-changed", text, before=old.type, after=new.type, parts=parts)
    if dump_json(old.default) != dump_json(new.default):
        reported.add("default")
        was, now = show_value(old.default), show_value(new.default)
        rule, text = "default-changed", f"Default of parameter {name} changed: {was} → {now}"
        if new.default is None:
            rule = "parameter-required"
            text = f"Parameter {name} must be supplied now: its default {was} is gone"
        elif old.default is None:
            rule, text = "parameter-optional", f"Parameter {name} may be left out now: {now} is its default"
        yield change(rule, text, before=old.default, after=new.default)
    for choice in _CHOICES:
        if choice.field not in reported:
            closed = choice.field == new.type and None not in (old.options, new.options)
            before, after = _choice_values(choice, old, new)
            for rule, text, lost, won in _compare_choices(choice, before, after, closed):
                reported.add(choice.field)
                yield change(rule, f"Parameter {name} {text}", before=lost, after=won)
    if bool(old.multiple) != bool(new.multiple):
        reported.add("multiple")
        rule, what = ("allowed", "several values") if new.multiple else ("refused", "only one value")
        text = f"Parameter {name} takes {what} now"
        yield change(f"multiple-{rule}", text, before=bool(old.multiple), after=bool(new.multiple))
    rest = compare_fields(_dump_fields(old, reported), _dump_fields(new, reported))
    if rest.names:
        text = f"Parameter {name}: {list_some(map(shorten, rest.names))} changed"
        yield change("parameter-changed", text, before=rest.before, after=rest.after, parts=rest.phrases)


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


def _compare_choices(
    choice: _Choice, old: Mapping[str, Any], new: Mapping[str, Any], closed: bool
) -> Iterator[tuple[str, str, list[Any] | None, list[Any] | None]]:
    """Yield what may no longer be given, and what may be: rule, words, before, after.

    No values are any, but where the choice is `closed`: an empty list of options leaves nothing to choose.
    """
    removed, added = (
        [side[key] for key in sorted(side.keys() - other.keys())] for side, other in ((old, new), (new, old))
    )
    if new and not old and not closed:
        yield choice.less, f"takes only {_list_values(added)} now", None, added
    elif old and not new and not closed:
        yield choice.more, f"takes anything now, not only {_list_values(removed)}", removed, None
    else:
        if removed:
            yield choice.less, f"{choice.refuses} {_list_values(removed)}", removed, None
        if added:
            yield choice.more, f"{choice.takes} {_list_values(added)}", None, added


def _choice_values(choice: _Choice, *sides: Parameter) -> Iterator[dict[str, Any]]:
    """Yield what may be given on each side by what a caller would send: of an object its `value`."""
    for side in sides:
        values = [
            option.get("value", option) if isinstance(option, Mapping) else option
            for option in getattr(side, choice.field) or ()
        ]
        yield {dump_json(value): value for value in values}


def _list_values(values: Iterable[Any]) -> str:
    return list_some(shorten(value if isinstance(value, str) else dump_json(value)) for value in values)


# Outputs


def _compare_outputs(old: Sequence[Output], new: Sequence[Output]) -> Iterator[UnratedChange]:
    pairs = _pair_by_keys(old, new, _full_key, lambda output: output.label, _position_key)
    for before, after in pairs:
        yield from _compare_output(before, after)
    for side, word in ((old, "removed"), (new, "added")):
        for output in side:
            if not _is_paired(output, pairs):
                medium = f" ({shorten(output.type)})" if output.type else ""
                text = f"Output {word}: {_describe_label(output)}{medium}"
                fields = _dump_fields(output, {"index"})
                yield _added_or_removed(f"output-{word}", text, output.label or "", fields, word)
    if len(pairs) == len(old) == len(new):
        yield from _compare_output_order(pairs)


def _compare_output(old: Output, new: Output) -> Iterator[UnratedChange]:
    change = partial(UnratedChange, nodes=(), subject=old.label or "")
    if old.label != new.label:
        text = f"Output renamed: {_describe_label(old)} → {_describe_label(new)}"
        text += explain_likeness(old.label or "", new.label or "")
        yield change("output-renamed", text, before=old.label, after=new.label)
    if old.type != new.type:
        was, now = shorten(old.type or "of no type"), shorten(new.type or "of no type")
        text = f"Output {_describe_label(old)} is {now}, was {was}"
        yield change("output-type-changed", text, before=old.type, after=new.type)
    known = {"index", "label", "type"}
    rest = compare_fields(_dump_fields(old, known), _dump_fields(new, known))
    if rest.names:
        text = f"Output {_describe_label(old)}: {list_some(map(shorten, rest.names))} changed"
        yield change("output-changed", text, before=rest.before, after=rest.after, parts=rest.phrases)


def _compare_output_order(pairs: Sequence[tuple[Output, Output]]) -> Iterator[UnratedChange]:
    before, after = ([pair[side].index for pair in pairs] for side in (0, 1))
    if before != after:
        yield UnratedChange("outputs-reordered", "The outputs come in another order", (), before, after)


def _describe_label(output: Output) -> str:
    return shorten(output.label or "") or "an output without a label"


# The detail itself


def _compare_detail(old: App, new: App, reported: set[str]) -> Iterator[UnratedChange]:
    changed = compare_fields(_dump_fields(old, reported), _dump_fields(new, reported))
    if changed.names:
        text = f"Detail of the app changed: {list_some(map(shorten, changed.names))}"
        yield UnratedChange("detail-changed", text, (), *changed, changed.phrases)


def _added_or_removed(rule: str, text: str, subject: str, fields: Any, word: str) -> UnratedChange:
    before, after = (None, fields) if word == "added" else (fields, None)
    return UnratedChange(rule, text, (), before, after, subject=subject)


def _dump_fields(value: ApiValue, exclude: Iterable[str] = ()) -> dict[str, Any]:
    given = value.model_dump(mode="json", exclude_none=True)
    return {name: each for name, each in given.items() if name not in exclude}
