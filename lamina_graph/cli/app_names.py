"""Names of the store's apps, for a shell that completes them."""

from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from lamina_graph.errors import LaminaGraphError

if TYPE_CHECKING:
    from lamina_graph.cli.state import State


def complete_names(state: "State", incomplete: str) -> list[CompletionItem]:
    """Return the names that begin so; none where there is no store to ask."""
    from lamina_graph.refs import APP_PREFIX
    from lamina_graph.text import escape_controls, fold_name

    prefix = APP_PREFIX if incomplete.startswith(APP_PREFIX) else ""
    begin = fold_name(incomplete.removeprefix(prefix))
    try:
        with state:
            names = {app.name for app in state.store().apps() if app.name}
    except LaminaGraphError:
        return []
    known = [name for name in sorted(names) if fold_name(name).startswith(begin)]
    safe = [name for name in known if escape_controls(name) == name and "\n" not in name]
    return [CompletionItem(prefix + name) for name in safe]
