"""What one's own code uses of apps, and what a change means to that code alone.

A change is breaking only where it touches a use. A name that the old version does not know under any form may
mean the very thing that changed: then the change counts as touching it, and says so.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from pydantic import Field, ValidationError

from lamina_graph.diff.fields import text
from lamina_graph.diff.values import SEVERITIES, Change, Diff
from lamina_graph.diff.words import bare, known_as, line
from lamina_graph.errors import InputError
from lamina_graph.model import Value, Workflow
from lamina_graph.validation import error_text
from lamina_graph.vocabulary import Vocabulary


class Use(Value):
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

    def is_of(self, app_id: str | None, *names: str | None) -> bool:
        """Whether an app with this id and one of these names is meant."""
        return self.id == app_id if self.id and app_id else self.name is not None and self.name in names


class Uses(Value):
    """What one's own code uses: the apps named, and nothing else."""

    apps: tuple[Use, ...] = Field((), alias="app")

    @classmethod
    def of(cls, tables: Mapping[str, Any], source: str = "the uses") -> "Uses":
        """Return what the tables of a TOML file say.

        Raises:
            InputError: a field that is not known, or an app with neither id nor name.

        >>> Uses.of({"app": [{"name": "Reels", "inputs": ["photo"]}]}).apps[0].inputs
        ('photo',)
        """
        try:
            found = cls.model_validate(tables)
        except ValidationError as error:
            raise InputError(f"{source}: {error_text(error, tables=cls)}", _FORM) from error
        for number, app in enumerate(found.apps, 1):
            if app.id is None and app.name is None:
                raise InputError(f"{source}: app {number}: neither `id` nor `name`", _FORM)
        return found

    def find(self, app_id: str | None, *names: str | None) -> Use | None:
        """Return how an app is used, or None where it is not."""
        return next((use for use in self.apps if use.is_of(app_id, *names)), None)


_FORM = 'Each app stands under [[app]] with `id` or `name`, `inputs = ["..."]`, `outputs = ["..."]`.'


def within(found: Diff, uses: Uses, app_id: str | None = None, name: str | None = None) -> Diff:
    """Return a diff as it concerns one's own code: breaking is only what touches a use.

    Args:
        found: the diff.
        uses: what one's own code uses.
        app_id: which app it is, where the workflows do not say.
        name: what it is called, likewise.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.files import load
    >>> old = load({"name": "Reels", "nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> new = old.model_copy(update={"nodes": ()})
    >>> [change.severity for change in within(diff(old, new), Uses()).changes]
    ['risky', 'risky', 'risky', 'risky']
    """
    id_ = app_id or found.new.app_id or found.old.app_id
    use = uses.find(id_, found.old.name, found.new.name, name)
    changes = touching(
        found.changes, use, found.old_workflow, found.new_workflow, vocabulary=found.vocabulary
    )
    worst = min((c.severity for c in changes if not c.accepted), key=SEVERITIES.index, default=None)
    return found.model_copy(update={"changes": changes, "severity": worst})


def touching(
    changes: Iterable[Change], use: Use | None, *versions: Workflow, vocabulary: Vocabulary | None = None
) -> tuple[Change, ...]:
    """Return changes with the uses that they touch, the worst first; those that touch none are not breaking.

    Args:
        changes: of one app, the worst first.
        use: how the app is used; None where it is not.
        versions: the workflow before and after, where there are both.
        vocabulary: words of node types, by default the package's.
    """
    nodes = _Nodes(versions, vocabulary)
    told = [_touching(change, use, nodes) for change in changes]
    return tuple(sorted(told, key=lambda change: SEVERITIES.index(change.severity)))


class _Nodes:
    """The nodes of both versions by their names; worked out when a change first asks for it."""

    def __init__(self, versions: Sequence[Workflow], vocabulary: Vocabulary | None) -> None:
        self._versions, self._vocabulary = versions, vocabulary

    @cached_property
    def by_id(self) -> dict[str, dict[str, str]]:
        """What each node is called, by id: bare names, and the names themselves."""
        found: dict[str, dict[str, str]] = {}
        for node in (node for workflow in self._versions for node in workflow.nodes):
            found.setdefault(node.id, {}).update(known_as(node, self._vocabulary))
        return found

    @cached_property
    def names(self) -> set[str]:
        """Every bare name of a node."""
        return {name for names in self.by_id.values() for name in names}


def _touching(change: Change, use: Use | None, nodes: _Nodes) -> Change:
    hits = tuple(_hits(change, use, nodes)) if use else ()
    severity = "risky" if change.severity == "breaking" and not hits else change.severity
    return change.model_copy(update={"severity": severity, "uses": hits})


def _hits(change: Change, use: Use, nodes: _Nodes) -> Iterable[str]:
    tell = _TELLERS.get(change.rule)
    if tell:
        return tell(change, use, nodes)
    return [_THE_APP] if change.severity == "breaking" else []


_THE_APP = "the app"


def _input(change: Change, use: Use, nodes: _Nodes) -> Iterator[str]:
    """The parameter itself, where calls may supply it."""
    if change.subject is not None and (use.inputs is None or change.subject in (*use.inputs, *use.sometimes)):
        yield f"input {line(change.subject)}"


def _option(change: Change, use: Use, nodes: _Nodes) -> Iterator[str]:
    """The values that calls supply and that are taken no more."""
    supplied = use.options.get(change.subject or "")
    if supplied is None:
        yield from _input(change, use, nodes)
        return
    refused, allowed = ({text(each) for each in side or ()} for side in (change.before, change.after))
    for value in supplied:
        if text(value) in refused or (allowed and text(value) not in allowed):
            said = value if isinstance(value, str) else text(value)
            yield f"option {line(said)} of input {line(change.subject or '')}"


def _must(change: Change, use: Use, nodes: _Nodes) -> Iterator[str]:
    """A parameter that must be supplied, where some call may not do it."""
    if change.subject not in (use.inputs or ()):
        yield f"calls without input {line(change.subject or '')}"


def _output(change: Change, use: Use, nodes: _Nodes) -> Iterator[str]:
    if use.outputs is None or change.subject in use.outputs:
        yield f"output {line(change.subject or '')}"


def _node(what: str, names: Callable[[Use], Collection[str] | None]) -> "_Teller":
    """Return a teller of nodes that stand for what is used under a name."""

    def tell(change: Change, use: Use, nodes: _Nodes) -> Iterator[str]:
        used, subject = names(use), _subject(change, nodes)
        if used is None:
            yield f"{what} {line(next(iter(subject.values()), ''))}"
            return
        for name in used:
            if bare(name) in subject:
                yield f"{what} {line(name)}"
            elif bare(name) not in nodes.names:
                yield f"perhaps {what} {line(name)}"

    return tell


def _subject(change: Change, nodes: _Nodes) -> dict[str, str]:
    """What the node that a change is about first was and is called."""
    said = [name for name in (change.before, change.after) if isinstance(name, str)]
    known = nodes.by_id.get(change.nodes[0], {}) if change.nodes else {}
    return {bare(name): name for name in said} | known


_Teller = Callable[[Change, Use, _Nodes], Iterator[str]]

_INPUTS = _node("input", lambda use: None if use.inputs is None else (*use.inputs, *use.sometimes))
_OUTPUTS = _node("output", lambda use: use.outputs)

_TELLERS: dict[str, _Teller] = {
    **dict.fromkeys(
        (
            *("parameter-removed", "required-parameter-removed", "parameter-renamed"),
            *("parameter-type-changed", "media-narrowed", "multiple-refused"),
        ),
        _input,
    ),
    "option-removed": _option,
    **dict.fromkeys(("required-parameter-added", "parameter-required"), _must),
    **dict.fromkeys(("output-removed", "output-renamed", "output-type-changed"), _output),
    **dict.fromkeys(("input-removed", "input-modality-changed", "input-renamed"), _INPUTS),
    **dict.fromkeys(
        (
            *("deliverable-removed", "deliverable-unreached", "deliverable-modality-changed"),
            "deliverable-renamed",
        ),
        _OUTPUTS,
    ),
}
"""Who tells what a change touches, by its rule; any other breaking change touches the app as a whole."""
