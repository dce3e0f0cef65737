"""The outputs of a run as files: named safely, no larger than allowed, fetched without the key.

A download that breaks off goes on where it stopped, where the server can do that, else from its start.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from lamina_graph.bounded_http import ENCODINGS, TRANSIENT_STATUSES, open_client, unpack, within
from lamina_graph.client import RetryPolicy
from lamina_graph.files import canonical
from lamina_graph.model import Run, RunOutput, Value
from lamina_graph.replacing import replacing_below, write_below
from lamina_graph.text import one_line

if TYPE_CHECKING:
    import httpx
    from tenacity import Retrying

MAX_BYTES = 2 * 1024**3
"""The most bytes that one output may have."""

_SECONDS = 900  # for one output
_MOST_REDIRECTS = 5


class DownloadedFile(Value):
    """The file that holds one output of a run, or the problem that kept it from being written.

    Attributes:
        place: of the output in its run, from 1.
        output: its label.
    """

    place: int
    output: str
    path: str | None = None
    size: int = 0
    problem: str = ""


def download(
    run: Run,
    folder: str | Path,
    *,
    max_bytes: int = MAX_BYTES,
    retry_policy: RetryPolicy | None = None,
    allow_private: bool = False,
) -> tuple[DownloadedFile, ...]:
    """Write the finished outputs of a run into a folder and return what became of each.

    Media are fetched from their http or https addresses by a client of its own, which knows no key; texts and
    data are written as they are. Files are named by the output's place and label. One output that cannot be
    had does not stop the others.

    Args:
        run: whose outputs.
        folder: made where it does not exist.
        max_bytes: the most bytes that one output may have.
        retry_policy: how often and after what pauses a download that fails goes on.
        allow_private: whether an address may lead into a private network or to this machine. Otherwise those
            of the public internet alone are fetched, also after redirects.

    >>> run = Run.model_validate({"runId": "r", "status": "completed", "outputs": [
    ...     {"id": "n", "label": "../Caption", "type": "text", "value": "Hello", "status": "completed"}]})
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     [Path(saved.path).name for saved in download(run, folder)]
    ['01-Caption.txt']
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    width = max(2, len(str(len(run.outputs))))
    with open_client(public=not allow_private, timeout=30) as http:
        downloader = _Downloader(http, Path(folder), max_bytes, retry_policy or RetryPolicy())
        return tuple(
            downloader.save(place, output, f"{place:0{width}}-{safe_name(output.title)}{part}", value)
            for place, output in enumerate(run.outputs, 1)
            if output.state == "done"
            for part, value in _split_values(output.value)
        )


def safe_name(title: str) -> str:
    """Return a title as part of a file's name that is one on every system.

    >>> safe_name("../A+ banner: «16/9»")
    'A-banner-16-9'
    """
    return re.sub(r"\W+", "-", unicodedata.normalize("NFKC", title)).strip("-_")[:60] or "output"


class _Downloader:
    """Writes outputs into a folder."""

    def __init__(self, http: "httpx.Client", folder: Path, max_bytes: int, policy: RetryPolicy) -> None:
        self.http, self.folder, self.max_bytes, self.policy = http, folder, max_bytes, policy

    def save(self, place: int, output: RunOutput, name: str, value: Any) -> DownloadedFile:
        """Write one value; return the file or the problem."""
        import httpx

        try:
            path, size = self._save_value(output.type, name, value)
            return DownloadedFile(place=place, output=output.title, path=str(path), size=size)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            problem = one_line(str(error), 300) or type(error).__name__
            return DownloadedFile(place=place, output=output.title, problem=problem)

    def _save_value(self, type_: str | None, name: str, value: Any) -> tuple[Path, int]:
        if isinstance(value, str) and type_ != "text":
            return self._fetch(name, value)
        text, ending = (value, ".txt") if isinstance(value, str) else (canonical(value), ".json")
        content = text.encode("utf-8", "backslashreplace")
        self._check_size(len(content))
        write_below(self.folder, f"{name}{ending}", content)
        return self.folder / f"{name}{ending}", len(content)

    def _fetch(self, name: str, url: str) -> tuple[Path, int]:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError("its value is not an http or https address")
        path = self.folder / name
        with replacing_below(self.folder, name) as file:
            transfer = _Transfer(file, url)
            with within(_SECONDS):
                self._retrying(self._continue, transfer)
            size = file.tell()
        return path.replace(path.with_name(name + _choose_extension(url, transfer.kind))), size

    @cached_property
    def _retrying(self) -> "Retrying":
        import httpx
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

        transient = (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError, _TransientError)
        return Retrying(
            retry=retry_if_exception_type(transient),
            stop=stop_after_attempt(self.policy.attempts),
            wait=wait_exponential(self.policy.first_wait, self.policy.longest_wait),
            reraise=True,
        )

    def _continue(self, transfer: "_Transfer") -> None:
        """Fetch what is left of a file; all of it where the server does not give the rest alone."""
        with closing(self._open(transfer)) as response:
            transfer.accept(response)
            self._check_size(transfer.file.tell() + int(response.headers.get("content-length", "0") or 0))
            for part in unpack(response):
                self._check_size(transfer.file.tell() + len(part))
                transfer.file.write(part)

    def _open(self, transfer: "_Transfer") -> "httpx.Response":
        """Return the answer that redirects lead to; httpx would read the bodies of all on the way."""
        request = self.http.build_request("GET", transfer.url, headers=transfer.headers)
        for _ in range(_MOST_REDIRECTS):
            response = self.http.send(request, stream=True, follow_redirects=False)
            if response.next_request is None:
                return response
            response.close()
            request = response.next_request
        raise ValueError(f"redirected {_MOST_REDIRECTS} times")

    def _check_size(self, size: int) -> None:
        if size > self.max_bytes:
            raise ValueError(f"larger than {self.max_bytes:,} bytes")


class _TransientError(ValueError):
    """A refusal that may be gone at the next attempt."""


@dataclass
class _Transfer:
    """A file that is being fetched: its media type, and what tells its version from others."""

    file: IO[bytes]
    url: str
    kind: str = ""
    tag: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What asks for the rest of the same version alone, where something of it is there."""
        size = self.file.tell()
        rest = {"range": f"bytes={size}-", "if-range": self.tag} if size and self.tag else {}
        return {"accept-encoding": ENCODINGS, **rest}

    def accept(self, response: "httpx.Response") -> None:
        """Prepare for an answer: the rest of the file, or the whole of it again.

        Raises:
            ValueError: it is neither.
        """
        status, span = response.status_code, response.headers.get("content-range", "")
        if status == 200:
            self.file.seek(0)
            self.file.truncate()
        elif status != 206:
            kind = _TransientError if status in TRANSIENT_STATUSES else ValueError
            raise kind(f"its address answered {status}")
        elif "range" not in self.headers or not span.startswith(f"bytes {self.file.tell()}-"):
            raise ValueError("its address answered with another part of the file")
        self.kind, self.tag = response.headers.get("content-type", self.kind), _strong_etag(response)


def _strong_etag(response: "httpx.Response") -> str:
    """Return the tag of a version of a file; empty where it is weak, or the file is packed."""
    tag = response.headers.get("etag", "")
    packed = response.headers.get("content-encoding", "identity") != "identity"
    return "" if packed or tag.startswith("W/") else tag


def _split_values(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the values of an output, each with a suffix for its file where there are several."""
    values = value if isinstance(value, list) else [value]
    for number, part in enumerate(values, 1):
        url = part.get("url") if isinstance(part, dict) else None
        yield f"-{number}" if len(values) > 1 else "", url if isinstance(url, str) else part


def _choose_extension(url: str, media_type: str) -> str:
    """Return the ending of a file: that of the address where it is one of media, else of the media type."""
    suffix = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
    if suffix in _ENDINGS.values() or suffix == ".jpeg":
        return suffix
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
