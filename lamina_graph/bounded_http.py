"""HTTP with bounds on what a server may take: time for a whole answer, memory for what it unpacks to.

httpx bounds the wait for each part of an answer. A server that sends a byte now and then, or one interim
answer after the other, would hold a caller for ever; here one deadline holds for all of it. And httpx unpacks
a part at once, whatever comes out; here it comes out in pieces.
"""

import ipaddress
import socket
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit
from urllib.request import getproxies

from lamina_graph.errors import InputError

if TYPE_CHECKING:
    import httpx
    from httpcore import NetworkBackend, NetworkStream

ENCODINGS = "gzip, deflate"
"""How an answer may be packed: the value of `Accept-Encoding`."""

TRANSIENT_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses of answers that may be others at the next attempt."""

_PIECE = 2**18
_MOST_LAYERS = 4
_DEADLINE: ContextVar[float] = ContextVar("deadline", default=inf)


class PrivateAddressError(ValueError):
    """An address that is not in the public internet."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} is not a public address; --allow-private permits it")


def open_client(*, public: bool = False, **options: Any) -> "httpx.Client":
    """Return an httpx client that keeps to the deadline of `within`.

    Args:
        public: whether it connects to public addresses alone, whatever a name or a redirect leads to.
        **options: as for httpx.

    Raises:
        InputError: the environment names a proxy of a kind that cannot be used.
    """
    import httpx

    try:
        client = httpx.Client(**options)
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        kinds = sorted({urlsplit(url).scheme for url in getproxies().values()} - {"http", "https"})
        named = f"a proxy of the kind {', '.join(kinds)}" if kinds else "the proxy that the environment names"
        raise InputError(
            f"{named} cannot be used",
            "Correct HTTPS_PROXY or ALL_PROXY; for SOCKS, `pip install 'httpx[socks]'`.",
        ) from error
    if public:
        client.event_hooks["request"].append(_refuse_private_literal)
    # These parts are private to httpx: a version without them fails here, and not later without bounds.
    direct: Any = client._transport
    proxies: list[Any] = [transport for transport in client._mounts.values() if transport is not None]
    for transport in (direct, *proxies):
        # A proxy resolves names itself, and may well stand in a private network.
        checked = public and transport is direct
        transport._pool._network_backend = _Backend(transport._pool._network_backend, checked)
    return client


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let what is sent and received by clients of `open_client` in the block end in time.

    A block within another ends with it. What takes longer fails with httpx's own errors of a time-out.
    """
    token = _DEADLINE.set(min(_DEADLINE.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _DEADLINE.reset(token)


def unpack(response: "httpx.Response") -> Iterator[bytes]:
    """Yield the body of an answer, unpacked in small pieces, however much comes of each part.

    Raises:
        httpx.DecodingError: it is packed in another way than was allowed, or damaged.
    """
    import httpx

    encodings = [name.strip().lower() for name in response.headers.get("content-encoding", "").split(",")]
    encodings = [name for name in encodings if name not in ("", "identity")]
    if len(encodings) > _MOST_LAYERS or not {"gzip", "x-gzip", "deflate"}.issuperset(encodings):
        raise httpx.DecodingError("packed in a way that was not asked for", request=response.request)
    parts: Iterable[bytes] = response.iter_raw()
    for encoding in reversed(encodings):
        parts = _inflate(parts, encoding)
    try:
        yield from parts
    except zlib.error as error:
        raise httpx.DecodingError(str(error), request=response.request) from error


def _inflate(parts: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield what comes out of packed parts, in pieces."""
    unpacking: Any = None
    for part in parts:
        if unpacking is None and part:
            unpacking = zlib.decompressobj(_window_bits(encoding, part))
        while part and not unpacking.eof:
            piece = unpacking.decompress(part, _PIECE)
            part = unpacking.unconsumed_tail
            if piece:
                yield piece
    if unpacking is not None and not unpacking.eof:
        raise zlib.error("it ends too early")


def _window_bits(encoding: str, start: bytes) -> int:
    if encoding != "deflate":
        return zlib.MAX_WBITS | 16
    # "deflate" means zlib's format (RFC 9110, 8.4.1.2), and some servers leave its header out.
    return zlib.MAX_WBITS if start[0] & 15 == 8 else -zlib.MAX_WBITS


class _Backend:
    """Opens connections whose every read and write keeps to the deadline of `within`."""

    def __init__(self, backend: "NetworkBackend", public: bool) -> None:
        self._backend, self._public = backend, public

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, **options: Any
    ) -> "NetworkStream":
        # The address that was looked at is the one connected to: a second look-up could give another.
        host = _public_address(host, port) if self._public else host
        return _stream(self._backend.connect_tcp(host, port, _left(timeout, connecting=True), **options))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)


def _stream(stream: "NetworkStream") -> "NetworkStream":
    return cast("NetworkStream", _Stream(stream))


class _Stream:
    """A connection of which each read and write keeps to the deadline."""

    def __init__(self, stream: "NetworkStream") -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> "NetworkStream":
        return _stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout, connecting=True)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _left(timeout: float | None, *, connecting: bool = False) -> float | None:
    """Return how long a step may take: its own time, or what is left until the deadline."""
    import httpcore

    left = _DEADLINE.get() - time.monotonic()
    if left <= 0:
        raise (httpcore.ConnectTimeout if connecting else httpcore.ReadTimeout)("the time is up")
    return timeout if left == inf else left if timeout is None else min(timeout, left)


def _public_address(host: str, port: int) -> str:
    """Return an address of a host; all of them must be public."""
    import httpcore

    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} has no address") from error
    addresses = [str(each[4][0]) for each in answers]
    for address in addresses:
        _check_public(address, host)
    return addresses[0]


def _refuse_private_literal(request: "httpx.Request") -> None:
    """Refuse a URL whose host is written as an address that is not public."""
    host = request.url.host
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return
    _check_public(host, host)


def _check_public(address: str, host: str) -> None:
    number = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(number, "ipv4_mapped", None) or getattr(number, "sixtofour", None) or number
    if not inner.is_global or inner.is_multicast:
        raise PrivateAddressError(host)
