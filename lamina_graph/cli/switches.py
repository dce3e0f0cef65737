"""What is switched for one run of the program, wherever its option stands: kept with click's context."""

import click

_NAME = __name__
DEBUG, QUIET = f"{_NAME}.debug", f"{_NAME}.quiet"


def switch_on(context: click.Context, switch: str) -> None:
    """Switch something on for this run."""
    context.meta[switch] = True


def is_on(switch: str, context: click.Context | None = None) -> bool:
    """Tell whether something is switched on in this run; outside of a run nothing is."""
    context = context or click.get_current_context(silent=True)
    return bool(context and context.meta.get(switch))
