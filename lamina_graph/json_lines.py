"""Where in the text of a workflow file its nodes stand, for remarks beside the line."""

import json
import re

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def find_node_lines(text: str) -> dict[str, int]:
    r"""Return the line of each node by its id; what is no JSON, or has no list `nodes`, gives none.

    A node begins where its object does; lines count from 1. A list of `nodes` may stand in the API's envelope
    or anywhere else; of an object whose nodes are its own fields, each with a type, these are the nodes.

    >>> find_node_lines('{"nodes": [\n  {"id": "a"},\n  {"type": "x", "id": 7}\n]}')
    {'a': 2, '7': 3}
    >>> find_node_lines('{\n "3": {"class_type": "KSampler"}}')
    {'3': 2}
    """
    lines: dict[str, int] = {}
    path: list[_Container] = []
    line, place = 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", place, token.start())
        place = token.start()
        word = token[0]
        above = path[-1] if path else None
        if word in "{[":
            path.append(_Container(word == "{", above.key if above else None, line))
        elif word in "}]":
            if above:
                path.pop()
        elif above and above.is_object and word == ":":
            above.has_key = True
        elif above and above.is_object and word == ",":
            above.key, above.has_key = None, False
        elif above and above.is_object and not above.has_key:
            above.key = _value(word)
        elif above and above.is_object and above.key in ("id", "class_type"):
            name = _value(word) if above.key == "id" else above.name
            listed = len(path) > 1 and path[-2].name == "nodes" and not path[-2].is_object
            if name is not None and (listed if above.key == "id" else len(path) == 2):
                lines.setdefault(name, above.line)
    return lines


class _Container:
    """An object or a list that a reader is in: the key that it stands under, and the one that it is at."""

    def __init__(self, is_object: bool, name: str | None, line: int) -> None:
        self.is_object, self.name, self.line = is_object, name, line
        self.key: str | None = None
        self.has_key = False


def _value(word: str) -> str | None:
    """Return a key or a value as text; None for what is no JSON."""
    try:
        return str(json.loads(word))
    except ValueError:
        return None
