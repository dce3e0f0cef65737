"""The values that a diff is made of."""

import re
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any, Literal, get_args

from pydantic import Field, InstanceOf, model_validator

from lamina_graph.features import Features
from lamina_graph.html_repr import html_table
from lamina_graph.match import Match
from lamina_graph.model import App, Estimate, Value, Workflow
from lamina_graph.text import one_line
from lamina_graph.vocabulary import Vocabulary

Severity = Literal["breaking", "risky", "cosmetic"]
"""What a change means to those who call the app, the worst first."""

SEVERITIES: tuple[Severity, ...] = get_args(Severity)

Level = Literal["breaking", "risky", "cosmetic", "ignore"]
"""What a user may make of a rule: another severity, or not to be reported at all."""


@dataclass(frozen=True, slots=True)
class Version:
    """A workflow to compare, with what is known beside it.

    Attributes:
        workflow: the graph.
        detail: the app's parameters and outputs with this version.
        estimate: what a run of it costs.
        features: its features, where they are known already.
        app_id, name: of the app, where the workflow does not say them.
        path: of the file that it was read from, or was at a git revision.
    """

    workflow: Workflow
    detail: App | None = None
    estimate: Estimate | None = None
    features: Features | None = None
    app_id: str | None = None
    name: str | None = None
    path: PurePath | None = None


class Anchors(Value):
    """Whether nodes of the same id and type were held to be the same node, and why.

    Attributes:
        ids: whether they were; where not, structure decided, but for ids that are given once for all.
        why: one phrase; empty where ids are given once for all anyway.
    """

    ids: bool = True
    why: str = ""


class Side(Value):
    """One of the two versions compared; `edges` is None where they are not known."""

    app_id: str | None = Field(alias="appId")
    name: str | None
    nodes: int
    edges: int | None
    category: str


class Retyped(Value):
    """A matched node whose type was replaced."""

    old: str
    new: str
    before: str = Field(alias="from")
    after: str = Field(alias="to")


class Relabelled(Value):
    """A matched node whose label was replaced; None where the API gave no label."""

    old: str
    new: str
    before: str | None = Field(alias="from")
    after: str | None = Field(alias="to")


class Reidentified(Value):
    """A matched node whose id was replaced."""

    old: str
    new: str


class NodeEdits(Value):
    """The edits on nodes: `added` names new ids, `removed` old ones."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    retyped: tuple[Retyped, ...] = ()
    relabelled: tuple[Relabelled, ...] = ()
    reidentified: tuple[Reidentified, ...] = ()


class EdgeEdits(Value):
    """The edits on edges: `added` names new ids, `removed` old ones."""

    added: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[str, str], ...] = ()


class Accepted(Value):
    """Why a change does not count at the gate, and until when."""

    reason: str
    until: date | None = None


class Change(Value):
    """One thing that changed.

    Attributes:
        rule: its kind, an id of `RULES`.
        also: the rule of the graph that reports the same thing, where both it and the contract do.
        severity: what it means to callers.
        text: one sentence.
        nodes: its subjects: old ids where they were removed, else new ids.
        subject: of the input contract, the parameter or output that it is about, as callers name it.
        before, after: what stood and stands there, as JSON.
        parts: the single edits that it reports in one, a phrase each; empty where it is one edit.
        edges: the edits on edges that it reports, for drawing; not part of the JSON.
        fingerprint: 12 hex digits, the same in every run: what `Acceptance` may name.
        uses: what of one's own code it hits, where that was said.
        accepted: the acceptance that covers it, or None.
    """

    rule: str
    also: str | None = None
    severity: Severity
    text: str
    nodes: tuple[str, ...] = ()
    subject: str | None = None
    before: Any = None
    after: Any = None
    parts: tuple[str, ...] = ()
    edges: EdgeEdits = Field(EdgeEdits(), exclude=True, repr=False)
    fingerprint: str
    uses: tuple[str, ...] = ()
    accepted: Accepted | None = None

    @property
    def heading(self) -> str:
        """The word under which it is listed: `accepted` where an acceptance covers it, else its severity."""
        return "accepted" if self.accepted else self.severity


def worst(changes: Iterable[Change]) -> Severity | None:
    """Return the worst severity among the changes that are not accepted."""
    return min((c.severity for c in changes if not c.accepted), key=SEVERITIES.index, default=None)


class CreditChange(Value):
    """What a run was and is expected to cost, in credits."""

    before: float
    after: float


class Presentation(Value):
    """Matches and edits as a person would pair nodes: names weigh more than types, unlike nodes are two."""

    matches: tuple[Match, ...]
    nodes: NodeEdits
    edges: EdgeEdits


class Diff(Value):
    """What changed between two versions of a workflow.

    Attributes:
        identical: nothing at all changed.
        severity: the worst among the changes that are not accepted, or None.
        cost: 1 for each node inserted, deleted or retyped and each edge inserted or deleted.
        lower_bound: no edit script over the matchings that `anchors` allows costs less; `minimal` where it
            equals the cost.
        anchors: whether the ids of nodes settled which is which.
        matches: which old node is which new node.
        nodes, edges: the edit script: what `replay` plays.
        changes: what the edits mean, the worst first; each edit is reported in one of them.
        ignored: changes not reported because their rule is re-levelled to `ignore`.
        credits: the expected credits, where both estimates were given.
        unknown: what could not be compared, and why.
        presentation: the matches and edits that the changes report, where they are others: as a person would
            pair nodes; not part of the JSON.
        old_workflow, new_workflow: the versions themselves, for drawing; not part of the JSON.
        vocabulary: the words of node types that it was made with, for drawing; not part of the JSON.
    """

    old: Side
    new: Side
    identical: bool
    severity: Severity | None
    cost: int
    lower_bound: int
    minimal: bool
    anchors: Anchors = Anchors()
    matches: tuple[Match, ...]
    nodes: NodeEdits
    edges: EdgeEdits
    changes: tuple[Change, ...]
    ignored: int = 0
    credits: CreditChange | None = None
    unknown: tuple[str, ...] = ()
    presentation: Presentation | None = Field(None, exclude=True, repr=False)
    old_workflow: Workflow = Field(exclude=True, repr=False)
    new_workflow: Workflow = Field(exclude=True, repr=False)
    vocabulary: InstanceOf[Vocabulary] | None = Field(None, exclude=True, repr=False)

    def __repr__(self) -> str:
        return f"<Diff {self._title()}>"

    def _repr_html_(self) -> str:
        """Return the changes, the worst first, and what could not be compared, for a notebook."""
        changes = [(each.severity, each.text, each.rule) for each in self.changes]
        unknown = [("unknown", sentence, "") for sentence in self.unknown]
        proof = "proved minimal" if self.minimal else f"at least {self.lower_bound}"
        note = f"edit cost {self.cost}, {proof}"
        return html_table(self._title(), ["Severity", "Change", "Rule"], [*changes, *unknown], note)

    def _title(self) -> str:
        names = dict.fromkeys(
            one_line(side.name or side.app_id or "unnamed", 80) for side in (self.old, self.new)
        )
        counts = Counter(each.severity for each in self.changes)
        parts = [f"{counts[name]} {name}" for name in ("breaking", "risky", "cosmetic") if counts[name]]
        parts += [f"{len(self.unknown)} unknown"] if self.unknown else []
        return f"{' → '.join(names)}: {', '.join(parts) or 'no changes'}"

    @property
    def presented(self) -> "Diff":
        """This diff with the edits that its changes report, for a picture that says the same.

        Cost and bound stay those of the least edit script.

        >>> import lamina_graph as lg
        >>> old = lg.load({"nodes": [{"id": "a", "type": "noteNode"}], "edges": []})
        >>> new = lg.load({"nodes": [{"id": "b", "type": "klingVideoNode"}], "edges": []})
        >>> lg.diff(old, new).nodes.added, lg.diff(old, new).presented.nodes.added
        ((), ('b',))
        """
        if self.presentation is None:
            return self
        return self.model_copy(update={**dict(self.presentation), "presentation": None})

    @property
    def counted(self) -> tuple[Change, ...]:
        """The changes that count at the gate: all but the accepted ones."""
        return tuple(change for change in self.changes if change.accepted is None)


class Acceptance(Value):
    """A known change: named by its fingerprint, or by an app (id or name) and a rule.

    >>> known = Acceptance(rule="node-retyped", app="Reels", reason="planned")
    >>> known.covers({"Reels"}, "node-retyped", "0123456789ab")
    True
    """

    fingerprint: str | None = None
    app: str | None = None
    rule: str | None = None
    reason: str
    until: date | None = None

    @model_validator(mode="after")
    def _names_something(self) -> "Acceptance":
        if self.fingerprint is None and (self.app is None or self.rule is None):
            raise ValueError("name a `fingerprint`, or an `app` and a `rule`")
        if self.fingerprint is not None and not re.fullmatch("[0-9a-f]{12}", self.fingerprint):
            raise ValueError(
                f"fingerprint: expected 12 hex digits, as `diff` prints them, found {self.fingerprint!r}"
            )
        return self

    def covers(self, apps: Set[str], rule: str, fingerprint: str) -> bool:
        """Whether a change is the one meant here; `apps` holds the ids and names of its app."""
        if self.app is not None and self.app not in apps:
            return False
        return self.fingerprint in (None, fingerprint) and self.rule in (None, rule)
