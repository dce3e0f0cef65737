"""What one's own code uses of apps, and what a change means to that code alone.

A change is breaking only where it touches a use. What cannot be related to the app, be it the name of the app
itself, of an input, an output or an option, may mean the very thing that changed: then the change counts as
touching it, and says "perhaps".
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from pydantic import Field, PrivateAttr, ValidationError

from lamina_graph.diff.fields import dump_json
from lamina_graph.diff.known_app import KnownApp, Part, list_names
from lamina_graph.diff.node_names import normalize, shorten
from lamina_graph.diff.values import SEVERITIES, Change
from lamina_graph.errors import InputError
from lamina_graph.model import Value
from lamina_graph.text import quote
from lamina_graph.validation_errors import error_text, suggest

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

    def named(self, part: Part) -> tuple[str, ...]:
        """Return the inputs or outputs that are named."""
        inputs = (*(self.inputs or ()), *self.sometimes, *self.options)
        return tuple(dict.fromkeys(inputs)) if part == "input" else self.outputs or ()

    def may_be_any(self, part: Part) -> bool:
        """Whether nothing says which inputs every call supplies, or which outputs are used."""
        return (self.inputs if part == "input" else self.outputs) is None

    def relation_to(self, app: KnownApp) -> Literal["same", "near", "alike", "unclear", "other"]:
        """Return whether this app is meant: surely, by an id or a name that comes near, perhaps, or not.

        >>> reel = KnownApp(ids=("6f1c2d3e4b5a",), names=("Quick Reel",))
        >>> AppUsage(id="6f1c2d3e4b5a").relation_to(reel), AppUsage(name="quick reel").relation_to(reel)
        ('same', 'same')
        >>> AppUsage(id="6f1c2d3e4b5b").relation_to(reel), AppUsage(name="Long Film").relation_to(reel)
        ('near', 'other')
        """
        ids, names = set(map(_fold_id, app.ids)), set(map(normalize, app.names))
        id_, name = _fold_id(self.id or ""), normalize((self.name or "").strip())
        if (id_ and id_ in ids) or (name and name in names and not (id_ and ids)):
            return "same"
        if self._settled:
            return "other"
        if any(id_ and _is_near_id(id_, each) for each in ids):
            return "near"
        if (
            (name and name in names)
            or (id_ and normalize(id_) in names)
            or (name and _fold_id(self.name or "") in ids)
        ):
            return "alike"
        if not (id_ and ids) and any(name and _is_near_name(self.name or "", each) for each in app.names):
            return "alike"
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
            raise InputError(f"{source}: names no app, so nothing could count as breaking", _FORM)
        for number, app in enumerate(usage.apps, 1):
            if not (app.id or "").strip() and not (app.name or "").strip():
                raise InputError(f"{source}: app {number}: neither `id` nor `name`", _FORM)
        return usage

    def among(self, apps: Iterable[KnownApp]) -> "Usage":
        """Return this usage where all apps are known: what surely means one of them means no other.

        A table with the id of one app and the name of another may mean either.
        """
        known = list(apps)
        usage = self.model_copy(deep=True)
        for app in usage.apps:
            same = [each for each in known if app.relation_to(each) == "same"]
            names = {normalize(name) for each in same for name in each.names}
            app._settled = bool(same) and (not app.name or normalize(app.name) in names)
        return usage

    def names(self, app: KnownApp) -> bool:
        """Whether an app is used, or may be."""
        return any(each.relation_to(app) != "other" for each in self.apps)


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
    related = [(each, each.relation_to(app)) for each in usage.apps]
    sure = any(relation == "same" for _, relation in related)
    wanted = ("same", "near") if sure else ("near", "alike", "unclear")
    meant = [pair for pair in related if pair[1] in wanted]
    changes = list(changes)
    rated = [_rate_for_usage(change, meant, app) for change in changes]
    doubtful = any(hit.startswith(_PERHAPS) for change in rated for hit in change.uses)
    unknown = []
    if not meant and not app.is_listed and any(change.severity == "breaking" for change in changes):
        unknown.append(
            f"usage: no app of it is {app.title}, so what breaks this counts as risky; list it with"
            " `inputs = []` and `outputs = []` if it is not used"
        )
    for each, relation in meant:
        if relation in ("near", "alike") or (relation == "unclear" and doubtful):
            used, this = _describe_identity([each.id], [each.name]), _describe_identity(app.ids, app.names)
            unknown.append(f"usage: an app with {used} is used, this one has {this}; is it meant?")
        if app.has_details or doubtful:
            unknown += _find_unknown_parts(each, app)
    return Scoped(tuple(sorted(rated, key=lambda c: SEVERITIES.index(c.severity))), tuple(unknown))


def unknown_usage(usage: Usage, apps: Iterable[KnownApp]) -> Iterator[tuple[KnownApp | None, str]]:
    """Yield what of a usage fits none of the apps that there are: the app, if that is known, and a sentence.

    >>> reel = KnownApp(ids=("6f1c2d3e4b5a",), names=("Quick Reel",))
    >>> [sentence for _, sentence in unknown_usage(Usage(apps=(AppUsage(name="Quick Real"),)), [reel])]
    ['usage: there is no app “Quick Real”; did you mean “Quick Reel”?']
    """
    known = list(apps)
    for each in usage.apps:
        same = [app for app in known if each.relation_to(app) == "same"]
        yield from ((app, text) for app in same if app.has_details for text in _find_unknown_parts(each, app))
        if not same:
            near = suggest(each.name or "", (name for app in known for name in app.names))
            near = near or suggest(each.id or "", (id_ for app in known for id_ in app.ids))
            yield None, f"usage: there is no app {quote(each.name or each.id or '', 80)}{_hint_at(near)}"


def _describe_identity(ids: Sequence[str | None], names: Sequence[str | None]) -> str:
    rows = (("id", next(iter(ids), None)), ("name", next(iter(names), None)))
    return " and ".join(f"the {what} {quote(value, 80)}" for what, value in rows if value) or "no id or name"


def _find_unknown_parts(usage: AppUsage, app: KnownApp) -> Iterator[str]:
    """Say which inputs, outputs and options of a usage the app does not have."""
    parts: tuple[Part, ...] = ("input", "output")
    for part in parts:
        known = app.in_details[part] | app.in_graph[part]
        for name in usage.named(part):
            if normalize(name) not in known:
                near = suggest(name, known.values())
                yield f"usage: {app.title} has no {part} {quote(name, 80)}{_hint_at(near)}"
    for name, values in usage.options.items():
        options = _collect_options(app, normalize(name))
        for value in values if options else ():
            if _fold_value(value) not in options:
                option, near = quote(_show_option(value), 80), suggest(_show_option(value), options.values())
                yield f"usage: input {quote(name, 80)} of {app.title} has no option {option}{_hint_at(near)}"


def _hint_at(near: str | None) -> str:
    return f"; did you mean {quote(near, 80)}?" if near else ""


# What a change touches


_PERHAPS = "perhaps "

_PARTS: dict[str, Part] = {
    "parameter-removed": "input",
    "required-parameter-removed": "input",
    "parameter-renamed": "input",
    "parameter-type-changed": "input",
    "option-removed": "input",
    "media-narrowed": "input",
    "multiple-refused": "input",
    "input-removed": "input",
    "input-modality-changed": "input",
    "input-renamed": "input",
    "output-removed": "output",
    "output-renamed": "output",
    "output-type-changed": "output",
    "deliverable-removed": "output",
    "deliverable-unreached": "output",
    "deliverable-modality-changed": "output",
    "deliverable-renamed": "output",
}
"""Which part of an app a change is about, by its rule; any other breaking change is about the whole."""


def _rate_for_usage(change: Change, meant: Iterable[tuple[AppUsage, str]], app: KnownApp) -> Change:
    hits: dict[str, None] = {}
    for usage, relation in meant:
        for hit in _find_hits(change, usage, app):
            sure = relation == "same" or hit.startswith(_PERHAPS)
            hits[hit if sure else _PERHAPS + hit] = None
    if change.rule in _PARTS or change.severity == "breaking":
        severity = "risky" if change.severity == "breaking" and not hits else change.severity
    else:
        severity = "breaking" if hits else change.severity
    return change.model_copy(update={"severity": severity, "uses": tuple(hits)})


def _find_hits(change: Change, usage: AppUsage, app: KnownApp) -> Iterator[str]:
    """Yield what of a usage a change touches, or perhaps does."""
    aliases = _collect_aliases(change, app)
    title = shorten(next(iter(aliases.values()), ""))
    part = _PARTS.get(change.rule)
    if change.rule in ("required-parameter-added", "parameter-required"):
        if aliases.keys().isdisjoint(map(normalize, usage.inputs or ())):
            yield f"calls without input {title}"
    elif part is None:
        lost = {key for id_ in change.nodes for key in app.lost_outputs.get(id_, ())}
        named = [f"output {shorten(name)}" for name in usage.named("output") if normalize(name) in lost]
        yield from ["the app"] if change.severity == "breaking" else named
    else:
        known = app.in_graph[part] | (app.in_details[part] if app.has_details else {})
        of_options = change.rule == "option-removed" and any(
            normalize(name) in aliases for name in usage.options
        )
        if of_options:
            yield from _find_option_hits(change, usage, app, aliases)
        elif usage.may_be_any(part):
            yield f"{part} {title}"
            return
        for name in usage.named(part):
            if normalize(name) in aliases:
                yield from [] if of_options else [f"{part} {shorten(name)}"]
            elif normalize(name) not in known:
                yield f"{_PERHAPS}{part} {shorten(name)}"


def _find_option_hits(
    change: Change, usage: AppUsage, app: KnownApp, aliases: Mapping[str, str]
) -> Iterator[str]:
    """Yield the values that calls supply and that are no longer taken, or that no version takes."""
    refused, allowed = ({_fold_value(each) for each in side or ()} for side in (change.before, change.after))
    known = _collect_options(app, normalize(change.subject or ""))
    for value in (
        value for name in usage.options if normalize(name) in aliases for value in usage.options[name]
    ):
        folded, hit = (
            _fold_value(value),
            f"option {shorten(_show_option(value))} of input {shorten(change.subject or '')}",
        )
        if folded in refused or (allowed and folded not in allowed):
            yield hit
        elif known and folded not in known:
            yield _PERHAPS + hit


def _collect_aliases(change: Change, app: KnownApp) -> dict[str, str]:
    """Return every name of what a change is about: of the parameter or output, and of the node."""
    names = [] if change.subject is None else [change.subject]
    names += [n for each in app.parameters if each.input_name == change.subject for n in list_names(each)]
    aliases: dict[str, str] = {}
    for name in names:
        aliases.setdefault(normalize(name), name)
    if change.nodes:
        aliases |= app.nodes.get(change.nodes[0], {})
    if change.subject is None:
        aliases |= {normalize(side): side for side in (change.before, change.after) if isinstance(side, str)}
    return aliases


def _collect_options(app: KnownApp, name: str) -> dict[str, str]:
    """Return the values that a parameter takes, or took: none where it takes anything."""
    return {
        _fold_value(option): _show_option(option)
        for each in app.parameters
        if name in map(normalize, list_names(each))
        for option in each.options or ()
    }


def _fold_value(option: Any) -> str:
    return dump_json(option.get("value", option) if isinstance(option, Mapping) else option).casefold()


def _show_option(option: Any) -> str:
    value = option.get("value", option) if isinstance(option, Mapping) else option
    return value if isinstance(value, str) else dump_json(value)


# Near misses


def _fold_id(id_: str) -> str:
    return unicodedata.normalize("NFKC", id_).strip().casefold()


def _extract_digits(name: str) -> str:
    return "".join(filter(str.isdigit, name))


def _is_near_id(one: str, other: str) -> bool:
    """Whether one id may be the other misspelt, cut, without its dashes, or within an address."""
    short, long_ = sorted((normalize(one), normalize(other)), key=len)
    return (len(short) >= _SHORTEST_ID and short in long_) or _differ_little(one, other, _SHORTEST_ID)


def _is_near_name(one: str, other: str) -> bool:
    """Whether one name may be the other misspelt, cut, prolonged, or in another order."""
    if _extract_digits(one) != _extract_digits(other):
        return False
    words, others = (set(re.findall(r"\w+", name.casefold())) for name in (one, other))
    return words <= others or others <= words or _differ_little(normalize(one), normalize(other), 4)


_SHORTEST_ID = 8


def _differ_little(one: str, other: str, least: int) -> bool:
    """Whether one text may be the other misspelt: by an edit or, where they are long, by two."""
    length = min(len(one), len(other))
    edits = 0 if length < least else 1 if length < 3 * least // 2 else 2
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return max(len(one), len(other)) - sum(block.size for block in blocks) <= edits
