"""Inputs that are almost right: the bytes or the JSON of a seed with a few things broken."""

import json
import random
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

TOKENS = (
    *(b"null", b"NaN", b"-0", b"1e999", b"{}", b"[]", b'""', b"<script>", b"</metadata>", b"&#0;", b"$(id)"),
    *(b"9" * 5_000, b"[" * 3_000, b'{"a":' * 3_000, b"\n" * 500, b"::error::x", b"\x1b]8;;x\x07", b"\0"),
    *(b'"\\ud800"', b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80"),
)
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, -10, -20, 0.5, -0.0, 2**63, 10**400),
    *("", " ", "1", "NaN", "-10", "\0", "\ud800", "\u202e", "::error::x", "=1+1", "../../x", "https://[::1"),
    *("2026-13-45T99:99:99Z", "a" * 10_000),
    *([], {}, [[]], {"": None}, [None] * 50, {"id": {"id": {}}}),
)


def mutate(seed: bytes, chance: random.Random) -> bytes:
    """Return content that differs from a seed: where it is JSON, mostly as JSON still."""
    if chance.random() < 0.7:
        try:
            return mutate_json(seed, chance)
        except (ValueError, RecursionError):
            pass
    content = bytearray(seed)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(content) + 1)
        end = min(len(content), at + chance.choice((1, 1, 4, 40, 400)))
        match chance.randrange(5):
            case 0:
                content[at:end] = b""
            case 1:
                content[at:at] = content[at:end] * chance.choice((1, 2, 50))
            case 2:
                content[at:at] = chance.choice(TOKENS)
            case 3:
                content[at:end] = bytes(byte ^ (1 << chance.randrange(8)) for byte in content[at:end])
            case _:
                del content[at if chance.random() < 0.1 else end :]
    return bytes(content[:200_000])


def mutate_json(seed: bytes, chance: random.Random) -> bytes:
    """Return JSON of which some values are others, missing, twice there, wrapped, or in another place.

    Raises:
        ValueError: the seed is no JSON.
    """
    value = json.loads(seed)
    for _ in range(chance.choice((1, 1, 2, 4))):
        places = list(_places(value))
        if not places:
            break
        holder, key = chance.choice(places)
        match chance.randrange(6):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, list):
                holder.insert(key, holder[key])
            case 2:
                holder[key] = chance.choice((lambda old: [old], lambda old: {"data": old}, str))(holder[key])
            case 3:
                other, name = chance.choice(places)
                holder[key] = json.loads(json.dumps(other[name])) if _has(other, name) else None
            case _:
                holder[key] = deepcopy(chance.choice(VALUES))  # a list put into itself has no end
    return json.dumps(value, ensure_ascii=chance.random() < 0.9).encode("utf-8", "surrogatepass")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each place in a JSON value, as the object or list that holds it and its key there."""
    stack = [value] if isinstance(value, dict | list) else []
    while stack:
        holder = stack.pop()
        keys: Sequence[Any] = (
            list(holder)
            if isinstance(holder, dict)
            else range(len(holder))
            if isinstance(holder, list)
            else ()
        )
        for key in keys:
            yield holder, key
            if isinstance(holder[key], dict | list):
                stack.append(holder[key])


def _has(holder: Any, key: Any) -> bool:
    return key in holder if isinstance(holder, dict) else key < len(holder)
