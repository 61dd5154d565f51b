"""The meter of one process. To count never fails, and never stops what is counted: trouble is told instead."""

from __future__ import annotations

import logging
import os
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from prometheus_client import Metric as Family

from .names import Metric
from .shelf import Page, Shelf
from .sums import bounds, families, key_of, sample_of

log = logging.getLogger("pointsman.metrics")


class Meter:
    """Counts for this process in `folder`, and sums over all that count there. Thread-safe, and safe over forks."""

    def __init__(self, folder: Path) -> None:
        self._shelf = Shelf(folder)
        self._lock = threading.Lock()
        self._page: Page | None = None
        self._trouble = ""
        self._unread: list[str] = []
        self.collect()

    @property
    def trouble(self) -> str:
        """Why what happens is not counted, or not all of it; '' if it is. As of the last look."""
        unread = f"cannot be read: {', '.join(self._unread[:5])}" if self._unread else ""
        return "; ".join(part for part in (self._trouble, unread) if part)

    def count(self, metric: Metric, *labels: str, by: float = 1) -> None:
        key = key_of_sample(metric, sample_of(metric), labels)
        with self._lock:
            self._write(((key, by),))

    def observe(self, metric: Metric, seconds: float, *labels: str) -> None:
        seconds = max(0.0, seconds)
        le = bounds_of(metric)[bisect_left(metric.buckets, seconds)]
        bucket = key_of_sample(metric, f"{metric.name}_bucket", labels, le)
        total = key_of_sample(metric, f"{metric.name}_sum", labels)
        with self._lock:
            self._write(((bucket, 1.0), (total, seconds)))

    def keep(self, metric: Metric, value: float, *labels: str) -> None:
        key = key_of_sample(metric, sample_of(metric), labels)
        with self._lock:
            self._write(((key, value),), put=True)

    def collect(self) -> list[Family]:
        """The sums over every process that counts in our folder; [] where they cannot be had, and that is told."""
        with self._lock:
            try:
                self._take_page()
                sums, self._unread = self._shelf.gather()
            except OSError as error:
                # Not zeros: a counter that falls would look as if every process had begun anew.
                self._troubled(error)
                return []
            self._trouble = ""
        return families(sums)

    def forked(self) -> None:
        """In a child: our page and our lock are the parent's, which may have been in use when it forked."""
        self._lock = threading.Lock()
        if self._page is not None:
            self._page.close()
            self._page = None
        with self._lock:
            try:
                self._take_page()
            except OSError as error:
                self._troubled(error)

    def _take_page(self) -> None:
        """A page of our own, and another one if somebody removed it."""
        if self._page is not None and not self._page.path.exists():
            self._page.close()
            self._page = None
        if self._page is None:
            self._page = self._shelf.page()

    def _write(self, numbers: tuple[tuple[str, float], ...], *, put: bool = False) -> None:
        if self._page is None:
            return
        try:
            for key, number in numbers:
                if put:
                    self._page.put(key, number)
                else:
                    self._page.add(key, number)
        except OSError as error:
            self._troubled(error)

    def _troubled(self, error: OSError) -> None:
        told = error.strerror or type(error).__name__
        if told != self._trouble:
            log.warning("metrics_trouble", extra={"error": told})
        self._trouble = told


# Metrics and their labels are few: a page has no room for more.
key_of_sample = lru_cache(maxsize=8192)(key_of)
bounds_of = lru_cache(maxsize=None)(bounds)
_of_process: Meter | None = None
_watches_forks = False


def start(folder: Path) -> Meter:
    """From now on this process counts into `folder`; call it once, before threads start. It raises nothing."""
    global _of_process, _watches_forks
    if not _watches_forks:
        os.register_at_fork(after_in_child=_forked)
        _watches_forks = True
    _of_process = Meter(folder)
    return _of_process


def stop() -> None:
    """Count nothing any more; what was counted stays."""
    global _of_process
    _of_process = None


def running() -> Meter | None:
    return _of_process


def trouble() -> str:
    """Why not all is counted; '' if it is, or nobody counts here."""
    return _of_process.trouble if _of_process else ""


def count(metric: Metric, *labels: str, by: float = 1) -> None:
    """Add `by` to a counter; nothing where nobody counts."""
    if _of_process is not None and by:
        _of_process.count(metric, *labels, by=by)


def observe(metric: Metric, seconds: float, *labels: str) -> None:
    """Add one duration to a histogram."""
    if _of_process is not None:
        _of_process.observe(metric, seconds, *labels)


def kept(metric: Metric, value: float, *labels: str) -> None:
    """Set a gauge of this process; the greatest of those that live is shown."""
    if _of_process is not None:
        _of_process.keep(metric, value, *labels)


@contextmanager
def timed(metric: Metric, *labels: str) -> Iterator[None]:
    """Observe how long the block took, however it ended."""
    began = time.perf_counter()
    try:
        yield
    finally:
        observe(metric, time.perf_counter() - began, *labels)


def _forked() -> None:
    if _of_process is not None:
        _of_process.forked()
