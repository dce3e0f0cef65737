"""What each tool does, as plain functions from what was asked to an answer; they know no protocol."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import quote

from lamina_graph.agents.answers import (
    AppChangeSummary,
    AppVerdict,
    ChangesAnswer,
    ClassifyAnswer,
    DiffAnswer,
    DrawingAnswer,
    ListedApp,
    Problem,
    SearchAnswer,
    SimilarAnswer,
    SimilarApp,
    WorkflowAnswer,
)
from lamina_graph.agents.confinement import Confinement
from lamina_graph.brief import summarize, summarize_change, summarize_diff
from lamina_graph.classify import classify
from lamina_graph.diff import ComparisonPolicy, KnownApp, Version, diff
from lamina_graph.errors import LaminaGraphError, RefError
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.lint import lint
from lamina_graph.model import Entry, Workflow
from lamina_graph.refs import Sources, resolve
from lamina_graph.text import pluralize

if TYPE_CHECKING:
    from lamina_graph.classify import Rule
    from lamina_graph.client import Client
    from lamina_graph.render import Picture
    from lamina_graph.store import Store
    from lamina_graph.vocabulary import Vocabulary

Form = Literal["mermaid", "svg", "png"]
View = Literal["auto", "all", "stages"]

_LONGEST_MERMAID = 10_000
_LARGEST_PICTURE = 700_000


class Surroundings(Protocol):
    """Where the tools read from: configuration, store and API, each opened when first needed."""

    @property
    def vocabulary(self) -> "Vocabulary":
        """The words of node types."""

    @property
    def rules(self) -> "tuple[Rule, ...]":
        """The category rules."""

    def policy(self, usage: Path | None = None) -> ComparisonPolicy:
        """Return the terms of comparisons."""

    def client(self) -> "Client":
        """Return the client of the API."""

    def store(self) -> "Store":
        """Return the store."""

    def sources(self) -> Sources:
        """Return where references are looked up."""


class CancelledError(LaminaGraphError):
    """Nobody waits for the answer any more."""


@dataclass
class Work:
    """One call: how far it is, and whether anybody still waits for it."""

    done: int = 0
    total: int | None = None
    doing: str = "working"
    cancelled: threading.Event = field(default_factory=threading.Event)

    def step(self, doing: str, done: int = 0, total: int | None = None) -> None:
        """Note how far it is.

        Raises:
            CancelledError: nobody waits any more.
        """
        if self.cancelled.is_set():
            raise CancelledError("cancelled")
        self.doing, self.done, self.total = doing, done, total


class Toolbox:
    """The tools over one folder, a store and the API; several threads may use it at once."""

    def __init__(self, surroundings: Surroundings, root: Path) -> None:
        self._surroundings, self.confinement = surroundings, Confinement(root)
        self._lock = threading.Lock()
        self._vocabulary, self._rules = surroundings.vocabulary, surroundings.rules
        self._sources: Sources = {**surroundings.sources(), "client": self._client, "store": self._store}

    def show_workflow(self, work: Work, ref: str) -> WorkflowAnswer:
        """Return one workflow in few words."""
        workflow = self._entry(work, ref).workflow
        assert workflow is not None
        facts = features(workflow, vocabulary=self._vocabulary)
        verdict = classify(workflow, facts=facts, vocabulary=self._vocabulary, rules=self._rules)
        summary = summarize(
            workflow, facts, verdict, lint(workflow, facts=facts), vocabulary=self._vocabulary
        )
        return WorkflowAnswer(ref=ref, **dict(summary))

    def classify_apps(self, work: Work, refs: Sequence[str]) -> ClassifyAnswer:
        """Return the category of each app, and why; one that cannot be read does not stop the others."""
        entries, skipped = self._entries(work, refs)
        verdicts = []
        for done, entry in enumerate(entries):
            work.step("classifying", done, len(entries))
            verdicts.append(self._verdict(entry))
        return ClassifyAnswer(apps=tuple(verdicts), skipped=skipped)

    def diff_workflows(self, work: Work, old: str, new: str, uses: str | None) -> DiffAnswer:
        """Return what changed; with a file of one's own usage, breaking is what that uses."""
        policy = self._policy(uses)
        before, after = (self._version(self._entry(work, ref)) for ref in (old, new))
        work.step("comparing")
        summary = summarize_diff(diff(before, after, policy=policy), (old, new))
        app = KnownApp.of(before, after)
        if policy.usage and not policy.usage.names(app):
            unused = f"{uses} names no use of {app.title}: no change of it counts as breaking."
            summary = summary.model_copy(update={"unknown": (*summary.unknown, unused)})
        return DiffAnswer(**dict(summary))

    def find_similar(self, work: Work, ref: str, among: Sequence[str], count: int) -> SimilarAnswer:
        """Return the apps most like one by structure: among some, else in the folder and the store."""
        from lamina_graph.similar import similar

        subject = self._entry(work, ref).workflow
        assert subject is not None
        entries = self._entries(work, among)[0] if among else self._all_entries(work)
        readable = [(entry.ref, entry.workflow) for entry in entries if entry.workflow]
        work.step("comparing", 0, len(readable))
        nearest = similar(subject, [each for _, each in readable], count, vocabulary=self._vocabulary)
        return SimilarAnswer(
            apps=tuple(
                SimilarApp(
                    ref=readable[each.index][0],
                    name=each.name,
                    score=each.score,
                    twin=each.twin,
                    why=each.why,
                )
                for each in nearest
            ),
            errors=tuple(self._problem(entry.error, entry.ref) for entry in entries if entry.error),
        )

    def list_changes(self, work: Work, since: str, uses: str | None = None) -> ChangesAnswer:
        """Return what changed in the apps of the store; with one's own usage, breaking is what hits it."""
        from lamina_graph.history import with_unknown_usage
        from lamina_graph.store import parse_moment
        from lamina_graph.store_reader import StoreReader, list_used_apps, until_now

        policy, store, now = self._policy(uses), self._store(), datetime.now(UTC)
        work.step("reading the store")
        span = until_now(store, parse_moment(since, now=now, end=False), now)
        reader = StoreReader(store, span)
        result = with_unknown_usage(list_used_apps(store, policy, None), policy, reader.changes)
        return ChangesAnswer(
            since=f"{span.since:%Y-%m-%dT%H:%MZ}",
            until=f"{span.until:%Y-%m-%dT%H:%MZ}",
            changes=tuple(
                AppChangeSummary(
                    app=each.name or each.app_id or "the API",
                    at=f"{each.at:%Y-%m-%dT%H:%MZ}",
                    **dict(summarize_change(each)),
                )
                for each in result.changes
            ),
            unknown=tuple(f"{each.name or each.app_id or 'all apps'}: {each.why}" for each in result.unknown),
        )

    def draw_workflow(self, work: Work, ref: str, form: Form, view: View) -> tuple[DrawingAnswer, bytes]:
        """Return a picture: Mermaid as text where it is small, PNG as bytes, else where it can be read."""
        picture = self._picture(work, ref, view)
        work.step("drawing")
        answer = DrawingAnswer(form=form, note=picture.folds or None)
        link = f"lamina-graph://picture/{quote(ref, safe='')}"
        if form == "mermaid":
            text = picture.mermaid
            if len(text) <= _LONGEST_MERMAID:
                return answer.model_copy(update={"mermaid": text}), b""
            left_out = f"Mermaid of {len(text):,} characters is left out; try view=stages, or form=svg"
            return answer.model_copy(update={"truncated": left_out}), b""
        if form == "png" and len(image := picture.png) <= _LARGEST_PICTURE:
            return answer, image
        return answer.model_copy(update={"resource": link}), b""

    def svg(self, work: Work, ref: str) -> str:
        """Return the picture of a workflow as SVG."""
        return self._picture(work, ref, "auto").svg

    def search_apps(self, work: Work, text: str) -> SearchAnswer:
        """Return files, apps of the store and of the API that have a text in their name."""
        results = [ListedApp(ref=name, source="file") for name in self.confinement.files(text)]
        problems: list[Problem] = []
        for search in (self._stored_apps, self._listed_apps):
            work.step("searching", len(results))
            try:
                results += [app for app in search(text) if app.ref not in {each.ref for each in results}]
            except LaminaGraphError as error:
                problems.append(self._problem(error))
        return SearchAnswer(apps=tuple(results), unknown=tuple(problems))

    def _problem(self, error: LaminaGraphError, ref: str | None = None) -> Problem:
        shorten = self.confinement.shorten
        return Problem(ref=ref, error=shorten(str(error)), hint=shorten(error.hint) or None)

    def _all_entries(self, work: Work) -> list[Entry]:
        """Return the workflows below the folder, and those of the store's apps that are not among them."""
        try:
            stored = [app.app_id for app in self._store().apps() if not app.gone_at]
        except LaminaGraphError:
            stored = []
        entries, _ = self._entries(work, ["."])
        known = {entry.workflow.app_id for entry in entries if entry.workflow}
        latest = [f"{app_id}@latest" for app_id in stored if app_id not in known]
        readable = [entry for entry in entries if entry.workflow or not latest]
        return [*readable, *self._entries(work, latest)[0]]

    def _stored_apps(self, text: str) -> Iterator[ListedApp]:
        for app in self._store().apps():
            if text.casefold() in f"{app.name or ''} {app.app_id}".casefold():
                yield ListedApp(ref=app.app_id, name=app.name, source="store")

    def _listed_apps(self, text: str) -> Iterator[ListedApp]:
        for app in self._client().apps(search=text or None, limit=200):
            yield ListedApp(ref=app.app_id, name=app.name, source="api", description=app.description)

    def _client(self) -> "Client":
        with self._lock:
            return self._surroundings.client()

    def _store(self) -> "Store":
        with self._lock:
            return self._surroundings.store()

    def _policy(self, uses: str | None) -> ComparisonPolicy:
        if uses is None:
            return self._surroundings.policy()
        location = self.confinement.locate(uses)
        if location.kind != "file":
            raise RefError(f"no such file: {uses}", "`lamina-graph uses --from-runs` writes one.")
        return self._surroundings.policy(Path(location.ref))

    def _picture(self, work: Work, ref: str, view: View) -> "Picture":
        from lamina_graph.render import draw

        workflow = self._entry(work, ref).workflow
        assert workflow is not None
        return draw(workflow, view=view, vocabulary=self._vocabulary)

    def _verdict(self, entry: Entry) -> AppVerdict:
        if entry.workflow is None:
            assert entry.error is not None
            problem = self._problem(entry.error, entry.ref)
            return AppVerdict(ref=entry.ref, error=problem.error, hint=problem.hint)
        facts = features(entry.workflow, vocabulary=self._vocabulary)
        verdict = classify(entry.workflow, facts=facts, vocabulary=self._vocabulary, rules=self._rules)
        return AppVerdict(
            ref=entry.ref,
            name=verdict.name,
            category=verdict.category,
            confidence=verdict.confidence,
            reason=verdict.evidence[0].claim if verdict.evidence else None,
            takes=facts.input_modalities,
            gives=facts.output_modalities,
            shape=facts.shape,
            stages=facts.stages,
        )

    def _version(self, entry: Entry) -> Version:
        assert entry.workflow is not None
        return Version(entry.workflow, entry.detail, entry.estimate)

    def _entry(self, work: Work, ref: str) -> Entry:
        """Return the one workflow that a reference names."""
        entries, _ = self._entries(work, [ref])
        if len(entries) > 1:
            names = f"{pluralize(len(entries), 'workflow')}, where one is wanted"
            raise RefError(f"{ref} holds {names}", f"Name one, such as {entries[0].ref}")
        if entries[0].error:
            raise entries[0].error
        return entries[0]

    def _entries(self, work: Work, refs: Sequence[str]) -> tuple[list[Entry], int]:
        """Return what references name, and how many files of folders are no workflows."""
        entries: list[Entry] = []
        skipped = 0
        for done, ref in enumerate(refs):
            work.step("reading", done, len(refs))
            try:
                location = self.confinement.locate(ref)
                if location.kind == "revision":
                    entries.append(Entry(ref=ref, workflow=self._at_revision(ref)))
                    continue
                resolved = resolve([location.ref], **self._sources)
            except LaminaGraphError as error:
                entries.append(Entry(ref=ref, error=error))
                continue
            skipped += len(resolved.skipped)
            for entry in resolved.entries:
                name = self.confinement.shorten(entry.ref) if location.kind == "file" else ref
                entries.append(entry.model_copy(update={"ref": name}))
        return entries, skipped

    def _at_revision(self, ref: str) -> Workflow:
        from lamina_graph.git import read
        from lamina_graph.refs import split_revision

        revision = split_revision(ref)
        assert revision is not None
        return load(read(*revision, cwd=self.confinement.root), ref)
