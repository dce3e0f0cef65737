"""GitHub's API for comments on pull requests, played by a real HTTP server on this machine."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghs_secret"
BOT = {"login": "github-actions[bot]", "type": "Bot"}


class GitHub:
    """Comments by pull request, and what was done to them; `status` answers in place of writing."""

    def __init__(self) -> None:
        self.url = ""
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.written: list[tuple[str, int]] = []
        self.status: int | None = None
        self._last = 0

    def add(self, number: int, body: str, user: dict[str, str] = BOT) -> dict[str, Any]:
        self._last += 1
        comment = {"id": self._last, "body": body, "user": dict(user)}
        self.comments.setdefault(number, []).append(comment)
        return comment

    def answer(self, method: str, target: str, headers: Any, body: bytes) -> tuple[int, Any]:
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if headers["authorization"] != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        if method != "GET" and self.status:
            return self.status, {"message": "Resource not accessible by integration"}
        if match := re.fullmatch(r"/repos/o/r/issues/(\d+)/comments", path):
            return self._of_pull_request(method, int(match[1]), query, body)
        if (match := re.fullmatch(r"/repos/o/r/issues/comments/(\d+)", path)) and method == "PATCH":
            return self._edit(int(match[1]), json.loads(body)["body"])
        return (403 if path == "/user" else 404), {"message": "no"}

    def _of_pull_request(self, method: str, number: int, query: Any, body: bytes) -> tuple[int, Any]:
        if method == "GET":
            size, page = int(query["per_page"][0]), int(query["page"][0])
            return 200, self.comments.get(number, [])[(page - 1) * size : page * size]
        text = json.loads(body)["body"]
        if len(text) > 65_536:
            return 422, {"message": "Body is too long (maximum is 65536 characters)"}
        comment = self.add(number, text)
        self.written.append(("created", comment["id"]))
        return 201, comment

    def _edit(self, id_: int, text: str) -> tuple[int, Any]:
        if len(text) > 65_536:
            return 422, {"message": "Body is too long (maximum is 65536 characters)"}
        [comment] = [each for comments in self.comments.values() for each in comments if each["id"] == id_]
        comment["body"] = text
        self.written.append(("updated", id_))
        return 200, comment


class _Handler(BaseHTTPRequestHandler):
    github: GitHub

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        status, answer = self.github.answer(self.command, self.path, self.headers, body)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.send_header("retry-after", "0")
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = _serve  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def github_serving() -> Iterator[GitHub]:
    """Give a GitHub that is served on loopback."""
    github = GitHub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"github": github}))
    github.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
