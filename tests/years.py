"""A made catalogue over a scripted year: what was done to each app, when, and what that is to be told as.

The graphs, and what their edits are told as, come from `scenes/scenes.toml`, one scene an app: it goes from
the old version to the new one and, later, back. Details, disappearances, forks and failures stand here.
"""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from builders import SCENES, estimates, old_and_new

from lamina_graph.store import FetchResult, FetchScope, Store

BASE = "https://app.uselamina.ai"
FIRST = datetime(2025, 1, 6, 2, tzinfo=UTC)
WEEKS = 52


class Line(NamedTuple):
    """One change that is to be told: in which week, of which app, as what."""

    week: int
    app: str
    change: str


def night(week: int) -> datetime:
    """When the snapshot of a week is taken."""
    return FIRST + timedelta(weeks=week)


def parameter(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "type": "text", **fields}


PHOTO = parameter("Photo", key="photo", type="url", accept=["image", "video"], description="What to show")
STYLE = parameter("Style", key="style", type="options", options=["bold", "calm", "warm"], default="bold")
PROMPT = parameter("Prompt", key="prompt", default="a quiet street")
REEL = {"index": 0, "label": "Reel", "type": "video"}
STILL = {"index": 1, "label": "Still", "type": "image"}

CONTRACTS: tuple[tuple[str, dict[str, Any], dict[str, Any], list[str], list[str]], ...] = (
    (
        "a-required-parameter",
        {"parameters": [PHOTO]},
        {"parameters": [PHOTO, parameter("Voice")]},
        ["breaking required-parameter-added"],
        ["breaking required-parameter-removed"],
    ),
    (
        "a-parameter-that-may-be-left-out",
        {"parameters": [PHOTO]},
        {"parameters": [PHOTO, PROMPT]},
        ["risky parameter-added"],
        ["breaking parameter-removed"],
    ),
    (
        "another-key",
        {"parameters": [PHOTO]},
        {"parameters": [PHOTO | {"key": "photo_url"}]},
        ["breaking parameter-renamed"],
        ["breaking parameter-renamed"],
    ),
    (
        "another-name-of-the-same-parameter",
        {"parameters": [parameter("Photo", id="p1")]},
        {"parameters": [parameter("Picture", id="p1")]},
        ["breaking parameter-renamed"],
        ["breaking parameter-renamed"],
    ),
    (
        "no-default-any-more",
        {"parameters": [PROMPT]},
        {"parameters": [PROMPT | {"default": None}]},
        ["breaking parameter-required"],
        ["cosmetic parameter-optional"],
    ),
    (
        "another-default",
        {"parameters": [PROMPT]},
        {"parameters": [PROMPT | {"default": "a loud street"}]},
        ["risky default-changed"],
        ["risky default-changed"],
    ),
    (
        "another-type",
        {"parameters": [PHOTO]},
        {"parameters": [PHOTO | {"type": "text", "accept": None}]},
        ["breaking parameter-type-changed"],
        ["breaking parameter-type-changed"],
    ),
    (
        "fewer-options",
        {"parameters": [STYLE]},
        {"parameters": [STYLE | {"options": ["bold", "warm"]}]},
        ["breaking option-removed"],
        ["risky option-added"],
    ),
    (
        "some-options-for-others",
        {"parameters": [STYLE]},
        {"parameters": [STYLE | {"options": ["bold", "cold", "warm"]}]},
        ["breaking option-removed", "risky option-added"],
        ["breaking option-removed", "risky option-added"],
    ),
    (
        "only-some-values",
        {"parameters": [PROMPT]},
        {"parameters": [PROMPT | {"options": ["a quiet street", "a beach"]}]},
        ["breaking option-removed"],
        ["risky option-added"],
    ),
    (
        "fewer-media",
        {"parameters": [PHOTO]},
        {"parameters": [PHOTO | {"accept": ["image"]}]},
        ["breaking media-narrowed"],
        ["cosmetic media-widened"],
    ),
    (
        "several-values",
        {"parameters": [PHOTO | {"multiple": True}]},
        {"parameters": [PHOTO]},
        ["breaking multiple-refused"],
        ["cosmetic multiple-allowed"],
    ),
    (
        "another-description",
        {"parameters": [PHOTO]},
        {"parameters": [PHOTO | {"description": "Whom to show", "name": "Portrait"}]},
        ["cosmetic parameter-changed"],
        ["cosmetic parameter-changed"],
    ),
    (
        "an-output",
        {"outputs": [REEL]},
        {"outputs": [REEL, STILL]},
        ["risky output-added"],
        ["breaking output-removed"],
    ),
    (
        "another-label",
        {"outputs": [REEL]},
        {"outputs": [REEL | {"label": "Reel 9:16"}]},
        ["breaking output-renamed"],
        ["breaking output-renamed"],
    ),
    (
        "another-medium",
        {"outputs": [REEL]},
        {"outputs": [REEL | {"type": "image"}]},
        ["breaking output-type-changed"],
        ["breaking output-type-changed"],
    ),
    (
        "another-order",
        {"outputs": [REEL, STILL]},
        {"outputs": [STILL | {"index": 0}, REEL | {"index": 1}]},
        ["cosmetic outputs-reordered"],
        ["cosmetic outputs-reordered"],
    ),
    (
        "another-field-of-an-output",
        {"outputs": [REEL]},
        {"outputs": [REEL | {"ratio": "9:16"}]},
        ["cosmetic output-changed"],
        ["cosmetic output-changed"],
    ),
    (
        "another-field-of-the-detail",
        {"description": "Makes reels"},
        {"description": "Makes good reels"},
        ["cosmetic detail-changed"],
        ["cosmetic detail-changed"],
    ),
)
"""Pairs of details: a name, old, new, and what is to be told forth and back."""


def nodes(*titles: str) -> list[dict[str, Any]]:
    return [{"id": title.lower(), "type": f"{title.lower()}VideoNode", "label": title} for title in titles]


DOUBLE = (
    {"workflow": {"nodes": nodes("Kling", "Veo"), "edges": []}, "estimate": None},
    {"workflow": {"nodes": nodes("Kling"), "edges": []}, "estimate": None},
)
"""The versions of an app whose detail names the same outputs as its graph: they go and come together."""

QUIET = {"outputs": [REEL], "parameters": [PHOTO]}
"""The detail of an app that is not edited."""


class App(NamedTuple):
    """One app of the year: its two versions, and what going forth and back is to be told as."""

    id: str
    old: dict[str, Any]
    new: dict[str, Any]
    there: list[str]
    back: list[str]


def apps() -> list[App]:
    """Return the apps: one for each scene, one for each pair of details, one that changes in both."""
    found = []
    for name, scene in SCENES.items():
        old, new = (
            {
                "workflow": side.model_dump(mode="json", exclude_unset=True),
                "estimate": priced.model_dump(mode="json", exclude_unset=True) if priced else None,
                "detail": QUIET,
            }
            for side, priced in zip(old_and_new(scene), estimates(scene), strict=True)
        )
        found.append(App(name, old, new, scene["there"], scene["back"]))
    plain = {"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []}
    for name, before, after, there, back in CONTRACTS:
        old, new = ({"workflow": plain, "estimate": None, "detail": each} for each in (before, after))
        found.append(App(name, old, new, there, back))
    old, new = (
        {
            **each,
            "detail": {
                "outputs": [{"label": n["label"], "type": "video"} for n in each["workflow"]["nodes"]]
            },
        }
        for each in DOUBLE
    )
    there = ["breaking output-removed", "risky shape-changed"]
    found.append(App("an-output-in-both", old, new, there, ["risky output-added", "risky shape-changed"]))
    return found


class Year:
    """The year, recorded week by week; `lines` is what is to be told of all of it.

    App number n goes to its new version in week 3 + n % 20, and back in week 26 + n % 23.
    """

    GONE, BACK = 20, 24
    """An app is gone in these weeks' nights, and back changed: it was edited meanwhile."""

    FORKED = 10
    FAILED = 31

    def __init__(self, store: Store) -> None:
        self.store, self.apps = store, apps()
        self.turns = {app.id: (3 + n % 20, 26 + n % 23) for n, app in enumerate(self.apps)}
        self.lost = self.apps[-1].id
        self.turns[self.lost] = (22, 40)
        self.failing = self.apps[-2].id
        self.turns[self.failing] = (5, self.FAILED)
        self.lines = sorted(self._lines())

    def _lines(self) -> Iterator[Line]:
        for app in self.apps:
            there, back = self.turns[app.id]
            there = self.BACK if app.id == self.lost else there
            back = self.FAILED + 1 if app.id == self.failing else back
            yield from (Line(there, app.id, change) for change in app.there)
            yield from (Line(back, app.id, change) for change in app.back)
        yield Line(self.GONE, self.lost, "breaking app-gone")
        yield Line(self.BACK, self.lost, "cosmetic app-back")
        yield Line(self.FORKED, "fork", "cosmetic app-added")

    def record(self, weeks: range = range(WEEKS)) -> None:
        """Record the snapshots of some weeks."""
        for week in weeks:
            run = self.store.begin(BASE, FetchScope(detail=True, estimate=True), night(week))
            self.store.record(run.id, list(self._answers(week)))
            self.store.finish(run.id, night(week) + timedelta(minutes=3), complete=True)

    def _answers(self, week: int) -> Iterator[FetchResult]:
        for app in self.apps:
            yield self._answer(app, week)
        if week >= self.FORKED:
            yield self._fork(week)

    def _answer(self, app: App, week: int) -> FetchResult:
        at = night(week) + timedelta(seconds=1)
        if app.id == self.lost and self.GONE <= week < self.BACK:
            return FetchResult(app_id=app.id, at=at, outcome="gone", why="404 NOT_FOUND")
        if app.id == self.failing and week == self.FAILED:
            return FetchResult(app_id=app.id, at=at, outcome="unknown", why="503 RESOURCE_UNAVAILABLE")
        there, back = self.turns[app.id]
        parts = copy.deepcopy(app.new if there <= week < back else app.old)
        parts["detail"] = {"appId": app.id, "name": app.id, **parts["detail"]}
        return FetchResult(app_id=app.id, at=at, name=app.id, **parts)

    def _fork(self, week: int) -> FetchResult:
        """The first app under another id, every node of it with a new one."""
        workflow = copy.deepcopy(self.apps[0].old["workflow"])
        for node in workflow["nodes"]:
            node["id"] += "-copied"
        for edge in workflow["edges"]:
            edge |= {end: f"{edge[end]}-copied" for end in ("source", "target")}
        return FetchResult(
            app_id="fork", at=night(week) + timedelta(seconds=1), name="fork", workflow=workflow
        )

    def between(self, first: int, last: int) -> list[Line]:
        """Return what is to be told of some weeks, both included."""
        return [line for line in self.lines if first <= line.week <= last]
