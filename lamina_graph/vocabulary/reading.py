"""What the words of one node type say, as a value."""

from typing import Literal, NamedTuple, get_args

Role = Literal["input", "generate", "transform", "control", "output", "unknown"]
Modality = Literal["text", "image", "video", "audio", "3d", "vector", "data"]
Part = Literal["decoder", "encoder", "sampler", "conditioning", "latent", "patch", "model", "aux"]

ROLES: tuple[Role, ...] = get_args(Role)
MODALITIES: tuple[Modality, ...] = get_args(Modality)
PARTS: tuple[Part, ...] = get_args(Part)


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
