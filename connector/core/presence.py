"""When a person works: in the hours of their calendar or the shifts of a rota, less leave."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .calendar_spec import Closed, Interval
from .calendar_years import EARLIEST, LATEST, joined, left_of
from .calendars import Calendar


@dataclass(frozen=True, slots=True)
class Presence:
    """Instants are whole UTC seconds; intervals are sorted, none touching another, see `joined`.

    Without `hours` a person always works; `shifts`, where there are any, take the place of the hours.
    The end of a shift or of the hours is no absence: only `leave` is.
    """

    hours: Calendar | None = None
    leave: tuple[Interval, ...] = ()
    shifts: tuple[Interval, ...] | None = None

    def on_leave_until(self, t: int) -> int | None:
        """When the leave that covers `t` ends; None if none does."""
        at = _last_begun(self.leave, t)
        return self.leave[at][1] if at >= 0 and self.leave[at][1] > t else None

    def is_present(self, t: int) -> bool:
        """Does the person work at `t`?"""
        return bool(self.spans(t, t + 1))

    def spans(self, a: int, b: int) -> tuple[Interval, ...]:
        """When the person works within [a, b)."""
        return tuple(span for start, end in self._worked(a, b) for span in left_of(start, end, self.leave))

    def seconds(self, a: int, b: int, within: Calendar | None = None) -> int:
        """Seconds of work in [a, b); with `within` those alone in which that calendar is open."""
        found = self.spans(a, b)
        if within is None:
            return sum(end - start for start, end in found)
        return sum(within.open_seconds(start, end) for start, end in found)

    def _worked(self, a: int, b: int) -> Iterator[Interval]:
        """The same without regard to leave."""
        if b <= a:
            return
        if self.shifts is None:
            yield from self.hours.open_spans(a, b) if self.hours else ((a, b),)
            return
        for start, end in self.shifts[max(0, _last_begun(self.shifts, a)) :]:
            if start >= b:
                return
            if end > a:
                yield max(start, a), min(end, b)


def whole_days(first: date, last: date, zone: ZoneInfo) -> Interval:
    """From the beginning of the local day `first` to the end of `last`."""
    return day_start(first, zone), day_start(last, zone, after=1)


def day_start(day: date, zone: ZoneInfo, after: int = 0) -> int:
    """The first second of the local day that comes `after` days later; years beyond a calendar's are its ends."""
    within = min(max(day, date(EARLIEST, 1, 2)), date(LATEST, 12, 30)) + timedelta(after)
    return int(datetime(within.year, within.month, within.day, tzinfo=zone).timestamp())


def times_of(events: Closed, zone: ZoneInfo) -> tuple[Interval, ...]:
    """The time that the events of a file take, whole days being those of `zone`."""
    return tuple(joined((*(whole_days(day, day, zone) for day in events.days), *events.times)))


def _last_begun(intervals: tuple[Interval, ...], t: int) -> int:
    """The index of the last that begins at `t` or before; -1 if none does."""
    return bisect_right(intervals, t, key=lambda interval: interval[0]) - 1
