"""Answers of a tracker that hardly change, kept for a while; no lock is held while the tracker is asked."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Any, TypeVar

V = TypeVar("V")

MOST_KEPT = 20_000
PATIENCE = 1.0
"""Seconds for which a thread hopes for the answer that another one is asking for, before it asks itself."""
FRESH = timedelta(minutes=1)


class Kept:
    """Answers by key, each for the life its reader gives it; the oldest go beyond `MOST_KEPT`. Thread-safe.

    Only answers are kept: what could not be had is asked again.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rows: OrderedDict[Hashable, tuple[datetime, Any]] = OrderedDict()
        self._asking: dict[Hashable, threading.Event] = {}

    def get(self, key: Hashable, ask: Callable[[], V], life: timedelta) -> V:
        """The answer to `key` if it is younger than `life`, else what `ask` finds; raise what `ask` raises."""
        found = self._young(key, life)
        if found is None and (other := self._queue(key)):
            # A tracker that hangs must not keep one worker behind the other: each waits a little, then asks.
            other.wait(PATIENCE)
            found = self._young(key, life)
        if found is not None:
            known: V = found[0]
            return known
        try:
            answer = ask()
            self.put(key, answer)
            return answer
        finally:
            self._asked(key)

    def put(self, key: Hashable, answer: object) -> None:
        """Keep what was learned in passing."""
        with self._lock:
            self._rows[key] = (self._clock(), answer)
            self._rows.move_to_end(key)
            if len(self._rows) > MOST_KEPT:
                self._rows.popitem(last=False)

    def forget(self, head: str) -> bool:
        """Forget all answers to keys that begin with `head`; tell whether one of them was older than a minute."""
        now = self._clock()
        with self._lock:
            keys = [key for key in self._rows if isinstance(key, tuple) and key[0] == head]
            ages = [now - self._rows.pop(key)[0] for key in keys]
        return any(age > FRESH for age in ages)

    def _young(self, key: Hashable, life: timedelta) -> tuple[Any] | None:
        now = self._clock()
        with self._lock:
            row = self._rows.get(key)
        return (row[1],) if row is not None and now - row[0] < life else None

    def _queue(self, key: Hashable) -> threading.Event | None:
        """What tells the end of another thread's question; None if there is none, then the question is ours."""
        with self._lock:
            other = self._asking.get(key)
            if other is None:
                self._asking[key] = threading.Event()
            return other

    def _asked(self, key: Hashable) -> None:
        with self._lock:
            done = self._asking.pop(key, None)
        if done is not None:
            done.set()
