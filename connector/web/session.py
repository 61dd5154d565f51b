"""Signed cookies and form tokens, and how often somebody may guess the console token."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

from itsdangerous import BadSignature, URLSafeTimedSerializer

SESSION_SECONDS = 7 * 24 * 3600
FORM_SECONDS = 12 * 3600
TRIES = 5
WINDOW = timedelta(minutes=1)
REMEMBERED = 10_000


class Signer:
    """Makes and checks what we hand to browsers; the newest of `keys` signs, all of them verify."""

    def __init__(self, keys: tuple[str, ...], console_token: str) -> None:
        # itsdangerous signs with the last key of a list, our settings have the newest first.
        ring = list(reversed(keys))
        self._sessions = URLSafeTimedSerializer(ring, salt="pointsman.session")
        self._forms = URLSafeTimedSerializer(ring, salt="pointsman.form")
        self._console_token = console_token

    def session(self) -> str:
        """A cookie's value for somebody who knows the console token."""
        return str(self._sessions.dumps(self._fingerprint()))

    def is_session(self, cookie: str) -> bool:
        """False for a forged or expired cookie, and once the console token has been changed."""
        try:
            value = self._sessions.loads(cookie, max_age=SESSION_SECONDS)
        except BadSignature:
            return False
        return isinstance(value, str) and hmac.compare_digest(value, self._fingerprint())

    def is_console_token(self, given: str) -> bool:
        """Constant-time; never true while no console token is set."""
        same = hmac.compare_digest(given.encode("utf-8", "replace"), self._console_token.encode("utf-8", "replace"))
        return bool(self._console_token) and same

    def form_token(self, browser: str) -> str:
        """What a form of ours carries; only good together with the cookie `browser`."""
        return str(self._forms.dumps(browser))

    def is_form_token(self, token: str, browser: str) -> bool:
        """Was `token` made for the browser that carries the cookie `browser`?"""
        try:
            value = self._forms.loads(token, max_age=FORM_SECONDS)
        except BadSignature:
            return False
        return bool(browser) and isinstance(value, str) and hmac.compare_digest(value, browser)

    def _fingerprint(self) -> str:
        return hashlib.sha256(b"console:" + self._console_token.encode("utf-8", "replace")).hexdigest()


def new_browser() -> str:
    """A random name for a browser, kept in its cookie."""
    return secrets.token_urlsafe(18)


class Guesses:
    """Counts wrong guesses per client: more than `TRIES` in a `WINDOW` and even the right one is refused."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._wrong: OrderedDict[str, list[datetime]] = OrderedDict()

    def wait(self, client: str, now: datetime) -> int:
        """Seconds until `client` may guess again; 0 = now."""
        with self._lock:
            recent = [at for at in self._wrong.get(client, ()) if now - at < WINDOW]
        if len(recent) < TRIES:
            return 0
        return max(1, int((recent[-TRIES] + WINDOW - now).total_seconds()) + 1)

    def wrong(self, client: str, now: datetime) -> None:
        """Note a wrong guess; who guessed longest ago is forgotten when there are too many."""
        with self._lock:
            recent = [at for at in self._wrong.pop(client, []) if now - at < WINDOW]
            self._wrong[client] = [*recent, now][-TRIES:]
            while len(self._wrong) > REMEMBERED:
                self._wrong.popitem(last=False)
