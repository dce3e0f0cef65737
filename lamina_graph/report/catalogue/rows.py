"""One row of a catalogue: everything that is known of one app on its own."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from pydantic import Field

from lamina_graph.classify import Classification, classify
from lamina_graph.dependencies import Dependencies, dependencies
from lamina_graph.errors import LaminaGraphError
from lamina_graph.features import Features, features, readable_title
from lamina_graph.history import Ages, ages
from lamina_graph.lint import Finding, lint
from lamina_graph.model import Entry, Value, Workflow, title_of
from lamina_graph.report.catalogue.credits import RunCredits, run_credits
from lamina_graph.report.catalogue.pictures import Pictures, pictures
from lamina_graph.similar import Fingerprint, fingerprint, profile
from lamina_graph.text import one_line
from lamina_graph.vocabulary import Modality, Vocabulary, readable

if TYPE_CHECKING:
    from lamina_graph.classify import Rule


MOST_ALIKE = 100
"""Apps of a group that a row names: to name all in each would take the square of their number."""

_NOT_ALL = f"at most {MOST_ALIKE}; the summary has all"


class Port(Value):
    """A node through which something enters or leaves; the title is its label, else its readable type."""

    id: str
    title: str
    modalities: tuple[Modality, ...]


class NodeType(Value):
    """A node type that occurs in a workflow, its readable name, and how often it does."""

    type: str
    name: str
    nodes: int


class Row(Value):
    """One app of a catalogue, or why it could not be read."""

    schema_name: Literal["report-row/1"] = Field(default="report-row/1", alias="schema")
    ref: str
    key: str = Field(description="what a link names: `#app=KEY`; the app's id where the report has it once")
    app_id: str | None = Field(default=None, alias="appId")
    name: str | None = None
    error: str | None = None
    classification: Classification | None = None
    strip: str = Field(default="", description="the pipeline in one line")
    newer: str | None = Field(
        default=None, description="of an older version: the key of the newest one of its app in the report"
    )
    inputs: tuple[Port, ...] = ()
    deliverables: tuple[Port, ...] = ()
    types: tuple[NodeType, ...] = ()
    uses: Dependencies = Dependencies()
    findings: tuple[Finding, ...] = ()
    twins: tuple[str, ...] = Field(
        default=(), description=f"keys of the apps that are the same graph, {_NOT_ALL}"
    )
    family: tuple[str, ...] = Field(
        default=(), description=f"keys of the apps that are nearly the same graph, {_NOT_ALL}"
    )
    copies: tuple[str, ...] = Field(
        default=(), description=f"keys of the apps that have node ids of this one, {_NOT_ALL}"
    )
    ages: Ages | None = Field(default=None, description="when its nodes were made, as their ids tell")
    credits: RunCredits | None = Field(
        default=None, description="what a run costs, where an estimate says it"
    )

    @property
    def newest(self) -> datetime | None:
        """When its newest node was made."""
        return self.ages.newest if self.ages else None

    @property
    def expected(self) -> float | None:
        """The credits that a run is expected to cost."""
        return self.credits.expected if self.credits else None

    @property
    def title(self) -> str:
        """The app's name, else that of its file, else what a person named."""
        return self.name or (title_of(None, self.ref) if self.classification else "") or self.ref


class RowSummary(NamedTuple):
    """What a report keeps of each row at hand; a row without a category could not be read.

    Attributes:
        ref, key, app_id, title, error, newer, newest: as in the row.
        category, shape, confidence: of its classification.
        takes, gives: modalities.
        packs, models, services: what it uses.
        findings: the rule and the severity of each kind of finding.
        credits: what a run is expected to cost.
    """

    ref: str
    key: str
    app_id: str | None
    title: str
    error: str | None
    newer: str | None
    newest: datetime | None
    category: str
    shape: str
    confidence: float
    takes: tuple[Modality, ...]
    gives: tuple[Modality, ...]
    packs: tuple[str, ...]
    models: tuple[str, ...]
    services: tuple[str, ...]
    findings: tuple[tuple[str, str], ...]
    credits: float | None

    @classmethod
    def of(cls, row: Row) -> Self:
        """Return what is kept of a row."""
        verdict = row.classification
        return cls(
            ref=row.ref,
            key=row.key,
            app_id=row.app_id,
            title=row.title,
            error=row.error,
            newer=row.newer,
            newest=row.newest,
            category=verdict.category if verdict else "",
            shape=verdict.shape if verdict else "",
            confidence=verdict.confidence if verdict else 0.0,
            takes=verdict.modalities.inputs if verdict else (),
            gives=verdict.modalities.outputs if verdict else (),
            packs=row.uses.packs,
            models=row.uses.models,
            services=row.uses.services,
            findings=tuple(sorted({(finding.rule, finding.severity) for finding in row.findings})),
            credits=row.expected,
        )


class AnalysisOptions(NamedTuple):
    """How the apps of a catalogue are analyzed.

    Attributes:
        vocabulary: the words of node types; the default ones where not given.
        rules: the rules of classification; the default ones where not given.
        now: when the catalogue was seen: later stamps in node ids count as unknown.
        draw: whether to draw the pictures, which only the HTML has.
    """

    vocabulary: Vocabulary | None = None
    rules: "Sequence[Rule] | None" = None
    now: datetime | None = None
    draw: bool = True


DEFAULTS = AnalysisOptions()


class AppAnalysis(NamedTuple):
    """What one app gives before the whole catalogue is known.

    Attributes:
        row: all of it in words and numbers.
        fingerprint: by which it is grouped with others; None where it could not be read.
        pictures, workflow: None where it is not drawn.
    """

    row: Row
    fingerprint: Fingerprint | None = None
    pictures: Pictures | None = None
    workflow: Workflow | None = None


def analyze_app(entry: Entry, options: AnalysisOptions = DEFAULTS) -> AppAnalysis:
    """Return the row of one entry; an entry without a workflow, or with one that fails, gives its error.

    >>> from lamina_graph.errors import InputError
    >>> analyze_app(Entry(ref="app.json", error=InputError("it is empty"))).row.error
    'it is empty'
    """
    if entry.workflow is None:
        return AppAnalysis(_failed_row(entry, entry.error))
    try:
        return _analyze(entry, entry.workflow, options)
    except LaminaGraphError as error:
        return AppAnalysis(_failed_row(entry, error))


def _analyze(entry: Entry, workflow: Workflow, options: AnalysisOptions) -> AppAnalysis:
    from lamina_graph.render import draw_strip

    vocabulary = options.vocabulary
    facts = features(workflow, vocabulary=vocabulary)
    verdict = classify(workflow, facts=facts, vocabulary=vocabulary, rules=options.rules)
    strip = draw_strip(facts, workflow=workflow, vocabulary=vocabulary).scene
    row = Row(
        ref=entry.ref,
        key=one_line(workflow.app_id or entry.ref),
        app_id=workflow.app_id,
        name=workflow.name,
        classification=verdict,
        strip=strip.text,
        inputs=tuple(_inputs(facts, vocabulary)),
        deliverables=tuple(_deliverables(facts, vocabulary)),
        types=_types(facts, vocabulary),
        uses=dependencies(workflow, facts=facts, vocabulary=vocabulary),
        findings=lint(workflow, facts=facts),
        ages=ages(facts, options.now),
        credits=entry.estimate and run_credits(workflow, facts, entry.estimate),
    )
    drawing = pictures(workflow, facts, verdict, strip, vocabulary) if options.draw else None
    compared = fingerprint(profile(workflow, facts=facts))
    return AppAnalysis(row, compared, drawing, workflow if options.draw else None)


def _failed_row(entry: Entry, error: LaminaGraphError | None) -> Row:
    workflow = entry.workflow
    return Row(
        ref=entry.ref,
        key=one_line((workflow and workflow.app_id) or entry.ref),
        app_id=workflow and workflow.app_id,
        name=workflow and workflow.name,
        error=str(error) if error else "there is no workflow",
    )


def _inputs(facts: Features, vocabulary: Vocabulary | None) -> Iterator[Port]:
    entering = set(facts.inputs)
    for fact in facts.facts:
        if fact.id in entering:
            yield Port(id=fact.id, title=readable_title(fact, vocabulary), modalities=fact.modalities)


def _deliverables(facts: Features, vocabulary: Vocabulary | None) -> Iterator[Port]:
    """Yield what leaves, called as its callers do: by the output node that it leaves through, if any."""
    known = {fact.id: fact for fact in facts.facts}
    for port in facts.deliverables:
        yield Port(id=port.id, title=readable_title(known[port.end], vocabulary), modalities=port.modalities)


def _types(facts: Features, vocabulary: Vocabulary | None) -> tuple[NodeType, ...]:
    counts = Counter(fact.type for fact in facts.facts)
    commonest = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        NodeType(type=type_, name=readable(type_, vocabulary), nodes=nodes) for type_, nodes in commonest
    )
