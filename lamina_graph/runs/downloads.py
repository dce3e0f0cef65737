"""The outputs of a run as files: named safely, no larger than allowed, fetched without the key."""

import re
import time
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from lamina_graph.files import canonical, write, writing
from lamina_graph.model import Run, RunOutput, Value
from lamina_graph.text import one_line

if TYPE_CHECKING:
    import httpx

LARGEST = 2 * 1024**3
"""The most bytes that one output may have."""

_SECONDS = 900  # for one output
_HOPS = 5


class Saved(Value):
    """What became of one output: the file that holds it, or the problem that kept it from one.

    Attributes:
        place: of the output in its run, from 1.
        output: its label.
    """

    place: int
    output: str
    path: str | None = None
    size: int = 0
    problem: str = ""


def download(run: Run, folder: str | Path, *, largest: int = LARGEST) -> tuple[Saved, ...]:
    """Write the finished outputs of a run into a folder and return what became of each.

    Media are fetched from their http or https addresses by a client of its own, which knows no key; texts and
    data are written as they are. A name is made of the output's place and label. What one output lacks does
    not stop the others.

    Args:
        run: whose outputs.
        folder: made where it does not exist.
        largest: the most bytes that one output may have.

    >>> run = Run.model_validate({"runId": "r", "status": "completed", "outputs": [
    ...     {"id": "n", "label": "../Caption", "type": "text", "value": "Hello", "status": "completed"}]})
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     [Path(saved.path).name for saved in download(run, folder)]
    ['01-Caption.txt']
    """
    import httpx

    Path(folder).mkdir(parents=True, exist_ok=True)
    width = max(2, len(str(len(run.outputs))))
    with httpx.Client(follow_redirects=True, max_redirects=_HOPS, timeout=30) as http:
        saver = _Saver(http, Path(folder), largest)
        return tuple(
            saver.saved(place, output, f"{place:0{width}}-{safe(output.title)}{part}", value)
            for place, output in enumerate(run.outputs, 1)
            if output.state == "done"
            for part, value in _parts(output.value)
        )


def safe(title: str) -> str:
    """Return a title as part of a file's name that is one on every system.

    >>> safe("../A+ banner: «16/9»")
    'A-banner-16-9'
    """
    plainly = unicodedata.normalize("NFKC", title)
    return re.sub(r"[^\w]+", "-", plainly, flags=re.UNICODE).strip("-_")[:60] or "output"


class _Saver:
    """Writes outputs into a folder."""

    def __init__(self, http: "httpx.Client", folder: Path, largest: int) -> None:
        self.http, self.folder, self.largest = http, folder, largest

    def saved(self, place: int, output: RunOutput, name: str, value: Any) -> Saved:
        """Write one value; return the file or the problem."""
        import httpx

        try:
            path, size = self._written(output, name, value)
            return Saved(place=place, output=output.title, path=str(path), size=size)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            said = one_line(str(error), 300)
            return Saved(place=place, output=output.title, problem=said or type(error).__name__)

    def _written(self, output: RunOutput, name: str, value: Any) -> tuple[Path, int]:
        if output.type == "text" and isinstance(value, str):
            return self._put(f"{name}.txt", value.encode("utf-8", "backslashreplace"))
        if not isinstance(value, str):
            return self._put(f"{name}.json", canonical(value).encode("utf-8", "backslashreplace"))
        if urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("its value is no http or https address")
        return self._fetched(name, value)

    def _put(self, name: str, content: bytes) -> tuple[Path, int]:
        if len(content) > self.largest:
            raise ValueError(f"larger than {self.largest:,} bytes")
        write(self.folder / name, content)
        return self.folder / name, len(content)

    def _fetched(self, name: str, url: str) -> tuple[Path, int]:
        with self.http.stream("GET", url) as response:
            if response.status_code != 200:
                raise ValueError(f"its address answered {response.status_code}")
            if int(response.headers.get("content-length", "0") or 0) > self.largest:
                raise ValueError(f"larger than {self.largest:,} bytes")
            path = self.folder / (name + _ending(url, response.headers.get("content-type", "")))
            return path, self._streamed(path, response.iter_bytes())

    def _streamed(self, path: Path, parts: Iterable[bytes]) -> int:
        """Write a file whole or not at all, without holding it in memory; return its size."""
        until, size = time.monotonic() + _SECONDS, 0
        with writing(path) as file:
            for part in parts:
                size += file.write(part)
                if size > self.largest:
                    raise ValueError(f"larger than {self.largest:,} bytes")
                if time.monotonic() > until:
                    raise ValueError(f"not complete after {_SECONDS} s")
        return size


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """The values of an output, each with what tells its file from the others'."""
    values = value if isinstance(value, list) else [value]
    for number, each in enumerate(values, 1):
        inner = each.get("url") if isinstance(each, dict) else None
        yield f"-{number}" if len(values) > 1 else "", inner if isinstance(inner, str) else each


def _ending(url: str, media_type: str) -> str:
    """The ending of a file: that of the address where it is one of media, else that of the media type."""
    given = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
    if given in _ENDINGS.values() or given == ".jpeg":
        return given
    return _ENDINGS.get(media_type.split(";")[0].strip().lower(), ".bin")


_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/avif": ".avif",
    "image/svg+xml": ".svg",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/ogg": ".ogg",
    "audio/mp4": ".m4a",
    "model/gltf-binary": ".glb",
    "text/plain": ".txt",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
}
"""The media that are given an ending; anything else becomes `.bin`, which no program opens by itself."""
