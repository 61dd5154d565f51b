"""Working time: when a desk is open, as sorted intervals of whole UTC seconds, and how long that is.

The wall clock decides: an instant is open if its local date and time of day lie in a span. A night from 22:00 to
06:00 has seven hours when clocks go forward and nine when they go back. The years that a question needs are laid out
when it is asked; what is laid out is kept.
"""

from __future__ import annotations

import sys
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..frozen import FrozenDict
from .calendar_spec import ALWAYS_OPEN, DAY, Spec, read_spec
from .calendar_years import EARLIEST, LATEST, closed_for_good, intervals, year_of, year_start

FARTHEST = 50
"""Years after its start in which a goal must be used up; one that is not is never reached."""
ORIGIN = year_start(2025)
"""Where a calendar's own count of open time begins."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Open intervals of the whole years `first` to `last`; `sums[i]` is the open time of those before the i-th."""

    first: int
    last: int
    begin: int
    end: int
    starts: list[int]
    ends: list[int]
    sums: list[int]

    @classmethod
    def of(cls, spec: Spec, first: int, last: int) -> Layout:
        """Lay out the years."""
        rows = intervals(spec, first, last)
        sums = [0]
        for start, end in rows:
            sums.append(sums[-1] + end - start)
        begin, end = year_start(first), year_start(last + 1)
        return cls(first, last, begin, end, [row[0] for row in rows], [row[1] for row in rows], sums)

    def open_until(self, t: int) -> int:
        """Open seconds from the layout's begin to `t`."""
        i = bisect_right(self.starts, t)
        if i == 0:
            return 0
        return self.sums[i] - max(0, self.ends[i - 1] - t)

    def when_open_for(self, total: int) -> int | None:
        """The earliest instant until which `total` > 0 seconds have been open; None if that is after the layout."""
        i = bisect_left(self.sums, total)
        return None if i == len(self.sums) else self.ends[i - 1] - (self.sums[i] - total)


_NOTHING = Layout(LATEST + 1, EARLIEST - 1, sys.maxsize, -sys.maxsize, [], [], [0])


SURELY = FARTHEST * 365 * DAY
"""Seconds after which a goal that is used up was so within `FARTHEST` years, whichever leap years there are."""


class Calendar:
    """Answers in O(log n) for `spec`; instants are whole seconds since 1970, UTC. Thread-safe.

    Nothing is laid out before the first question. Calendars compare by their spec, and travel as it.
    """

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._lock = threading.Lock()
        self._layout = _NOTHING

    def lay_out(self, first_year: int, last_year: int) -> None:
        """Be ready for questions about the years, both included."""
        self._grown(year_start(first_year), year_start(last_year))

    def open_seconds(self, a: int, b: int) -> int:
        """Open seconds in [a, b); 0 where `b` is not after `a`."""
        if b <= a:
            return 0
        layout = self._layout
        if a < layout.begin or b > layout.end:
            layout = self._grown(a, b)
        return layout.open_until(b) - layout.open_until(a)

    def mark(self, t: int) -> int:
        """Open seconds from `ORIGIN` to `t`, negative before it: of two marks the difference is the open time."""
        return self.open_seconds(ORIGIN, t) - self.open_seconds(t, ORIGIN)

    def is_open(self, t: int) -> bool:
        """Is `t` within an open interval?"""
        return self.open_seconds(t, t + 1) > 0

    def add(self, a: int, seconds: int) -> int | None:
        """The earliest instant t >= a with `open_seconds(a, t) >= seconds`; None if there is none.

        A goal used up at closing time is due at closing time; `add(a, 0)` is `a`, even when closed.
        """
        if seconds <= 0:
            return a
        layout = self._layout
        if a < layout.begin or a >= layout.end:
            layout = self._grown(a, a)
        found = layout.when_open_for(layout.open_until(a) + seconds)
        if found is not None and found - a < SURELY:
            return found
        final = _final_year(a)
        while (found := layout.when_open_for(layout.open_until(a) + seconds)) is None:
            reached = layout.last + 1
            if reached > final or closed_for_good(self.spec, reached):
                return None
            layout = self._grown(a, _twice_as_far(a, layout))
        return found if found <= year_start(final + 1) else None

    def turns_after(self, t: int) -> int | None:
        """The first instant after `t` at which it closes, if it is open at `t`, else opens; None if it never does."""
        if not self.is_open(t):
            opens = self.add(t, 1)
            return None if opens is None else opens - 1
        layout, final = self._layout, _final_year(t)
        while (closes := layout.ends[bisect_right(layout.starts, t) - 1]) == layout.end:
            # What is open at the end of what is laid out may go on.
            if layout.last >= final:
                return None
            layout = self._grown(t, _twice_as_far(t, layout))
        return closes

    def open_spans(self, a: int, b: int) -> tuple[tuple[int, int], ...]:
        """The open intervals of [a, b), cut to it."""
        if b <= a:
            return ()
        layout = self._layout
        if a < layout.begin or b > layout.end:
            layout = self._grown(a, b)
        rows = range(max(0, bisect_right(layout.starts, a) - 1), bisect_left(layout.starts, b))
        return tuple((max(a, layout.starts[i]), min(b, layout.ends[i])) for i in rows if layout.ends[i] > a)

    def _grown(self, a: int, b: int) -> Layout:
        """A layout that covers [a, b] too."""
        with self._lock:
            known = self._layout
            first, last = min(known.first, year_of(a)), max(known.last, year_of(b))
            if (first, last) != (known.first, known.last):
                self._layout = Layout.of(self.spec, first, last)
            return self._layout

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and self.spec == other.spec

    def __hash__(self) -> int:
        return hash(self.spec)

    def __reduce__(self) -> tuple[type[Calendar], tuple[Spec]]:
        return type(self), (self.spec,)

    def __repr__(self) -> str:
        return f"Calendar({self.spec.zone.key})"


def _final_year(a: int) -> int:
    return min(year_of(a) + FARTHEST, LATEST)


def _twice_as_far(a: int, layout: Layout) -> int:
    """An instant beyond what is laid out: laying out anew each year would take its square of time."""
    return year_start(min(2 * (layout.last + 1) - year_of(a), _final_year(a)))


def compile_calendar(spec: Mapping[str, Any] | str | Spec, first_year: int, last_year: int) -> Calendar:
    """A calendar laid out for the years, both included; it grows by itself when asked about others.

    `spec` is `{tz, week, dates}` or `{tz, versions: [{from, week, dates}]}`, `always`, or a `Spec`, see `read_spec`.
    Raise `ValueError` for one that makes no sense, and where `last_year` is before `first_year`.
    """
    if last_year < first_year:
        raise ValueError(f"the years {first_year} to {last_year} are none")
    calendar = Calendar(spec if isinstance(spec, Spec) else read_spec(spec))
    calendar.lay_out(first_year, last_year)
    return calendar


ROUND_THE_CLOCK = "24x7"
EVERY_DESK: Mapping[str, Calendar] = FrozenDict({ROUND_THE_CLOCK: Calendar(ALWAYS_OPEN)})
"""The calendars that every desk has."""
