"""The one comment of a program on a pull request of GitHub: found, written, left alone, or cleared."""

import json
from typing import Any, Literal, NamedTuple
from urllib.parse import quote, urlsplit

from lamina_graph.delivery import send
from lamina_graph.errors import DeliveryError

MOST_CHARACTERS = 65_536
"""What GitHub takes as a comment."""

Outcome = Literal["created", "updated", "unchanged", "none"]

_PAGE = 100
_MOST_PAGES = 50


class PullRequest(NamedTuple):
    """A pull request, and by what right it is written to; printing it does not show the token."""

    api_url: str
    repository: str
    number: int
    token: str

    def __repr__(self) -> str:
        return f"PullRequest({self.repository}#{self.number})"


def keep_comment(pull_request: PullRequest, marker: str, digest: str, body: str, *, create: bool) -> Outcome:
    """Let a pull request have one comment with a marker, which says this; return what was done.

    The comment is found by its first line, which no reader sees, and by its author: what a person wrote is
    never written over. It is left alone where its second line has the same digest.

    Args:
        pull_request: which one.
        marker: what tells this comment from those of other programs, and of other uses of this one.
        digest: of what the comment says, without what differs from run to run.
        body: what it says.
        create: whether it is written where there is none.

    Raises:
        DeliveryError: GitHub did not allow it, or gave no answer.
    """
    first, second = f"<!-- lamina-graph {marker} -->", f"<!-- {digest} -->"
    own = _find(pull_request, first)
    content = json.dumps({"body": f"{first}\n{second}\n{body}"}).encode()
    if own is None:
        if create:
            _ask("POST", pull_request, _list_path(pull_request), content)
        return "created" if create else "none"
    if own["body"].splitlines()[1:2] == [second]:
        return "unchanged"
    _ask(
        "PATCH",
        pull_request,
        f"/repos/{_path(pull_request.repository)}/issues/comments/{int(own['id'])}",
        content,
    )
    return "updated"


def _find(pull_request: PullRequest, first: str) -> dict[str, Any] | None:
    """Return the oldest comment of a program that begins with a line."""
    for page in range(1, _MOST_PAGES + 1):
        comments = _ask("GET", pull_request, f"{_list_path(pull_request)}?per_page={_PAGE}&page={page}")
        for comment in comments:
            if _is_own(pull_request, comment, first):
                return dict(comment)
        if len(comments) < _PAGE:
            return None
    return None


def _is_own(pull_request: PullRequest, comment: Any, first: str) -> bool:
    if not isinstance(comment, dict) or not str(comment.get("body") or "").startswith(first):
        return False
    author = comment.get("user") or {}
    return author.get("type") == "Bot" or author.get("login") == _login(pull_request)


def _login(pull_request: PullRequest) -> str | None:
    """Return whose the token is, where it is a person's."""
    try:
        login = _ask("GET", pull_request, "/user").get("login")
    except DeliveryError:
        return None  # a token of GitHub Actions may not ask
    return str(login) if login else None


def _list_path(pull_request: PullRequest) -> str:
    return f"/repos/{_path(pull_request.repository)}/issues/{pull_request.number}/comments"


def _path(text: str) -> str:
    return quote(text, safe="/")


def _ask(method: str, pull_request: PullRequest, path: str, body: bytes | None = None) -> Any:
    headers = {
        "accept": "application/vnd.github+json",
        "authorization": f"Bearer {pull_request.token}",
        "user-agent": "lamina-graph",
        "x-github-api-version": "2022-11-28",
    }
    url = pull_request.api_url.rstrip("/") + path
    # What creates a comment is sent once: an answer that is lost must not leave two.
    answer = send(method, url, headers=headers, body=body, attempts=1 if method == "POST" else 4)
    try:
        return json.loads(answer)
    except ValueError as error:
        host = urlsplit(url).hostname or ""
        raise DeliveryError(host, "answered with something that is not JSON") from error
