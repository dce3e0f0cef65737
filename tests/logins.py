"""Logins as the API plays them: pairs of tokens, each renewed once."""

import json
import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any


class Logins:
    """Logins as Lamina's own command line makes them: each renewal gives a new pair, and ends the old one.

    Attributes:
        lasts: seconds that an access token lasts.
        renewed: how often a login was renewed.
        reused: how often a refresh token came that was used before, or never given.
        tokens: all that were ever given.
    """

    def __init__(self) -> None:
        self.lasts = 3600.0
        self.renewed = self.reused = 0
        self.tokens: list[str] = []
        self._lock = threading.Lock()
        self._access: dict[str, float] = {}
        self._refresh: dict[str, str] = {}

    def save(self, home: Path, base_url: str, **more: Any) -> Path:
        """Log in: write a new pair to where the official command line does."""
        path = home / ".lamina" / "config.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        pair = self._new_pair()
        credentials = {
            "kind": "oauth",
            "apiKey": pair["access_token"],
            "baseUrl": base_url,
            "savedAt": datetime.now(UTC).isoformat(),
            "refreshToken": pair["refresh_token"],
            "expiresAt": (datetime.now(UTC) + timedelta(seconds=self.lasts)).isoformat(),
            "clientId": "client-1",
            "scope": "apps",
            **more,
        }
        path.touch(0o600)
        path.write_text(json.dumps({"version": 1, "credentials": credentials, "theme": "dark"}))
        return path

    def knows(self, access: str) -> bool:
        """Tell whether an access token is one, and its time is not over."""
        return time.monotonic() < self._access.get(access, 0)

    def can_renew(self, refresh: str) -> bool:
        """Tell whether a refresh token has not been used."""
        return refresh in self._refresh

    def end_older(self) -> None:
        """End all access tokens but the newest, though their time is not over."""
        self._access = dict(list(self._access.items())[-1:])

    def revoke(self) -> None:
        """End all refresh tokens, as after 30 days."""
        self._refresh.clear()

    def renew(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """Give a new pair for a refresh token that was not used before: a status, and what goes with it."""
        given = json.loads(body)
        with self._lock:
            access = self._refresh.pop(given["refresh_token"], None)
            if access is None or given["grant_type"] != "refresh_token" or given["client_id"] != "client-1":
                self.reused += 1
                return 400, {"error": "invalid_grant"}
            self.renewed += 1
            del self._access[access]
            return 200, self._new_pair()

    def _new_pair(self) -> dict[str, Any]:
        access, refresh = (f"lma_mcp_{kind}_{secrets.token_hex(12)}" for kind in ("at", "rt"))
        self.tokens += [access, refresh]
        self._access[access] = time.monotonic() + self.lasts
        self._refresh[refresh] = access
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": self.lasts,
            "scope": "apps",
            "token_type": "Bearer",
        }
