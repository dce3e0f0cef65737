"""Commands that tell what there is: rules, and the schemas of machine output."""

from typing import TYPE_CHECKING, Any

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.state import State

if TYPE_CHECKING:
    from lamina_graph.diff import Rule

NAMES = (
    "app",
    "app-summary",
    "auth",
    "changes",
    "classify",
    "diff",
    "groups",
    "history",
    "lint",
    "report",
    "request",
    "rules",
    "run",
    "runs",
    "show",
    "similar",
    "snapshot",
    "store",
    "workflow",
)


@click.command("rules")
@options.as_json("rules")
@click.pass_obj
@options.example("lamina-graph rules", "lamina-graph rules --json")
def rules_command(state: State, as_json: bool) -> None:
    """List every rule with its default.

    The rules of categories stand in the order in which they are tried, those of the configuration first; then
    the rules of changes and of findings.
    """
    rows = [*_category_rules(state), *_change_rules(), *_finding_rules()]
    if as_json:
        output.print_json([{"schema": "rules/1", **row} for row in rows])
    else:
        output.print_table(["Of", "Rule", "Default", "Says"], [tuple(row.values()) for row in rows])


@click.command("schema")
@click.argument("name", type=click.Choice(NAMES), metavar="NAME")
@options.help_paragraph(f"NAME is one of {', '.join(NAMES)}.")
@options.example("lamina-graph schema classify")
def schema_command(name: str) -> None:
    """Print the JSON Schema of a machine output.

    Of a command that prints a list, it is the schema of one row.
    """
    from lamina_graph.cli.schemas import schema_of

    output.print_json(schema_of(name))


def _category_rules(state: State) -> list[dict[str, Any]]:
    return [
        {"of": "category", "rule": r.id, "default": r.category, "sentence": r.sentence} for r in state.rules
    ]


def _change_rules() -> list[dict[str, Any]]:
    from lamina_graph.diff import RULES

    return [_change_rule(r) for r in RULES.values()]


def _finding_rules() -> list[dict[str, Any]]:
    from lamina_graph.lint import RULES

    return [{"of": "finding", "rule": r.id, "default": r.severity, "sentence": r.sentence} for r in RULES]


def _change_rule(rule: "Rule") -> dict[str, Any]:
    where = f"; {rule.elsewhere} where no deliverable depends on it" if rule.elsewhere else ""
    return {"of": "change", "rule": rule.id, "default": f"{rule.severity}{where}", "sentence": rule.sentence}
