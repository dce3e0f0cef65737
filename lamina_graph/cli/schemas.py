"""The JSON Schema of each machine output, and what no other package has as a value.

This loads every package whose values are printed; a command that answers at once needs `json_rows` alone.
"""

from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, Field

from lamina_graph.brief import ComparedSide, DiffSummary, Sparse, Summary
from lamina_graph.classify import Classification
from lamina_graph.cli.json_rows import schema_name
from lamina_graph.dependencies import Use
from lamina_graph.diff import Diff
from lamina_graph.history import Ages, CatalogueDiff, Changes, History
from lamina_graph.lint import Finding
from lamina_graph.model import App, AppMatch, AppSummary, Estimate, Run, Value, Workflow
from lamina_graph.report.catalogue import Report
from lamina_graph.run_outcome import Outcome
from lamina_graph.runs import DownloadedFile
from lamina_graph.similar import Groups, Similar
from lamina_graph.store import StoreInfo
from lamina_graph.sync import SyncReport


class Credentials(Value):
    """What `auth status` says: never the key."""

    credentials: Literal["apikey", "oauth"] | None
    source: str | None = Field(alias="from")
    expires: str | None
    renewable: bool
    login_ends: str | None
    base_url: str
    base_url_from: str
    workspace: str | None
    warnings: tuple[str, ...]


class AppReport(App):
    """What `app` says of one app: its detail, what a run costs, and a command that runs it."""

    estimate: Estimate | None
    request: str


class Planned(Value):
    """What `run --dry-run` says: the request that would start the run, and what the run would cost."""

    method: Literal["POST"] = "POST"
    path: str
    body: dict[str, Any]
    estimate: Estimate


class ShownWorkflow(Summary):
    """What `show` says of one workflow; when it was built, and how a run of it went, only where asked for."""

    ages: Sparse[Ages | None] = None
    run: Sparse[Outcome | None] = None


class Comparison(Diff):
    """What `diff` says of two versions."""

    old: ComparedSide
    new: ComparedSide


class Grouping(Groups):
    """What `similar --groups` says of a catalogue; the groups name their members by place in `refs`."""

    refs: tuple[str, ...]


class Findings(Value):
    """What `lint` says of one workflow."""

    app_id: str | None = Field(alias="appId")
    name: str | None
    findings: tuple[Finding, ...]


class Uses(Value):
    """What `find` says of one workflow that uses what was looked for."""

    app_id: str | None = Field(alias="appId")
    name: str | None
    uses: tuple[Use, ...]


class RunReport(Run):
    """What `run` and `runs get` say of one run, and the files that its outputs were written to."""

    files: tuple[DownloadedFile, ...] = ()


class SettingInForce(Value):
    """One setting of the program: its value, and where that comes from."""

    setting: str
    value: str
    source: str = Field(alias="from")


class Rule(Value):
    """One rule of the program: what it judges, its default, its sentence."""

    of: str
    rule: str
    default: str
    sentence: str


class Output(NamedTuple):
    """One machine output.

    Attributes:
        value: what its object, or each row of its list, holds.
        has_ref: whether a row says which input it answers, and may say an error instead.
        bare: whether it is the API's own, which names no schema.
    """

    value: type[BaseModel]
    has_ref: bool = False
    bare: bool = False


OUTPUTS: dict[str, Output] = {
    "app": Output(AppReport),
    "app-match": Output(AppMatch),
    "app-summary": Output(AppSummary),
    "auth": Output(Credentials),
    "catalogue-diff": Output(CatalogueDiff),
    "changes": Output(Changes),
    "classify": Output(Classification, has_ref=True),
    "config": Output(SettingInForce),
    "diff": Output(Comparison),
    "diff-brief": Output(DiffSummary),
    "find": Output(Uses, has_ref=True),
    "groups": Output(Grouping),
    "history": Output(History),
    "lint": Output(Findings, has_ref=True),
    "report": Output(Report),
    "request": Output(Planned),
    "rules": Output(Rule),
    "run": Output(RunReport),
    "runs": Output(Run),
    "show": Output(ShownWorkflow, has_ref=True),
    "similar": Output(Similar, has_ref=True),
    "snapshot": Output(SyncReport),
    "store": Output(StoreInfo),
    "workflow": Output(Workflow, bare=True),
}


def schema_of(name: str) -> dict[str, Any]:
    """Return the JSON Schema of one object, or of one row of a list, of a machine output."""
    value, has_ref, bare = OUTPUTS[name]
    schema = value.model_json_schema(mode="validation" if bare else "serialization")
    definitions = schema.pop("$defs", {})
    kinds = [schema if bare else _with_head(schema, name, has_ref), *([_ERROR] if has_ref else [])]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **({"anyOf": kinds} if has_ref else kinds[0]),
        "title": f"lamina-graph {schema_name(name)}",
        "$defs": definitions,
    }


def _with_head(schema: dict[str, Any], name: str, has_ref: bool) -> dict[str, Any]:
    head: dict[str, Any] = {"schema": {"const": schema_name(name)}}
    if has_ref:
        head["ref"] = {"type": "string"}
    return {
        **schema,
        "properties": {**schema.get("properties", {}), **head},
        "required": sorted({*schema.get("required", []), *head}),
    }


_ERROR = {
    "title": "An input that could not be read",
    "type": "object",
    "properties": {key: {"type": "string"} for key in ("schema", "ref", "error", "hint")},
    "required": ["schema", "ref", "error", "hint"],
    "additionalProperties": False,
}
