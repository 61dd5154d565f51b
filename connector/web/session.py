"""Signed cookies and form tokens: what we hand to browsers, and whether it comes back as it was."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer

from ..settings import Settings
from .visitor import Standing, Visitor

FORM_SECONDS = 12 * 3600
LIFE = {"token": timedelta(days=7), "oidc": timedelta(hours=12)}
"""How long a session lasts, by the way in which somebody signed in; a provider's groups may change within a day."""
SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in. `id` is its own, so that it can be ended."""

    id: str
    visitor: Visitor
    way: str


class Signer:
    """Makes and checks what we hand to browsers; the newest of the secret keys signs, all of them verify."""

    def __init__(self, keys: tuple[str, ...], settings: Settings) -> None:
        # itsdangerous signs with the last key of a list, our settings have the newest first.
        ring = list(reversed(keys))
        self._sessions = URLSafeSerializer(ring, salt="pointsman.session")
        self._journeys = URLSafeSerializer(ring, salt="pointsman.oidc")
        self._forms = URLSafeTimedSerializer(ring, salt="pointsman.form")
        self._console_token = settings.console_token
        self._fingerprints = _fingerprints(settings)

    def session(self, visitor: Visitor, way: str, now: datetime) -> str:
        """A cookie's value for `visitor`, who signed in by `way` (`token` or `oidc`) at `now`."""
        value = {
            "id": secrets.token_urlsafe(12),
            "name": visitor.name,
            "standing": int(visitor.standing or 0),
            "way": way,
            "at": int(now.timestamp()),
            "under": self._fingerprints[way],
        }
        return str(self._sessions.dumps(value))

    def open_session(self, cookie: str, now: datetime) -> Session | None:
        """None for what is forged or expired, and once the settings by which somebody came in have changed."""
        try:
            return self._session(self._sessions.loads(cookie), now)
        except (BadSignature, LookupError, TypeError, ValueError, OverflowError):
            return None

    def _session(self, value: Mapping[str, Any], now: datetime) -> Session | None:
        way, age = value["way"], now - datetime.fromtimestamp(value["at"], UTC)
        under = self._fingerprints[way]
        if not under or not hmac.compare_digest(value["under"], under) or not -SKEW <= age < LIFE[way]:
            return None
        return Session(str(value["id"]), Visitor(str(value["name"]), Standing(value["standing"])), way)

    def is_console_token(self, given: str) -> bool:
        """Constant-time; never true while no console token is set."""
        same = hmac.compare_digest(given.encode("utf-8", "replace"), self._console_token.encode("utf-8", "replace"))
        return bool(self._console_token) and same

    def journey(self, value: Mapping[str, Any]) -> str:
        """What a browser carries while it is at the provider of identities."""
        return str(self._journeys.dumps(dict(value)))

    def open_journey(self, cookie: str) -> Mapping[str, Any] | None:
        """What `journey` was given; None for anything forged."""
        try:
            value = self._journeys.loads(cookie)
        except BadSignature:
            return None
        return value if isinstance(value, dict) else None

    def form_token(self, browser: str) -> str:
        """What a form of ours carries; only good together with the cookies that `browser` stands for."""
        return str(self._forms.dumps(browser))

    def is_form_token(self, token: str, browser: str) -> bool:
        """Was `token` made for the browser that carries the cookies that `browser` stands for?"""
        try:
            value = self._forms.loads(token, max_age=FORM_SECONDS)
        except BadSignature:
            return False
        return bool(browser) and isinstance(value, str) and hmac.compare_digest(value.encode(), browser.encode())


def _fingerprints(settings: Settings) -> dict[str, str]:
    """What a session of each way stands under, '' for a way that is closed."""
    oidc = (
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        settings.oidc_groups_claim,
        *(settings.oidc_viewers, settings.oidc_agents, settings.oidc_admins),
    )
    return {
        "token": _digest("token", settings.console_token) if settings.console_token else "",
        "oidc": _digest("oidc", *oidc) if settings.oidc_issuer and settings.oidc_client_id else "",
    }


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def new_browser() -> str:
    """A random name for a browser, kept in its cookie."""
    return secrets.token_urlsafe(18)
