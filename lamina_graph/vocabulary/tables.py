"""The tables of a vocabulary, as `words.toml` and a user's `[vocabulary]` give them, and their phrases."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lamina_graph.vocabulary.phrases import Meaning


def completed(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the package's own tables, which tests check, as `checked` returns any."""
    tasks = {name: {"gives": None, "always": False, **row} for name, row in tables["tasks"].items()}
    frozen: dict[str, Any] = _frozen({**tables, "tasks": tasks, "types": {}})
    return frozen


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _frozen(each) for key, each in value.items()}
    return tuple(value) if isinstance(value, list) else value


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables with others laid over them: lists grow, tables are merged, the rest is replaced."""
    result = dict(old)
    for key, value in new.items():
        before = old.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            result[key] = merged(before, value)
        elif isinstance(before, tuple) and isinstance(value, list | tuple):
            result[key] = (*before, *value)
        else:
            result[key] = value
    return result


def meanings(tables: Mapping[str, Any]) -> Iterator[tuple[str, Meaning]]:
    """Yield each phrase of tables with each of its meanings."""
    for table, kind in _LISTS.items():
        yield from _list_meanings(tables[table], kind)
    for table, kind in _ROWS.items():
        yield from _list_meanings({key: row["words"] for key, row in tables[table].items()}, kind)
    for task in tables["tasks"].values():
        if task["gives"]:
            yield from ((phrase, Meaning("task with a result", True)) for phrase in task["words"])
    for kind in ("strong", "weak"):
        yield from _list_meanings(tables["roles"][kind], kind)
    for kind in ("load", "network", "handle", "to", "stop", "filler"):
        yield from ((phrase, Meaning(kind, kind)) for phrase in tables["plain"][kind])


_LISTS = {
    "media": "medium", "hints": "hint", "makes": "makes", "subjects": "subject",
    "parts": "part", "origin": "origin", "result": "result",
}  # fmt: skip
_ROWS = {"tasks": "task", "families": "family", "vendors": "vendor"}


def subject_meanings(tables: Mapping[str, Any]) -> Iterator[tuple[str, Meaning]]:
    """Yield each phrase for what matters to a category, in a type or a label."""
    for phrases in (tables["subjects"], tables["signs"], {"try-on": tables["tasks"]["try-on"]["words"]}):
        yield from _list_meanings(phrases, "subject")


def in_everyday_sense(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables in which words with an everyday sense have that sense alone."""
    everyday = tables["everyday"]
    taken = {word for words in everyday.values() for word in words}
    parts = {part: [word for word in words if word not in taken] for part, words in tables["parts"].items()}
    hints = {medium: (*words, *everyday.get(medium, ())) for medium, words in tables["hints"].items()}
    return {**tables, "parts": parts, "hints": hints}


def _list_meanings(phrases: Mapping[str, Iterable[str]], kind: str) -> Iterator[tuple[str, Meaning]]:
    return ((phrase, Meaning(kind, value)) for value, words in phrases.items() for phrase in words)
