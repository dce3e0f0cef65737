"""Credentials, base URL and the configuration file: the surroundings, read here and only here."""

import ipaddress
import json
import os
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic.alias_generators import to_camel

from lamina_graph.errors import ConfigError, CredentialsError, InputError
from lamina_graph.validation_errors import unknown_text

DEFAULT_BASE_URL = "https://app.uselamina.ai"
CONFIG_NAME = ".lamina-graph.toml"

_FROZEN = ConfigDict(frozen=True, extra="forbid")
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?")


class Settings(BaseModel):
    """Credentials and base URL of the API, and where each comes from; printing it does not show the key."""

    model_config = _FROZEN

    key: SecretStr | None = None
    kind: Literal["apikey", "oauth"] = "apikey"
    key_source: str = "the caller"
    expires_at: datetime | None = None
    base_url: str = DEFAULT_BASE_URL
    base_url_source: str = "the default"
    workspace_id: str | None = None
    warnings: tuple[str, ...] = ()

    @classmethod
    def read(cls, env: Mapping[str, str] = os.environ, home: Path | None = None) -> Self:
        """Return the settings of an environment: `LAMINA_API_KEY`, else the login saved in the home folder.

        A saved base URL goes with the saved key only, as in Lamina's own command line: no file that is left
        over decides where a key from elsewhere is sent.

        >>> Settings.read({"LAMINA_API_KEY": "lma_x"}, Path("/nowhere")).describe()["from"]
        'LAMINA_API_KEY'
        """
        values: dict[str, Any] = {"workspace_id": env.get("LAMINA_WORKSPACE_ID", "").strip() or None}
        if key := env.get("LAMINA_API_KEY", "").strip():
            values |= {"key": key, "key_source": "LAMINA_API_KEY"}
        else:
            values |= _read_login((home or Path.home()) / ".lamina" / "config.json")
        if base_url := env.get("LAMINA_BASE_URL", "").strip():
            values |= {"base_url": base_url, "base_url_source": "LAMINA_BASE_URL"}
        return cls(**values)

    @property
    def has_credentials(self) -> bool:
        """Whether there is a key at all, expired or not."""
        return self.key is not None

    @property
    def address(self) -> str:
        """The base URL as anyone may see it: a password that stands in it is left out."""
        return re.sub(r"//[^/?#]*@", "//***@", self.base_url)

    def usable_key(self, now: datetime | None = None) -> SecretStr:
        """Return the key, if it may be sent to the base URL: the one place where a key is handed out.

        Raises:
            InputError: the base URL is not one, or the key would cross a network in plain text.
            CredentialsError: there is no key, it has expired, or it cannot be one.
        """
        if problem := self._address_problem():
            raise InputError(
                problem, f"Set LAMINA_BASE_URL to an address such as {DEFAULT_BASE_URL}, or unset it."
            )
        if self.key is None:
            raise CredentialsError("no credentials: LAMINA_API_KEY is not set, and there is no saved login")
        if self.expires_at and self.expires_at <= (now or datetime.now(UTC)):
            raise CredentialsError(
                f"the login saved in {self.key_source} expired at {self.expires_at:%Y-%m-%d %H:%M} UTC",
                hint="Run `lamina login`, which renews it, or set LAMINA_API_KEY.",
            )
        if not _fits_header(self.key.get_secret_value()):
            raise CredentialsError(
                f"the key from {self.key_source} holds line breaks, spaces or other foreign characters"
            )
        if not _fits_header(self.workspace_id or ""):
            raise InputError(
                "LAMINA_WORKSPACE_ID holds characters that no id has", "Copy the id again, or unset it."
            )
        return self.key

    def describe(self) -> dict[str, Any]:
        """Return what anyone may see: which credentials, from where, for which address; never the key."""
        return {
            "credentials": self.kind if self.key else None,
            "from": self.key_source if self.key else None,
            "expires": self.expires_at.isoformat() if self.expires_at else None,
            "base_url": self.address,
            "base_url_from": self.base_url_source,
            "workspace": self.workspace_id,
            "warnings": [text for text in (*self.warnings, self._address_problem()) if text],
        }

    def _address_problem(self) -> str:
        problem = _why_unsafe(self.base_url, self.has_credentials)
        return f"base URL from {self.base_url_source}: {problem}" if problem else ""


class Config(BaseModel):
    """The sections of a `.lamina-graph.toml`; the content of each is checked by the room that uses it."""

    model_config = _FROZEN

    path: Path | None = None
    vocabulary: dict[str, Any] = Field(default_factory=dict)
    category: tuple[dict[str, Any], ...] = ()
    diff: dict[str, Any] = Field(default_factory=dict)
    accept: tuple[dict[str, Any], ...] = ()
    report: dict[str, Any] = Field(default_factory=dict)


def find_config(start: Path) -> Path | None:
    """Return the nearest `.lamina-graph.toml`, looked for in a folder and upwards; None where there is none.

    >>> find_config(Path("/"))
    """
    folder = Path(start).resolve()
    places = (up / CONFIG_NAME for up in (folder, *folder.parents))
    return next((place for place in places if os.path.isfile(place)), None)  # one above may be closed


def load_config(path: str | Path) -> Config:
    """Return the configuration in a file.

    Raises:
        ConfigError: it cannot be read, is not TOML, or has an unknown section; it names file and field.
    """
    sections = read_toml(Path(path))
    _reject_unknown("", sections, _SECTIONS.keys(), path)
    for name, section in sections.items():
        _check_section(name, section, path)
    _reject_unknown("diff.", sections.get("diff", {}), {"severity"}, path)
    return Config(path=Path(path), **sections)


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises:
        ConfigError: it cannot be read, is not TOML, or has a number beyond the 64 bits that TOML allows.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigError(str(path), "", f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), "", f"not UTF-8 text (byte {error.start})") from error
    except RecursionError as error:
        raise ConfigError(str(path), "", "not TOML: nested too deeply") from error
    except ValueError as error:
        problem = "a number has too many digits" if "limit (" in str(error) else f"not TOML: {error}"
        raise ConfigError(str(path), "", problem) from error
    field = next(_fields_beyond_bounds(tables), None)
    if field is not None:
        raise ConfigError(str(path), field, "a number beyond 64 bits")
    return tables


def _fields_beyond_bounds(value: Any, field: str = "") -> Iterator[str]:
    """Yield the fields of which the whole number is larger than a reader of TOML must take."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        yield field
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _fields_beyond_bounds(inner, f"{field}.{name}" if field else name)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _fields_beyond_bounds(inner, f"{field}[{number}]")


_SECTIONS = {"vocabulary": dict, "category": list, "diff": dict, "accept": list, "report": dict}


class _Login(BaseModel):
    """The credentials in `~/.lamina/config.json`, of the kinds this package knows."""

    model_config = ConfigDict(alias_generator=to_camel)

    kind: Literal["apikey", "oauth"]
    api_key: str
    base_url: str = DEFAULT_BASE_URL
    expires_at: datetime | None = None

    @field_validator("expires_at", mode="after")
    @classmethod
    def _aware(cls, moment: datetime | None) -> datetime | None:
        return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


class _SavedFile(BaseModel):
    version: Literal[1]
    credentials: _Login


def _read_login(path: Path) -> dict[str, Any]:
    """Return the settings that `lamina login` saved; what cannot be used counts as none, with a warning."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        return {"warnings": (f"{path} cannot be read: {error.strerror or error}",)}
    try:
        login = _SavedFile.model_validate(json.loads(content)).credentials
    except (ValueError, RecursionError):
        return {"warnings": (f"{path} holds no credentials of a known version and kind; it is not used",)}
    mode = path.stat().st_mode & 0o777
    warning = f"{path} has mode {mode:04o}: others may read the key in it. Run `chmod 600 {path}`."
    return {
        "key": login.api_key.strip() or None,
        "kind": login.kind,
        "key_source": str(path),
        "expires_at": login.expires_at if login.kind == "oauth" else None,
        "base_url": login.base_url,
        "base_url_source": str(path),
        "warnings": (warning,) if os.name == "posix" and mode & 0o077 else (),
    }


def _fits_header(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _why_unsafe(url: str, has_key: bool) -> str:
    """Return why the key must not go to a URL; empty where it may."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "not a URL"
    if "@" in parts.netloc or "?" in url or "#" in url:
        return "only a scheme, a host, a port and a path may be in it"
    printable = url.isprintable() and _HOST.fullmatch(parts.netloc)
    if parts.scheme not in ("http", "https") or not host or not printable:
        return "expected http:// or https:// and a host"
    if parts.scheme == "http" and has_key and not _is_loopback(host):
        return f"the key would go to {host} in plain text; use https"
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reject_unknown(prefix: str, given: Iterable[str], names: Collection[str], path: str | Path) -> None:
    for name in given:
        if name not in names:
            raise ConfigError(str(path), prefix + name, unknown_text(name, sorted(names), prefix))


def _check_section(name: str, section: Any, path: str | Path) -> None:
    form = {dict: f"[{name}]", list: f"[[{name}]]"}[_SECTIONS[name]]
    tables = section if isinstance(section, list) else [section]
    if not isinstance(section, _SECTIONS[name]) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError(str(path), name, f"expected a section: `{form}`")
