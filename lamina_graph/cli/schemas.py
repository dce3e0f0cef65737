"""The rows of machine output that no other room has as a value, and the JSON Schema of each.

A row is a value of some room with two keys before it: `schema`, its own name and version, and `ref`, what the
person named.
"""

from typing import Any

from pydantic import BaseModel, Field

from lamina_graph.classify import Classification
from lamina_graph.diff import Diff, Side
from lamina_graph.features import Deliverable
from lamina_graph.history import Ages, Changes, History
from lamina_graph.lint import Finding
from lamina_graph.model import App, AppSummary, Run, Value, Workflow
from lamina_graph.outcome import Outcome
from lamina_graph.report import Report
from lamina_graph.runs import Saved
from lamina_graph.similar import Groups, Similar
from lamina_graph.store import Info
from lamina_graph.sync import Synced


class NodeName(Value):
    """A node as a summary names it."""

    id: str
    title: str


class Summary(Classification):
    """What `show` says of one workflow."""

    inputs: tuple[NodeName, ...]
    deliverables: tuple[Deliverable, ...]
    generating: tuple[tuple[NodeName, ...], ...]
    ages: Ages
    findings: tuple[Finding, ...]
    run: Outcome | None = None


class Version(Side):
    """One side of a diff, as a person named it."""

    ref: str


class Comparison(Diff):
    """What `diff` says of two versions."""

    old: Version
    new: Version


class Grouping(Groups):
    """What `similar --all` says of a catalogue; the groups name their members by place in `refs`."""

    refs: tuple[str, ...]


class Findings(Value):
    """What `lint` says of one workflow."""

    app_id: str | None = Field(alias="appId")
    name: str | None
    findings: tuple[Finding, ...]


class RunReport(Run):
    """What `run` and `runs get` say of one run, and the files that its outputs were written to."""

    files: tuple[Saved, ...] = ()


class Rule(Value):
    """One rule of the program: what it judges, its default, its sentence."""

    of: str
    rule: str
    default: str
    sentence: str


ROWS: dict[str, tuple[type[BaseModel], bool]] = {
    "app": (App, False),
    "app-summary": (AppSummary, False),
    "changes": (Changes, False),
    "classify": (Classification, True),
    "diff": (Comparison, False),
    "groups": (Grouping, False),
    "history": (History, False),
    "lint": (Findings, True),
    "report": (Report, False),
    "rules": (Rule, False),
    "run": (RunReport, False),
    "runs": (Run, False),
    "show": (Summary, True),
    "similar": (Similar, True),
    "snapshot": (Synced, False),
    "store": (Info, False),
    "workflow": (Workflow, False),
}
"""Of each machine output: the value that its row holds, and whether the row has a `ref`."""


def row(name: str, value: BaseModel, ref: str | None = None) -> dict[str, Any]:
    """Return the row of machine output for a value.

    >>> rule = Rule(of="finding", rule="cycle", default="note", sentence="The graph has a cycle.")
    >>> row("rules", rule)["schema"]
    'rules/1'
    """
    head = {"schema": f"{name}/1"} if ref is None else {"schema": f"{name}/1", "ref": ref}
    return {**head, **value.model_dump(mode="json")}


def schema_of(name: str) -> dict[str, Any]:
    """Return the JSON Schema of one object, or of one row of a list, of a machine output."""
    model, has_ref = ROWS[name]
    told = model.model_json_schema(mode="serialization")
    head: dict[str, Any] = {"schema": {"const": f"{name}/1"}}
    if has_ref:
        head["ref"] = {"type": "string"}
    told["properties"] = {**told.get("properties", {}), **head}
    told["required"] = sorted({*told.get("required", []), *head})
    definitions = told.pop("$defs", {})
    kinds = [told, _ERROR] if has_ref else [told]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"lamina-graph {name}/1",
        **({"anyOf": kinds} if has_ref else told),
        "$defs": definitions,
    }


_ERROR = {
    "title": "An input that could not be read",
    "type": "object",
    "properties": {key: {"type": "string"} for key in ("schema", "ref", "error", "hint")},
    "required": ["schema", "ref", "error", "hint"],
    "additionalProperties": False,
}
