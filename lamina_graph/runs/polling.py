"""A run followed to its end by asking again and again, with pauses that grow."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from lamina_graph.model import Run

if TYPE_CHECKING:
    from lamina_graph.client import Client


@dataclass(frozen=True, slots=True)
class PollInterval:
    """How long to pause between two looks at a run, in seconds: each `growth` times the one before."""

    first: float = 3
    longest: float = 5
    growth: float = 1.2


def follow(
    client: "Client",
    run_id: str,
    *,
    interval: PollInterval = PollInterval(),
    timeout: float | None = None,
    progress: Callable[[Run], None] | None = None,
) -> Run:
    """Return a run once it is finished, or its state when the time is up.

    Args:
        client: a client of the API.
        run_id: the run.
        interval: between two looks.
        timeout: seconds after which to stop looking; the run itself goes on.
        progress: called with the run at each look.
    """
    until = inf if timeout is None else time.monotonic() + timeout
    pause = interval.first
    while True:
        run = client.run(run_id)
        if progress:
            progress(run)
        left = until - time.monotonic()
        if run.finished or left <= 0:
            return run
        time.sleep(min(pause, left))
        pause = min(pause * interval.growth, interval.longest)
