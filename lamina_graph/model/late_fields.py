"""A model some fields of which are made when somebody asks for them."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict

_ATTRIBUTES: Any = vars(BaseModel)["__dict__"]


class LateFields(BaseModel):
    """Base of a model that may be made without some of its fields, with a function that gives them.

    Pydantic finds the fields of a model in its `__dict__`, and so does all that compares, hashes, copies,
    pickles, shows or writes one. That is therefore where the late ones are put, when it is first looked at.
    """

    model_config = ConfigDict(defer_build=True)
    __slots__ = ("_make_late",)

    @classmethod
    def construct_late(
        cls,
        values: dict[str, Any],
        extra: dict[str, Any],
        given: set[str],
        make: Callable[[], Mapping[str, Any]],
    ) -> Self:
        """Return a model of values that are known to be valid, as `model_construct` does.

        Args:
            values: the fields at hand, those with a default included.
            extra: what is kept beside the fields.
            given: the names of all that was given.
            make: gives the late fields; where threads ask together, the first result stays.
        """
        late = cls.__new__(cls)
        _ATTRIBUTES.__set__(late, values)
        object.__setattr__(late, "__pydantic_fields_set__", given)
        object.__setattr__(late, "__pydantic_extra__", extra)
        object.__setattr__(late, "__pydantic_private__", None)
        object.__setattr__(late, "_make_late", make)
        return late

    @property
    def has_late_fields(self) -> bool:
        """Whether fields are still to be made."""
        try:
            return object.__getattribute__(self, "_make_late") is not None
        except AttributeError:  # it was not constructed late
            return False

    if not TYPE_CHECKING:

        @property
        def __dict__(self) -> dict[str, Any]:
            attributes = _ATTRIBUTES.__get__(self)
            if self.has_late_fields and (make := self._make_late) is not None:
                for name, value in make().items():
                    attributes.setdefault(name, value)
                object.__setattr__(self, "_make_late", None)
            return attributes

        @__dict__.setter
        def __dict__(self, attributes: dict[str, Any]) -> None:
            _ATTRIBUTES.__set__(self, attributes)

        def __getattr__(self, name: str) -> Any:
            if name in type(self).__pydantic_fields__ and name in self.__dict__:
                return self.__dict__[name]
            return super().__getattr__(name)
