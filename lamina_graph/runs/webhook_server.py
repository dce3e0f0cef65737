"""A small web server for webhooks on this machine, which checks deliveries and keeps their raw bodies.

Whoever reaches it may send anything. So connections are few, each has one deadline, and all bodies that are
not checked yet share one budget of bytes; a sender for whom none are left is told to come again.
"""

import io
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from lamina_graph.errors import InputError, WebhookError
from lamina_graph.files import write
from lamina_graph.model import Run, Value
from lamina_graph.text import escape_controls
from lamina_graph.webhook import Keys, check_headers, public_keys, verify_webhook

_MAX_BYTES = 32 * 1024 * 1024
_MOST_BYTES = 2 * _MAX_BYTES  # for all bodies together
_MOST_CONNECTIONS = 16
_SECONDS = 15.0  # for one request


class Delivery(Value):
    """A run and the file that holds the body as it came, or why the delivery was turned away.

    Attributes:
        again: whether the same body had come before.
    """

    run: Run | None = None
    path: str | None = None
    again: bool = False
    problem: str = ""


class WebhookServer:
    """Where deliveries come in while `serve_webhooks` runs."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        self.folder, self.keys = folder, keys
        self.url = ""
        self._deliveries: SimpleQueue[Delivery] = SimpleQueue()
        self._lock = threading.Lock()

    def next(self, timeout: float | None = None) -> Delivery:
        """Return the next delivery, once there is one.

        Raises:
            queue.Empty: none came in time.
        """
        return self._deliveries.get(timeout=timeout)

    def take(self, body: bytes, headers: dict[str, str]) -> Delivery:
        """Check one delivery, keep it, and queue it for `next`."""
        try:
            run = verify_webhook(body, headers, self.keys)
            path, again = self._keep(run.run_id, body)
            delivery = Delivery(run=run, path=str(path), again=again)
        except (WebhookError, OSError) as error:
            return self.reject(error)
        self._deliveries.put(delivery)
        return delivery

    def reject(self, error: WebhookError | OSError) -> Delivery:
        """Queue for `next` why a delivery was turned away."""
        delivery = Delivery(problem=escape_controls(str(error)))
        self._deliveries.put(delivery)
        return delivery

    def _keep(self, run_id: str, body: bytes) -> tuple[Path, bool]:
        """Write a body to a file of its own; return it, and whether it was there before."""
        name = re.sub(r"[^A-Za-z0-9_-]+", "_", run_id)[:80]
        with self._lock:
            for number in range(1, 1000):
                path = self.folder / (f"{name}.json" if number == 1 else f"{name}-{number}.json")
                if not path.exists():
                    write(path, body)
                    return path, False
                if path.read_bytes() == body:
                    return path, True
        raise OSError(f"{self.folder}: too many deliveries of run {name}")


@contextmanager
def serve_webhooks(folder: str | Path, keys: Keys, *, port: int = 0) -> Iterator[WebhookServer]:
    """Receive webhooks on the loopback address for as long as the block runs.

    Args:
        folder: where the bodies of good deliveries go, each as RUNID.json.
        keys: those of the API, as for `verify_webhook`.
        port: by default one that is free; the server's `url` names it.

    Raises:
        InputError: the port cannot be used, or no key can.
    """
    public_keys(keys)
    Path(folder).mkdir(parents=True, exist_ok=True)
    webhooks = WebhookServer(Path(folder), keys)
    server = _Server(webhooks, port)
    webhooks.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield webhooks
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, webhooks: WebhookServer, port: int) -> None:
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as error:
            problem = f"port {port} cannot be used: {error.strerror}"
            raise InputError(problem, "Name another with --port; 0 takes one that is free.") from error
        self.webhooks, self.budget = webhooks, _ByteBudget(_MOST_BYTES)
        self._places = threading.BoundedSemaphore(_MOST_CONNECTIONS)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection where there is a place for one more; others are closed."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread of its own."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that broke."""


class _ByteBudget:
    """Bytes that all requests share."""

    def __init__(self, size: int) -> None:
        self._left, self._lock = size, threading.Lock()

    @contextmanager
    def reserve(self, size: int) -> Iterator[bool]:
        """Take so many bytes while the block runs; give whether there were as many."""
        with self._lock:
            fits = size <= self._left
            self._left -= size if fits else 0
        try:
            yield fits
        finally:
            with self._lock:
                self._left += size if fits else 0


class _TimedReader(io.RawIOBase):
    """What a connection sends, until a deadline, however slowly it comes."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection, self._until = connection, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time is up")
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _SECONDS

    def setup(self) -> None:
        super().setup()
        self.rfile = io.BufferedReader(_TimedReader(self.connection, time.monotonic() + _SECONDS))

    def do_POST(self) -> None:
        length, headers = self.headers["content-length"] or "", dict(self.headers.items())
        if not re.fullmatch("[0-9]{1,9}", length) or int(length) > _MAX_BYTES:
            self._answer(413, f"expected a body of known length, up to {_MAX_BYTES:,} bytes")
            return
        try:
            check_headers(headers)  # before a byte of the body is read
        except WebhookError as error:
            self.server.webhooks.reject(error)
            self._answer(400, str(error))
            return
        with self.server.budget.reserve(int(length)) as fits:
            if not fits:
                self._answer(503, "too many deliveries at once; send it again later")
                return
            delivery = self.server.webhooks.take(self.rfile.read(int(length)), headers)
        self._answer(400 if delivery.problem else 200, delivery.problem)

    def _answer(self, status: int, problem: str) -> None:
        content = json.dumps({"error": problem} if problem else {"received": True}).encode()
        self.send_response_only(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the caller says what was delivered."""
