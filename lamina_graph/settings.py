"""Credentials, base URL and the configuration file: the surroundings, read here and only here."""

import ipaddress
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic.alias_generators import to_camel

from lamina_graph.errors import ConfigError, CredentialsError, InputError
from lamina_graph.validation_errors import unknown_text

DEFAULT_BASE_URL = "https://app.uselamina.ai"
CONFIG_NAME = ".lamina-graph.toml"

RENEW_BEFORE = timedelta(seconds=60)
"""How long before its end a login is renewed, as Lamina's own command line does it."""

_LOGIN_LASTS = timedelta(days=30)
"""About how long a refresh token can be used, counted from when it was saved."""

_WARN_BEFORE = timedelta(days=5)

_FROZEN = ConfigDict(frozen=True, extra="forbid", defer_build=True)
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?")


class Settings(BaseModel):
    """Credentials and base URL of the API, and where each comes from; printing it does not show the key."""

    model_config = _FROZEN

    key: SecretStr | None = None
    kind: Literal["apikey", "oauth"] = "apikey"
    key_source: str = "the caller"
    expires_at: datetime | None = None
    refresh_token: SecretStr | None = None
    client_id: str | None = None
    saved_at: datetime | None = None
    login_path: Path | None = None
    login_url: str = DEFAULT_BASE_URL
    base_url: str = DEFAULT_BASE_URL
    base_url_source: str = "the default"
    workspace_id: str | None = None
    store: str | None = None
    post_secret: SecretStr = SecretStr("")
    warnings: tuple[str, ...] = ()

    @classmethod
    def read(cls, env: Mapping[str, str] = os.environ, home: Path | None = None) -> Self:
        """Return the settings of an environment: `LAMINA_API_KEY`, else the login saved in the home folder.

        A saved base URL goes with the saved key only, as in Lamina's own command line: no file that is left
        over decides where a key from elsewhere is sent.

        >>> Settings.read({"LAMINA_API_KEY": "lma_x"}, Path("/nowhere")).describe()["from"]
        'LAMINA_API_KEY'
        """
        values: dict[str, Any] = {
            "workspace_id": env.get("LAMINA_WORKSPACE_ID", "").strip() or None,
            "store": env.get("LAMINA_GRAPH_STORE", "").strip() or None,
            "post_secret": env.get("LAMINA_GRAPH_POST_SECRET", "").strip(),
        }
        if key := env.get("LAMINA_API_KEY", "").strip():
            values |= {"key": key, "key_source": "LAMINA_API_KEY"}
        else:
            values |= _read_login((home or Path.home()) / ".lamina" / "config.json")
        if base_url := env.get("LAMINA_BASE_URL", "").strip():
            values |= {"base_url": base_url, "base_url_source": "LAMINA_BASE_URL"}
        return cls(**values)

    def reread(self) -> Self:
        """Return these settings with the login as its file has it now."""
        values = _read_login(self.login_path) if self.login_path else {}
        names = ("key", "expires_at", "refresh_token", "client_id", "saved_at")
        return self.model_copy(update={name: values.get(name) for name in names if "key" in values})

    @property
    def has_credentials(self) -> bool:
        """Whether there is a key at all, expired or not."""
        return self.key is not None

    @property
    def is_renewable(self) -> bool:
        """Whether the key is that of a login that can be renewed."""
        return self.kind == "oauth" and self.key is not None and self.refresh_token is not None

    def needs_renewal(self) -> bool:
        """Whether the login has ended, or is about to, and can be renewed."""
        ends = self.expires_at
        return self.is_renewable and ends is not None and ends - RENEW_BEFORE <= datetime.now(UTC)

    def is_expired(self, now: datetime | None = None) -> bool:
        """Whether the key is that of a login whose time is over."""
        return self.expires_at is not None and self.expires_at <= (now or datetime.now(UTC))

    @property
    def login_ends(self) -> datetime | None:
        """When the login can no longer be renewed, unless it is before; about, since no server says so."""
        if self.kind != "oauth" or self.key is None:
            return None
        return self.saved_at and self.saved_at + _LOGIN_LASTS if self.is_renewable else self.expires_at

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
        if self.expires_at and self.is_expired(now):
            raise CredentialsError(
                f"the login saved in {self.key_source} expired at {self.expires_at:%Y-%m-%d %H:%M} UTC",
                hint="Run `lamina login` again, or set LAMINA_API_KEY, which does not expire.",
            )
        if not _fits_header(self.key.get_secret_value()):
            raise CredentialsError(
                f"the key from {self.key_source} contains line breaks, spaces or characters that no key has"
            )
        if not _fits_header(self.workspace_id or ""):
            raise InputError(
                "LAMINA_WORKSPACE_ID contains characters that no id has", "Copy the id again, or unset it."
            )
        return self.key

    def describe(self) -> dict[str, Any]:
        """Return what anyone may see: which credentials, from where, until when, for which address.

        Neither the key nor a token is in it.
        """
        return {
            "credentials": self.kind if self.key else None,
            "from": self.key_source if self.key else None,
            "expires": self.expires_at.isoformat() if self.expires_at else None,
            "renewable": self.is_renewable,
            "login_ends": self.login_ends.isoformat() if self.login_ends else None,
            "base_url": self.address,
            "base_url_from": self.base_url_source,
            "workspace": self.workspace_id,
            "warnings": [
                text
                for text in (*self.warnings, self._address_problem(), self._ending(datetime.now(UTC)))
                if text
            ],
        }

    def _ending(self, now: datetime) -> str:
        """Return a warning where the login is over, or is soon."""
        ends = self.login_ends
        if ends is None or ends - _WARN_BEFORE > now:
            return ""
        about = "about " if self.is_renewable else ""
        day = f"{about}{ends:%Y-%m-%d %H:%M} UTC"
        if ends > now and self.is_renewable:
            return f"the login ends {day} unless it is used before; each use renews it"
        verb = "ends" if ends > now else "ended"
        return f"the login {verb} {day}, and {_REMEDY}"

    @property
    def token_url(self) -> str:
        """The address at which the login is renewed: of the host that gave it, whatever else is asked.

        Raises:
            InputError: the tokens would cross a network in plain text, or the address is not one.
        """
        if problem := _why_unsafe(self.login_url, has_key=True):
            raise InputError(f"base URL in {self.login_path}: {problem}", "Run `lamina login` again.")
        return f"{self.login_url.rstrip('/')}/cli/oauth/token"

    def _address_problem(self) -> str:
        problem = _why_unsafe(self.base_url, self.has_credentials)
        return f"base URL from {self.base_url_source}: {problem}" if problem else ""


_REMEDY = "cannot be renewed: run `lamina login` again, or set LAMINA_API_KEY, which does not expire"


class Config(BaseModel):
    """The sections of a `.lamina-graph.toml`; the content of each is checked where it is used."""

    model_config = _FROZEN

    path: Path | None = None
    vocabulary: dict[str, Any] = Field(default_factory=dict)
    category: tuple[dict[str, Any], ...] = ()
    diff: dict[str, Any] = Field(default_factory=dict)
    accept: tuple[dict[str, Any], ...] = ()
    report: dict[str, Any] = Field(default_factory=dict)
    store: dict[str, Any] = Field(default_factory=dict)

    @property
    def store_url(self) -> str | None:
        """The store that `[store]` names; a path is taken from the folder of the file."""
        url = self.store.get("url")
        if url is None or "://" in url or self.path is None:
            return url
        return str(self.path.parent / Path(url).expanduser())


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
    _reject_unknown("", sections, Config.model_fields.keys() - {"path"}, path)
    for name, section in sections.items():
        _check_section(name, section, path)
    _reject_unknown("diff.", sections.get("diff", {}), {"severity", "ignore"}, path)
    _check_store(sections.get("store", {}), path)
    return Config(path=Path(path), **sections)


def default_url() -> str:
    """Return the URL of the store that is used where none is named: an SQLite file in the user's data folder.

    >>> default_url().startswith("sqlite:///")
    True
    """
    from platformdirs import user_data_path

    return f"sqlite:///{user_data_path('lamina-graph', appauthor=False) / 'store.db'}"


def _check_store(section: Mapping[str, Any], path: str | Path) -> None:
    _reject_unknown("store.", section, {"url"}, path)
    url = section.get("url", "lamina.db")
    if not isinstance(url, str) or not url.strip():
        raise ConfigError(str(path), "store.url", 'expected a file or an address, such as `"lamina.db"`')


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises:
        ConfigError: it cannot be read, is not TOML, or has a number beyond the 64 bits that TOML allows.
    """
    import tomllib

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
        raise ConfigError(str(path), field, "a number of more than 64 bits")
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


class _Login(BaseModel):
    """The credentials in `~/.lamina/config.json`, of the kinds this package knows."""

    model_config = ConfigDict(alias_generator=to_camel, defer_build=True)

    kind: Literal["apikey", "oauth"]
    api_key: str
    base_url: str = DEFAULT_BASE_URL
    expires_at: datetime | None = None
    saved_at: Any = None
    refresh_token: SecretStr | None = None
    client_id: str | None = None

    @field_validator("expires_at", mode="after")
    @classmethod
    def _aware(cls, moment: datetime | None) -> datetime | None:
        return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


class _SavedFile(BaseModel):
    model_config = ConfigDict(defer_build=True)

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
        return {"warnings": (f"{path} contains no credentials of a known version and kind; it is ignored",)}
    mode = path.stat().st_mode & 0o777
    warning = f"{path} has mode {mode:04o}: others may read the key in it. Run `chmod 600 {path}`."
    return {
        "key": SecretStr(login.api_key.strip()) if login.api_key.strip() else None,
        "kind": login.kind,
        "key_source": str(path),
        **(_read_tokens(login, path) if login.kind == "oauth" else {}),
        "base_url": login.base_url,
        "base_url_source": str(path),
        "warnings": (warning,) if os.name == "posix" and mode & 0o077 else (),
    }


def _read_tokens(login: _Login, path: Path) -> dict[str, Any]:
    """Return the settings that only a login has which ends."""
    saved = login.saved_at if isinstance(login.saved_at, str) else ""
    try:
        moment = datetime.fromisoformat(saved)
    except ValueError:
        moment = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    token = login.refresh_token
    return {
        "expires_at": login.expires_at,
        "refresh_token": token if token and token.get_secret_value().strip() else None,
        "client_id": login.client_id,
        "saved_at": moment if moment.tzinfo else moment.replace(tzinfo=UTC),
        "login_path": path,
        "login_url": login.base_url,
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
        return "it may contain only a scheme, a host, a port and a path"
    printable = url.isprintable() and _HOST.fullmatch(parts.netloc)
    if parts.scheme not in ("http", "https") or not host or not printable:
        return "expected http:// or https:// and a host"
    if parts.scheme == "http" and has_key and not is_loopback(host):
        return f"the key would go to {host} in plain text; use https"
    return ""


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine.

    >>> is_loopback("127.0.0.1"), is_loopback("example.org")
    (True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reject_unknown(prefix: str, given: Iterable[str], names: Collection[str], path: str | Path) -> None:
    for name in given:
        if name not in names:
            raise ConfigError(str(path), prefix + name, unknown_text(name, sorted(names), prefix))


def _check_section(name: str, section: Any, path: str | Path) -> None:
    many = name in ("category", "accept")
    tables = section if many and isinstance(section, list) else [section]
    if not all(isinstance(table, dict) for table in tables) or (many and tables is not section):
        form = f"[[{name}]]" if many else f"[{name}]"
        raise ConfigError(str(path), name, f"expected a section: `{form}`")
