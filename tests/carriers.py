"""Pictures that carry texts, written as ComfyUI and others write them."""

import struct
import zlib
from collections.abc import Callable, Mapping

HEADER = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def plain(keyword: str, text: str) -> bytes:
    return chunk(b"tEXt", keyword.encode() + b"\0" + text.encode("latin-1"))


def packed(keyword: str, text: str) -> bytes:
    return chunk(b"zTXt", keyword.encode() + b"\0\0" + zlib.compress(text.encode("latin-1")))


def of_an_animation(keyword: str, text: str) -> bytes:
    return chunk(b"comf", keyword.encode() + b"\0" + text.encode("latin-1"))


def international(keyword: str, text: str) -> bytes:
    return chunk(b"iTXt", keyword.encode() + b"\0\0\0en\0\0" + text.encode())


def international_packed(keyword: str, text: str) -> bytes:
    return chunk(b"iTXt", keyword.encode() + b"\0\1\0\0\0" + zlib.compress(text.encode()))


TEXT_CHUNKS: dict[str, Callable[[str, str], bytes]] = {
    "tEXt": plain,
    "zTXt": packed,
    "iTXt": international,
    "packed iTXt": international_packed,
    "comf": of_an_animation,
}


def png(*chunks: bytes) -> bytes:
    """Return a PNG of one grey pixel with chunks between its head and its picture."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return HEADER + head + b"".join(chunks) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")


def webp(texts: Mapping[int, str], order: str = "<", prefix: bytes = b"") -> bytes:
    """Return a WebP without a picture, with texts as tags of its EXIF data."""
    rows, heap = b"", b""
    start = 8 + 2 + 12 * len(texts) + 4
    for tag, text in sorted(texts.items()):
        data = text.encode() + b"\0"
        rows += struct.pack(order + "HHII", tag, 2, len(data), start + len(heap))
        heap += data
    mark = b"II*\0" if order == "<" else b"MM\0*"
    exif = mark + struct.pack(order + "IH", 8, len(texts)) + rows + bytes(4) + heap
    body = b"WEBP" + riff(b"VP8L", b"\x2f\0\0\0\0") + riff(b"EXIF", prefix + exif)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def riff(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
