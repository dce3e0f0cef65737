"""Whatever is missing, a command says so: each row of `docs/missing.md` is tried on the command line."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from builders import content
from click.testing import CliRunner, Result
from databases import engine_of
from loopback import Answer as Served
from loopback import Loopback, data, serving
from users import as_nobody

from lamina_graph.cli import cli
from lamina_graph.store import FetchResult, FetchScope, RetentionPolicy, Store, connections, schema

PAGE = Path(__file__).parent.parent / "docs" / "missing.md"
REEL = "11111111-2222-4333-8444-555555555555"
STILL = "22222222-2222-4333-8444-555555555555"
KEY = "lma_of-nobody"
DAY = timedelta(days=1)


def workflow(name: str = "Reel", deliverable: str = "Result") -> dict[str, Any]:
    chain = f'textInputNode-1773051900001-b="Brief" > imageOutputNode-1773051900003-d="{deliverable}"'
    return content(chain, appId=REEL if name == "Reel" else STILL, name=name)


class World:
    """A folder to work in, a store in it, and the API."""

    def __init__(self, folder: Path, api: Loopback) -> None:
        self.folder, self.api, self.place = folder, api, folder / "store.db"
        self.now = datetime.now(UTC)

    def run(self, *words: object, key: str | None = KEY) -> Result:
        """Run one command in the folder."""
        env = {"LAMINA_BASE_URL": self.api.url, "LAMINA_API_KEY": key, "HOME": str(self.folder)}
        return CliRunner().invoke(
            cli, ["--store", str(self.place), *map(str, words)], prog_name="lamina-graph", env=env
        )

    def night(self, days_ago: float, *answers: dict[str, Any] | FetchResult, **asked: Any) -> None:
        """Record a whole run of so many days ago, which found these workflows."""
        at = self.now - days_ago * DAY
        with Store(str(self.place)) as store:
            run = store.begin(self.api.url, FetchScope(**asked), at)
            store.record(run.id, [given(each, at) for each in answers])
            store.finish(run.id, at + timedelta(minutes=1), complete=True)

    def read(self) -> None:
        """Let the reader be told what there is."""
        self.run("changes", "--since", "last")


def given(found: dict[str, Any] | FetchResult, at: datetime) -> FetchResult:
    if isinstance(found, FetchResult):
        return found.model_copy(update={"at": at})
    return FetchResult(app_id=found["appId"], name=found["name"], workflow=found, at=at)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.chdir(tmp_path)
    api = Loopback(key=KEY, limit=10**9)
    api.apps = {REEL: workflow()}
    with serving(api):
        yield World(tmp_path, api)


def withheld(world: World) -> None:
    world.api.apps = {REEL: content("fluxImageNode-1773051900001-b", appId=REEL, name="Reel")}
    world.api.withheld["*"] = 410


def answered_about_another(world: World) -> None:
    world.api.apps = {REEL: workflow("Still")}


def listed_in_part(world: World) -> None:
    """The API lists one of the two apps that are known, and says that there are more."""
    world.night(1, workflow(), workflow("Still"))
    world.api.apps = {REEL: workflow(), STILL: workflow("Still")}
    rows = {"data": [{"appId": REEL, "name": "Reel"}], "pagination": {"total": 7}}
    answer = Served(200, json.dumps(rows).encode(), {"Content-Type": "application/json"})
    world.api.list_apps = lambda query: answer


class Row(NamedTuple):
    """One way of being missing, as the page names it: what is done before, the command, what it must say."""

    name: str
    before: Callable[[World], object]
    command: tuple[object, ...]
    status: int
    words: str


def nothing(world: World) -> None:
    """The world is as it is."""


def fresh(world: World) -> None:
    """A store that has just begun."""
    assert world.run("snapshot", "--all").exit_code == 0


def read_once(world: World) -> None:
    """A store of one night that the reader was told of."""
    world.night(3, workflow())
    world.read()


def rejected(world: World) -> None:
    read_once(world)
    assert world.run("snapshot", "--all", key="lma_wrong").exit_code == 4


def rejected_again(world: World) -> None:
    rejected(world)
    world.read()
    assert world.run("snapshot", "--all", key="lma_wrong").exit_code == 4


def unreachable(world: World) -> None:
    read_once(world)
    world.api.fault("html-200", path="/v1/apps")
    assert world.run("snapshot", "--all").exit_code == 2


def stopped(world: World) -> None:
    read_once(world)
    with Store(str(world.place)) as store:
        store.begin(world.api.url, FetchScope(), world.now)


def one_unknown(world: World) -> None:
    read_once(world)
    world.night(1, FetchResult(app_id=REEL, at=world.now, outcome="unknown", why="503 RESOURCE_UNAVAILABLE"))


def one_partial(world: World) -> None:
    read_once(world)
    found = given(workflow(), world.now)
    world.night(1, found.model_copy(update={"why": "detail: 500"}), detail=True)


def without_detail(world: World) -> None:
    """A night with the input contracts, then one without."""
    world.night(3, workflow(), detail=True)
    world.read()
    world.night(1, workflow())


def without_detail_again(world: World) -> None:
    without_detail(world)
    world.read()
    world.night(0.5, workflow())


def one_not_asked_for(world: World) -> None:
    world.night(3, workflow(), workflow("Still"))
    world.read()
    world.night(1, workflow(), apps=(REEL,))


def pruned(world: World) -> None:
    """What the reader was told of, and the version after it, are pruned."""
    read_once(world)
    for days, name in ((2, "Film"), (1, "Reel 9:16")):
        world.night(days, workflow(deliverable=name))
    with Store(str(world.place)) as store:
        assert len(store.prune(RetentionPolicy(last=1), world.now).snapshots) == 2


def fast_clock(world: World) -> None:
    world.night(9, workflow())
    world.night(-1400, workflow(deliverable="Film"))


def fetched_then_gone(world: World) -> None:
    """A folder that has the file of an app which is gone."""
    (world.folder / "out").mkdir()
    (world.folder / "out" / f"{STILL}.json").write_text("{}")


def slow_clock(world: World) -> None:
    world.night(9, workflow())
    world.night(9999, workflow(deliverable="Film"))


def no_app(world: World) -> None:
    """The key is one of a workspace without apps."""
    world.api.apps = {}
    world.run("snapshot", "--all")


def two_nights(world: World) -> None:
    """Two nights, and two files that say with a slip what one's own code uses."""
    for days, label in ((3, "Film"), (1, "Film 9:16")):
        outputs = [{"index": 0, "label": label, "type": "image"}]
        detail = {"appId": REEL, "name": "Reel", "parameters": [{"name": "Brief", "type": "text"}]}
        answer = given(workflow(deliverable=label), world.now)
        world.night(days, answer.model_copy(update={"detail": detail | {"outputs": outputs}}), detail=True)
    (world.folder / "typo.toml").write_text(f'[[app]]\nid = "{REEL[:-1]}6"\n')
    (world.folder / "other.toml").write_text(f'[[app]]\nid = "{REEL}"\ninputs = ["Breif"]\n')


def damaged(world: World) -> None:
    world.night(9, workflow(), workflow("Still"))
    world.night(1, workflow(deliverable="Film"), workflow("Still", "Film"))
    with Store(str(world.place)) as store:
        (still,) = store.find(STILL)
        body = schema.content.update().where(schema.content.c.hash == hash_of(store, still.number))
        with engine_of(store) as engine, connections.writing(engine) as connection:
            connection.execute(body.values(body=b"x"))


def hash_of(store: Store, app: int) -> bytes:
    c = schema.snapshot.c
    with engine_of(store) as engine, connections.reading(engine) as connection:
        query = schema.snapshot.select().where(c.app == app).order_by(c.recorded_at.desc())
        return connection.execute(query).first().workflow


def served(*rows: Any) -> Callable[[World], None]:
    """The API lists these rows beside its app."""

    def serve(world: World) -> None:
        usual = world.api.list_apps

        def listed(query: dict[str, str]) -> Served:
            return data([*json.loads(usual(query).body)["data"], *rows])

        world.api.list_apps = listed

    return serve


FAILED, ROW = r"the snapshot of .* failed: .*401", "row 2 of the list of apps"
SINCE_60H = ("changes", "--since", "60h")
SINCE_LAST = ("changes", "--since", "last")


BREAKING = ("diff", "old.json", "new.json", "--uses", "usage.toml", "--fail-on", "breaking")


def used(table: str | None) -> Callable[[World], None]:
    """A file of what one's own code uses, a store, and two files of an app that lost its deliverable."""

    def before(world: World) -> None:
        read_once(world)
        usage = "" if table is None else f"[[app]]\n{table}\n"
        (world.folder / "usage.toml").write_text(usage, "utf-8")
        old = workflow()
        new = old | {"nodes": old["nodes"][:1], "edges": []}
        for name, version in (("old.json", old), ("new.json", new)):
            (world.folder / name).write_text(json.dumps(version), "utf-8")

    return before


def folder_of(name: str, content: str | None = None) -> Callable[[World], None]:
    """A folder with a workflow, and beside it a file, or a link to none; `closed/` nobody may read."""

    def before(world: World) -> None:
        folder = world.folder / "f"
        (folder / name).parent.mkdir(parents=True)
        (folder / "one.json").write_text(json.dumps(workflow()), "utf-8")
        if content is None:
            (folder / name).symlink_to("gone.json")
        else:
            (folder / name).write_text(content, "utf-8")
        if name.startswith("closed/"):
            world.folder.chmod(0o755)
            (folder / "closed").chmod(0)

    return before


LINT_FOLDER = ("lint", "f")
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
CANVAS = '{"nodes": [{"id": 1, "type": "Anything Everywhere"}], "links": [], "last_node_id": 1}'
PICTURE = "RIFF\0\0\0\0WEBP"
TWICE = '{"nodes": [{"id": "a", "type": "b"}], "edges": [], "nodes": []}'

TABLE = (
    Row("the store", nothing, ("changes",), 2, "there is no store at"),
    Row("the store", nothing, ("history", "Reel"), 2, "there is no store at"),
    Row("the store", nothing, ("store", "info"), 2, "there is no store at"),
    Row("the store", nothing, ("show", "Reel@latest"), 2, "there is no store at"),
    Row("the store, when a command creates one", nothing, ("snapshot", "--all"), 0, "a new store was made"),
    Row("the folder for the store", nothing, ("--store", "no/x.db", "snapshot", "--all"), 2,
        "there is no folder"),
    Row("the time before the store's first snapshot", fresh, ("changes", "--since", "7d"), 2,
        "no snapshot before"),
    Row(
        "the first use of a reader",
        fresh,
        SINCE_LAST,
        2,
        "nothing to compare with: the store begins here",
    ),
    Row("credentials", nothing, ("apps",), 4, "no credentials"),
    Row("a snapshot run that failed", rejected, SINCE_LAST, 2, FAILED),
    Row("a run that failed, the next night", rejected_again, SINCE_LAST, 2, FAILED),
    Row("a run that failed: API unreachable", unreachable, SINCE_LAST, 2,
        r"the snapshot of .* failed: .*HTML"),
    Row("a run that failed, asked for by date", rejected, ("changes", "--since", "1d"), 2, r"failed: .*401"),
    Row("a run since the last report", read_once, SINCE_LAST, 2, "no snapshot was taken since"),
    Row("the end of a run", stopped, SINCE_LAST, 2, r"the snapshot of .* has not finished"),
    Row("any run in the time span", read_once, ("changes", "--since", "1d"), 2,
        "no snapshot was taken in this time"),
    Row("an app that could not be fetched", one_unknown, SINCE_LAST, 2, "Reel: 503 RESOURCE_UNAVAILABLE"),
    Row("part of an app", one_partial, SINCE_LAST, 2, "Reel: detail: 500"),
    Row("an option of the earlier run", without_detail, SINCE_LAST, 2, "was taken without --detail"),
    Row("an app that the run did not ask for", one_not_asked_for, SINCE_LAST, 2,
        "Still: not fetched in this time"),
    Row("a pruned snapshot", pruned, SINCE_LAST, 2, "no snapshot from before .* is kept"),
    Row("a pruned snapshot, asked for by date", pruned, ("changes", "--since", "60h"), 2,
        "no snapshot from before"),
    Row("a correct clock", fast_clock, ("changes", "--since", "7d"), 2, "a clock was wrong"),
    Row("a correct clock", slow_clock, ("changes", "--since", "10d"), 2, "a clock was wrong"),
    Row("any app in the listing", no_app, ("changes", "--since", "1d"), 2, "no app was listed"),
    Row("any app in the listing", no_app, ("snapshot", "--all"), 2, "no app was listed"),
    Row("a readable snapshot", damaged, ("changes", "--since", "7d"), 2, r"snapshot \w+ of Still is damaged"),
    Row("a readable snapshot", damaged, ("store", "export", "out"), 2, r"snapshot \w+ of Still is damaged"),
    Row("a readable snapshot", damaged, ("history", "Still"), 2, r"snapshot \w+ of Still is damaged"),
    Row("a readable snapshot", damaged, ("report", "--all"), 2, r"snapshot \w+ of Still is damaged"),
    Row("a readable snapshot", damaged, ("changes", "--between", "store.db", "store.db"), 2, r"is damaged"),
    Row("a readable snapshot", damaged, ("show", "Still@latest"), 2, r"snapshot \w+ of Still is damaged"),
    Row("an app that your code uses", two_nights, (*SINCE_60H, "--uses", "typo.toml"), 2, "did you mean"),
    Row("an input or output that your code uses", two_nights, (*SINCE_60H, "--uses", "other.toml"), 2,
        "did you mean"),
    Row("an app in the store", read_once, ("history", "Film"), 2, "knows no app 'Film'"),
    Row("a snapshot of an app", read_once, ("show", "Reel@~9"), 2, "has no snapshot"),
    Row("an API address in the store", read_once,
        ("changes", "--between", "https://a.example", "https://b.example"),
        2, "knows no app at https://a.example"),
    Row("a file", nothing, ("show", "reel.json"), 2, "no such file: reel.json"),
    Row("the usage file", read_once, (*SINCE_LAST, "--uses", "no.toml"), 2, "no.toml"),
    Row("an app of the usage file, in the store", used('name = "Real"'),
        (*SINCE_LAST, "--uses", "usage.toml"), 2,
        "no app “Real”; did you mean “Reel”"),
    Row("an app of the usage file, in a diff", used('name = "Real"'), BREAKING, 1,
        "an app with the name “Real” is used"),
    Row("an input, output or option of the usage file, in a diff",
        used('name = "Reel"\noutputs = ["Poster"]'), BREAKING, 1,
        "Reel has no output “Poster”"),
    Row("any app in the usage file", used(None), (*SINCE_LAST, "--uses", "usage.toml"), 2, "names no app"),
    Row("the app of a fetched file", fetched_then_gone, ("fetch", "--all", "-o", "out"), 0, "no listed app"),
    Row("a name in the listing", served({"appId": STILL, "name": None}), ("apps",), 2, ROW),
    Row("an id in the listing", served({"name": "Still"}), ("snapshot", "--all"), 2, ROW),
    Row("an id in the listing", served({"appId": "..", "name": "x"}), ("fetch", "--all", "-o", "out"), 2,
        "row 2 of the list of apps: '..' is not an app id"),
    Row("the workflow of an app", withheld, ("show", REEL), 0, "edges unknown"),
    Row("the workflow of an app", withheld, ("snapshot", "--all"), 2,
        "partial: Reel: workflow: the API does not give it"),
    Row("the workflow of an app", withheld, ("fetch", REEL), 2, "edges unknown"),
    Row("the app that was asked for", answered_about_another, ("show", REEL), 2, "expected the app"),
    Row("the rest of the listing", listed_in_part, ("snapshot", "--all"), 0, "there are 7 apps"),
    Row("the file behind a link", folder_of("four.json"), LINT_FOLDER, 2, "four.json: a link to a file"),
    Row("permission to read", folder_of("closed/x.json", "{}"), LINT_FOLDER, 2, "closed: cannot be read"),
    Row("the rest of a file", folder_of("half.json", '{"nodes": ['), LINT_FOLDER, 2, "half.json: line 1"),
    Row("the content of a file", folder_of("lfs.json", LFS), LINT_FOLDER, 2, "lfs.json: this is a Git LFS"),
    Row("a unique key", folder_of("x.json", TWICE), ("show", "f/x.json"), 2, "nodes: occurs twice"),
    Row("links that only ComfyUI's editor knows", folder_of("x.json", CANVAS),
        ("diff", "f/x.json", "f/one.json"), 2, "adds links"),
    Row("a workflow in a picture", folder_of("x.webp", PICTURE), ("show", "f/x.webp"), 2, "carries no"),
    Row("a git repository", folder_of("x.json", "{}"), ("show", "HEAD:f/one.json"), 2, "not a git repo"),
    Row("a git repository", folder_of("x.json", "{}"), ("diff", "HEAD", "--", "f"), 2,
        "not a git repository"),
)  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.name}: {row.command[0]}")
def test_missing_things_are_named_and_set_the_exit_status(world: World, row: Row) -> None:
    row.before(world)
    with as_nobody() if row.name == "permission to read" else nullcontext():
        result = world.run(*row.command, key=None if row.name == "credentials" else KEY)
    assert re.search(row.words, result.output), result.output
    assert result.exit_code == row.status


def test_the_page_has_a_row_for_every_case() -> None:
    """Each row of the page is tried here, and what is tried here stands on the page."""
    named = re.findall(r"^\| ([^|`]+?) \| ", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {row.name for row in TABLE} == set(named) - {"what is missing", "---"}


def test_a_part_that_two_runs_leave_out_is_taken_for_a_choice(world: World) -> None:
    """Who fetches no details any more is told so once, not every night."""
    without_detail_again(world)
    result = world.run(*SINCE_LAST)
    assert (result.exit_code, result.output) == (0, "")


def test_lost_store_is_no_quiet_week(world: World) -> None:
    """A store that was lost and begun again says from when on it can tell anything."""
    fresh(world)
    result = world.run("changes", "--since", "7d", "-f", "json")
    report = json.loads(result.stdout)
    assert "the store begins there" in report["unknown"][0]["why"]
    assert result.exit_code == 2
    report = json.loads(world.run("changes", "--since", "last", "--reader", "new", "-f", "json").stdout)
    assert report["since"] <= report["until"]
    assert [each["why"] for each in report["unknown"]] == ["nothing to compare with: the store begins here"]


def test_a_store_without_a_whole_catalogue_names_no_year_before_it_began(world: World) -> None:
    """Where only single apps were recorded, the first report begins at no date at all."""
    assert world.run("snapshot", REEL).exit_code == 0
    result = world.run(*SINCE_LAST)
    assert "1 unknown  until 20" in result.output
    assert result.exit_code == 2
