"""Feeds and posts: each change under one id for good, signed, tried again, and only over a safe line."""

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from commandline import lamina

from lamina_graph.cli.schemas import schema_of
from lamina_graph.delivery import check_address, post_signed, sign
from lamina_graph.errors import DeliveryError, InputError
from lamina_graph.history import AppChange, Changes, Unknown
from lamina_graph.report.changes import atom
from lamina_graph.store import FetchResult, FetchScope, Store

ATOM = "{http://www.w3.org/2005/Atom}"
NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef").decode()


class Receiver:
    """A receiver on this machine: answers with these statuses one after another, the last one for good."""

    def __init__(self) -> None:
        self.statuses = [204]
        self.headers: dict[str, str] = {}
        self.seen: list[tuple[Any, bytes]] = []
        self.url = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    held = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            held.seen.append((self.headers, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(held.statuses.pop(0) if len(held.statuses) > 1 else held.statuses[0])
            for name, value in {"content-length": "0", **held.headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.url = f"http://127.0.0.1:{server.server_port}/hook?a=b"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield held
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A store of two nights between which a model was swapped."""
    with Store(str(tmp_path / "lamina.db")) as store:
        for night, type_ in enumerate(("fluxNode", "seedreamNode")):
            at = NOW + timedelta(days=night)
            run = store.begin("https://api.example", FetchScope(), at)
            graph = {"nodes": [{"id": "n", "type": type_}, {"id": "o", "type": "imageOutputNode"}]}
            graph["edges"] = [{"source": "n", "target": "o"}]
            workflow = {"appId": "a", "name": "Reel & <Shot>", **graph}
            store.record(run.id, [FetchResult(app_id="a", at=at, workflow=workflow)])
            store.finish(run.id, at + timedelta(minutes=1), complete=True)
    return tmp_path / "lamina.db"


def change(text: str, at: datetime = NOW, **more: Any) -> AppChange:
    usual = {
        "rule": "node-retyped",
        "severity": "risky",
        "fingerprint": "0" * 12,
        "app_id": "a",
        "name": "Reel",
    }
    return AppChange(**{**usual, "text": text, "at": at, "base_url": "https://api.example", **more})


def feed(*told: AppChange, unknown: tuple[Unknown, ...] = ()) -> ElementTree.Element:
    changes = Changes(since=NOW, until=NOW, severity=None, apps=1, changes=told, unknown=unknown)
    return ElementTree.fromstring(atom(changes))


def ids(parsed: ElementTree.Element) -> list[str]:
    return [entry.findtext(f"{ATOM}id") or "" for entry in parsed.iter(f"{ATOM}entry")]


def test_a_feed_has_one_entry_for_each_change_the_newest_first():
    """Each has what RFC 4287 asks for: an id, a title, a date."""
    later = change("Second", NOW + timedelta(days=1))
    parsed = feed(change("First"), later, unknown=(Unknown(at=NOW, app_id="b", why="not fetched"),))
    titles = [entry.findtext(f"{ATOM}title") for entry in parsed.iter(f"{ATOM}entry")]
    assert titles[0] == "risky: Reel: Second"
    assert set(titles[1:]) == {"risky: Reel: First", "unknown: b: could not be compared: not fetched"}
    assert parsed.findtext(f"{ATOM}updated") == "2026-03-02T02:00:00Z"
    for element in (parsed, *parsed.iter(f"{ATOM}entry")):
        assert all(element.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
    assert parsed.findtext(f"{ATOM}author/{ATOM}name")


def test_an_entry_keeps_its_id_whatever_stands_beside_it():
    """The same change has one id in every feed; another app, moment or place has another."""
    first = change("First")
    others = [
        change("First", app_id="b"),
        change("First", NOW + timedelta(seconds=1)),
        change("First", base_url="https://other.example"),
        change("First", fingerprint="1" * 12),
    ]
    [id_] = ids(feed(first))
    assert ids(feed(*others, first)).count(id_) == 1
    assert len(set(ids(feed(*others, first)))) == 5
    unknown = Unknown(at=NOW, app_id="a", why="not fetched")
    same_day = unknown.model_copy(update={"at": NOW + timedelta(hours=3)})
    assert ids(feed(unknown=(unknown,))) == ids(feed(unknown=(same_day,)))


@pytest.mark.parametrize("text", ["a\x00b", "\ufffe", "\ud800", "]]><b>&amp;", "\x1b[31m", "a\u202eb"])
def test_any_text_is_plain_text_in_a_feed(text: str):
    [entry] = feed(change(text, name=text, app_id=text)).iter(f"{ATOM}entry")
    assert list(entry.find(f"{ATOM}title") or ()) == []
    assert entry.find(f"{ATOM}content").get("type") == "text"


def test_changes_are_written_as_a_feed_and_a_quiet_time_as_one_without_entries(place: Path):
    words = ("--store", place, "changes", "--since", "2026-03-02", "--until", "2026-03-03")
    result = lamina(*words, "-f", "atom")
    assert result.exit_code == 0
    [entry] = ElementTree.fromstring(result.stdout.encode()).iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "risky: Reel & <Shot>: Model swapped: Flux → Seedream"
    assert lamina(*words, "-f", "atom").stdout == result.stdout


def posting(place: Path, receiver: Receiver) -> tuple[object, ...]:
    """The words of a command that posts the changes of one day."""
    span = ("--since", "2026-03-02", "--until", "2026-03-03")
    return ("--store", place, "changes", *span, "--post", receiver.url)


def test_changes_are_posted_as_signed_json(place: Path, receiver: Receiver):
    """The receiver checks the signature as Standard Webhooks says; nothing to tell is nothing to post."""
    words = posting(place, receiver)
    result = lamina(*words, env={"LAMINA_GRAPH_POST_SECRET": SECRET})
    assert result.exit_code == 0, result.stderr
    [(headers, body)] = receiver.seen
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    wanted = hmac.new(b"0123456789abcdef", signed, sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(wanted).decode()}"
    data = json.loads(body)
    jsonschema.validate(data, schema_of("changes"))
    assert data["changes"][0]["text"] == "Model swapped: Flux → Seedream"
    assert SECRET not in result.output + result.stderr
    quiet = ("--store", place, "changes", "--since", "last", "--post", receiver.url)
    lamina(*quiet, env={"LAMINA_GRAPH_POST_SECRET": "x"})
    with Store(str(place)) as store:
        run = store.begin("https://api.example", FetchScope(), NOW + timedelta(days=2))
        last = next(iter(store.catalogue()))
        store.record(
            run.id, [FetchResult(app_id="a", at=NOW + timedelta(days=2), workflow=last.workflow.model_dump())]
        )
        store.finish(run.id, NOW + timedelta(days=2, minutes=1), complete=True)
    receiver.seen.clear()
    assert lamina(*quiet, env={"LAMINA_GRAPH_POST_SECRET": "x"}).exit_code == 0
    assert receiver.seen == []


def test_what_was_not_taken_is_told_again(place: Path, receiver: Receiver):
    """The position of a reader moves on only after the receiver took it."""
    receiver.statuses = [410]
    words = ("--store", place, "changes", "--since", "last", "--reader", "post", "--post", receiver.url)
    env = {"LAMINA_GRAPH_POST_SECRET": "x"}
    refused = lamina(*words, env=env)
    assert (refused.exit_code, "answered 410" in refused.stderr) == (2, True)
    receiver.statuses = [200]
    lamina(*words, env=env)
    assert receiver.seen[0][1] == receiver.seen[1][1]
    assert receiver.seen[0][0]["webhook-id"] == receiver.seen[1][0]["webhook-id"]


@pytest.mark.parametrize(
    ("statuses", "sent", "taken"),
    [([503, 429, 200], 3, True), ([500], 4, False), ([400], 1, False), ([302], 1, False), ([404], 1, False)],
)
def test_only_what_may_pass_is_tried_again(statuses: list[int], sent: int, taken: bool, receiver: Receiver):
    receiver.statuses, receiver.headers = statuses, {"location": "/elsewhere", "retry-after": "0"}
    if taken:
        post_signed(receiver.url, b"{}", "x", NOW, first_wait=0)
    else:
        with pytest.raises(DeliveryError, match="answered"):
            post_signed(receiver.url, b"{}", "x", NOW, first_wait=0)
    assert len(receiver.seen) == sent


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "ftp://example.org",
        "example.org",
        "https://",
        "https://me:secret@example.org",
        "http://127.0.0.1.example.org/",
        "file:///etc/passwd",
        "http://[::1",
    ],
)
def test_an_address_that_others_can_read_is_refused(url: str):
    with pytest.raises(InputError) as error:
        check_address(url)
    assert "secret" not in str(error.value)


def test_nothing_is_posted_unsigned(place: Path, receiver: Receiver):
    words = posting(place, receiver)
    result = lamina(*words, env={"LAMINA_GRAPH_POST_SECRET": ""})
    assert (result.exit_code, receiver.seen) == (2, [])
    assert "LAMINA_GRAPH_POST_SECRET" in result.stderr
    with pytest.raises(InputError, match="not Base64"):
        sign("whsec_???", "msg", "0", b"")
