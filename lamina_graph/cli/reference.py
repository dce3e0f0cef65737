"""Reference commands: every rule, and the schemas of machine output."""

from collections.abc import Iterator

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.state import State
from lamina_graph.cli.table import Column

NAMES = (
    "app",
    "app-match",
    "app-summary",
    "auth",
    "catalogue-diff",
    "changes",
    "classify",
    "config",
    "diff",
    "diff-brief",
    "find",
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

    Category rules are listed in the order in which they are tried, those of the configuration first; then
    the rules of changes and of findings.
    """
    if as_json:
        names = ("of", "rule", "default", "sentence")
        rows = (dict(zip(names, row, strict=True)) for row in _rules(state))
        output.print_json([{"schema": "rules/1", **row} for row in rows])
    else:
        columns = [
            Column("Of", "word", 2),
            Column("Rule", "word", 0),
            Column("Default", "name", 1),
            Column("Says", "reason"),
        ]
        output.print_table(columns, _rules(state))


@click.command("schema")
@click.argument("name", type=click.Choice(NAMES), metavar="NAME")
@options.help_paragraph(f"NAME is one of {', '.join(NAMES)}.")
@options.example("lamina-graph schema classify")
def schema_command(name: str) -> None:
    """Print the JSON Schema of a machine output.

    For a command that prints a list, it is the schema of one row.
    """
    from lamina_graph.cli.schemas import schema_of

    output.print_json(schema_of(name))


def _rules(state: State) -> Iterator[tuple[str, str, str, str]]:
    """Yield what each rule is of, its name, its default and what it says."""
    from lamina_graph.diff import RULES as CHANGES
    from lamina_graph.lint import RULES as FINDINGS

    yield from (("category", rule.id, rule.category, rule.sentence) for rule in state.rules)
    for change in CHANGES.values():
        off_path = f"; {change.off_path} if no deliverable depends on it" if change.off_path else ""
        yield "change", change.id, f"{change.severity}{off_path}", change.sentence
    yield from (("finding", rule.id, rule.severity, rule.sentence) for rule in FINDINGS)
