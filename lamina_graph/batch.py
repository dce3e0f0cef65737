"""One function over many values, on any `concurrent.futures.Executor`."""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from lamina_graph.errors import InputError, WorkerError

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

In = TypeVar("In")
Out = TypeVar("Out")

CHUNK = 250
"""Values in one task: with one task a value, handing over costs more than the work."""

MANY = 500
"""From this many workflows on, the work is spread over processes unless a number of them is given."""

_AHEAD = 16


def batch(
    function: Callable[[In], Out],
    values: Iterable[In],
    executor: "Executor | None" = None,
    chunk: int = CHUNK,
) -> Iterator[Out]:
    """Yield `function(value)` for each value, in the order of the values.

    Args:
        function: a function that other processes can import, where the executor has other processes.
        values: read no further ahead than a few chunks, so that a catalogue need not fit in memory.
        executor: where the work is done; in this thread where not given.
        chunk: how many values one task takes.

    Raises:
        Exception: whatever `function` raises, at the place of its value's chunk.
        WorkerError: a process of the executor ended before its work was done.

    >>> list(batch(len, ["a", "bb"]))
    [1, 2]
    """
    if executor is None:
        yield from map(function, values)
        return
    from concurrent.futures import BrokenExecutor

    rest = iter(values)
    pending: deque[Future[list[Out]]] = deque()
    try:
        while True:
            while len(pending) < _AHEAD and (part := list(islice(rest, chunk))):
                pending.append(executor.submit(partial(_map, function), part))
            if not pending:
                return
            yield from pending.popleft().result()
    except BrokenExecutor as error:
        raise WorkerError("a process that shared the work ended before it was done") from error
    finally:
        for future in pending:
            future.cancel()


@contextmanager
def choose_executor(
    jobs: int | None, amount: int, dask: str | None = None, many: int = MANY
) -> "Iterator[Executor | None]":
    """Give what does a large amount of work; None where this process is enough.

    Args:
        jobs: how many processes; by default one, or all that the machine has for many values.
        amount: how many values there are.
        dask: the address of a Dask cluster, which does the work instead.
        many: from how many values on processes pay by default.
    """
    if dask is not None:
        with cluster(dask) as executor:
            yield executor
        return
    jobs = jobs or (min(os.cpu_count() or 1, 8) if amount >= many else 1)
    if jobs == 1:
        yield None
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(jobs, initializer=_follow_parent) as pool:
        try:
            yield pool
        except BaseException:  # nobody wants the answers any more, and leaving the pool waits for them
            for worker in set(multiprocessing.active_children()) - others:
                worker.terminate()
            raise


def _follow_parent() -> None:
    """End this worker with the process that started it, however that ends, and leave Ctrl-C to that process.

    A parent that is killed tells its workers nothing, and a worker that stays holds the pipes that others
    read to their end.
    """
    import multiprocessing.connection

    parent = multiprocessing.parent_process()
    if parent is None:
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def wait() -> None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=wait, daemon=True, name="follow-parent").start()


@contextmanager
def cluster(address: str, seconds: float = 10) -> "Iterator[Executor]":
    """Give the executor of a Dask cluster, whose workers need this package.

    Args:
        address: of the scheduler, for instance `tcp://10.0.0.1:8786`.
        seconds: how long to wait for it.

    Raises:
        InputError: Dask is not installed, or the cluster does not answer.
    """
    try:
        from dask.distributed import Client
    except ModuleNotFoundError:
        from lamina_graph.installation import install_hint

        raise InputError("Dask is not installed", install_hint("dask")) from None
    try:
        _check(address)
        client: Any = Client(address, timeout=seconds, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise InputError(
            f"no Dask cluster answers at {address!r}: {getattr(error, 'strerror', None) or error}",
            "Give the address of its scheduler, such as tcp://10.0.0.1:8786.",
        ) from error
    with client:
        yield client.get_executor(pure=False)


def _check(address: str) -> None:
    """Raise where an address names no place: a client that finds out itself leaves a half-made one behind."""
    from distributed.comm.addressing import resolve_address
    from distributed.security import Security

    resolve_address(address)
    security: Any = Security()  # type: ignore[no-untyped-call]
    if address.startswith("tls:") and not security.get_connection_args("client").get("ssl_context"):
        raise ValueError("Dask's configuration names no certificate (distributed.comm.tls)")


def _map(function: Callable[[In], Out], values: list[In]) -> list[Out]:
    return [function(value) for value in values]
