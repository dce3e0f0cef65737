"""How long a client waits, how often it tries, and what may hold it up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long a client waits, how often it tries, and how much it takes; times in seconds, sizes in bytes.

    Attributes:
        connect: for a connection.
        read: for the next part of an answer.
        answer: for a whole answer.
        attempts: how often a read is made before its failure counts.
        first_wait: before the second attempt; doubled each time after.
        longest_wait: between two attempts. Where the API asks for more, the read fails at once.
        jitter: the longest random wait on top, so that many clients do not come back together.
        largest_answer: what is longer is not read.
    """

    connect: float = 10
    read: float = 30
    answer: float = 120
    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 75
    jitter: float = 0.5
    largest_answer: int = 256 * 1024 * 1024


LONG_PAUSE = 2.0
"""Seconds from which on a wait is worth a word."""

OnPause = Callable[[float, str], object]
"""Takes how long a wait is, in seconds, and why there is one."""


class RateLimiter(Protocol):
    """Says when a request may be sent, and is told what came of it."""

    def start(self) -> None:
        """Return when the next request may be sent."""

    def finish(self, status: int | None, headers: Mapping[str, str]) -> None:
        """Take note of an answer; the status is None where none came."""
