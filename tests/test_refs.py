"""What a person types becomes workflows: paths, folders, revisions, apps, snapshots."""

import io
import json
import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from loopback import Loopback, error
from users import as_nobody

from lamina_graph.cli import cli
from lamina_graph.client import Client, RetryPolicy
from lamina_graph.errors import CredentialsError, LaminaGraphError, NotFoundError, RefError, WorkflowError
from lamina_graph.files import canonical, load, pack
from lamina_graph.refs import Resolved, resolve, resolve_app_id, resolve_workflow
from lamina_graph.report.catalogue import report, save
from lamina_graph.settings import DEFAULT_BASE_URL, Settings
from lamina_graph.store import FetchResult, FetchScope, Store

DOCUMENTED = "80d4d454-8844-489f-b903-2ad65a414482"
CASES = Path(__file__).parent / "cases"
EMPTY = '{"nodes": [], "edges": []}'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def client(loopback: Loopback) -> Iterator[Callable[[], Client]]:
    with Client(
        Settings(key=loopback.key, base_url=loopback.url), retry_policy=RetryPolicy(attempts=1)
    ) as client:
        yield lambda: client


def nobody() -> Client:
    raise AssertionError("a client was asked for")


def names(resolved: Resolved) -> list[tuple[str, str | None]]:
    return [(entry.ref, entry.workflow and entry.workflow.name) for entry in resolved.entries]


def problem(ref: str, **how: Any) -> LaminaGraphError:
    (entry,) = resolve([ref], **{"client": nobody, **how}).entries
    assert entry.ref == ref
    assert entry.workflow is None
    assert entry.error.hint
    return entry.error


# Files, folders, standard input


def test_files_are_read_in_any_of_their_forms(here: Path) -> None:
    workflow = load({"nodes": [{"id": "a", "type": "t"}], "edges": [], "name": "n"})
    contents = {
        "bare.json": canonical(workflow),
        "envelope.json": json.dumps({"data": workflow.model_dump(exclude_unset=True)}),
        "picture.svg": f"<svg>{pack(workflow)}</svg>",
        "no ending": canonical(workflow),
        "-": canonical(workflow),
        DOCUMENTED: canonical(workflow),
        "HEAD:app.json": canonical(workflow),
        "app@latest": canonical(workflow),
    }
    for name, content in contents.items():
        (here / name).write_text(content)
    resolved = resolve(list(contents), client=nobody)
    assert [(entry.ref, entry.workflow) for entry in resolved.entries] == [
        (name, workflow) for name in contents
    ]


def test_a_folder_is_its_workflows_by_name(here: Path) -> None:
    for name in [
        "b.json",
        "a.json",
        "sub/c.json",
        "sub/deep/a.json",
        "B.json",
        "a-2.json",
        "notes.txt",
        "x.svg",
    ]:
        (here / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (here / "folder" / name).write_text(json.dumps({"nodes": [], "edges": [], "name": name}))
    (here / "folder" / "folder.json").mkdir()
    found = ["B.json", "a-2.json", "a.json", "b.json", "sub/c.json", "sub/deep/a.json"]
    assert names(resolve(["folder"], client=nobody)) == [(f"folder/{name}", name) for name in found]
    assert names(resolve(["folder/"], client=nobody)) == [(f"folder/{name}", name) for name in found]


def test_files_that_are_no_workflows_are_skipped_and_named(here: Path) -> None:
    (here / "labels.json").write_text('{"app": "video"}')
    (here / "app.json").write_text(EMPTY)
    resolved = resolve([str(here)])
    assert [entry.ref for entry in resolved.entries] == [str(here / "app.json")]
    assert resolved.skipped == [(str(here / "labels.json"), "nodes: missing")]


@pytest.mark.parametrize(
    "content", ['{"nodes": [', '{"nodes": [{"id": 1}], "edges": []}', '{"nodes": []}', "\udcff"]
)
def test_a_damaged_workflow_in_a_folder_is_an_error(here: Path, content: str) -> None:
    (here / "damaged.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    (here / "app.json").write_text(EMPTY)
    resolved = resolve(["."])
    assert [(entry.ref, type(entry.error)) for entry in resolved.entries] == [
        ("app.json", type(None)),
        ("damaged.json", WorkflowError),
    ]
    assert resolved.skipped == []


def test_in_strict_mode_other_files_are_errors(here: Path) -> None:
    (here / "labels.json").write_text('{"app": "video"}')
    (here / "app.json").write_text(EMPTY)
    resolved = resolve(["."], strict=True)
    assert [(entry.ref, type(entry.error)) for entry in resolved.entries] == [
        ("app.json", type(None)),
        ("labels.json", WorkflowError),
    ]
    assert resolved.skipped == []


def test_a_folder_without_a_workflow_is_an_error(here: Path) -> None:
    (here / "empty").mkdir()
    (here / "other").mkdir()
    (here / "other" / "labels.json").write_text("{}")
    resolved = resolve(["empty", "other"])
    assert [str(entry.error) for entry in resolved.entries] == [
        "no workflow in the folder empty",
        "no workflow in the folder other",
    ]
    assert resolved.skipped == [("other/labels.json", "nodes: missing")]


def test_a_named_file_that_is_not_a_workflow_is_an_error(here: Path) -> None:
    (here / "labels.json").write_text("{}")
    assert str(problem("labels.json")) == "labels.json: nodes: missing"


@pytest.mark.parametrize(
    "ref", ["none.json", "none.svg", "no/such", "./none", "C:\\apps\\x.json", "c:/x.json", "x.JSON"]
)
def test_a_path_is_never_looked_up_in_the_api(here: Path, ref: str) -> None:
    assert str(problem(ref)) == f"no such file: {ref}"


def test_a_misspelt_path_suggests_the_file(here: Path) -> None:
    (here / "apps").mkdir()
    (here / "apps" / "reel-maker.json").write_text(EMPTY)
    assert problem("apps/reelmaker.json").hint == f"Did you mean {Path('apps/reel-maker.json')}?"
    assert problem("apps/other.json").hint.startswith("Check the path")


@pytest.mark.parametrize("ref", ["", " ", "\t"])
def test_a_blank_reference_is_refused(here: Path, ref: str) -> None:
    assert str(problem(ref)) == "an empty REF names nothing"


def test_an_invalid_snapshot_name_is_refused_with_the_valid_forms(client: Callable[[], Client]) -> None:
    assert "APP@~1" in problem("Reel@~-1", client=client).hint


@pytest.mark.parametrize(
    "ref", ["https://app.uselamina.ai/apps/1", "HTTP://x", "file:///x.json", "git+ssh://x:y.json"]
)
def test_a_url_is_refused(ref: str) -> None:
    assert str(problem(ref)) == f"{ref} is a URL, which names no workflow here"


@pytest.mark.parametrize(
    "ref", ["a\0b.json", "a" * 5000 + ".json", "\udcff.json", "HEAD:\ud800.json", "HEAD:a\0.json"]
)
def test_impossible_paths_are_not_found(ref: str) -> None:
    assert str(problem(ref)).startswith("no such file: ")


def test_a_dangling_link_is_named(here: Path) -> None:
    (here / "loop.json").symlink_to("loop.json")
    (here / "gone").symlink_to("nowhere")
    for ref in ("loop.json", "gone"):
        assert str(problem(ref)) == f"{ref}: a link to a file that is not there"


def test_unreadable_files_of_a_folder_are_errors(here: Path) -> None:
    """What of a folder cannot be read is an entry with an error, so that the exit status is 2."""
    workflow = (CASES / "folder-drops" / "one.json").read_text()
    for folder in ("f/closed", "f/.hidden", "elsewhere"):
        (here / folder).mkdir(parents=True)
    for name in ("f/one", "f/closed/three", "f/.hidden/six", "elsewhere/five"):
        (here / f"{name}.json").write_text(workflow)
    (here / "f/TWO.JSON").write_text(workflow)
    (here / "f/four.json").symlink_to("../annex/objects/gone.json")
    (here / "f/linked").symlink_to("../elsewhere")
    (here / "f/itself").symlink_to(".")
    os.mkfifo(here / "f/pipe.json")
    (here / "f/closed").chmod(0)
    here.chmod(0o755)
    try:
        with as_nobody():
            entries = resolve(["f"]).entries
            (closed,) = resolve(["f/closed/three.json"]).entries
    finally:
        (here / "f/closed").chmod(0o755)
    assert {entry.ref: str(entry.error or "") for entry in entries} == {
        "f/.hidden/six.json": "",
        "f/TWO.JSON": "",
        "f/closed": "f/closed: cannot be read: Permission denied",
        "f/four.json": "f/four.json: a link to a file that is not there",
        "f/linked/five.json": "",
        "f/one.json": "",
        "f/pipe.json": "f/pipe.json: a pipe or a device; expected a file",
    }
    assert str(closed.error) == "f/closed/three.json: cannot be read: Permission denied"
    assert all(entry.error.hint for entry in [*entries, closed] if entry.error)


@pytest.mark.parametrize("refs", [["-"], ["-", "-"]])
def test_standard_input_is_read_once(refs: list[str]) -> None:
    resolved = resolve(refs, stdin=io.BytesIO(EMPTY.encode()), client=nobody)
    assert [entry.workflow for entry in resolved.entries] == [load(EMPTY.encode())] * len(refs)


def test_standard_input_is_the_process_s_own_by_default(here: Path) -> None:
    script = "from lamina_graph.refs import resolve_workflow as read; print(read('-').name)"
    ran = subprocess.run(
        [sys.executable, "-c", script], input=b'{"nodes":[],"edges":[],"name":"in"}', capture_output=True
    )
    assert ran.stdout == b"in\n"


def test_errors_in_standard_input_are_named() -> None:
    assert str(problem("-", stdin=io.BytesIO(b""))).startswith("standard input: empty; expected JSON")


def test_one_bad_reference_does_not_stop_the_others(here: Path, client: Callable[[], Client]) -> None:
    (here / "a.json").write_text(EMPTY)
    resolved = resolve(["gone.json", "a.json", "no such app", "a.json"], client=client)
    assert [(entry.ref, type(entry.error)) for entry in resolved.entries] == [
        ("gone.json", RefError),
        ("a.json", type(None)),
        ("no such app", RefError),
        ("a.json", type(None)),
    ]


# Git


@pytest.fixture
def repository(here: Path) -> Path:
    """A repository with `app.json` in two commits, and a third state that is only staged."""

    def git(*words: str) -> None:
        who = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", *who, *words], cwd=here, check=True, capture_output=True)

    git("init")
    for name in ("first", "a: second", "staged"):
        (here / "sub").mkdir(exist_ok=True)
        (here / "sub" / "app.json").write_text(json.dumps({"nodes": [], "edges": [], "name": name}))
        git("add", ".")
        if name != "staged":
            git("commit", "-m", name)
        (here / "sub" / "12:30.json").write_text('{"name": "at noon", "nodes": [], "edges": []}')
    for tag in ("v1", "app@2026-03-09", "app@latest"):
        git("tag", tag, "HEAD~1")
    return here


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
@pytest.mark.parametrize(
    ("ref", "name"),
    [
        ("HEAD:sub/app.json", "a: second"),
        ("HEAD~1:sub/app.json", "first"),
        ("HEAD^:sub/app.json", "first"),
        ("v1:sub/app.json", "first"),
        (":sub/app.json", "staged"),
        (":0:sub/app.json", "staged"),
        (":1:sub/app.json", None),
        ("HEAD:sub/12:30.json", "at noon"),
        ("app@2026-03-09:sub/app.json", "first"),
        ("app@latest:sub/app.json", "first"),
        ("HEAD:./sub/app.json", "a: second"),
        ("main@{0}:sub/app.json", "a: second"),
        ("HEAD^{/first}:sub/app.json", "first"),
        ("HEAD^{/a: second}:sub/app.json", "a: second"),
        ("HEAD@{2 hours ago}:none.json", None),
        ("HEAD:none.json", None),
        ("nowhere:sub/app.json", None),
        ("-x:sub/app.json", None),
        ("a:none", None),
    ],
)
def test_a_file_at_a_revision_is_read(repository: Path, ref: str, name: str | None) -> None:
    (entry,) = resolve([ref], client=nobody).entries
    assert (entry.workflow.name if entry.workflow else None) == name
    assert (entry.error is None) == (name is not None)


# Apps


def test_a_folder_at_a_revision_is_its_workflows_by_name(repository: Path) -> None:
    """A commit is read like a folder: links are followed, what has no content is named."""
    folder = repository / "flows" / "deep"
    folder.mkdir(parents=True)
    (folder / "b.json").write_text('{"name": "B", "nodes": [], "edges": []}')
    (folder / "notes.json").write_text("[1]")
    (folder / "broken.JSON").write_text('{"nodes": [')
    (folder.parent / "a.json").symlink_to("deep/b.json")
    (folder.parent / "lost.json").symlink_to("nowhere.json")
    git = ["git", "-C", str(repository), "-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "a folder"], check=True)
    shutil.rmtree(repository / "flows")
    found = resolve(["HEAD:flows"], client=nobody)
    assert [(entry.path, entry.workflow and entry.workflow.name) for entry in found.entries] == [
        ("a.json", "B"),
        ("deep/b.json", "B"),
        ("deep/broken.JSON", None),
        ("lost.json", None),
    ]
    assert [ref for ref, _ in found.skipped] == ["HEAD:flows/deep/notes.json"]
    assert "a link to a file that is not in this repository" in str(found.entries[-1].error)


def test_an_app_is_named_by_its_id(client: Callable[[], Client], samples: Path) -> None:
    known, unknown = resolve([DOCUMENTED, DOCUMENTED.upper()], client=client).entries
    assert known.workflow == load(samples / "documented-example.json")
    assert isinstance(unknown.error, NotFoundError)


@pytest.mark.parametrize("ref", ["test sync", "TEST SYNC", "test s", "Test Sy"])
def test_an_app_is_named_by_its_name_or_the_start_of_it(client: Callable[[], Client], ref: str) -> None:
    assert resolve_workflow(ref, client=client).app_id == DOCUMENTED
    assert resolve_app_id(ref, client=client) == DOCUMENTED


def test_a_full_name_is_preferred_to_a_prefix(loopback: Loopback, client: Callable[[], Client]) -> None:
    for number, name in enumerate(["Reel", "Reel Maker", "reel"]):
        loopback.apps[f"id-{number}"] = {"appId": f"id-{number}", "name": name, "nodes": [], "edges": []}
    assert resolve_app_id("Reel", client=client) == "id-0"
    assert resolve_app_id("reel", client=client) == "id-2"
    assert resolve_app_id("reel m", client=client) == "id-1"


@pytest.mark.parametrize(
    ("names", "ref", "says"),
    [
        (["Reel A", "Reel B"], "Reel", "'Reel' may be 2 apps: Reel A (id-0), Reel B (id-1)"),
        (["Reel", "Reel"], "Reel", "'Reel' may be 2 apps: Reel (id-0), Reel (id-1)"),
        (["Reel", "REEL"], "reel", "'reel' may be 2 apps: Reel (id-0), REEL (id-1)"),
        (["My Reel"], "Reel", "no file and no app is named 'Reel'"),
        ([], "Sale: Summer", "no file and no app is named 'Sale: Summer'"),
        ([f"R{n}" for n in range(11)], "R", "(id-7) and 3 more"),
    ],
)
def test_an_ambiguous_name_lists_the_apps_it_may_mean(
    loopback: Loopback, client: Callable[[], Client], names: list[str], ref: str, says: str
) -> None:
    loopback.apps = {
        f"id-{n}": {"appId": f"id-{n}", "name": name, "nodes": [], "edges": []}
        for n, name in enumerate(names)
    }
    assert says in str(problem(ref, client=client))
    with pytest.raises(RefError):
        resolve_app_id(ref, client=client)


@pytest.mark.parametrize(
    "ref",
    [
        f"{DOCUMENTED}@latest",
        "Reel Maker@~1",
        "Reel@2026-03-09",
        "Reel@2026-03-09T10:25",
        "Reel@0123abcdef",
        "Sale: Summer@latest",
    ],
)
def test_a_snapshot_is_not_mistaken_for_a_name(ref: str) -> None:
    assert str(problem(ref)) == f"{ref} names a snapshot, and there is no store to take it from"


# Snapshots


STAGING = "https://staging.example"


@pytest.fixture
def store() -> Iterator[Callable[[], Store]]:
    """A store in which the documented app has three versions, one each noon, and one app is known at two."""
    with Store("sqlite://") as store:
        for day in (9, 10, 11):
            record(
                store,
                DEFAULT_BASE_URL,
                datetime(2026, 3, day, 12, tzinfo=UTC),
                DOCUMENTED,
                "Test Sync",
                f"v{day}",
            )
        noon = datetime(2026, 3, 9, 12, tzinfo=UTC)
        for url in (DEFAULT_BASE_URL, STAGING):
            record(store, url, noon, "twofold", "Reel", url)
        yield lambda: store


def record(store: Store, url: str, at: datetime, id_: str, name: str, type_: str) -> None:
    workflow = {"appId": id_, "name": name, "nodes": [{"id": "a", "type": type_}], "edges": []}
    run = store.begin(url, FetchScope(apps=(id_,)), at)
    store.record(run.id, [FetchResult(app_id=id_, at=at, workflow=workflow)])


@pytest.mark.parametrize("term", [DOCUMENTED, "Test Sync", "TEST SYNC", "test"])
@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("latest", "v11"),
        ("~0", "v11"),
        ("~1", "v10"),
        ("~2", "v9"),
        ("2026-03-09", "v9"),
        ("2026-03-10T11:59", "v9"),
        ("2026-03-10T12:00", "v10"),
        ("2026-03-10T12", "v10"),
        ("2026-03-10T12:00:00+01:00", "v9"),
        ("2026-03-10T11:00:00-01:00", "v10"),
        ("2026-03-10T12:00:00Z", "v10"),
        ("2027-01-01", "v11"),
    ],
)
def test_a_snapshot_comes_from_the_store(
    store: Callable[[], Store], term: str, when: str, found: str
) -> None:
    assert resolve_workflow(f"{term}@{when}", client=nobody, store=store).nodes[0].type == found
    assert resolve_app_id(f"{term}@{when}", client=nobody, store=store) == DOCUMENTED


def test_a_snapshot_is_named_by_its_id_or_the_start_of_it(store: Callable[[], Store]) -> None:
    (app,) = store().find(DOCUMENTED)
    for snapshot in store().history(app):
        for id_ in (snapshot.id, snapshot.id[:8]):
            assert resolve_workflow(f"test@{id_}", client=nobody, store=store) == snapshot.workflow


@pytest.mark.parametrize(
    ("ref", "says"),
    [
        ("nobody@latest", "the store knows no app 'nobody'"),
        ("test@2026-03-08", "the store has no snapshot test@2026-03-08"),
        ("test@~3", "the store has no snapshot test@~3"),
        ("test@00000000", "the store has no snapshot test@00000000"),
        ("test@2026-13-45", "invalid date '2026-13-45'"),
        ("twofold@latest", "'twofold' may be 2 apps: Reel (twofold), Reel (twofold)"),
    ],
)
def test_a_missing_snapshot_is_named(store: Callable[[], Store], ref: str, says: str) -> None:
    assert str(problem(ref, store=store)) == says


def test_an_app_at_two_addresses_is_taken_from_the_chosen_one(store: Callable[[], Store]) -> None:
    for url in (DEFAULT_BASE_URL, STAGING):
        assert resolve_workflow("reel@latest", client=nobody, store=store, base_url=url).nodes[0].type == url
    assert resolve_app_id("test sync@latest", client=nobody, store=store, base_url=STAGING) == DOCUMENTED


@pytest.mark.parametrize("ref", [DOCUMENTED, "test sync", "test"])
def test_offline_an_app_is_its_latest_snapshot(store: Callable[[], Store], ref: str) -> None:
    assert resolve_workflow(ref, client=nobody, store=store, offline=True).nodes[0].type == "v11"
    assert resolve_app_id(ref, client=nobody, store=store, offline=True) == DOCUMENTED


def test_a_name_that_the_store_knows_is_not_looked_up_in_the_api(
    loopback: Loopback, client: Callable[[], Client], store: Callable[[], Store]
) -> None:
    loopback.apps[DOCUMENTED]["name"] = "Renamed"
    assert resolve_workflow("test sync", client=client, store=store).name == "Renamed"
    assert [seen.path for seen in loopback.seen] == [f"/v1/apps/{DOCUMENTED}/workflow"]


def test_a_name_unknown_to_the_store_is_looked_up_in_the_api(
    client: Callable[[], Client], store: Callable[[], Store], here: Path
) -> None:
    assert resolve_workflow("Cartoonify", client=client, store=store).name == "Cartoonify"
    assert (
        resolve_workflow("Cartoonify", client=client, store=lambda: Store("none.db", create=False)).name
        == "Cartoonify"
    )
    assert not list(here.iterdir())


@pytest.mark.parametrize("ref", ["Shop @ home", "@latest", "a@b"])
def test_not_every_at_sign_asks_for_a_snapshot(client: Callable[[], Client], ref: str) -> None:
    assert str(problem(ref, client=client)) == f"no file and no app is named {ref!r}"


@pytest.mark.parametrize("ref", [DOCUMENTED, "test sync"])
def test_offline_the_api_is_not_asked(ref: str) -> None:
    assert "--offline forbids" in str(problem(ref, offline=True))
    with pytest.raises(RefError):
        resolve_workflow(ref, client=nobody, offline=True)


def test_an_error_of_the_api_is_the_entrys_error(loopback: Loopback, client: Callable[[], Client]) -> None:
    loopback.fault(error(401))
    assert isinstance(problem(DOCUMENTED, client=client), CredentialsError)


def test_without_credentials_a_missing_file_is_named(loopback: Loopback) -> None:
    with Client(Settings(base_url=loopback.url)) as client:
        found = problem("smaples", client=lambda: client)
    assert isinstance(found, CredentialsError)
    assert str(found).startswith("'smaples' is not a file, and no app can be looked up: no credentials")


def test_a_client_is_made_where_none_is_given(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMINA_API_KEY", loopback.key)
    monkeypatch.setenv("LAMINA_BASE_URL", loopback.url)
    assert [entry.error for entry in resolve([DOCUMENTED, "test sync"]).entries] == [None, None]


def test_a_given_client_stays_open(client: Callable[[], Client]) -> None:
    resolve([DOCUMENTED], client=client)
    assert resolve([DOCUMENTED], client=client).entries[0].workflow


# The page of a report


@pytest.fixture
def page(here: Path, samples: Path) -> str:
    """A report's page over all samples."""
    found = resolve([str(samples)], client=nobody)
    save(report(found.entries), here / "report.html")
    return "report.html"


def test_the_page_of_a_report_gives_back_every_workflow(page: str, samples: Path) -> None:
    files = [entry.workflow for entry in resolve([str(samples)], client=nobody).entries]
    assert [entry.workflow for entry in resolve([page], client=nobody).entries] == files


def test_one_app_of_a_page_is_named_by_the_page_s_own_link(page: str, samples: Path) -> None:
    documented = load(samples / "documented-example.json")
    assert resolve_workflow(f"{page}#app={DOCUMENTED}", client=nobody) == documented
    with pytest.raises(RefError, match=r"report\.html contains no app '80d4'"):
        resolve_workflow(f"{page}#app=80d4", client=nobody)


@pytest.mark.parametrize("inside", ["", "AAAA", "eJyLVIoFAAHQAM0="])
def test_a_damaged_report_page_is_refused(here: Path, inside: str) -> None:
    (here / "r.html").write_text(f'<p><metadata id="lamina-graph-catalogue">{inside}</metadata>')
    assert str(problem("r.html")).startswith("r.html: its workflows are damaged")


# One workflow, one app


def test_a_single_reference_gives_a_single_workflow(here: Path, samples: Path) -> None:
    assert resolve_workflow(str(samples / "chain.json"), client=nobody) == load(samples / "chain.json")
    (here / "app.json").write_text(EMPTY)
    (here / "labels.json").write_text("{}")
    assert resolve_workflow(".", client=nobody).nodes == ()


def test_several_matches_are_an_error(samples: Path) -> None:
    with pytest.raises(RefError, match=r"holds \d+ workflows; expected one") as caught:
        resolve_workflow(str(samples), client=nobody)
    assert "a-plus-content.json" in caught.value.hint


def test_the_error_of_one_is_raised(here: Path) -> None:
    with pytest.raises(RefError, match=r"no such file: x\.json"):
        resolve_workflow("x.json", client=nobody)


def test_a_file_names_the_app_that_it_was_fetched_from(here: Path, samples: Path) -> None:
    assert resolve_app_id(str(samples / "documented-example.json"), client=nobody) == DOCUMENTED
    (here / "a.json").write_text(EMPTY)
    with pytest.raises(RefError, match=r"a\.json contains no app id"):
        resolve_app_id("a.json", client=nobody)
    assert resolve_app_id(DOCUMENTED, client=nobody) == DOCUMENTED


# Names that look like something else


NAMES = [row["name"] for row in json.loads((CASES / "app-names" / "apps.json").read_text())]
CAFE = unicodedata.normalize("NFD", "Café Catalog")


@pytest.fixture
def named_store() -> Iterator[Callable[[], Store]]:
    """A store with two versions of each app whose name looks like a path or a revision."""
    with Store("sqlite://") as store:
        for number, name in enumerate(NAMES):
            for day in (9, 10):
                at = datetime(2026, 3, day, 12, tzinfo=UTC)
                record(store, DEFAULT_BASE_URL, at, f"id-{number}", name, f"v{day}")
        yield lambda: store


@pytest.mark.parametrize("name", NAMES)
def test_apps_are_found_by_name(here: Path, named_store: Callable[[], Store], name: str) -> None:
    """A name that the store knows is tried once it is no path and no revision."""
    how: dict[str, Any] = {"client": nobody, "store": named_store, "offline": True}
    assert resolve_workflow(name, **how).name == name
    assert resolve_workflow(f"app:{name}", **how).name == name
    assert resolve_workflow(f"{name}@~1", **how).nodes[0].type == "v9"
    assert resolve_workflow(f"app:{name}@latest", **how).nodes[0].type == "v10"
    assert resolve_app_id(f"app:{name}", **how) == resolve_app_id(name, **how)


@pytest.mark.parametrize("ref", ["A/B Ad Maker", "app:A/B Ad Maker", "app:16:9 Reels"])
def test_app_names_have_a_history(here: Path, ref: str) -> None:
    with Store("apps.db") as store:
        for number, name in enumerate(NAMES):
            record(
                store, DEFAULT_BASE_URL, datetime(2026, 3, 9, tzinfo=UTC), f"id-{number}", name, "fluxNode"
            )
    result = CliRunner().invoke(cli, ["--store", "apps.db", "history", ref])
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(ref.removeprefix("app:"))


def test_a_file_is_preferred_to_an_app_of_its_name(here: Path, named_store: Callable[[], Store]) -> None:
    (here / "promo.json").write_text(EMPTY)
    how: dict[str, Any] = {"client": nobody, "store": named_store, "offline": True}
    assert resolve_workflow("promo.json", **how).name is None
    assert resolve_workflow("app:promo.json", **how).name == "promo.json"


@pytest.mark.parametrize("ref", ["A/B Ad Maker", "a/b ad", "16:9 Reels", "app:16:9", CAFE, CAFE.upper()])
def test_app_names_are_looked_up_in_the_api(
    here: Path, loopback: Loopback, client: Callable[[], Client], ref: str
) -> None:
    for number, name in enumerate(NAMES):
        id_ = f"id-{number}"
        loopback.apps[id_] = {"appId": id_, "name": name, "nodes": [], "edges": []}
    wanted = unicodedata.normalize("NFC", ref.removeprefix("app:")).casefold()
    assert (resolve_workflow(ref, client=client).name or "").casefold().startswith(wanted)


@pytest.mark.parametrize(
    ("ref", "near"),
    [("A/B Ad Makr", "A/B Ad Maker"), ("16:9 Reals", "16:9 Reels"), ("cafe catalogue", "Café Catalog")],
)
def test_a_misspelt_app_name_suggests_the_app(
    here: Path, named_store: Callable[[], Store], client: Callable[[], Client], ref: str, near: str
) -> None:
    assert problem(ref, store=named_store, client=client).hint == f"Did you mean {near!r}?"
