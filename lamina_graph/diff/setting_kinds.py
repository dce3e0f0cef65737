"""What kind of setting a field of a node is, by its name and values: a prompt, a model, a number, a seed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from lamina_graph.dependencies import is_model_file, names_model, split_name
from lamina_graph.diff.canvas_fields import is_number
from lamina_graph.diff.fields import Settings, show_value
from lamina_graph.diff.lookalikes import explain_likeness
from lamina_graph.diff.node_names import list_some, shorten
from lamina_graph.diff.words import describe_words

_SEED = re.compile(r"(?:.* )?(?:seeds?|control after generate)")
_PREVIEW = re.compile("preview|thumbnail", re.IGNORECASE)
_PROMPT = re.compile(
    r"(?:.* )?(?:prompts?|text|positive|negative|instructions?|lyrics|captions?|script|story|description)"
    r"(?: [gl])?"
)
_LIKE_ANOTHER_VALUE = re.compile(r"-?\d+(?:\.\d+)?|true|false|null|not set")
_NAMED_BY_RULE = ("seed-changed", "model-swapped", "color-changed", "pack-changed")
_MOST_MENTIONED = 3
_FEW_WORDS = 6
"""A text of so many words is one that is read as words, whatever its name."""


class ChangedSettings(NamedTuple):
    """The settings of one kind that changed on a node, and what became of them, a phrase each."""

    rule: str
    settings: Settings
    phrases: list[str]


def sort_settings(settings: Settings, *, is_note: bool) -> Iterator[ChangedSettings]:
    """Yield the settings of a node that changed, those of one rule together.

    Args:
        settings: the fields that changed.
        is_note: whether the node does nothing: its words are no prompt.

    >>> changed = Settings({"settings.seed": 1, "settings.cfg": 7}, {"settings.seed": 2, "settings.cfg": 8.5})
    >>> [(each.rule, each.phrases) for each in sort_settings(changed, is_note=False)]
    [('number-changed', ['cfg 7 → 8.5']), ('seed-changed', ['1 → 2'])]
    """
    by_rule: dict[str, list[str]] = {}
    for name in settings.names:
        by_rule.setdefault(_find_rule(settings, name, is_note), []).append(name)
    for rule in sorted(by_rule):
        part = Settings(*({n: side[n] for n in by_rule[rule] if n in side} for side in settings))
        yield ChangedSettings(rule, part, list(dict.fromkeys(_describe(rule, part))))


def setting_name(path: str) -> str:
    """Return what a setting is called: its path without the object that all settings of a node stand in.

    >>> setting_name("settings.cfg"), setting_name("data.image.size")
    ('cfg', 'image.size')
    """
    return path.partition(".")[2] if path.startswith(("settings.", "data.")) else path


def _find_rule(settings: Settings, path: str, is_note: bool) -> str:
    before, after = (side.get(path) for side in settings)
    values = [value for value in (before, after) if value is not None]
    name = split_name(path.rpartition(".")[2])
    texts = all(isinstance(value, str) for value in values)
    if path == "pack.name" and len({_repository(value) for value in values}) > 1:
        return "node-settings-changed"
    if path.startswith("pack."):
        return "pack-changed"
    if path in ("color", "bgcolor"):
        return "color-changed"
    if _SEED.fullmatch(name) and all(map(_is_seed, values)):
        return "seed-changed"
    if path == "models":
        return "model-swapped" if _list_names(before) != _list_names(after) else "node-settings-changed"
    if texts and (any(map(is_model_file, values)) or (len(values) > 1 and names_model(name))):
        return "model-swapped"
    if _PREVIEW.search(path):
        return "preview-changed"
    if len(values) < 2:
        return "node-settings-changed"
    if texts and not is_note and _is_prompt(name, values):
        return "prompt-changed"
    return "number-changed" if all(map(is_number, values)) else "node-settings-changed"


def _is_seed(value: Any) -> bool:
    """Return whether a value may be a seed, or how it goes on; words of a person are none."""
    return not isinstance(value, str) or len(value.split()) < 2


def _repository(pack: Any) -> str:
    """Return what a pack is called, whether it is named by the registry or by its author and repository."""
    return str(pack).rpartition("/")[2].casefold()


def _is_prompt(name: str, texts: Iterable[str]) -> bool:
    words = max(len(text.split()) for text in texts)
    return _PROMPT.fullmatch(name) is not None or words >= _FEW_WORDS


def _describe(rule: str, settings: Settings) -> Iterator[str]:
    for path in settings.names:
        before, after = (side.get(path) for side in settings)
        name = "" if rule in _NAMED_BY_RULE else f"{shorten(setting_name(path))} "
        if path == "models":
            yield f"{_join(_list_names(before))} → {_join(_list_names(after))}"
        elif rule == "prompt-changed":
            edits = list_some(describe_words(settings.before[path], settings.after[path]), _MOST_MENTIONED)
            yield edits if len(settings.names) == 1 else f"{name.strip()}: {edits}"
        else:
            was, now = (_show(side[path]) if path in side else "not set" for side in settings)
            yield f"{name}{was} → {now}{explain_likeness(str(before), str(after))}"


def _show(value: Any) -> str:
    """Return a value as a part of a sentence: a text as it is, unless it could be taken for another value."""
    bare = isinstance(value, str) and value.strip() and not _LIKE_ANOTHER_VALUE.fullmatch(value)
    return shorten(value) if bare else show_value(value)


def _list_names(models: Any) -> list[str]:
    """Return the names of the model files that a node says it needs."""
    rows = models if isinstance(models, list) else []
    return sorted(str(row.get("name")) for row in rows if isinstance(row, Mapping))


def _join(names: list[str]) -> str:
    return list_some(map(shorten, names)) or "none"
