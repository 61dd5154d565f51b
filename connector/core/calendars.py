"""Working time: when a desk is open, as sorted intervals of whole UTC seconds, and how long that is.

The wall clock decides: an instant is open if its local date and time of day lie in a span. A night from 22:00 to
06:00 has seven hours when clocks go forward and nine when they go back. The years that a question needs are laid out
when it is asked; what is laid out is kept.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .calendar_spec import Spec, read_spec
from .calendar_years import LATEST, closed_for_good, intervals, year_of, year_start

FARTHEST = 50
"""Years after its start in which a goal must be used up; one that is not is never reached."""


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


class Calendar:
    """Answers in O(log n) for `spec`; instants are whole seconds since 1970, UTC. Thread-safe."""

    def __init__(self, spec: Spec, first_year: int, last_year: int) -> None:
        """Raise `ValueError` where `last_year` is before `first_year`."""
        if last_year < first_year:
            raise ValueError(f"the years {first_year} to {last_year} are none")
        self.spec = spec
        self._lock = threading.Lock()
        self._layout = Layout.of(spec, first_year, last_year)

    def open_seconds(self, a: int, b: int) -> int:
        """Open seconds in [a, b); 0 where `b` is not after `a`."""
        if b <= a:
            return 0
        layout = self._layout
        if a < layout.begin or b > layout.end:
            layout = self._grown(a, b)
        return layout.open_until(b) - layout.open_until(a)

    def add(self, a: int, seconds: int) -> int | None:
        """The earliest instant t >= a with `open_seconds(a, t) >= seconds`; None if there is none.

        A goal used up at closing time is due at closing time; `add(a, 0)` is `a`, even when closed.
        """
        if seconds <= 0:
            return a
        layout = self._layout
        if a < layout.begin or a >= layout.end:
            layout = self._grown(a, a)
        while (found := layout.when_open_for(layout.open_until(a) + seconds)) is None:
            reached = layout.last + 1
            if reached > min(year_of(a) + FARTHEST, LATEST) or closed_for_good(self.spec, reached):
                return None
            layout = self._grown(a, year_start(min(layout.last + 1 + reached - year_of(a), LATEST)))
        return found

    def open_spans(self, a: int, b: int) -> tuple[tuple[int, int], ...]:
        """The open intervals of [a, b), cut to it."""
        layout = self._layout
        if a < layout.begin or b > layout.end:
            layout = self._grown(a, b)
        rows = zip(layout.starts, layout.ends, strict=True)
        return tuple((max(a, start), min(b, end)) for start, end in rows if start < b and end > a)

    def _grown(self, a: int, b: int) -> Layout:
        """A layout that covers [a, b] too."""
        with self._lock:
            known = self._layout
            first, last = min(known.first, year_of(a)), max(known.last, year_of(b))
            if (first, last) != (known.first, known.last):
                self._layout = Layout.of(self.spec, first, last)
            return self._layout


def compile_calendar(spec: Mapping[str, Any] | str | Spec, first_year: int, last_year: int) -> Calendar:
    """A calendar laid out for the years, both included; it grows by itself when asked about others.

    `spec` is `{tz, week, dates}` or `{tz, versions: [{from, week, dates}]}`, `always`, or a `Spec`, see `read_spec`.
    Raise `ValueError` for one that makes no sense.
    """
    return Calendar(spec if isinstance(spec, Spec) else read_spec(spec), first_year, last_year)
