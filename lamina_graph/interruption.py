"""Ctrl-C while the program is loaded and while it ends, when no command is there to say more of it."""

import os
import signal
from typing import Any


def end_at_once() -> None:
    """Let an interrupt end the program with one line, unless it heeds none, as a job in the background."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raise_again() -> None:
    """Let an interrupt be a KeyboardInterrupt, as is usual, where `end_at_once` changed that."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(*_: Any) -> None:
    os.write(2, b"Interrupted.\n")
    os._exit(130)
