"""Catalogues made up for tests and benchmarks, a server that counts requests in windows, a client for it."""

import random
import threading
import time
from math import ceil
from typing import Any

import httpx
from loopback import Loopback
from pydantic import SecretStr

from lamina_graph.client import Client, RateLimiter, RetryPolicy
from lamina_graph.settings import Settings
from lamina_graph.sync import CATALOGUE_RETRIES

QUICK = RetryPolicy(read=5, answer=10, attempts=4, first_wait=0.01, longest_wait=5, jitter=0.01)
"""For tests: waits little between attempts."""

TYPES = (
    "imageInputNode",
    "aiDesignerNode",
    "fluxImageNode",
    "klingVideoNode",
    "upscaleNode",
    "captionNode",
    "mergeNode",
    "outputNode",
)


def workflow(number: int, nodes: int = 30, version: int = 0) -> dict[str, Any]:
    """Return a Lamina-shaped workflow; each number and version gives another one, the same each time."""
    chance = random.Random(number * 1_000_003 + version)
    made = [_node(chance) for _ in range(nodes)]
    edges = [(made[chance.randrange(target)], made[target]) for target in range(1, nodes)]
    edges += [tuple(sorted(chance.sample(made, 2), key=made.index)) for _ in range(nodes // 3)]
    return {
        "appId": app_id(number),
        "name": f"App {number}",
        "nodes": made,
        "edges": [{"source": source["id"], "target": target["id"]} for source, target in edges],
    }


def app_id(number: int) -> str:
    """Return the id of the app of a number."""
    return f"80d4d454-8844-489f-b903-{number:012x}"


def _node(chance: random.Random) -> dict[str, str]:
    type_ = chance.choice(TYPES)
    end = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9))
    return {
        "id": f"{type_}-{1_773_051_929_782 + chance.randrange(10**9)}-{end}",
        "type": type_,
        "label": type_,
    }


def apps(count: int, nodes: int = 3) -> dict[str, dict[str, Any]]:
    """Return so many apps as the loopback server takes them."""
    return {app_id(number): workflow(number, nodes) for number in range(count)}


class FixedWindows(Loopback):
    """The API with a limit that is counted in windows of fixed length, each starting where the last one ends.

    `served` and `refused` count what was permitted and what was too much.
    """

    def __init__(self, count: int, *, limit: int, window: float, nodes: int = 3) -> None:
        super().__init__(limit=limit, window=window)
        self.apps = apps(count, nodes)
        self.served = self.refused = 0
        self._born, self._number, self._taken = time.monotonic(), -1, 0

    def window_number(self) -> int:
        """Return how many windows have passed."""
        return int((time.monotonic() - self._born) // self.window)

    def rate(self) -> tuple[bool, dict[str, str]]:
        """Count one request; tell whether it is one too many, and the headers that say so."""
        with self._lock:
            since = time.monotonic() - self._born
            number = int(since // self.window)
            if number != self._number:
                self._number, self._taken = number, 0
            full = self._taken >= self.limit
            self._taken += not full
            self.served += not full
            self.refused += full
            left, seconds = self.limit - self._taken, ceil((number + 1) * self.window - since)
        headers = {"RateLimit-Limit": self.limit, "RateLimit-Remaining": left, "RateLimit-Reset": seconds}
        return full, {
            name: str(value)
            for name, value in {**headers, **({"Retry-After": seconds} if full else {})}.items()
        }


class Rival:
    """Another program behind the same address, which takes its share of each window as fast as it can."""

    def __init__(self, api: FixedWindows, share: int, threads: int = 4) -> None:
        self._api, self._share, self._stop = api, share, threading.Event()
        self._threads = [threading.Thread(target=self._eat) for _ in range(threads if share else 0)]
        self._number, self._left, self._lock = -1, 0, threading.Lock()

    def __enter__(self) -> "Rival":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _eat(self) -> None:
        with httpx.Client(headers={"x-api-key": self._api.key}) as http:
            while not self._stop.is_set():
                if self._turn():
                    http.get(f"{self._api.url}/v1/apps?limit=1")
                else:
                    self._stop.wait(0.005)

    def _turn(self) -> bool:
        number = self._api.window_number()
        with self._lock:
            if number != self._number:
                self._number, self._left = number, self._share
            self._left -= self._left > 0
            return self._left > 0


def client(
    api: Loopback, *, rate_limiter: RateLimiter | None = None, retry_policy: RetryPolicy = CATALOGUE_RETRIES
) -> Client:
    """Return a client of a served API."""
    return Client(
        Settings(key=SecretStr(api.key), base_url=api.url),
        rate_limiter=rate_limiter,
        retry_policy=retry_policy,
    )
