"""A calendar's years laid out: local spans of each date, cut by versions and moved to UTC by the zone's offsets."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from .calendar_spec import DAY, Interval, Spans, Spec, Version
from .holidays import off_and_on

_EPOCH = date(1970, 1, 1).toordinal()
EARLIEST, LATEST = 1970, 2200
"""Nothing is open before and after these years."""
_STEP = DAY // 2
"""No zone changes its offset twice within this."""


def year_start(year: int) -> int:
    """The first second of `year`, UTC."""
    return (date(year, 1, 1).toordinal() - _EPOCH) * DAY


def year_of(t: int) -> int:
    """The year, UTC, that the instant lies in; at least `EARLIEST`, at most `LATEST`."""
    return datetime.fromtimestamp(min(max(t, year_start(EARLIEST)), year_start(LATEST)), UTC).year


def intervals(spec: Spec, first: int, last: int) -> list[Interval]:
    """The open intervals of the UTC years `first` to `last`: sorted, disjoint, none empty, neighbours joined."""
    begin, end = year_start(first), year_start(last + 1)
    offsets = list(_offsets(spec.zone, begin - 2 * DAY, end + 2 * DAY))
    found: list[Interval] = []
    for number, version in enumerate(spec.versions):
        since = begin if version.since is None else max(begin, version.since)
        later = spec.versions[number + 1].since if number + 1 < len(spec.versions) else None
        until = end if later is None else min(end, later)
        if since < until:
            off, on = off_and_on(version.regions, range(first - 1, last + 2))
            found += _of_version(version, off, on, offsets, since, until)
    return joined(found)


def closed_for_good(spec: Spec, year: int) -> bool:
    """Does nothing open from the beginning of `year` on?"""
    untils = [*(version.since for version in spec.versions[1:]), None]
    left = [v for v, until in zip(spec.versions, untils, strict=True) if until is None or until > year_start(year)]
    late = (day.year >= year - 1 and spans for version in left for day, spans in version.dates.items())
    return not any(any(version.week) for version in left) and not any(late)


def usual_spans(version: Version, day: date, off: frozenset[date], on: frozenset[date]) -> Spans:
    """The spans that begin on a local date without its own: none when closed or on a holiday, else the week's.

    A make-up working day has the spans of the first weekday that has any.
    """
    if day in off or day in version.closed.days:
        return ()
    usual = version.week[day.weekday()]
    if not usual and day in on:
        return next((spans for spans in version.week if spans), ())
    return usual


def _of_version(
    version: Version,
    off: frozenset[date],
    on: frozenset[date],
    offsets: list[tuple[int, int, int]],
    since: int,
    until: int,
) -> Iterator[Interval]:
    """Its intervals within [since, until)."""
    for start, stop, offset in offsets:
        low, high = max(start, since), min(stop, until)
        if low >= high:
            continue
        # The day before, too: its night runs into this one.
        for number in range((low + offset) // DAY - 1, (high + offset) // DAY + 1):
            midnight, day = number * DAY - offset, date.fromordinal(number + _EPOCH)
            own = version.dates.get(day)
            for opens, closes in usual_spans(version, day, off, on) if own is None else own:
                a, b = max(low, midnight + opens), min(high, midnight + closes)
                yield from left_of(a, b, version.closed.times if own is None else ())


def left_of(a: int, b: int, closed: tuple[Interval, ...]) -> Iterator[Interval]:
    """What of [a, b) lies in none of the `closed` ones, which are as `joined` makes them."""
    for number in range(max(0, bisect_right(closed, (a, a)) - 1), len(closed)):
        start, end = closed[number]
        if start >= b:
            break
        if a < start:
            yield a, start
        a = max(a, end)
    if a < b:
        yield a, b


def _offsets(zone: ZoneInfo, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(from, to, seconds east of UTC) for each stretch of one offset."""
    start, here = begin, _offset(zone, begin)
    t = begin
    while t < end:
        after = min(t + _STEP, end)
        if _offset(zone, after) != here:
            low, high = t, after
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == here else (low, middle)
            yield start, high, here
            start, here = high, _offset(zone, high)
        t = after
    yield start, end, here


def _offset(zone: ZoneInfo, t: int) -> int:
    found = datetime.fromtimestamp(t, UTC).astimezone(zone).utcoffset()
    return int(found.total_seconds()) if found is not None else 0


def joined(rows: Iterable[Interval]) -> list[Interval]:
    """The same time as sorted intervals, none of which touches another."""
    found: list[Interval] = []
    for a, b in sorted(rows):
        if found and a <= found[-1][1]:
            if b > found[-1][1]:
                found[-1] = found[-1][0], b
        else:
            found.append((a, b))
    return found
