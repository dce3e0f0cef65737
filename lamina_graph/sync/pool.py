"""One function over many values on a few threads, in the order in which they are done."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeVar

In = TypeVar("In")
Out = TypeVar("Out")

_MOST_AT_ONCE = 50


def map_unordered(function: Callable[[In], Out], values: Iterable[In], threads: int) -> Iterator[list[Out]]:
    """Yield `function(value)` for each value, in the order in which they are done, all that are done at once.

    The threads never hold up the end of the process: an interrupted run need not wait for a slow server. They
    wait where results are not taken as fast as they come.

    Raises:
        BaseException: what `function` raises; values that no thread has taken yet are left.
    """
    todo: queue.SimpleQueue[In] = queue.SimpleQueue()
    done: queue.SimpleQueue[Future[Out]] = queue.SimpleQueue()
    stopped, room = threading.Event(), threading.Semaphore(_MOST_AT_ONCE)
    left = 0
    for value in values:
        todo.put(value)
        left += 1
    for _ in range(min(threads, left)):
        threading.Thread(target=_run_worker, args=(function, todo, done, stopped, room), daemon=True).start()
    try:
        while left:
            results = _drain(done)
            left -= len(results)
            room.release(len(results))
            yield [result.result() for result in results if not result.exception()]
            for failed in filter(Future.exception, results):
                failed.result()
    finally:
        stopped.set()
        room.release(threads)


def _run_worker(
    function: Callable[[In], Out],
    todo: "queue.SimpleQueue[In]",
    done: "queue.SimpleQueue[Future[Out]]",
    stopped: threading.Event,
    room: threading.Semaphore,
) -> None:
    with suppress(queue.Empty):
        while room.acquire() and not stopped.is_set():
            outcome: Future[Out] = Future()
            value = todo.get_nowait()
            try:
                outcome.set_result(function(value))
            except BaseException as error:
                outcome.set_exception(error)
                stopped.set()
            done.put(outcome)


def _drain(done: "queue.SimpleQueue[Future[Out]]") -> "list[Future[Out]]":
    results = [done.get()]
    with suppress(queue.Empty):
        while len(results) < _MOST_AT_ONCE:
            results.append(done.get_nowait())
    return results
