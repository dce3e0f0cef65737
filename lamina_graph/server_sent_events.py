"""Server-sent events, read from the bytes of an answer (HTML Standard, 9.2.6).

A library reads them too (httpx-sse); it keeps a line of any length, though, and a server that is not trusted
must not fill the memory of whoever follows a run.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

LONGEST_EVENT = 4 * 1024 * 1024
"""The most bytes of one event."""

_BOM = b"\xef\xbb\xbf"


class ServerSentEvent(NamedTuple):
    """One event: its name, its data, and the id of the last one that had an id."""

    name: str
    data: str
    id: str = ""


def parse_events(parts: Iterable[bytes], longest: int = LONGEST_EVENT) -> Iterator[ServerSentEvent]:
    r"""Yield the events in the parts of an answer, wherever it is cut; one that is not complete is none.

    Args:
        parts: the bytes, as they come.
        longest: the most bytes of one event.

    Raises:
        ValueError: an event is longer.

    >>> [event.data for event in parse_events([b"data: a\n\nda", b"ta: b\ndata: c\n\ndata: half"])]
    ['a', 'b\nc']
    """
    name, data, size, last_id = "", list[str](), 0, ""
    for line in _lines(parts, longest):
        size += len(line)
        if size > longest:
            raise ValueError(f"an event is longer than {longest:,} bytes")
        field, _, value = line.removeprefix(_BOM).decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield ServerSentEvent(name or "message", "\n".join(data), last_id)
            name, data, size = "", [], 0
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif field == "id" and "\0" not in value:
            last_id = value


def _lines(parts: Iterable[bytes], longest: int) -> Iterator[bytes]:
    """Yield the lines that have ended, whether by CR, LF or both."""
    rest, after_return = b"", False
    for part in parts:
        if after_return and part.startswith(b"\n"):
            part = part[1:]
        if part:
            after_return = part.endswith(b"\r")
        *whole, rest = (rest + part).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        yield from whole
        if len(rest) > longest:
            raise ValueError(f"a line is longer than {longest:,} bytes")
