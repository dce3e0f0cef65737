"""JSON as Python values that lose nothing when they are written again, within bounds."""

import json
import math
import re
from collections.abc import Iterable
from itertools import chain
from typing import Any

from pydantic_core import from_json

MOST_VALUES = 3_000_000
"""The most values that JSON may consist of: a few bytes make one, and a million of them take 300 MB."""

_MOST_DIGITS = 300  # more are beyond what a float can be compared with
_GREATEST = 10 ** (_MOST_DIGITS - 1)
_DEEPEST = 200  # pydantic writes no more than 255 levels
_NUMBER_TYPES: set[type] = {int, float}
_CONTAINER_TYPES: set[type] = {dict, list}
_SIGNS = re.compile(r'"(?:[^"\\]++|\\.)*+"|([,\[{])', re.DOTALL)


class DuplicateKeyError(ValueError):
    """A key that occurs twice in one JSON object, where one value would silently hide the other."""

    def __init__(self, key: str) -> None:
        super().__init__("occurs twice in one JSON object")
        self.key = key


def parse(text: str | bytes, *, nan_as_null: bool = False, most_values: int | None = None) -> Any:
    """Return JSON as Python values that lose nothing when they are written again.

    Args:
        text: the JSON.
        nan_as_null: whether NaN and the infinities, which JSON has not, are read as null, not refused.
        most_values: the most values that it may consist of; `MOST_VALUES` where not given.

    Raises:
        ValueError: not JSON (which has no NaN), a number beyond bounds, a key twice in one object, nested
            deeper than can be written, or of more values than memory should hold.

    >>> parse('{"a": [1, 2.50]}')
    {'a': [1, 2.5]}
    """
    most = MOST_VALUES if most_values is None else most_values
    if _count_values(text, most) > most:
        raise ValueError(f"more than {most:,} values")
    try:
        lenient: dict[str, Any] = {"parse_constant": lambda _: None} if nan_as_null else {}
        data = json.loads(text, object_pairs_hook=_object, **_NUMBERS | lenient)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    level: list[Any] = [data]
    for _ in range(_DEEPEST + 1):
        level = [value for container in level for value in _containers_in(container)]
    if level:
        raise ValueError("nested too deeply")
    return data


def decode(content: bytes) -> Any:
    """Return JSON as values in a quarter of the time that `parse` takes; None where it is refused.

    Not all that `parse` refuses is refused here: `count_keys` tells.

    >>> decode(b'{"a": [1, 2.50]}'), decode(b"{")
    ({'a': [1, 2.5]}, None)
    """
    if len(content) > MOST_VALUES and _count_values(content, MOST_VALUES) > MOST_VALUES:
        return None
    try:
        return from_json(content, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return None


def count_keys(data: Any) -> int | None:
    """Return how many keys the objects of decoded JSON have; None where `parse` would refuse a number.

    JSON with as many colons has lost no key that stood twice in an object, and `parse` returns the same.

    >>> count_keys({"a": [{"b": 1, "c": 2}]}), count_keys([10**300])
    (3, None)
    """
    keys, values = 0, [data]
    for _ in range(_DEEPEST + 2):
        kinds = {*map(type, values)}
        for kind in kinds & _NUMBER_TYPES:
            if any(type(value) is kind and not -_GREATEST < value < _GREATEST for value in values):
                return None
        if kinds.isdisjoint(_CONTAINER_TYPES):
            return keys
        objects = [value for value in values if type(value) is dict]
        lists = [value for value in values if type(value) is list]
        keys += sum(map(len, objects))
        values = [*chain.from_iterable(map(dict.values, objects)), *chain.from_iterable(lists)]
    return None


def _count_values(text: str | bytes, most: int) -> int:
    """Return at least as many values as JSON has; where they may be too many, without its strings."""
    signs: tuple[Any, ...] = (b",", b"[", b"{") if isinstance(text, bytes) else (",", "[", "{")
    total = sum(text.count(sign) for sign in signs)
    if total <= most:
        return total
    return sum(
        1
        for match in _SIGNS.finditer(text if isinstance(text, str) else text.decode("utf-8", "replace"))
        if match.lastindex
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        keys = [key for key, _ in pairs]
        raise DuplicateKeyError(next(key for key in data if keys.count(key) > 1))
    return data


def _bounded(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError("a number has too many digits")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a finite number")
    return number


_NUMBERS: dict[str, Any] = {"parse_int": _bounded, "parse_float": _finite, "parse_constant": _finite}


def _containers_in(value: Any) -> Iterable[Any]:
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (value for value in values if isinstance(value, dict | list))
