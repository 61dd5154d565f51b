"""The group commit: what queued up while the last commit ran is stored by the next one.

There is no waiting for company: an idle writer commits a single event at once, a busy one a batch.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as Late

from ... import metrics
from ...errors import StoreUnavailable
from ..database import is_collision
from ..rows import Accepted
from .accept import Ready

log = logging.getLogger("pointsman.store")

QUEUE_ROWS, QUEUE_BYTES = 4096, 256 * 2**20
BATCH_ROWS, BATCH_BYTES = 256, 32 * 2**20
COLLISIONS = 5

Store = Callable[[Sequence[Ready]], list[Accepted]]
Job = tuple[Ready, "Future[Accepted]"]


class Writer:
    """One thread, begun with the first event; it hands batches to `store`, which commits them or raises."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._jobs: deque[Job] = deque()
        self._bytes = 0
        self._more = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, one: Ready, timeout: float) -> Accepted:
        """Return once `one` is durable; raise `StoreUnavailable` if that is not so after `timeout` seconds."""
        future: Future[Accepted] = Future()
        with self._more:
            if self._closed:
                raise StoreUnavailable("the store is closed")
            if len(self._jobs) >= QUEUE_ROWS or self._bytes + one.size > max(QUEUE_BYTES, one.size):
                raise StoreUnavailable("too many events wait to be written")
            self._jobs.append((one, future))
            self._bytes += one.size
            self._start()
            self._more.notify()
        try:
            return future.result(timeout)
        except (Late, CancelledError):
            # Taken back if the writer has not begun with it; else its delivery id makes the next try a duplicate.
            future.cancel()
            raise StoreUnavailable("the event was not written in time") from None

    def close(self) -> None:
        """Write what is queued, then end the thread."""
        with self._more:
            self._closed = True
            self._more.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while batch := self._take():
            running = [job for job in batch if job[1].set_running_or_notify_cancel()]
            if running:
                self._write(running)

    def _take(self) -> list[Job]:
        with self._more:
            while not self._jobs and not self._closed:
                self._more.wait()
            batch: list[Job] = []
            size = 0
            while (
                self._jobs and len(batch) < BATCH_ROWS and (not batch or size + self._jobs[0][0].size <= BATCH_BYTES)
            ):
                job = self._jobs.popleft()
                size += job[0].size
                batch.append(job)
            self._bytes -= size
            return batch

    def _write(self, batch: list[Job]) -> None:
        try:
            answers = self._patiently([one for one, _ in batch])
        except StoreUnavailable as error:
            log.warning("accept_failed", extra={"events": len(batch), "error": str(error)})
            for _, future in batch:
                future.set_exception(error)
        except Exception as error:
            self._apart(batch, error)
        else:
            for (_, future), answer in zip(batch, answers, strict=True):
                future.set_result(answer)

    def _patiently(self, batch: list[Ready]) -> list[Accepted]:
        for _ in range(COLLISIONS):
            try:
                with metrics.timed(metrics.names.COMMIT_SECONDS):
                    return self._store(batch)
            except StoreUnavailable as error:
                if not is_collision(error):
                    raise
        return self._store(batch)

    def _apart(self, batch: list[Job], error: Exception) -> None:
        """One event that cannot be stored must not keep its neighbours out."""
        log.error("accept_refused", extra={"events": len(batch), "error": type(error).__name__})
        if len(batch) > 1:
            for job in batch:
                self._write([job])
            return
        batch[0][1].set_exception(StoreUnavailable(f"the event cannot be stored: {type(error).__name__}"))
