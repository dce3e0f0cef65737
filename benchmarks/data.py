"""Workflows made up for all benchmarks: the same number gives the same workflow on every machine."""

import json
import random
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

FIRST = datetime(2026, 3, 1, 2, tzinfo=UTC)
FAMILY = 5
"""Apps that are made of one workflow: the first as it is, the others with up to three nodes more."""

TYPES = (
    "imageInputNode", "textInputNode", "promptWriterNode", "fluxImageNode", "aiDesignerNode",
    "klingVideoNode", "backgroundRemoverNode", "imageUpscalerNode", "voiceoverNode",
    "videoMergeNode", "mysteryNode", "imageOutputNode",
)  # fmt: skip

Json = dict[str, Any]


def app_id(number: int) -> str:
    """Return the id of the app of a number."""
    return f"80d4d454-8844-489f-b903-{number:012x}"


def app(number: int, nodes: int = 30, version: int = 0) -> Json:
    """Return the workflow of an app; each node is fed by one or two of the six before it.

    A later version has a node of another type, and one node more.
    """
    kinds, edges = _pipeline(number // FAMILY, nodes)
    chance = random.Random(f"{number} {nodes}")
    for _ in range(chance.randrange(1, 4) if number % FAMILY else 0):
        edges.append((chance.randrange(len(kinds)), len(kinds)))
        kinds.append(chance.choice(TYPES))
    ids = [_id(kind, place, chance) for place, kind in enumerate(kinds)]
    for change in range(version):
        place = random.Random(f"{number} {change}").randrange(len(kinds))
        kinds[place] = "veoVideoNode"
        edges.append((place, len(kinds)))
        kinds.append("captionNode")
        ids.append(f"captionNode-{1_775_000_000_000 + change}-{number:09d}")
    return {
        "appId": app_id(number),
        "name": f"App {number}",
        "nodes": [
            {"id": id_, "type": kind, "label": f"{kind} {place}"}
            for place, (id_, kind) in enumerate(zip(ids, kinds, strict=True))
        ],
        "edges": [{"source": ids[source], "target": ids[target]} for source, target in edges],
    }


def _pipeline(number: int, nodes: int) -> tuple[list[str], list[tuple[int, int]]]:
    chance = random.Random(f"{number} of {nodes}")
    kinds = [chance.choice(TYPES) for _ in range(nodes)]
    feeds = {
        (chance.randrange(max(0, target - 6), target), target)
        for target in range(1, nodes)
        for _ in range(chance.choice((1, 1, 2)))
    }
    return kinds, sorted(feeds)


def _id(kind: str, place: int, chance: random.Random) -> str:
    return f"{kind}-{1_740_000_000_000 + chance.randrange(4 * 10**10)}-{chance.randrange(36**5)}x{place}"


def edited_pair(size: int, seed: int = 1, *, new_ids: bool) -> tuple[bytes, bytes]:
    """Return a layered graph of 1.3 edges a node as JSON, and its copy after max(3, size/20) edits."""
    from benchmarks.match_synthetic import made_pair
    from lamina_graph.files import canonical

    pair = made_pair(size, seed, new_ids=new_ids, distinct=True)
    return canonical(pair.old).encode(), canonical(pair.new).encode()


def changed_pair(size: int, share: float) -> tuple[bytes, bytes]:
    """Return such a graph, its nodes with settings, and its copy with a share of them set otherwise.

    A third of these is retyped too, a third fed by nothing any more; all ids are kept.
    """
    from benchmarks.match_synthetic import KINDS, identities, layered

    chance = random.Random(f"{size} changed")
    kinds, edges = layered(size, chance)
    names = identities(kinds, chance)
    touched = chance.sample(sorted(kinds), max(1, int(size * share)))
    retyped = {node: chance.choice(KINDS) for node in touched[::3]}

    def written(types: dict[int, str], steps: dict[int, int], unfed: Collection[int]) -> bytes:
        nodes = [
            {
                "id": names[n],
                "type": kind,
                "label": f"Step {n}",
                "position": {"x": n, "y": n},
                "data": {"prompt": f"prompt {n}", "steps": steps.get(n, 20)},
            }
            for n, kind in types.items()
        ]
        wires = [
            {"id": f"{a}-{b}", "source": names[a], "target": names[b]}
            for a, b in sorted(edges)
            if b not in unfed
        ]
        return json.dumps({"nodes": nodes, "edges": wires}).encode()

    return written(kinds, {}, ()), written(kinds | retyped, dict.fromkeys(touched, 30), set(touched[1::3]))


class Data:
    """Folders and stores of made-up apps below one folder, each made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.contents = cache(self._contents)
        self.files = cache(self._files)
        self.store = cache(self._store)

    def _contents(self, count: int, nodes: int = 30) -> tuple[bytes, ...]:
        return tuple(json.dumps(app(number, nodes)).encode() for number in range(count))

    def _files(self, count: int, version: int = 0) -> Path:
        """A folder of so many files; of a later version, a tenth of them differs."""
        folder = self.folder / f"{count}-apps-{version}"
        folder.mkdir(exist_ok=True)
        for number in range(count):
            content = app(number, version=0 if number % 10 else version)
            (folder / f"{number:05}.json").write_bytes(json.dumps(content).encode())
        return folder

    def _store(self, apps: int, nights: int = 3, url: str | None = None) -> str:
        """The URL of a store in which a hundredth of the apps changes each night."""
        from lamina_graph.store import FetchResult, FetchScope, Store

        url = url or f"sqlite:///{self.folder}/{apps}-apps-{nights}-nights.db"
        made = {number: app(number) for number in range(apps)}
        with Store(url) as store:
            for night in range(nights):
                at = FIRST + timedelta(days=night)
                made |= {number: app(number, version=1) for number in range(night, apps, 100) if night}
                run = store.begin("https://app.uselamina.ai", FetchScope(), at)
                for numbers in _parts(apps):
                    store.record(
                        run.id, [FetchResult(app_id=app_id(n), at=at, workflow=made[n]) for n in numbers]
                    )
                store.finish(run.id, at + timedelta(hours=2), complete=True)
        return url


def _parts(amount: int) -> Iterator[range]:
    yield from (range(start, end) for start, end in pairwise([*range(0, amount, 500), amount]))
