"""The answer of `classify`, as values."""

from pydantic import Field

from lamina_graph.classify.context import Source
from lamina_graph.features import Shape
from lamina_graph.html_repr import html_table
from lamina_graph.model import Value
from lamina_graph.text import one_line
from lamina_graph.vocabulary import Modality


class Evidence(Value):
    """One claim, the rule that makes it, where it comes from, and a path through the graph that shows it.

    A path follows edges and ends where nothing follows, or in a cycle; it is empty where no path could show
    the claim.
    """

    rule: str
    claim: str
    source: Source
    path: tuple[str, ...] = ()


class Modalities(Value):
    """What goes in and what comes out."""

    inputs: tuple[Modality, ...]
    outputs: tuple[Modality, ...]


class Classification(Value):
    """What kind of pipeline an app is, and why: the JSON of `classify --json`.

    Where the edges of the workflow are not known, the shape is `unknown`, and what is counted along edges is
    None.
    """

    app_id: str | None = Field(alias="appId")
    name: str | None
    category: str
    confidence: float
    modalities: Modalities
    shape: Shape
    steps: int
    generations: int
    stages: int | None
    evidence: tuple[Evidence, ...]
    features: dict[str, int | None]

    def __repr__(self) -> str:
        name = one_line(self.name or self.app_id or "without a name", 80)
        return f"<Classification {name!r}: {self.category}, {self.confidence:.0%} sure>"

    def _repr_html_(self) -> str:
        """Return the verdict with its evidence, for a notebook."""
        title = f"{self.name or 'Without a name'}: {self.category}, {self.confidence:.0%} sure"
        rows = [(each.claim, each.rule, each.source) for each in self.evidence]
        return html_table(title, ["Because", "Rule", "From"], rows)
