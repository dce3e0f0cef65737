"""Runs as the API plays them, in time: placeholders, progress, completion, failure, cancelling, webhooks.

How a run stands follows from its script and from how long ago it was started; nothing else moves it. For
trials by hand, an input such as `fail: Arabic` lets the outputs fail whose labels begin so.
"""

import hashlib
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import httpx

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8cfc0f01f00050001ffa0a5c5a50000000049454e44ae426082"
)


@dataclass(frozen=True)
class Script:
    """How runs go.

    Attributes:
        queued: seconds before a run begins.
        each: seconds that each output takes, one after another.
        fails: the error of each output that fails, by its label; `*` stands for all others.
        breaks: the error with which the whole run ends, once half of its outputs are made.
        stoppable: whether a run that has begun can be cancelled.
        quality: how good the result is, where that is controlled.
    """

    queued: float = 0.1
    each: float = 0.05
    fails: Mapping[str, str] = field(default_factory=dict)
    breaks: str = ""
    stoppable: bool = True
    quality: Mapping[str, Any] | None = None


@dataclass
class Started:
    """A run that was started."""

    id: str
    app: Mapping[str, Any]
    inputs: Mapping[str, Any]
    outputs: list[dict[str, Any]]
    script: Script
    webhook: str | None
    clock: Callable[[], float] = time.monotonic
    at: float = field(init=False)
    created: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    cancelled_after: float | None = None

    def __post_init__(self) -> None:
        self.at = self.clock()

    @property
    def made(self) -> int:
        """How many outputs there is time for, before the run ends."""
        return len(self.outputs) // 2 if self.script.breaks else len(self.outputs)

    @property
    def lasts(self) -> float:
        """Seconds from the start to the end."""
        whole = self.script.queued + self.script.each * max(1, self.made)
        return whole if self.cancelled_after is None else min(whole, self.cancelled_after)

    def stands(self, base: str, elapsed: float | None = None) -> dict[str, Any]:
        """How the run stands so many seconds after its start; by default now."""
        elapsed = self.clock() - self.at if elapsed is None else elapsed
        over = elapsed >= self.lasts
        running = min(elapsed, self.lasts) - self.script.queued
        ready = (
            self.made if over and self.cancelled_after is None else max(0, int(running / self.script.each))
        )
        outputs = [self._output(number, number < ready, base) for number in range(len(self.outputs))]
        failed = [each for each in outputs if each["status"] == "error"]
        status = self._end(len(failed)) if over else "running" if running >= 0 else "queued"
        error = self.script.breaks or ("every output failed" if status == "failed" else None)
        return {
            "runId": self.id,
            "workflowId": self.app["appId"],
            "status": status,
            "outputs": outputs,
            "errorMessage": (error if status == "failed" else None),
            "createdAt": _stamp(self.created),
            "startedAt": _stamp(self.created, self.script.queued) if status != "queued" else None,
            "completedAt": _stamp(self.created, self.lasts) if over else None,
            **({"quality": dict(self.script.quality)} if self.script.quality and over else {}),
            "progress": {
                "totalOutputs": len(outputs),
                "completedOutputs": sum(each["status"] == "completed" for each in outputs),
                "failedOutputs": len(failed),
                "percentComplete": round(100 * ready / max(1, len(outputs))),
            },
        }

    def _end(self, failed: int) -> str:
        if self.cancelled_after is not None:
            return "cancelled"
        return "failed" if self.script.breaks or (failed and failed == len(self.outputs)) else "completed"

    def _output(self, number: int, ready: bool, base: str) -> dict[str, Any]:
        wanted = self.outputs[number]
        placeholder = {"id": wanted["id"], "label": wanted["label"], "type": "pending", "value": None}
        error = self.script.fails.get(wanted["label"], self.script.fails.get("*"))
        if not ready:
            return {**placeholder, "status": "pending", "error": None}
        start = self.script.queued + number * self.script.each
        times = {
            "startedAt": _stamp(self.created, start),
            "completedAt": _stamp(self.created, start + self.script.each),
        }
        if error:
            return {**placeholder, "status": "error", "error": error, **times}
        value = f"Made for {wanted['label']}" if wanted["type"] == "text" else self._address(number, base)
        made = {"type": wanted["type"], "value": value, "status": "completed", "error": None}
        made |= _MEDIA.get(wanted["type"], {})
        if size := _SIZES.get(wanted["label"].rpartition(" ")[2]):
            made["dimensions"] = dict(zip(("width", "height"), size, strict=True))
        return {**placeholder, **made, **times}

    def _address(self, number: int, base: str) -> str:
        ending = {"video": "mp4", "audio": "mp3"}.get(self.outputs[number]["type"], "png")
        return f"{base}/files/{self.id}/{number}.{ending}"


class Runs:
    """The runs of an API.

    Attributes:
        script: how the next runs go.
        clock: gives the seconds by which they go.
        streams: whether events are sent; `cuts` is after how many events each of the next streams breaks.
        breaks: after how many bytes each of the next files breaks; `ranges` the ranges that were asked for.
        delays: seconds before each delivery of a webhook after one that failed.
        deliveries: the run and the status of the answer (0: none) of each delivery that was tried.
    """

    def __init__(self) -> None:
        self.script = Script()
        self.clock: Callable[[], float] = time.monotonic
        self.streams = True
        self.cuts: list[int] = []
        self.breaks: list[int] = []
        self.ranges: list[str] = []
        self.delays: tuple[float, ...] = (5, 30, 120)
        self.started: dict[str, Started] = {}
        self.deliveries: list[tuple[str, int]] = []
        self.stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def keys(self) -> dict[str, Any]:
        """What the API says of its signing keys: an old one, then the one in use."""
        return {"keys": [_jwk(_signing_key("old"), "old"), _jwk(_signing_key("lamina-graph"), "now")]}

    def start(
        self, app: Mapping[str, Any], outputs: list[dict[str, Any]], body: Any, webhook: str | None, base: str
    ) -> dict[str, Any]:
        """Start a run and return what the API answers."""
        labels = body.get("outputs")
        wanted = [output for output in outputs if labels is None or output["label"] in labels]
        id_ = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{app['appId']}/{len(self.started)}"))
        inputs = body.get("inputs", {})
        run = Started(id_, app, inputs, wanted, self._script(inputs, wanted), webhook, self.clock)
        self.started[id_] = run
        if webhook:
            thread = threading.Thread(target=self._deliver, args=(run, webhook, base), daemon=True)
            self._threads.append(thread)
            thread.start()
        shown = run.stands(base, 0)
        return {
            "runId": id_,
            "workflowId": app["appId"],
            "workflowName": app["name"],
            "status": "queued",
            "outputs": shown["outputs"],
            **({"webhookUrl": webhook} if webhook else {}),
        }

    def listed(self, query: Mapping[str, str], base: str) -> list[dict[str, Any]]:
        """The runs that a query asks for, the newest first."""
        since = datetime.fromisoformat(query.get("since", "2000-01-01T00:00:00Z"))
        found = [
            shown
            for run in reversed(self.started.values())
            if run.created >= since and query.get("appId") in (None, run.app["appId"])
            if query.get("status") in (None, (shown := run.stands(base))["status"])
        ]
        offset = int(query.get("offset", 0))
        return found[offset : offset + int(query.get("limit", 50))]

    def cancel(self, run: Started) -> bool:
        """Cancel a run; tell whether it could be."""
        elapsed = run.clock() - run.at
        if elapsed < run.lasts and (run.script.stoppable or elapsed < run.script.queued):
            run.cancelled_after = elapsed
        return run.cancelled_after is not None

    def file(self, path: str) -> tuple[str, bytes] | None:
        """The content of an output, by the path of its address: its media type and bytes."""
        found = re.fullmatch(r"/files/([^/]+)/(\d+)\.(\w+)", unquote(path))
        if not found or found[1] not in self.started:
            return None
        kinds = {"mp4": ("video/mp4", b"\0\0\0\x18ftypmp42"), "mp3": ("audio/mpeg", b"ID3\x04")}
        return kinds.get(found[3], ("image/png", PNG))

    def signed(self, body: bytes, run_id: str, at: float | None = None) -> dict[str, str]:
        """The headers of a delivery made at a time."""
        stamp = str(int(time.time() if at is None else at))
        return {
            "Content-Type": "application/json",
            "X-Lamina-Webhook-Signature": _signing_key("lamina-graph")
            .sign(stamp.encode() + b"." + body)
            .hex(),
            "X-Lamina-Webhook-Timestamp": stamp,
            "X-Lamina-Webhook-Request-Id": run_id,
        }

    def stop(self) -> None:
        """Make no more deliveries."""
        self.stopping.set()
        for thread in self._threads:
            thread.join()

    def _script(self, inputs: Mapping[str, Any], outputs: list[dict[str, Any]]) -> Script:
        wishes = [
            str(value).removeprefix("fail: ") for value in inputs.values() if str(value).startswith("fail: ")
        ]
        labels = [output["label"] for output in outputs if output["label"].startswith(tuple(wishes))]
        return (
            replace(self.script, fails=dict.fromkeys(labels, "the translation is empty"))
            if labels
            else self.script
        )

    def _deliver(self, run: Started, webhook: str, base: str) -> None:
        pause = run.at + run.lasts - time.monotonic()
        for delay in (pause, *self.delays):
            if self.stopping.wait(max(0.0, delay)):
                return
            body = json.dumps({"data": run.stands(base)}).encode()
            status = _posted(webhook, body, self.signed(body, run.id))
            self.deliveries.append((run.id, status))
            if 200 <= status < 300:
                return


_MEDIA: dict[str, dict[str, Any]] = {
    "image": {"mimeType": "image/png", "dimensions": {"width": 1024, "height": 1536}},
    "video": {
        "mimeType": "video/mp4",
        "dimensions": {"width": 1080, "height": 1920},
        "durationSeconds": 5.04,
    },
    "audio": {"mimeType": "audio/mpeg", "durationSeconds": 31},
}
"""What the API says of a finished output besides its address."""


_SIZES = {"1:1": (1024, 1024), "4:5": (1024, 1280), "9:16": (1080, 1920)}


def _posted(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    try:
        return httpx.post(url, content=body, headers=dict(headers), timeout=120, trust_env=False).status_code
    except httpx.HTTPError:
        return 0


def _stamp(moment: datetime, seconds: float = 0) -> str:
    later = moment + timedelta(seconds=seconds)
    return later.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _signing_key(seed: str) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # for webhooks alone

    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())


def _jwk(key: Any, kid: str) -> dict[str, str]:
    import base64

    x = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x, "alg": "EdDSA", "use": "sig"}
