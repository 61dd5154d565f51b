"""Instants of the clock: whole seconds since 1970, UTC, and the `…Z` text that stands for them outside."""

from __future__ import annotations

from datetime import UTC, datetime


def seconds_of(text: str) -> int:
    """The instant in ISO text, its fraction of a second cut; raise `ValueError` for one without a zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"`{text}` has no zone: write it with a Z")
    return whole_second(at)


def whole_second(at: datetime) -> int:
    """The second in which `at`, which is aware, lies."""
    return int(at.replace(microsecond=0).timestamp())


def text_of(seconds: int) -> str:
    """`2026-03-02T09:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def moment_of(seconds: int) -> datetime:
    """The aware instant."""
    return datetime.fromtimestamp(seconds, UTC)
