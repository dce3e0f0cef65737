"""A renewal of a login that is killed at random moments: the file must hold the old login or the new one.

Started as a program this asks for the list of apps once, with the login saved in a home folder.
"""

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import httpx
import tenacity  # noqa: F401
from loopback import Loopback, slow

from lamina_graph.client import Client
from lamina_graph.settings import Settings


def main(home: str) -> None:
    httpx.Client().close()  # what takes long is loaded before the time is counted
    with Client(Settings.read({}, Path(home))) as client:
        print("ready", flush=True)
        client.apps(limit=1)


def program(home: Path) -> list[str]:
    """Return the command that uses, and so renews, the login of a home folder in a process of its own."""
    return [sys.executable, __file__, str(home)]


def kill_many(api: Loopback, home: Path, kills: int, seed: int = 5) -> Counter[str]:
    """Kill so many renewals; return how many left the old login, a new one, or neither."""
    chance, left = random.Random(seed), Counter[str]()
    api.delay = 0.1
    for _ in range(kills):
        api.forget()
        api.fault(slow, path="/cli/oauth/token")
        path = api.logins.save(home, api.url, expiresAt="2026-01-01T00:00:00Z")
        before = path.read_bytes()
        _kill_once(home, chance.uniform(0, 0.3))
        left[_judge(api, path, before)] += 1
    api.forget()
    return left


def _kill_once(home: Path, seconds: float) -> None:
    with subprocess.Popen(program(home), stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)


def _judge(api: Loopback, path: Path, before: bytes) -> str:
    """Tell what login a file holds: the old one byte for byte, a new one that is valid, or neither."""
    after = path.read_bytes()
    credentials = json.loads(after)["credentials"]
    if after == before:
        return "old"
    whole = api.logins.knows(credentials["apiKey"]) and api.logins.can_renew(credentials["refreshToken"])
    return "new" if whole and path.stat().st_mode & 0o777 == 0o600 else "neither"


if __name__ == "__main__":
    main(sys.argv[1])
