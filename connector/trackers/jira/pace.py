"""How many writes one issue takes: Jira Cloud allows 20 in 2 seconds and 100 in 30, then answers 429."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

LIMITS = ((20, timedelta(seconds=2)), (100, timedelta(seconds=30)))
"""Atlassian, "Rate limiting": `jira-per-issue-on-write`."""

KEPT = 10_000


class IssuePace:
    """Counts our writes per issue in this process. It never sleeps; it says how long to wait. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writes: OrderedDict[str, deque[datetime]] = OrderedDict()

    def take(self, issue: str, now: datetime) -> timedelta | None:
        """Count a write to `issue` at `now`; or, if that is one too many, count nothing and return the wait."""
        with self._lock:
            times = self._writes.setdefault(issue, deque(maxlen=LIMITS[-1][0]))
            self._writes.move_to_end(issue)
            if len(self._writes) > KEPT:
                self._writes.popitem(last=False)
            wait = max((_wait(times, most, span, now) for most, span in LIMITS), default=timedelta(0))
            if wait > timedelta(0):
                return wait
            times.append(now)
            return None


def _wait(times: deque[datetime], most: int, span: timedelta, now: datetime) -> timedelta:
    """Until the `most`-th last write is as old as `span`."""
    if len(times) < most:
        return timedelta(0)
    return times[-most] + span - now
