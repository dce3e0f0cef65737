"""References as unread files: handed out by name, read where the work is done, answered in order."""

import pickle
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from lamina_graph.model import Entry
from lamina_graph.refs import Skipped, plan, work_on


def described(entry: Entry) -> tuple[str, int | str]:
    return entry.ref, len(entry.workflow.nodes) if entry.workflow else str(entry.error)


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.fixture
def folders(tmp_path: Path, samples: Path) -> list[str]:
    """Return folders: many workflows, one of them broken and one none; and a folder without any."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.mkdir()
    bad.mkdir()
    for number in range(120):
        (good / f"{number:03}.json").write_bytes((samples / "diamond.json").read_bytes())
    (good / "050.json").write_text('{"nodes": 1')
    (good / "060.json").write_text('{"a": 1}')
    (bad / "one.json").write_text("[]")
    return [str(good), str(bad), str(good / "000.json"), str(bad), str(tmp_path / "no.json")]


@pytest.mark.parametrize("remote", [False, True])
def test_processes_answer_in_order_what_one_process_answers(
    processes: Executor, folders: list[str], remote: bool
) -> None:
    answers = []
    for executor in (None, processes):
        skipped: list[Skipped] = []
        with plan(folders) as unread:
            made = list(work_on(unread, described, executor, skipped=skipped.append, remote=remote))
        answers.append((made, skipped))
    (made, skipped), there = answers
    assert there == (made, skipped)
    assert len(made) == 119 + 1 + 1 + 1 + 1
    assert [Path(each.ref).name for each in skipped] == ["060.json", "one.json", "one.json"]
    assert [ref for ref, said in made if "no workflow in the folder" in str(said)] == [folders[1], folders[3]]


def test_a_folder_is_handed_out_as_names_and_not_as_workflows(folders: list[str]) -> None:
    with plan(folders[:1]) as unread:
        handed = list(unread)
    assert len(handed) == 121  # the last one says that the folder ends
    assert len(pickle.dumps(handed)) < 120 * 400
    assert len(pickle.dumps(list(handed[0].read()))) > 4 * 400


def test_a_folder_named_twice_is_not_empty_where_half_of_it_is_skipped(tmp_path: Path, samples: Path) -> None:
    (tmp_path / "a.json").write_bytes((samples / "diamond.json").read_bytes())
    (tmp_path / "b.json").write_text("[]")
    skipped: list[Skipped] = []
    with plan([str(tmp_path)] * 2) as unread:
        made = list(work_on(unread, described, skipped=skipped.append))
    assert [Path(ref).name for ref, _ in made] == ["a.json", "a.json"]
    assert len(skipped) == 2
