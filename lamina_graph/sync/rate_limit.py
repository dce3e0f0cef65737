"""When a request may be sent, so that a server which says what it permits never has to refuse one.

The server counts requests in windows, and tells with each answer how many are left in this one and in how
many whole seconds the next begins (`RateLimit-Remaining` and `RateLimit-Reset`, as drafted by the IETF in
draft-ietf-httpapi-ratelimit-headers).
"""

import random
import threading
import time
from collections.abc import Mapping
from math import inf

from lamina_graph.client import LONG_PAUSE, OnPause, RetryPolicy, retry_after

CATALOGUE_RETRIES = RetryPolicy(attempts=6, longest_wait=180)
"""How long a client of a whole catalogue waits: through windows of the API that others have used up."""

LONGEST_PAUSE = 180.0
JITTER = 0.5

_SOON = 2.0
"""Seconds after which another request may ask what a new window holds, if the first has no answer yet."""


class RateLimitWindow:
    """What a server permits, as far as its answers tell; all times are given, in seconds of one clock.

    Attributes:
        remaining: the fewest requests that an answer of this window left; None while none said so.
        resets_at: when the next window has begun at the latest.
        in_flight: requests without an answer yet.
    """

    def __init__(self, jitter: float = JITTER) -> None:
        self._jitter = jitter
        self.remaining: float | None = None
        self.resets_at = -inf
        self.in_flight = 0
        self._began = -inf
        self._probed_at = -inf
        self._paused_until = -inf
        # Until a window has turned when it was expected to, one request is kept back: should the server round
        # down, it is this one that finds out, and not one too many.
        self._reserve, self._slack = 1, 0.0

    def wait_time(self, now: float) -> float:
        """Return how long to wait before the next request; 0 if it may be sent at once."""
        if now < self._paused_until:
            return self._paused_until - now
        if now >= self.resets_at:
            return 0 if now >= self._probed_at + _SOON else self._probed_at + _SOON - now
        if self.remaining is None or self.remaining - self.in_flight > self._reserve:
            return 0
        return self.resets_at - now

    def record_sent(self, now: float) -> None:
        """Take note of a request."""
        self.in_flight += 1
        if now >= self.resets_at:
            self._probed_at = now

    def record_response(
        self, sent_at: float, now: float, status: int | None, headers: Mapping[str, str]
    ) -> None:
        """Take note of the answer to a request, or, without a status, that none came."""
        self.in_flight -= 1
        if sent_at >= self._probed_at:
            self._probed_at = -inf
        left, seconds = _read_number(headers, "ratelimit-remaining"), _read_number(headers, "ratelimit-reset")
        if status == 429:
            self._record_refusal(sent_at, now, retry_after(headers) or seconds or 1)
        elif left is None or seconds is None:
            if status is not None and self.remaining is None:
                self.resets_at = inf
        elif sent_at >= self._began:
            self._update_window(sent_at, now, left, seconds)

    def _record_refusal(self, sent_at: float, now: float, seconds: float) -> None:
        if sent_at >= self.resets_at:
            self._adjust_reserve(turned=False)
        self._paused_until = max(
            self._paused_until, now + min(seconds, LONGEST_PAUSE) + random.uniform(0, self._jitter)
        )
        self.remaining, self.resets_at, self._began = 0, self._paused_until, now

    def _update_window(self, sent_at: float, now: float, left: float, seconds: float) -> None:
        known = self.remaining
        if known is not None and sent_at >= self.resets_at:
            self._adjust_reserve(turned=left > known)
        resets_at = now + min(seconds + self._slack, LONGEST_PAUSE)
        if known is not None and sent_at < self.resets_at:
            self.remaining, self.resets_at = min(known, left), min(self.resets_at, resets_at)
        else:
            self.remaining, self.resets_at, self._began = left, resets_at, sent_at

    def _adjust_reserve(self, turned: bool) -> None:
        self._reserve, self._slack = (0, self._slack) if turned else (1, 1.0)


class HeaderRateLimiter:
    """Lets the threads of a client send what the server permits, as fast as it permits.

    Args:
        jitter: the longest random pause on top of what the server asks for, so that many clients do not come
            back together.
        on_pause: called before a longer pause, with its seconds and the reason; by any thread.
    """

    def __init__(self, *, jitter: float = JITTER, on_pause: OnPause | None = None) -> None:
        self._window, self._on_pause = RateLimitWindow(jitter), on_pause
        self._changed = threading.Condition()
        self._thread = threading.local()

    def start(self) -> None:
        """Return when the next request may be sent."""
        with self._changed:
            while (pause := self._window.wait_time(time.monotonic())) > 0:
                if self._on_pause and pause >= LONG_PAUSE:
                    self._on_pause(pause, "the API's rate limit is used up")
                self._changed.wait(pause)
            self._thread.sent_at = time.monotonic()
            self._window.record_sent(self._thread.sent_at)

    def finish(self, status: int | None, headers: Mapping[str, str]) -> None:
        """Take note of an answer; the status is None where none came."""
        with self._changed:
            self._window.record_response(self._thread.sent_at, time.monotonic(), status, headers)
            self._changed.notify_all()


def _read_number(headers: Mapping[str, str], name: str) -> float | None:
    try:
        return max(0.0, min(float(headers[name]), 1e9))
    except (KeyError, ValueError):
        return None
