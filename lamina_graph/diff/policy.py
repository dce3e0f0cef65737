"""What is compared, and what a comparison is to mind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from lamina_graph.diff.usage import KnownApp, Usage
from lamina_graph.diff.values import Acceptance, Level
from lamina_graph.features import Features
from lamina_graph.model import App, Estimate, Workflow

if TYPE_CHECKING:
    from lamina_graph.classify import Rule
    from lamina_graph.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Version:
    """A workflow to compare, with what is known beside it.

    Attributes:
        workflow: the graph.
        detail: the app's parameters and outputs with this version.
        estimate: what a run of it costs.
        features: its features, where they are known already.
        app_id, name: of the app, where the workflow does not say them.
    """

    workflow: Workflow
    detail: App | None = None
    estimate: Estimate | None = None
    features: Features | None = None
    app_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ComparisonPolicy:
    """What a comparison is to mind.

    Attributes:
        severities: for ids of `RULES`, another severity, or `ignore`.
        acceptances: known changes, which do not count at the gate.
        today: past the end date of an acceptance it holds no more; without it, end dates are not looked at.
        usage: what one's own code uses of apps: only what touches it is breaking.
        vocabulary: words of node types, by default the package's.
        category_rules: rules of categories, by default the package's.
    """

    severities: Mapping[str, Level] = field(default_factory=dict)
    acceptances: Sequence[Acceptance] = ()
    today: date | None = None
    usage: Usage | None = None
    vocabulary: "Vocabulary | None" = None
    category_rules: "Sequence[Rule] | None" = None


def known_app(*versions: Version, vocabulary: "Vocabulary | None" = None) -> KnownApp:
    """Return by what callers may know an app and its parts, in the versions at hand.

    Args:
        versions: the app before and after, or as it is.
        vocabulary: words of node types, by default the package's.

    >>> from lamina_graph.files import load
    >>> known_app(Version(load({"name": "Reel", "nodes": [], "edges": []}), app_id="6f1c2d3e")).names
    ('Reel',)
    """
    details = [version.detail for version in versions if version.detail]
    ids = [id_ for each in versions for id_ in (each.app_id, each.workflow.app_id)]
    names = [name for each in versions for name in (each.name, each.workflow.name)]
    return KnownApp(
        ids=tuple(dict.fromkeys(filter(None, [*ids, *(detail.app_id for detail in details)]))),
        names=tuple(dict.fromkeys(filter(None, [*names, *(detail.name for detail in details)]))),
        parameters=tuple(each for detail in details for each in detail.parameters),
        outputs=tuple(each for detail in details for each in detail.outputs),
        complete=len(details) == len(versions) > 0,
        versions=tuple((each.workflow, each.features) for each in versions),
        vocabulary=vocabulary,
    )
