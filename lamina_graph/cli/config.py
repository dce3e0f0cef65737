"""Which settings are in force, and where each comes from."""

import os
import re
from collections.abc import Iterator

import click

from lamina_graph.cli import options, output
from lamina_graph.cli.state import State
from lamina_graph.text import pluralize


@click.group("config")
def config_group() -> None:
    """Show which settings are in force."""


@config_group.command("show")
@options.as_json("config")
@click.pass_obj
@options.example("lamina-graph config show")
def show_command(state: State, as_json: bool) -> None:
    """Show which settings are in force and where each comes from, never a key.

    Options override environment variables, and these override the configuration file.
    """
    rows = list(_settings(state))
    if as_json:
        names = ("setting", "value", "from")
        output.print_json([{"schema": "config/1", **dict(zip(names, row, strict=True))} for row in rows])
        return
    output.print_fields((name, f"{value} ({source})") for name, value, source in rows)


def _settings(state: State) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the value and the origin of each setting."""
    config, known = state.config, state.settings.describe()
    origin = "--config" if state.config_option else "the nearest one"
    workspace = known["workspace"]
    yield (
        "configuration",
        str(config.path or "none"),
        origin if config.path else "no .lamina-graph.toml in this folder or above",
    )
    yield "store", _without_password(state.store_setting.value), state.store_setting.source
    yield "API", known["base_url"], known["base_url_from"]
    yield "credentials", known["credentials"] or "none", known["from"] or "no LAMINA_API_KEY, no saved login"
    yield "workspace", workspace or "that of the key", "LAMINA_WORKSPACE_ID" if workspace else "the default"
    yield "cache", str(_cache()), "the default"
    without = bool(os.environ.get("NO_COLOR"))
    yield "colours", "off" if without else "on a terminal", "NO_COLOR" if without else "the default"
    yield from ((name, value, state.config_source) for name, value in _sections(state))


def _sections(state: State) -> Iterator[tuple[str, str]]:
    """Yield what each section of the configuration holds; those that are wrong are an error."""
    policy, config = state.policy(), state.config
    if config.vocabulary:
        assert state.vocabulary  # checks its words
        yield "words", ", ".join(sorted(config.vocabulary))
    if config.category:
        count = pluralize(len(config.category), "rule")
        yield "categories of your own", f"{count}, of {len(state.rules)}"
    if config.diff:
        yield "changes rated or ignored", ", ".join(sorted(config.diff.get("severity", config.diff)))
    if policy.acceptances:
        yield "accepted changes", str(len(policy.acceptances))
    if config.report:
        yield "title of reports", state.report_title


def _without_password(url: str) -> str:
    """Return the address of a store without what must not be shown.

    >>> _without_password("postgresql://me:s3cr@t@host/db?password=s3cr@t"), _without_password("q?x.db")
    ('postgresql://me:***@host/db', 'q?x.db')
    """
    if "://" not in url:
        return url
    return re.sub(r"(//[^/@:]*):.*@", r"\1:***@", url.partition("?")[0])


def _cache() -> object:
    import platformdirs

    return platformdirs.user_cache_path("lamina-graph", appauthor=False)
