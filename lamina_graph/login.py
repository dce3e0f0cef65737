"""The login that Lamina's own command line saved, renewed in its file: by one process at a time.

The server gives a new refresh token with each renewal and takes the old one no more. So whoever renews holds
a lock, reads the file again first, since another may have renewed it, and has a place for the new pair before
asking for it. Until the new file takes the place of the old one, the old one stays as it is.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel, Field, SecretStr

from lamina_graph.errors import InputError
from lamina_graph.files import writing
from lamina_graph.settings import Settings

Renewal = Mapping[str, str]
"""The body of the request for a new pair of tokens."""


class Tokens(BaseModel):
    """What the server answers to a `Renewal`; printing it shows no token."""

    access_token: SecretStr = Field(min_length=1)
    refresh_token: SecretStr | None = None
    expires_in: float | None = Field(None, gt=0, lt=1e9)
    scope: str | None = None


def renew(settings: Settings, request_tokens: Callable[[Renewal], Tokens]) -> Settings:
    """Return settings with a login that is valid again: as another process has renewed it, else renewed now.

    Args:
        settings: with a login that can be renewed.
        request_tokens: asks the server. What it raises passes through; the file is then as it was.

    Raises:
        InputError: the file of the login cannot be written, or is no longer a login. Nothing was asked for.
    """
    path = settings.login_path
    assert path
    try:
        with _locked(path.with_name(path.name + ".lock")):
            present = settings.reread()
            if present.key != settings.key:
                return present
            _renew_file(path.resolve(), present, request_tokens)
            return settings.reread()
    except OSError as error:
        problem = f"the login in {path} cannot be renewed there: {error.strerror or error}"
        raise InputError(problem, "Make the file and its folder writable, or set LAMINA_API_KEY.") from error


def _renew_file(path: Path, settings: Settings, request_tokens: Callable[[Renewal], Tokens]) -> None:
    try:
        saved = json.loads(path.read_bytes())
        expires = saved["credentials"].get("expiresAt")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        saved = expires = None
    if not settings.refresh_token or saved is None:
        raise InputError(f"{path} contains no login that can be renewed", "Run `lamina login` again.")
    path.chmod(0o600)  # which the new file takes over
    with writing(path) as file:
        tokens = request_tokens(
            {
                "grant_type": "refresh_token",
                "refresh_token": settings.refresh_token.get_secret_value(),
                "client_id": settings.client_id or "",
            }
        )
        saved["credentials"] |= _credentials(tokens, expires)
        file.write(json.dumps(saved, indent=2).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _credentials(tokens: Tokens, expires: Any) -> dict[str, Any]:
    """Return the fields of a saved login that a new pair changes; its end in the form of the one before."""
    now = datetime.now(UTC)
    fields: dict[str, Any] = {"apiKey": tokens.access_token.get_secret_value(), "savedAt": _stamp(now)}
    if tokens.refresh_token:
        fields["refreshToken"] = tokens.refresh_token.get_secret_value()
    if tokens.scope is not None:
        fields["scope"] = tokens.scope
    end = now + timedelta(seconds=tokens.expires_in) if tokens.expires_in else None
    if end and isinstance(expires, int | float):
        fields["expiresAt"] = round(end.timestamp() * (1000 if expires > _SECONDS_END else 1))
    else:
        fields["expiresAt"] = end and _stamp(end)
    return fields


_SECONDS_END = 2e10
"""Numbers above are milliseconds since 1970, not seconds; pydantic reads them likewise."""


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that processes share for as long as the block runs; the system lets go of a dead one's."""
    with open(path, "ab", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        _lock(file)
        yield


if sys.platform != "win32":
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)
else:
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        while True:
            try:  # it gives up after ten seconds
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                return
            except OSError as error:
                if error.errno not in (13, 36):
                    raise
