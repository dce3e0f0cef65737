"""A run followed to its end: by the events that the API sends, where it does, else by asking again."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from lamina_graph.errors import ApiError, CredentialsError, InvalidResponseError, TransportError
from lamina_graph.model import Run

if TYPE_CHECKING:
    from lamina_graph.client import Client

Progress = Callable[[Run], None]
RECONNECTIONS = 3
"""How often in a row a stream of events may break without news before the run is asked for instead."""

_FIRST_PAUSE = 0.1


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
    interval: PollInterval | None = None,
    timeout: float | None = None,
    progress: Progress | None = None,
) -> Run:
    """Return a run once it is finished, or its state when the time is up.

    Args:
        client: a client of the API.
        run_id: the run.
        interval: between two looks. Where it is not given, the API is asked to send what happens, and only
            where it does not, the run is looked at, at the usual interval.
        timeout: seconds after which to stop looking; the run itself goes on.
        progress: called with the run at each look, and as each event tells of it.
    """
    until = inf if timeout is None else time.monotonic() + timeout
    if interval is None:
        _follow_events(client, run_id, until, progress)
    return _poll(client, run_id, interval or PollInterval(), until, progress)


def _follow_events(client: "Client", run_id: str, until: float, progress: Progress | None) -> None:
    """Follow a run by its events until it ends, the time is up, or the API sends none."""
    last_id, breaks, last = "", 0, None
    while breaks < RECONNECTIONS and time.monotonic() < until:
        try:
            for event in client.events(run_id, last_id=last_id, until=until):
                last_id = event.id
                if event.run and event.run != last:
                    last, breaks = event.run, 0
                    if progress:
                        progress(event.run)
                if event.name in ("complete", "error") or (event.run and event.run.finished):
                    return
        except (CredentialsError, InvalidResponseError):
            return  # no stream for this key: what is wrong with it, the next look says
        except ApiError as error:
            if not isinstance(error, TransportError) and not error.retryable:
                return
        breaks += 1
        if breaks < RECONNECTIONS:
            time.sleep(max(0.0, min(_FIRST_PAUSE * 5 ** (breaks - 1), until - time.monotonic())))


def _poll(
    client: "Client", run_id: str, interval: PollInterval, until: float, progress: Progress | None
) -> Run:
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
