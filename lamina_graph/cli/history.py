"""Commands about time: history, changes, uses."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lamina_graph.batch import choose_executor
from lamina_graph.cli import options, output
from lamina_graph.cli.change_forms import FORMS, exit_at_gate, post_changes, write_changes
from lamina_graph.cli.state import State
from lamina_graph.errors import InputError, RefError, StoreError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from lamina_graph.diff import ComparisonPolicy
    from lamina_graph.history import Changes, History
    from lamina_graph.model import App
    from lamina_graph.store import Store
    from lamina_graph.store_reader import Span

HISTORY = {".txt": "text", ".json": "json", ".html": "html", ".htm": "html"}
CHANGES = {**HISTORY, ".md": "markdown", ".atom": "atom"}
GATES = ("breaking", "risky", "cosmetic")
_WORTH = 10
"""How many pairs count as one graph where work is spread over processes: handing them over takes long."""
_LAST = "last"
_STORES = ("sqlite:", "postgres")
_SNAPSHOT = "`lamina-graph snapshot --all` with LAMINA_BASE_URL set to it records what it has."

base_url = click.option("--base-url", metavar="URL", help="Only apps from this API address.")


@click.command("history")
@click.argument("ref", metavar="REF", shell_complete=options.complete_apps)
@options.out_file
@options.open_page
@options.form(["text", "json", "html"], "from the file name, else text", "history")
@base_url
@options.uses
@click.pass_obj
@options.example(
    'lamina-graph history "Quick Reel Maker"', 'lamina-graph history "Quick Reel Maker" -o reel.html'
)
def history_command(
    state: State, ref: str, target: Path | None, form: str | None, base_url: str | None, uses: Path | None
) -> None:
    """Show the history of an app from the store.

    REF is the id of an app, its name, or the start of one. The HTML page has a slider through the versions.
    """
    from lamina_graph.history import history
    from lamina_graph.refs import APP_PREFIX
    from lamina_graph.report.history import MOST_VERSIONS
    from lamina_graph.store_reader import find_app

    form = output.choose_form(form, target, HISTORY, "text")
    store = state.store()
    app = find_app(store, ref.removeprefix(APP_PREFIX), base_url, state.settings.base_url)
    damage: list[StoreError] = []
    snapshots = store.history(app, damaged=damage.append)
    drawn = MOST_VERSIONS if form == "html" else 0
    result = history(snapshots, store.events(app=app), policy=state.policy(uses), drawn=drawn)
    output.write_output(_history_forms(state, target)[form](result), target, form)
    for error in damage:
        output.print_error(str(error), error.hint)
    if damage:
        click.get_current_context().exit(2)


@click.command("changes")
@click.option(
    "--since",
    metavar="WHEN",
    default="7d",
    show_default=True,
    help="A time span (12h, 7d, 4w), a date, or last.",
)
@click.option("--until", metavar="WHEN", help="End of the span; by default now.")
@click.option(
    "--between",
    nargs=2,
    metavar="A B",
    help="Compare the current state of two base URLs or two stores instead.",
)
@options.form([*FORMS, "atom"], "from the file name, else text", "changes")
@options.out_file
@options.open_page
@options.uses
@click.option("--fail-on", type=click.Choice(GATES), help="Exit with status 1 at this severity or above.")
@base_url
@click.option(
    "--reader", default="", metavar="NAME", help="Cursor name for --since last; each keeps its own position."
)
@click.option(
    "--post",
    metavar="URL",
    help="Also post the changes as JSON, signed with LAMINA_GRAPH_POST_SECRET, to https or this machine.",
)
@click.pass_obj
@options.example(
    "lamina-graph changes --since 7d",
    "lamina-graph changes --since last -f slack --uses uses.toml",
    "lamina-graph changes --between staging.db production.db",
)
def changes_command(
    state: State,
    since: str,
    until: str | None,
    between: tuple[str, str] | None,
    form: str | None,
    target: Path | None,
    uses: Path | None,
    fail_on: str | None,
    base_url: str | None,
    reader: str,
    post: str | None,
) -> None:
    """Show what changed in all apps of the store.

    Prints nothing, with status 0, if nothing changed. Exit status 2 if some apps could not be compared: they
    are listed as unknown. `--since last` reports each change once.
    """
    from lamina_graph.history import with_unknown_usage
    from lamina_graph.store_reader import list_used_apps

    form, policy = output.choose_form(form, target, CHANGES, "text"), state.policy(uses)
    if between:
        result = _compare_places(state, between, policy)
    else:
        span = _parse_span(state.store(), since, until, base_url, reader)
        apps = list_used_apps(state.store(), policy, base_url)
        result = with_unknown_usage(apps, policy, partial(_compare_span, state, span, base_url))
    write_changes(result, form, target)
    if post:
        post_changes(result, post, state.settings.post_secret.get_secret_value())
    if since == _LAST and result.until and state.store().runs(last=1):
        state.store().advance_cursor(reader, result.until, base_url)
    exit_at_gate(result, (fail_on,) if fail_on else ())


@click.command("uses")
@click.option(
    "--from-runs",
    is_flag=True,
    required=True,
    help="Read requests and answers of runs, the only source so far.",
)
@click.argument(
    "runs",
    nargs=-1,
    required=True,
    type=options.input_file,
    metavar="RUN.json...",
)
@click.option("--app", metavar="ID", help="The app, where a file does not name it.")
@options.out_file
@click.pass_obj
@options.example("lamina-graph uses --from-runs run-1.json run-2.json -o uses.toml")
def uses_command(
    state: State, from_runs: bool, runs: tuple[Path, ...], app: str | None, target: Path | None
) -> None:
    """Record what your code uses of apps, for the option --uses.

    Each file holds the JSON that your code sends to start a run, or the JSON that it gets back. If the store
    knows an app's detail, the options that were chosen are recorded too.
    """
    from lamina_graph.history import bodies, from_bodies, toml

    sent = [body for path in runs for body in bodies(path.read_bytes(), str(path))]
    output.write_output(toml(from_bodies(sent, app, partial(_find_stored_detail, state))), target, "toml")


def _parse_span(store: "Store", since: str, until: str | None, base_url: str | None, reader: str) -> "Span":
    from lamina_graph.store import parse_moment
    from lamina_graph.store_reader import Span, since_last, until_now

    now = datetime.now(UTC)
    end = parse_moment(until, now=now) if until else now
    if since != _LAST:
        begin = parse_moment(since, now=end, end=False)
        if begin > end:
            raise InputError(
                f"the span begins on {begin:%Y-%m-%d} and ends before that, on {end:%Y-%m-%d}",
                "Name an earlier --since, or a later --until.",
            )
        return Span(begin, end) if until else until_now(store, begin, end, base_url)
    return since_last(store, reader, base_url, end if until else None)


def _compare_span(state: State, span: "Span", base_url: str | None, policy: "ComparisonPolicy") -> "Changes":
    from lamina_graph.store_reader import StoreReader

    reader = StoreReader(state.store(), span, base_url)
    with choose_executor(None, reader.count_pairs() // _WORTH) as executor:
        return reader.changes(policy, executor)


def _compare_places(state: State, places: tuple[str, str], policy: "ComparisonPolicy") -> "Changes":
    from lamina_graph.history import drift, with_unknown_usage
    from lamina_graph.store import Snapshot, SnapshotSequence, normalize_url
    from lamina_graph.store_reader import known_app

    sides = []
    for place in places:
        of_store = "://" not in place or place.startswith(_STORES)
        store = state.open_store(place) if of_store else state.store()
        side = SnapshotSequence(store, store.in_force(base_url=None if of_store else place))
        if not side:
            raise RefError(f"the store knows no app at {normalize_url(place)}", _SNAPSHOT)
        sides.append(side)
    read = (each for side in (sides if policy.usage else ()) for each in side)
    apps = [known_app(each, each.detail, policy) for each in read if isinstance(each, Snapshot)]
    return with_unknown_usage(apps, policy, partial(drift, *sides, between=places))


def _history_forms(state: State, target: Path | None) -> "dict[str, Callable[[History], str]]":
    from lamina_graph.report import history

    return {
        "text": output.coloured_writer(history.text, target),
        "json": lambda result: _json("history", result),
        "html": partial(history.html, vocabulary=state.vocabulary),
    }


def _json(name: str, value: "BaseModel") -> str:
    from lamina_graph.cli.json_rows import row

    return output.to_json(row(name, value))


def _find_stored_detail(state: State, app_id: str) -> "App | None":
    """Return the detail of an app that the store knows, if there is a store."""
    try:
        store = state.store()
    except StoreError:
        return None
    last = next((store.latest(app) for app in store.find(app_id)), None)
    result = last and store.part(last, "detail")
    return result.detail if result else None
