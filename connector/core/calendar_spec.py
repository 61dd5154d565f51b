"""What an admin says about a calendar, as values: zone, weekly spans, dates that differ, versions, holidays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from ..frozen import EMPTY, FrozenDict
from .holidays import known_region

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 86_400
ALWAYS = "always"

_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
_RANGE = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?")

Span = tuple[int, int]
"""Seconds after local midnight; the end is greater than the start, beyond 24 h where the span runs over midnight."""
Spans = tuple[Span, ...]
Interval = tuple[int, int]
"""Seconds since 1970, UTC; the end is greater than the start."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Local dates on which nothing opens, and times in which all is closed: sorted, none touching another."""

    days: frozenset[date] = frozenset()
    times: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """Weekly spans from the instant `since` on (None: always).

    `dates` replaces those of single local dates. On all others what is `closed` wins, then the public holidays of
    `regions` (`CN`, `DE-BY`).
    """

    since: int | None = None
    week: tuple[Spans, ...] = ((),) * 7
    dates: Mapping[date, Spans] = field(default=EMPTY)
    regions: tuple[str, ...] = ()
    closed: Closed = Closed()


@dataclass(frozen=True, slots=True)
class Spec:
    """A calendar; `versions` by their beginning."""

    zone: ZoneInfo
    versions: tuple[Version, ...]


ALWAYS_OPEN = Spec(ZoneInfo("UTC"), (Version(week=(((0, DAY),),) * 7),))


def read_spec(raw: Mapping[str, Any] | str) -> Spec:
    """The calendar that `raw` says; raise `ValueError` with a sentence for the first thing that makes no sense."""
    if raw == ALWAYS:
        return ALWAYS_OPEN
    if isinstance(raw, str):
        raise ValueError(f"`{raw}` is no calendar: write `always`, or a map with `tz` and `week`")
    zone = read_zone(raw.get("tz"))
    # What stands beside `versions` holds in each of them that does not say otherwise.
    given = [{**raw, **each} for each in raw.get("versions") or [{}]]
    versions = sorted((_version(each, zone) for each in given), key=_begins)
    if len(set(map(_begins, versions))) < len(versions):
        raise ValueError("two versions begin at the same instant: which one holds?")
    return Spec(zone, tuple(versions))


def _begins(version: Version) -> float:
    return float("-inf") if version.since is None else version.since


def read_zone(raw: Any) -> ZoneInfo:
    """Raise `ValueError` for a name that is in no time zone database."""
    try:
        return ZoneInfo(raw)
    except (KeyError, ValueError, TypeError, OSError):
        raise ValueError(f"`{raw}` is no time zone: write one like Asia/Shanghai") from None


def read_regions(raw: Any) -> tuple[str, ...]:
    """`CN`, or a list of such; raise `ValueError` for one whose holidays nobody knows."""
    told = () if not raw else (raw,) if isinstance(raw, str) else tuple(raw)
    for region in told:
        if not known_region(region):
            raise ValueError(f"the holidays of `{region}` are not known: write a region like CN or DE-BY")
    return told


def _version(raw: Mapping[str, Any], zone: ZoneInfo) -> Version:
    dates = {date.fromisoformat(str(day)): read_spans(spans) for day, spans in (raw.get("dates") or {}).items()}
    week = read_week(raw.get("week") or {})
    closed = raw.get("closed") or Closed()
    if not isinstance(closed, Closed):
        raise ValueError("`closed` wants what was read from its files, see `closed_in`")
    return Version(
        read_since(raw.get("from"), zone), week, FrozenDict(dates), read_regions(raw.get("holidays")), closed
    )


def read_since(raw: Any, zone: ZoneInfo) -> int | None:
    """An instant, or the beginning of a date in the calendar's zone; None stays None."""
    if raw is None:
        return None
    at = datetime.fromisoformat(str(raw))
    return int((at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC).timestamp())


def read_week(raw: Mapping[str, Any]) -> tuple[Spans, ...]:
    """Spans for Monday to Sunday out of keys like `mon` and `mon-fri`; a later key wins over an earlier one."""
    week: list[Spans] = [()] * 7
    for days, spans in raw.items():
        for day in read_days(str(days)):
            week[day] = read_spans(spans)
    return tuple(week)


def read_days(raw: str) -> tuple[int, ...]:
    """`mon`, `mon,wed` or `fri-mon`, which goes over the end of the week, as numbers from 0 for Monday."""
    days: list[int] = []
    for part in raw.replace(" ", "").lower().split(","):
        found = _RANGE.fullmatch(part)
        if not found or found[1] not in DAYS or (found[2] or found[1]) not in DAYS:
            raise ValueError(f"`{part}` is no day: write mon tue wed thu fri sat sun, or a range like mon-fri")
        first, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
        days += [(first + n) % 7 for n in range((last - first) % 7 + 1)]
    return tuple(days)


def read_spans(raw: Any) -> Spans:
    """Spans by their start; raise `ValueError` for one that is none, and for two of a day that overlap."""
    if not isinstance(raw, list | tuple):
        raise ValueError(f"`{raw}` is no list of spans: write ['09:00-12:00', '13:30-18:00'], or [] for closed")
    spans = tuple(sorted(read_span(each) for each in raw))
    for (start, end), (after, _) in pairwise(spans):
        if after < end:
            raise ValueError(f"{shown((start, end))} overlaps with the span that starts at {_clock(after)}")
    return spans


def read_span(raw: Any) -> Span:
    """`09:00-18:00` or `[09:00, 18:00]`; an end that is not after the start lies on the next day."""
    parts: Iterable[Any] = raw.split("-") if isinstance(raw, str) else raw if isinstance(raw, list | tuple) else ()
    times = [_seconds(str(part).strip()) for part in parts]
    if len(times) != 2 or None in times or times[0] == DAY:
        raise ValueError(f"`{raw}` is no span: write 09:00-18:00")
    start, end = times[0] or 0, times[1] or 0
    return start, end if end > start else end + DAY


def shown(span: Span) -> str:
    """As an admin writes it."""
    return f"{_clock(span[0])}-{_clock(span[1])}"


def _clock(seconds: int) -> str:
    over = seconds - DAY if seconds > DAY else seconds
    return f"{over // 3600:02}:{over % 3600 // 60:02}"


def _seconds(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    seconds = int(found[1]) * 3600 + int(found[2]) * 60
    return seconds if seconds <= DAY else None
