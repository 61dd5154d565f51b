"""When a tracker asks for silence: one gate per tracker, shared by all threads. It never sleeps."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(hours=1)
"""A gate never stays closed longer: an absurd header must not silence us for ever."""

UNSAID = timedelta(seconds=30)
"""How long a 429 closes the gate when no header says how long."""

_NEVER = datetime.min.replace(tzinfo=UTC)


class Gate:
    """Closed from a 429 (or a 503 with `Retry-After`) until the instant that the tracker named.

    Whoever finds it closed raises `TrackerError(status=429, sent=False, retry_after=…)` instead of
    asking: a worker's thread is never put to sleep. All instants are aware, in UTC.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = _NEVER

    def wait_until(self, now: datetime) -> datetime | None:
        """The instant at which the gate opens, None if it is open at `now`."""
        with self._lock:
            return self._until if self._until > now else None

    def note(self, status: int, headers: Mapping[str, str], now: datetime) -> None:
        """Close the gate if the answer just received asks for it; never opens it earlier."""
        wait = _asked_wait(status, headers, now)
        if wait is None:
            return
        with self._lock:
            self._until = max(self._until, now + min(wait, LONGEST))


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that `Retry-After` asks for (a number or an HTTP date), None without a readable one.

    A date is measured against the answer's own `Date`, so that a wrong clock on either side does no harm.
    """
    text = _header(headers, "retry-after")
    if text is None:
        return None
    seconds = _number(text)
    if seconds is not None:
        return seconds
    at = _http_date(text)
    return None if at is None else max(0.0, (at - _their_now(headers, now)).total_seconds())


def _asked_wait(status: int, headers: Mapping[str, str], now: datetime) -> timedelta | None:
    if status == 429:
        said = _seconds(retry_after(headers, now))
        return said if said is not None else _until_reset(headers, now) or UNSAID
    if status == 503:
        return _seconds(retry_after(headers, now))
    if _used_up(headers):
        return _until_reset(headers, now)
    return None


def _used_up(headers: Mapping[str, str]) -> bool:
    left = _header(headers, "ratelimit-remaining") or _header(headers, "x-ratelimit-remaining")
    return left is not None and _number(left) == 0


def _until_reset(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Time until the window named by `RateLimit-Reset` (unix seconds) or `X-RateLimit-Reset` (ISO 8601) ends."""
    text = _header(headers, "ratelimit-reset") or _header(headers, "x-ratelimit-reset")
    at = None if text is None else _instant(text)
    if at is None:
        return None
    return max(timedelta(0), at - _their_now(headers, now))


def _their_now(headers: Mapping[str, str], now: datetime) -> datetime:
    text = _header(headers, "date")
    return (None if text is None else _http_date(text)) or now


def _header(headers: Mapping[str, str], name: str) -> str | None:
    """Looks in any case, since a plain dict does not do so by itself."""
    for key, value in headers.items():
        if key.lower() == name:
            return value.strip()
    return None


def _seconds(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=min(value, LONGEST.total_seconds()))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _http_date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _instant(text: str) -> datetime | None:
    seconds = _number(text)
    try:
        at = datetime.fromisoformat(text) if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
