"""Ctrl-C while the program is loaded and while it ends, when no command is there to say more of it."""

import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import Any

STATUS = 130


def end_at_once() -> None:
    """Let an interrupt end the program with one line, unless it heeds none, as a job in the background."""
    if signal.getsignal(signal.SIGINT) in (signal.default_int_handler, _raise):
        signal.signal(signal.SIGINT, _end)


def raise_again() -> None:
    """Let an interrupt be a KeyboardInterrupt, as is usual, where `end_at_once` changed that.

    While a module is loaded it goes on ending the program at once: what is raised in a callback of Python's
    imports is lost, and where a module in C is loaded it becomes another error.
    """
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, _raise)


def end_now() -> None:
    """End the program with the status of an interrupt, once all has been said.

    Python itself would end by the signal where the interrupt came while a class was being made.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(STATUS)


def _raise(number: int, frame: FrameType | None) -> None:
    if _is_importing(frame):
        _end()
    signal.default_int_handler(number, frame)


def _is_importing(frame: FrameType | None) -> bool:
    while frame and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None


def _end(*_: Any) -> None:
    os.write(2, b"Interrupted.\n")
    os._exit(STATUS)
