"""When a failed event is tried again: soon at first, rarely later, and after a day not by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_HOUR = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=24)
LONGEST_AT_FIRST = 60.0
LATER = 600.0


def next_try(
    attempts: int, first_failed_at: datetime, now: datetime, retry_after: float | None, jitter: float
) -> datetime | None:
    """The instant of the next try; None once the event has been failing for 24 h, however often it was tried.

    `attempts` counts the failed tries, this one included. Without the tracker's word the wait is 2ⁿ s, made up to a
    quarter longer by `jitter` (0 to 1), and at most 60 s; after an hour of failing it is 10 min. `retry_after`, in
    seconds, wins over both; it counts as at least one second and at most a day.
    """
    failing = now - first_failed_at
    if failing >= GIVE_UP_AFTER:
        return None
    if retry_after is not None:
        return now + timedelta(seconds=max(1.0, min(retry_after, GIVE_UP_AFTER.total_seconds())))
    if failing >= FIRST_HOUR:
        return now + timedelta(seconds=LATER)
    # 2⁷ is beyond the limit already; a larger power would only overflow.
    grown = 2.0 ** min(attempts, 7) * (1 + jitter / 4)
    return now + timedelta(seconds=min(grown, LONGEST_AT_FIRST))
