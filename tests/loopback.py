"""The Lamina API, played by a real HTTP server on this machine: for tests, and for trials without a key.

    python tests/loopback.py --samples samples --port 8765 --fault '503*2' --fault '/v1/apps=slow'
    python tests/loopback.py --login /tmp/home --withhold Cartoonify --seconds 1 --cut 3

It serves the workflows of a folder as apps, with details and estimates made up from them; edit a file, and
the app has changed when apps are listed next. It behaves as Lamina documents its API, until it is told to
fail: a fault answers in its place, on one path or all, so many times or always.
"""

import argparse
import gzip
import json
import re
import socket
import struct
import threading
import time
import uuid
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.message import Message
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from lifecycle import Runs
from logins import Logins

KEY = "lma_x"
WORKSPACE = "workspace-1"

CODES = {
    400: ("VALIDATION_ERROR", False),
    401: ("AUTH_INVALID_KEY", False),
    403: ("FORBIDDEN", False),
    404: ("NOT_FOUND", False),
    410: ("GONE", False),
    429: ("RATE_LIMITED", True),
    500: ("INTERNAL_ERROR", True),
    503: ("RESOURCE_UNAVAILABLE", True),
}


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Streamed:
    """In place of an answer: the events of a run."""

    run: Any


def data(value: Any) -> Answer:
    return Answer(200, json.dumps({"data": value}).encode(), {"Content-Type": "application/json"})


def error(status: int, text: str = "as asked for", code: str = "", **more: Any) -> Answer:
    """The error envelope."""
    usual, retryable = CODES.get(status, ("INTERNAL_ERROR", False))
    body = {
        "error": text,
        "code": code or usual,
        "retryable": retryable,
        "requestId": str(uuid.uuid4()),
        **more,
    }
    headers = {"Content-Type": "application/json"}
    if "retryAfter" in more:
        headers["Retry-After"] = str(more["retryAfter"])
    return Answer(status, json.dumps(body).encode(), headers)


def text(status: int, content: str, kind: str = "text/plain", **headers: str) -> Answer:
    return Answer(
        status,
        content.encode(),
        {"Content-Type": kind, **{k.replace("_", "-"): v for k, v in headers.items()}},
    )


def redirect(place: str, status: int = 302) -> Answer:
    return text(status, "moved", Location=place)


PAGE = "<!DOCTYPE html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>"


def usual(handler: "Handler") -> Answer | None:
    """Answers as the API does when all is well, up to its rate limit."""
    if handler.seen.path == "/cli/oauth/token" and handler.seen.method == "POST":
        status, answer = handler.server.api.logins.renew(handler.seen.body)
        return Answer(status, json.dumps(answer).encode(), {"Content-Type": "application/json"})
    if not handler.seen.path.startswith("/v1/"):
        return handler.server.api.file(handler.seen)
    full, headers = handler.server.api.rate()
    too_many = text(429, "Too many requests, please try again later.")
    answer = too_many if full else handler.server.api.answer(handler.seen)
    if isinstance(answer, Streamed):
        stream(handler, answer.run)
        return None
    return replace(answer, headers={**headers, **answer.headers})


def stream(handler: "Handler", run: Any) -> None:
    """Sends what happens to a run as events, each with its number, until it ends, or until it is cut."""
    api = handler.server.api
    handler.begin(200, {"Content-Type": "text/event-stream", "Connection": "close"})
    handler.close_connection = True
    cut = api.runs.cuts.pop(0) if api.runs.cuts else None
    number, last = int(handler.headers["last-event-id"] or 0), None
    handler.wfile.write(b": welcome\r\n\r\nevent: ping\r\ndata: {}\r\n\r\n")
    while not handler.server.stopping.wait(0.005):
        shown = run.stands(api.url)
        told = {
            "runId": shown["runId"],
            "status": shown["status"],
            "progress": shown["progress"],
            "outputs": [
                {key: each[key] for key in ("id", "label", "type", "status")} for each in shown["outputs"]
            ],
        }
        if told == last:
            continue
        number, last = number + 1, told
        name = {"completed": "complete", "failed": "error", "cancelled": "complete"}.get(
            told["status"], "progress"
        )
        event = f"id: {number}\nevent: {name}\ndata: {json.dumps(told)}\n\n".encode()
        if cut is not None and number > cut:
            handler.wfile.write(event[: len(event) // 2])
            reset(handler)
            return
        handler.wfile.write(event)
        if name != "progress":
            return


def slow(handler: "Handler") -> Answer:
    """Answers as usual, but late."""
    handler.server.stopping.wait(handler.server.api.delay)
    return usual(handler)


def trickle(handler: "Handler") -> None:
    """Sends one byte at a time, without end."""
    handler.begin(200, {"Content-Type": "application/json"})
    while not handler.server.stopping.wait(0.02):
        handler.wfile.write(b" ")
    handler.close_connection = True


def drip(handler: "Handler") -> None:
    """Sends headers one byte at a time, without end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Padding: ")
    while not handler.server.stopping.wait(0.02):
        handler.wfile.write(b"x")
    handler.close_connection = True


def interim(handler: "Handler") -> None:
    """Asks to go on, again and again, and never answers."""
    while not handler.server.stopping.wait(0.001):
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    handler.close_connection = True


def reset(handler: "Handler") -> None:
    """Resets the connection."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socket.close(handler.connection.detach())
    handler.close_connection = True


def cut_off(handler: "Handler") -> None:
    """Promises the whole answer and closes after half of it."""
    answer = usual(handler)
    handler.begin(answer.status, {**answer.headers, "Content-Length": str(len(answer.body))})
    handler.wfile.write(answer.body[: len(answer.body) // 2])
    handler.close_connection = True


def truncated(handler: "Handler") -> Answer:
    """Sends half an answer as if it were whole."""
    answer = usual(handler)
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def nonsense(handler: "Handler") -> None:
    """Sends something that is not HTTP."""
    handler.wfile.write(b"220 mail.example ESMTP\r\n")
    handler.close_connection = True


def big(handler: "Handler") -> Answer:
    """Answers as usual, with 10 MB of padding."""
    return data({**json.loads(usual(handler).body)["data"], "padding": "x" * 10_000_000})


def zipped(content: bytes, encoding: str = "gzip") -> Answer:
    return Answer(200, content, {"Content-Type": "application/json", "Content-Encoding": encoding})


def bomb_twice() -> Answer:
    """A quarter of a gigabyte of blanks in a kilobyte, packed twice."""
    packing = zlib.compressobj(9, wbits=31)
    once = b"".join(packing.compress(b" " * 2**24) for _ in range(2**4)) + packing.flush()
    return zipped(gzip.compress(once), "gzip, gzip")


Fault = Callable[["Handler"], Answer | None] | Answer
"""What happens in place of the usual answer; a function that returns None has done all itself."""

FAULTS: dict[str, Fault] = {
    "401": error(401, "Invalid API key"),
    "403": error(403, "This workspace is not yours"),
    "404": error(404, "App not found"),
    "400": error(400, "Validation failed", details=[{"path": "limit", "message": "must be positive"}]),
    "429": text(429, "Too many requests, please try again later.", Retry_After="1"),
    "429-json": error(429, "Too many requests", retryAfter=1),
    "500": error(500, "Internal error"),
    "503": error(503, "Try again later"),
    "old-error": Answer(400, b'{"error": "No such thing"}', {"Content-Type": "application/json"}),
    "html-502": text(502, PAGE, "text/html"),
    "html-200": text(200, PAGE, "text/html"),
    "no-data": Answer(200, b'{"result": []}', {"Content-Type": "application/json"}),
    "wrong-fields": data({"appId": "x", "name": "x", "nodes": [{"id": 7}], "edges": []}),
    "not-gzip": zipped(b"plain"),
    "bomb": zipped(gzip.compress(b" " * 21_000_000)),
    "redirect-abroad": redirect("http://127.0.0.2:9/v1/apps"),
    "redirect-loop": redirect("?again"),
    "slow": slow,
    "trickle": trickle,
    "drip": drip,
    "interim": interim,
    "reset": reset,
    "cut-off": cut_off,
    "truncated": truncated,
    "nonsense": nonsense,
    "big": big,
}


@dataclass(frozen=True)
class Seen:
    """A request as it came in."""

    method: str
    target: str
    headers: Message
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}


@dataclass
class _Planned:
    fault: Fault
    path: str
    left: float


class Loopback:
    """The API. `seen` holds every request; `apps` the workflows by app id, which a test may change; `runs`
    the runs and the script by which they go; `withheld` the apps whose workflow is not given, each with the
    status (403, 404, 410) that is answered in its place, and `*` for all others."""

    def __init__(
        self,
        samples: Path | None = None,
        *,
        key: str = KEY,
        limit: int = 100,
        window: float = 60,
        follow: bool = False,
    ) -> None:
        self.key, self.limit, self.window = key, limit, window
        self._followed = samples if follow else None
        self.apps: dict[str, dict[str, Any]] = dict(_apps(samples)) if samples else {}
        self.seen: list[Seen] = []
        self.runs, self.logins = Runs(), Logins()
        self.withheld: dict[str, int] = {}
        self.models = [
            {"id": id_, "displayName": id_.replace("-", " ").title(), "modality": modality}
            for id_, modality in (("nano-banana-2", "image"), ("kling-v3-pro-image-to-video", "video"))
        ]
        self.delay = 30.0
        self.url = ""
        self._planned: list[_Planned] = []
        self._times: deque[float] = deque()
        self._lock = threading.Lock()

    def fault(self, fault: Fault | str, *, path: str = "*", times: float = float("inf")) -> None:
        """Let requests for a path (with * and ?) fail so many times, after the faults planned before."""
        self._planned.append(_Planned(FAULTS[fault] if isinstance(fault, str) else fault, path, times))

    def forget(self) -> None:
        """Let nothing fail any more."""
        self._planned.clear()

    def planned(self, seen: Seen) -> Fault:
        """Take down a request; return what is to happen."""
        with self._lock:
            self.seen.append(seen)
            for planned in self._planned:
                if planned.left > 0 and fnmatch(seen.path, planned.path):
                    planned.left -= 1
                    return planned.fault
        return usual

    def answer(self, seen: Seen) -> "Answer | Streamed":
        """What the API answers when nothing goes wrong in between."""
        return self._refused(seen) or self._found(seen)

    def rate(self) -> tuple[bool, dict[str, str]]:
        """Count one request; tell whether it is one too many, and the headers that say so."""
        now = time.monotonic()
        with self._lock:
            while self._times and self._times[0] <= now - self.window:
                self._times.popleft()
            full = len(self._times) >= self.limit
            if not full:
                self._times.append(now)
            seconds = max(1, round(self._times[0] + self.window - now)) if self._times else 1
            left = self.limit - len(self._times)
        headers = {"RateLimit-Limit": self.limit, "RateLimit-Remaining": left, "RateLimit-Reset": seconds}
        if full:
            headers["Retry-After"] = seconds
        return full, {name: str(value) for name, value in headers.items()}

    def _refused(self, seen: Seen) -> Answer | None:
        given = seen.headers["x-api-key"] or (seen.headers["authorization"] or "").removeprefix("Bearer ")
        if not given:
            return error(401, "API key required", "AUTH_MISSING_KEY")
        if given != self.key and not self.logins.knows(given):
            return error(401, "Invalid API key", "AUTH_INVALID_KEY")
        if seen.headers["x-workspace-id"] not in (None, WORKSPACE):
            return error(403, "The key does not belong to this workspace")
        return None

    def file(self, seen: Seen) -> Answer:
        """What an address of an output gives, to anyone: the whole, or the rest from a byte on."""
        found = self.runs.file(seen.path)
        if not found:
            return error(404, "Not found")
        kind, content = found
        headers = {"Content-Type": kind, "ETag": f'"{len(content)}"'}
        asked = re.fullmatch(r"bytes=(\d+)-", seen.headers["range"] or "")
        if not asked or seen.headers["if-range"] != headers["ETag"]:
            return Answer(200, content, headers)
        self.runs.ranges.append(asked[0])
        start = int(asked[1])
        headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return Answer(206, content[start:], headers)

    def _found(self, seen: Seen) -> "Answer | Streamed":
        if seen.method == "GET" and seen.path == "/v1/apps":
            return self.list_apps(seen.query)
        if seen.path == "/v1/apps/discover" and seen.method == "POST":
            return self._discovered(json.loads(seen.body))
        if models := re.fullmatch(r"/v1/models/(\w+)", seen.path):
            return data([row for row in self.models if row["modality"] == models[1]])
        if seen.path == "/v1/webhooks/signing-key":
            return Answer(200, json.dumps(self.runs.keys).encode(), {"Content-Type": "application/json"})
        if re.fullmatch(r"/v1/(apps/[^/]+/)?runs(/.*)?", seen.path):
            return self._ran(seen)
        parts = re.fullmatch(r"/v1/apps/([^/]+)(/workflow|/estimate)?", seen.path)
        workflow = self.apps.get(unquote(parts[1])) if parts else None
        if not parts or workflow is None:
            return error(404, "App not found" if parts else "Not found")
        status = self.withheld.get(workflow["appId"], self.withheld.get("*"))
        if status and parts[2] == "/workflow":
            return error(status, "The workflow is not available")
        making = {("GET", None): _detail, ("GET", "/workflow"): dict, ("POST", "/estimate"): _estimate}
        make = making.get((seen.method, parts[2]))
        return data(make(workflow)) if make else error(404, "Not found")

    def _discovered(self, body: Mapping[str, Any]) -> Answer:
        """The apps whose names share words with the intent, those that share most first."""
        wanted = set(re.findall(r"\w{3,}", body["intent"].casefold()))
        most = (body.get("constraints") or {}).get("maxCredits", float("inf"))
        rows = []
        for workflow in self.apps.values():
            shared = wanted & set(re.findall(r"\w+", workflow["name"].casefold()))
            price = _estimate(workflow)["estimatedCredits"]["expected"]
            if shared and price <= most:
                row = {
                    key: _summary(workflow)[key] for key in ("appId", "name", "description", "capabilities")
                }
                score, why = round(len(shared) / len(wanted), 2), f"its name says {', '.join(sorted(shared))}"
                rows.append({**row, "relevanceScore": score, "estimatedCredits": price, "whyMatch": why})
        rows.sort(key=lambda row: (-row["relevanceScore"], row["name"]))
        return data(
            {
                "matches": rows[: body.get("limit", 5)],
                "intent": {"medium": "video", "summary": body["intent"]},
            }
        )

    def _ran(self, seen: Seen) -> "Answer | Streamed":
        start = re.fullmatch(r"/v1/apps/([^/]+)/runs", seen.path)
        if start and seen.method == "POST":
            workflow = self.apps.get(unquote(start[1]))
            return self._begun(workflow, seen) if workflow else error(404, "App not found")
        if seen.path == "/v1/runs":
            return data(self.runs.listed(seen.query, self.url))
        parts = re.fullmatch(r"/v1/runs/([^/]+)(/wait|/cancel|/stream)?", seen.path)
        run = self.runs.started.get(unquote(parts[1])) if parts else None
        if not parts or run is None:
            return error(404, "Run not found")
        if parts[2] == "/cancel" and not self.runs.cancel(run):
            return error(409, "The run cannot be cancelled any more", "VALIDATION_ERROR")
        if parts[2] == "/stream":
            return Streamed(run) if self.runs.streams else error(404, "Not found")
        return data(run.stands(self.url))

    def _begun(self, workflow: Mapping[str, Any], seen: Seen) -> Answer:
        detail, body = _detail(workflow), json.loads(seen.body)
        known = {parameter["key"]: parameter for parameter in detail["parameters"]}
        names = {p[key]: p["key"] for key in ("name", "id", "key") for p in detail["parameters"]}
        given = body.get("inputs", {})
        filled = {names[name] for name in given if name in names}
        wrong = [{"input": name, "code": "unknown_parameter"} for name in given if name not in names]
        wrong += [
            {"input": name, "code": "missing_no_default"}
            for name, parameter in known.items()
            if name not in filled and "default" not in parameter
        ]
        if wrong:
            return error(400, "Validation failed", details=wrong)
        begun = self.runs.start(workflow, _produced(workflow), body, seen.query.get("webhook"), self.url)
        return replace(data(begun), status=202)

    def list_apps(self, query: Mapping[str, str]) -> Answer:
        limit = query.get("limit", "1000")
        if not limit.isdecimal() or int(limit) < 1:
            return error(400, "Validation failed", details=[{"path": "limit", "message": "must be positive"}])
        wanted = query.get("search", "").casefold()
        if self._followed:  # its files may have changed: somebody edits an app
            self.apps = dict(_apps(self._followed))
        apps = [_summary(workflow) for workflow in self.apps.values()]
        return data([app for app in apps if wanted in app["name"].casefold()][: int(limit)])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 10
    server: "_Server"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        self.seen = Seen(self.command, self.path, self.headers, body)
        fault = self.server.api.planned(self.seen)
        answer = fault(self) if callable(fault) else fault
        if answer:
            breaks = self.server.api.runs.breaks
            if self.seen.path.startswith("/files/") and answer.status in (200, 206) and breaks:
                self.begin(answer.status, {**answer.headers, "Content-Length": str(len(answer.body))})
                self.wfile.write(answer.body[: breaks.pop(0)])
                self.close_connection = True
                return
            self.begin(answer.status, {**answer.headers, "Content-Length": str(len(answer.body))})
            self.wfile.write(answer.body)

    def do_POST(self) -> None:
        self.do_GET()

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        self.log_request(status)
        self.send_response_only(status)
        headers = {"Date": self.date_time_string(), "Server": "loopback"} | dict(headers)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        if self.server.talks:
            super().log_message(format, *args)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    talks = False

    def __init__(self, api: Loopback, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.api, self.stopping = api, threading.Event()


@contextmanager
def serving(api: Loopback, port: int = 0) -> Iterator[Loopback]:
    """Serve an API on a port of this machine for as long as the block runs."""
    server = _Server(api, port)
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.stopping.set()
        api.runs.stop()
        server.shutdown()
        server.server_close()
        thread.join()


def _apps(samples: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The apps of a folder; of several files with one app id the last is the app as it is now.

    The templates are not among them: with those, each walk over the catalogue would meet the rate limit.
    """
    for file in sorted(samples.rglob("*.json")):
        if file.parent.name in ("templates", "comfyui", "react-flow"):
            continue
        read = json.loads(file.read_text("utf-8"))
        workflow = read.get("data", read)
        usual = {"appId": str(uuid.uuid5(uuid.NAMESPACE_URL, file.stem)), "name": file.stem}
        workflow = usual | {name: value for name, value in workflow.items() if value is not None}
        yield workflow["appId"], workflow


def _summary(workflow: Mapping[str, Any]) -> dict[str, Any]:
    outputs = sorted({output["type"] for output in _detail(workflow)["outputs"]})
    return {
        "appId": workflow["appId"],
        "name": workflow["name"],
        "description": None,
        "isPublic": True,
        "capabilities": _capabilities(workflow, outputs),
        "icon": None,
        "modality": outputs[0] if len(outputs) == 1 else None,
        "outputFormats": outputs,
        "inputSummary": _input_summary(workflow),
        "thumbnail": {"url": f"https://example.com/{workflow['appId']}.jpg", "type": "image"},
    }


def _input_summary(workflow: Mapping[str, Any]) -> dict[str, Any]:
    rows = _detail(workflow)["parameters"]
    required = [{"name": p["key"], "type": p["type"]} for p in rows if "default" not in p]
    optional = [{"name": p["key"], "type": p["type"]} for p in rows if "default" in p]
    return {"required": required, "optional": optional, "total": len(rows)}


def _capabilities(workflow: Mapping[str, Any], produces: list[str]) -> dict[str, Any] | None:
    """What newer versions of the API say of an app: here of those with a step."""
    steps = _estimate(workflow)["breakdown"]
    if not steps:
        return None
    return {
        "produces": produces,
        "outputFormats": produces,
        "generationStepCount": len(steps),
        "nodeTypes": sorted({node["type"] for node in workflow["nodes"]}),
        "hasQualityControl": False,
        "hasHumanApproval": False,
    }


def _detail(workflow: Mapping[str, Any]) -> dict[str, Any]:
    fed = {edge["target"]: edge["source"] for edge in workflow["edges"]}
    feeding = {edge["source"] for edge in workflow["edges"]}
    types = {node["id"]: node["type"] for node in workflow["nodes"]}
    inputs = [node for node in workflow["nodes"] if re.search("input|upload", node["type"], re.IGNORECASE)]
    sinks = [node for node in workflow["nodes"] if node["id"] not in feeding and node not in inputs]
    return {
        "appId": workflow["appId"],
        "name": workflow["name"],
        "description": None,
        "parameters": [_parameter(node) for node in inputs],
        "outputs": [
            {
                "index": index,
                "label": node.get("label") or node["type"],
                "type": _kind(node["type"] + types.get(fed.get(node["id"], ""), "")),
            }
            for index, node in enumerate(sinks)
        ],
    }


def _produced(workflow: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The outputs of an app, each with the id of the node that makes it: what feeds an output node."""
    feeding = {edge["source"] for edge in workflow["edges"]}
    fed = {edge["target"]: edge["source"] for edge in workflow["edges"]}
    sinks = [node["id"] for node in workflow["nodes"] if node["id"] not in feeding]
    types = {node["id"]: node["type"] for node in workflow["nodes"]}
    makers = {sink: fed.get(sink, sink) if "output" in types[sink].lower() else sink for sink in sinks}
    inputs = {p["id"] for p in _detail(workflow)["parameters"]}
    ids = [maker for sink, maker in makers.items() if sink not in inputs]
    return [{**output, "id": id_} for output, id_ in zip(_detail(workflow)["outputs"], ids, strict=True)]


def _parameter(node: Mapping[str, Any]) -> dict[str, Any]:
    name = node.get("label") or node["type"]
    key = re.sub(r"\W+", "_", name).strip("_").lower()
    common = {"id": node["id"], "key": key, "name": name, "required": True}
    kind = _kind(node["type"])
    if kind == "text":
        return {**common, "type": "text", "default": ""}
    return {**common, "type": "url", "accept": [kind if kind == "video" else "image"], "multiple": False}


def _estimate(workflow: Mapping[str, Any]) -> dict[str, Any]:
    price = {"video": 40, "audio": 5, "text": 1, "image": 8}
    breakdown = [
        {"nodeId": node["id"], "nodeType": node["type"], "credits": price[_kind(node["type"])]}
        for node in workflow["nodes"]
        if not re.search("input|upload|output", node["type"], re.IGNORECASE)
    ]
    total = sum(row["credits"] for row in breakdown)
    return {
        "appId": workflow["appId"],
        "name": workflow["name"],
        "estimatedCredits": {"expected": total, "min": total, "max": 2 * total},
        "breakdown": breakdown,
        "currentBalance": 1000,
        "affordable": total <= 1000,
    }


def _kind(words: str) -> str:
    kinds = {"video|reel|clip": "video", "audio|voice|music": "audio", "text|prompt|script|caption": "text"}
    return next(
        (kind for pattern, kind in kinds.items() if re.search(pattern, words, re.IGNORECASE)), "image"
    )


def _wish(given: str) -> tuple[Fault, str, float]:
    """A fault from the command line: what, on which path, how often."""
    found = re.fullmatch(r"(?:(?P<path>.+)=)?(?P<name>[a-z0-9-]+)(?:\*(?P<times>\d+))?", given)
    if not found or found["name"] not in FAULTS:
        raise argparse.ArgumentTypeError(f"{given!r} is none of {', '.join(FAULTS)}")
    return FAULTS[found["name"]], found["path"] or "*", float(found["times"] or "inf")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--samples", type=Path, default=Path("samples"), help="the folder whose workflows are the apps"
    )
    parser.add_argument("--port", type=int, default=0, help="by default one that is free")
    parser.add_argument("--key", default=KEY, help="the key that is accepted; by default %(default)s")
    parser.add_argument("--limit", type=int, default=100, help="requests in a minute; by default %(default)s")
    parser.add_argument(
        "--fault",
        type=_wish,
        action="append",
        default=[],
        metavar="[PATH=]NAME[*TIMES]",
        help=f"one of {', '.join(FAULTS)}",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=0.05,
        help="how long each output of a run takes; by default %(default)s",
    )
    parser.add_argument(
        "--cut",
        type=int,
        action="append",
        default=[],
        metavar="N",
        help="break the next stream after N events",
    )
    parser.add_argument(
        "--withhold",
        action="append",
        default=[],
        metavar="[STATUS:]NAME",
        help="do not give the workflow of this app (* for all), but 403, 404 or 410 (by default)",
    )
    parser.add_argument(
        "--login",
        type=Path,
        metavar="HOME",
        help="save a login of two minutes below this folder, in place of giving the key",
    )
    options = parser.parse_args()
    api = Loopback(options.samples, key=options.key, limit=options.limit, follow=True)
    for fault, path, times in options.fault:
        api.fault(fault, path=path, times=times)
    api.runs.script, api.runs.cuts = replace(api.runs.script, each=options.seconds), options.cut
    for words in options.withhold:
        status, _, name = words.rpartition(":")
        ids = [id_ for id_, workflow in api.apps.items() if workflow["name"] == name]
        api.withheld |= dict.fromkeys(ids or ["*"], int(status or 410))
    _Server.talks = True
    with serving(api, options.port):
        if options.login:
            api.logins.lasts = 120
            api.logins.save(options.login, api.url)
        credentials = f"HOME={options.login}" if options.login else f"LAMINA_API_KEY={api.key}"
        print(f"export LAMINA_BASE_URL={api.url}\nexport {credentials}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
