"""On what terms things are compared: the user's word on rules, and how diffs are made under it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from lamina_graph.diff import Acceptance, Change, Diff, Level, Uses, diff, touching, within
from lamina_graph.diff.draft import Draft
from lamina_graph.diff.judge import judged
from lamina_graph.history.values import Snapshot
from lamina_graph.model import App, Estimate

if TYPE_CHECKING:
    from lamina_graph.classify import Rule
    from lamina_graph.vocabulary import Vocabulary


@dataclass(frozen=True)
class Terms:
    """On what terms things are compared.

    Attributes:
        severities: for ids of `diff.RULES`, another severity, or `ignore`.
        accept: known changes, which do not count at the gate.
        today: past the end date of an acceptance it holds no more.
        uses: what one's own code uses; only what touches it is breaking.
        vocabulary, rules: words of node types and rules of categories, by default the package's.
    """

    severities: Mapping[str, Level] = field(default_factory=dict)
    accept: Sequence[Acceptance] = ()
    today: date | None = None
    uses: Uses | None = None
    vocabulary: "Vocabulary | None" = None
    rules: "Sequence[Rule] | None" = None

    def compare(
        self, old: Snapshot, new: Snapshot, detail: App | None = None, estimate: Estimate | None = None
    ) -> Diff:
        """Return what changed from one snapshot to another.

        Args:
            old: the snapshot before.
            new: the snapshot after.
            detail: the detail last known of the old version, where its own snapshot does not say it.
            estimate: the estimate last known of it, likewise.
        """
        found = diff(
            old.workflow,
            new.workflow,
            severities=self.severities,
            accept=self.accept,
            today=self.today,
            old_detail=(old.detail or detail) if new.detail else None,
            new_detail=new.detail if old.detail or detail else None,
            old_estimate=(old.estimate or estimate) if new.estimate else None,
            new_estimate=new.estimate if old.estimate or estimate else None,
            vocabulary=self.vocabulary,
            rules=self.rules,
        )
        return found if self.uses is None else within(found, self.uses, new.app_id, new.name)

    def judge(self, drafts: Iterable[Draft], app: Snapshot) -> tuple[Change, ...]:
        """Return changes that no diff tells, of an app as a whole."""
        found = judged(drafts, (app, app), self.severities, self.accept, self.today)
        return touching(found, self.uses.find(app.app_id, app.name)) if self.uses is not None else found
