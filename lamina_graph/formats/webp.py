"""The texts in a WebP: ComfyUI keeps the workflow and the prompt of a picture in its EXIF data."""

import struct
from collections.abc import Iterator
from typing import Literal

from lamina_graph.formats.png import MOST_TEXT, decode_text
from lamina_graph.formats.unreadable import UnreadableError

_ASCII, _BYTES, _UNDEFINED = 2, 1, 7
_SUB_DIRECTORY = 0x8769
_USER_COMMENT = 0x9286
_MOST_ENTRIES = 1_000
_MOST_CHUNKS = 100_000
_ENCODINGS = {b"ASCII\0\0\0": "utf-8", b"UNICODE\0": "utf-16", b"\0" * 8: "utf-8"}
Order = Literal["little", "big"]


def read_webp_texts(content: bytes) -> dict[str, str]:
    r"""Return the texts in the EXIF data of a WebP, by the word that each begins with, such as `workflow:`.

    Raises:
        UnreadableError: the texts are longer than what is read.

    >>> read_webp_texts(b"RIFF\0\0\0\0WEBP")
    {}
    """
    texts: dict[str, str] = {}
    for data in _exif_chunks(content):
        for text in _exif_texts(data.removeprefix(b"Exif\0\0")):
            word, colon, rest = text.partition(":")
            keyword = word.strip().lower() if colon and word.strip().isalpha() else ""
            texts.setdefault(keyword, rest if keyword else text)
    return texts


def _exif_chunks(content: bytes) -> Iterator[bytes]:
    place = 12
    for _ in range(_MOST_CHUNKS):
        if place + 8 > len(content):
            return
        kind, length = content[place : place + 4], int.from_bytes(content[place + 4 : place + 8], "little")
        if kind == b"EXIF":
            if length > MOST_TEXT:
                raise UnreadableError(
                    "", f"the EXIF data of this WebP picture is more than {MOST_TEXT >> 20} MiB"
                )
            yield content[place + 8 : place + 8 + length]
        place += 8 + length + length % 2


def _exif_texts(data: bytes) -> Iterator[str]:
    """Yield the texts of EXIF data, which has the form of a TIFF file."""
    order: Order = "big" if data[:2] == b"MM" else "little"
    directories, done = [_number(data, 4, 4, order)], 0
    while directories and done < 2:  # the main one, and the one that it leads to
        done += 1
        start = directories.pop()
        for entry in range(min(_number(data, start, 2, order), _MOST_ENTRIES)):
            tag, kind, count = struct.unpack(
                (">" if order == "big" else "<") + "HHI", data[start + 2 + 12 * entry :][:8].ljust(8, b"\0")
            )
            value = start + 10 + 12 * entry
            if tag == _SUB_DIRECTORY:
                directories.append(_number(data, value, 4, order))
            if kind in (_ASCII, _BYTES, _UNDEFINED):
                begin = value if count <= 4 else _number(data, value, 4, order)
                raw = data[begin : begin + count]
                yield _comment(raw) if tag == _USER_COMMENT else decode_text(raw.rstrip(b"\0"))


def _comment(raw: bytes) -> str:
    encoding = _ENCODINGS.get(raw[:8])
    return raw[8:].decode(encoding, "replace").rstrip("\0") if encoding else decode_text(raw.rstrip(b"\0"))


def _number(data: bytes, place: int, size: int, order: Order) -> int:
    return int.from_bytes(data[place : place + size], order)
