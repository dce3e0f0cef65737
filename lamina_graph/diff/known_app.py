"""By what callers may know an app, its inputs and its outputs."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from lamina_graph.diff.node_names import node_aliases, normalize, shorten
from lamina_graph.diff.values import Version
from lamina_graph.features import Features, features
from lamina_graph.model import Parameter
from lamina_graph.vocabulary import Vocabulary

Part = Literal["input", "output"]
"""What callers name of an app."""


@dataclass(frozen=True)
class KnownApp:
    """By what callers may know an app and its parts.

    Attributes:
        ids, names: of the app.
        versions: those at hand.
        vocabulary: words of node types, by default the package's.
    """

    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    versions: tuple[Version, ...] = field(default=(), repr=False)
    vocabulary: Vocabulary | None = field(default=None, repr=False)

    @classmethod
    def of(cls, *versions: Version, vocabulary: Vocabulary | None = None) -> "KnownApp":
        """Return by what an app and its parts may be known in these versions.

        >>> from lamina_graph.files import load
        >>> KnownApp.of(Version(load({"name": "Reel", "nodes": [], "edges": []}), app_id="6f1c2d3e")).names
        ('Reel',)
        """
        known = [each for v in versions for each in (v, v.workflow, v.detail) if each is not None]
        ids, names = (dict.fromkeys(getattr(each, of) for each in known) for of in ("app_id", "name"))
        return cls(tuple(filter(None, ids)), tuple(filter(None, names)), versions, vocabulary)

    @property
    def title(self) -> str:
        """What to call the app."""
        return shorten((*self.names, *self.ids, "the app")[0], 80)

    @property
    def is_listed(self) -> bool:
        """Whether it is known from a catalogue: then it is certain which other apps there are."""
        return not self.versions or any(version.app_id for version in self.versions)

    @property
    def has_details(self) -> bool:
        """Whether the detail of each version is at hand."""
        return bool(self.versions) and all(version.detail for version in self.versions)

    @cached_property
    def parameters(self) -> list[Parameter]:
        """The parameters that the details name."""
        return [each for version in self.versions if version.detail for each in version.detail.parameters]

    @cached_property
    def in_details(self) -> dict[Part, dict[str, str]]:
        """The names that details give: of parameters key, id and name, of outputs the label."""
        labels = [
            each.label for version in self.versions if version.detail for each in version.detail.outputs
        ]
        return {
            "input": {
                normalize(name): each.input_name for each in self.parameters for name in list_names(each)
            },
            "output": {normalize(label): label for label in labels if label},
        }

    @cached_property
    def nodes(self) -> dict[str, dict[str, str]]:
        """The names of each node by its id, a deliverable's with those of the output nodes after it."""
        return self._read[0]

    @cached_property
    def in_graph(self) -> dict[Part, dict[str, str]]:
        """The names of the nodes through which media enter, and leave."""
        return self._read[1]

    @cached_property
    def lost_outputs(self) -> dict[str, dict[str, str]]:
        """The names of each output node that the last version lacks, by its id, labelled or not."""
        kept = {node.id for version in self.versions[-1:] for node in version.workflow.nodes}
        facts = (node for version in self.versions[:-1] for node in self._features_of(version).facts)
        return {
            node.id: self.nodes[node.id] for node in facts if node.role == "output" and node.id not in kept
        }

    def _features_of(self, version: Version) -> Features:
        return version.features or features(version.workflow, vocabulary=self.vocabulary)

    @cached_property
    def _read(self) -> tuple[dict[str, dict[str, str]], dict[Part, dict[str, str]]]:
        nodes: dict[str, dict[str, str]] = {}
        parts: dict[Part, dict[str, str]] = {"input": {}, "output": {}}
        for version in self.versions:
            facts = self._features_of(version)
            exits = {node.id for node in facts.facts if node.role == "output"}
            deliverables = {each.id for each in facts.deliverables}
            for node in version.workflow.nodes:
                nodes.setdefault(node.id, {}).update(node_aliases(node, self.vocabulary))
            for edge in version.workflow.edges:
                if edge.source in deliverables and edge.target in exits:
                    nodes[edge.source] |= nodes[edge.target]
            for id_ in facts.inputs:
                parts["input"] |= nodes[id_]
            for id_ in exits | deliverables:
                parts["output"] |= nodes[id_]
        return nodes, parts


def list_names(parameter: Parameter) -> list[str]:
    """Return by what callers may name a parameter."""
    return [name for name in (parameter.key, parameter.name, parameter.id) if name]
