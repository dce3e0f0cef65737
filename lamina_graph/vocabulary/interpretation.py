"""What the phrases of one type say together."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from lamina_graph.vocabulary.phrases import Phrase
from lamina_graph.vocabulary.reading import PARTS, Modality, Part, Reading, Role

CERTAINTY = {
    "stated": 0.95,  # a part of a model, a strong word for an end, a named model that turns X into Y
    "named": 0.9,  # a task, a model, a setting
    "made": 0.85,  # a verb of making beside a medium
    "called": 0.8,  # a weak word for an end beside a medium; text beside a model: its prompt
    "vague": 0.6,  # a vendor that makes several media; a weak word for what steers
    "bare": 0.5,  # an input without a medium
    "hinted": 0.4,  # a medium alone
}
"""How far to trust a role, by what tells it.

These are ranks, not measured shares: set by hand on the labelled graphs of development, so that what is vague
or less gives way to a label and to the graph, and what is called an input to what feeds it.
"""

_SELDOM_NAMED = ("audio", "3d", "vector")
"""What a model makes without a word for it: text or a picture named beside it is what it starts from."""


def interpret(phrases: Sequence[Phrase], tables: Mapping[str, Any]) -> Reading:
    """Return what phrases say together: by the first rule on the role that holds."""
    view = PhraseView(phrases, tables)
    readings = (rule(view) for rule in _RULES)
    reading = next(filter(None, readings), Reading(gives=view.gives))
    return reading._replace(
        takes=view.takes,
        brand=view.brand,
        named=bool(view.gives),
        words=tuple(phrase.text for phrase in phrases),
    )


class PhraseView:
    """The phrases of a type, seen by kind.

    Attributes:
        head: the phrases before the first "with", "from", "for": what follows it does not come out.
        last: the last phrase that is no filler.
        parts, strong, weak: parts of a model, and roles by strong and by weak words.
        takes, gives: what goes in and what comes out, by words for media.
        converts: whether the words say "X to Y".
    """

    def __init__(self, phrases: Sequence[Phrase], tables: Mapping[str, Any]) -> None:
        self.phrases, self.tables = phrases, tables
        self.head = _before_stop(phrases) or phrases
        self.last = next((p for p in reversed(phrases) if not p.of("filler")), Phrase("", ()))
        self.parts: list[Part] = [part for phrase in self.head for part in phrase.of("part")]
        self.strong = {role for phrase in self.head for role in phrase.of("strong")}
        self.weak = set(self.of("weak"))
        conversion = self._conversion()
        self.converts = conversion is not None
        self.takes, self.gives = conversion or self._media()

    def of(self, kind: str) -> list[Any]:
        """Return what the phrases say of one kind, in order."""
        return [value for phrase in self.phrases for value in phrase.of(kind)]

    @cached_property
    def task(self) -> str | None:
        """The first task of the table that a phrase names; a model's name only where no other does."""
        naming = [phrase for phrase in _before_stop(self.phrases) if phrase.of("task")]
        verbs = [phrase for phrase in naming if not phrase.of("family")] or naming
        return _first([task for phrase in verbs for task in phrase.of("task")], self.tables["tasks"])

    @cached_property
    def row(self) -> Mapping[str, Any]:
        """The table's row of the task."""
        return self.tables["tasks"].get(self.task) or {}

    @cached_property
    def transforms(self) -> bool:
        """Whether the task changes a medium that is there."""
        return self.row.get("role") == "transform"

    @cached_property
    def family(self) -> str | None:
        """The model that is named last; one that makes media before one that writes."""
        named = self.of("family")
        media: list[str] = [f for f in named if self.tables["families"][f]["gives"] != "text"]
        return next(reversed(media or named), None)

    @cached_property
    def brand(self) -> str | None:
        """The model that is named, else the vendor."""
        return self.family or _first(self.of("vendor"), self.tables["vendors"])

    @cached_property
    def usual(self) -> tuple[Modality, ...]:
        """What the brand makes where no word says otherwise."""
        row = self.tables["families"].get(self.family) or self.tables["vendors"].get(self.brand)
        return (row["gives"],) if row else ()

    @cached_property
    def made(self) -> tuple[Modality, ...]:
        """What comes out: by a word, else by the task, else by the brand."""
        result: Modality | None = self.row.get("gives")
        if self.row.get("always") or (result and self.gives == ("text",)):
            return (result,) if result else ()  # text is what such a task starts from
        if self.gives == ("3d",) and self.transforms and result == "image" and not self.converts:
            return (result,)  # a map of depth or of a pose is a picture, of whatever name
        rare = self.usual if self.usual and self.usual[0] in _SELDOM_NAMED else ()
        return self.gives or rare or ((result,) if result else self.usual)

    @cached_property
    def pictured(self) -> tuple[Modality, ...]:
        """What comes in: by a word for a medium, else a picture of the garment or the person named."""
        return self.gives or (("image",) if {"garment", "person"}.intersection(self.of("subject")) else ())

    @cached_property
    def asks(self) -> bool:
        """Whether the words end in one for an input: a "select input" is none that selects among inputs."""
        return self.last.of("weak") == ["input"]

    def _conversion(self) -> tuple[tuple[Modality, ...], tuple[Modality, ...]] | None:
        """Return X and Y where the words say "X to Y"; to be scaled to a size is none."""
        for i, phrase in enumerate(self.phrases):
            if phrase.of("to"):
                source, rest = _media_of(self.phrases[:i], "origin"), _before_stop(self.phrases[i + 1 :])
                target = _media_of(rest, "result" if source else "")
                if target and not (target == ("data",) and self.transforms):
                    return source[-1:], target[:1]
        return None

    def _media(self) -> tuple[tuple[Modality, ...], tuple[Modality, ...]]:
        """Return what goes in and what comes out where no "X to Y" says it."""
        named, usual = _media_of(self.head), self.usual
        strong = [medium for phrase in self.head for medium in phrase.of("medium")]
        if strong and (self.transforms or self.of("load")):  # a size or a mode is how it is done
            named = tuple(medium for medium in named if medium != "data") or named
        makes = next((medium for phrase in self.head for medium in phrase.of("makes")), None)
        if makes and (usual, makes) != (("3d",), "video"):  # a model in 3D stays one when it is animated
            return tuple(medium for medium in named if medium != makes)[-1:], (makes,)
        if usual and usual[0] in named:
            return (), usual
        if usual and self._starts_from(named, strong):
            return named[-1:], usual if named else ()
        return _media_of(self.phrases[len(self.head) :])[-1:], named[-1:]

    def _starts_from(self, named: tuple[Modality, ...], strong: Sequence[Modality]) -> bool:
        """Whether words name what a model is given, not what it makes: a character, an image reference."""
        if self.usual[0] in _SELDOM_NAMED and set(named) <= {"text", "image"}:
            return True
        if self.usual[0] == "image" or self.transforms:
            return False
        return (not strong and self.usual[0] != "text") or (strong == ["image"] and self.asks)


def _first(keys: Sequence[str], table: Mapping[str, Any]) -> str | None:
    """Return the key that comes first in a table."""
    return min(keys, key=list(table).index, default=None)


def _before_stop(phrases: Sequence[Phrase]) -> Sequence[Phrase]:
    """Return the phrases before a stop; an "and" between verbs is none."""
    for i, phrase in enumerate(phrases):
        if phrase.of("stop") and (phrase.text != "and" or _media_of(phrases[:i])):
            return phrases[:i]
    return phrases


def _media_of(phrases: Sequence[Phrase], beside: str = "") -> tuple[Modality, ...]:
    """Return the media that phrases name: by words for them and those beside "to", else by hints."""
    strong = [value for phrase in phrases for kind in ("medium", beside) for value in phrase.of(kind)]
    return tuple(strong or [value for phrase in phrases for value in phrase.of("hint")])


def _loads_model(view: PhraseView) -> Reading | None:
    """What loads a model is a part of it; what loads a medium is an input, as `_is_put_in` says."""
    if not view.of("load"):
        return None
    network = not view.of("medium") and (view.of("network") or view.family or view.task in _TASKS_OF_NETWORKS)
    if view.parts:
        main = "model" in view.parts and not view.task and set(view.parts) <= {"model", "patch"}
        part: Part = "model" if main else "patch" if "patch" in view.parts else "aux"
        return Reading("control", part, gives=view.made, certainty=CERTAINTY["stated"])
    if network:
        return Reading("control", "aux", certainty=CERTAINTY["named"])
    if view.pictured:
        return None
    if view.weak == {"input"}:
        return Reading("input", certainty=CERTAINTY["bare"])
    return Reading("control", "aux", certainty=CERTAINTY["hinted"])


_TASKS_OF_NETWORKS = frozenset(("segment", "pose", "depth", "caption", "try-on", "remove-background"))
"""Tasks that a network does: to load one is to load that network."""


def _steers(view: PhraseView) -> Reading | None:
    """What chooses or configures steers a model; where the words end in one for an input, it asks a user."""
    if view.brand and view.phrases[-1].of("handle"):
        return Reading("control", certainty=CERTAINTY["named"])
    if "control" not in view.strong or (view.transforms and view.of("to")):
        return None  # "resize to preset" resizes
    if view.converts and view.gives != ("data",) and "control" not in view.phrases[-1].of("strong"):
        return None
    if view.asks and not view.brand and view.gives in ((), ("data",)):
        return Reading("input", gives=view.gives, certainty=CERTAINTY["bare"])
    gives = view.gives if not view.brand or view.gives == ("text",) else ()
    return Reading("control", gives=gives, certainty=CERTAINTY["named"])


def _is_part(view: PhraseView) -> Reading | None:
    if not view.parts or (view.converts and "encoder" not in view.parts):
        return None
    part = min(view.parts, key=PARTS.index)
    if part == "patch" and view.family and view.of("vendor"):
        return None  # a service that runs a model with a LoRA
    if part == "aux" and view.transforms:
        return None
    role: Role = "generate" if part == "sampler" else "transform" if part == "decoder" else "control"
    return Reading(role, part, view.task, gives=view.gives or view.usual, certainty=CERTAINTY["stated"])


def _is_put_in(view: PhraseView) -> Reading | None:
    """What is uploaded or loaded comes in; of a garment or a person it is a picture."""
    if "input" not in view.strong and not view.of("load"):
        return None
    gives = view.pictured or (view.usual if view.usual == ("3d",) else ())
    if gives and gives != ("data",):
        return Reading("input", gives=gives, certainty=CERTAINTY["stated"])
    if "input" in view.strong and "control" not in view.weak:
        return Reading("input", gives=gives, certainty=CERTAINTY["bare"])
    return Reading("control", gives=gives, certainty=CERTAINTY["stated"])


def _converts(view: PhraseView) -> Reading | None:
    """A model that turns X into Y generates, whatever else the words say."""
    if not view.converts or not view.brand or view.row.get("always"):
        return None
    task = view.task if view.row.get("role") == "generate" else None
    return Reading("generate", task=task, gives=view.gives, certainty=CERTAINTY["stated"])


def _is_value(view: PhraseView) -> Reading | None:
    if view.gives != ("data",):
        return None
    role: Role = "input" if view.asks else "control"
    return Reading(role, gives=view.gives, certainty=CERTAINTY["bare" if view.asks else "named"])


def _does_task(view: PhraseView) -> Reading | None:
    """What does a task; text that it is done to is joined, or drawn on a picture or a video."""
    if not view.task or (view.asks and view.gives and not view.brand):
        return None  # a script input is an input
    role, gives = view.row["role"], view.made
    if role == "transform" and gives == ("text",) and not view.of("medium"):
        gives = _media_of([phrase for phrase in view.phrases if phrase.of("task")])[:1] or gives
    if role == "transform" and gives == ("text",):
        joins = _media_of([phrase for phrase in view.phrases if not phrase.of("task")])
        role, gives = ("control", gives) if joins else (role, ())
    return Reading(role, task=view.task, gives=gives, certainty=CERTAINTY["named"])


def _runs_model(view: PhraseView) -> Reading | None:
    """What names a model or a vendor generates; text beside a model that makes other media is its prompt."""
    if not view.brand:
        return None
    if view.family and view.gives == ("text",) and view.usual != ("text",):
        return Reading("control", gives=view.gives, certainty=CERTAINTY["called"])
    certainty = CERTAINTY["named" if view.family or view.gives else "vague"]
    return Reading("generate", gives=view.made, certainty=certainty)


def _makes_medium(view: PhraseView) -> Reading | None:
    """What turns X into Y, or makes X, generates it; what turns a mesh into a mesh does not."""
    if not view.gives or not (view.converts or "generate" in view.weak or view.of("makes")):
        return None
    if view.converts and view.gives == ("text",) and not {"image", "video", "audio"}.intersection(view.takes):
        return Reading("control", gives=view.gives, certainty=CERTAINTY["called"])
    same = view.converts and view.takes == view.gives and view.gives[0] in ("3d", "vector")
    return Reading("transform" if same else "generate", gives=view.gives, certainty=CERTAINTY["made"])


def _is_called_input(view: PhraseView) -> Reading | None:
    """What is called an input is one, also where no word says of which medium."""
    if "input" not in view.weak or not (view.gives or view.asks or view.weak == {"input"}):
        return None
    return Reading("input", gives=view.gives, certainty=CERTAINTY["called" if view.gives else "bare"])


def _role_where(holds: Callable[[PhraseView], object], role: Role, certainty: str) -> "_Rule":
    return lambda view: (
        Reading(role, gives=view.gives, certainty=CERTAINTY[certainty]) if holds(view) else None
    )


_Rule = Callable[[PhraseView], Reading | None]
_RULES: tuple[_Rule, ...] = (
    _loads_model,
    _role_where(lambda view: "output" in view.strong, "output", "stated"),
    _steers,
    _is_part,
    _is_put_in,
    _converts,
    _is_value,
    _does_task,
    _runs_model,
    _makes_medium,
    _role_where(lambda view: "output" in view.weak, "output", "called"),
    _is_called_input,
    _role_where(lambda view: view.weak & {"control", "input"}, "control", "vague"),
    _role_where(lambda view: view.gives, "unknown", "hinted"),
)
"""In this order; the first that answers decides the role."""
