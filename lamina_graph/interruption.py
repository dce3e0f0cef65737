"""Ctrl-C while the program is loaded and while it ends, when no command is there to say more of it."""

import os
import signal
import sys
from contextlib import suppress
from typing import Any

STATUS = 130


def end_at_once() -> None:
    """Let an interrupt end the program with one line, unless it heeds none, as a job in the background."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raise_again() -> None:
    """Let an interrupt be a KeyboardInterrupt, as is usual, where `end_at_once` changed that."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def end_now() -> None:
    """End the program with the status of an interrupt, once all has been said.

    Python itself would end by the signal where the interrupt came while a class was being made.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(STATUS)


def _end(*_: Any) -> None:
    os.write(2, b"Interrupted.\n")
    os._exit(STATUS)
