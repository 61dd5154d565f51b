"""Which time a report is about, as people type it: days of UTC, or instants."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from .instants import seconds_of, whole_second
from .sla_counting import Span

DAYS = 28
"""So many days, the last one included, if nobody says since when."""
DAY = 86_400
_A_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class WrongSpan(ValueError):
    """What was typed for `where`, `from` or `until`, makes no span; `why` is `unreadable` or `backwards`."""

    def __init__(self, where: str, why: str, said: str) -> None:
        super().__init__(said)
        self.where = where
        self.why = why


def read_span(since: str, until: str, now: datetime) -> Span:
    """From the beginning of the day `since` to the end of the day `until`, or from instant to instant.

    '' for `until` is now, '' for `since` is 28 days. No span goes beyond now, or begins before 1970.
    Raise `WrongSpan` for what makes none.
    """
    end = min(_instant("until", until, days=1) if until else whole_second(now), whole_second(now))
    begin = max(0, _instant("from", since) if since else ((end - 1) // DAY - DAYS + 1) * DAY)
    if begin >= end:
        until = until or "now"
        raise WrongSpan("from", "backwards", f"{since or 'the beginning'} is not before {until}, or lies ahead")
    return Span(begin, end)


def _instant(where: str, text: str, days: int = 0) -> int:
    """The instant in `text`, of a day its beginning, so many `days` later."""
    try:
        if not _A_DAY.fullmatch(text):
            return seconds_of(text)
        day = date.fromisoformat(text) + timedelta(days=days)
        return whole_second(datetime(day.year, day.month, day.day, tzinfo=UTC))
    except (ValueError, OverflowError):
        said = f"`{text[:40]}` is no day and no instant: write 2026-03-02 or 2026-03-02T09:00:00Z"
        raise WrongSpan(where, "unreadable", said) from None
