"""How this program came to be here, and so how to install it, or what it can use, somewhere else."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from importlib.metadata import Distribution

NAME = "lamina-graph"

EXTRAS = {
    "dask": "distributed>=2025.1",
    "mcp": "mcp>=2.3",
    "pdf": "typst>=0.15,<0.16",
    "postgres": "psycopg[binary]>=3.2.1",
    "webhooks": "cryptography>=43",
}
"""What each extra of this package needs, as pyproject.toml says it."""


def find_source(package: "Distribution | None" = None) -> str | None:
    """Return what pip must be given to install this very program elsewhere; None where that is not known.

    A package records where it was installed from (PEP 610): of a git repository that is its address with the
    commit, of an archive its address with the hash, of a package index the exact version. A folder or a file
    of this machine is nowhere else.

    Args:
        package: another package than this one.
    """
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        package = package or distribution(NAME)
        record = package.read_text("direct_url.json")
        origin = json.loads(record) if record else None
    except (PackageNotFoundError, ValueError):
        return None
    if origin is None:
        return f"{package.name}=={package.version}" if package.read_text("INSTALLER") else None
    return _describe_origin(package.name, origin) if isinstance(origin, dict) else None


def _describe_origin(name: str, origin: Mapping[str, Any]) -> str | None:
    url = _without_password(str(origin.get("url") or ""))
    vcs, archive = (origin.get(key) for key in ("vcs_info", "archive_info"))
    if urlsplit(url).scheme not in ("https", "ssh"):
        return None
    folder = origin.get("subdirectory")
    if isinstance(vcs, dict) and vcs.get("commit_id"):
        return f"{name} @ {vcs.get('vcs', 'git')}+{url}@{vcs['commit_id']}" + (
            f"#subdirectory={folder}" if folder else ""
        )
    if isinstance(archive, dict):
        hashes = archive.get("hashes") or {}
        known = next((f"{kind}={value}" for kind, value in sorted(hashes.items(), reverse=True)), "")
        marks = "&".join(filter(None, (known, f"subdirectory={folder}" if folder else "")))
        return f"{name} @ {url}" + (f"#{marks}" if marks else "")
    return None


def _without_password(url: str) -> str:
    """Return an address without the name and the password in it; of ssh the name `git` stays."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    kept = f"{user}@" if at and parts.scheme == "ssh" and user == "git" else ""
    return urlunsplit(parts._replace(netloc=kept + host))


def why_no_requirement(text: str) -> str:
    """Return why a text cannot stand in a recipe as what pip is to install; empty where it can.

    >>> why_no_requirement("lamina-graph==1.2"), why_no_requirement("--index-url=x")
    ('', 'it begins with a dash, as an option of pip does')
    """
    if not text.strip():
        return "it is empty"
    if not text.isprintable() or "${{" in text:
        return "it holds a line break, or an expression of GitHub"
    return "it begins with a dash, as an option of pip does" if text.lstrip().startswith("-") else ""


def install_hint(extra: str) -> str:
    """Return how to install what an extra of this package needs, by the names of the packages themselves.

    So it holds however this program was installed: its own name may be on no package index.

    >>> install_hint("pdf")
    "Install it: pip install 'typst>=0.15,<0.16'"
    """
    return f"Install it: pip install '{EXTRAS[extra]}'"
