"""What the headers of an answer tell beside its body: the tracker's clock, and how many requests are left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .facts import Headroom
from .shapes import instant

_LIMITS = (("ratelimit-limit", "x-ratelimit-limit"), ("ratelimit-remaining", "x-ratelimit-remaining"))
_RESETS = ("ratelimit-reset", "x-ratelimit-reset")


def clock_of(headers: Mapping[str, str]) -> datetime | None:
    """The `Date` of an answer."""
    try:
        at = parsedate_to_datetime(_lower(headers).get("date", ""))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def headroom_of(headers: Mapping[str, str]) -> Headroom:
    """GitLab's `RateLimit-…` and Jira's `X-RateLimit-…`; empty where an answer has neither."""
    known = _lower(headers)
    limit, left = (next((_whole(known[name]) for name in names if name in known), None) for names in _LIMITS)
    resets = next((_at(known[name]) for name in _RESETS if name in known), None)
    return Headroom(left, limit, resets)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value.strip() for name, value in headers.items()}


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _at(text: str) -> datetime | None:
    seconds = _whole(text)
    return instant(text) if seconds is None else datetime.fromtimestamp(seconds, UTC)
