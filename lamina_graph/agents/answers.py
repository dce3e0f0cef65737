"""What the tools answer: values, and how they are made safe to read and small enough to send."""

import json
from typing import Any, Literal

from pydantic import Field

from lamina_graph.brief import ChangeSummary, DiffSummary, Sparse, Summary
from lamina_graph.features import Shape
from lamina_graph.model import Value
from lamina_graph.text import elide, escape_controls
from lamina_graph.vocabulary import Modality

MOST_CHARACTERS = 14_000
"""Characters of an answer as JSON; a client gets it twice, as text and as structured content."""

_MOST_BESIDE = 3_000  # characters of each list beside the one that is read on
_LONGEST_TEXT = 300
_LONGEST_LIST = 50
_LARGEST_VALUE = 1_000


class WorkflowAnswer(Summary):
    """What `show_workflow` answers."""

    ref: str
    truncated: Sparse[str | None] = None


class AppVerdict(Value):
    """One app of `classify_apps`, or why there is no answer."""

    ref: str
    name: Sparse[str | None] = None
    category: Sparse[str | None] = None
    confidence: Sparse[float | None] = None
    reason: Sparse[str | None] = None
    takes: Sparse[tuple[Modality, ...]] = ()
    gives: Sparse[tuple[Modality, ...]] = ()
    shape: Sparse[Shape | None] = None
    stages: int = Field(0, exclude_if=lambda value: not value)
    error: Sparse[str | None] = None
    hint: Sparse[str | None] = None


class Problem(Value):
    """What could not be done, and what to do about it."""

    ref: Sparse[str | None] = None
    error: str
    hint: Sparse[str | None] = None


class ClassifyAnswer(Value):
    """What `classify_apps` answers."""

    apps: tuple[AppVerdict, ...]
    skipped: Sparse[int] = 0
    truncated: Sparse[str | None] = None


class DiffAnswer(DiffSummary):
    """What `diff_workflows` answers."""

    truncated: Sparse[str | None] = None


class SimilarApp(Value):
    """One app of `find_similar`."""

    ref: str
    name: Sparse[str | None] = None
    score: float
    twin: Sparse[bool] = False
    why: str


class SimilarAnswer(Value):
    """What `find_similar` answers."""

    apps: tuple[SimilarApp, ...]
    errors: Sparse[tuple[Problem, ...]] = ()
    truncated: Sparse[str | None] = None


class AppChangeSummary(ChangeSummary):
    """One change of one app."""

    app: str
    at: str


class ChangesAnswer(Value):
    """What `list_changes` answers."""

    since: str
    until: str
    changes: tuple[AppChangeSummary, ...]
    unknown: Sparse[tuple[str, ...]] = ()
    truncated: Sparse[str | None] = None


class DrawingAnswer(Value):
    """What `draw_workflow` answers; a picture itself stands beside it."""

    form: Literal["mermaid", "svg", "png"]
    mermaid: Sparse[str | None] = None
    resource: Sparse[str | None] = None
    note: Sparse[str | None] = None
    truncated: Sparse[str | None] = None


class ListedApp(Value):
    """One file or app of `search_apps`."""

    ref: str
    name: Sparse[str | None] = None
    source: Literal["file", "store", "api"]
    description: Sparse[str | None] = None


class SearchAnswer(Value):
    """What `search_apps` answers."""

    apps: tuple[ListedApp, ...]
    unknown: Sparse[tuple[Problem, ...]] = ()
    truncated: Sparse[str | None] = None


def to_answer(value: Value, paged: str = "", start: int = 1) -> dict[str, Any]:
    """Return a value as JSON that is safe to read and small enough to send.

    What hides in text is shown as escapes, and long text is cut. Of the list that is read on page by page
    there is as much as fits, from `start` on; `truncated` says what is left out and how to go on.

    Args:
        value: the value.
        paged: the list that is read on.
        start: the number of its first item wanted, from 1.

    >>> app = ListedApp(ref="a", source="file")
    >>> to_answer(SearchAnswer(apps=[app] * 3), "apps", 3)["truncated"]
    'apps 3 to 3 of 3'
    """
    answer = _readable(value.model_dump(mode="python"))
    notes = []
    for name, items in answer.items():
        if isinstance(items, list) and name != paged:
            kept = _fitting(items, _MOST_BESIDE)
            if len(kept) < len(items):
                answer[name] = kept
                notes.append(f"{name} 1 to {len(kept)} of {len(items)}")
    if items := answer.get(paged, []):
        room = MOST_CHARACTERS - _size({**answer, paged: []}) - 300
        kept = _fitting(items[start - 1 :], room)
        end = start - 1 + len(kept)
        if len(kept) < len(items):
            more = f"; call again with start={end + 1} for more" if end < len(items) else ""
            span = f"{start} to {end}" if kept else "none"
            notes.append(f"{paged} {span} of {len(items)}{more}")
        answer[paged] = kept
    return {**answer, "truncated": "; ".join(notes)} if notes else answer


def _fitting(items: list[Any], room: int) -> list[Any]:
    """Return as many items from the first on as have room, one at least."""
    used = 0
    for count, item in enumerate(items):
        used += _size(item) + 1
        if used > room:
            return items[: max(count, 1)]
    return items


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _readable(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON in which nothing hides and nothing is long; lists at the top stay whole."""
    if isinstance(value, dict):
        whole = {
            str(_readable(key)): _cut(each) if key in ("before", "after") else _readable(each, depth + 1)
            for key, each in value.items()
        }
        return whole
    if isinstance(value, list | tuple):
        items = list(value) if depth <= 1 else list(value[:_LONGEST_LIST])
        more = [] if len(items) == len(value) else [f"… {len(value) - len(items)} more"]
        return [*(_readable(each, depth + 1) for each in items), *more]
    return elide(escape_controls(value), _LONGEST_TEXT) if isinstance(value, str) else value


def _cut(value: Any) -> Any:
    """Return a value of others' data, as text cut in its middle where it is large."""
    shown = _readable(value, 2)
    written = json.dumps(shown, ensure_ascii=False)
    return shown if len(written) <= _LARGEST_VALUE else elide(written, _LARGEST_VALUE)
