"""The settings of a comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from lamina_graph.diff.usage import Usage
from lamina_graph.diff.values import Acceptance, Level

if TYPE_CHECKING:
    from lamina_graph.classify import Rule
    from lamina_graph.match import Proof
    from lamina_graph.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class ComparisonPolicy:
    """The settings of a comparison.

    Attributes:
        severities: for ids of `RULES`, another severity, or `ignore`.
        acceptances: known changes, which do not count at the gate.
        today: past the end date of an acceptance it holds no more; without it, end dates are not looked at.
        ignore: patterns of paths of fields that are not compared, such as `data.updatedAt` or `data.*Cache`.
        usage: what one's own code uses of apps: only what touches it is breaking.
        vocabulary: words of node types, by default the package's.
        category_rules: rules of categories, by default the package's.
        proof: how far to go for a proof that the edit cost is the least.
    """

    severities: Mapping[str, Level] = field(default_factory=dict)
    acceptances: Sequence[Acceptance] = ()
    today: date | None = None
    ignore: Sequence[str] = ()
    usage: Usage | None = None
    vocabulary: "Vocabulary | None" = None
    category_rules: "Sequence[Rule] | None" = None
    proof: "Proof" = "bounded"
