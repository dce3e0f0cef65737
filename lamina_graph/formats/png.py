"""The texts in a PNG: ComfyUI keeps the workflow and the prompt of a picture there."""

import zlib

from lamina_graph.formats.unreadable import UnreadableError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_TEXT = 2**26
"""How much text is read from one picture, in bytes when unpacked; large workflows have a few million."""
_MOST_CHUNKS = 500_000
_CUT = "Fetch the picture again."


def read_png_texts(content: bytes) -> dict[str, str]:
    """Return the texts in a PNG, by their keywords; the picture itself is not decoded.

    Raises:
        UnreadableError: a text is damaged, or unpacks to more than is read.

    >>> read_png_texts(SIGNATURE)
    {}
    """
    texts: dict[str, str] = {}
    place, left, chunks = len(SIGNATURE), MOST_TEXT, 0
    while place + 8 <= len(content) and chunks < _MOST_CHUNKS:
        length, kind = int.from_bytes(content[place : place + 4], "big"), content[place + 4 : place + 8]
        data = memoryview(content)[place + 8 : place + 8 + length]
        if kind == b"IEND":
            break
        read = _READERS.get(kind)
        if read:
            if zlib.crc32(data, zlib.crc32(kind)) != int.from_bytes(content[place + 8 + length :][:4], "big"):
                raise UnreadableError("", "a text in this PNG picture is damaged, or cut off", _CUT)
            keyword, text = read(bytes(data), left)
            left -= len(text)
            texts.setdefault(keyword.decode("latin-1"), decode_text(text))
        place, chunks = place + length + 12, chunks + 1
    return texts


def decode_text(text: bytes) -> str:
    """Return text that should be in Latin-1 or UTF-8, and is in the other at times.

    >>> decode_text("é".encode()), decode_text("é".encode("latin-1"))
    ('é', 'é')
    """
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _plain(data: bytes, left: int) -> tuple[bytes, bytes]:
    keyword, _, text = data.partition(b"\0")
    return keyword, _bounded(text, left)


def _packed(data: bytes, left: int) -> tuple[bytes, bytes]:
    keyword, _, rest = data.partition(b"\0")
    return keyword, _unpacked(rest[1:], left)


def _international(data: bytes, left: int) -> tuple[bytes, bytes]:
    keyword, _, rest = data.partition(b"\0")
    text = rest[2:].split(b"\0", 2)[-1]
    return keyword, _unpacked(text, left) if rest[:1] == b"\1" else _bounded(text, left)


def _unpacked(packed: bytes, left: int) -> bytes:
    try:
        text = zlib.decompressobj().decompress(packed, left + 1)
    except zlib.error as error:
        raise UnreadableError("", f"a text in this PNG picture is damaged: {error}", _CUT) from error
    return _bounded(text, left)


def _bounded(text: bytes, left: int) -> bytes:
    if len(text) > left:
        most = f"{MOST_TEXT >> 20} MiB"
        raise UnreadableError(
            "", f"the texts in this PNG picture unpack to more than {most}, the most that is read"
        )
    return text


_READERS = {b"tEXt": _plain, b"zTXt": _packed, b"iTXt": _international, b"comf": _plain}
"""How the texts of a kind of chunk are read; ComfyUI's own kind is in the pictures that it animates."""
