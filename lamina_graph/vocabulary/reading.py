"""What the words of one type say together."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple, get_args

Role = Literal["input", "generate", "transform", "control", "output", "unknown"]
Modality = Literal["text", "image", "video", "audio", "3d", "vector", "data"]
Part = Literal["decoder", "encoder", "sampler", "conditioning", "latent", "patch", "model", "aux"]

ROLES: tuple[Role, ...] = get_args(Role)
MODALITIES: tuple[Modality, ...] = get_args(Modality)
PARTS: tuple[Part, ...] = get_args(Part)


class Sense(NamedTuple):
    """One meaning of one phrase: of which kind, and what."""

    kind: str
    value: Any


class Phrase(NamedTuple):
    """A phrase of a type, and its senses."""

    text: str
    senses: tuple[Sense, ...]

    def of(self, kind: str) -> list[Any]:
        """Return what the phrase says of one kind."""
        return [sense.value for sense in self.senses if sense.kind == kind]


class Reading(NamedTuple):
    """What the words of one node type say.

    Attributes:
        role: what the node does; unknown where no word tells.
        part: which part of a spelled-out model it is, if any.
        task: what kind of generating or transforming.
        takes, gives: the modalities that go in and come out, as far as words tell.
        brand: the key of the model, else of the vendor, that is named.
        subjects: garment or person, where a word names one.
        certainty: how far to trust the role, from 0 to 1.
        named: whether a word names what comes out; if not, `gives` is what such a node makes by default.
        words: the words that were understood.
    """

    role: Role = "unknown"
    part: Part | None = None
    task: str | None = None
    takes: tuple[Modality, ...] = ()
    gives: tuple[Modality, ...] = ()
    brand: str | None = None
    subjects: frozenset[str] = frozenset()
    certainty: float = 0.0
    named: bool = False
    words: tuple[str, ...] = ()


BARE = 0.5
"""How far to trust that a node is an input where no word names its medium: the graph may say otherwise."""


def settle(phrases: Sequence[Phrase], tables: Mapping[str, Any]) -> Reading:
    """Return what phrases say together: by the first rule on the role that holds."""
    view = _View(phrases, tables)
    reading = next(
        (found for rule in _RULES if (found := rule(view))), Reading(gives=view.gives, certainty=0.0)
    )
    return reading._replace(
        takes=view.takes,
        brand=view.brand,
        named=bool(view.gives),
        words=tuple(phrase.text for phrase in phrases),
    )


class _View:
    """The phrases of a type, seen by kind."""

    def __init__(self, phrases: Sequence[Phrase], tables: Mapping[str, Any]) -> None:
        self.phrases, self.tables = phrases, tables
        self.takes, self.gives, self.to = self._media()
        head = _until_stop(phrases) or phrases
        self.parts: list[Part] = [part for phrase in head for part in phrase.of("part")]
        self.firm = {role for phrase in head for role in phrase.of("firm")}
        self.loose = set(self.all("loose"))

    def all(self, kind: str) -> list[Any]:
        """Return what the phrases say of one kind, in order."""
        return [value for phrase in self.phrases for value in phrase.of(kind)]

    @cached_property
    def task(self) -> str | None:
        """The first task of the table that a phrase names; a model's name only where no other does."""
        order = list(self.tables["tasks"])
        naming = [phrase for phrase in _until_stop(self.phrases) if phrase.of("task")]
        verbs = [phrase for phrase in naming if not phrase.of("family")] or naming
        first: str | None = min(
            (t for phrase in verbs for t in phrase.of("task")), key=order.index, default=None
        )
        return first

    @cached_property
    def row(self) -> Mapping[str, Any]:
        """The table's row of the task."""
        return self.tables["tasks"].get(self.task) or {}

    @cached_property
    def network(self) -> bool:
        """Whether a model is spoken of, by that word or by its name, and no strong word names a medium."""
        return not self.all("medium") and bool(self.all("network") or self.family)

    @cached_property
    def family(self) -> str | None:
        """The model that is named; one that makes media before one that writes."""
        named = self.all("family")
        chosen: str | None = (
            [f for f in named if self.tables["families"][f]["gives"] != "text"] or named or [None]
        )[-1]
        return chosen

    @cached_property
    def brand(self) -> str | None:
        """The model that is named, else the vendor."""
        order = list(self.tables["vendors"])
        return self.family or min(self.all("vendor"), key=order.index, default=None)

    @cached_property
    def usual(self) -> tuple[Modality, ...]:
        """What the brand makes where no word says otherwise."""
        row = self.tables["families"].get(self.family) or self.tables["vendors"].get(self.brand)
        return (row["gives"],) if row else ()

    @cached_property
    def made(self) -> tuple[Modality, ...]:
        """What comes out: by a word, else by the task, else by the brand."""
        usual: Modality | None = self.row.get("gives")
        if self.open_ended:
            return ()
        if self.gives == ("3d",) and self.row.get("role") == "transform" and usual == "image" and not self.to:
            return (usual,)  # a map of depth or of a pose is a picture, of whatever name
        if not self.gives and self.usual and not self.row.get("always") and self.usual[0] in _RARE:
            return self.usual
        if usual and (self.row.get("always") or self.gives == ("text",)):
            return (usual,)  # text is what such a task starts from
        return self.gives or ((usual,) if usual else self.usual)

    @cached_property
    def pictured(self) -> tuple[Modality, ...]:
        """What comes in: by a word for a medium, else a picture of the garment or the person named."""
        return self.gives or (("image",) if {"garment", "person"}.intersection(self.all("subject")) else ())

    @cached_property
    def asks(self) -> bool:
        """Whether the words end in one for an input: a "select input" is none that selects among inputs."""
        last = next((phrase for phrase in reversed(self.phrases) if not phrase.of("filler")), None)
        return last is not None and last.of("loose") == ["input"]

    @cached_property
    def fits_to(self) -> bool:
        """Whether something is done to a medium to make it fit: "resize to preset", "scale to size"."""
        verbs = [i for i, phrase in enumerate(self.phrases) if self.task in phrase.of("task")]
        targets = [i for i, phrase in enumerate(self.phrases) if phrase.of("to")]
        return self.row.get("role") == "transform" and bool(targets) and verbs[0] < targets[-1]

    @cached_property
    def open_ended(self) -> bool:
        """Whether the words end in "X to", before a word that is not known; saved to it, X is still X."""
        saved = any("output" in phrase.of("firm") for phrase in self.phrases)
        return len(self.phrases) > 1 and bool(self.phrases[-1].of("to")) and not saved

    def _media(self) -> tuple[tuple[Modality, ...], tuple[Modality, ...], bool]:
        """Return what goes in, what comes out, and whether the words say "X to Y"."""
        for i, phrase in enumerate(self.phrases):
            if not phrase.of("to"):
                continue
            before, rest = _named(self.phrases[:i], "origin"), _until_stop(self.phrases[i + 1 :])
            if after := _named(rest, "result" if before else ""):
                if after == ("data",) and self.row.get("role") == "transform":
                    return (), before[-1:], False  # scaled to a size
                return before[-1:], after[:1], True
        if self.open_ended:
            return _named(self.phrases)[-1:], (), False
        head = _until_stop(self.phrases) or self.phrases
        gives, usual = _named(head), self.usual
        if self.row.get("role") == "transform" and any(phrase.of("medium") for phrase in head):
            gives = _without(gives, "data") or gives  # a size or a duration is what it is done by
        made = [medium for phrase in head for medium in phrase.of("makes")]
        if made and (usual, made[0]) != (("3d",), "video"):  # a model in 3D stays one when it is animated
            return _without(gives, made[0])[-1:], (made[0],), False
        if usual and usual[0] in gives:
            return (), usual, False
        if usual and (_simpler(gives, usual[0]) or self._only_hinted(head)):
            return gives[-1:], usual if gives else (), False
        return _named(self.phrases[len(head) :])[-1:], gives[-1:], False

    def _only_hinted(self, head: Sequence[Phrase]) -> bool:
        """Whether words only hint at what a model for a richer medium is given: a character, a face."""
        if self.usual[0] == "image" or self.row.get("role") == "transform":
            return False
        strong = [medium for phrase in head for medium in phrase.of("medium")]
        return (not strong and self.usual[0] != "text") or (strong == ["image"] and self.asks)


def _until_stop(phrases: Sequence[Phrase]) -> Sequence[Phrase]:
    """Return the phrases before the first "with", "from", "for": what follows it does not come out."""
    return phrases[: next((i for i, phrase in enumerate(phrases) if phrase.of("stop")), len(phrases))]


def _named(phrases: Sequence[Phrase], beside: str = "") -> tuple[Modality, ...]:
    """Return the media that phrases name: by strong words and those beside "to", else by weak ones."""
    strong = [value for phrase in phrases for kind in ("medium", beside) for value in phrase.of(kind)]
    return tuple(strong or [value for phrase in phrases for value in phrase.of("weak")])


def _without(media: tuple[Modality, ...], medium: Modality) -> tuple[Modality, ...]:
    return tuple(each for each in media if each != medium)


def _simpler(named: tuple[Modality, ...], usual: Modality) -> bool:
    """Whether words name what a model for sound, 3D or vectors starts from, not what it makes."""
    return usual in _RARE and set(named) <= {"text", "image"}


_RARE = ("audio", "3d", "vector")


def _loads(view: _View) -> Reading | None:
    """What loads a model is a part of it; what loads a medium is an input."""
    tool = view.task in _TOOLS and not view.all("medium")
    if not view.all("load") or (view.pictured and not (view.parts or view.network or tool)):
        return None
    if not (view.parts or view.network or tool) and view.loose == {"input"}:
        return Reading("input", certainty=BARE)
    if not view.parts:
        return Reading("control", "aux", certainty=0.9 if view.network or tool else 0.4)
    main = "model" in view.parts and not view.task and set(view.parts) <= {"model", "patch"}
    part: Part = "model" if main else "patch" if "patch" in view.parts else "aux"
    return Reading("control", part, gives=view.made, certainty=0.95)


_TOOLS = frozenset(("segment", "pose", "depth", "caption", "try-on", "remove-background"))
"""Tasks that a network does: to load one is to load that network."""


def _saves(view: _View) -> Reading | None:
    return Reading("output", gives=view.gives, certainty=0.95) if "output" in view.firm else None


def _sets(view: _View) -> Reading | None:
    if view.brand and view.phrases[-1].of("handle"):
        return Reading("control", certainty=0.9)
    if "control" not in view.firm:
        return None
    if view.fits_to or (view.to and view.gives != ("data",) and "control" not in view.phrases[-1].of("firm")):
        return None
    if view.asks and view.gives in ((), ("data",)):
        return Reading("input", gives=view.gives, certainty=BARE)
    gives = view.gives if not view.brand or view.gives == ("text",) else ()
    return Reading("control", gives=gives, certainty=0.9)


def _part(view: _View) -> Reading | None:
    if not view.parts or (view.to and "encoder" not in view.parts):
        return None
    part = min(view.parts, key=PARTS.index)
    if part == "sampler" and view.phrases[-1].text == "provider":
        part = "aux"
    if part == "patch" and view.family and view.all("vendor"):
        return None  # a service that runs a model with a LoRA
    if part == "aux" and view.row.get("role") == "transform":
        return None
    return Reading(
        _PART_ROLES.get(part, "control"), part, view.task, gives=view.gives or view.usual, certainty=0.95
    )


_PART_ROLES: Mapping[Part, Role] = {"sampler": "generate", "decoder": "transform"}


def _enters(view: _View) -> Reading | None:
    """What is uploaded or loaded comes in; of a garment or a person it is a picture."""
    if "input" not in view.firm and not view.all("load"):
        return None
    gives = view.pictured or (view.usual if view.usual == ("3d",) else ())
    if gives and gives != ("data",):
        return Reading("input", gives=gives, certainty=0.95)
    if "input" in view.firm and "control" not in view.loose:
        return Reading("input", gives=gives, certainty=BARE)
    return Reading("control", gives=gives, certainty=0.95)


def _counts(view: _View) -> Reading | None:
    if view.gives != ("data",):
        return None
    return Reading(
        "input" if view.asks else "control", gives=view.gives, certainty=BARE if view.asks else 0.9
    )


def _turns(view: _View) -> Reading | None:
    """A model that turns X into Y generates, whatever else the words say."""
    if not view.to or not view.brand or view.row.get("always"):
        return None
    return Reading(
        "generate",
        task=view.task if view.row.get("role") == "generate" else None,
        gives=view.gives,
        certainty=0.95,
    )


def _works(view: _View) -> Reading | None:
    if not view.task:
        return None
    role: Role = view.row["role"]
    gives = view.made
    if role == "transform" and gives == ("text",) and not view.all("medium"):
        gives = (
            _named([phrase for phrase in view.phrases if phrase.of("task")])[:1] or gives
        )  # text on a picture
    if role == "transform" and gives == ("text",):
        beside = _named([phrase for phrase in view.phrases if not phrase.of("task")])
        role, gives = ("control", gives) if beside else (role, ())  # text to join, or to burn into a video
    return Reading(role, task=view.task, gives=gives, certainty=0.9)


def _prompts(view: _View) -> Reading | None:
    """Words beside a model that makes pictures are its prompt."""
    helps = view.gives == ("text",) and view.usual not in ((), ("text",)) and view.family
    return Reading("control", gives=view.gives, certainty=0.8) if helps else None


def _models(view: _View) -> Reading | None:
    if not view.brand:
        return None
    sure = 0.9 if view.family or view.gives else 0.6
    return Reading("generate", gives=view.made, certainty=sure)


def _makes(view: _View) -> Reading | None:
    """What turns X into Y, or makes X, generates it; what turns a mesh into a mesh does not."""
    if not view.gives or not (view.to or "generate" in view.loose or view.all("makes")):
        return None
    if view.to and view.gives == ("text",) and not set(view.takes) & {"image", "video", "audio"}:
        return Reading("control", gives=view.gives, certainty=0.8)
    role: Role = (
        "transform"
        if view.to and view.takes == view.gives and view.gives[0] in ("3d", "vector")
        else "generate"
    )
    return Reading(role, gives=view.gives, certainty=0.85)


def _leaves(view: _View) -> Reading | None:
    return Reading("output", gives=view.gives, certainty=0.8) if "output" in view.loose else None


def _comes(view: _View) -> Reading | None:
    """What is called an input is one, also where no word says of which medium."""
    if "input" not in view.loose or not (view.gives or view.asks or view.loose == {"input"}):
        return None
    return Reading("input", gives=view.gives, certainty=0.8 if view.gives else BARE)


def _steers(view: _View) -> Reading | None:
    return Reading("control", gives=view.gives, certainty=0.6) if view.loose & {"control", "input"} else None


def _bare(view: _View) -> Reading | None:
    return Reading(gives=view.gives, certainty=0.4) if view.gives else None


_RULES: tuple[Callable[[_View], Reading | None], ...] = (
    _loads, _saves, _sets, _part, _enters, _turns, _counts, _works,
    _prompts, _models, _makes, _leaves, _comes, _steers, _bare,
)  # fmt: skip
"""In this order; the first that answers decides the role."""
