"""A small web server for webhooks on this machine, which checks deliveries and keeps their raw bodies."""

import json
import re
import threading
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
from lamina_graph.webhook import Keys, public_keys, verify_webhook

_MAX_BYTES = 32 * 1024 * 1024


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
        self.webhooks = webhooks

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that broke."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def do_POST(self) -> None:
        length = self.headers["content-length"] or ""
        if not length.isdecimal() or int(length) > _MAX_BYTES:
            self._answer(413, f"expected a body of known length, up to {_MAX_BYTES:,} bytes")
            return
        delivery = self.server.webhooks.take(self.rfile.read(int(length)), dict(self.headers.items()))
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
