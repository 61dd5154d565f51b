"""The worker: claims lanes, hands their events to a handler, keeps leases alive, fires timers, runs periodic jobs."""

from __future__ import annotations

import logging
import os
import random
import socket
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

from . import metrics
from .core.causes import cause_of
from .core.retry import next_try
from .errors import LaneLost, described
from .frozen import EMPTY
from .store import Lane, Store, Waiting

log = logging.getLogger("pointsman.worker")

Handle = Callable[[Lane, tuple[Waiting, ...]], None]
Jobs = Mapping[str, tuple[timedelta, Callable[[], Iterable[object] | None]]]

BATCH = 100
PAUSE = 1.0
# Another process may have died in the middle of a period: how often its turn is looked at, in seconds.
LONGEST_LOOK = 30.0


class Worker:
    """Runs `handle(lane, events)` in `threads` threads, for each lane in one at a time, in order.

    `handle` ends its events itself, in `store.fenced(lane)`. If it raises, those it has not ended are tried again
    later, or parked if the error says `permanent` or they have failed for a day. `periodic` maps a name to a period
    and a job, of which one process of many runs one a period. A long one gives its steps: it is still at it while it
    does, the worker may stop in between, and rests as long as each took, so that nothing else is held up.
    """

    def __init__(
        self,
        store: Store,
        handle: Handle,
        *,
        threads: int,
        owner: str | None = None,
        lease: float = 30.0,
        periodic: Jobs = EMPTY,
    ) -> None:
        self.owner = owner or f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._store = store
        self._handle = handle
        self._lease = lease
        self._threads = threads
        self._queue: SimpleQueue[Lane | None] = SimpleQueue()
        self._held: set[Lane] = set()
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._hands = [self._thread("hand", self._work) for _ in range(threads)]
        self._loops = [
            self._thread("claims", self._claims),
            self._thread("timers", self._timers),
            *(self._thread(name, self._job, name, every, job) for name, (every, job) in periodic.items()),
        ]
        self._pulse = self._thread("heartbeat", self._heartbeat)
        self._still = threading.Event()

    def start(self) -> None:
        """Begin; a worker is started once."""
        for thread in (*self._hands, *self._loops, self._pulse):
            thread.start()
        log.info("worker_started", extra={"owner": self.owner, "threads": self._threads})

    def stop(self, timeout: float = 30.0) -> bool:
        """Claim nothing more and let running handlers finish; whether all did within `timeout` seconds.

        What did not finish keeps its lease to the end; then another worker takes it.
        """
        deadline = time.monotonic() + timeout
        self._stopping.set()
        self._store.inbox.nudge()
        self._store.timers.nudge()
        with self._changed:
            self._changed.notify_all()
        for thread in self._loops:
            _join(thread, deadline)
        for _ in self._hands:
            self._queue.put(None)
        for thread in self._hands:
            _join(thread, deadline)
        self._still.set()
        _join(self._pulse, deadline)
        finished = not any(thread.is_alive() for thread in (*self._hands, *self._loops))
        log.info("worker_stopped", extra={"owner": self.owner, "finished": finished})
        return finished

    def _thread(self, name: str, target: Callable[..., None], *arguments: object) -> threading.Thread:
        return threading.Thread(target=target, args=arguments, name=f"worker-{name}", daemon=True)

    def _claims(self) -> None:
        while (free := self._free()) and not self._stopping.is_set():
            try:
                lanes = self._store.inbox.claim(self.owner, free, self._lease)
            except Exception as error:
                self._troubled("claim", error)
                continue
            with self._changed:
                self._held.update(lanes)
            for lane in lanes:
                self._queue.put(lane)
            if not lanes:
                self._store.inbox.wait(PAUSE)

    def _free(self) -> int:
        """How many more lanes there are hands for; waits for the first. Claiming more would let leases age."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._held) < self._threads or self._stopping.is_set())
            return self._threads - len(self._held)

    def _work(self) -> None:
        while (lane := self._queue.get()) is not None:
            try:
                self._turn(lane)
            except Exception as error:
                # Nothing is lost: when the lease ends the lane is claimed again.
                self._troubled("work", error)
            finally:
                with self._changed:
                    self._held.discard(lane)
                    self._changed.notify_all()

    def _turn(self, lane: Lane) -> None:
        events = () if self._stopping.is_set() else self._store.inbox.waiting(lane, BATCH)
        try:
            if events:
                self._handle(lane, events)
        except LaneLost:
            log.warning("lane_lost", extra={"lane": lane.key, "fence": lane.fence})
        except Exception as error:
            self._failed(lane, events, error)
        self._store.inbox.release(lane)

    def _failed(self, lane: Lane, events: tuple[Waiting, ...], error: Exception) -> None:
        shown = described(error)
        log.warning(
            "events_failed", extra={"lane": lane.key, "events": len(events), "error": shown, "place": place(error)}
        )
        try:
            with self._store.fenced(lane) as work:
                tries = [(event.id, _again(event, work.now, error)) for event in events]
                for id in (id for id, at in tries if at is None):
                    work.park(id, shown)
                waits = [(id, at) for id, at in tries if at is not None]
                if waits:
                    # Order is kept within the lane, so that all wait for the first.
                    work.retry([id for id, _ in waits], waits[0][1], shown)
            cause = cause_of(lane.key, shown)
            metrics.count(metrics.names.RETRIES, cause.tracker, cause.word, by=len(waits))
        except LaneLost:
            log.warning("lane_lost", extra={"lane": lane.key, "fence": lane.fence})

    def _heartbeat(self) -> None:
        while not self._still.wait(self._lease / 3):
            with self._changed:
                held = set(self._held)
            try:
                kept = self._store.inbox.heartbeat(held, self._lease)
            except Exception as error:
                log.warning("store_trouble", extra={"during": "heartbeat", "error": described(error)})
                continue
            with self._changed:
                lost = (held - kept) & self._held
            for lane in lost:
                # Finished meanwhile, or taken over: then the handler's next transaction raises `LaneLost`.
                log.info("lane_not_held", extra={"lane": lane.key, "fence": lane.fence})

    def _timers(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._store.timers.fire():
                    self._store.timers.wait(PAUSE)
            except Exception as error:
                self._troubled("timers", error)

    def _job(self, name: str, every: timedelta, job: Callable[[], Iterable[object] | None]) -> None:
        look = min(every.total_seconds() / 5, LONGEST_LOOK)
        while not self._stopping.is_set():
            try:
                if self._store.periodic.claim(name, every):
                    self._run(name, every, job)
            except Exception as error:
                # The next period brings the next try, and other jobs have threads of their own.
                log.warning("job_failed", extra={"job": name, "error": described(error), "place": place(error)})
            self._stopping.wait(look)

    def _run(self, name: str, every: timedelta, job: Callable[[], Iterable[object] | None]) -> None:
        since = time.monotonic()
        for _ in job() or ():
            self._store.periodic.hold(name, every)
            if self._stopping.wait(min(time.monotonic() - since, PAUSE)):
                return
            since = time.monotonic()

    def _troubled(self, during: str, error: Exception) -> None:
        """A loop outlives whatever happens to it, but does not spin."""
        log.warning("store_trouble", extra={"during": during, "error": described(error), "place": place(error)})
        self._stopping.wait(PAUSE)


def _again(event: Waiting, now: datetime, error: Exception) -> datetime | None:
    if getattr(error, "permanent", False):
        return None
    retry_after = getattr(error, "retry_after", None)
    return next_try(event.attempts + 1, event.first_failed_at or now, now, retry_after, random.random())


def place(error: Exception) -> str:
    """Where it was raised, `file:line`."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _join(thread: threading.Thread, deadline: float) -> None:
    thread.join(max(0.0, deadline - time.monotonic()))
