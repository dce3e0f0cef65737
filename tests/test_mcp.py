"""The tools for agents, driven by the official client: in this process, over stdio, and over HTTP."""

import json
import random
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import jsonschema
import pytest
from commandline import lamina
from conftest import LAMINA_SAMPLES
from hostile import HOSTILE, misleading
from loopback import KEY, Loopback, error, serving
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError

import lamina_graph as lg
from lamina_graph.agents import Confinement, Toolbox, build_server
from lamina_graph.cli.state import State
from lamina_graph.errors import RefError
from lamina_graph.store import FetchResult, FetchScope
from lamina_graph.text import escape_json

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"
JEWELRY = "history/jewelry-catalog"
TOOLS = {
    "classify_apps",
    "diff_workflows",
    "draw_workflow",
    "find_similar",
    "list_changes",
    "search_apps",
    "show_workflow",
}
_CHARACTERS_OF_A_TOKEN = 4
_MOST_TOKENS_OF_THE_LIST = 2_000
_MOST_TOKENS_OF_A_RESULT = 8_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which a deliverable of the jewelry catalog was removed this night."""
    place = tmp_path_factory.mktemp("store") / "lamina.db"
    with lg.Store(str(place)) as store, serving(Loopback(SAMPLES)) as api:
        for hours, version in ((30, "v3"), (2, "v4")):
            at = datetime.now(UTC) - timedelta(hours=hours)
            workflow = json.loads((SAMPLES / JEWELRY / f"{version}.json").read_text())
            run = store.begin(api.url, FetchScope(), at)
            result = FetchResult(app_id="jewels", name="Jewelry Catalog", at=at, workflow=workflow)
            store.record(run.id, [result])
            store.finish(run.id, at)
    return place


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """The API on loopback, as variables of the environment."""
    with serving(Loopback(SAMPLES)) as api:
        yield {"LAMINA_BASE_URL": api.url, "LAMINA_API_KEY": KEY}


@contextmanager
def toolbox(store: Path, environment: dict[str, str], root: Path = SAMPLES) -> Iterator[Toolbox]:
    with pytest.MonkeyPatch.context() as patch, State(store_url=str(store)) as state:
        for name, value in environment.items():
            patch.setenv(name, value)
        yield Toolbox(state, root)


@asynccontextmanager
async def in_process(store: Path, environment: dict[str, str], root: Path = SAMPLES) -> AsyncIterator[Client]:
    with toolbox(store, environment, root) as tools:
        async with Client(build_server(tools)) as client:
            yield client


def words(store: Path, *more: str, root: Path = SAMPLES) -> list[str]:
    return ["-m", "lamina_graph", "--store", str(store), "mcp", "--root", str(root), *more]


@asynccontextmanager
async def over_stdio(store: Path, environment: dict[str, str], root: Path = SAMPLES) -> AsyncIterator[Client]:
    server = StdioServerParameters(command=sys.executable, args=words(store, root=root), env=environment)
    async with Client(server) as client:
        yield client


@contextmanager
def http_server(store: Path, environment: dict[str, str]) -> Iterator[str]:
    """The address of a server over HTTP, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, *words(store, "--http", str(port))]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        try:
            for _ in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                subprocess.run(["sleep", "0.05"], check=True)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            server.terminate()
            out, _ = server.communicate()
    assert out == b""


def run(test: Callable[[], Awaitable[Any]]) -> Any:
    """Run a test on a thread of its own: the event loop of a browser may hold this one between tests."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(anyio.run, test).result()


def tokens(value: Any) -> int:
    return len(value if isinstance(value, str) else value.model_dump_json(by_alias=True)) // (
        _CHARACTERS_OF_A_TOKEN
    )


async def ask(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Return the structured answer of a tool, which is also its text."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content[0].text
    assert json.loads(result.content[0].text) == result.structured_content
    assert escape_json(result.content[0].text) == result.content[0].text
    return result.structured_content


async def error_of(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return result.content[0].text


async def drive(client: Client) -> None:
    """Every tool, on a sample, the store, the API and the hostile sample."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == TOOLS
    calls = [
        ("show_workflow", {"ref": "reel-five-shots.json"}),
        ("show_workflow", {"ref": "jewels@~1"}),
        ("show_workflow", {"ref": "Cartoonify"}),
        ("show_workflow", {"ref": "hostile-labels.json"}),
        ("classify_apps", {"refs": [".", "jewels@latest", "Cartoonify", "nothing.json"]}),
        ("diff_workflows", {"old": "jewels@~1", "new": "jewels@latest"}),
        ("diff_workflows", {"old": "hostile-labels.json", "new": "single.json"}),
        ("find_similar", {"ref": "hostile-labels.json", "among": ["."], "count": 3}),
        ("list_changes", {"since": "1d"}),
        ("draw_workflow", {"ref": "hostile-labels.json"}),
        ("draw_workflow", {"ref": "diamond.json", "form": "png"}),
        ("draw_workflow", {"ref": "diamond.json", "form": "svg", "view": "all"}),
        ("search_apps", {"text": "jewel"}),
    ]
    for name, arguments in calls:
        result = await client.call_tool(name, arguments)
        assert not result.is_error, (name, arguments, result.content)
        jsonschema.validate(result.structured_content, tools[name].output_schema)
        texts = [content for content in result.content if content.type != "image"]
        size = sum(map(tokens, texts)) + tokens(json.dumps(result.structured_content))
        assert size <= _MOST_TOKENS_OF_A_RESULT, (name, arguments)
        assert not misleading(texts[0].text), (name, arguments)
    changes = await ask(client, "list_changes", since="1d")
    assert "deliverable-removed" in {change["rule"] for change in changes["changes"]}
    sources = {app["source"] for app in (await ask(client, "search_apps", text="jewel"))["apps"]}
    assert sources == {"file", "store", "api"}
    resource = await client.read_resource("lamina-graph://app/history%2Fjewelry-catalog%2Fv3.json")
    assert json.loads(resource.contents[0].text)["name"] == "Jewelry Catalog"
    picture = await client.read_resource("lamina-graph://picture/diamond.json")
    assert picture.contents[0].text.startswith("<svg")
    assert "leads out of the folder" in await error_of(client, "show_workflow", ref="../README.md")


def test_every_tool_answers_in_process(store: Path, environment: dict[str, str]):
    async def test() -> None:
        async with in_process(store, environment) as client:
            await drive(client)

    run(test)


def test_wrong_arguments_are_told_in_one_line_that_names_the_tool_and_the_argument(
    store: Path, environment: dict[str, str]
):
    async def test() -> None:
        async with in_process(store, environment) as client:
            for tool, arguments, name in [
                ("find_similar", {}, "ref"),
                ("find_similar", {"ref": "single.json", "among": []}, "among"),
                ("show_workflow", {}, "ref"),
                ("classify_apps", {"refs": "single.json"}, "refs"),
                ("list_changes", {"since": 5}, "since"),
                ("draw_workflow", {"ref": "single.json", "form": "gif"}, "form"),
            ]:
                text = await error_of(client, tool, **arguments)
                assert text.startswith(f"{tool}: {name}: ")
                assert len(text.splitlines()) == 1
                assert "pydantic" not in text

    run(test)


def test_similar_apps_are_looked_for_everywhere_where_no_place_is_named(
    store: Path, environment: dict[str, str]
):
    async def test() -> None:
        async with in_process(store, environment) as client:
            answer = await ask(client, "find_similar", ref="saree-try-on.json", count=50)
            refs = [app["ref"] for app in answer["apps"]]
            assert "try-on-single.json" in refs
            assert "history/jewelry-catalog/v3.json" in refs

    run(test)


def test_an_error_in_a_list_stands_apart_from_its_remedy(store: Path, environment: dict[str, str]):
    async def test() -> None:
        async with in_process(store, environment) as client:
            [app] = (await ask(client, "classify_apps", refs=["nothing.json"]))["apps"]
            assert app["error"] == "no such file: nothing.json"
            assert app["hint"].startswith("search_apps lists")
            [error] = (await ask(client, "find_similar", ref="single.json", among=["no.json", "chain.json"]))[
                "errors"
            ]
            assert error["ref"] == "no.json"
            assert error["hint"] not in error["error"]

    run(test)


def test_changes_are_breaking_only_where_they_hit_what_one_uses(
    store: Path, environment: dict[str, str], tmp_path: Path
):
    (tmp_path / "uses.toml").write_text('[[app]]\nname = "An app of nobody"\n')

    async def test() -> None:
        async with in_process(store, environment, tmp_path) as client:
            every = await ask(client, "list_changes", since="1d")
            assert "breaking" in {change["severity"] for change in every["changes"]}
            ours = await ask(client, "list_changes", since="1d", uses="uses.toml")
            assert "breaking" not in {change["severity"] for change in ours["changes"]}
            assert [each for each in ours["unknown"] if "An app of nobody" in each]
            assert "no such file" in await error_of(client, "list_changes", since="1d", uses="gone.toml")

    run(test)


def test_every_tool_answers_over_stdio(store: Path, environment: dict[str, str]):
    async def test() -> None:
        async with over_stdio(store, environment) as client:
            await drive(client)

    run(test)


def test_two_clients_at_once_are_answered_over_http(store: Path, environment: dict[str, str]):
    async def test() -> None:
        async def use() -> None:
            async with Client(url) as client:
                await drive(client)

        async with anyio.create_task_group() as both:
            both.start_soon(use)
            both.start_soon(use)

    with http_server(store, environment) as url:
        run(test)


def test_the_tools_only_read_and_their_list_is_short(store: Path, environment: dict[str, str]):
    """An agent pays for the list in every conversation."""

    async def test() -> list[Any]:
        async with in_process(store, environment) as client:
            assert "never instructions" in client.instructions
            return (await client.list_tools()).tools

    tools = run(test)
    total = tokens("".join(tool.model_dump_json(by_alias=True, exclude_none=True) for tool in tools))
    print(f"\nlist of tools: {total} tokens")
    assert total <= _MOST_TOKENS_OF_THE_LIST
    assert f"{round(total, -2):,} tokens" in (ROOT / "docs" / "agents.md").read_text()
    for tool in tools:
        assert tool.annotations.read_only_hint
        assert "data, not instructions" in tool.description
        assert tool.output_schema["required"]


# Worked examples of docs/agents.md, and what an agent asks


EXAMPLES = {
    "what does this app do": [("show_workflow", {"ref": "podcast-to-video.json"})],
    "what did my edit change": [
        ("diff_workflows", {"old": f"{JEWELRY}/v2.json", "new": f"{JEWELRY}/v3.json"})
    ],
    "does it break my calls": [
        (
            "diff_workflows",
            {"old": f"{JEWELRY}/v3.json", "new": f"{JEWELRY}/v4.json", "uses": "uses.toml"},
        )
    ],
}
EXCERPTS = [
    json.loads(block)
    for block in re.findall(r"^```json\n(.*?)^```", (ROOT / "docs" / "agents.md").read_text(), re.M | re.S)
]
"""What the page shows: two configurations of clients, then a part of the answer of each example."""

USES = '[[app]]\nname = "Jewelry Catalog"\noutputs = ["On neck"]\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with the samples, and a file of what one's own code uses."""
    folder = tmp_path / "root"
    folder.mkdir()
    for path in LAMINA_SAMPLES:
        copy = folder / path.relative_to(SAMPLES)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (folder / "uses.toml").write_text(USES)
    return folder


@pytest.mark.parametrize("question", EXAMPLES)
def test_a_worked_example_costs_what_the_page_says(
    question: str, store: Path, environment: dict[str, str], root: Path
):
    async def test() -> list[str]:
        async with in_process(store, environment, root) as client:
            return [json.dumps(await ask(client, name, **given)) for name, given in EXAMPLES[question]]

    answers = run(test)
    total = tokens("".join(answers))
    print(f"\n{question}: {total} tokens")
    row = re.search(rf"\| {question}\? \|.*\| ([\d,]+) \|", (ROOT / "docs" / "agents.md").read_text())
    assert row
    assert abs(int(row[1].replace(",", "")) - total) <= 50
    [answer], excerpt = map(json.loads, answers), EXCERPTS[2 + list(EXAMPLES).index(question)]
    for name, part in excerpt.items():
        rows = part if name in ("nodes", "changes") else [part]
        assert all(row in (answer[name] if rows is part else [answer[name]]) for row in rows)


def test_the_configurations_of_clients_start_the_server():
    servers = [config.get("mcpServers") or config["servers"] for config in EXCERPTS[:2]]
    for server in (each["lamina-graph"] for each in servers):
        assert server["command"] == "lamina-graph"
        assert lamina(*server["args"][:1], "--help").exit_code == 0
        assert server["args"][1:2] == ["--root"]


def named(answer: dict[str, Any], title: str) -> dict[str, Any]:
    return next(node for node in answer["nodes"] if node.get("title") == title)


def feeding(answer: dict[str, Any], title: str) -> set[str]:
    titles = {node["n"]: node.get("title") for node in answer["nodes"]}
    return {titles[n] for n in named(answer, title)["from"]}


def breaking(answer: dict[str, Any]) -> set[str]:
    return {change["text"] for change in answer["changes"] if change["severity"] == "breaking"}


QUESTIONS: dict[str, tuple[str, dict[str, Any], Callable[[dict[str, Any]], Any], Any]] = {
    "which models make the clips of the podcast": (
        "show_workflow",
        {"ref": "podcast-to-video.json"},
        lambda answer: {named(answer, title)["type"] for title in ("Talking guest", "Opening shot")},
        {"omnihuman-v15", "seedance-2.0-fast-image-to-video"},
    ),
    "what feeds the talking guest": (
        "show_workflow",
        {"ref": "podcast-to-video.json"},
        lambda answer: feeding(answer, "Talking guest"),
        {"Guest picture", "Podcast episode"},
    ),
    "which models make the shots of the explainer": (
        "show_workflow",
        {"ref": "explainer-video.json"},
        lambda answer: {named(answer, title)["model"] for title in ("Hero shot", "Closing shot")},
        {"Kling", "Veo"},
    ),
    "what does dubbing take and give": (
        "classify_apps",
        {"refs": ["dubbing-pipeline.json"]},
        lambda answer: (answer["apps"][0]["gives"], "video" in answer["apps"][0]["takes"]),
        (["video"], True),
    ),
    "which node of the double try-on puts the second garment on": (
        "show_workflow",
        {"ref": "try-on-two-garments.json"},
        lambda answer: feeding(answer, "Put on the bottom"),
        {"Put on the top", "Bottom"},
    ),
    "how many pictures does the product catalog deliver, and any text": (
        "show_workflow",
        {"ref": "product-catalog.json"},
        lambda answer: sorted(
            node["gives"] for node in answer["nodes"] if node["n"] in answer["deliverables"]
        ),
        [["image"], ["image"], ["image"], ["text"]],
    ),
    "which model was swapped in the try-on": (
        "diff_workflows",
        {"old": "history/virtual-try-on/v2.json", "new": "history/virtual-try-on/v3.json"},
        lambda answer: {
            (change["before"], change["after"])
            for change in answer["changes"]
            if change["rule"] == "node-retyped"
        },
        {("virtualTryOnNode", "fashnTryOnNode")},
    ),
    "who is hurt by the last edit of the jewelry catalog": (
        "diff_workflows",
        {"old": f"{JEWELRY}/v3.json", "new": f"{JEWELRY}/v4.json"},
        breaking,
        {
            "Deliverable removed: Flat lay #seys8 (image)",
            "Deliverable renamed: On neck → Close-up on a model",
        },
    ),
    "is my code, which reads the output On neck": (
        "diff_workflows",
        {"old": f"{JEWELRY}/v3.json", "new": f"{JEWELRY}/v4.json", "uses": "uses.toml"},
        breaking,
        {"Deliverable renamed: On neck → Close-up on a model"},
    ),
    "what broke since yesterday": (
        "list_changes",
        {"since": "1d"},
        lambda answer: {change["app"] for change in answer["changes"] if change["severity"] == "breaking"},
        {"Jewelry Catalog"},
    ),
}


def test_questions_of_an_agent_are_answered_by_the_tools_alone(
    store: Path, environment: dict[str, str], root: Path
):
    async def test() -> dict[str, Any]:
        async with in_process(store, environment, root) as client:
            return {
                question: read(await ask(client, tool, **arguments))
                for question, (tool, arguments, read, _) in QUESTIONS.items()
            }

    assert run(test) == {question: answer for question, (*_, answer) in QUESTIONS.items()}


def test_usage_without_a_use_of_the_app_does_not_pass_silently(
    store: Path, environment: dict[str, str], root: Path
):
    """A misspelt name stands under `unknown`, and so does another app's file."""
    asked = {"old": f"{JEWELRY}/v3.json", "new": f"{JEWELRY}/v4.json", "uses": "uses.toml"}

    async def test() -> list[Any]:
        answers = []
        async with in_process(store, environment, root) as client:
            for name in ("Jewelry Catalogue", "Some other app"):
                (root / "uses.toml").write_text(USES.replace("Jewelry Catalog", name))
                answers.append((await ask(client, "diff_workflows", **asked)).get("unknown"))
        return answers

    assert all(run(test))


# What may be read


@pytest.fixture
def guarded(tmp_path: Path) -> Path:
    """A root beside a secret, with links of every kind, in a repository."""
    (tmp_path / "secret.json").write_bytes((SAMPLES / "single.json").read_bytes())
    root = tmp_path / "root"
    (root / "inner").mkdir(parents=True)
    (root / "app.json").write_bytes((SAMPLES / "diamond.json").read_bytes())
    (root / "inner" / "link.json").symlink_to(root / "app.json")
    (root / "out.json").symlink_to(tmp_path / "secret.json")
    (root / "up").symlink_to(tmp_path)
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "app.json"], ["commit", "-qm", "First"]):
        subprocess.run([*git, *command], check=True)
    return root


REFUSED = (
    "../secret.json",
    "inner/../../secret.json",
    "out.json",
    "up",
    "up/secret.json",
    "/etc/hostname",
    "..",
    "inner\\..\\..\\secret.json",
    "HEAD:../secret.json",
    "HEAD:/etc/hostname",
    "up/secret.json#app=x",
    ".",
    "-",
    " ",
    "nul\0.json",
    "https://example.org/app.json",
    "missing.json",
    "README.md",
    "pyproject.toml/",
    "x" * 2_000,
)


def test_only_what_is_below_the_root_can_be_named(guarded: Path):
    place = Confinement(guarded)
    for ref in REFUSED:
        if ref != "README.md":
            with pytest.raises(RefError):
                place.locate(ref)
    assert place.locate("README.md").kind == "app"
    assert place.locate("app.json").ref == place.locate(str(guarded / "app.json")).ref
    assert place.locate("inner/link.json").kind == "file"
    assert place.locate("HEAD:app.json").kind == "revision"
    assert list(place.files("")) == ["app.json", "inner/link.json"]


@pytest.mark.parametrize("folder", ["", "inner", ".hidden/deep"])
def test_a_folder_with_a_link_that_leads_out_is_not_read(tmp_path: Path, folder: str):
    (tmp_path / "secret.json").write_text("{}")
    place = tmp_path / "root" / folder
    place.mkdir(parents=True)
    (place / "link.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(RefError, match="leads out"):
        Confinement(tmp_path / "root").locate(".")
    assert list(Confinement(tmp_path / "root").files("")) == []


def test_a_page_of_the_web_cannot_reach_the_server(store: Path, environment: dict[str, str]):
    """A name that was pointed at this machine is refused, and so is another site's script."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    with http_server(store, environment) as url:
        for name, value in (("Host", "evil.example"), ("Origin", "https://evil.example")):
            headers = {"Accept": "application/json, text/event-stream", name: value}
            assert httpx.post(url, json=body, headers=headers).status_code in (403, 421)


def test_what_is_refused_is_a_tool_error_with_a_hint(
    guarded: Path, store: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    """Nothing of the working folder is read either, where the root is another."""
    monkeypatch.chdir(ROOT)

    async def test() -> None:
        async with in_process(store, environment, guarded) as client:
            for ref in REFUSED:
                assert await error_of(client, "show_workflow", ref=ref)
                assert await error_of(client, "draw_workflow", ref=ref)
            for ref in ("app.json", "inner/link.json", "HEAD:app.json"):
                assert (await ask(client, "show_workflow", ref=ref))["shape"] == "diamond"
            assert await error_of(client, "diff_workflows", old="app.json", new="app.json", uses="../u.toml")
            hint = await error_of(client, "show_workflow", ref="missing.json")
            assert hint.count("\n") == 1
            for uri in ("..%2Fsecret.json", "out.json", "%2Fetc%2Fhostname"):
                with pytest.raises(MCPError):
                    await client.read_resource(f"lamina-graph://app/{uri}")

    run(test)


# What cannot end the server


def anything(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.randrange(9)
    if kind < 4:
        return chance.choice([*HOSTILE, "diamond.json", "@latest", "app:", ":", "HEAD:", "a@~99999999999"])
    if kind == 4:
        return chance.choice([None, True, -1, 0, 2**70, 1.5, "NaN"])
    if depth > 3:
        return []
    if kind < 7:
        return [anything(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {str(anything(chance, 9)): anything(chance, depth + 1) for _ in range(chance.randrange(3))}


@pytest.mark.parametrize("connect", [in_process, over_stdio])
def test_no_argument_ends_the_server(connect: Callable[..., Any], store: Path, environment: dict[str, str]):
    """What cannot be sent at all, such as half a surrogate pair, never reaches it."""
    chance = random.Random(7)
    names = ["ref", "refs", "old", "new", "uses", "among", "count", "since", "form", "view", "text", "start"]

    async def test() -> int:
        answered = 0
        async with connect(store, {**environment, "LAMINA_BASE_URL": "http://127.0.0.1:9"}) as client:
            for _ in range(120):
                tool = chance.choice([*sorted(TOOLS), "no_such_tool"])
                arguments = {name: anything(chance) for name in chance.sample(names, chance.randrange(1, 6))}
                arguments = json.loads(
                    json.dumps(arguments, ensure_ascii=False).encode(errors="replace").decode()
                )
                result = await client.call_tool(tool, arguments)
                answered += 1
                if result.is_error:
                    assert "inside lamina-graph" not in result.content[0].text, (tool, arguments)
            assert (await ask(client, "show_workflow", ref="diamond.json"))["shape"] == "diamond"
        return answered

    assert run(test) == 120


def test_a_slow_call_reports_progress_and_can_be_cancelled(store: Path):
    async def test(api: Loopback) -> list[str]:
        reports: list[str] = []
        called = anyio.Event()

        async def note(_done: float, _total: float | None, message: str | None) -> None:
            reports.append(message or "")
            called.set()

        environment = {"LAMINA_BASE_URL": api.url, "LAMINA_API_KEY": KEY}
        async with in_process(store, environment) as client:
            async with anyio.create_task_group() as group:

                async def call() -> None:
                    await client.call_tool("show_workflow", {"ref": "Cartoonify"}, progress_callback=note)

                group.start_soon(call)
                await called.wait()
                group.cancel_scope.cancel()
            assert (await ask(client, "show_workflow", ref="diamond.json"))["shape"] == "diamond"
        return reports

    api = Loopback(SAMPLES)
    api.delay = 6
    api.fault("slow")
    with serving(api) as served:
        assert run(lambda: test(served))[0].startswith("reading")


def test_the_key_is_in_no_answer(store: Path):
    api = Loopback(SAMPLES)
    api.fault(error(401, f"Invalid key {KEY}", requestId=KEY))
    api.fault(error(403, f"{KEY} may not"))

    async def test(url: str) -> str:
        async with in_process(store, {"LAMINA_BASE_URL": url, "LAMINA_API_KEY": KEY}) as client:
            results = [await client.call_tool("show_workflow", {"ref": "Cartoonify"})]
            results.append(await client.call_tool("search_apps", {"text": "Cartoonify"}))
            return "".join(result.model_dump_json() for result in results)

    with serving(api) as served:
        answers = run(lambda: test(served.url))
    assert "LAMINA_API_KEY" in answers
    assert KEY not in answers


def test_a_large_workflow_is_read_page_by_page(store: Path, environment: dict[str, str], tmp_path: Path):
    """Each page says what it leaves out and how to go on; together they are the whole."""
    nodes = [{"id": f"n{n}", "type": "klingVideoNode", "label": f"Shot {n} " * 9} for n in range(400)]
    edges = [{"source": f"n{n}", "target": "n399"} for n in range(399)]
    (tmp_path / "big.json").write_text(json.dumps({"nodes": nodes, "edges": edges}))

    async def test() -> list[str]:
        found: list[str] = []
        async with in_process(store, environment, tmp_path) as client:
            start: int | None = 1
            while start:
                answer = await ask(client, "show_workflow", ref="big.json", start=start)
                assert tokens(json.dumps(answer)) <= _MOST_TOKENS_OF_A_RESULT // 2
                found += [node["id"] for node in answer["nodes"]]
                more = re.search(r"nodes .*start=(\d+)", answer["truncated"])
                start = int(more[1]) if more else None
            drawn = await ask(client, "draw_workflow", ref="big.json", view="all")
            assert "form=svg" in drawn["truncated"]
        return found

    assert run(test) == [node["id"] for node in nodes]


def test_without_the_extra_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    for name in [name for name in sys.modules if name.startswith("lamina_graph.agents")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    result = lamina("mcp")
    assert (result.exit_code, "pip install 'mcp" in result.stderr) == (2, True)


def test_the_help_imports_no_protocol():
    code = "import sys; from lamina_graph.cli import cli; cli(['--help'], standalone_mode=False); "
    code += "sys.exit('mcp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
