"""Every reader of the project, given almost right input: it answers, or says what is wrong in its own words.

    python tests/fuzz.py                          a megabyte for each reader
    python tests/fuzz.py comfyui png --megabytes 10 --seed 7

For each reader it prints the inputs, their bytes, how many were read, how many refused, and how many broke
that promise; an input that does is written to a file beside its error. The exit status is 1 where one did.
"""

import argparse
import io
import json
import random
import re
import signal
import sys
import tempfile
import traceback
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from commandline import lamina
from lifecycle import Runs
from mutations import mutate
from pydantic import SecretStr

import lamina_graph as lg
from lamina_graph.dependencies import dependencies, find_uses
from lamina_graph.diff import Usage
from lamina_graph.errors import LaminaGraphError
from lamina_graph.files import canonical, load_all, load_estimate, load_run
from lamina_graph.login import Tokens, renew
from lamina_graph.model import Entry, Workflow
from lamina_graph.refs import Skipped, plan, read_lists, resolve, work_on
from lamina_graph.report import workflow_lines
from lamina_graph.report.diff import text as write_text
from lamina_graph.server_sent_events import parse_events
from lamina_graph.settings import Settings, load_config, read_toml
from lamina_graph.store import FetchResult, FetchScope, Store

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
CONFIGURATION = ROOT / "lamina_graph" / "cli" / "templates" / "lamina-graph.toml"
SECONDS = 20
"""How long one input may take; far more than any does, so that only a hang is one."""

RUN = "5b0e3b0c-0000-4000-8000-000000000001"
LAMINA = Runs()


def read_workflow(content: bytes, seed: bytes) -> None:
    """Read a workflow, look at it in every way, and hold it against the one that it was made from."""
    workflow = lg.load(content)
    assert lg.load(canonical(workflow).encode()) == workflow, "reading what was written gives something else"
    lg.classify(workflow)
    lg.lint(workflow)
    _ = lg.draw(workflow).mermaid
    find_uses("*", workflow, dependencies(workflow))
    list(workflow_lines(workflow))
    _check_diff(lg.load(seed), workflow)


def _check_diff(old: Workflow, new: Workflow) -> None:
    diff = lg.diff(old, new)
    json.dumps(diff.model_dump(mode="json"))
    write_text(diff)
    if diff.identical and not diff.unknown and diff.anchors.ids:  # ids that mean nothing may differ
        before, after = _as_sets(old), _as_sets(new)
        if not diff.anchors.ids:  # nodes may have other ids then
            before, after = (_without_ids(*each) for each in (before, after))
        assert before == after, "two workflows that differ are called identical"


def _as_sets(workflow: Workflow) -> tuple[Any, Any]:
    """Return the least that a comparison must see: nodes with type and title, and the edges between them."""
    nodes = {node.id: (node.type, node.title) for node in reversed(workflow.nodes)}
    return nodes, {(edge.source, edge.target) for edge in workflow.edges}


def _without_ids(nodes: dict[str, Any], edges: set[tuple[str, str]]) -> tuple[Any, Any]:
    ends = (tuple(str(nodes.get(end)) for end in edge) for edge in edges)
    return sorted(map(str, nodes.values())), sorted(ends)


def read_both_ways(content: bytes, seed: bytes) -> None:
    """Read a workflow quickly, and carefully, as a byte order mark before it makes the reader do."""
    quickly, carefully = (_outcome(each) for each in (content, b"\xef\xbb\xbf" + content))
    assert quickly == carefully, "the quick way reads something else than the careful one"
    lg.load(content)


def _outcome(content: bytes) -> str:
    try:
        return canonical(lg.load(content, "given"))
    except LaminaGraphError as error:
        return re.sub(r" \(byte \d+\)", "", f"{error} {error.hint}")  # which counts the mark, too


def read_packed(content: bytes, seed: bytes) -> None:
    """Read a page that carries these workflows of a catalogue, packed as a report packs them."""
    packed = b64encode(zlib.compress(content))
    page = b'<html><metadata id="lamina-graph-catalogue">' + packed + b"</metadata></html>"
    read_file(load_all, ".html")(page, seed)


def read_folder(content: bytes, seed: bytes) -> None:
    """Read a folder whose files are listed first, in which one is almost right and the others are right."""
    with tempfile.TemporaryDirectory() as folder:
        for name, each in {"a.json": seed, "b.json": content, "c.json": seed}.items():
            (Path(folder) / name).write_bytes(each)
        skipped: list[Skipped] = []
        with plan([folder]) as unread:
            refs = list(work_on(unread, _described, skipped=skipped.append))
        assert len(refs) + len(skipped) == 3, "a file of a folder is neither read nor named"
        for _, error in refs:
            if error:
                raise error


def _described(entry: Entry) -> tuple[str, LaminaGraphError | None]:
    assert entry.error or entry.workflow
    return entry.ref, entry.error  # type: ignore[return-value]


def read_store(content: bytes, seed: bytes) -> None:
    """Read all of a store whose file is damaged."""
    with tempfile.TemporaryDirectory() as folder:
        (path := Path(folder) / "store.db").write_bytes(content)
        with Store(str(path), create=False) as store:
            store.info()
            damaged: list[LaminaGraphError] = []
            for app in store.apps():
                list(store.history(app, damaged=damaged.append))
                store.events(app=app)
            store.runs()
            if damaged:
                raise damaged[0]


@cache
def stored() -> bytes:
    """Return the file of a small store."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        with Store(str(path)) as store:
            record_versions(store)
        return path.read_bytes()


def read_file(reader: Callable[[Path], Any], ending: str) -> Callable[[bytes, bytes], None]:
    """Return a reader of content for a reader of files."""

    def read(content: bytes, seed: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            (path := Path(folder) / f"input{ending}").write_bytes(content)
            reader(path)

    return read


def read_usage(path: Path) -> None:
    Usage.of(read_toml(path), str(path))


def read_delivery(content: bytes, seed: bytes) -> None:
    lg.verify_webhook(content, LAMINA.signed(content, RUN, 0), LAMINA.keys, now=0)


def read_login(content: bytes, seed: bytes) -> None:
    """Read what may be a saved login, and renew it where it is one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ".lamina" / "config.json"
        path.parent.mkdir()
        path.write_bytes(content)
        settings = Settings.read({}, Path(folder))
        json.dumps(settings.describe())
        if settings.is_renewable:
            renewed = renew(settings, lambda asked: Tokens(access_token=SecretStr("lma_new"), expires_in=60))
            assert renewed.key == SecretStr("lma_new"), "a renewed login is not read again"
            settings.token_url  # noqa: B018


def read_events(content: bytes, seed: bytes) -> None:
    """Read server-sent events in one part and in small ones, which must give the same."""
    parts = [content[start : start + 7] for start in range(0, len(content), 7)]
    assert list(parse_events(parts)) == list(parse_events([content])), (
        "where bytes are cut makes a difference"
    )


def read_ref(content: bytes, seed: bytes) -> None:
    refs = [content.decode(errors="surrogateescape")]
    if any(word in refs[0] for word in ("/", "..", "~")):
        return  # it might name a folder of this machine, all of which would be read
    with Store("sqlite://") as store:
        for entry in resolve(refs, stdin=io.BytesIO(b"{}"), offline=True, store=lambda: store).entries:
            if entry.error:
                raise entry.error


def import_store(content: bytes, seed: bytes) -> None:
    """Import the export of a store with the content in the place of the file that it was made from."""
    with tempfile.TemporaryDirectory() as folder, Store("sqlite://") as store:
        for name, whole in exported().items():
            (path := Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if whole == seed else whole)
        store.import_folder(Path(folder))
        list(store.catalogue())


@cache
def exported() -> dict[str, bytes]:
    """Return the files of an export, by their names."""
    with Store("sqlite://") as store, tempfile.TemporaryDirectory() as folder:
        record_versions(store)
        store.export(Path(folder))
        files = (path for path in sorted(Path(folder).rglob("*")) if path.is_file())
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def record_versions(store: Store) -> None:
    """Record the versions of one app in a store, one a day."""
    at = datetime(2026, 3, 9, tzinfo=UTC)
    for day, version in enumerate(sorted((SAMPLES / "history" / "quick-reel-maker").glob("*.json"))):
        workflow = json.loads(version.read_bytes())
        id_, now = workflow["appId"], at + timedelta(days=day)
        run = store.begin("https://api.example.org", FetchScope(apps=(id_,)), now)
        store.record(run.id, [FetchResult(app_id=id_, at=now, workflow=workflow)])
        store.finish(run.id, now)


@dataclass(frozen=True)
class Reader:
    """One reader: what it is called, what it reads, and inputs that it takes as they are."""

    name: str
    read: Callable[[bytes, bytes], None]
    seeds: Callable[[], list[bytes]]


def contents(*patterns: str) -> Callable[[], list[bytes]]:
    """Return what gives the content of each sample that a pattern names."""
    return lambda: [path.read_bytes() for pattern in patterns for path in sorted(SAMPLES.glob(pattern))]


def pages() -> list[bytes]:
    """Return a page that carries workflows, and SVGs, without what is only looked at: more are tried so."""
    old, new = (lg.load(SAMPLES / "history" / "quick-reel-maker" / f"v{n}.json") for n in (1, 3))
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.html"
        lamina("report", SAMPLES / "diamond.json", "-o", report)
        whole = [lg.draw(old).svg.encode(), lg.draw(lg.diff(old, new)).svg.encode(), report.read_bytes()]
    return [_LOOKED_AT.sub(b"", each) for each in whole]


_LOOKED_AT = re.compile(
    rb"<(style|script|g|table)\b.*</\1>|<(?:path|rect|text|title|desc|circle|polygon)\b[^>]*>", re.DOTALL
)


RUN_BODY = {
    "data": {
        "runId": RUN,
        "status": "completed",
        "outputs": [{"id": "n", "label": "Clip", "type": "video", "value": "https://x.example/1"}],
    }
}
ESTIMATE = {
    "data": {
        "appId": "5c9bae79-c533-4aee-88fa-2d3ce6268d3f",
        "estimatedCredits": {"expected": 12, "min": 10, "max": 14},
        "breakdown": [{"nodeId": "a", "type": "klingVideoNode", "credits": 12}],
    }
}
USAGE = b"""[[app]]
id = "5c9bae79-c533-4aee-88fa-2d3ce6268d3f"
name = "UGC Maker"
inputs = ["Brief"]
sometimes = ["Voice"]
options = { Voice = ["warm"] }
outputs = ["Clip"]
"""
LOGIN = {
    "version": 1,
    "credentials": {
        "kind": "oauth",
        "apiKey": "lma_mcp_at_1",
        "baseUrl": "https://app.uselamina.ai",
        "savedAt": "2026-03-09T10:25:00.000Z",
        "refreshToken": "lma_mcp_rt_1",
        "expiresAt": "2026-03-09T11:25:00.000Z",
        "clientId": "client-1",
    },
}
EVENTS = b': hello\r\n\r\nid: 1\nevent: progress\ndata: {"status":\ndata: "running"}\n\nevent: ping\rdata\r\r'
NODES_ALONE = {
    "appId": "5c9bae79-c533-4aee-88fa-2d3ce6268d3f",
    "name": "UGC Maker",
    "nodes": [{"id": "klingVideoNode-1773149496212-nm2mjjfxi", "type": "klingVideoNode", "label": "Clip"}],
    "edges": "unknown",
    "outputs": [{"index": 0, "label": "Clip", "type": "video"}],
    "capabilities": {"produces": ["video"], "generationStepCount": 1, "nodeTypes": ["klingVideoNode"]},
}


REEL = json.loads((SAMPLES / "diamond.json").read_bytes())


def read_list(path: Path) -> list[str]:
    return list(read_lists([f"@{path}"]))


REFS = (
    b"samples",
    b"HEAD:samples/diamond.json",
    b"app:Reel@latest",
    b"@list.txt",
    b"Reel@2026-03-09T10:25",
    b"-",
    b"x@~1",
)

READERS = (
    Reader(
        "workflow",
        read_workflow,
        contents("diamond.json", "cycle.json", "malformed.json"),
    ),
    Reader("comfyui", read_workflow, contents("comfyui/poster*.json")),
    Reader("picture", read_workflow, contents("comfyui/poster.png", "comfyui/poster.webp")),
    Reader("react-flow", read_workflow, contents("react-flow/*.json")),
    Reader("page", read_file(load_all, ".html"), pages),
    Reader("catalogue", read_packed, lambda: [json.dumps([["a", NODES_ALONE], ["b", REEL]]).encode()]),
    Reader("quick", read_both_ways, lambda: [json.dumps(each).encode() for each in (REEL, {"data": REEL})]),
    Reader("folder", read_folder, contents("diamond.json", "chain.json")),
    Reader("store", read_store, lambda: [stored()]),
    Reader("configuration", read_file(load_config, ".toml"), lambda: [CONFIGURATION.read_bytes()]),
    Reader("usage", read_file(read_usage, ".toml"), lambda: [USAGE]),
    Reader("run", read_file(load_run, ".json"), lambda: [json.dumps(RUN_BODY).encode()]),
    Reader("estimate", read_file(load_estimate, ".json"), lambda: [json.dumps(ESTIMATE).encode()]),
    Reader("delivery", read_delivery, lambda: [json.dumps(RUN_BODY).encode()]),
    Reader("import", import_store, lambda: list(exported().values())),
    Reader("ref", read_ref, lambda: list(REFS)),
    Reader("list", read_file(read_list, ".txt"), lambda: [b"# ours\nsamples\n\napp:Reel@latest\n"]),
    Reader("nodes-alone", read_workflow, lambda: [json.dumps(NODES_ALONE).encode()]),
    Reader("login", read_login, lambda: [json.dumps(LOGIN).encode()]),
    Reader("events", read_events, lambda: [EVENTS]),
)


@dataclass
class Count:
    """What came of the inputs of one reader."""

    inputs: int = 0
    size: int = 0
    read: int = 0
    refused: int = 0
    broken: list[tuple[bytes, str]] = field(default_factory=list)


class Hang(Exception):  # noqa: N818
    """An input that took longer than any should."""


def fuzz(
    reader: Reader, chance: random.Random, *, inputs: int | None = None, size: int | None = None
) -> Count:
    """Give a reader mutated seeds until a number of them, or of bytes, is reached."""
    seeds, done = reader.seeds(), Count()
    while (inputs is None or done.inputs < inputs) and (size is None or done.size < size):
        seed = chance.choice(seeds)
        content = mutate(seed, chance)
        done.inputs, done.size = done.inputs + 1, done.size + len(content)
        try:
            with _limited_time():
                reader.read(content, seed)
            done.read += 1
        except LaminaGraphError as error:
            done.refused += 1
            if not str(error) or "fault of lamina-graph" in str(error):
                done.broken.append((content, str(error)))
        except (Exception, RecursionError):
            done.broken.append((content, traceback.format_exc()))
    return done


@contextmanager
def _limited_time() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def main() -> None:
    """Fuzz the readers that were named, and say what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "readers", nargs="*", help=f"of {', '.join(reader.name for reader in READERS)}; by default all"
    )
    parser.add_argument("--megabytes", type=float, default=1, help="of input for each reader (default 1)")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    unknown = set(asked.readers) - {reader.name for reader in READERS}
    if unknown:
        parser.error(f"no reader is called {', '.join(sorted(unknown))}")
    total = Count()
    print(f"{'reader':14}{'inputs':>9}{'bytes':>13}{'read':>9}{'refused':>9}{'broken':>8}")
    for reader in READERS:
        if not asked.readers or reader.name in asked.readers:
            done = fuzz(reader, random.Random(asked.seed), size=int(asked.megabytes * 1e6))
            print(
                f"{reader.name:14}{done.inputs:9,}{done.size:13,}{done.read:9,}{done.refused:9,}{len(done.broken):8,}",
                flush=True,
            )
            for number, (content, problem) in enumerate(done.broken):
                path = Path(tempfile.gettempdir()) / f"broken-{reader.name}-{asked.seed}-{number}"
                path.write_bytes(content)
                print(f"  {path}: {problem.strip().splitlines()[-1][:200]}", flush=True)
            total.inputs, total.size = total.inputs + done.inputs, total.size + done.size
            total.broken += done.broken
    print(f"{total.inputs:,} inputs of {total.size:,} bytes, {len(total.broken):,} broken")
    sys.exit(1 if total.broken else 0)


if __name__ == "__main__":
    main()
