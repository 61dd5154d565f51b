"""Whether a calendar is open in one minute, read off the wall clock of its zone: no intervals anywhere."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = 60
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST, LAST = "2025-12-01T00:00:00Z", "2027-03-01T00:00:00Z"
"""The minutes that are remembered; a simulation does not leave them."""
FURTHEST = 60 * 24 * 3600
"""How far ahead a due instant is looked for; further is never."""


def second(text: str) -> int:
    """`2026-03-02T01:00:00Z` as seconds since 1970."""
    return int(datetime.fromisoformat(text).timestamp())


def instant(at: int | None) -> str | None:
    """Seconds since 1970 as `2026-03-02T01:00:00Z`."""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def spans(version: dict[str, Any], day: date) -> list[list[str]]:
    """The spans that start on `day`: those of the date if it is listed, else those of its weekday (C1)."""
    listed: list[list[str]] | None = version.get("dates", {}).get(day.isoformat())
    return version["week"].get(DAYS[day.weekday()], []) if listed is None else listed


def version_at(spec: dict[str, Any], at: int, today: date) -> dict[str, Any]:
    """The version whose `from` is the latest that has come (C4); a date comes at its local midnight."""

    def come(since: str | None) -> bool:
        if since is None:
            return True
        return second(since) <= at if "T" in since else date.fromisoformat(since) <= today

    def start(version: dict[str, Any]) -> float:
        since = version["from"]
        if since is None:
            return float("-inf")
        midnight = datetime.fromisoformat(since)
        return (midnight if midnight.tzinfo else midnight.replace(tzinfo=ZoneInfo(spec["tz"]))).timestamp()

    if "versions" not in spec:
        return spec
    return max((version for version in spec["versions"] if come(version["from"])), key=start)


def wall_says_open(spec: dict[str, Any], at: int) -> bool:
    """Do local date and time of day lie in a span, today's or one of yesterday that runs over midnight (C2, C3)?"""
    local = datetime.fromtimestamp(at, ZoneInfo(spec["tz"]))
    clock, today = f"{local.hour:02}:{local.minute:02}", local.date()
    version = version_at(spec, at, today)
    for start, end in spans(version, today):
        if start <= clock and (end <= start or clock < end):
            return True
    return any(end <= start and clock < end for start, end in spans(version, today - timedelta(days=1)))


class Minutes:
    """What the wall clock said of each minute of one calendar, asked once."""

    known: dict[str, Minutes] = {}  # noqa: RUF012 - shared by all simulations of a run, by text of the calendar

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.first = second(FIRST)
        self.said = bytearray((second(LAST) - self.first) // MINUTE)

    @classmethod
    def of(cls, spec: dict[str, Any]) -> Minutes:
        """The minutes of this calendar, remembered from an earlier simulation."""
        return cls.known.setdefault(json.dumps(spec, sort_keys=True), cls(spec))

    def open(self, at: int) -> bool:
        """Is the minute that starts at `at` open?"""
        number = (at - self.first) // MINUTE
        assert number >= 0, f"{instant(at)} lies before {FIRST}"
        if not self.said[number]:
            self.said[number] = 2 if wall_says_open(self.spec, at) else 1
        return self.said[number] == 2

    def add(self, start: int, seconds: int) -> int | None:
        """The earliest minute with that much open time since `start`, minute by minute (C5)."""
        at, had = start, 0
        while had < seconds:
            if at >= start + FURTHEST:
                return None
            had += MINUTE * self.open(at)
            at += MINUTE
        return at
